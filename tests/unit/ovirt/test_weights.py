"""Weights, scores, and how weights become ranks."""

import math

import pytest

from matchmaker.ovirt.weights import LARGEST, SMALLEST, added_up, ranks_of, weights_of_scores, whole_weight

HUGE = 10**400


@pytest.mark.parametrize(
    ("scores", "weights"),
    [
        ([5, 3, 5], [0, 2, 0]),
        ([1.5, 0], [0, 1]),
        ([0.1, 0], [0, 0]),
        ([-3, -5.5], [0, 2]),
        ([math.inf, 5, -math.inf], [0, LARGEST, LARGEST]),
        ([5, -math.inf, -math.inf], [0, LARGEST, LARGEST]),
        ([-math.inf, -math.inf], [0, 0]),
        ([2**31, 0, 1, 2], [0, LARGEST, LARGEST, LARGEST - 1]),
        ([HUGE, HUGE - 7], [0, 7]),
        ([HUGE, 1.5], [0, LARGEST]),
        ([1.5, -HUGE], [0, LARGEST]),
        ([math.inf, HUGE], [0, LARGEST]),
        ([1e308, -1e308], [0, LARGEST]),
        ([True, False], [0, 1]),
    ],
)
def test_weights_of_scores(scores: list[float], weights: list[int]) -> None:
    hosts = [str(place) for place in range(len(scores))]
    found = weights_of_scores(zip(hosts, scores, strict=True))
    assert found == list(zip(hosts, weights, strict=True))
    assert all(type(weight) is int for _, weight in found)


def test_hosts_without_a_score_are_left_out() -> None:
    assert weights_of_scores([("a", None), ("b", 3), ("c", math.nan), ("d", 5)]) == [("b", 2), ("d", 0)]
    assert weights_of_scores([("a", None)]) == []
    assert weights_of_scores([]) == []


def test_the_highest_score_of_a_host_that_comes_twice() -> None:
    assert weights_of_scores([("a", 3), ("b", 4), ("a", 5)]) == [("a", 2), ("b", 1), ("a", 0)]


@pytest.mark.parametrize(
    ("weight", "whole"),
    [
        (5, 5),
        (5.9, 5),
        (-5.1, -6),
        (-0.0, 0),
        (math.inf, LARGEST),
        (-math.inf, SMALLEST),
        (2**31 - 1, LARGEST),
        (2**31, LARGEST),
        (-(2**31), SMALLEST),
        (HUGE, LARGEST),
        (-HUGE, SMALLEST),
    ],
)
def test_whole_weight(weight: float, whole: int) -> None:
    assert whole_weight(weight) == whole
    assert type(whole_weight(weight)) is int


def test_adding_up() -> None:
    assert added_up(["a", "b", "c"], [("b", 2), ("a", 1), ("b", 5), ("other", 9)]) == [1, 7, 0]


@pytest.mark.parametrize(
    ("weights", "ranks"),
    [([], []), ([7], [0]), ([1, 2, 3], [2, 1, 0]), ([1, 1, 3], [2, 2, 0]), ([3, 1, 3], [1, 2, 1]), ([-1, 0], [1, 0])],
)
def test_ranks(weights: list[int], ranks: list[int]) -> None:
    assert ranks_of(weights) == ranks
