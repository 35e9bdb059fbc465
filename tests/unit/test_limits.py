"""Limits: exact at their edges, and configurable; and budgets of CPU time."""

from __future__ import annotations

import pickle
from threading import Event, Thread
from time import sleep, thread_time
from typing import Any

import pytest

from matchmaker import ExpressionError, LimitError, Limits, MatchmakerError, Rank, RankError, Requirement, check
from matchmaker.limits import Budget, tick


def codes(text: str, limits: Limits, expression: type[Requirement] | type[Rank] = Requirement) -> list[str]:
    try:
        expression(text, limits=limits)
    except ExpressionError as error:
        return [each.code for each in error.diagnostics]
    return []


def test_the_defaults_are_a_mebibyte_and_upstreams_nesting() -> None:
    assert Limits() == Limits(length=1_048_576, nodes=1_000_000, depth=9_998)


@pytest.mark.parametrize("name", ["length", "nodes", "depth"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1", None])
def test_a_limit_is_a_whole_number_of_at_least_one(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limits(**{name: value})


@pytest.mark.parametrize("text", ["A = 5", 'A="é"', 'A="\U0001f600"', 'A="\ud800"', "A = 5 é"])
def test_length_is_counted_in_bytes_of_utf_8(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    assert codes(text, Limits(length=size)) == codes(text, Limits())
    assert codes(text, Limits(length=size - 1)) == ["MM113"]


def test_the_default_length() -> None:
    text = 'A = "' + "x" * (1024 * 1024 - 6) + '"'
    assert len(text) == 1024 * 1024
    Requirement(text)
    with pytest.raises(ExpressionError):
        Requirement(text + " ")


@pytest.mark.parametrize(
    ("expression", "text", "nodes"),
    [
        (Requirement, "", 1),
        (Requirement, "A = 5", 3),
        (Requirement, "((A = 5))", 3),
        (Requirement, "!A = 5", 4),
        (Requirement, "!!A = 5", 3),
        (Requirement, "A = 5 & B = 5 | C = 5", 10),
        (Rank, "A", 1),
        (Rank, "- A", 2),
        (Rank, "A + B * 5", 5),
    ],
)
def test_nodes_are_comparisons_attributes_literals_and_operators(
    expression: type[Requirement] | type[Rank], text: str, nodes: int
) -> None:
    assert codes(text, Limits(nodes=nodes), expression) == []
    if nodes > 1:
        assert codes(text, Limits(nodes=nodes - 1), expression) == ["MM113"]


@pytest.mark.parametrize(
    ("expression", "text", "depth"),
    [
        (Requirement, "A = 5", 3),
        (Requirement, "((A = 5))", 5),
        (Requirement, "A = 5 & A @> 5", 6),
        (Rank, "A + (B)", 5),
    ],
)
def test_depth_is_how_many_symbols_wait(expression: type[Requirement] | type[Rank], text: str, depth: int) -> None:
    assert codes(text, Limits(depth=depth), expression) == []
    assert codes(text, Limits(depth=depth - 1), expression) == ["MM113"]


def test_a_rank_over_a_limit_has_no_partial_one() -> None:
    for limits in (Limits(length=4), Limits(depth=1), Limits(nodes=1)):
        with pytest.raises(RankError) as caught:
            Rank("A + B", limits=limits)
        assert caught.value.partial is None


def test_limits_do_not_get_into_the_way_of_each_other() -> None:
    text = "A = 1 & B = 2"
    Requirement(text)
    assert codes(text, Limits(nodes=6)) == ["MM113"]
    assert Requirement(text, limits=Limits(nodes=7)) == Requirement(text)


def test_check_knows_limits_too() -> None:
    assert [each.code for each in check("A = 5", limits=Limits(length=4))] == ["MM113"]


def working(seconds: float) -> None:
    """Use up CPU time."""
    end = thread_time() + seconds
    while thread_time() < end:
        pass


def test_a_budget_counts_the_cpu_time_of_its_blocks_alone() -> None:
    budget = Budget(60)
    assert budget.spent == 0
    with budget as entered:
        assert entered is budget
        working(0.002)
        inside = budget.spent
    after = budget.spent
    assert 0.002 <= inside <= after
    working(0.002)
    assert budget.spent == after
    with budget:
        working(0.002)
        assert budget.spent >= after + 0.002


def test_waiting_takes_no_cpu_time() -> None:
    budget = Budget(0.1)
    with budget:
        sleep(0.15)
        budget.check()


def test_a_budget_that_is_used_up_raises_at_checks_and_ticks_but_not_when_it_is_left() -> None:
    budget = Budget(0.001)
    with budget:
        working(0.002)
        for _ in range(2):
            with pytest.raises(LimitError, match=r"^the expressions take more than 1 ms of CPU time"):
                budget.check()
            with pytest.raises(LimitError, match="more than 1 ms of CPU time"):
                tick()
    with pytest.raises(LimitError), budget:
        raise AssertionError("the block is not begun")
    tick()  # no block is left open
    with pytest.raises(LimitError):
        budget.check()


def test_what_is_raised_in_a_block_goes_through_and_ends_it() -> None:
    budget = Budget(0.001)
    with pytest.raises(KeyError), budget:
        working(0.002)
        raise KeyError
    tick()
    assert budget.spent >= 0.002


def test_several_blocks_add_up_to_the_end_of_a_budget() -> None:
    budget = Budget(0.05)
    with pytest.raises(LimitError):
        for _ in range(100):
            with budget:
                working(0.001)
    assert budget.spent >= 0.05


def test_a_block_in_a_block_of_the_same_budget_counts_once() -> None:
    budget = Budget(60)
    begun = thread_time()
    with budget:
        with budget:
            working(0.01)
        assert budget.spent >= 0.01
        working(0.001)
    assert 0.011 <= budget.spent <= thread_time() - begun


def test_budgets_in_each_other_all_count_and_the_first_that_ends_raises() -> None:
    for outer, inner, message in ((60, 0.001, "than 1 ms"), (0.002, 60, "than 2 ms")):
        around, within = Budget(outer), Budget(inner)
        with around:
            with within:
                working(0.003)
                with pytest.raises(LimitError, match=message):
                    tick()
            assert around.spent >= within.spent >= 0.003
            if outer == 60:
                tick()
            else:
                with pytest.raises(LimitError, match=message):
                    tick()


def test_threads_know_nothing_of_each_others_blocks() -> None:
    budget, ready, done = Budget(0.001), Event(), Event()
    raised: list[bool] = []

    def other() -> None:
        with budget:
            working(0.002)
            ready.set()
            done.wait()
            try:
                tick()
            except LimitError:
                raised.append(True)

    thread = Thread(target=other)
    thread.start()
    ready.wait()
    tick()
    assert budget.spent == 0
    done.set()
    thread.join()
    assert raised == [True]
    assert budget.spent >= 0.002


def test_threads_share_what_a_budget_has() -> None:
    budget = Budget(60)

    def other() -> None:
        with budget:
            working(0.002)

    threads = [Thread(target=other) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.spent >= 0.008


def test_a_block_is_left_where_it_was_entered() -> None:
    with pytest.raises(RuntimeError, match="did not enter"):
        Budget(1).__exit__(None, None, None)


@pytest.mark.parametrize("seconds", [-1, float("nan"), -0.001])
def test_a_budget_is_no_less_than_nothing(seconds: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        Budget(seconds)


def test_a_budget_of_nothing_and_one_without_end() -> None:
    with pytest.raises(LimitError, match="more than 0 ms"), Budget(0):
        raise AssertionError("the block is not begun")
    with Budget(float("inf")):
        tick()


def test_a_budget_says_how_far_it_is() -> None:
    budget = Budget(0.2)
    assert budget.seconds == 0.2
    assert repr(budget) == "<Budget of 200 ms, 0.0 ms spent>"


def test_the_error_of_a_budget_can_be_pickled() -> None:
    with pytest.raises(LimitError) as caught:
        Budget(0).check()
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is LimitError
    assert str(again) == "the expressions take more than 0 ms of CPU time"
    assert isinstance(again, MatchmakerError)
    assert isinstance(again, ValueError)
