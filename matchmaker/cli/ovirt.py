"""The commands of `matchmaker ovirt`, their options, and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matchmaker.cli.options import Command, finish

app = typer.Typer(
    name="ovirt",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Serve oVirt's engine in the place of its external scheduler.",
)

# Behind a \b typer leaves the lines of a paragraph as they are.
_SERVE_HELP = """
Serve oVirt's engine in the place of its external scheduler: filters, weighers and balancers over XML-RPC.

\b
[bold]Examples[/bold]
  matchmaker ovirt serve --config /etc/matchmaker/ovirt.yaml --check
  matchmaker ovirt serve --config /etc/matchmaker/ovirt.yaml

SIGHUP reads the configuration again, SIGTERM ends. Messages go to standard error, a line for each call.
Exit status: 0 when it was ended, 2 when the configuration cannot be used. With --check: 0 when each unit works, 1 when one fails, 2 when the configuration cannot be used.
"""

_SYSTEMD_HELP = """
Print a systemd unit that serves oVirt's engine.

\b
[bold]Examples[/bold]
  matchmaker ovirt systemd-unit > /etc/systemd/system/matchmaker-ovirt.service

Exit status: 0.
"""

_CONFIG = Path("/etc/matchmaker/ovirt.yaml")


@app.callback()
def top() -> None:
    """See the help text."""


@app.command("serve", cls=Command, help=_SERVE_HELP)
def serve_command(
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="The configuration, in YAML.", show_default=False)
    ],
    check: Annotated[
        bool, typer.Option("--check", metavar="", help="Check the configuration, run each unit once, and leave.")
    ] = False,
) -> None:
    """See the help text."""
    from matchmaker.cli.commands.serve import run_check, run_serve

    finish(lambda: run_check(config) if check else run_serve(config))


@app.command("systemd-unit", cls=Command, help=_SYSTEMD_HELP)
def systemd_unit_command(
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="The configuration that it serves by.")
    ] = _CONFIG,
) -> None:
    """See the help text."""
    from matchmaker.cli.commands.serve import run_systemd_unit

    finish(lambda: run_systemd_unit(config))
