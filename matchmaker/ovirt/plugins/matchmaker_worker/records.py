"""Hosts and virtual machines as oVirt's Python SDK, version 3, shows them: `host.summary.active`, `vm.get_os().get_type()`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from .fields import HOST_FIELDS, HOST_STATISTICS, VM_FIELDS, VM_STATISTICS, Field, Fields


class NotInStandIn(AttributeError):
    """A plug-in wants something that the stand-in for `ovirtsdk` does not have."""


def refuse(name: str, what: str, there: list[str]) -> NoReturn:
    """Raise an error about something that the stand-in does not have.

    Parameters
    ----------
    name : str
        What was wanted.
    what : str
        On what.
    there : list of str
        What it has instead.
    """
    if name.startswith("__"):  # a question of Python's own: copy and pickle ask such
        raise AttributeError(name)
    raise NotInStandIn(
        f"the stand-in for ovirtsdk has no `{name[:50]}` on {what}: it only reads, and has {', '.join(there) or 'nothing'}"
    )


class Group:
    """Fields that are read by their names, or by `get_` and their names; nothing can be set.

    Parameters
    ----------
    what : str
        What this is, for messages.
    fields : mapping
        What there is.
    attributes : mapping
        The inventory's attributes behind it.
    """

    __slots__ = ("_attributes", "_fields", "_what")

    _attributes: Mapping[str, Any]
    _fields: Fields
    _what: str

    def __init__(self, what: str, fields: Fields, attributes: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_what", what)
        object.__setattr__(self, "_fields", fields)
        object.__setattr__(self, "_attributes", attributes)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("get_"):
            value = self._read(name[4:])
            return lambda: value
        return self._read(name)

    def _read(self, name: str) -> Any:
        # The SDK writes `type_` where Python has a word of its own.
        field = self._fields.get(name) or self._fields.get(name.removesuffix("_"))
        if field is None:
            refuse(name, self._what, self._there())
        if isinstance(field, Field):
            return field.read(self._attributes)
        group = Group(f"{self._what}'s {name}", field, self._attributes)
        return group if any(value is not None for value in group._values()) else None

    def _there(self) -> list[str]:
        return list(self._fields)

    def _values(self) -> tuple[Any, ...]:
        return tuple(self._read(name) for name in self._fields)

    def __setattr__(self, name: str, value: object) -> None:
        refuse(f"{name} = ...", self._what, self._there())

    def __delattr__(self, name: str) -> None:
        refuse(f"del {name}", self._what, self._there())

    def __eq__(self, other: object) -> bool:
        # Plug-ins compare versions; in the SDK two of them were never equal, as they were two objects.
        if not isinstance(other, Group):
            return NotImplemented
        return self._fields is other._fields and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(str(self._values()))

    def __repr__(self) -> str:
        values = (f"{name}={value!r}" for name, value in zip(self._fields, self._values(), strict=True))
        return f"<{self._what}: {', '.join(values)}>"


class Record(Group):
    """A host or a virtual machine: a group with statistics.

    Parameters
    ----------
    what, fields, attributes
        As for `Group`.
    statistics : mapping
        What statistics there are.
    """

    __slots__ = ("_statistics",)

    _statistics: Mapping[str, Field]

    def __init__(
        self, what: str, fields: Fields, statistics: Mapping[str, Field], attributes: Mapping[str, Any]
    ) -> None:
        super().__init__(what, fields, attributes)
        object.__setattr__(self, "_statistics", statistics)

    def _read(self, name: str) -> Any:
        if name == "statistics":
            return Statistics(self._what, self._statistics, self._attributes)
        return super()._read(name)

    def _there(self) -> list[str]:
        return [*super()._there(), "statistics"]


class Statistics:
    """The statistics of a host or a virtual machine.

    Parameters
    ----------
    what : str
        What they are about, for messages.
    fields : mapping
        What there is.
    attributes : mapping
        The inventory's attributes behind it.
    """

    __slots__ = ("_attributes", "_fields", "_what")

    def __init__(self, what: str, fields: Mapping[str, Field], attributes: Mapping[str, Any]) -> None:
        self._what = f"{what}'s statistics"
        self._fields = fields
        self._attributes = attributes

    def get(self, name: str) -> Group | None:
        """Return a statistic by its name, or None where its value is not known."""
        if name not in self._fields:
            refuse(str(name), self._what, list(self._fields))
        datum = self._fields[name].read(self._attributes)
        return None if datum is None else _statistic(name, datum)

    def list(self) -> Sequence[Group]:
        """Return all statistics whose values are known."""
        return [found for found in map(self.get, self._fields) if found is not None]

    def __getattr__(self, name: str) -> NoReturn:
        refuse(name, self._what, ["get", "list"])


def _statistic(name: str, datum: float) -> Group:
    value = Group("a value", {"datum": Field("datum")}, {"datum": datum})
    fields: Fields = {"name": Field("name"), "values": {"value": Field("values")}}
    return Group("a statistic", fields, {"name": name, "values": [value]})


def host_record(attributes: Mapping[str, Any]) -> Record:
    """Return a host as the SDK shows it."""
    return Record("a host", HOST_FIELDS, HOST_STATISTICS, attributes)


def vm_record(attributes: Mapping[str, Any]) -> Record:
    """Return a virtual machine as the SDK shows it."""
    return Record("a virtual machine", VM_FIELDS, VM_STATISTICS, attributes)
