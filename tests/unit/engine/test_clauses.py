"""One comparison: the literal's type decides how a value is read."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import Requirement
from matchmaker.attributes.globs import Glob
from matchmaker.attributes.values import SpecialValue
from matchmaker.engine.clauses import Clause, compile_clause
from matchmaker.language.nodes import Comparison


def clause(text: str) -> Clause:
    tree = Requirement(text).tree
    assert isinstance(tree, Comparison)
    return compile_clause(tree)


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("A = 5", [5, "5", " 5x", 5.9, [5, 6], ["x", "5"]], [6, "6", "x", None, [], True, [6, 5], 2**32 + 5, ""]),
        (
            "A != 5",
            [6, "6", 6.5, -1, ["x", 6, 5]],
            [5, "5", None, [], "x", True, 2**31, "2147483648", [5, 6], float("nan")],
        ),
        ("A > 5", [6, "6", 2147483647, 6.1, [9, 1]], [5, 5.9, "5", -9, 2147483648, "2147483648", None, "x", [1, 9]]),
        ("A < 5", [4, "4", -2147483648, 4.9, "3.7GB"], [5, "5", 9, -2147483649, "-2147483649", None, "x"]),
        ("A @> 5", [5, "5", [6, 5], [None, "x", "5"]], [6, "6", [6, 7], [], None, "4,5"]),
        ("A = 2.5", [2.5, "2.5", "2.5e0", ["x", 2.5]], [2, "2", 2.4, None, "5e", []]),
        ("A = 5.0", [5, "5", 5.0, "5."], [6, "5e+", None]),
        ("A = 0.1", [0.1, "0.1", "0.10000000149"], [0.1001, "0.11"]),
        ("A = 16777217.0", [16777216, 16777217, "16777217"], [16777218]),
        ("A != 2.5", [2, "2", [3, 2.5]], [2.5, "x", None, "1e40", [2.5, 3]]),
        ("A > 2.5", [3, "3e9", 3e9, 10**30], [2, "inf", 10**400, float("inf")]),
        ("A @> 2.5", [[1, 2.5], 2.5], [[1, 2]]),
        ('A = "5"', [5, "5", ["5", "x"]], [5.0, "05", " 5", ["x", "5"], None]),
        ('A = "k*"', ["kvm", "k"], ["Kvm", "xkvm", ""]),
        ('A != "k*"', ["xen", "", 5, ["xen", "kvm"]], ["kvm", None, [], ["kvm", "xen"]]),
        ('A @> "k*"', ["kvm", ["xen", "kvm"]], ["xen", [], None, "xen,kvm"]),
        ('A = "*"', ["", "x", 0, True, float("nan")], [None, []]),
        ('A = ""', [], ["", "x", None]),
        ('A != ""', [], ["", "x", None]),
        ('A @> ""', [], ["", "x", None]),
        ("A = YES", [True, "YES", [True, False]], [False, "NO", 1]),
        ("A = 1", [1], [True]),
    ],
)
def test_tests(text: str, true: list[Any], false: list[Any]) -> None:
    compiled = clause(text)
    for _ in range(2):
        assert [value for value in true if compiled.test(value) is not True] == []
        assert [value for value in false if compiled.test(value) is not False] == []


@pytest.mark.parametrize("text", ["A > 2147483647", "A < -2147483648"])
def test_comparisons_that_no_number_passes(text: str) -> None:
    for value in (2147483647, -2147483648, 2**31, -(2**31) - 1, 2**70, -(2**70), "2147483648", 3e9, 0):
        assert clause(text).test(value) is False


def test_verdicts_on_texts_are_known_afterwards() -> None:
    compiled = clause('A != "k*"')
    assert compiled.known == {}
    compiled.test("kvm")
    compiled.test("xen")
    compiled.test(5)
    compiled.test(["lxc"])
    assert compiled.known == {"kvm": False, "xen": True}
    assert clause("A = 5").known is None
    assert clause('A = ""').known is None


class Odd(SpecialValue):
    def compare(self, operator: str, literal: int | float | Glob) -> bool:
        return operator == "!=" and isinstance(literal, int)

    def number(self) -> float:
        return 7.0


def test_a_special_value_has_rules_of_its_own() -> None:
    assert clause("A != 5").test(Odd())
    assert not clause("A = 5").test(Odd())
    assert not clause('A != "x"').test(Odd())
    assert not clause("A != 5.0").test(Odd())
