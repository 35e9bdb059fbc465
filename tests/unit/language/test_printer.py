"""Tree to text, with no more parentheses than needed."""

from __future__ import annotations

import pytest

from matchmaker.attributes.numbers import float32
from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Float, Integer, Negative, Node, Not, Text
from matchmaker.language.printer import print_name, print_tree

A, B, C = (Comparison(Attribute(name), "=", Integer(1)) for name in "ABC")
X, Y, Z = (Attribute(name) for name in "XYZ")
PRODUCT = Chain(X, (("*", Y),))
SUM = Chain(X, (("+", Y),))


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Blank(), ""),
        (A, "A = 1"),
        (Comparison(Attribute("A B"), "@>", Text("kvm")), '"A B" @> "kvm"'),
        (Comparison(Attribute("A"), "!=", Text("")), 'A != ""'),
        (Not(A), "!A = 1"),
        (Not(Chain(A, (("|", B),))), "!(A = 1 | B = 1)"),
        (Chain(A, (("|", B), ("&", C))), "A = 1 | B = 1 & C = 1"),
        (Chain(A, (("|", Chain(B, (("&", C),))),)), "A = 1 | (B = 1 & C = 1)"),
        (Chain(SUM, (("*", Z),)), "(X + Y) * Z"),
        (Chain(PRODUCT, (("+", Z),)), "X * Y + Z"),
        (Chain(Z, (("-", SUM),)), "Z - (X + Y)"),
        (Chain(Z, (("/", PRODUCT),)), "Z / (X * Y)"),
        (Negative(PRODUCT), "- X * Y"),
        (Negative(SUM), "- (X + Y)"),
        (Negative(Integer(5)), "- 5"),
        (Integer(-5), "-5"),
        (Chain(X, (("-", Integer(-5)),)), "X - -5"),
        (Chain(Negative(X), (("*", Y),)), "(- X) * Y"),
        (Chain(X, (("*", Negative(Y)),)), "X * - Y"),
        (Chain(X, (("*", Negative(Y)), ("*", Z))), "X * (- Y) * Z"),
        (Chain(X, (("+", Negative(Y)), ("+", Z))), "X + - Y + Z"),
    ],
)
def test_trees(tree: Node, text: str) -> None:
    assert print_tree(tree) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (5.0, "5.0"),
        (-1.5, "-1.5"),
        (float32(0.1), "0.1"),
        (float32(3.7), "3.7"),
        (16777216.0, "16777216.0"),
        (float32(1e30), "1" + "0" * 30 + ".0"),
        (2.0**-149, "0." + "0" * 44 + "1"),
        (float("inf"), "1" + "0" * 39 + ".0"),
        (float("-inf"), "-1" + "0" * 39 + ".0"),
    ],
)
def test_the_shortest_decimal_of_a_float32(number: float, text: str) -> None:
    assert print_tree(Float(number)) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("A", "A"), ("A_9", "A_9"), ("_A", '"_A"'), ("9A", '"9A"'), ("A/B", '"A/B"'), ("", '""'), ("É", '"É"')],
)
def test_names_are_quoted_where_needed(name: str, text: str) -> None:
    assert print_name(name) == text
