"""From a folder of plug-in files to units."""

from __future__ import annotations

import inspect
import logging
import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, TypeVar

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.errors import PluginError
from matchmaker.ovirt.plugins.files import read_files
from matchmaker.ovirt.plugins.matchmaker_worker.kinds import METHODS
from matchmaker.ovirt.plugins.process import ProcessFailed
from matchmaker.ovirt.plugins.texts import one_line
from matchmaker.ovirt.plugins.units import PluginBalancer, PluginFilter, PluginUnit, PluginWeigher
from matchmaker.ovirt.plugins.worker import Worker

Kind = TypeVar("Kind", bound=PluginUnit)

LONGEST = 3_600
"""The longest time limit, in seconds."""
LARGEST = 1024 * 1024
"""The largest memory limit, in MiB."""
_VALIDATION = re.compile(r"\s*\w+\s*=[^;]*(?:;\s*\w+\s*=[^;]*)*;?\s*")
_STARTED_AT_ONCE = 8  # each waits for an interpreter
_KINDS: dict[str, type[PluginUnit]] = {"filter": PluginFilter, "score": PluginWeigher, "balance": PluginBalancer}

_log = logging.getLogger("matchmaker.ovirt")


@dataclass(frozen=True, eq=False)
class Plugins:
    """The units in a folder of plug-in files, and the processes that call them.

    Parameters
    ----------
    filters, weighers, balancers : tuple
        The units, in the order of the files' names.
    workers : tuple of Worker
        What calls them.
    """

    filters: tuple[PluginFilter, ...]
    weighers: tuple[PluginWeigher, ...]
    balancers: tuple[PluginBalancer, ...]
    workers: tuple[Worker, ...] = field(repr=False)

    def close(self, *, wait: float = 0) -> None:
        """End all processes; further calls fail.

        Parameters
        ----------
        wait : float
            How many seconds calls under way may still take.
        """
        deadline = monotonic() + wait
        for worker in self.workers:
            worker.close(deadline)

    def __enter__(self) -> Plugins:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def load_plugins(folder: Path, *, time_limit: float = 30, memory: int = 1024) -> Plugins:
    """Return the units in a folder of plug-in files that were written for oVirt's external scheduler proxy.

    Every file `*.py` is imported, in a process of its own, but for those whose names begin with `_` or `.`. Each of its classes with
    a method `do_filter(self, hosts, vm, args)`, `do_score(self, hosts, vm, args)` or `do_balance(self, hosts, args)` is a unit.

    Parameters
    ----------
    folder : Path
        Where the files lie; it is the working directory of the plug-ins, and the first place that they import from.
    time_limit : float
        How many seconds a call may take, and importing a file.
    memory : int
        How much memory a call may have, in MiB.

    Raises
    ------
    PluginError
        If a file is refused: all that are, with what has to be changed.
    ValueError
        If a limit is not positive, or larger than `LONGEST` or `LARGEST`.
    """
    if not 0 < time_limit <= LONGEST or not 0 < memory <= LARGEST:
        raise ValueError(f"`time_limit` is up to {LONGEST:,} s, `memory` up to {LARGEST:,} MiB, and both are positive")
    if not hasattr(os, "memfd_create"):
        raise PluginError("plug-in files of the old proxy need Linux")
    files, problems = read_files(folder)
    workers = [Worker(file, seconds=time_limit, memory=memory) for file in files]
    units: list[PluginUnit] = []
    with ThreadPoolExecutor(max_workers=_STARTED_AT_ONCE) as pool:
        for worker, report in zip(workers, pool.map(_report, workers), strict=True):
            if report.get("said", "").strip():
                said = one_line(report["said"], 500)
                _log.warning("plug-in file `%s` wrote while it was imported: %s", worker.file.shown, said)
            problems += _refusals(worker, report)
            units += _units(worker, report)
    problems += _named_twice(units)
    plugins = Plugins(
        _of_kind(PluginFilter, units), _of_kind(PluginWeigher, units), _of_kind(PluginBalancer, units), tuple(workers)
    )
    if problems:
        plugins.close()
        raise PluginError("\n".join([f"plug-in files in `{shorten(str(folder), 200)}` are refused:", *problems]))
    used = {unit.worker for unit in units}
    for worker in (worker for worker in workers if worker not in used):
        _log.info("plug-in file `%s` has no class with %s", worker.file.shown, " or ".join(METHODS.values()))
        worker.close(0)
    for unit in units:
        if unit.validation and not _VALIDATION.fullmatch(unit.validation):
            _log.warning(
                "unit `%s` of `%s`: oVirt's engine ignores the unit, as it cannot read `%s`; write `name=pattern;name=pattern`",
                unit.name,
                unit.worker.file.shown,
                shorten(unit.validation, 100),
            )
    return plugins


def _report(worker: Worker) -> Mapping[str, Any]:
    try:
        return worker.start()
    except ProcessFailed as error:
        return {"failure": str(error)}


def _refusals(worker: Worker, report: Mapping[str, Any]) -> list[str]:
    """Return why a file is refused, line by line; nothing when it is not."""
    name = worker.file.shown
    if "failure" in report:
        line = f", line {report['line']}" if report.get("line") else ""
        if report["failure"] == "memory":
            return [f"`{name}`{line}: importing it needs more than {worker.memory} MiB of memory"]
        return [f"`{name}`{line}: {one_line(str(report['failure']))}"]
    refusals = []
    for found in report.get("changes", ()):
        line = f", line {found['line']}: `{shorten(found['text'], 120)}`" if found["line"] else ""
        refusals.append(f"`{name}`{line}: {one_line(found['change'], 200)}")
    if report.get("more"):
        refusals.append(f"`{name}`: and {report['more']:,} more lines")
    return refusals


def _units(worker: Worker, report: Mapping[str, Any]) -> list[PluginUnit]:
    return [
        _KINDS[found["kind"]](
            found["class"], inspect.cleandoc(found["description"]), found["validation"].strip(), worker
        )
        for found in report.get("units", ())
    ]


def _named_twice(units: Iterable[PluginUnit]) -> list[str]:
    known: dict[tuple[type[PluginUnit], str], PluginUnit] = {}
    problems = []
    for unit in units:
        other = known.setdefault((type(unit), unit.name), unit)
        if other is not unit:
            files = f"`{other.worker.file.shown}` and `{unit.worker.file.shown}`"
            problems.append(f"{files} both have a class `{shorten(unit.name)}` of the same kind: rename one of them")
    return problems


def _of_kind(kind: type[Kind], units: Iterable[PluginUnit]) -> tuple[Kind, ...]:
    return tuple(unit for unit in units if isinstance(unit, kind))
