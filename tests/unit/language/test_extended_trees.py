"""The grammar of the extended dialect, rule by rule: text to tree. General truths are in tests/property."""

from __future__ import annotations

import pytest

from matchmaker.language.dialects import dialect_named
from matchmaker.language.lexemes import Unparsable
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
    walk,
)
from matchmaker.language.parser import complete_prefix, parse
from matchmaker.source import Span

A, B, C, D = (Comparison(Attribute(name), "=", Number(1.0)) for name in "ABCD")
X, Y, Z = (Attribute(name) for name in "XYZ")
ONE, TWO = Number(1.0), Number(2.0)


def read(text: str) -> Node:
    return parse(text, dialect_named("extended"), "rank", 9_998).tree


def compared(operator: str, literal: Node) -> Comparison:
    assert isinstance(literal, Number | Text)
    return Comparison(X, operator, literal)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Blank()),
        (" \t\r\n# A = 1 &\n#", Blank()),
        ("A=1", A),
        ("A=1&B=1|C=1&D=1", Chain(Chain(A, (("&", B),)), (("|", Chain(C, (("&", D),))),))),
        ("A=1|B=1&C=1", Chain(A, (("|", Chain(B, (("&", C),))),))),
        ("(A=1|B=1)&C=1", Chain(Chain(A, (("|", B),)), (("&", C),))),
        ("A=1&(B=1&C=1)", Chain(A, (("&", Chain(B, (("&", C),))),))),
        ("(A=1&B=1)&C=1", Chain(A, (("&", B), ("&", C)))),
        ("A=1|(B=1|C=1)|D=1", Chain(A, (("|", Chain(B, (("|", C),))), ("|", D)))),
        ("A=1 && B=1 and C=1", Chain(A, (("&", B), ("&", C)))),
        ("A=1 || B=1 or C=1", Chain(A, (("|", B), ("|", C)))),
        ("!A=1&B=1", Chain(Not(A), (("&", B),))),
        ("not A=1 or B=1", Chain(Not(A), (("|", B),))),
        ("!(A=1&B=1)", Not(Chain(A, (("&", B),)))),
        ("!!(A=1&B=1)&C=1", Chain(A, (("&", B), ("&", C)))),
        ("not ! not A=1", Not(A)),
        ("!(!(!(A=1)))", Not(A)),
        ("!X + 1 = Y", Not(Relation(Chain(X, (("+", ONE),)), "=", Y))),
        ("A=1 # the first\n& # and\r\nB=1 # the second", Chain(A, (("&", B),))),
    ],
)
def test_conditions(text: str, tree: Node) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("X+Y-Z", Chain(X, (("+", Y), ("-", Z)))),
        ("X*Y/Z", Chain(X, (("*", Y), ("/", Z)))),
        ("X+Y*Z", Chain(X, (("+", Chain(Y, (("*", Z),))),))),
        ("X*Y+Z", Chain(Chain(X, (("*", Y),)), (("+", Z),))),
        ("(X+Y)*Z", Chain(Chain(X, (("+", Y),)), (("*", Z),))),
        ("(X+Y)-Z", Chain(X, (("+", Y), ("-", Z)))),
        ("X-(Y-Z)", Chain(X, (("-", Chain(Y, (("-", Z),))),))),
        ("X-1", Chain(X, (("-", ONE),))),
        ("X -1", Chain(X, (("-", ONE),))),
        ("2--1", Chain(TWO, (("-", Number(-1.0)),))),
        ("-X*Y", Chain(Negative(X), (("*", Y),))),
        ("-(X*Y)", Negative(Chain(X, (("*", Y),)))),
        ("X*-Y*Z", Chain(X, (("*", Negative(Y)), ("*", Z)))),
        ("-X+Y", Chain(Negative(X), (("+", Y),))),
        ("--X", X),
        ("-(-(X+Y))+Z", Chain(X, (("+", Y), ("+", Z)))),
        ("-5", Number(-5.0)),
        ("-(5)", Number(-5.0)),
        ("--5", Number(5.0)),
        ("-5*X", Chain(Number(-5.0), (("*", X),))),
        ("-0", Negative(Number(0.0))),
        ("--0", Number(0.0)),
        ("-1e-400", Negative(Number(0.0))),
        ("(A=1)*2", Chain(A, (("*", TWO),))),
        ("-(A=1)", Negative(A)),
        ("!(-(!(-(A=1))))=2", Not(Relation(Negative(Not(Negative(A))), "=", TWO))),
    ],
)
def test_arithmetic(text: str, tree: Node) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5.0), ("007", 7.0), ("2.5", 2.5), (".5", 0.5), ("1e6", 1e6), ("1E+2", 100.0), ("25e-1", 2.5), (".5e1", 5.0),
        ("9007199254740993", 9007199254740992.0), ("0.1", 0.1), ("1e-400", 0.0), ("9" * 308, 1e308), ("0" * 9_999 + "1", 1.0),
    ],
)  # fmt: skip
def test_numbers(text: str, number: float) -> None:
    assert read(text) == Number(number)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("X = 1", compared("=", ONE)),
        ("X == 1", compared("=", ONE)),
        ("X != -1", compared("!=", Number(-1.0))),
        ("X<=1", compared("<=", ONE)),
        ("X >= (1)", compared(">=", ONE)),
        ("(X) > 1", compared(">", ONE)),
        ("X @> 1", compared("@>", ONE)),
        ('X @> "a*"', compared("@>", Text("a*"))),
        ('X = "a\n#"', compared("=", Text("a\n#"))),
        ('X == ""', compared("==", Text(""))),
        ('X != "a"', compared("!=", Text("a"))),
        ('"X"="X"', compared("=", Text("X"))),
        ("1 < X", compared(">", ONE)),
        ("1 <= X", compared(">=", ONE)),
        ("1 > X", compared("<", ONE)),
        ("1 >= X", compared("<=", ONE)),
        ("1 == X", compared("=", ONE)),
        ("-1 != X", compared("!=", Number(-1.0))),
        ("X = Y", Relation(X, "=", Y)),
        ("X == kvm", Relation(X, "=", Attribute("kvm"))),
        ("1 == 2", Relation(ONE, "=", TWO)),
        ("X < -0", Relation(X, "<", Negative(Number(0.0)))),
        ('X = ("Y/Z")', Relation(X, "=", Attribute("Y/Z"))),
        ('X = "Y/Z" + 1', Relation(X, "=", Chain(Attribute("Y/Z"), (("+", ONE),)))),
        ('X = -"Y/Z"', Relation(X, "=", Negative(Attribute("Y/Z")))),
        ('"Y/Z" + 1 = X', Relation(Chain(Attribute("Y/Z"), (("+", ONE),)), "=", X)),
        ('1 < ("X")', compared(">", ONE)),
        ("REQUEST.X = 1", Relation(RequestAttribute("X"), "=", ONE)),
        ("1 = REQUEST.X", Relation(ONE, "=", RequestAttribute("X"))),
        ('REQUEST.X == "a"', Relation(RequestAttribute("X"), "==", Text("a"))),
        ("X >= REQUEST.X", Relation(X, ">=", RequestAttribute("X"))),
        ("(X = 1) = (Y = 1)", Relation(compared("=", ONE), "=", Comparison(Y, "=", ONE))),
    ],
)
def test_comparisons(text: str, tree: Node) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('X in [1, "a*", Y, ("Z/Z"), -2]', Membership(X, (ONE, Text("a*"), Y, Attribute("Z/Z"), Number(-2.0)))),
        ("X+1 in[Y*2]", Membership(Chain(X, (("+", ONE),)), (Chain(Y, (("*", TWO),)),))),
        ('"X" in ["X"]', Membership(X, (Text("X"),))),
        ("!X in [1]", Not(Membership(X, (ONE,)))),
        ("A=1 ? X : Y", Choice(A, X, Y)),
        ("A=1 ? X : B=1 ? Y : Z", Choice(A, X, Choice(B, Y, Z))),
        ("A=1 ? B=1 ? X : Y : Z", Choice(A, Choice(B, X, Y), Z)),
        ("(A=1 ? B=1 : C=1) ? X : Y", Choice(Choice(A, B, C), X, Y)),
        ("A=1|B=1 ? X+1 : Y", Choice(Chain(A, (("|", B),)), Chain(X, (("+", ONE),)), Y)),
        ("1 + (A=1 ? X : Y)", Chain(ONE, (("+", Choice(A, X, Y)),))),
        ('A=1 ? "X" : "Y"', Choice(A, X, Y)),
        ("exists(X)", Call("exists", (X,))),
        ('exists ("X") & A=1', Chain(Call("exists", (X,)), (("&", A),))),
        ('min("X", 1, A=1 ? X : Y)', Call("min", (X, ONE, Choice(A, X, Y)))),
        ("default(REQUEST.X,0)", Call("default", (RequestAttribute("X"), Number(0.0)))),
        ("foo()", Call("foo", ())),
        ("-abs(X)", Negative(Call("abs", (X,)))),
        ("max + min", Chain(Attribute("max"), (("+", Attribute("min")),))),
        ("exists = 1", Comparison(Attribute("exists"), "=", ONE)),
    ],
)
def test_lists_choices_and_functions(text: str, tree: Node) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("android", "android"), ("order", "order"), ("nothing", "nothing"), ("inner", "inner"), ("and_", "and_"),
        ("or1", "or1"), ("AND", "AND"), ('"and"', "and"), ('"not"', "not"), ("REQUEST", "REQUEST"), ("REQUESTS", "REQUESTS"),
        ('"REQUEST.X"', "REQUEST.X"), ("round", "round"), ('"5"', "5"),
    ],
)  # fmt: skip
def test_names(text: str, name: str) -> None:
    assert read(text) == Attribute(name)


