"""`matchmaker opennebula install`."""

from __future__ import annotations

import os
from pathlib import Path

from matchmaker.cli.terminal import say
from matchmaker.opennebula import installation


def run_install(target: Path | None) -> int:
    """Install the scheduler driver, say where, and return the exit status.

    Parameters
    ----------
    target : Path or None
        The folder; None for the one where OpenNebula looks.

    Raises
    ------
    MatchmakerError
        If it cannot be written.
    """
    folder = installation.directory(os.environ.get("ONE_LOCATION")) if target is None else target
    for path in installation.install(folder):
        say(f"installed {path}")
    return 0
