"""What a dry run comes to, for people and for programs."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from matchmaker.cli.tables import Column, draw, fit, marks_for
from matchmaker.cli.terminal import is_coloured, printable, width
from matchmaker.cli.unmet import PATIENCE, UnmetParts
from matchmaker.cli.values import as_text
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Requirement
from matchmaker.limits import Budget
from matchmaker.matching.explain import explain
from matchmaker.matching.explain.clauses import Part
from matchmaker.matching.pool import Pool
from matchmaker.opennebula.simulation import Outcome, Simulation
from matchmaker.placement import Cause

_LEAST_ROOM = 30
"""How many columns of the terminal an outcome is given at least."""
_LONGEST_NAME = 20
_TIE = "\N{NO-BREAK SPACE}"
_ENDING = re.compile(" on (?:hosts|datastores|vnets)$")
_KINDS = {"HOST": "host", "DS": "datastore", "VNET": "network"}
_UNMET = {Cause.REQUIREMENT, Cause.UNSUITABLE_DATASTORE, Cause.UNSUITABLE_NETWORK}


def outcome_lines(simulation: Simulation, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a table with a row for each virtual machine; what is too long for a line goes on below it.

    Parameters
    ----------
    simulation : Simulation
        Where the names are.
    outcomes : sequence of Outcome
        What to show.
    """
    names = [printable(outcome.name) for outcome in outcomes]
    longest = min(_LONGEST_NAME, max([len("name"), *map(len, names)]))
    digits = max((len(str(outcome.vm)) for outcome in outcomes), default=1)
    taken = max(digits, len("VM")) + longest + 4
    room = max(_LEAST_ROOM, width() - taken)
    cells: tuple[list[str | None], ...] = ([], [], [])
    for name, outcome in zip(names, outcomes, strict=True):
        lines = _wrapped(_told(simulation, outcome), room)
        for place, line in enumerate(lines):
            cells[0].append("" if place else str(outcome.vm).rjust(digits))
            cells[1].append("" if place else name or None)
            cells[2].append(line)
    columns = [Column(title, column, kept=True) for title, column in zip(("VM", "name", "outcome"), cells, strict=True)]
    columns[0].is_number = False  # they stand to the right already
    columns[1].width = longest
    columns[2].width = max(len(line or "") for line in (*cells[2], columns[2].title))
    yield from _drawn(columns)


class Reasons:
    """Explains why virtual machines go nowhere.

    Parameters
    ----------
    simulation : Simulation
        Where the candidates are.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._pools = {"host": simulation.hosts, "datastore": simulation.datastores, "network": simulation.networks}
        self._unmet = {kind: UnmetParts(pool) for kind, pool in self._pools.items()}

    def lines(self, outcome: Outcome) -> Iterator[str]:
        """Yield why a virtual machine goes nowhere, with a row for each candidate.

        Parameters
        ----------
        outcome : Outcome
            What to explain.
        """
        room = max(_LEAST_ROOM, width())
        yield from _wrapped(f"VM {outcome.vm} {printable(outcome.name)}: {_told(self._simulation, outcome)}", room)
        hint = self._hint(outcome)
        if hint:
            yield from _wrapped(f"hint: {hint}", room)
        rows = list(self._rows(outcome))
        if rows:
            titles = "candidate", "ID", "name", "why not"
            columns = [Column(title, [row[place] for row in rows], kept=True) for place, title in enumerate(titles)]
            columns[3].width = max(len(row[3]) for row in rows)
            yield ""
            yield from _drawn(columns)

    def _hint(self, outcome: Outcome) -> str:
        """Say what may help a virtual machine whose requirement no host meets."""
        failing = {
            each for reason in outcome.reasons if reason.cause is Cause.REQUIREMENT for each in reason.candidates
        }
        hosts = self._simulation.hosts
        if outcome.request is None or len(outcome.reasons) != 1 or not failing.issuperset(hosts.keys):
            return ""
        with suppress(MatchmakerError), Budget(PATIENCE):  # parts of the requirement are evaluated that were not before
            explanation = explain(hosts, _parts(outcome.request.requirements))
            if not explanation.matching:  # else it is a group that says no
                return "; ".join(explanation.advice)
        return ""

    def _rows(self, outcome: Outcome) -> Iterator[tuple[str, str, str | None, str]]:
        """Yield the kind, the id and the name of each candidate, and what it fails at."""
        found: dict[tuple[str, int], list[str]] = {}
        for reason in outcome.reasons:
            kind, cause = _parted(reason.cause)
            unmet = self._unmet[kind].of(_requirements(outcome, kind)) if reason.cause in _UNMET else {}
            for candidate in reason.candidates:
                part = unmet.get(candidate)
                found.setdefault((kind, candidate), []).append(cause if part is None else f"not met: {part}")
        kinds = list(self._pools)
        for (kind, candidate), causes in sorted(found.items(), key=lambda item: (kinds.index(item[0][0]), item[0][1])):
            name = _name(self._pools[kind], candidate)
            yield kind, str(candidate), name or None, "; ".join(causes)


def _parts(requirements: tuple[Requirement, ...]) -> dict[Part, Requirement]:
    """Return the requirements of a virtual machine, of which the last is its user's, by the part that they come from."""
    parts: tuple[Part, ...] = ("automatic", "user")
    return dict(zip(parts[-len(requirements) :], requirements, strict=True)) if requirements else {}