def test_words_need_no_blanks_beside_signs() -> None:
    assert read("(A=1)and(B=1)or(not(C=1))") == Chain(Chain(A, (("&", B),)), (("|", Not(C)),))
    assert read('X in["a"]') == Membership(X, (Text("a"),))
    assert read("1in[1]") == Membership(ONE, (ONE,))


def test_request_attributes_of_any_plain_name() -> None:
    assert read("REQUEST.and + REQUEST.REQUEST") == Chain(
        RequestAttribute("and"), (("+", RequestAttribute("REQUEST")),)
    )


@pytest.mark.parametrize(
    ("text", "offending"),
    [
        ("A B", 2), ("A = B C", 6), ("1 < A < 5", 6), ("A in [1] in [2]", 9), ("A = !B", 4), ("-!A", 1), ("A & = 5", 4),
        ("A in []", 6), ("A in (1)", 5), ("A in [1,]", 8), ("A ? B", 5), ("A : B", 2), ("()", 1), ("(A", 2), ("A)", 1),
        ("A ! = 5", 2), ("A & & B", 4), ("5 .", 2), ("REQUEST .A", 8), ("REQUEST. A", 7), ("A.B", 1), ("5.", 1), ("_A", 0),
        ('"A', 0), ("A ; B", 2), ("A = 1 @ > 2", 6), ("[1]", 0), ("1 2", 2), ("1e", 1), ("+1", 0), ("A # )\n )", 7), ("\0", 0),
    ],
)  # fmt: skip
def test_the_offending_token(text: str, offending: int) -> None:
    with pytest.raises(Unparsable) as caught:
        read(text)
    assert caught.value.token.start_pos == offending
    assert caught.value.expected
    assert not caught.value.skipped


