"""Hypothesis strategies for trees: every tree that some text means, and no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN, float32
from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Float, Integer, Negative, Node, Not, Text

NAMES = ("A", "B", "CPU", "NAME", "free_Mem9", "SHARE/FREE", "A.B", "KÖLN")
"""Names that strategies use unless they are told others; the last three need quotes."""

INTEGERS = (0, 1, -1, 2, 5, 7, 10, 400, 16777216, 16777217, 2147483646, INT32_MAX, INT32_MIN, INT32_MIN + 1)
FLOATS = tuple(
    map(
        float32,
        (0.0, 0.1, 0.5, 1.0, -1.5, 3.7, 5.0, 16777216.0, 2147483648.0, 1e-45, 1e-38, 3.4028234663852886e38, 1e39),
    )
)
TEXTS = ("", "kvm", "KVM", "xen", "5", "05", "0.5", "YES", "a b", "r1", "*", "r1?", "k*", "*m", "[a-c]", "[!k]*", "\n")

_GLOB_PIECES = (
    *("*", "?", "a", "b", "k", "5", "-", "/", ".", "é", "\\", "\\*", "]", "^", "[", "[]", "[]]", "[a-", "[!", "[^"),
    *("[ab]", "[!a]", "[^a-k]", "[0-9]", "[*?]", "[a\\]b]", "[b-a]", "[[:digit:]]", "[![:alpha:]5]", "[[:nope:]]"),
    *("[[=a=]]", "[[.-.]-a]", "[[:", "[é]"),
)

_PIECES = st.lists(st.sampled_from(_GLOB_PIECES), max_size=5).map("".join)
_PLAIN_TEXTS = st.text(st.sampled_from("abk5 .-_/é\ud800"), max_size=5)

integers = st.sampled_from(INTEGERS) | st.integers(INT32_MIN, INT32_MAX)
"""What an integer literal may stand for."""
floats = st.sampled_from(FLOATS) | st.floats(width=32, allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)
"""What a float literal may stand for; there is no negative zero."""
patterns = st.sampled_from(TEXTS) | _PIECES | _PLAIN_TEXTS
"""What a string literal may stand for."""

COMMON: tuple[float | str, ...] = (5, 6, 5.0, "5", "kvm", "k*", "YES")
"""Literals that come often, as candidates have such values often: what never meets never differs."""


def _literal(value: float | str) -> Integer | Float | Text:
    if isinstance(value, str):
        return Text(value)
    return Integer(value) if isinstance(value, int) else Float(value)


_common: SearchStrategy[Integer | Float | Text] = st.sampled_from(COMMON).map(_literal)
_literals = st.one_of(_common, _common, integers.map(Integer), floats.map(Float), patterns.map(Text))
_numbers = st.one_of(integers.map(Integer), floats.map(Float))

_Build = Callable[[int], Node]


@st.composite
def requirement_trees(draw: DrawFn, *, names: Sequence[str] = NAMES, max_depth: int = 4) -> Node:
    """Draw the tree of a requirement; `max_depth` is how many chains and negations may be inside each other."""

    def build(depth: int) -> Node:
        shape = draw(_SHAPES) if depth else "leaf"
        if shape == "leaf":
            return draw(_comparisons(tuple(names)))
        if shape == "negation":
            operand = build(depth - 1)
            return operand.operand if isinstance(operand, Not) else Not(operand)
        return _chain(draw, build, depth, "&|")

    return draw(_MAYBE_BLANK) or build(max_depth)


@st.composite
def rank_trees(draw: DrawFn, *, names: Sequence[str] = NAMES, max_depth: int = 4) -> Node:
    """Draw the tree of a rank; `max_depth` is how many chains and unary minuses may be inside each other."""

    def build(depth: int) -> Node:
        shape = draw(_SHAPES) if depth else "leaf"
        if shape == "leaf":
            return draw(_operands(tuple(names)))
        if shape == "negation":
            operand = build(depth - 1)
            return operand.operand if isinstance(operand, Negative) else Negative(operand)
        return _chain(draw, build, depth, draw(_ARITHMETIC))

    return draw(_MAYBE_BLANK) or build(max_depth)


_SHAPES: SearchStrategy[Literal["leaf", "negation", "chain"]] = st.sampled_from(("leaf", "negation", "chain", "chain"))
_MAYBE_BLANK: SearchStrategy[Node | None] = st.integers(0, 20).map(lambda number: Blank() if number == 20 else None)
_ARITHMETIC = st.sampled_from(("+-", "*/"))


def _comparisons(names: Sequence[str]) -> SearchStrategy[Node]:
    def compare(name: str, operator: str, literal: Integer | Float | Text) -> Node:
        return Comparison(Attribute(name), "=" if isinstance(literal, Text) and operator in "<>" else operator, literal)

    return st.builds(compare, st.sampled_from(names), st.sampled_from(("=", "!=", "@>", ">", "<")), _literals)


def _operands(names: Sequence[str]) -> SearchStrategy[Node]:
    return st.one_of(st.sampled_from(names).map(Attribute), _numbers)


def _chain(draw: DrawFn, build: _Build, depth: int, operators: str) -> Node:
    """Draw a chain; one of the same level in front is its beginning."""
    first = build(depth - 1)
    links = [(draw(st.sampled_from(operators)), build(depth - 1)) for _ in range(draw(st.integers(1, 3)))]
    if isinstance(first, Chain) and first.rest[0][0] in operators:
        return Chain(first.first, (*first.rest, *links))
    return Chain(first, tuple(links))
