"""The command line; its libraries are imported only when it runs."""

import importlib.util
import sys
from typing import NoReturn

from matchmaker.cli.running import run, status_of


def main() -> None:
    """Run the command `matchmaker` and leave with its exit status."""
    if sys.argv[1:3] == ["opennebula", "place"] and not {"-h", "--help"} & set(sys.argv[3:]):
        _driver()
    run(_version if sys.argv[1:] == ["--version"] else _command_line)


def _version() -> None:
    from matchmaker.cli.version import print_version

    sys.exit(status_of(print_version))


def _driver() -> NoReturn:
    """Be OpenNebula's scheduler driver, which has no time to lose with the libraries of a command line."""
    from matchmaker.opennebula import driver

    driver.leave(driver.main(sys.argv[3:]))


def _command_line() -> None:
    if any(importlib.util.find_spec(library) is None for library in ("typer", "rich")):
        print(
            "matchmaker: the command line needs an extra: pip install 'matchmaking-expressions[cli]'", file=sys.stderr
        )
        sys.exit(2)
    from matchmaker.cli.app import app

    app(prog_name="matchmaker")
