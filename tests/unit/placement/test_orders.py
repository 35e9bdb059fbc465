"""The order of candidates: OpenNebula divides scores by the largest in float32, and of equals takes the last in the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pytest

from matchmaker import CandidateError, LimitError, Rank, Requirement
from matchmaker.limits import Budget
from matchmaker.placement import Host
from matchmaker.placement.orders import CHUNK, Order, Orders

BILLION = 1_000_000_000


def ordered(
    scores: Sequence[int],
    *,
    passes: Callable[[int], object] = lambda position: True,
    listed: Sequence[int] | None = None,
) -> list[int]:
    """Return the positions of candidates with these scores, best first."""
    listed = range(len(scores)) if listed is None else listed
    return list(Order(listed, range(len(scores)), scores, ()).preferred(passes))


def orders(*candidates: dict[str, Any], policy: Rank | None = None) -> Orders:
    """Make the orders of a pool of hosts with the ids 10, 11 and so on."""
    return Orders([Host(id=10 + place, candidate=each) for place, each in enumerate(candidates)], policy)


# By score.


def test_the_highest_score_is_the_best() -> None:
    assert ordered([1, 3, 2]) == [1, 2, 0]
    assert ordered([-1, -3, 2]) == [2, 0, 1]


def test_of_equals_the_later_in_the_list_is_the_first() -> None:
    assert ordered([0, 0, 0]) == [2, 1, 0]
    assert ordered([5, 7, 5, 7]) == [3, 1, 2, 0]
    assert ordered([5, 5, 5], listed=[2, 0, 1]) == [1, 0, 2]


def test_small_scores_stay_different() -> None:
    assert ordered([4_194_302, 4_194_303]) == [1, 0]
    assert ordered([4_194_303, 4_194_302]) == [0, 1]


def test_scores_that_are_one_number_in_float32_are_equals() -> None:
    assert ordered([16_777_217, 16_777_216]) == [1, 0]
    assert ordered([16_777_216, 16_777_217]) == [1, 0]
    assert ordered([16_777_218, 16_777_216]) == [0, 1]


def test_dividing_by_the_largest_makes_equals_of_more() -> None:
    # 16777213 and 16777214 differ in float32; divided by two billion they do not.
    both = [16_777_214, 16_777_213]
    assert ordered(both) == [0, 1]
    assert ordered([*both, 2 * BILLION]) == [2, 1, 0]
    assert ordered([2 * BILLION, *both]) == [0, 2, 1]
    assert ordered([*both, -2 * BILLION]) == [1, 0, 2]


def test_only_those_that_pass_say_what_is_the_largest() -> None:
    scores = [16_777_214, 16_777_213, 2 * BILLION, -2 * BILLION]
    assert ordered(scores, passes={0, 1}.__contains__) == [0, 1]
    assert ordered(scores, passes={0, 1, 3}.__contains__) == [1, 0, 3]
    assert ordered(scores, passes={0, 1, 2}.__contains__) == [2, 1, 0]


def test_nobody_may_pass() -> None:
    assert ordered([1, 2 * BILLION], passes=lambda position: False) == []
    assert ordered([], passes=lambda position: True) == []


def test_large_scores_of_which_only_zeros_pass_are_equals() -> None:
    assert ordered([2 * BILLION, 0, 0], passes={1, 2}.__contains__) == [2, 1]


def test_the_order_is_the_same_each_time() -> None:
    order = Order(range(3), range(3), [1, 2 * BILLION, 1], ())
    assert [list(order.preferred(lambda position: True)) for _ in range(2)] == [[1, 2, 0]] * 2
    assert list(order.preferred({0, 2}.__contains__)) == [2, 0]


@pytest.mark.parametrize("scores", list(permutations([16_777_214, 16_777_213, 2 * BILLION, -7])))
def test_a_sort_by_hand_gives_the_same(scores: tuple[int, ...]) -> None:
    keyed = {2 * BILLION: 3, 16_777_214: 2, 16_777_213: 2, -7: 1}
    assert ordered(scores) == sorted(range(4), key=lambda place: (-keyed[scores[place]], -place))


# Lists.


def test_a_list_says_who_is_a_candidate_and_in_which_order() -> None:
    found = orders({}, {}, {}).order((12, 10), (), None)
    assert list(found.positions) == [0, 2]
    assert list(found.failing) == []
    assert list(orders({}, {}, {}).order(None, (), None).positions) == [2, 1, 0]


def test_unknown_ids_are_named() -> None:
    found = orders({}, {}).order((99, 10, 77, 99), (), None)
    assert list(found.positions) == [0]
    assert found.unknown == (77, 99)


def test_of_an_id_that_is_listed_twice_the_last_place_counts() -> None:
    assert list(orders({}, {}).order((10, 11, 10), (), None).positions) == [0, 1]
    assert list(orders({}, {}).order((10, 11), (), None).positions) == [1, 0]


def test_an_empty_list_is_no_list_of_all() -> None:
    found = orders({}, {}).order((), (), None)
    assert (list(found.positions), list(found.failing), found.unknown) == ([], [], ())


# Requirements and ranks.


def test_all_requirements_are_met() -> None:
    pool = orders({"A": 1}, {"A": 1, "B": 1}, {"B": 1}, {"A": 1, "B": 1})
    found = pool.order(None, (Requirement("A = 1"), Requirement("B = 1")), None)
    assert list(found.positions) == [3, 1]
    assert list(found.failing) == [0, 2]


def test_who_fails_stands_in_the_order_of_the_list() -> None:
    found = orders({}, {"A": 1}, {}).order((12, 11, 10), (Requirement("A = 1"),), None)
    assert list(found.failing) == [2, 0]


def test_a_rank_of_ones_own_counts_more_than_the_policy() -> None:
    pool = orders({"A": 1, "B": 2}, {"A": 2, "B": 1}, policy=Rank("A"))
    assert list(pool.order(None, (), None).positions) == [1, 0]
    assert list(pool.order(None, (), Rank("B")).positions) == [0, 1]


def test_without_any_rank_all_are_equals() -> None:
    assert list(orders({"A": 2}, {"A": 1}).order(None, (), None).positions) == [1, 0]


def test_equal_wishes_share_an_order() -> None:
    pool = orders({"A": 1}, {"A": 2})
    first = pool.order((10, 11), (Requirement("A > 0"),), Rank("A"))
    assert pool.order((10, 11), (Requirement("A > 0"),), Rank("A")) is first
    assert pool.order(None, (Requirement("A > 0"),), Rank("A")) is not first
    assert pool.order((10, 11), (Requirement("A > 0"),), Rank("- A")) is not first


def test_candidates_of_several_kinds_are_ordered_alike() -> None:
    class Other(dict[str, Any]):
        pass

    pool = orders({"A": 1}, Other(A=3), {"A": 2})
    assert list(pool.order(None, (Requirement("A > 1"),), Rank("A")).positions) == [1, 2]


def test_a_rank_is_read_only_of_those_that_meet_the_requirements() -> None:
    pool = orders({"A": object(), "B": 0}, {"A": 1, "B": 1})
    assert list(pool.order(None, (Requirement("B = 1"),), Rank("A")).positions) == [1]


# Failures.


def test_a_value_that_stands_for_nothing_fails_again_and_again() -> None:
    pool = orders({"A": object()}, {"A": 1})
    for _ in range(2):
        with pytest.raises(CandidateError):
            pool.order(None, (Requirement("A = 1"),), None)
        with pytest.raises(CandidateError):
            pool.order(None, (), Rank("A"))
    assert list(pool.order((11,), (Requirement("A = 1"),), None).positions) == [1]


def test_who_has_no_time_left_does_not_spoil_it_for_the_next() -> None:
    pool = orders(*({"A": place} for place in range(3 * CHUNK)))
    wishes = (Requirement("A > 100"),)
    spent = Budget(1e-9)
    with pytest.raises(LimitError), spent:
        pool.order(None, wishes, Rank("- A"))
    assert list(pool.order(None, wishes, Rank("- A")).positions) == list(range(101, 3 * CHUNK))


# The extended dialect.


def extended(*candidates: dict[str, Any], rank: str, requirement: str = "") -> list[int]:
    wanted = Requirement(requirement, dialect="extended")
    found = orders(*candidates).order(None, (wanted,), Rank(rank, dialect="extended"))
    assert list(found.preferred(lambda position: True)) == list(found.positions)
    return list(found.positions)


def test_nothing_rounds_the_scores_of_the_extended_dialect() -> None:
    assert extended({"A": 0.3}, {"A": 0.1}, {"A": 0.2}, rank="A") == [0, 2, 1]
    assert extended({"A": 2**53 + 2}, {"A": 2**53}, rank="A") == [0, 1]
    assert extended({"A": 1e300}, {"A": 1e301}, {"A": 0}, rank="1 / A") == [2, 0, 1]


def test_what_has_no_score_is_the_last_choice() -> None:
    candidates = ({}, {"A": 0}, {"A": -1e300}, {"A": "x"}, {"A": 0})
    assert extended(*candidates, rank="A") == [4, 1, 2, 3, 0]
    assert extended(*candidates, rank="1 / (0 * A)") == [4, 1, 2, 3, 0]
    assert extended(*candidates, rank="A", requirement="exists(A) & A <= 0") == [4, 1, 2]


def test_bindings_of_one_text_have_orders_of_their_own() -> None:
    pool = orders({"A": 1, "B": 9}, {"A": 2, "B": 5})
    wanted, rank = Requirement("A >= REQUEST.X", dialect="extended"), Rank("REQUEST.Y * B", dialect="extended")
    for x, y, best in ((1, 1, [0, 1]), (2, 1, [1]), (1, -1, [1, 0]), (3, 1, []), (1, None, [1, 0])):
        for _ in range(2):
            found = pool.order(None, (wanted.bind({"X": x}),), rank.bind({"Y": y}))
            assert list(found.positions) == best
    assert list(pool.order(None, (wanted,), rank).positions) == []
