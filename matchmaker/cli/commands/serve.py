"""`matchmaker ovirt serve` and `matchmaker ovirt systemd-unit`."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from matchmaker.cli.tables import Column, draw, fit, marks_for
from matchmaker.cli.terminal import is_coloured, printable_lines, width, write
from matchmaker.cli.waiting import patiently
from matchmaker.errors import ExtraMissing

if TYPE_CHECKING:
    from matchmaker.ovirt.server.trial import Trial


def run_serve(config: Path) -> int:
    """Serve until SIGTERM, and return the exit status.

    Raises
    ------
    MatchmakerError
        If the configuration cannot be used.
    """
    _need_libraries()
    from matchmaker.ovirt.server.running import serve

    _log_to_standard_error()
    serve(config)
    return 0


def run_check(config: Path) -> int:
    """Run each unit of a configuration once, show what it did, and return the exit status.

    Raises
    ------
    MatchmakerError
        If the configuration cannot be used, or the inventory does not answer.
    """
    _need_libraries()
    from matchmaker.ovirt.server.loaded import Loaded
    from matchmaker.ovirt.server.trial import asked_about, tried

    with patiently("running each unit once"):
        loaded = Loaded(config)
        try:
            call = asked_about(loaded)
            vm = "no virtual machine" if call.vm is None else f"the virtual machine {call.vm.get('NAME', call.vm_id)}"
            trials = list(tried(loaded, call))
        finally:
            loaded.close(wait=0)
    _show(trials, f"asked about {len(call.host_ids)} hosts and {printable_lines(vm)}")
    return int(any(trial.failed for trial in trials))


def _show(trials: Sequence[Trial], about: str) -> None:
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
    write("\n".join([*lines, "", f"{len(trials)} units, {len(failed)} of them failing; {about}", ""]))


def run_systemd_unit(config: Path) -> int:
    """Print a systemd unit, and return the exit status."""
    template = files("matchmaker.ovirt").joinpath("matchmaker-ovirt.service").read_text(encoding="utf-8")
    command = shutil.which(sys.argv[0]) or shutil.which("matchmaker") or "matchmaker"
    write(template.replace("@command@", str(Path(command).absolute())).replace("@config@", str(config.absolute())))
    return 0


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
