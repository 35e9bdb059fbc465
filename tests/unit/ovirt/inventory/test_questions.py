"""Questions that are asked once, whoever wants the answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.questions import Question


def test_it_is_asked_when_somebody_wants_to_know_and_then_never_again() -> None:
    asked: list[int] = []

    def ask() -> object:
        asked.append(1)
        return object()

    question = Question(ask, deadline=monotonic() + 60, late="late")
    assert asked == []
    assert not question.is_answered
    assert question.answer() is question.answer()
    assert question.is_answered
    assert asked == [1]


def test_many_threads_get_one_answer() -> None:
    asked: list[int] = []
    together = threading.Barrier(8)
    question = Question(lambda: asked.append(1) or asked, deadline=monotonic() + 60, late="late")

    def want(_: int) -> list[int]:
        together.wait(30)
        return question.answer()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(want, range(8)))
    assert asked == [1]
    assert all(answer is asked for answer in answers)


def test_an_error_is_the_same_for_all_but_not_shared() -> None:
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)
        raise InventoryError("no engine")

    question = Question(ask, deadline=monotonic() + 60, late="late")
    errors = []
    for _ in range(2):
        with pytest.raises(InventoryError, match=r"^no engine$") as caught:
            question.answer()
        errors.append(caught.value)
    assert errors[0] is not errors[1]
    assert asked == [1]
    assert not question.is_answered


def test_a_defect_is_not_hidden() -> None:
    question = Question(lambda: 1 // 0, deadline=monotonic() + 60, late="late")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            question.answer()


def test_nobody_waits_longer_than_until_the_deadline_but_an_answer_stays() -> None:
    go_on = threading.Event()

    def ask() -> str:
        go_on.wait(30)
        return "answer"

    question = Question(ask, deadline=monotonic() + 0.1, late="too late")
    with pytest.raises(InventoryError, match=r"^too late$"):
        question.answer()
    go_on.set()
    while not question.is_answered:
        sleep(0.01)
    assert question.answer() == "answer"
