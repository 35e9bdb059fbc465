"""Text to tree: the grammar's corners. Recorded answers are in tests/conformance, general truths in tests/property."""

from __future__ import annotations

import pytest

from matchmaker.language.dialects import dialect_named
from matchmaker.language.lexemes import Unparsable
from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Float, Integer, Negative, Node, Not, Text
from matchmaker.language.opennebula_trees import wrapped
from matchmaker.language.parser import Parsed, complete_prefix, parse

A, B, C = (Comparison(Attribute(name), "=", Integer(1)) for name in "ABC")
X, Y, Z = (Attribute(name) for name in "XYZ")


def read(text: str, expression: str = "requirement") -> Parsed:
    return parse(text, dialect_named("opennebula"), expression, 9_998)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Blank()),
        (" \t\n", Blank()),
        ("A=1", A),
        ("A=1|B=1&C=1", Chain(A, (("|", B), ("&", C)))),
        ("A=1|(B=1&C=1)", Chain(A, (("|", Chain(B, (("&", C),))),))),
        ("(A=1|B=1)&C=1", Chain(A, (("|", B), ("&", C)))),
        ("!A=1&B=1", Chain(Not(A), (("&", B),))),
        ("!(A=1&B=1)", Not(Chain(A, (("&", B),)))),
        ("!!(A=1&B=1)|C=1", Chain(A, (("&", B), ("|", C)))),
        ("!!!A=1", Not(A)),
        ("((A=1))", A),
        ("A ! = 1", Comparison(Attribute("A"), "!=", Integer(1))),
        ("A\t@ \t> 0.5", Comparison(Attribute("A"), "@>", Float(0.5))),
        ("A<-1", Comparison(Attribute("A"), "<", Integer(-1))),
        ("A=kvm", Comparison(Attribute("A"), "=", Text("kvm"))),
        ('"A B"="x\ny"', Comparison(Attribute("A B"), "=", Text("x\ny"))),
        ('A=""', Comparison(Attribute("A"), "=", Text(""))),
        ("A='kvm'", Comparison(Attribute("A"), "=", Text("kvm"))),
        ("A=.5", Comparison(Attribute("A"), "=", Integer(5))),
        ("_A=1", A),
        ("A=1\0garbage (", A),
        ("A=\u0665\u00a01", A),
        ("A=1;", A),
    ],
)
def test_requirements(text: str, tree: Node) -> None:
    assert read(text).tree == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Blank()),
        ("X", X),
        ('"X"', X),
        ("X - 1", Chain(X, (("-", Integer(1)),))),
        ("X- 1", Chain(X, (("-", Integer(1)),))),
        ("2--1", Chain(Integer(2), (("-", Integer(-1)),))),
        ("X+Y*Z", Chain(X, (("+", Chain(Y, (("*", Z),))),))),
        ("(X+Y)*Z", Chain(Chain(X, (("+", Y),)), (("*", Z),))),
        ("X*Y/Z", Chain(X, (("*", Y), ("/", Z)))),
        ("X-Y+Z", Chain(X, (("-", Y), ("+", Z)))),
        ("-X*Y", Negative(Chain(X, (("*", Y),)))),
        ("X*-Y*Z", Chain(X, (("*", Negative(Chain(Y, (("*", Z),)))),))),
        ("X*(-Y)*Z", Chain(X, (("*", Negative(Y)), ("*", Z)))),
        ("-X+Y", Chain(Negative(X), (("+", Y),))),
        ("- -(X+Y)+Z", Chain(X, (("+", Y), ("+", Z)))),
        ("--X", X),
        ("- 1.5", Negative(Float(1.5))),
        ("-0.0", Negative(Float(0.0))),
        ("X/-0.0*Y", Chain(X, (("/", Negative(Float(0.0))), ("*", Y)))),
        ("- -0.0", Float(0.0)),
        ("-0", Integer(0)),
    ],
)
def test_ranks(text: str, tree: Node) -> None:
    assert read(text, "rank").tree == tree


@pytest.mark.parametrize(
    ("expression", "text", "token", "start"),
    [
        ("requirement", "A >= 5", "EQUAL", 3),
        ("requirement", "A", "$END", 1),
        ("requirement", "A = ", "$END", 4),
        ("requirement", "A = 5 )", "CLOSE", 6),
        ("requirement", "A.B = 5", "NAME", 2),
        ("requirement", "A > kvm", "NAME", 4),
        ("requirement", "()", "CLOSE", 1),
        ("requirement", "1 = A", "INTEGER", 0),
        ("requirement", "A = 5 && B = 5", "AND", 7),
        ("requirement", "A = 5\0 & B", None, None),
        ("rank", "X -1", "INTEGER", 2),
        ("rank", "+X", "PLUS", 0),
        ("rank", "X ^ 2", "POWER", 2),
        ("rank", "X Y", "NAME", 2),
    ],
)
def test_the_offending_token(expression: str, text: str, token: str | None, start: int | None) -> None:
    if token is None:
        assert read(text, expression)
        return
    with pytest.raises(Unparsable) as caught:
        read(text, expression)
    assert (caught.value.token.type, caught.value.token.start_pos) == (token, start)
    assert caught.value.expected


def test_skipped_characters_are_noted_run_by_run() -> None:
    assert read("A;;=\n1 '").skipped == [(1, 3), (4, 5), (7, 8)]
    assert read('A="; \n"').skipped == []


def test_spans() -> None:
    tree = read("  !(A = 1 & B=kvm)").tree
    assert isinstance(tree, Not)
    chain = tree.operand
    assert isinstance(chain, Chain)
    assert [tuple(node.span) for node in (tree, chain, chain.first, chain.rest[0][1])] == [
        (2, 17),
        (4, 17),
        (4, 9),
        (12, 17),
    ]


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("-0", 0),
        ("2147483647", 2147483647),
        ("2147483648", -2147483648),
        ("-2147483649", 2147483647),
        ("4294967297", 1),
        ("9223372036854775807", -1),
        ("9223372036854775808", -1),
        ("99999999999999999999", -1),
        ("-9223372036854775808", 0),
        ("-99999999999999999999", 0),
        ("-000000000000000000000000000004", -4),
        ("9" * 100_000, -1),
        ("0" * 100_000, 0),
        ("-" + "0" * 100_000 + "5", -5),
    ],
    ids=lambda value: str(value)[:30],
)
def test_integers_wrap(digits: str, value: int) -> None:
    assert wrapped(digits) == value


@pytest.mark.parametrize(
    ("text", "value"), [("0.1", 0.10000000149011612), ("16777217.0", 16777216.0), ("9" * 60 + ".0", float("inf"))]
)
def test_floats_are_rounded_to_32_bits(text: str, value: float) -> None:
    assert read(text, "rank").tree == Float(value)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("X -1", "X "),
        ("+5", ""),
        ("X+X)", "X+X"),
        ("X+", None),
        ("(X", None),
        ("X", None),
        ("X;'Y", "X;'"),
        ("X\0-1", None),
    ],
)
def test_the_complete_prefix_of_a_refused_rank(text: str, prefix: str | None) -> None:
    assert complete_prefix(text, dialect_named("opennebula"), "rank", 9_998) == prefix
