"""A requirement as clauses and groups: what is joined by one `&` or one `|`, however it is written.

`A & (B & C) | D` is one group of two, the first of which is a group of three. Nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from matchmaker.checking.logic.constraints import TRUE, Constraint, Subject, constraint_of
from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Chain,
    Comparison,
    Membership,
    Node,
    Not,
    Number,
    Text,
    children,
)
from matchmaker.source import Span

UNKNOWN = "CURRENT_VMS"
"""The attribute that is no ordinary one on hosts."""


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """The place of an operand in a chain."""

    chain: Chain
    place: int

    @property
    def operand(self) -> Node:
        """What stands there."""
        return self.chain.rest[self.place - 1][1] if self.place else self.chain.first


@dataclass(slots=True, eq=False)
class Clause:
    """What is true or false by itself, such as a comparison.

    Parameters
    ----------
    node : Node
        The comparison, or whatever else it is.
    negated : bool
        Whether the opposite is meant.
    slot : Slot or None
        Where it stands in a chain, with what negates it.
    subject : tuple of str and str
        What it is about.
    constraint : Constraint
        What it says, the negation included.
    """

    node: Node
    negated: bool
    slot: Slot | None
    subject: Subject
    constraint: Constraint


@dataclass(slots=True, eq=False)
class Group:
    """What is joined by `&` or by `|`, in text order.

    Parameters
    ----------
    operator : {"&", "|"}
        What joins the members.
    negated : bool
        Whether the opposite of the whole is meant.
    slot : Slot or None
        Where it stands in a chain; None also for the beginning of a chain that goes on with the other operator.
    span : Span
        What it is made of, perhaps without parentheses.
    """

    operator: str
    negated: bool
    slot: Slot | None
    span: Span
    members: list[Clause | Group] = field(default_factory=list)


class Grouping:
    """Makes groups of trees.

    Parameters
    ----------
    kind : str
        What sort of candidates the requirement is for.
    upstream : bool
        Whether its dialect is OpenNebula's.
    """

    def __init__(self, kind: str, *, upstream: bool) -> None:
        self._special = kind in ("plain", "host")
        self._upstream = upstream
        self._numbers: dict[Node, int] = {}

    def group(self, tree: Node) -> Group:
        """Return a condition as a group; what is no chain of `&` becomes the only member of one."""
        root = Group("&", False, None, tree.span)
        pending: list[tuple[Node, bool, Slot | None, Group]] = [(tree, False, None, root)]
        while pending:
            node, negated, slot, group = pending.pop()
            if isinstance(node, Not):
                pending.append((node.operand, not negated, slot, group))
            elif isinstance(node, Chain) and node.level == 0:
                targets = _targets(node, negated, slot, group)
                operands = [
                    (operand, False, Slot(node, place), target)
                    for place, (operand, target) in enumerate(zip(node.operands, targets, strict=True))
                ]
                pending.extend(reversed(operands))
            elif isinstance(node, Membership) and (comparisons := as_comparisons(node)):
                target = group
                if negated or group.operator == "&":
                    target = Group("|", negated, slot, node.span)
                    group.members.append(target)
                target.members.extend(self._clause(each, False, None) for each in comparisons)
            elif not isinstance(node, Blank):
                group.members.append(self._clause(node, negated, slot))
        return root

    def _clause(self, node: Node, negated: bool, slot: Slot | None) -> Clause:
        said = None
        if isinstance(node, Comparison) and not (self._special and node.attribute.name == UNKNOWN):
            said = constraint_of(node, upstream=self._upstream)
        if said is None:
            said = ("", str(self._numbers.setdefault(node, len(self._numbers)))), TRUE
        subject, constraint = said
        return Clause(node, negated, slot, subject, constraint.opposite if negated else constraint)


def _targets(chain: Chain, negated: bool, slot: Slot | None, group: Group) -> list[Group]:
    """Return the group that each operand of a chain belongs to; new ones are members of the one that the chain is in."""
    operators = [operator for operator, _ in chain.rest]
    current = group
    if negated or operators[-1] != group.operator:
        current = Group(operators[-1], negated, slot, chain.span)
        group.members.append(current)
    targets: list[Group] = []
    for place in range(len(operators) - 1, -1, -1):
        if operators[place] != current.operator:
            beginning = Span(chain.span.start, chain.rest[place][1].span.end)
            inner = Group(operators[place], False, None, beginning)
            current.members.append(inner)
            current = inner
        targets.append(current)
    targets.append(current)
    targets.reverse()
    return targets


def as_comparisons(node: Membership) -> list[Comparison]:
    """Return the comparisons that `A in [...]` stands for; none when it is no plain attribute that is compared."""
    items = [item for item in node.items if isinstance(item, Number | Text)]
    if not isinstance(node.operand, Attribute) or len(items) < len(node.items):
        return []
    return [Comparison(node.operand, "=", item, item.span) for item in items]


def conditions(tree: Node) -> Iterator[Node]:
    """Yield the chains and negations that are conditions and no part of another one: the tree, or what lies inside a clause."""
    pending = [(tree, False)]
    while pending:
        node, inside = pending.pop()
        if isinstance(node, Not) or (isinstance(node, Chain) and node.level == 0):
            if not inside:
                yield node
            pending.extend((child, True) for child in reversed(children(node)))
        elif not isinstance(node, Comparison):
            pending.extend((child, False) for child in reversed(children(node)))
