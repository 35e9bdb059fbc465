"""Printing and parsing are inverse, and the canonical print has little that is not needed."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import ExpressionError, Rank, Requirement
from matchmaker.language.nodes import Attribute, Comparison, Float, Integer, Node, Text, walk
from matchmaker.language.printer import print_tree
from matchmaker.testing.strategies import styles
from matchmaker.testing.trees import rank_trees, requirement_trees
from matchmaker.testing.writing import write

Expression = type[Requirement] | type[Rank]

trees = st.one_of(
    st.tuples(st.just(Requirement), requirement_trees()),
    st.tuples(st.just(Rank), rank_trees()),
)


@given(trees)
def test_a_printed_tree_parses_to_itself(case: tuple[Expression, Node]) -> None:
    expression, tree = case
    printed = print_tree(tree)
    parsed = expression(printed).tree
    assert parsed == tree
    assert print_tree(parsed) == printed


@given(trees, styles)
@example((Requirement, Requirement("!!(A = 1 & B = 1) | C = 1").tree), 0)
def test_a_tree_is_read_from_every_text_that_means_it(case: tuple[Expression, Node], style: int) -> None:
    expression, tree = case
    assert expression(write(tree, style)).tree == tree


@pytest.mark.parametrize(
    ("expression", "text", "canonical"),
    [
        (Requirement, "!!(A = 1 & B = 1) | C = 1", "(A = 1 & B = 1) | C = 1"),
        (Requirement, "(A = 1 | B = 1) & C = 1", "(A = 1 | B = 1) & C = 1"),
        (Requirement, "A = 1 | (B = 1 & C = 1)", "A = 1 | (B = 1 & C = 1)"),
        (Requirement, "!(!(!(A = 1)))", "!(A = 1)"),
        (Rank, "- -(A + B) + C", "A + B + C"),
        (Rank, "(- -(A * B)) * C", "A * B * C"),
        (Rank, "A * (- (B * C))", "A * - (B * C)"),
        (Rank, "(A * (- B)) * C", "A * (- B) * C"),
    ],
)
def test_chains_join_what_stands_in_front(expression: Expression, text: str, canonical: str) -> None:
    parsed = expression(text)
    assert print_tree(parsed.tree) == canonical
    assert expression(canonical) == parsed


@given(trees)
def test_no_pair_of_parentheses_is_needless(case: tuple[Expression, Node]) -> None:
    """Only the beginning of a chain that mixes `&` and `|`, a product behind a minus and a comparison behind a `!` may stand in some."""
    expression, tree = case
    printed = print_tree(tree)
    for opening, closing in _parentheses(printed):
        if printed[:opening].endswith(("- ", "!")) or printed[closing + 1 :].startswith((" & ", " | ")):
            continue
        shorter = f"{printed[:opening]} {printed[opening + 1 : closing]} {printed[closing + 1 :]}"
        with suppress(ExpressionError):
            assert expression(shorter).tree != tree, f"{shorter!r} means the same"


def _parentheses(text: str) -> list[tuple[int, int]]:
    """Return where pairs of parentheses stand, outside of quotes."""
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for found in re.finditer(r'"[^"]*"|\(|\)', text):
        if found.group() == "(":
            opened.append(found.start())
        elif found.group() == ")":
            pairs.append((opened.pop(), found.start()))
    return pairs


@given(trees, styles)
def test_spans_are_where_the_parts_stand(case: tuple[Expression, Node], style: int) -> None:
    expression, tree = case
    text = write(tree, style)
    for node in walk(expression(text).tree):
        start, end = node.span
        assert 0 <= start <= end <= len(text)
        there = text[start:end]
        if isinstance(node, Attribute):
            assert there in (node.name, f'"{node.name}"')
        elif isinstance(node, Text):
            assert there in (node.value, f'"{node.value}"')
        elif isinstance(node, Integer | Float):
            assert Rank(there).tree == node
        elif isinstance(node, Comparison):
            assert Requirement(there).tree == node
