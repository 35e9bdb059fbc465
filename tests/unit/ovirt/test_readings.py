"""What units in Python read."""

import pytest

from matchmaker.errors import CandidateError
from matchmaker.ovirt import Call, Cloud
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.readings import number, scheduled_vm, text


@pytest.mark.parametrize(
    ("value", "read"),
    [(5, 5.0), ("5", 5.0), ("5 cores", 5.0), (2.5, 2.5), (["x", "7"], 7.0), ("x", None), (None, None), (True, None)],
)
def test_numbers(value: object, read: float | None) -> None:
    assert number({"A": value}, "A") == read


@pytest.mark.parametrize(
    ("value", "read"), [("YES", "YES"), (True, "YES"), (False, "NO"), (8, "8"), (["a", "b"], "a"), (None, None)]
)
def test_texts(value: object, read: str | None) -> None:
    assert text({"A": value}, "A") == read


def test_missing() -> None:
    assert number({}, "A") is None
    assert text({}, "A") is None


def test_what_is_no_value() -> None:
    with pytest.raises(CandidateError, match="`A`"):
        number({"A": {}}, "A")


def test_the_virtual_machine() -> None:
    vm = {"ID": "vm"}
    assert scheduled_vm(Call.of([], vm)) is vm
    with pytest.raises(InventoryError, match="there is none"):
        scheduled_vm(Call.of([]))
    with pytest.raises(InventoryError, match="nobody knows `gone`"):
        scheduled_vm(Call(Cloud([]), (), "gone"))
