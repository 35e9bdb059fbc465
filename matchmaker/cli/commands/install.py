"""`matchmaker opennebula install`."""

from __future__ import annotations

import os
from pathlib import Path

from matchmaker.cli.terminal import Refusal, say
from matchmaker.opennebula import installation


def run_install(target: Path | None) -> int:
    """Install the scheduler driver, say where, and return the exit status.

    Parameters
    ----------
    target : Path or None
        The folder; None for the one where OpenNebula looks.

    Raises
    ------
    Refusal
        If there is no OpenNebula where it would be, and no folder was named.
    MatchmakerError
        If it cannot be written.
    """
    folder = installation.directory(os.environ.get("ONE_LOCATION")) if target is None else target
    if target is None and not folder.parent.parent.is_dir():
        raise Refusal(
            f"there is no OpenNebula here, as {folder.parent.parent} does not exist: name a folder, --directory"
        )
    for path in installation.install(folder):
        say(f"installed {path}")
    say("write `-p matchmaker` in SCHED_MAD of oned.conf, and restart OpenNebula")
    return 0
