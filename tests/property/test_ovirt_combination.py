"""Combining weights agrees with the rule, word by word."""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.ovirt import Balancer, Filter, Policy, Weigher
from matchmaker.ovirt.parameters import Arguments
from matchmaker.ovirt.weights import weights_of_scores
from tests.property import naive_ovirt

HOSTS = "abcdef"
COMBINATIONS = st.sampled_from(["rank", "basic"])
ROWS = st.lists(st.tuples(st.sampled_from(HOSTS + "x"), st.integers(-3, 3) | st.integers(-(2**31), 2**31 - 1)))
WEIGHERS = st.lists(st.tuples(ROWS, st.integers(-2, 5)), max_size=4)
ORDERS = st.permutations(HOSTS).flatmap(lambda hosts: st.integers(0, 6).map(lambda count: hosts[:count]))
SCORES = st.lists(st.tuples(st.sampled_from(HOSTS), st.none() | st.integers() | st.floats(-1e9, 1e9)))


def made(weighers: list[tuple[list[tuple[str, int]], int]]) -> list[tuple[Weigher, int]]:
    return [
        (Weigher(f"w{place}", weight=lambda call, arguments, rows=rows: rows), factor)  # type: ignore[misc]
        for place, (rows, factor) in enumerate(weighers)
    ]


def records(order: list[str]) -> list[dict[str, Any]]:
    return [{"ID": host} for host in order]


@given(ORDERS, WEIGHERS, COMBINATIONS)
def test_order_and_totals(
    order: list[str], weighers: list[tuple[list[tuple[str, int]], int]], combination: Literal["rank", "basic"]
) -> None:
    ranking = Policy("p", weighers=made(weighers), combination=combination).rank(records(order))
    assert [host.key for host in ranking] == naive_ovirt.order(order, weighers, combination)
    assert {host.key: host.total for host in ranking} == naive_ovirt.totals(order, weighers, combination)
    for host in ranking:
        assert [share.weight for share in host.shares] == [naive_ovirt.weight(rows, host.key) for rows, _ in weighers]
        assert sum(share.points for share in host.shares) == host.total


@given(st.permutations(HOSTS), WEIGHERS, COMBINATIONS)
def test_the_order_of_hosts_matters_only_for_ties(
    order: list[str], weighers: list[tuple[list[tuple[str, int]], int]], combination: Literal["rank", "basic"]
) -> None:
    policy = Policy("p", weighers=made(weighers), combination=combination)
    one, other = policy.rank(records(list(HOSTS))), policy.rank(records(order))
    assert {host.key: host for host in one} == {host.key: host for host in other}
    assert [host.total for host in one] == [host.total for host in other]
    for total in {host.total for host in other}:
        tied = [host.key for host in other if host.total == total]
        assert tied == [host for host in order if host in tied]


@given(SCORES)
def test_weights_of_scores(scores: list[tuple[str, float | None]]) -> None:
    found = weights_of_scores(scores)
    expected = naive_ovirt.weights_of_scores(scores)
    assert [host for host, _ in found] == [host for host, _ in expected]
    for (_, weight), (_, exact) in zip(found, expected, strict=True):
        # Floats are subtracted as floats: beside a whole number they may be on its other side.
        assert abs(weight - exact) <= 1
    whole = [(host, score) for host, score in scores if not isinstance(score, float)]
    assert weights_of_scores(whole) == naive_ovirt.weights_of_scores(whole)


@given(
    ORDERS,
    st.lists(st.sets(st.sampled_from(HOSTS)), max_size=3),
    WEIGHERS,
    COMBINATIONS,
    st.integers(0, 3),
    st.integers(0, 4),
)
def test_one_failing_unit_never_changes_the_others(
    order: list[str],
    keeps: list[set[str]],
    weighers: list[tuple[list[tuple[str, int]], int]],
    combination: Literal["rank", "basic"],
    before: int,
    ahead: int,
) -> None:
    def fails(call: object, arguments: Arguments) -> list[Any]:
        raise ZeroDivisionError

    filters = [
        Filter(f"f{place}", lambda call, arguments, kept=kept: kept)  # type: ignore[misc]
        for place, kept in enumerate(keeps)
    ]
    sound = Policy("p", filters=filters, weighers=made(weighers), combination=combination).rank(records(order))
    broken = Policy(
        "p",
        filters=[*filters[:before], Filter("broken", fails), *filters[before:]],
        weighers=[*made(weighers)[:ahead], (Weigher("also broken", score=fails), 7), *made(weighers)[ahead:]],
        balancer=Balancer("unused", fails),
        combination=combination,
    ).rank(records(order))
    assert list(broken) == list(sound)
    assert {key: refusal.filter.name for key, refusal in broken.refusals.items()} == {
        key: refusal.filter.name for key, refusal in sound.refusals.items()
    }
    assert (list(sound.errors), list(broken.errors)) == ([], ["broken", "also broken"])
    assert [host.key for host in sound] == naive_ovirt.order(
        [host for host in order if all(host in kept for kept in keeps)], weighers, combination
    )
