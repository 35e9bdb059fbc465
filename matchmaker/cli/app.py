"""The commands, their options, and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matchmaker.cli.commands.check import KindName, Wanted, run_check
from matchmaker.cli.commands.check_templates import TemplateOptions, refuse_with_templates, run_check_templates
from matchmaker.cli.commands.evaluate import run_eval
from matchmaker.cli.commands.match import run_match
from matchmaker.cli.commands.match_requests import run_requests
from matchmaker.cli.expressions import Asked, DialectName, Policy
from matchmaker.cli.knowledge import read_knowledge
from matchmaker.cli.opennebula import app as opennebula_app
from matchmaker.cli.options import (
    Command,
    DialectOption,
    FormatOption,
    JsonOption,
    KeyOption,
    PathArgument,
    RankOption,
    RequestOption,
    RequestsOption,
    RequirementOption,
    column_names,
    finish,
    version_option,
)
from matchmaker.cli.ovirt import app as ovirt_app
from matchmaker.cli.terminal import Refusal

app = typer.Typer(
    name="matchmaker",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(opennebula_app)
app.add_typer(ovirt_app)

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
  matchmaker match hosts.csv --dialect extended -k 'FREE_CPU / REQUEST.CPU' --request '{"CPU": 2}'

Exit status: 0 when candidates match, 1 when none does, 2 on bad input. With --requests: 0 when each request has matches, 1 when some have none, 2 when some are bad.
"""

_CHECK_HELP = """
Show all that is wrong with expressions, or may be meant otherwise, and repair what can be repaired.

\b
[bold]Examples[/bold]
  matchmaker check 'FREE_CPU >= 50'
  matchmaker check -r 'HYPERVISOR = "kvm"' -k 'FREE_CPU - 1' --kind host
  matchmaker check 'FREE_MEMORY > 4096' --schema host --pool hosts.xml
  matchmaker check --fix 'FREE_CPU >= 50 && GPU == YES'
  matchmaker check --templates *.tmpl vms.xml
  matchmaker check --templates --fix web.tmpl

Exit status: 0 when there is nothing to report, 1 when there is, 2 on bad input.
"""

_EXPLAIN_HELP = """
Explain why candidates match or do not, what would help, and why they come in this order.

\b
[bold]Examples[/bold]
  matchmaker explain hosts.xml -r 'HYPERVISOR = "kvm" & FREE_CPU > 800'
  matchmaker explain hosts.xml -r 'FREE_CPU > 800' -k '- RUNNING_VMS' --candidate 7
  matchmaker explain hosts.xml -r 'FREE_CPU > 800' --html report.html
  onevm show -x 42 | matchmaker explain hosts.xml --vm -

Exit status: 0 when there is an explanation, 2 on bad input.
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
    dialect: DialectOption = DialectName.OPENNEBULA,
    request: RequestOption = None,
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
        asked = Asked(requirement, rank, dialect, request)
        if requests is not None:
            return run_requests(
                pool,
                requests,
                asked=asked,
                policy=policy,
                limit=limit,
                key=key,
                columns=names,
                form=format,
            )
        return run_match(
            pool,
            asked=asked,
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
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXPRESSION",
            help="A requirement; - reads it from standard input. With --templates: files.",
            show_default=False,
        ),
    ] = None,
    requirement: RequirementOption = None,
    rank: RankOption = None,
    kind: Annotated[
        KindName | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="What they are meant for: plain, host, datastore or network; else what the schema or the pool is about.",
            show_default=False,
        ),
    ] = None,
    dialect: DialectOption = DialectName.OPENNEBULA,
    schemas: Annotated[
        list[str] | None,
        typer.Option(
            "--schema",
            metavar="SCHEMA",
            help="Tell about attributes that it does not know: host, datastore, network, or a JSON file; repeatable.",
            show_default=False,
        ),
    ] = None,
    pools: Annotated[
        list[Path] | None,
        typer.Option(
            "--pool",
            metavar="FILE",
            help="Tell about values outside of what its candidates have; repeatable, a file for each kind.",
            show_default=False,
        ),
    ] = None,
    templates: Annotated[
        bool, typer.Option("--templates", metavar="", help="Check the expressions in files of VM templates.")
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", metavar="", help="Print them repaired; with --templates, repair the files.")
    ] = False,
    difference: Annotated[
        bool,
        typer.Option("--diff", metavar="", help="With --templates: print what --fix would change, and change nothing."),
    ] = False,
    canonical: Annotated[
        bool, typer.Option("--format", metavar="", help="Print them in their canonical form.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """See the help text."""

    def work() -> int:
        knowledge = read_knowledge(schemas or (), pools or ())
        if templates:
            refuse_with_templates(requirement=requirement, rank=rank, kind=kind, canonical=canonical)
            options = TemplateOptions(knowledge, dialect.value, fix=fix, difference=difference, as_document=json)
            return run_check_templates(texts or (), options)
        if difference:
            raise Refusal("--diff goes with --templates; --fix prints a repaired expression")
        wanted = Wanted(kind, dialect, knowledge, fix=fix, canonical=canonical, as_document=json)
        return run_check(texts or (), requirement=requirement, rank=rank, wanted=wanted)

    finish(work)


@app.command("eval", cls=Command, help=_EVAL_HELP)
def eval_command(
    candidate: PathArgument,
    requirement: RequirementOption = None,
    rank: RankOption = None,
    dialect: DialectOption = DialectName.OPENNEBULA,
    request: RequestOption = None,
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
            asked=Asked(requirement, rank, dialect, request),
            candidate=chosen,
            key=key,
            as_document=json,
            form=format,
        )
    )


@app.command("explain", cls=Command, help=_EXPLAIN_HELP)
def explain_command(
    pool: PathArgument,
    requirement: RequirementOption = None,
    rank: RankOption = None,
    dialect: DialectOption = DialectName.OPENNEBULA,
    request: RequestOption = None,
    vm: Annotated[
        Path | None,
        typer.Option(
            "--vm",
            metavar="FILE",
            help="Explain hosts to this virtual machine, what onevm show -x prints, in place of -r and -k.",
            show_default=False,
        ),
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option(
            "--groups",
            metavar="FILE",
            help="With --vm: what onevmgroup list -x prints, for its affinity.",
            show_default=False,
        ),
    ] = None,
    chosen: Annotated[
        list[str] | None,
        typer.Option("--candidate", metavar="KEY", help="Tell about this candidate; repeatable.", show_default=False),
    ] = None,
    key: KeyOption = None,
    json: JsonOption = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write a page to look at, in one file.", show_default=False),
    ] = None,
    format: FormatOption = None,  # noqa: A002
) -> None:
    """See the help text."""
    from matchmaker.cli.commands.explain import run_explain

    finish(
        lambda: run_explain(
            pool,
            asked=Asked(requirement, rank, dialect, request),
            vm=vm,
            groups=groups,
            candidates=chosen or (),
            key=key,
            as_document=json,
            report=html,
            form=format,
        )
    )
