"""The installed distribution: its metadata, its files, and what importing it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distribution, entry_points
from importlib.resources import files

import matchmaker

DISTRIBUTION = "matchmaking-expressions"


def test_metadata() -> None:
    metadata = distribution(DISTRIBUTION).metadata
    assert metadata["Version"] == matchmaker.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"


def test_the_core_depends_on_lark_alone() -> None:
    requirements = distribution(DISTRIBUTION).requires or []
    assert [each for each in requirements if "extra ==" not in each] == ["lark<2,>=1.2"]


def test_the_command_is_called_matchmaker() -> None:
    [command] = entry_points(group="console_scripts", name="matchmaker")
    assert command.value == "matchmaker.cli:main"
    assert callable(command.load())


def test_the_package_is_marked_as_typed() -> None:
    assert files("matchmaker").joinpath("py.typed").is_file()


def test_importing_loads_no_optional_dependency() -> None:
    program = "import matchmaker, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"hypothesis", "lxml", "numpy", "rich", "typer"} & set(json.loads(done.stdout))
