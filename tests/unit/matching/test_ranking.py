"""Rankings: sequences of matches that are put in order when they are looked at."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from typing import get_args

import pytest

from matchmaker import Match, Pool, Rank, Ranking, Requirement, match, match_many
from matchmaker.attributes.lookup import PLAIN
from matchmaker.matching.choosing import Engine
from matchmaker.matching.ranking import Found, Listed
from matchmaker.matching.rows import Rows
from matchmaker.matching.snapshots import ChangeLog, Snapshot

ENGINES: tuple[Engine, ...] = get_args(Engine)
HOSTS = [
    {"NAME": "node1", "HYPERVISOR": "kvm", "FREE_CPU": 400},
    {"NAME": "node2", "HYPERVISOR": "kvm", "FREE_CPU": 40},
    {"NAME": "node3", "HYPERVISOR": "lxc", "FREE_CPU": 800},
    {"NAME": "node4", "HYPERVISOR": "kvm", "FREE_CPU": 400},
    {"NAME": "node5", "HYPERVISOR": "kvm"},
]
POOL = Pool(HOSTS, key="NAME")


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


@pytest.mark.parametrize("engine", ENGINES)
def test_slices(engine: Engine) -> None:
    ranking = match(POOL, None, "FREE_CPU", engine=engine)
    listed = list(ranking)
    for part in (
        slice(None),
        slice(2),
        slice(-2, None),
        slice(None, None, -1),
        slice(4, 1, -2),
        slice(9, 12),
        slice(0),
    ):
        assert ranking[part] == listed[part]
        assert match(POOL, None, "FREE_CPU", engine=engine)[part] == listed[part]
    with pytest.raises(IndexError, match="ranking index out of range"):
        ranking[-6]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_ranking_keeps_its_version(engine: Engine) -> None:
    pool = Pool(HOSTS, key="NAME")
    looked_at, not_yet = (match(pool, "FREE_CPU > 50", "FREE_CPU", engine=engine) for _ in range(2))
    expected = [("node3", 800, HOSTS[2]), ("node4", 400, HOSTS[3]), ("node1", 400, HOSTS[0])]
    assert list(looked_at) == expected
    pool.update("node3", {"FREE_CPU": 1})
    pool.apply([("remove", "node4"), ("add", "node4", {"FREE_CPU": 5_000})])
    for ranking in (looked_at, not_yet):
        assert list(ranking) == expected
        assert (ranking.version, ranking.considered, ranking.rejected) == (0, 5, 2)
    later = match(pool, "FREE_CPU > 50", "FREE_CPU", engine=engine)
    assert [(found.key, found.score) for found in later] == [("node4", 5_000), ("node1", 400)]
    assert later.version == 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rank", [None, "A / 2"])
@pytest.mark.parametrize("limit", [None, 0, 1, 1_700])
def test_a_ranking_outlives_what_it_was_made_of(engine: Engine, rank: str | None, limit: int | None) -> None:
    """All its candidates are removed one after the other, gaps close up, and others get their keys."""
    pool = Pool([{"A": number} for number in range(2_000)])
    ranking, other = (match(pool, "A > 99", rank, limit=limit, engine=engine) for _ in range(2))
    expected = list(other)
    first = list(ranking[:3])
    for start in range(0, 2_000, 50):
        keys = range(start, start + 50)
        pool.apply([("remove", key) for key in keys] + [("add", key, {"A": -1}) for key in reversed(keys)])
    assert len(pool) == 2_000
    assert list(ranking) == expected
    assert first == expected[:3]
    assert all(found.candidate == {"A": found.key} for found in ranking)
    assert len(match(pool, "A > 99", rank, limit=limit, engine=engine)) == 0


class Counting:
    """A selection that says how often it was asked, and for how much."""

    unscored = 0

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[int] = []

    def first(self, count: int) -> Found:
        self.asked.append(count)
        return Found(range(count), range(count))


def ranking_of(selection: Counting, limit: int | None = None) -> Ranking:
    candidates = [{"A": number} for number in range(selection.count)]
    keys: Sequence[object] = range(selection.count)
    rows = Rows(candidates)
    return Ranking(
        Snapshot(rows, keys, PLAIN, count=selection.count, version=3, log=ChangeLog()),
        selection,
        limit,
    )


def test_no_more_is_put_in_order_than_is_looked_at() -> None:
    selection = Counting(100_000)
    ranking = ranking_of(selection)
    assert (len(ranking), ranking.version, bool(ranking)) == (100_000, 3, True)
    assert selection.asked == []
    assert ranking[0] == Match(0, 0, {"A": 0})
    assert ranking[15] == Match(15, 15, {"A": 15})
    assert selection.asked == [16]
    assert ranking[16].key == 16
    assert selection.asked == [16, 68]
    assert ranking[99_999].key == 99_999
    assert ranking[-1].score == 99_999
    assert selection.asked == [16, 68, 100_000]
    assert list(ranking)[50].key == 50
    assert len(selection.asked) == 3


def test_the_whole_of_a_ranking_is_put_in_order_in_few_steps() -> None:
    selection = Counting(10_000)
    assert [found.key for found in ranking_of(selection)] == list(range(10_000))
    assert len(selection.asked) < 10


def test_a_limit_is_put_in_order_at_once() -> None:
    selection = Counting(1_000)
    ranking = ranking_of(selection, 10)
    assert selection.asked == [10]
    assert [found.key for found in ranking] == list(range(10))
    assert (len(ranking), ranking.considered, ranking.rejected) == (10, 1_000, 0)
    assert selection.asked == [10]
    assert len(ranking_of(Counting(5), 10)) == 5


def test_a_listed_selection_gives_all_it_has() -> None:
    found = Found([3, 1], [9, 8])
    listed = Listed(found, 2)
    assert (listed.count, listed.first(1), listed.first(2)) == (2, found, found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("limit", [None, 2])
def test_rankings_pickle(engine: Engine, limit: int | None) -> None:
    pool = Pool(HOSTS, key="NAME")
    pool.remove("node5")
    ranking = match(pool, None, "FREE_CPU", limit=limit, engine=engine)
    for copied in (pickle.loads(pickle.dumps(ranking)), copy.deepcopy(ranking), copy.copy(ranking)):
        assert list(copied) == list(ranking)
        assert (copied.considered, copied.rejected, copied.version) == (4, 0, 1)


# Scores of the extended dialect.

FLOATS = [{"A": "2.5"}, {"A": "x"}, {"A": -1}, {}, {"A": 2.5}, {"A": "1e400"}, {"A": 0}]
ORDERED = [(4, 2.5), (0, 2.5), (6, 0.0), (2, -1.0), (5, None), (3, None), (1, None)]


def pairs(ranking: Sequence[Match]) -> list[tuple[object, object]]:
    return [(found.key, found.score) for found in ranking]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_has_no_score_comes_last(engine: Engine) -> None:
    pool, rank = Pool(FLOATS), Rank("A", dialect="extended")
    for limit in (None, *range(9)):
        ranking = match(pool, None, rank, limit=limit, engine=engine)
        assert pairs(ranking) == ORDERED[:limit]
        assert {type(found.score) for found in ranking} <= {float, type(None)}
        assert (len(ranking), ranking.considered, ranking.unscored) == (len(ORDERED[:limit]), 7, 3)
        again = pickle.loads(pickle.dumps(ranking))
        assert (pairs(again), again.unscored) == (pairs(ranking), 3)
    assert pairs(ranking[2:4]) == ORDERED[2:4]
    assert ranking[-1] == Match(1, None, {"A": "x"})
    assert match(pool, "A = 0", rank, engine=engine).unscored == 0
    assert match(pool, Requirement("!(A = 2.5)", dialect="extended"), "A", engine=engine).unscored == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_requirement_and_rank_may_be_of_different_dialects(engine: Engine) -> None:
    extended = Requirement("A / 2 < 1", dialect="extended"), Rank("A / 2", dialect="extended")
    upstream = Requirement("A > -5"), Rank("A * 10")
    pool = Pool(FLOATS)
    wishes = [(wanted, order) for wanted in (extended[0], upstream[0]) for order in (extended[1], upstream[1], None)]
    found = [pairs(ranking) for ranking in match_many(pool, wishes, engine=engine)]
    assert found == [
        [(6, 0.0), (2, -0.5)],
        [(6, 0), (2, -10)],
        [(2, 0), (6, 0)],
        [(4, 1.25), (0, 1.25), (6, 0.0), (2, -0.5), (5, None)],
        [(4, 25), (0, 25), (6, 0), (5, 0), (2, -10)],
        [(0, 0), (2, 0), (4, 0), (5, 0), (6, 0)],
    ]
    assert [pairs(match(pool, *wish, engine=engine)) for wish in wishes] == found


@pytest.mark.parametrize("engine", ENGINES)
def test_bindings_of_one_text_are_kept_apart(engine: Engine) -> None:
    wanted, rank = (each("A - REQUEST.X > 0", dialect="extended") for each in (Requirement, Rank))
    pool = Pool([{"A": number} for number in range(300)])
    for _ in range(3):
        for bound, count in (({"X": 10}, 289), ({"X": "298x"}, 1), ({}, 0), ({"X": True}, 0), ({"X": 1.0}, 298)):
            ranking = match(pool, wanted.bind(bound), rank.bind(bound), engine=engine)
            assert len(ranking) == count
            assert all(found.score == 1.0 for found in ranking)
            everybody = match(pool, None, rank.bind(bound), engine=engine)
            assert sum(found.score == 1.0 for found in everybody) == count
