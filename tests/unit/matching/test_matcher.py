"""Filtering and sorting a pool."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from matchmaker import CandidateError, ExpressionError, Pool, Rank, RankError, Requirement, match, match_many
from matchmaker.matching.choosing import Engine

HOSTS: list[dict[str, Any]] = [
    {"NAME": "node1", "HYPERVISOR": "kvm", "FREE_CPU": 400},
    {"NAME": "node2", "HYPERVISOR": "kvm", "FREE_CPU": 40},
    {"NAME": "node3", "HYPERVISOR": "lxc", "FREE_CPU": 800},
    {"NAME": "node4", "HYPERVISOR": "kvm", "FREE_CPU": 400},
    {"NAME": "node5", "HYPERVISOR": "kvm"},
]
POOL = Pool(HOSTS, key="NAME")
ENGINES: tuple[Engine, ...] = get_args(Engine)


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
    hosts = [*HOSTS, {"NAME": "node6", "BAD": object()}, {"NAME": "node7", "BAD": object()}]
    with pytest.raises(CandidateError, match="candidate 'node6', attribute `BAD`") as caught:
        match(Pool(hosts, key="NAME"), **expressions)
    assert (caught.value.key, caught.value.attribute) == ("node6", "BAD")


def test_what_does_not_pass_is_not_scored() -> None:
    hosts = [{"A": 1, "B": 5}, {"A": 2, "B": object()}]
    assert [found.score for found in match(hosts, "A = 1", "B")] == [5]


def keys(ranking: Any) -> list[Any]:
    return [found.key for found in ranking]


@pytest.mark.parametrize("engine", [None, *ENGINES])
def test_engines_give_the_same_answers(engine: Engine | None) -> None:
    ranking = match(POOL, 'HYPERVISOR = "kvm" & FREE_CPU > 50', "FREE_CPU", engine=engine)
    assert [(found.key, found.score) for found in ranking] == [("node4", 400), ("node1", 400)]
    assert (ranking.considered, ranking.rejected) == (5, 3)
    assert [type(found.score) for found in ranking] == [int, int]
    assert keys(match(POOL, None, "FREE_CPU", limit=2, engine=engine)) == ["node3", "node4"]
    assert keys(match(POOL, "FREE_CPU > 50", engine=engine)) == ["node1", "node3", "node4"]
    assert keys(match(HOSTS, None, "FREE_CPU", engine=engine)) == [2, 3, 0, 1, 4]
    assert len(match([], "A = 1", "A", engine=engine)) == 0


@pytest.mark.parametrize("engine", ["Closures", "", "fast", 5])
def test_engines_that_do_not_exist(engine: Any) -> None:
    message = f"an engine is closures or columnar, not {engine!r}"
    with pytest.raises(ValueError, match=message):
        match(POOL, engine=engine)
    with pytest.raises(ValueError, match=message):
        next(match_many(POOL, [], engine=engine))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pool_that_changed(engine: Engine) -> None:
    pool = Pool(HOSTS, key="NAME")
    wish = ('HYPERVISOR = "kvm" & FREE_CPU > 50', "FREE_CPU")
    assert keys(match(pool, *wish, engine=engine)) == ["node4", "node1"]
    pool.update("node2", {"FREE_CPU": 500})
    assert keys(match(pool, *wish, engine=engine)) == ["node2", "node4", "node1"]
    pool.update("node4", {"FREE_CPU": None})
    assert keys(match(pool, *wish, engine=engine)) == ["node2", "node1"]
    pool.remove("node2")
    pool.add("node6", {"HYPERVISOR": "kvm", "FREE_CPU": "400"})
    ranking = match(pool, *wish, engine=engine)
    assert keys(ranking) == ["node6", "node1"]
    assert (ranking.considered, ranking.rejected, ranking.version) == (5, 3, 4)
    pool.update("node1", {"FREE_CPU": object()})
    with pytest.raises(CandidateError, match="candidate 'node1', attribute `FREE_CPU`"):
        match(pool, *wish, engine=engine)
    pool.update("node1", {"FREE_CPU": [10**5000, 3]})
    assert keys(match(pool, *wish, engine=engine)) == ["node6"]
    with pytest.raises(CandidateError, match="candidate 'node1', attribute `FREE_CPU`: a whole number of so many"):
        match(pool, 'FREE_CPU = "4*"', engine=engine)
    pool.remove("node1")
    assert keys(match(pool, *wish, engine=engine)) == ["node6"]


@pytest.mark.parametrize("engine", ENGINES)
def test_many_requests(engine: Engine) -> None:
    wishes = [
        ("FREE_CPU > 50", "FREE_CPU"),
        (None, None),
        (Requirement("FREE_CPU > 50"), Rank("- FREE_CPU")),
        ("FREE_CPU > 50", "FREE_CPU"),
        ('NAME = "nobody"', None),
        ("", ""),
    ]
    rankings = list(match_many(POOL, iter(wishes), engine=engine))
    for limit in (None, 0, 2):
        rankings = list(match_many(POOL, wishes, limit=limit, engine=engine))
        singly = [match(POOL, *wish, limit=limit) for wish in wishes]
        assert [list(ranking) for ranking in rankings] == [list(ranking) for ranking in singly]
        assert [ranking.rejected for ranking in rankings] == [2, 0, 2, 2, 5, 0]
        assert {ranking.considered for ranking in rankings} == {5}
    assert list(match_many(POOL, [], engine=engine)) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_many_requests_see_one_version(engine: Engine) -> None:
    pool = Pool(HOSTS, key="NAME")
    rankings = match_many(pool, [("FREE_CPU > 50", "FREE_CPU")] * 3, engine=engine)
    assert keys(next(rankings)) == ["node3", "node4", "node1"]
    pool.apply([("remove", "node3"), ("update", "node2", {"FREE_CPU": 999}), ("add", "node9", {"FREE_CPU": 999})])
    for ranking in rankings:
        assert keys(ranking) == ["node3", "node4", "node1"]
        assert ranking.version == 0
    (ranking,) = match_many(pool, [("FREE_CPU > 50", "FREE_CPU")], engine=engine)
    assert (keys(ranking), ranking.version) == (["node9", "node2", "node4", "node1"], 1)


def test_a_bad_text_among_many_requests_raises_before_all_answers() -> None:
    good = ("FREE_CPU > 50", "FREE_CPU")
    others: list[Any] = [("A >= 5", None), (None, "A -1"), (5, None), ([], None), (None, {}), (Rank("A"), None)]
    for bad in others:
        with pytest.raises(ExpressionError):
            next(match_many(POOL, [good, bad]))
    with pytest.raises(ValueError, match="at least 0, not -1"):
        next(match_many(POOL, [good], limit=-1))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bad_candidate_among_many_requests_raises_in_its_turn(engine: Engine) -> None:
    pool = Pool([*HOSTS, {"NAME": "node6", "BAD": object()}], key="NAME")
    rankings = match_many(pool, [("FREE_CPU > 50", None), (None, "BAD"), (None, None)], engine=engine)
    assert len(next(rankings)) == 3
    with pytest.raises(CandidateError, match="candidate 'node6', attribute `BAD`"):
        next(rankings)
