"""What rules in Python answer: read as ids, numbers and migrations, or refused with what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.migration import Migration


def read_ids(unit: str, answer: object) -> list[str]:
    """Return the ids of hosts.

    Parameters
    ----------
    unit : str
        The unit's name, for messages.
    answer : object
        What its rule answers.

    Raises
    ------
    UnitError
        If it is nothing of the kind.
    """
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        raise _refused(unit, answer, "the ids of hosts")
    return [_read_id(unit, each, "host") for each in answer]


def read_values(unit: str, answer: object) -> list[tuple[str, float | None]]:
    """Return pairs of a host's id and its score or weight; as `read_ids`."""
    if isinstance(answer, (str, Mapping)) or not isinstance(answer, Iterable):
        raise _refused(unit, answer, "pairs of a host's id and a number")
    return [_read_value(unit, each) for each in answer]


def _read_value(unit: str, pair: object) -> tuple[str, float | None]:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise _refused(unit, pair, "a pair of a host's id and a number")
    host, value = _read_id(unit, pair[0], "host"), pair[1]
    if value is not None and not isinstance(value, Real):
        raise _refused(unit, value, f"a number for `{host}`")
    return host, value  # type: ignore[return-value]  # all that is done with it works with each real number


def read_migration(unit: str, answer: object, asked: Iterable[str]) -> Migration | None:
    """Return what to migrate, or None; as `read_ids`.

    Parameters
    ----------
    unit, answer
        As for `read_ids`.
    asked : iterable of str
        The hosts in question: others do not receive.
    """
    if answer is None:
        return None
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise _refused(unit, answer, "a virtual machine's id and the ids of hosts")
    known = frozenset(asked)
    hosts = tuple(host for host in dict.fromkeys(read_ids(unit, answer[1])) if host in known)
    return Migration(_read_id(unit, answer[0], "virtual machine"), hosts) if hosts else None


def _read_id(unit: str, value: object, whose: str) -> str:
    if isinstance(value, Mapping):
        raise UnitError(unit, "it answers with a whole record where an id is wanted: its `ID`")
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise _refused(unit, value, f"the id of a {whose}")
    return str(value)


def _refused(unit: str, answer: Any, wanted: str) -> UnitError:
    what = "`None`" if answer is None else f"an object of type `{type(answer).__name__}`"
    return UnitError(unit, f"it answers with {what}, not with {wanted}")
