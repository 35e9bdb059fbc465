"""How long a process takes to import the package, and the command to tell its version."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from benchmarks.report import Row, duration
from benchmarks.settings import Settings, WrongAnswer
from benchmarks.timing import Subject, measure

CHECKOUT = Path(__file__).parents[2]
NOTHING = [sys.executable, "-c", "pass"]
IMPORT = [sys.executable, "-c", "import matchmaker"]


def starting(settings: Settings) -> list[Row]:
    """Start processes, in turn."""
    commands = {"nothing": NOTHING, "import": IMPORT}
    version = command()
    if version is not None:
        commands["version"] = [*version, "--version"]
        if not _output(commands["version"]).strip():
            raise WrongAnswer("matchmaker --version prints nothing")
    for arguments in commands.values():
        _output(arguments)
    subjects = [
        Subject(name, lambda arguments=arguments: _output(arguments), warm=0, clock=perf_counter)
        for name, arguments in commands.items()
    ]
    times = measure(subjects, settings.rounds(21))
    above = times.difference("import", "nothing")
    rows = [
        Row(
            "`import matchmaker`, above an empty process",
            above,
            "process",
            f"`python -c pass`, {duration(times.median('nothing'))}",
            target="at most 80 ms",
            reached=above <= 0.08,
        )
    ]
    if version is None:
        rows.append(Row("`matchmaker --version`", None, target="under 0.3 s", note="the command is not installed"))
    else:
        whole = times.median("version")
        rows.append(Row("`matchmaker --version`", whole, "process", target="under 0.3 s", reached=whole < 0.3))
    return rows


def command() -> list[str] | None:
    """Return how to run the command: the installed one, else the package's `__main__`; None when there is neither."""
    installed = Path(sysconfig.get_path("scripts")) / "matchmaker"
    if installed.exists():
        return [str(installed)]
    if find_spec("matchmaker.__main__") is not None and find_spec("typer") is not None:
        return [sys.executable, "-m", "matchmaker"]
    return None


def _output(arguments: list[str]) -> str:
    return subprocess.run(arguments, cwd=CHECKOUT, check=True, capture_output=True, encoding="utf-8").stdout
