"""The extended dialect on the closures and the stack; tests/property/test_extended.py compares them with a second opinion."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from matchmaker import CandidateError, LimitError, Rank, Requirement
from matchmaker.attributes.globs import Glob
from matchmaker.attributes.lookup import PLAIN
from matchmaker.attributes.values import DOUBLES, SpecialValue, double, doubles, is_there
from matchmaker.engine import closures, generated, stack
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.meanings import EXTENDED, OPENNEBULA
from matchmaker.engine.programs import RankProgram, RequirementProgram, comparisons_in
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
    Text,
)
from matchmaker.limits import Budget
from matchmaker.opennebula import candidate

A = Attribute("A")


def compiled(engine: Any, tree: Node, what: str) -> Callable[[Any], Any]:
    clauses = (compile_clause(comparison, EXTENDED) for comparison in comparisons_in(tree))
    function: Callable[[Any], Any] = getattr(engine, f"compile_{what}")(tree, PLAIN, clauses, EXTENDED)
    return function


# Numbers in values.


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8 cores", 8.0),
        ("3.7GB", 3.7),
        ("0x10", 0.0),
        (" 7 ", 7.0),
        ("+7", 7.0),
        ("1,2", 1.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("5.e3", 5.0),
        ("5e", 5.0),
        ("5e+", 5.0),
        ("5e+x1", 5.0),
        ("1e3", 1000.0),
        ("-.5E-1", -0.05),
        ("3000000000", 3e9),
        ("9007199254740993", 9007199254740992.0),
        ("1e-400", 0.0),
        ("\t\n\v\f\r5", 5.0),
        ("1_000", 1.0),
        ("1" * 400, None),
        ("1e400", None),
        ("-1e400", None),
        ("", None),
        ("abc", None),
        ("inf", None),
        ("nan", None),
        ("- 5", None),
        ("++5", None),
        (".", None),
        ("e5", None),
        ("٣", None),
        ("\u00a05", None),
    ],
)
def test_texts(text: str, number: float | None) -> None:
    assert double(text, "A") == next(doubles(text, "A"), None) == number
    assert double([None, text], "A") == number
    assert DOUBLES(text) == number or (number is None and math.isnan(DOUBLES(text)))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5.0),
        (2**53 + 1, 9007199254740992.0),
        (2**53 + 3, 9007199254740996.0),
        (-(10**308), -1e308),
        (10**400, None),
        (0.1, 0.1),
        (-0.0, -0.0),
        (math.inf, None),
        (math.nan, None),
        (True, None),
        (None, None),
        ([], None),
        (["x", 10**400, math.nan, True, " 5x", 6], 5.0),
    ],
)
def test_values(value: Any, number: float | None) -> None:
    assert repr(double(value, "A")) == repr(next(doubles(value, "A"), None)) == repr(number)


def test_whether_there_is_a_value() -> None:
    for value in ("", "x", 0, math.nan, False, [None, ""], [0, object()]):
        assert is_there(value, "A")
    for value in (None, [], [None, None]):
        assert not is_there(value, "A")
    for value in (object(), [None, object()], {}):
        with pytest.raises(CandidateError, match="`A`"):
            is_there(value, "A")


def test_values_beside_numbers_are_read_within_budget() -> None:
    budget = Budget(0.001)
    test = compile_clause(Comparison(A, "@>", Number(5.0)), EXTENDED).test
    with pytest.raises(LimitError), budget:
        while True:
            test(["x"] * 1_000)
    assert budget.spent >= 0.001


# Comparisons.


def test_an_empty_text_is_a_text_in_this_dialect_only() -> None:
    equal, other, any_of = (Comparison(A, operator, Text("")) for operator in ("=", "!=", "@>"))
    for comparison in (equal, other, any_of):
        for value in ("", "x", None, [], ["x", ""]):
            assert not compile_clause(comparison).test(value)
            assert not compile_clause(comparison, OPENNEBULA).test(value)
    for value, answers in (
        ("", (True, False, True)),
        ("x", (False, True, False)),
        (["x", ""], (False, True, True)),
        (0, (False, True, False)),
        (None, (False, False, False)),
        ([], (False, False, False)),
    ):
        assert tuple(compile_clause(each, EXTENDED).test(value) for each in (equal, other, any_of)) == answers


def test_the_same_text() -> None:
    test = compile_clause(Comparison(A, "==", Text("[a]*")), EXTENDED).test
    assert test("[a]*")
    assert test(["[a]*", "x"])
    for value in ("a", ["x", "[a]*"], None, 5):
        assert not test(value)
    assert compile_clause(Comparison(A, "==", Text("5")), EXTENDED).test(5)
    assert compile_clause(Comparison(A, "==", Text("YES")), EXTENDED).test(True)


class Odd(SpecialValue):
    """Seven, with a text of its own."""

    def compare(self, operator: str, literal: int | float | Glob) -> bool:
        return isinstance(literal, Glob) and literal.matches("seven")

    def number(self) -> float:
        return 7.0


def test_special_values_have_a_number_and_rules_of_their_own() -> None:
    ask = {"A": Odd()}
    for text, answer in (
        ("A = 7", True),
        ("A >= 7.5", False),
        ("A @> 7", True),
        ("A + 1 = 8", True),
        ('A = "sev*"', True),
        ('A == "seven"', False),
        ('A in [7, "x"]', True),
        ("exists(A)", True),
    ):
        assert Requirement(text, dialect="extended").matches(Card(ask)) is answer, text


class CardKind:
    name = "card"

    def lookup(self, name: str) -> Callable[[Any], Any]:
        return lambda card: card.values.get(name)

    def key(self, candidate: Any) -> object:
        return None


class Card:
    kind = CardKind()

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values


HOST = candidate(
    "<HOST><ID>5</ID><NAME>five</NAME><VMS><ID>3</ID><ID>0</ID></VMS><TEMPLATE><E/><N>1e3</N></TEMPLATE></HOST>"
)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("CURRENT_VMS = 3", True),
        ("CURRENT_VMS = 3.5", False),
        ("CURRENT_VMS != 3", False),
        ("CURRENT_VMS != 4", True),
        ("CURRENT_VMS != 1e300", True),
        ("CURRENT_VMS in [4, 0]", True),
        ("CURRENT_VMS in [4, 5]", False),
        ("CURRENT_VMS > 0", False),
        ("CURRENT_VMS <= 9", False),
        ("CURRENT_VMS @> 3", False),
        ("CURRENT_VMS + 0 = 3", False),
        ("CURRENT_VMS = ID - 2", False),
        ("default(CURRENT_VMS, 9) = 9", True),
        ("exists(CURRENT_VMS)", True),
        ('CURRENT_VMS = "3"', False),
        ('CURRENT_VMS = "*"', True),
        ('CURRENT_VMS != ""', True),
        ('"/HOST/ID + count(//VMS/ID)" = 7', True),
        ('"/HOST/ID * 0.1" in [1, "0.5"]', True),
        ('"/HOST/ID div 2" == "2.5"', True),
        ('"/HOST/ID div 0" > 1', False),
        ('exists("/HOST/ID div 0")', True),
        ('E = "" & N = 1000', True),
    ],
)
def test_hosts(text: str, answer: bool) -> None:
    assert Requirement(text, dialect="extended").matches(HOST) is answer


def test_a_number_that_an_xpath_computes_keeps_its_digits() -> None:
    assert Rank('"/HOST/ID div 3"', dialect="extended").score(HOST) == 5 / 3
    assert Rank('"/HOST/ID div 0"', dialect="extended").score(HOST) is None


# Engines.


def nested(levels: int) -> Node:
    """Return a condition of all sorts of nodes, inside each other."""
    tree: Node = Comparison(A, ">=", Number(1.0))
    for level in range(levels):
        number: Node = Chain(Negative(Attribute("B")), (("+", tree),))
        if level % 3 == 0:
            tree = Choice(Not(tree), Relation(Number(0.0), "<", Attribute("B")), Relation(number, ">", Number(-2.0)))
        elif level % 3 == 1:
            tree = Membership(Call("max", (Call("default", (Attribute("C"), number)), A)), (Number(1.0), Number(2.0)))
        else:
            tree = Chain(tree, (("&", Relation(Call("round", (Call("abs", (tree,)),)), "=", Number(1.0))),))
    return tree


def test_trees_of_any_depth_run() -> None:
    candidates = [{"A": 1, "B": 1}, {"A": 2, "B": 3}, {"A": 1, "B": 1, "C": 7}, {"B": 1}, {}]
    shallow, same = (compiled(engine, nested(12), "predicate") for engine in (closures, stack))
    assert list(map(shallow, candidates)) == list(map(same, candidates))
    assert len(set(map(shallow, candidates))) == 2
    tree: Node = Comparison(A, "=", Number(1.0))
    measure: Node = A
    for _ in range(20_000):
        tree = Not(Choice(tree, tree, Not(tree)) if isinstance(tree, Comparison) else tree)
        measure = Call("default", (Negative(measure), Number(0.0)))
    assert RequirementProgram(tree, PLAIN, EXTENDED).matches({"A": 1}) is True
    assert RankProgram(measure, PLAIN, EXTENDED).score({"A": 1.5}) == 1.5
    assert RankProgram(measure, PLAIN, EXTENDED).score({}) == 0.0


def test_functions_are_generated_for_what_both_dialects_have() -> None:
    for text, fits in (
        ('A = 5 & !(B >= 2 | C = "")', True),
        ("A in [1, 2]", False),
        ("A = B", False),
        ("exists(A)", False),
    ):
        assert generated.fits(Requirement(text, dialect="extended").tree) is fits
    text = 'A >= 2.5 & !(B = "" | C == "x")'
    pool: list[dict[str, Any]] = [
        {"A": number / 2, "B": "" if number % 3 else "y", "C": ["x"] if number % 2 else None} for number in range(9)
    ]
    expected = [each for each in pool if each["A"] >= 2.5 and each["B"] == "y" and each["C"] is None]
    assert Requirement(text, dialect="extended").filter(pool * 500) == expected * 500
    assert expected
