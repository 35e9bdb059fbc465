"""Requirements of the extended dialect in the opennebula dialect.

The promise is about candidates on which each attribute that a clause compares with numbers is missing or a whole number in 32
bits, and each that a clause compares with texts is missing or a text: there both requirements say the same.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

from matchmaker.attributes.lookup import PLAIN
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.engine.closures import NO_CLAUSES, compile_predicate
from matchmaker.engine.meanings import EXTENDED
from matchmaker.language.nodes import (
    Attribute,
    Call,
    Chain,
    Choice,
    Comparison,
    Integer,
    Membership,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
    is_condition,
    leaves,
    walk,
)
from matchmaker.limits import tick
from matchmaker.translation.enclosures import MOST_STEPS, Opaque, Undecided, constant, reading, solutions
from matchmaker.translation.logic import Said, chosen, joined, opposite
from matchmaker.translation.problems import CURRENT_VMS, Problems
from matchmaker.translation.texts import compares_with_text, is_there
from matchmaker.translation.whole_numbers import BEYOND, asks, numbers_that_are

WORK = 1_000_000
"""How much may be computed for one requirement: the sum over its computed comparisons of steps times parts."""
MOST_CASES = 20
"""So many choices between numbers may be inside each other in one comparison."""
MOST_COPIED = 10_000
"""So many comparisons may stand in the translation a second time, because choices depend on them."""


class RequirementTranslation:
    """One requirement on its way.

    Parameters
    ----------
    problems : Problems
        Gets what cannot be said.
    bound : bool
        Whether a request is bound to it.
    """

    def __init__(self, problems: Problems, *, bound: bool) -> None:
        self._problems = problems
        self._bound = bound
        self._work = WORK
        self._copied = 0
        self._within = 0

    def condition(self, node: Node) -> Said:
        """Translate a condition; what a decided one has in it that cannot be said does not matter."""
        mark = len(self._problems.found)
        if isinstance(node, Chain):
            said = joined(node.rest[0][0], [self.condition(operand) for operand in node.operands])
        elif isinstance(node, Not):
            said = opposite(self.condition(node.operand))
        elif isinstance(node, Choice):
            said = self._choice(node)
        elif isinstance(node, Comparison | Relation | Membership | Call):
            said = self._clause(node)
        else:
            said = True  # blank
        if isinstance(said, bool):
            del self._problems.found[mark:]
        return said

    def _choice(self, node: Choice) -> Said:
        condition = self.condition(node.condition)
        if isinstance(condition, bool):
            return self.condition(node.then if condition else node.otherwise)
        then, otherwise = self.condition(node.then), self.condition(node.otherwise)
        if condition is not None and isinstance(then, Node) and isinstance(otherwise, Node):
            self._copied += sum(1 for _ in leaves(condition))
            if self._copied > MOST_COPIED:
                self._problems.too_large(
                    node, "the conditions of choices stand in the translation twice, which makes it too large"
                )
                return None
        return chosen(condition, then, otherwise)

    def _clause(self, node: Comparison | Relation | Membership | Call) -> Said:
        free = [] if self._bound else [leaf for leaf in leaves(node) if isinstance(leaf, RequestAttribute)]
        if free:
            for attribute in free:
                self._problems.unbound(attribute)
            return None
        if isinstance(node, Comparison):
            return self._comparison(node)
        if isinstance(node, Relation):
            return self._relation(node)
        if isinstance(node, Membership):
            found = [self._clause(_equal(node.operand, item)) for item in node.items]
            return joined("|", list(dict.fromkeys(found)))
        (subject,) = node.arguments
        return is_there(subject) if isinstance(subject, Attribute) else _verdict(node)

    def _comparison(self, node: Comparison) -> Said:
        literal, operator, name = node.literal, node.operator, node.attribute.name
        if isinstance(literal, Text):
            return compares_with_text(node.attribute, operator, literal.value)
        number = float(literal.value)
        pieces = numbers_that_are("=" if operator == "@>" else operator, number)
        if pieces and operator not in (">=", "<=") and number.is_integer() and INT32_MIN <= number <= INT32_MAX:
            if operator != "@>" or name != CURRENT_VMS:
                return Comparison(node.attribute, operator, Integer(int(number)))
        elif name != CURRENT_VMS or operator != "!=":
            return asks(name, pieces)
        self._problems.current_vms(node)
        return None

    def _relation(self, node: Relation) -> Said:
        tick()
        parts = list(walk(node))
        self._work -= len(parts)
        if self._work < 0:
            self._too_much(node)
            return None
        names = list(dict.fromkeys(part.name for part in parts if isinstance(part, Attribute)))
        if not names:
            return _verdict(node)
        cases = _cases(node, several=len(names) > 1)
        if cases is not None:
            return self._by_cases(node, cases)
        if len(names) > 1:
            self._problems.several(node, names)
        elif names[0] == CURRENT_VMS:
            self._problems.current_vms(node)
        else:
            return self._solved(node, names[0], len(parts))
        return None

    def _too_much(self, node: Node) -> None:
        self._problems.too_large(node, "too much has to be computed to translate this")

    def _by_cases(self, node: Relation, cases: Node) -> Said:
        if self._within == MOST_CASES:
            self._problems.too_large(node, f"more than {MOST_CASES} choices between numbers are inside each other")
            return None
        self._within += 1
        said = self.condition(cases)
        self._within -= 1
        return said

    def _solved(self, node: Relation, name: str, size: int) -> Said:
        known = with_constant(node)
        if known is not None:
            return self._comparison(known)
        if self._work < MOST_STEPS * size:
            self._too_much(node)
            return None
        try:
            pieces, steps = solutions(node, name)
        except Opaque as found:
            self._problems.opaque(found.part)
            return None
        except Undecided:
            self._work -= MOST_STEPS * size
            self._problems.undecided(node, name)
            return None
        self._work -= steps * size
        return asks(name, pieces, missing=_verdict(node))


def _verdict(node: Node) -> bool:
    """Return what a condition comes to where no attribute is there."""
    return compile_predicate(node, PLAIN, NO_CLAUSES, EXTENDED)({})


def _equal(operand: Node, item: Node) -> Comparison | Relation:
    """Return what `in` asks about one item."""
    if isinstance(operand, Attribute) and isinstance(item, Number | Text):
        return Comparison(operand, "=", item, item.span)
    return Relation(operand, "=", item, item.span)


def _cases(node: Relation, *, several: bool) -> Node | None:
    """Return a condition that says the same without a choice, or a condition as a number, on either side; None without."""
    computed = reading(node)
    for number, other in ((node.left, _with_left), (node.right, _with_right)):
        if id(number) not in computed:
            continue
        if isinstance(number, Choice) and not is_condition(number):
            return Choice(number.condition, other(node, number.then), other(node, number.otherwise), node.span)
        if is_condition(number):
            return Choice(number, other(node, Number(1.0)), other(node, Number(0.0)), node.span)
        if several and isinstance(number, Call) and number.function == "default":
            first, fallback = number.arguments
            if isinstance(first, Attribute):
                absent = Not(Comparison(first, "<", Number(BEYOND)))
                return Chain(other(node, first), (("|", Chain(absent, (("&", other(node, fallback)),))),))
    return None


def with_constant(node: Relation) -> Comparison | None:
    """Return the comparison of an attribute with a number that some constants come to; None where it is something else."""
    if not isinstance(node.left, Attribute) or any(isinstance(part, Attribute) for part in walk(node.right)):
        return None
    number = constant(node.right)
    return Comparison(node.left, node.operator, Number(number)) if number is not None and isfinite(number) else None


def _with_left(node: Relation, number: Node) -> Relation:
    return replace(node, left=number)


def _with_right(node: Relation, number: Node) -> Relation:
    return replace(node, right=number)
