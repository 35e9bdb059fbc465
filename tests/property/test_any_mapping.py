"""Any mapping, with any values, gives an answer or a `MatchmakerError`; and the same one from all engines."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import CandidateError, MatchmakerError, Pool, Rank, Requirement, match
from matchmaker.matching.choosing import Engine
from matchmaker.testing import assert_matches, ranks, requirements
from tests.property.engines import one_answer, promoted, scores, verdicts
from tests.property.hostile import Crowd, Generous, Mask, Odd, Off, Shout, Trap, knot, mappings, odd_values, ring

NAMES = ("A", "CPU", "SHARE/FREE", "A/A/A")
ENGINES: tuple[Engine, ...] = get_args(Engine)
HOSTILE_VALUES = {
    "trap": Trap(),
    "knot": knot(),
    "ring": ring(),
    "crowd": Crowd([1, 2]),
    "masked text": Mask(str),
    "masked list": Mask(list),
    "huge": 10**5000,
    "huge in a list": [10**5000],
}


@given(requirements(names=NAMES, max_depth=2), mappings(NAMES))
@example(Requirement('"SHARE/FREE/SHARE/A" = 5'), ring())
def test_requirements_answer_or_refuse(requirement: Requirement, candidate: Any) -> None:
    try:
        assert requirement.matches(candidate) in (True, False)
        assert requirement.filter([candidate]) == ([candidate] if requirement.matches(candidate) else [])
        assert_matches(requirement, candidate)
    except (MatchmakerError, AssertionError) as error:
        assert str(error)


@given(ranks(names=NAMES, max_depth=2), mappings(NAMES))
def test_ranks_answer_or_refuse(rank: Rank, candidate: Any) -> None:
    try:
        assert -(2**31) <= rank.score(candidate) < 2**31
    except MatchmakerError as error:
        assert str(error)


@given(requirements(names=NAMES, max_depth=2), ranks(names=NAMES, max_depth=2), st.lists(mappings(NAMES), max_size=3))
def test_matching_answers_or_refuses(requirement: Requirement, rank: Rank, pool: list[Any]) -> None:
    for key, engine in itertools.product((None, "A"), ENGINES):
        try:
            ranking = match(Pool(pool, key=key), requirement, rank, engine=engine)
            assert len(ranking) + ranking.rejected == ranking.considered == len(pool)
        except MatchmakerError as error:
            assert str(error)


@given(
    requirements(names=("A", "CPU"), max_depth=2),
    st.lists(st.fixed_dictionaries({"A": odd_values, "CPU": odd_values}), max_size=3),
)
@example(Requirement('A = "kvm"'), [{"A": "kvm"}, {"A": Shout("xen")}])
@example(Requirement("A = 5"), [{"A": 5}, {"A": Odd(6)}, {"A": Off(6.5)}])
def test_engines_agree_on_odd_values(requirement: Requirement, pool: list[Any]) -> None:
    one_answer(verdicts(requirement.tree, pool))


@given(
    ranks(names=("A", "CPU"), max_depth=2),
    st.lists(st.fixed_dictionaries({"A": odd_values, "CPU": odd_values}), max_size=3),
)
def test_engines_agree_on_the_scores_of_odd_values(rank: Rank, pool: list[Any]) -> None:
    one_answer(scores(rank.tree, pool))


@pytest.mark.parametrize("name", HOSTILE_VALUES)
@pytest.mark.parametrize("text", ["A = 5", "A > 0.5", 'A = "k*"', "A @> 5", '"A/B" = 5', 'A = ""'])
def test_hostile_values_are_refused_or_read_by_each_engine(name: str, text: str) -> None:
    candidate = {"A": HOSTILE_VALUES[name]}
    for requirement in (Requirement(text), Requirement(f"{text} & B = 5"), Requirement(f"B = 5 | {text}")):
        with promoted():
            for _ in range(2):
                try:
                    assert requirement.matches(candidate) in (True, False)
                    assert len(requirement.filter([candidate])) in (0, 1)
                except MatchmakerError as error:
                    assert str(error)


@pytest.mark.parametrize("text", ["A = 5", "A > 0.5", "A @> 6"])
def test_what_a_subclass_holds_is_what_counts(text: str) -> None:
    requirement = Requirement(text)
    for plain, odd in (
        (5, Odd(5)),
        ("5", Shout("5")),
        (5.0, Off(5.0)),
        ([5, 6], Crowd([5, 6])),
        ([5], Crowd([Odd(5)])),
    ):
        assert requirement.matches({"A": odd}) == requirement.matches({"A": plain})
        assert Rank("A").score({"A": odd}) == 5


def test_a_dict_of_another_class_is_a_mapping() -> None:
    assert Requirement('A = "made for A"').matches(Generous())
    assert not Requirement('A = "x"').matches(Generous())


def test_mappings_inside_each_other_without_end_are_refused_before_they_use_up_memory() -> None:
    steps = "/".join(["SHARE", "FREE"] * 20)
    with pytest.raises(CandidateError):
        Requirement(f'"{steps}" = 5').matches(ring())
    with pytest.raises(CandidateError):
        Rank(f'"{steps}"').score(ring())


@pytest.mark.parametrize(
    "candidate", [None, 5, "A", [("A", 5)], object(), Trap(), dict, Mask(dict)], ids=lambda value: type(value).__name__
)
def test_what_is_no_mapping_is_no_candidate(candidate: Any) -> None:
    with pytest.raises(CandidateError):
        Requirement("A = 5").matches(candidate)
    with pytest.raises(CandidateError):
        Rank("A").score(candidate)
    with pytest.raises(CandidateError):
        match([candidate], "A = 5")
