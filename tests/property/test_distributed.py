"""A pool on a cluster answers what a pool in this process answers, whatever it holds and however it is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from distributed import Client, LocalCluster
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker import Pool, PoolError, Rank, Ranking, Requirement, match
from matchmaker.distributed import DaskPool
from tests.property.test_ranking import few_values, orders, pools, wishes

NAMES = [f"node{number}" for number in range(14)]
updates = st.tuples(st.just("update"), st.sampled_from(NAMES), few_values | few_values.map(dict.fromkeys))
additions = st.tuples(st.just("add"), st.sampled_from(NAMES), few_values)
removals = st.tuples(st.just("remove"), st.sampled_from(NAMES))
floats = st.sampled_from(("A", "A / B", "- A / 0", "A > B ? A : B * 1.5", "REQUEST.A - A")).map(
    lambda text: Rank(text, dialect="extended").bind({"A": 1.5})
)
applied = st.lists(st.lists(updates | additions | removals, max_size=4), max_size=4)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    local = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
    )
    with local, Client(local) as made:
        yield made


def answer(ranking: Ranking) -> tuple[Any, ...]:
    counts = ranking.considered, ranking.rejected, ranking.unscored
    return [repr(found) for found in ranking], len(ranking), *counts, ranking.version


@given(
    pools,
    st.lists(st.tuples(wishes, orders | floats), min_size=1, max_size=4),
    applied,
    st.none() | st.integers(0, 15),
    st.integers(1, 4),
    st.booleans(),
)
@settings(max_examples=50)
def test_it_answers_what_one_machine_does(
    client: Client,
    pool: list[dict[str, Any]],
    requests: list[tuple[Requirement | None, Rank | None]],
    series: list[list[Any]],
    limit: int | None,
    shards: int,
    keyed: bool,
) -> None:
    key = "NAME" if keyed else None
    one = Pool(pool, key=key)
    with DaskPool(client, pool, key=key, shards=shards) as many:
        before = [match(one, *request, limit=limit) for request in requests], many.match(*requests[0], limit=limit)
        for changes in series:
            if not keyed:  # the keys are positions
                changes = [(verb, NAMES.index(name), *rest) for verb, name, *rest in changes]
            outcomes = []
            for changed in (one, many):
                try:
                    changed.apply(changes)
                    outcomes.append("")
                except PoolError as error:
                    outcomes.append(str(error))
            assert outcomes[0] == outcomes[1]
        assert len(one) == len(many)
        for request, ranking in zip(requests, many.match_many(requests, limit=limit), strict=True):
            assert answer(ranking) == answer(match(one, *request, limit=limit))
        assert answer(before[1]) == answer(before[0][0])
