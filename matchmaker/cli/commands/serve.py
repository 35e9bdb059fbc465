"""`matchmaker ovirt serve` and `matchmaker ovirt systemd-unit`."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from matchmaker.cli.tables import Column, draw, fit, marks_for
from matchmaker.cli.terminal import is_coloured, printable_lines, width, write
from matchmaker.cli.waiting import patiently
from matchmaker.errors import ExtraMissing

if TYPE_CHECKING:
    from matchmaker.ovirt.server.trial import Trial


def run_serve(config: Path) -> NoReturn:
    """Serve until SIGTERM, and end the process.

    Raises
    ------
    MatchmakerError
        If the configuration cannot be used.
    """
    _need_libraries()
    from matchmaker.ovirt.server.running import serve

    _log_to_standard_error()
    serve(config)
    # Threads that still wait for somebody, such as the engine, would keep the interpreter from ending.
    os._exit(0)


def run_check(config: Path) -> int:
    """Run each unit of a configuration once, show what it did, and return the exit status.

    Raises
    ------
    MatchmakerError
        If the configuration cannot be used, or the inventory does not answer.
    """
    _need_libraries()
    from matchmaker.ovirt.server.loaded import Loaded
    from matchmaker.ovirt.server.trial import asked_about, own_units, tried
    from matchmaker.ovirt.server.unread_names import unread_names

    with patiently("running each unit once"):
        loaded = Loaded(config)
        try:
            call = asked_about(loaded)
            vm = "no virtual machine" if call.vm is None else f"the virtual machine {call.vm.get('NAME', call.vm_id)}"
            trials = list(tried(loaded, call))
            notes = list(unread_names(own_units(loaded), call.snapshot))
        finally:
            loaded.close(wait=0)
    _show(trials, notes, f"asked about {len(call.host_ids)} hosts and {printable_lines(vm)}")
    return int(any(trial.failed for trial in trials))


def _show(trials: Sequence[Trial], notes: Sequence[str], about: str) -> None:
    columns = [
        Column("UNIT", [printable_lines(trial.name) for trial in trials], kept=True),
        Column("KIND", [trial.kind for trial in trials], kept=True),
        Column("MS", [f"{trial.milliseconds:.1f}" for trial in trials]),
        Column("ANSWER", ["fails" if trial.failed else printable_lines(trial.outcome) for trial in trials], kept=True),
    ]
    shown, _ = fit(columns, width())
    lines = list(draw(shown, marks_for(sys.stdout), coloured=is_coloured(sys.stdout)))
    failed = [trial for trial in trials if trial.failed]
    if failed:
        lines.append("")
        lines += [f"{printable_lines(trial.name)}: {printable_lines(trial.outcome)}" for trial in failed]
    if notes:
        lines += ["", *(f"note: {printable_lines(note)}" for note in notes)]
    units = "1 unit" if len(trials) == 1 else f"{len(trials)} units"
    write("\n".join([*lines, "", f"{units}, {len(failed)} failing; {about}", ""]))


def run_systemd_unit(config: Path) -> int:
    """Print a systemd unit, and return the exit status."""
    template = files("matchmaker.ovirt").joinpath("matchmaker-ovirt.service").read_text(encoding="utf-8")
    command = shutil.which(sys.argv[0]) or shutil.which("matchmaker") or "matchmaker"
    paths = (("@command@", Path(command)), ("@config@", config))
    for place, path in paths:
        template = template.replace(place, _quoted(str(path.absolute())))
    write(template)
    return 0


def _quoted(path: str) -> str:
    """Return a path as systemd reads it in a command (systemd.service(5)): spaces, quotes, `%` and `$` mean something there."""
    if all(each.isalnum() or each in "/._-+,:=@" for each in path):
        return path
    return '"' + path.translate({ord("\\"): "\\\\", ord('"'): '\\"', ord("%"): "%%", ord("$"): "$$"}) + '"'


def _need_libraries() -> None:
    """Tell which extra is missing before anything else is looked at."""
    try:
        import defusedxml  # noqa: F401
        import httpx  # noqa: F401
        import yaml  # noqa: F401
    except ImportError:
        raise ExtraMissing("ovirt", "Serving oVirt's engine") from None


def _log_to_standard_error() -> None:
    """Write the log to standard error; systemd's journal knows the time itself."""
    handler = logging.StreamHandler(sys.stderr)
    time = "" if "JOURNAL_STREAM" in os.environ else "%(asctime)s "
    handler.setFormatter(logging.Formatter(f"{time}%(levelname)s %(message)s"))
    logger = logging.getLogger("matchmaker.ovirt")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
