"""Options that several commands share, and how their values may be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.core import TyperCommand

from matchmaker.cli.expressions import DialectName
from matchmaker.cli.formats.recognise import Format
from matchmaker.cli.running import status_of
from matchmaker.cli.terminal import Refusal
from matchmaker.cli.version import print_version

_SHORT = ("-r=", "-k=")


class Command(TyperCommand):
    """A command whose `-r` and `-k` take a value behind `=` too, so that it may begin with `-`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Parse the arguments."""
        return super().parse_args(ctx, _apart(args))


def _apart(args: list[str]) -> list[str]:
    """Write `-k=-A` as `-k` and `-A`, unless it is itself the value of an option, or behind `--`."""
    apart: list[str] = []
    for place, argument in enumerate(args):
        if argument == "--":
            return apart + args[place:]
        if argument.startswith(_SHORT) and (not apart or apart[-1] not in {"-r", "-k", "--requirement", "--rank"}):
            apart += [argument[:2], argument[3:]]
        else:
            apart.append(argument)
    return apart


def finish(work: Callable[[], int]) -> NoReturn:
    """Do a command's work and leave with its exit status."""
    raise typer.Exit(status_of(work))


def version_option(wanted: bool) -> None:
    """Print the version and leave, when that is wanted."""
    if wanted:
        finish(print_version)


def column_names(text: str) -> list[str]:
    """Return the names of `A,B`, each without quotes.

    Raises
    ------
    Refusal
        If there is no name between two commas.
    """
    names = [name.strip().strip('"') for name in text.split(",")]
    if not all(names):
        raise Refusal("--columns wants names, with commas between them")
    return names


PathArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="OpenNebula XML, JSON, JSON Lines or CSV; - is standard input.",
        show_default=False,
    ),
]
RequirementOption = Annotated[
    str | None,
    typer.Option("--requirement", "-r", metavar="EXPRESSION", help="What candidates must meet.", show_default=False),
]
RankOption = Annotated[
    str | None,
    typer.Option("--rank", "-k", metavar="EXPRESSION", help="What to sort by, highest first.", show_default=False),
]
DialectOption = Annotated[
    DialectName,
    typer.Option("--dialect", metavar="DIALECT", help="The expressions' dialect: opennebula or extended."),
]
RequestOption = Annotated[
    str | None,
    typer.Option(
        "--request",
        metavar="JSON",
        help="The request's attributes, which REQUEST. reads in the extended dialect: a JSON object.",
        show_default=False,
    ),
]
RequestsOption = Annotated[
    Path | None,
    typer.Option(
        "--requests",
        metavar="FILE",
        help="Answer the requests of a file, JSON Lines; each may have a requirement, a rank, a limit, an id, and a dialect and "
        "a request of its own.",
        show_default=False,
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="NAME",
        help="The attribute that identifies a candidate; without it OpenNebula's ID, else the position.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="Read it as xml, json, jsonl or csv, whatever the content looks like.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON, for programs.")]
