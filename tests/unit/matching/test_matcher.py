"""Filtering and sorting a pool."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import CandidateError, ExpressionError, Match, Pool, Rank, RankError, Requirement, match

HOSTS = [
    {"NAME": "node1", "HYPERVISOR": "kvm", "FREE_CPU": 400},
    {"NAME": "node2", "HYPERVISOR": "kvm", "FREE_CPU": 40},
    {"NAME": "node3", "HYPERVISOR": "lxc", "FREE_CPU": 800},
    {"NAME": "node4", "HYPERVISOR": "kvm", "FREE_CPU": 400},
    {"NAME": "node5", "HYPERVISOR": "kvm"},
]
POOL = Pool(HOSTS, key="NAME")


def test_the_first_screen() -> None:
    ranking = match(POOL, 'HYPERVISOR = "kvm" & FREE_CPU > 50', "FREE_CPU")
    assert [(found.key, found.score) for found in ranking] == [("node4", 400), ("node1", 400)]
    assert (ranking.considered, ranking.rejected) == (5, 3)
    assert repr(ranking) == "<Ranking of 2 matches; 5 considered, 3 rejected>"


def test_expressions_or_their_texts() -> None:
    for requirement in (Requirement("FREE_CPU > 50"), "FREE_CPU > 50"):
        for rank in (Rank("- FREE_CPU"), "- FREE_CPU"):
            assert [found.key for found in match(POOL, requirement, rank)] == ["node4", "node1", "node3"]


def test_without_a_rank_the_pools_order_is_kept() -> None:
    ranking = match(POOL, "FREE_CPU > 50")
    assert [(found.key, found.score) for found in ranking] == [("node1", 0), ("node3", 0), ("node4", 0)]
    assert [found.key for found in match(POOL)] == ["node1", "node2", "node3", "node4", "node5"]


def test_an_empty_rank_makes_all_equal() -> None:
    assert [found.key for found in match(POOL, "", "")] == ["node5", "node4", "node3", "node2", "node1"]


def test_without_a_requirement_all_pass() -> None:
    ranking = match(POOL, None, "FREE_CPU")
    assert [found.key for found in ranking] == ["node3", "node4", "node1", "node2", "node5"]
    assert ranking.rejected == 0


def test_an_iterable_has_positions_for_keys() -> None:
    assert [found.key for found in match(iter(HOSTS), None, "FREE_CPU")] == [2, 3, 0, 1, 4]
    assert len(match([], "A = 1", "A")) == 0


@pytest.mark.parametrize(("limit", "keys"), [(0, []), (1, ["node3"]), (3, ["node3", "node4", "node1"]), (99, None)])
def test_a_limit(limit: int, keys: list[str] | None) -> None:
    whole = [found.key for found in match(POOL, None, "FREE_CPU")]
    ranking = match(POOL, None, "FREE_CPU", limit=limit)
    assert [found.key for found in ranking] == (whole if keys is None else keys)
    assert (ranking.considered, ranking.rejected) == (5, 0)


@pytest.mark.parametrize("rank", [None, "FREE_CPU"])
def test_a_negative_limit(rank: str | None) -> None:
    with pytest.raises(ValueError, match="at least 0, not -1"):
        match(POOL, None, rank, limit=-1)


def test_a_ranking_is_a_sequence_that_can_be_read_again() -> None:
    ranking = match(POOL, None, "FREE_CPU")
    assert list(ranking) == list(ranking)
    assert ranking[0] == Match("node3", 800, HOSTS[2])
    assert ranking[-1].key == "node5"
    assert [found.key for found in ranking[1:3]] == ["node4", "node1"]
    assert Match("node3", 800, HOSTS[2]) in ranking
    assert ranking.index(ranking[2]) == 2
    assert ranking[0].candidate is HOSTS[2]
    with pytest.raises(IndexError):
        ranking[5]


def test_bad_texts() -> None:
    with pytest.raises(ExpressionError):
        match(POOL, "A >= 1")
    with pytest.raises(RankError):
        match(POOL, None, "A -1")
    stranger: Any
    for stranger in (5, b"A = 1", Rank("A")):
        with pytest.raises(ExpressionError, match=f"`{type(stranger).__name__}`"):
            match(POOL, stranger)
    with pytest.raises(RankError, match="`Requirement`"):
        match(POOL, None, Requirement("A = 1"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "expressions", [{"requirement": "BAD = 1"}, {"rank": "BAD"}, {"requirement": "FREE_CPU = 1 | BAD = 1"}]
)
def test_a_candidate_error_names_key_and_attribute(expressions: dict[str, Any]) -> None:
    hosts: list[dict[str, Any]] = [*HOSTS, {"NAME": "node6", "BAD": object()}, {"NAME": "node7", "BAD": object()}]
    with pytest.raises(CandidateError, match="candidate 'node6', attribute `BAD`") as caught:
        match(Pool(hosts, key="NAME"), **expressions)
    assert (caught.value.key, caught.value.attribute) == ("node6", "BAD")


def test_what_does_not_pass_is_not_scored() -> None:
    hosts = [{"A": 1, "B": 5}, {"A": 2, "B": object()}]
    assert [found.score for found in match(hosts, "A = 1", "B")] == [5]
