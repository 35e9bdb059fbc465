"""Ranks of the extended dialect in the opennebula dialect, which computes in float32 and cuts scores to whole numbers.

The promise is about candidates on which each attribute is a whole number, those that only `default(A, 0)` reads also missing,
and no number on the way is beyond 16777216: there both ranks give the same score. So only ranks are translated that
compute with whole numbers and never divide.
"""

from __future__ import annotations

from dataclasses import replace

from matchmaker.language.nodes import Attribute, Blank, Call, Chain, Integer, Negative, Node, RequestAttribute, walk
from matchmaker.translation.enclosures import constant, reading
from matchmaker.translation.problems import CURRENT_VMS, Problems

LARGEST = 2**24
"""Up to here float32 has all whole numbers."""


def translate_rank(tree: Node, problems: Problems, *, bound: bool) -> Node | None:
    """Translate a rank.

    Parameters
    ----------
    tree : Node
        The rank.
    problems : Problems
        Gets what cannot be said.
    bound : bool
        Whether a request is bound to it.

    Returns
    -------
    Node or None
        None when there are problems.
    """
    if isinstance(tree, Blank):
        return tree
    if not bound:
        for node in walk(tree):
            if isinstance(node, RequestAttribute):
                problems.unbound(node)
        if problems.found:
            return None
    return _Numbers(problems, reading(tree)).number(tree)


class _Numbers:
    def __init__(self, problems: Problems, computed: set[int]) -> None:
        self._problems = problems
        self._computed = computed

    def number(self, node: Node) -> Node | None:
        """Translate a number."""
        if id(node) not in self._computed:
            return self._constant(node)
        if isinstance(node, Attribute):
            if node.name != CURRENT_VMS:
                return node
            self._problems.current_vms(node)
        elif isinstance(node, Negative):
            operand = self.number(node.operand)
            return None if operand is None else Negative(operand)
        elif isinstance(node, Chain) and node.level:
            return self._chain(node)
        elif isinstance(node, Call) and node.function == "default" and self._is_zero(node.arguments[1]):
            if isinstance(node.arguments[0], Attribute):
                return self.number(node.arguments[0])
            self._problems.score(
                node,
                "in OpenNebula only an attribute that is missing is 0, not what is computed with it",
                "write `default(..., 0)` around each attribute",
            )
        else:
            self._problems.score(
                node,
                "`{}` has no counterpart in OpenNebula's ranks",
                "these have attributes, whole numbers, `+`, `-` and `*`; `default(A, 0)` can be said, too",
            )
        return None

    def _constant(self, node: Node) -> Node | None:
        number = constant(node)
        if number is None:
            message = "`{}` is missing, and so is the whole score; in OpenNebula it would be 0"
            self._problems.score(node, message, "say what counts instead, as in `default(REQUEST.A, 0)`")
        elif number != number or not number.is_integer():
            message = "`{}` is no whole number, and OpenNebula cuts scores to whole numbers"
            self._problems.score(node, message, "multiply all terms until their numbers are whole")
        elif abs(number) > LARGEST:
            message = "`{}` is beyond " + f"{LARGEST}, and OpenNebula computes with seven digits"
            self._problems.score(node, message, "smaller factors on all terms keep the order")
        else:
            return Integer(int(number))
        return None

    def _is_zero(self, node: Node) -> bool:
        return id(node) not in self._computed and constant(node) == 0.0

    def _chain(self, node: Chain) -> Node | None:
        operands = [self.number(operand) for operand in node.operands]
        if any(operator == "/" for operator, _ in node.rest):
            message = "OpenNebula cuts scores to whole numbers, so that what a division leaves is lost"
            self._problems.score(node, message, "multiply the other terms instead, which keeps the order")
            return None
        known = [operand for operand in operands if operand is not None]
        if len(known) < len(operands):
            return None
        return replace(node, first=known[0], rest=tuple(zip((each for each, _ in node.rest), known[1:], strict=True)))
