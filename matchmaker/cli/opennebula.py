"""The commands of `matchmaker opennebula`, their options, and their help."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from matchmaker.cli.options import Command, JsonOption, finish

app = typer.Typer(
    name="opennebula",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Place OpenNebula's virtual machines.",
)

# Behind a \b typer leaves the lines of a paragraph as they are.
_SIMULATE_HELP = """
Show where waiting virtual machines would go, and why the others would not: a dry run of OpenNebula's scheduler.

\b
[bold]Examples[/bold]
  onevm list --extended -x > vms.xml; onehost list -x > hosts.xml
  onedatastore list -x > datastores.xml; onevnet list -x > networks.xml
  matchmaker opennebula simulate --vms vms.xml --hosts hosts.xml \\
    --datastores datastores.xml --networks networks.xml --why
  matchmaker opennebula simulate --live --vm 42
  matchmaker opennebula simulate --live --template vm.tmpl

Exit status: 0 when all shown have a place, 1 when some have none, 2 on bad input.
"""


@app.callback()
def top() -> None:
    """See the help text."""


@app.command("simulate", cls=Command, help=_SIMULATE_HELP)
def simulate_command(
    vms: Annotated[
        Path | None,
        typer.Option("--vms", metavar="FILE", help="What onevm list --extended -x prints.", show_default=False),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE", help="A VM template, in place of --vms.", show_default=False),
    ] = None,
    hosts: Annotated[
        Path | None, typer.Option("--hosts", metavar="FILE", help="What onehost list -x prints.", show_default=False)
    ] = None,
    datastores: Annotated[
        Path | None,
        typer.Option("--datastores", metavar="FILE", help="What onedatastore list -x prints.", show_default=False),
    ] = None,
    networks: Annotated[
        Path | None, typer.Option("--networks", metavar="FILE", help="What onevnet list -x prints.", show_default=False)
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option("--groups", metavar="FILE", help="What onevmgroup list -x prints.", show_default=False),
    ] = None,
    clusters: Annotated[
        Path | None,
        typer.Option(
            "--clusters",
            metavar="FILE",
            help="What onecluster list -x prints: hosts get the attributes of their clusters.",
            show_default=False,
        ),
    ] = None,
    live: Annotated[
        bool,
        typer.Option(
            "--live", metavar="", help="Read what has no file from a running OpenNebula; ONE_XMLRPC and ONE_AUTH count."
        ),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="The scheduler's rank.conf, if elsewhere.", show_default=False),
    ] = None,
    vm: Annotated[
        list[int] | None,
        typer.Option(
            "--vm", metavar="ID", help="Show this VM, and why it has no place; repeatable.", show_default=False
        ),
    ] = None,
    why: Annotated[bool, typer.Option("--why", metavar="", help="List what each candidate failed at.")] = False,
    json: JsonOption = False,
) -> None:
    """See the help text."""
    from matchmaker.cli.commands.simulate import Files, run_simulate

    files = Files(
        vms=vms,
        template=template,
        hosts=hosts,
        datastores=datastores,
        networks=networks,
        groups=groups,
        clusters=clusters,
    )
    finish(lambda: run_simulate(files, live=live, config=config, chosen=vm or (), as_json=json, why=why))


_PLACE_HELP = """
Be OpenNebula's scheduler driver: read its document in base64 on standard input, print the plan.

Messages go to standard error, one line each: ERROR: <VM> <why it has no place>.

\b
[bold]Examples[/bold]
  base64 action.xml | matchmaker opennebula place --config examples/rank.conf

Exit status: 0 when there is a plan, 255 when input or configuration are wrong.
"""

_INSTALL_HELP = """
Install the scheduler driver where OpenNebula looks for it: the programs place and optimize.

\b
[bold]Examples[/bold]
  sudo -u oneadmin matchmaker opennebula install
  matchmaker opennebula install --directory /tmp/matchmaker

Then write matchmaker in place of rank in SCHED_MAD of oned.conf, and restart OpenNebula.
Exit status: 0 when both are installed, 2 when they cannot be written.
"""


@app.command("place", cls=Command, help=_PLACE_HELP)
def place_command(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="rank.conf, if it is not where OpenNebula has it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """See the help text."""
    from matchmaker.opennebula import driver

    raise typer.Exit(driver.run(sys.stdin.buffer, sys.stdout, sys.stderr, config=config))


@app.command("optimize", cls=Command, help="Answer OpenNebula's scheduler that this does not exist yet.")
def optimize_command() -> None:
    """See the help text."""
    from matchmaker.opennebula import driver

    raise typer.Exit(driver.refuse_to_optimize())


@app.command("install", cls=Command, help=_INSTALL_HELP)
def install_command(
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory",
            metavar="DIRECTORY",
            help="Where to; without it the place where OpenNebula looks for a driver named matchmaker.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """See the help text."""
    from matchmaker.cli.commands.install import run_install

    finish(lambda: run_install(directory))
