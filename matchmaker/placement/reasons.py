"""Why requests are not placed: a reason per candidate, in the words that OpenNebula's operators know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from matchmaker.diagnostics import printable
from matchmaker.errors import ExpressionError, MatchmakerError

SHOWN = 100
"""How many characters of a message operators see."""


class Cause(Enum):
    """What a candidate fails at, in the order in which OpenNebula lists it."""

    REQUIREMENT = "[HOST] Requirements not met on hosts"
    CPU = "[HOST] Not enough CPU on hosts"
    MEMORY = "[HOST] Not enough MEMORY on hosts"
    NUMA = "[HOST] Cannot allocate NUMA on hosts"
    PCI = "[HOST] Unavailable PCI devices on hosts"
    DISPATCH_LIMIT = "[HOST] Dispatch limit reached on hosts"
    AFFINITY = "[HOST] Cannot fulfill affinity constraints on hosts"
    UNKNOWN_HOST = "[HOST] No existing hosts"
    UNSUITABLE_DATASTORE = "[DS] Requirements not met on datastores"
    UNKNOWN_DATASTORE = "[DS] No existing datastores"
    FOREIGN_DATASTORE = "[DS] Unavailable datastores"
    FULL_DATASTORE = "[DS] Not enough capacity on datastores"
    NO_DATASTORE = "[DS] No datastores matched the VM requirements"
    UNMONITORED_DATASTORE = "[DS] Unmonitored datastores"
    UNSUITABLE_NETWORK = "[VNET] Requirements not met on vnets"
    UNKNOWN_NETWORK = "[VNET] No existing vnets"
    FOREIGN_NETWORK = "[VNET] Unavailable vnets"
    NO_LEASES = "[VNET] Unavailable leases on vnets"
    NETWORKS_GIVEN_BACK = "[VNET] Cannot satisfy all NETWORK requirements. Only available vnets"


DATASTORE_CAUSES = {Cause.UNKNOWN_DATASTORE, Cause.FOREIGN_DATASTORE, Cause.FULL_DATASTORE}

_RANKS = {cause: rank for rank, cause in enumerate(Cause)}


@dataclass(frozen=True, slots=True)
class Reason:
    """What some candidates fail at.

    Parameters
    ----------
    cause : Cause
        What it is.
    candidates : tuple of int
        Their ids, ascending; empty where none is to blame.
    """

    cause: Cause
    candidates: tuple[int, ...] = ()

    def text(self, most: int | None = None) -> str:
        """Return it in one line; of the ids at most so many, and the number of the others."""
        if not self.candidates:
            return self.cause.value
        shown = self.candidates[:most]
        more = len(self.candidates) - len(shown)
        if not shown:
            return f"{self.cause.value}: {more} in all"
        return f"{self.cause.value}: {','.join(map(str, shown))}{f' and {more} more' if more else ''}"


class Failures:
    """Collects what candidates of one request fail at."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Cause, set[int]] = {}

    def add(self, cause: Cause, *candidates: int) -> None:
        """Note that candidates fail at something."""
        self._found.setdefault(cause, set()).update(candidates)

    def extend(self, cause: Cause, candidates: Iterable[int]) -> None:
        """Note that all of some candidates fail at something; of none nothing is noted."""
        failing = set(candidates)
        if failing:
            self._found.setdefault(cause, set()).update(failing)

    def reasons(self) -> tuple[Reason, ...]:
        """Return what was noted, in OpenNebula's order."""
        found = sorted(self._found.items(), key=lambda item: _RANKS[item[0]])
        return tuple(Reason(cause, tuple(sorted(candidates))) for cause, candidates in found)


def in_one_line(reasons: Iterable[Reason], *, room: int = SHOWN) -> str:
    """Return reasons in one line, of which the first characters, all that operators see, hold as much as they can.

    The ids are cut to as few as make the line fit; when it does not fit without any, what most candidates fail at comes first.

    Parameters
    ----------
    reasons : iterable of Reason
        What to say.
    room : int
        How many characters are seen.
    """
    listed = tuple(reasons)
    if any(reason.cause in DATASTORE_CAUSES for reason in listed):  # then it says nothing more
        listed = tuple(reason for reason in listed if reason.cause is not Cause.NO_DATASTORE)
    few = all(len(reason.candidates) < SHOWN // 2 for reason in listed)
    for most in (None, 9, 5, 3, 2, 1, 0) if few else (9, 5, 3, 2, 1, 0):
        line = "; ".join(reason.text(most) for reason in listed)
        if len(line) <= room:
            return line
    listed = tuple(sorted(listed, key=lambda reason: -len(reason.candidates)))
    return "; ".join(reason.text(3 if reason is listed[0] else 0) for reason in listed)


def of_error(error: Exception | None) -> str:
    """Return what went wrong in one line: the first diagnostic of an expression, with its place."""
    if error is None:
        return ""
    if isinstance(error, ExpressionError):
        worst = next((each for each in error.diagnostics if each.severity == "error"), error.diagnostics[0])
        return f"Error in {error.source.name} at character {worst.span.start + 1}: {worst.message}"
    try:
        text = printable(" ".join(str(error).split()))
    except Exception:  # of an exception that is not ours
        text = "it cannot say what"
    if isinstance(error, MatchmakerError):
        return text
    return f"A mistake in matchmaker itself, please report it: {type(error).__name__}: {text}"
