"""Installing the scheduler driver where OpenNebula looks for it."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from pathlib import Path

from matchmaker.errors import MatchmakerError

DIRECTORY = Path("/var/lib/one/remotes/scheduler/matchmaker")
"""Where OpenNebula looks for a driver named matchmaker, with ONE_LOCATION unset."""
PROGRAMS = {"place": "", "optimize": "optimize"}
"""What OpenNebula calls, and what the driver is called with then."""

_DRIVER = "matchmaker.opennebula.driver"


class InstallationError(MatchmakerError, OSError):
    """The driver cannot be installed."""


def directory(one_location: str | None) -> Path:
    """Return where the driver belongs.

    Parameters
    ----------
    one_location : str or None
        The value of ONE_LOCATION, where OpenNebula is installed in one folder.
    """
    return Path(one_location, "var/remotes/scheduler/matchmaker") if one_location else DIRECTORY


def install(target: Path) -> list[Path]:
    """Write the programs `place` and `optimize`, which run this installation of matchmaker with this Python.

    Parameters
    ----------
    target : Path
        The folder, which is made if need be.

    Returns
    -------
    list of Path
        What was written; those of an earlier installation are replaced, each at once.

    Raises
    ------
    InstallationError
        If a file cannot be written, or another program has its name.
    """
    written = []
    for name in PROGRAMS:
        if _is_foreign(target / name):
            raise InstallationError(f"{target / name} is another program: remove it first, or name another folder")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, word in PROGRAMS.items():
            _write(target / name, _program(word))
            written.append(target / name)
    except OSError as error:
        raise InstallationError(f"cannot write to {target}: {error.strerror or error}") from None
    return written


def _is_foreign(path: Path) -> bool:
    try:
        return path.exists() and _DRIVER.encode() not in path.read_bytes()
    except OSError as error:
        raise InstallationError(f"cannot read {path}: {error.strerror or error}") from None


def _program(word: str) -> str:
    """Return a script for the shell: it can call a Python whose path is long, or has blanks in it."""
    words = [sys.executable, "-m", _DRIVER, *([word] if word else [])]
    return f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n'


def _write(path: Path, content: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(content)
        temporary.chmod(0o755)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
