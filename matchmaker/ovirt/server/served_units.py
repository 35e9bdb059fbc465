"""What the service asks of units, whether they are the library's or those of plug-in files."""

from __future__ import annotations

from typing import Protocol

from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.migration import Migration


class ServedUnit(Protocol):
    """What is told of a unit, of the library or of a plug-in file."""

    @property
    def name(self) -> str:
        """What it is called by."""
        ...

    @property
    def description(self) -> str:
        """What it does."""
        ...

    @property
    def validation(self) -> str:
        """What the engine checks values of its parameters by."""
        ...


class ServedFilter(ServedUnit, Protocol):
    """A filter."""

    def keep(self, call: Call) -> list[str]:
        """Return the ids of the hosts that it keeps."""
        ...


class ServedWeigher(ServedUnit, Protocol):
    """A weigher."""

    def weights(self, call: Call) -> list[tuple[str, int]]:
        """Return hosts and their weights, lower is better."""
        ...


class ServedBalancer(ServedUnit, Protocol):
    """A balancer."""

    def balance(self, call: Call) -> Migration | None:
        """Return what to migrate, or None."""
        ...
