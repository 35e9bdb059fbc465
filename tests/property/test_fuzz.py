"""The fuzz harness runs, reproducibly, and its contract holds for a few hundred cases; CI and people give it more time."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from matchmaker.engine import programs
from tests.fuzz import contract
from tests.fuzz.__main__ import run_case
from tests.fuzz.inputs import Inputs


@pytest.mark.parametrize("seed", range(4))
def test_the_contract_holds(seed: int) -> None:
    for number in range(50):
        run_case(seed, number)


def test_a_case_is_always_the_same() -> None:
    one, other = Inputs("1/7"), Inputs("1/7")
    assert [one.text() for _ in range(20)] == [other.text() for _ in range(20)]
    assert repr(one.candidate()) == repr(other.candidate())
    assert one.document() == other.document()


def test_a_disagreement_is_noticed() -> None:
    def wrong(*arguments: object) -> object:
        return lambda candidate: True

    with (
        patch.object(programs.stack, "compile_predicate", wrong),
        pytest.raises(contract.Breach, match="explicit stack"),
    ):
        contract.obey("A = 5", {}, b"<HOST><ID>1</ID></HOST>")


def test_another_exception_is_noticed() -> None:
    class Wrong(dict[str, object]):
        @property
        def __class__(self) -> type:  # type: ignore[override]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        contract.obey("A = 5", Wrong(), b"")
