"""Tree to text, with no more parentheses than needed."""

from __future__ import annotations

import pytest

from matchmaker import Requirement
from matchmaker.attributes.numbers import float32
from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Float,
    Integer,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
)
from matchmaker.language.printer import print_name, print_tree

A, B, C = (Comparison(Attribute(name), "=", Integer(1)) for name in "ABC")
X, Y, Z = (Attribute(name) for name in "XYZ")
PRODUCT = Chain(X, (("*", Y),))
SUM = Chain(X, (("+", Y),))
PATH = Attribute("A/B")


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Blank(), ""),
        (A, "A = 1"),
        (Comparison(Attribute("A B"), "@>", Text("kvm")), '"A B" @> "kvm"'),
        (Comparison(Attribute("A"), "!=", Text("")), 'A != ""'),
        (Not(A), "!(A = 1)"),
        (Not(Chain(A, (("|", B),))), "!(A = 1 | B = 1)"),
        (Chain(A, (("|", B), ("&", C))), "(A = 1 | B = 1) & C = 1"),
        (Chain(A, (("&", B), ("&", C))), "A = 1 & B = 1 & C = 1"),
        (Chain(A, (("&", B), ("|", C))), "(A = 1 & B = 1) | C = 1"),
        (Chain(A, (("|", B), ("|", C), ("&", A), ("|", B))), "((A = 1 | B = 1 | C = 1) & A = 1) | B = 1"),
        (Chain(A, (("|", Chain(B, (("&", C),))),)), "A = 1 | (B = 1 & C = 1)"),
        (Chain(Chain(A, (("|", B),)), (("&", C),)), "(A = 1 | B = 1) & C = 1"),
        (Chain(SUM, (("*", Z),)), "(X + Y) * Z"),
        (Chain(PRODUCT, (("+", Z),)), "X * Y + Z"),
        (Chain(Z, (("-", SUM),)), "Z - (X + Y)"),
        (Chain(Z, (("/", PRODUCT),)), "Z / (X * Y)"),
        (Negative(PRODUCT), "- (X * Y)"),
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
    ("tree", "text"),
    [
        (Comparison(X, ">=", Number(5.0)), "X >= 5"),
        (Comparison(X, "==", Text("5")), 'X == "5"'),
        (Comparison(Attribute("and"), "=", Number(-2.5)), '"and" = -2.5'),
        (Relation(X, "<", Y), "X < Y"),
        (Relation(X, "=", PATH), 'X = ("A/B")'),
        (Relation(PATH, "=", X), '"A/B" = X'),
        (Relation(X, "=", Attribute("not")), 'X = ("not")'),
        (Relation(X, "=", Chain(PATH, (("+", Y),))), 'X = "A/B" + Y'),
        (Relation(SUM, "!=", Negative(PRODUCT)), "X + Y != - (X * Y)"),
        (Relation(A, "=", Not(B)), "(A = 1) = (!(B = 1))"),
        (Relation(RequestAttribute("X", "bound"), "==", Text("a")), 'REQUEST.X == "a"'),
        (Relation(X, "<", Negative(Number(0.0))), "X < - 0"),
        (Membership(X, (Number(1.0), Text("a*"), PATH, Y, A)), 'X in [1, "a*", ("A/B"), Y, A = 1]'),
        (Membership(A, (SUM,)), "(A = 1) in [X + Y]"),
        (Not(Membership(X, (Y,))), "!(X in [Y])"),
        (Not(Choice(A, B, C)), "!(A = 1 ? B = 1 : C = 1)"),
        (Choice(A, X, Choice(B, Y, PATH)), 'A = 1 ? X : B = 1 ? Y : "A/B"'),
        (Choice(A, Choice(B, X, Y), Z), "A = 1 ? (B = 1 ? X : Y) : Z"),
        (Choice(Choice(A, B, C), X, Y), "(A = 1 ? B = 1 : C = 1) ? X : Y"),
        (Choice(Chain(A, (("|", B),)), X, SUM), "A = 1 | B = 1 ? X : X + Y"),
        (Chain(A, (("&", Choice(A, B, C)),)), "A = 1 & (A = 1 ? B = 1 : C = 1)"),
        (Chain(A, (("*", Choice(A, X, Y)),)), "(A = 1) * (A = 1 ? X : Y)"),
        (Chain(Call("exists", (PATH,)), (("+", Not(A)),)), 'exists("A/B") + (!(A = 1))'),
        (Call("min", (X, PATH, Choice(A, X, Y), SUM)), 'min(X, "A/B", A = 1 ? X : Y, X + Y)'),
        (Chain(Negative(Call("abs", (X,))), (("/", Negative(RequestAttribute("Y"))),)), "(- abs(X)) / - REQUEST.Y"),
        (Negative(A), "- (A = 1)"),
        (Negative(Not(A)), "- (!(A = 1))"),
        (Chain(X, (("-", Number(-5.0)),)), "X - -5"),
    ],
)
def test_trees_of_the_extended_dialect(tree: Node, text: str) -> None:
    assert print_tree(tree) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (5.0, "5"), (-1.5, "-1.5"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e16, "1e+16"), (1e300, "1e+300"),
        (1e-5, "1e-05"), (5e-324, "5e-324"), (9007199254740993.0, "9007199254740992"), (1.7976931348623157e308, "1.7976931348623157e+308"),
    ],
)  # fmt: skip
def test_the_shortest_decimal_of_a_double(number: float, text: str) -> None:
    assert print_tree(Number(number)) == text


def test_a_chain_that_changes_too_often_is_printed_as_the_opennebula_dialect_reads_it() -> None:
    def chain(switches: int) -> str:
        return print_tree(Chain(A, tuple(("|&"[place % 2], B) for place in range(switches + 1))))

    assert chain(40).startswith("(" * 40 + "A = 1 | B = 1) & B = 1)")
    assert "(" not in chain(41)


def test_few_parentheses_that_are_not_needed_stand_inside_each_other() -> None:
    tree: Node = X
    for _ in range(1_000):
        tree = Chain(Y, (("*", Negative(Chain(X, (("*", tree),)))),))
    assert print_tree(tree).count("- (") == 100
    mixed: Node = A
    for _ in range(1_000):
        mixed = Chain(Not(mixed), (("&", B), ("|", C)))
    assert Requirement(print_tree(mixed)).tree == mixed


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
    [
        ("and", '"and"'),
        ("or", '"or"'),
        ("not", '"not"'),
        ("in", '"in"'),
        ("AND", "AND"),
        ("A", "A"),
        ("A_9", "A_9"),
        ("_A", '"_A"'),
        ("9A", '"9A"'),
        ("A/B", '"A/B"'),
        ("", '""'),
        ("É", '"É"'),
    ],
)
def test_names_are_quoted_where_needed(name: str, text: str) -> None:
    assert print_name(name) == text
