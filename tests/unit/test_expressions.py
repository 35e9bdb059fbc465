"""Requirements and ranks as objects; what they promise for all texts is in tests/property/test_contracts.py."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from matchmaker import CandidateError, DialectError, ExpressionError, Limits, Rank, RankError, Requirement
from matchmaker.language.nodes import Chain, Not
from matchmaker.language.printer import print_tree

NODE = {"HYPERVISOR": "kvm", "FREE_CPU": 400, "RACK": ["r1", "r2"]}


def test_the_first_screen() -> None:
    requirement = Requirement('HYPERVISOR = "kvm" & FREE_CPU > 50')
    assert requirement.matches(NODE) is True
    assert requirement.matches(NODE | {"FREE_CPU": 50}) is False
    assert Rank("FREE_CPU").score(NODE) == 400


def test_text_and_repr() -> None:
    text = " A=5 &( B=\t6 ) "
    requirement = Requirement(text)
    assert str(requirement) == text
    assert repr(requirement) == f"Requirement({text!r})"
    assert repr(Rank("A")) == "Rank('A')"


def test_attributes_come_without_quotes() -> None:
    assert Requirement('A = B & "C D" @> 5 | !("A" > 1.5)').attributes == {"A", "C D"}
    assert Rank('A + "B/C" * - A').attributes == {"A", "B/C"}
    assert Rank("5").attributes == frozenset()


def test_diagnostics_of_what_is_accepted_all_the_same() -> None:
    assert Requirement("A = 5").diagnostics == ()
    requirement = Requirement("A = 'kvm'")
    assert requirement == Requirement("A = kvm")
    assert [(each.code, *each.span) for each in requirement.diagnostics] == [("MM201", 4, 5), ("MM201", 8, 9)]


def test_the_same_text_gives_the_same_object() -> None:
    assert Requirement("A = 1 & B = 77") is Requirement("A = 1 & B = 77")
    assert Requirement("A = 1") is not Requirement("A = 1", limits=Limits(length=100))


def test_origin_is_the_name_in_messages() -> None:
    with pytest.raises(ExpressionError, match=" --> SCHED_REQUIREMENTS:1:3"):
        Requirement("A >= 5", origin="SCHED_REQUIREMENTS")
    with pytest.raises(RankError, match=" --> rank:1:3"):
        Rank("A >= 5")


@pytest.mark.parametrize("dialect", ["condor", "", None, 5, ["opennebula"]])
def test_an_unknown_dialect(dialect: Any) -> None:
    for expression in (Requirement, Rank):
        with pytest.raises(DialectError, match="opennebula"):
            expression("A", dialect=dialect)


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        ("FREE_CPU -1", "FREE_CPU "),
        ("A+A)", "A+A"),
        ("+5", ""),
        ("*A", ""),
        ("A+", None),
        ("(A", None),
        ("A+A*", None),
        ("A = 5", "A "),
        ("(A) (B)", "(A) "),
        ('A + "" 5', None),
    ],
)
def test_a_refused_rank_carries_the_partial_one(text: str, partial: str | None) -> None:
    with pytest.raises(RankError) as caught:
        Rank(text)
    found = caught.value.partial
    assert found is None if partial is None else (str(found), type(found)) == (partial, Rank)


def test_a_rank_divides_by_minus_zero_as_the_hardware_does() -> None:
    assert Rank("5 / (1 / 0.0 + 1 / 0.0)").score({}) == 0
    assert Rank("5 / (1 / 0.0 + 1 / -0.0)").score({}) == Rank("5 / (1 / 0.0 + 1 / Z)").score({"Z": "-0.0"}) == -(2**31)


def test_filter_keeps_the_order_and_the_objects() -> None:
    pool = [{"A": number % 3, "N": number} for number in range(10)]
    kept = Requirement("A = 1").filter(pool)
    assert [each["N"] for each in kept] == [1, 4, 7]
    assert all(each is pool[each["N"]] for each in kept)
    assert Requirement("A = 1").filter(iter(pool)) == kept
    mixed = [MappingProxyType(pool[1]), pool[2], pool[4]]
    assert Requirement("A = 1").filter(mixed) == [mixed[0], mixed[2]]
    assert Requirement("A = 1").filter([]) == []


def test_what_is_read_must_be_supported_and_nothing_else() -> None:
    candidate = {"A": 1, "B": object()}
    assert Requirement("A = 1 | B = 1").matches(candidate)
    with pytest.raises(CandidateError) as caught:
        Requirement("A = 1 & B = 1").matches(candidate)
    assert caught.value.attribute == "B"
    with pytest.raises(CandidateError, match=r"`B`.*type `object`"):
        Rank("B").score(candidate)


def test_joining_makes_flat_chains() -> None:
    one, two, three = Requirement("A = 1"), Requirement("B = 2 | C = 3"), Requirement("!(D = 4)")
    assert str(one & two & three) == "A = 1 & (B = 2 | C = 3) & !(D = 4)"
    assert str(two | one) == "B = 2 | C = 3 | A = 1"
    assert str(two & one) == "(B = 2 | C = 3) & A = 1"
    assert isinstance((one & two).tree, Chain)
    assert (~one).tree == Not(one.tree)
    assert ~~one == one
    assert ~three == Requirement("D = 4")


def test_a_blank_requirement_is_true_wherever_it_is_joined() -> None:
    blank, one = Requirement(" "), Requirement("A = 1")
    for joined in (blank & one, one & blank):
        assert joined == one
    for joined in (blank | one, one | blank, blank & blank, blank | blank, ~~blank):
        assert joined.matches({})
    assert not (~blank).matches({})
    assert not (~blank & one).matches({"A": 1})
    assert not (~blank).matches({"ID": ""})


def test_dialects_do_not_join() -> None:
    foreign = Requirement("B = 1", dialect="extended")
    assert foreign != Requirement("B = 1")
    for join in (lambda: Requirement("A = 1") & foreign, lambda: foreign | Requirement("A = 1")):
        with pytest.raises(ExpressionError) as caught:
            join()
        assert [each.code for each in caught.value.diagnostics] == ["MM115"]
    assert (foreign & foreign).dialect == "extended"


def test_joined_requirements_keep_the_limits_of_the_first() -> None:
    small = Requirement("A = 1", limits=Limits(length=10))
    with pytest.raises(ExpressionError) as caught:
        small & Requirement("BBBBB = 1")
    assert [each.code for each in caught.value.diagnostics] == ["MM113"]
    assert print_tree((Requirement("BBBBB = 1") & small).tree) == "BBBBB = 1 & A = 1"
