"""The text of the extended dialect: printing and parsing are inverse, and any text gives a tree or an error that can be read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from matchmaker import ExpressionError
from matchmaker.diagnostics import Diagnostic
from matchmaker.language.codes import CODES
from matchmaker.language.dialects import dialect_named
from matchmaker.language.nodes import (
    Attribute,
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
    walk,
)
from matchmaker.language.printer import print_tree
from matchmaker.language.read import read
from matchmaker.limits import DEFAULT_LIMITS, Limits
from matchmaker.source import Source
from matchmaker.testing import ranks, requirements
from matchmaker.testing.extended_trees import extended_rank_trees, extended_requirement_trees
from matchmaker.testing.extended_writing import write_extended
from matchmaker.testing.strategies import styles

EXTENDED = dialect_named("extended")

trees = st.one_of(
    st.tuples(st.just("requirement"), extended_requirement_trees()),
    st.tuples(st.just("rank"), extended_rank_trees()),
)


def parsed(text: str, expression: str = "requirement", limits: Limits = DEFAULT_LIMITS) -> Node:
    return read(text, EXTENDED, expression, limits, expression)[0]


def errors(text: str, expression: str) -> tuple[Diagnostic, ...]:
    with suppress(ExpressionError):
        assert read(text, EXTENDED, expression, DEFAULT_LIMITS, expression)[1] == ()
        return ()
    with pytest.raises(ExpressionError) as caught:
        parsed(text, expression)
    return caught.value.diagnostics


@given(trees)
def test_a_printed_tree_parses_to_itself(case: tuple[str, Node]) -> None:
    expression, tree = case
    printed = print_tree(tree)
    again = parsed(printed, expression)
    assert again == tree
    assert print_tree(again) == printed


@given(trees, styles)
def test_a_tree_is_read_from_every_text_that_means_it(case: tuple[str, Node], style: int) -> None:
    """Blanks, comments, line ends and parentheses more than needed change nothing."""
    expression, tree = case
    assert parsed(write_extended(tree, style), expression) == tree


@given(trees, styles)
def test_spans_are_where_the_parts_stand(case: tuple[str, Node], style: int) -> None:
    expression, tree = case
    text = write_extended(tree, style)
    for node in walk(parsed(text, expression)):
        start, end = node.span
        assert 0 <= start <= end <= len(text)
        there = text[start:end]
        if isinstance(node, Attribute):
            assert there in (node.name, f'"{node.name}"')
        elif isinstance(node, Text):
            assert there == f'"{node.value}"'
        elif isinstance(node, RequestAttribute):
            assert there == f"REQUEST.{node.name}"
        elif isinstance(node, Comparison | Relation | Membership | Choice | Chain | Call | Not | Negative | Number):
            assert parsed(there, "rank") == node


@given(st.lists(requirements(dialect="extended") | ranks(dialect="extended"), min_size=30, max_size=30))
@settings(max_examples=5)
def test_the_strategies_draw_expressions_of_the_dialect(drawn: list[Any]) -> None:
    assert {each.dialect for each in drawn} == {"extended"}


@pytest.mark.parametrize(
    "kind",
    [Attribute, Call, Chain, Choice, Comparison, Membership, Negative, Not, Number, Relation, RequestAttribute, Text],
)
def test_each_node_is_drawn(kind: type) -> None:
    for strategy in (extended_requirement_trees(), extended_rank_trees()):
        assert find(strategy, lambda tree: any(type(node) is kind for node in walk(tree))) is not None


_PIECES = st.sampled_from(
    (
        *(
            "A",
            "FREE_CPU",
            '"A/B"',
            '"x*"',
            '""',
            '"//a//b"',
            "REQUEST.A",
            "REQUEST",
            "5",
            ".5",
            "1e6",
            "1e999",
            "4G",
            "0x1f",
        ),
        *(
            "+",
            "-",
            "*",
            "/",
            "=",
            "==",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "@>",
            "&",
            "&&",
            "|",
            "!",
            "?",
            ":",
            "(",
            ")",
            "[",
            "]",
            ",",
        ),
        *(
            "and",
            "or",
            "not",
            "in",
            "AND",
            "is",
            "null",
            "like",
            "between",
            "if",
            "mod",
            "adn",
            "exists(",
            "min(",
            "foo(",
            "()",
        ),
        *(
            "'",
            '"',
            ";",
            ".",
            "~",
            "%",
            "^",
            "@",
            "$",
            "_",
            "{",
            "\\",
            "ö",
            "≥",
            "#",
            "\n",
            "\0",
            "\ud800",
            " ",
            " ",
            "\t",
        ),
    )
)
texts = st.one_of(st.lists(_PIECES, max_size=14).map("".join), st.lists(_PIECES, max_size=10).map(" ".join), st.text())


@st.composite
def mutated(draw: DrawFn) -> str:
    """Draw an expression with a piece taken out, and another put in."""
    text = write_extended(draw(trees)[1], draw(styles))
    start = draw(st.integers(0, len(text)))
    return text[:start] + draw(_PIECES | st.just("")) + text[draw(st.integers(start, start + 3)) :]


@given(texts | mutated(), st.sampled_from(("requirement", "rank")))
@example("A" * 100_000 + " B", "requirement")
@example("A" + ";" * 10_000 + "B", "requirement")
@example("A > " + "9*" * 50_000 + "]", "requirement")
@example('"' * 10_001, "requirement")
@example("A ? " * 1_000, "rank")
@example("A in " + "[" * 1_000, "rank")
def test_any_text_is_an_expression_or_explained(text: str, expression: str) -> None:
    found = errors(text, expression)
    if not found:
        tree = parsed(text, expression)
        assert parsed(print_tree(tree), expression) == tree
    for each in found:
        assert 0 <= each.span.start <= each.span.end <= len(text)
        assert (each.severity, CODES[each.code].severity) == ("error", "error")
        assert each.message == each.message.strip().removesuffix(".")
        for line in (each.message, each.label, *each.hints):
            assert line.isprintable()
            assert len(line) < 200
            assert "OpenNebula" not in line
        assert each.render(Source(text)).startswith(f"error[{each.code}]: ")


def test_long_chains() -> None:
    count = 40_000
    for text, operators in (("A=1" + "&A=1" * count, {"&"}), ("A" + "+A-A" * (count // 2), {"+", "-"})):
        tree = parsed(text, "rank")
        assert isinstance(tree, Chain)
        assert len(tree.rest) == count
        assert {operator for operator, _ in tree.rest} == operators
        assert parsed(print_tree(tree), "rank") == tree


_DEEP: dict[str, tuple[str, str, str, int]] = {
    "right operands": ("A=1 & (", "A=1", ")", 98),
    "or and and": ("A=1 & (B=1 | ", "A=1", ")", 49),
    "negations": ("!(A=1 & ", "A=1", ")", 49),
    "choices": ("A=1 ? B : ", "C", "", 98),
    "calls": ("abs(", "A", ")", 99),
    "signs": ("-(A + ", "A", ")", 49),
    "lists": ("A in [", "A", "]", 99),
}


@pytest.mark.parametrize("name", _DEEP)
def test_trees_have_at_most_100_levels(name: str) -> None:
    before, middle, after, most = _DEEP[name]
    tree = parsed(before * most + middle + after * most, "rank")
    assert parsed(print_tree(tree), "rank") == tree
    for count in (most + 1, 2_000):
        found = errors(before * count + middle + after * count, "rank")
        assert [each.code for each in found] == ["MM113"]
        assert found[0].span.end > found[0].span.start


def test_the_parsers_stack_is_bounded() -> None:
    for opening in ("(", "!", "- ", "A in [", "abs(", "A ? "):
        (found,) = errors(opening * 30_000, "rank")
        assert found.code == "MM113"
    assert errors("(" * 9_000 + "A = 1" + ")" * 9_000, "requirement") == ()


@given(trees, st.integers(1, 40), st.integers(1, 10), st.integers(1, 12))
def test_limits_are_kept(case: tuple[str, Node], length: int, nodes: int, depth: int) -> None:
    expression, tree = case
    limits = Limits(length=length, nodes=nodes, depth=depth)
    text, again = print_tree(tree), None
    with suppress(ExpressionError):
        again = parsed(text, expression, limits)
    if again is not None:
        assert again == tree
        assert len(text.encode("utf-8", "surrogatepass")) <= length
        assert sum(1 for _ in walk(again)) <= nodes