def as_document(simulation: Simulation, outcomes: Iterable[Outcome], notes: Sequence[str] = ()) -> str:
    """Return outcomes as a JSON document, with a line for each virtual machine.

    Parameters
    ----------
    simulation : Simulation
        Where they come from.
    outcomes : iterable of Outcome
        What to show.
    notes : sequence of str
        What there is to say beside the notes of the simulation.
    """
    entries = [json.dumps(_entry(simulation, outcome), allow_nan=False) for outcome in outcomes]
    vms = "[\n  " + ",\n  ".join(entries) + "\n]" if entries else "[]"
    return f'{{"vms": {vms}, "not_waiting": {simulation.others}, "notes": {json.dumps([*notes, *simulation.notes])}}}\n'


def _entry(simulation: Simulation, outcome: Outcome) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": outcome.vm, "name": outcome.name, "placed": outcome.action is not None}
    action = outcome.action
    if action is None:
        entry["messages"] = list(outcome.messages)
        entry["reasons"] = [
            dict(zip(("kind", "cause"), _parted(reason.cause), strict=True)) | {"candidates": list(reason.candidates)}
            for reason in outcome.reasons
        ]
    else:
        entry |= {
            "operation": action.operation,
            "host": action.host,
            "host_name": _name(simulation.hosts, action.host),
            "score": outcome.score,
            "datastore": action.datastore,
            "networks": {str(nic): network for nic, network in sorted(action.networks.items())},
        }
    return entry | {"notes": list(outcome.notes)}


def _told(simulation: Simulation, outcome: Outcome) -> str:
    """Return an outcome in one line."""
    action = outcome.action
    if action is None:
        return printable(outcome.message)
    host = f"{action.host} {_name(simulation.hosts, action.host)}".rstrip()
    parts = [f"{'moves to ' if action.operation == 'migrate' else ''}host {host}", f"datastore {action.datastore}"]
    parts += [f"NIC {nic}: network {network}" for nic, network in sorted(action.networks.items())]
    return ", ".join(part.replace(" ", _TIE) for part in parts)


def _wrapped(text: str, room: int) -> list[str]:
    return [line.replace(_TIE, " ") for line in textwrap.wrap(text, room)] or [""]


def _requirements(outcome: Outcome, kind: str) -> tuple[Requirement, ...]:
    request = outcome.request
    if request is None:
        return ()
    if kind == "host":
        return request.requirements
    if kind == "datastore":
        return request.datastore_requirements
    return request.nics[0].requirements if len(request.nics) == 1 else ()


def _parted(cause: Cause) -> tuple[str, str]:
    """Return the kind of candidates that a cause is about, and what it says of one."""
    sort, _, text = cause.value[1:].partition("] ")
    return _KINDS[sort], _ENDING.sub("", text)


def _drawn(columns: list[Column]) -> Iterator[str]:
    shown, _ = fit(columns, width())
    return draw(shown, marks_for(sys.stdout), coloured=is_coloured(sys.stdout))


def _name(pool: Pool, key: int) -> str:
    return (as_text(pool[key].attributes["NAME"]) or "") if key in pool else ""
