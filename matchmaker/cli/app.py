"""The commands, their options, and their help."""

from __future__ import annotations

from typing import Annotated

import typer

from matchmaker.cli.commands.check import KindName, run_check
from matchmaker.cli.commands.evaluate import run_eval
from matchmaker.cli.commands.match import run_match
from matchmaker.cli.commands.match_requests import run_requests
from matchmaker.cli.expressions import Policy
from matchmaker.cli.opennebula import app as opennebula_app
from matchmaker.cli.options import (
    Command,
    FormatOption,
    JsonOption,
    KeyOption,
    PathArgument,
    RankOption,
    RequestsOption,
    RequirementOption,
    column_names,
    finish,
    version_option,
)

app = typer.Typer(
    name="matchmaker",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(opennebula_app)

_HELP = """
Filter and sort hosts, datastores, networks, or anything with attributes, by OpenNebula's matchmaking expressions.

A requirement, such as HYPERVISOR = "kvm" & FREE_CPU > 50, says which candidates will do. A rank, such as - RUNNING_VMS, says which of them are better.
"""

# Behind a \b typer leaves the lines of a paragraph as they are.
_MATCH_HELP = """
Show the candidates that meet a requirement, best first.

\b
[bold]Examples[/bold]
  matchmaker match hosts.xml -r 'HYPERVISOR = "kvm" & FREE_CPU > 50'
  matchmaker match hosts.xml -k '- RUNNING_VMS' --limit 5
  matchmaker match hosts.csv --key NAME --policy load-aware
  onehost list -j | matchmaker match - -r 'RACK = "r1*"' --json
  matchmaker match hosts.xml --requests vms.jsonl --limit 1 > answers.jsonl

Exit status: 0 when candidates match, 1 when none does, 2 on bad input. With --requests: 0 when each request has matches, 1 when some have none, 2 when some are bad.
"""

_CHECK_HELP = """
Show all that is wrong with expressions, or may be meant otherwise.

\b
[bold]Examples[/bold]
  matchmaker check 'FREE_CPU >= 50'
  matchmaker check -r 'HYPERVISOR = "kvm"' -k 'FREE_CPU - 1' --kind host
  matchmaker check - < requirement.txt

Exit status: 0 when there is nothing to report, 1 when there is, 2 on bad input.
"""

_EVAL_HELP = """
Evaluate expressions on one candidate.

\b
[bold]Examples[/bold]
  matchmaker eval hosts.xml --candidate 7 -k '- RUNNING_VMS'
  onehost show -x 7 | matchmaker eval - -r 'FREE_CPU > 50' -k FREE_CPU
  echo '{"FREE_CPU": 400}' | matchmaker eval - -r 'FREE_CPU > 50'

Exit status: 0 when the requirement is met or none is given, 1 when it is not met, 2 on bad input.
"""


@app.callback(help=_HELP)
def top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=version_option, is_eager=True)
    ] = False,
) -> None:
    """See the help text."""


@app.command("match", cls=Command, help=_MATCH_HELP)
def match_command(
    pool: PathArgument,
    requirement: RequirementOption = None,
    rank: RankOption = None,
    requests: RequestsOption = None,
    policy: Annotated[
        Policy | None,
        typer.Option(
            "--policy",
            metavar="POLICY",
            help="What to sort by without -k: OpenNebula's packing, striping, load-aware or fixed.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="NUMBER", min=0, help="Show so many at most.", show_default=False)
    ] = None,
    key: KeyOption = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="A,B",
            help="The attributes to show, in place of those that the expressions name.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,  # noqa: A002
) -> None:
    """See the help text."""

    def work() -> int:
        names = None if columns is None else column_names(columns)
        if requests is not None:
            return run_requests(
                pool,
                requests,
                requirement=requirement,
                rank=rank,
                policy=policy,
                limit=limit,
                key=key,
                columns=names,
                form=format,
            )
        return run_match(
            pool,
            requirement=requirement,
            rank=rank,
            policy=policy,
            limit=limit,
            key=key,
            columns=names,
            as_document=json,
            form=format,
        )

    finish(work)


@app.command("check", cls=Command, help=_CHECK_HELP)
def check_command(
    text: Annotated[
        str | None,
        typer.Argument(metavar="EXPRESSION", help="A requirement; - reads it from standard input.", show_default=False),
    ] = None,
    requirement: RequirementOption = None,
    rank: RankOption = None,
    kind: Annotated[
        KindName,
        typer.Option("--kind", metavar="KIND", help="What they are meant for: plain, host, datastore or network."),
    ] = KindName.PLAIN,
    json: JsonOption = False,
) -> None:
    """See the help text."""
    finish(lambda: run_check(text, requirement=requirement, rank=rank, kind=kind, as_document=json))


@app.command("eval", cls=Command, help=_EVAL_HELP)
def eval_command(
    candidate: PathArgument,
    requirement: RequirementOption = None,
    rank: RankOption = None,
    chosen: Annotated[
        str | None,
        typer.Option(
            "--candidate", metavar="KEY", help="Which candidate, when the file holds several.", show_default=False
        ),
    ] = None,
    key: KeyOption = None,
    json: JsonOption = False,
    format: FormatOption = None,  # noqa: A002
) -> None:
    """See the help text."""
    finish(
        lambda: run_eval(
            candidate,
            requirement=requirement,
            rank=rank,
            candidate=chosen,
            key=key,
            as_document=json,
            form=format,
        )
    )
