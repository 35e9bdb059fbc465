"""For which whole numbers a comparison of computed numbers holds: found by halving, and proven by enclosures.

An enclosure tells between which numbers an expression stays while its one attribute runs from one number to another. Adding,
multiplying and so on of doubles never turns an order around, so that the ends tell. Where they leave it open the range is
halved, down to a single number, of which the engine is asked. So thresholds come out exact, whatever is rounded on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from math import inf, isnan, nan

from matchmaker.attributes.lookup import PLAIN
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.engine.arithmetic import DOUBLE_OPERATIONS, FOLDS, FUNCTIONS, Double
from matchmaker.engine.closures import NO_CLAUSES, compile_measure, compile_predicate
from matchmaker.engine.meanings import EXTENDED
from matchmaker.language.nodes import Attribute, Call, Chain, Negative, Node, Relation, children, walk
from matchmaker.limits import tick
from matchmaker.translation.whole_numbers import Pieces

Range = tuple[float, float]
"""Two numbers, and all between them; NaN twice is NaN alone."""
Enclosure = Callable[[Range], Range | None]
"""Where the attribute is in a range, where the expression is; None where that could be anywhere, or NaN."""

MOST_STEPS = 2_000
"""So many ranges are looked at; a single threshold takes about 64."""


class Opaque(Exception):
    """An expression has a part that is no arithmetic."""

    def __init__(self, part: Node) -> None:
        super().__init__(part)
        self.part = part


class Undecided(Exception):
    """It could not be found for which numbers a comparison holds."""


def reading(tree: Node) -> set[int]:
    """Return the ids of those nodes of a tree that read an attribute of the candidate, somewhere below or themselves."""
    found: set[int] = set()
    for node in reversed(list(walk(tree))):
        if isinstance(node, Attribute) or any(id(child) in found for child in children(node)):
            found.add(id(node))
    return found


def constant(tree: Node) -> Double:
    """Return the number that a tree comes to which reads no attribute of the candidate; None where it is missing."""
    number: Double = compile_measure(tree, PLAIN, NO_CLAUSES, EXTENDED)({})
    return number


def solutions(relation: Relation, name: str) -> tuple[Pieces, int]:
    """Find the whole numbers in 32 bits for which a comparison holds.

    Parameters
    ----------
    relation : Relation
        It reads one attribute of the candidate, and no tree in it is deeper than its dialect allows.
    name : str
        The attribute.

    Returns
    -------
    tuple of Pieces and int
        The numbers, and how many steps it took.

    Raises
    ------
    Opaque
        If some part is no arithmetic.
    Undecided
        If `MOST_STEPS` do not suffice, or -0 and 0 make a difference.
    """
    computed = reading(relation)
    left, right = _enclosure(relation.left, computed), _enclosure(relation.right, computed)
    if left is None or right is None:
        return (), 0
    holds = compile_predicate(relation, PLAIN, NO_CLAUSES, EXTENDED)
    # From the last to the first, so that they are taken in order. Zero, which has two signs, is for itself.
    pending, found, steps = [(1, INT32_MAX), (0, 0), (INT32_MIN, -1)], list[tuple[int, int]](), 0
    while pending:
        first, last = pending.pop()
        steps += 1
        tick()
        if steps > MOST_STEPS:
            raise Undecided
        verdict: bool | None
        if first == last:
            verdict = holds({name: first})
            if not first and verdict != holds({name: -0.0}):
                raise Undecided
        else:
            here = float(first), float(last)
            verdict = _compared(relation.operator, left(here), right(here))
        if verdict is None:
            middle = (first + last) // 2
            pending += (middle + 1, last), (first, middle)
        elif verdict and found and found[-1][1] == first - 1:
            found[-1] = found[-1][0], last
        elif verdict:
            found.append((first, last))
    return tuple(found), steps


def _compared(operator: str, left: Range | None, right: Range | None) -> bool | None:
    """Compare two ranges; None where it depends on the numbers in them."""
    if left is None or right is None:
        return None
    if isnan(left[0]) or isnan(right[0]):
        return operator == "!="
    if operator in ("=", "!="):
        if left[1] < right[0] or right[1] < left[0]:
            return operator == "!="
        return operator == "=" if left[0] == left[1] == right[0] == right[1] else None
    if operator[0] == ">":
        left, right = right, left
    if left[1] < right[0] or (operator[1:] and left[1] == right[0]):
        return True
    if right[1] < left[0] or (not operator[1:] and right[1] == left[0]):
        return False
    return None


def _enclosure(tree: Node, computed: set[int]) -> Enclosure | None:
    """Compile the enclosure of a number; None where the number is missing, whatever the attribute is."""
    if id(tree) not in computed:
        number = constant(tree)
        return None if number is None else lambda here: (number, number)
    if isinstance(tree, Attribute):
        return lambda here: here
    if isinstance(tree, Negative):
        operand = _enclosure(tree.operand, computed)
        return None if operand is None else _negative(operand)
    if isinstance(tree, Chain) and tree.level:
        return _chain(tree, computed)
    if isinstance(tree, Call) and tree.function != "exists":
        return _call(tree, computed)
    raise Opaque(tree)


def _negative(operand: Enclosure) -> Enclosure:
    def enclosed(here: Range) -> Range | None:
        found = operand(here)
        return None if found is None else (-found[1], -found[0])

    return enclosed


def _chain(tree: Chain, computed: set[int]) -> Enclosure | None:
    first = _enclosure(tree.first, computed)
    rest = [(operator, _enclosure(operand, computed)) for operator, operand in tree.rest]
    known = [(operator, operand) for operator, operand in rest if operand is not None]
    if first is None or len(known) < len(rest):
        return None
    beginning = first

    def enclosed(here: Range) -> Range | None:
        found = beginning(here)
        for operator, operand in known:
            found = _calculated(operator, found, operand(here))
        return found

    return enclosed


def _calculated(operator: str, left: Range | None, right: Range | None) -> Range | None:
    if left is None or right is None:
        return None
    if operator == "/" and right[0] <= 0.0 <= right[1]:
        return None
    if operator == "*" and ((_has_zero(left) and _has_infinity(right)) or (_has_zero(right) and _has_infinity(left))):
        return None
    return _hull(DOUBLE_OPERATIONS[operator](one, other) for one in left for other in right)


def _has_zero(numbers: Range) -> bool:
    return numbers[0] <= 0.0 <= numbers[1]


def _has_infinity(numbers: Range) -> bool:
    return numbers[0] == -inf or numbers[1] == inf


def _hull(numbers: Iterable[Double]) -> Range | None:
    """Return the range of what comes out at the ends; None where some of it is NaN."""
    ends = [number for number in numbers if number is not None]
    invalid = sum(map(isnan, ends))
    if invalid:
        return (nan, nan) if invalid == len(ends) else None
    return min(ends), max(ends)


def _call(tree: Call, computed: set[int]) -> Enclosure | None:
    arguments = [_enclosure(argument, computed) for argument in tree.arguments]
    if tree.function == "default":
        # Wherever the attribute is there, a number that reads it is there as well.
        return arguments[1] if arguments[0] is None else arguments[0]
    known = [argument for argument in arguments if argument is not None]
    if len(known) < len(arguments):
        return None
    if tree.function in FOLDS:
        return _best(FOLDS[tree.function], known)
    (operand,) = known
    return _magnitude(operand) if tree.function == "abs" else _of_ends(FUNCTIONS[tree.function], operand)


def _best(better: Callable[[Double, Double], Double], operands: list[Enclosure]) -> Enclosure:
    def enclosed(here: Range) -> Range | None:
        ranges = [operand(here) for operand in operands]
        known = [each for each in ranges if each is not None]
        if len(known) < len(ranges):
            return None
        low, high = (reduce(better, ends) for ends in zip(*known, strict=True))
        assert low is not None
        assert high is not None
        return low, high

    return enclosed


def _of_ends(function: Callable[[Double], Double], operand: Enclosure) -> Enclosure:
    """Compile a function that never turns an order around."""

    def enclosed(here: Range) -> Range | None:
        found = operand(here)
        if found is None:
            return None
        low, high = map(function, found)
        assert low is not None
        assert high is not None
        return low, high

    return enclosed


def _magnitude(operand: Enclosure) -> Enclosure:
    def enclosed(here: Range) -> Range | None:
        found = operand(here)
        if found is None:
            return None
        low, high = sorted(map(abs, found))
        return (0.0 if _has_zero(found) else low), high

    return enclosed
