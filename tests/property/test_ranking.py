"""The order of rankings: best first, among equals the one later in the pool first."""

from __future__ import annotations

import random
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker import Pool, Rank, Requirement, match
from matchmaker.matching.choosing import Engine
from matchmaker.testing import assert_ranking, candidates, ranks, requirements
from tests.property.engines import promoted

NAMES = ("A", "B")
ENGINES: tuple[Engine, ...] = get_args(Engine)
few_values = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, st.integers(0, 3)))
pools = st.lists(few_values | candidates(names=NAMES), max_size=12).map(
    lambda drawn: [{**candidate, "NAME": f"node{number}"} for number, candidate in enumerate(drawn)]
)
wishes = st.none() | requirements(names=NAMES, max_depth=2)
orders = st.none() | ranks(names=NAMES, max_depth=2) | st.just(Rank("A"))


def expected(pool: list[dict[str, Any]], requirement: Requirement | None, rank: Rank | None) -> list[tuple[str, int]]:
    """Rank naively: (name, score) in order."""
    matching = [candidate for candidate in pool if requirement is None or requirement.matches(candidate)]
    if rank is None:
        return [(candidate["NAME"], 0) for candidate in matching]
    scored = [(rank.score(candidate), position, candidate["NAME"]) for position, candidate in enumerate(matching)]
    return [(name, score) for score, _, name in sorted(scored, key=lambda each: (-each[0], -each[1]))]


@given(pools, wishes, orders)
def test_the_order_is_by_score_and_then_later_first(
    pool: list[dict[str, Any]], requirement: Requirement | None, rank: Rank | None
) -> None:
    wanted = expected(pool, requirement, rank)
    keyed = Pool(pool, key="NAME")
    assert_ranking(keyed, requirement, rank, [name for name, _ in wanted])
    for engine in ENGINES:
        ranked = match(keyed, requirement, rank, engine=engine)
        assert [(found.key, found.score) for found in ranked] == wanted
    ranking = match(keyed, requirement, rank)
    assert [(found.key, found.score) for found in ranking] == wanted
    assert [found.candidate for found in ranking] == [keyed[name] for name, _ in wanted]
    assert ranking.considered == len(pool)
    assert ranking.rejected == len(pool) - len(wanted)
    with promoted():
        fresh = match(pool, None if requirement is None else ~~requirement, rank)
        assert [(pool[found.key]["NAME"], found.score) for found in fresh] == wanted


@given(pools, wishes, orders, st.integers(0, 15), st.sampled_from(ENGINES))
def test_a_limit_gives_the_beginning(
    pool: list[dict[str, Any]], requirement: Requirement | None, rank: Rank | None, limit: int, engine: Engine
) -> None:
    whole = match(pool, requirement, rank, engine=engine)
    part = match(pool, requirement, rank, limit=limit, engine=engine)
    assert list(part) == list(whole)[:limit] == whole[:limit]
    assert (part.considered, part.rejected) == (whole.considered, whole.rejected)
    assert [part[place] for place in range(-len(part), len(part))] == list(part) * 2
    assert list(reversed(part)) == list(part)[::-1]
    for place in (len(part), -len(part) - 1):
        with pytest.raises(IndexError):
            part[place]


@given(pools, wishes, orders, st.randoms(use_true_random=False), st.sampled_from(ENGINES))
def test_the_pools_order_decides_nothing_but_ties(
    pool: list[dict[str, Any]],
    requirement: Requirement | None,
    rank: Rank | None,
    chance: random.Random,
    engine: Engine,
) -> None:
    shuffled = chance.sample(pool, len(pool))
    rankings = [match(Pool(each, key="NAME"), requirement, rank, engine=engine) for each in (pool, shuffled)]
    first, second = ([(found.score, found.key) for found in ranking] for ranking in rankings)
    assert sorted(first) == sorted(second)
    assert [score for score, _ in first] == [score for score, _ in second]
    if len({score for score, _ in first}) == len(first):
        assert first == second
