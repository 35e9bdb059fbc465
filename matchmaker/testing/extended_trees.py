"""Hypothesis strategies for trees of the extended dialect: every tree that some text means, and no other."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
)
from matchmaker.testing.trees import NAMES, patterns

REQUEST_NAMES = ("A", "MEMORY", "not", "REQUEST")
"""Attributes of the request that strategies use."""
NUMBERS = (
    *(0.0, 1.0, -1.0, 2.0, 5.0, -5.0, 7.0, 10.0, 400.0, 0.1, 0.5, -1.5, 3.7, 1e6, 2147483648.0, 9007199254740993.0),
    *(1e16, 1e22, 1e-7, 123456789.125, 5e-324, 1.7976931348623157e308, -1e300),
)

_numbers = st.one_of(
    st.sampled_from(NUMBERS),
    st.integers(-1000, 1000).map(float),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0),
).map(Number)
_common_texts = st.sampled_from(("kvm", "k*", "5", "YES", ""))
_texts = (_common_texts | patterns).filter(lambda text: "\0" not in text).map(Text)
_COMPARING = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
_EQUALS = st.sampled_from(("=", "!=", "=="))
_MAYBE_BLANK: SearchStrategy[Node | None] = st.integers(0, 20).map(lambda number: Blank() if number == 20 else None)
_CONDITIONS = st.sampled_from(("leaf", "leaf", "not", "&", "|", "&", "|", "relation", "membership", "choice"))
_MEASURES = st.sampled_from(("leaf", "leaf", "minus", "+-", "*/", "+-", "*/", "call", "choice", "condition"))


@st.composite
def extended_requirement_trees(draw: DrawFn, *, names: Sequence[str] = NAMES, max_depth: int = 4) -> Node:
    """Draw the tree of a requirement; `max_depth` is how many operators may be inside each other."""
    return draw(_MAYBE_BLANK) or _Grower(draw, names).condition(max_depth)


@st.composite
def extended_rank_trees(draw: DrawFn, *, names: Sequence[str] = NAMES, max_depth: int = 4) -> Node:
    """Draw the tree of a rank; `max_depth` is how many operators may be inside each other."""
    return draw(_MAYBE_BLANK) or _Grower(draw, names).measure(max_depth)


class _Grower:
    """Draws trees of conditions and of numbers, which stand in each other."""

    def __init__(self, draw: DrawFn, names: Sequence[str]) -> None:
        self._draw = draw
        self._attributes = st.sampled_from(names).map(Attribute)
        self._request = st.sampled_from(REQUEST_NAMES).map(RequestAttribute)
        self._terms = st.one_of(self._attributes, self._attributes, _numbers, self._request)

    def condition(self, depth: int) -> Node:
        """Draw a condition."""
        shape = self._draw(_CONDITIONS) if depth else "leaf"
        if shape == "leaf":
            return self._comparison()
        if shape == "not":
            operand = self.condition(depth - 1)
            return operand.operand if isinstance(operand, Not) else Not(operand)
        if shape == "relation":
            return _related(self.measure(depth - 1), self._draw(_COMPARING), self.measure(depth - 1))
        if shape == "membership":
            return self._membership(depth)
        if shape == "choice":
            return Choice(self.condition(depth - 1), self.condition(depth - 1), self.condition(depth - 1))
        first, count = self.condition(depth - 1), self._draw(st.integers(1, 3))
        links = [(shape, self.condition(depth - 1)) for _ in range(count)]
        joined = isinstance(first, Chain) and first.rest[0][0] == shape
        return _chain(first, links, joined=joined)

    def measure(self, depth: int) -> Node:
        """Draw what may stand for a number, a condition among it."""
        shape = self._draw(_MEASURES) if depth else "leaf"
        if shape == "leaf":
            return self._draw(self._terms)
        if shape == "minus":
            return _negative(self.measure(depth - 1))
        if shape == "call":
            return self._call(depth)
        if shape == "choice":
            return Choice(self.condition(depth - 1), self.measure(depth - 1), self.measure(depth - 1))
        if shape == "condition":
            return self.condition(depth - 1)
        first, count = self.measure(depth - 1), self._draw(st.integers(1, 3))
        links = [(self._draw(st.sampled_from(shape)), self.measure(depth - 1)) for _ in range(count)]
        joined = isinstance(first, Chain) and first.rest[0][0] in shape
        return _chain(first, links, joined=joined)

    def _comparison(self) -> Node:
        literals: list[SearchStrategy[Node]] = [
            st.builds(Comparison, self._attributes, _COMPARING | st.just("@>"), _numbers),
            st.builds(Comparison, self._attributes, _EQUALS | st.just("@>"), _texts),
            st.builds(Relation, self._request, _EQUALS, _texts),
            st.builds(_related, self._terms, _COMPARING, self._terms),
            st.builds(lambda argument: Call("exists", (argument,)), self._attributes | self._request),
        ]
        return self._draw(st.one_of(literals))

    def _membership(self, depth: int) -> Node:
        operand = self.measure(depth - 1)
        texts = isinstance(operand, Attribute | RequestAttribute)
        items = [
            self._draw(_texts) if texts and self._draw(st.booleans()) else self.measure(depth - 1)
            for _ in range(self._draw(st.integers(1, 3)))
        ]
        return Membership(operand, tuple(items))

    def _call(self, depth: int) -> Node:
        function = self._draw(st.sampled_from(("default", "min", "max", "abs", "round")))
        counts = {"default": st.just(2), "min": st.integers(1, 3), "max": st.integers(1, 3)}
        count = self._draw(counts.get(function, st.just(1)))
        return Call(function, tuple(self.measure(depth - 1) for _ in range(count)))


def _related(left: Node, operator: str, right: Node) -> Node:
    """Return the comparison of two numbers; an attribute and a literal make a `Comparison`."""
    if isinstance(left, Attribute) and isinstance(right, Number):
        return Comparison(left, operator, right)
    if isinstance(left, Number) and isinstance(right, Attribute):
        return Comparison(right, operator, left)
    return Relation(left, operator, right)


def _negative(operand: Node) -> Node:
    """Return the opposite of a number; that of a literal is another literal, but for 0."""
    if isinstance(operand, Negative):
        return operand.operand
    return Number(-operand.value) if isinstance(operand, Number) and operand.value else Negative(operand)


def _chain(first: Node, links: list[tuple[str, Node]], *, joined: bool) -> Node:
    """Return a chain, where `first` may be the beginning of it."""
    if joined:
        assert isinstance(first, Chain)
        return Chain(first.first, (*first.rest, *links))
    return Chain(first, tuple(links))