def test_spans() -> None:
    text = ' !( A = 1 & "B" @> "x" ) | C + 2*-D < (3) ? min(A, REQUEST.E) : (A in [1, ("b")])'
    shown = [
        (type(node).__name__, text[slice(*node.span)])
        for node in walk(read(text))
        if not isinstance(node, Number | Text)
    ]
    assert shown == [
        ("Choice", text[1:]),
        ("Chain", '!( A = 1 & "B" @> "x" ) | C + 2*-D < (3)'),
        ("Not", '!( A = 1 & "B" @> "x" )'),
        ("Chain", 'A = 1 & "B" @> "x"'),
        ("Comparison", "A = 1"),
        ("Attribute", "A"),
        ("Comparison", '"B" @> "x"'),
        ("Attribute", '"B"'),
        ("Relation", "C + 2*-D < (3)"),
        ("Chain", "C + 2*-D"),
        ("Attribute", "C"),
        ("Chain", "2*-D"),
        ("Negative", "-D"),
        ("Attribute", "D"),
        ("Call", "min(A, REQUEST.E)"),
        ("Attribute", "A"),
        ("RequestAttribute", "REQUEST.E"),
        ("Membership", 'A in [1, ("b")]'),
        ("Attribute", "A"),
        ("Attribute", '"b"'),
    ]


def test_a_chain_begins_where_its_parentheses_do() -> None:
    for text in ("(A + B) * C", "((A + B)) - C", "(A) * (B)", "-(A) / B"):
        assert read(text).span == Span(0, len(text))
    assert read("- - 5").span == Span(0, 5)


def test_a_wrong_rank_counts_for_nothing() -> None:
    assert complete_prefix("X )", dialect_named("extended"), "rank", 9_998) is None
