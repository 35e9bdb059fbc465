"""OpenNebula's scheduler driver: a document on standard input, a plan on standard output, messages on standard error.

OpenNebula reads a line `ERROR: <number> <text>` as a message about that virtual machine, and shows the first 100 characters of
the text. So a number stands behind the colon only where it is one, and each message is one line of ASCII.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn, TextIO

from matchmaker.errors import DocumentError, MatchmakerError
from matchmaker.opennebula.rank_conf import Configuration, ConfigurationError, read_configuration
from matchmaker.opennebula.scheduler_action import decoded, read_action
from matchmaker.placement import Action, Plan, Refusal

FAILED = 255
"""The exit status when there is no plan, as upstream has it."""
UNPARSED = "Error parsing XML Document"
"""What upstream says of any input that is no document."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the driver as a program: `place [--config FILE]`, or `optimize`."""
    parser = argparse.ArgumentParser(
        prog="place", description="Read OpenNebula's SCHEDULER_DRIVER_ACTION in base64, print the plan."
    )
    parser.add_argument("--config", metavar="FILE", type=Path, help="rank.conf; else OpenNebula's own place for it")
    given = parser.parse_args(arguments)
    return run(sys.stdin.buffer, sys.stdout, sys.stderr, config=given.config)


def run(
    source: BinaryIO,
    output: TextIO,
    messages: TextIO,
    *,
    config: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Read a document, and write the plan and the messages.

    Parameters
    ----------
    source : binary file
        SCHEDULER_DRIVER_ACTION in base64.
    output, messages : text file
        Where the plan goes, and where the messages go.
    config : Path or None
        The configuration; None for the place where OpenNebula has it.
    environment : mapping of str to str
        Where ONE_LOCATION is looked up.

    Returns
    -------
    int
        The exit status: 0, or 255 when there is no plan.
    """
    # What is read stays until the end; looking for cycles in it again and again would take as long as all the rest.
    collecting = gc.isenabled()
    gc.disable()
    try:
        configuration = read_configuration(config, environment=environment)
        action = read_action(decoded(source.read()), configuration)
        plan = action.plan(configuration)
    except ConfigurationError as error:
        return _fail(messages, error.upstream, str(error))
    except DocumentError as error:
        missing = str(error).startswith("Missing `/")
        return _fail(messages, str(error) if missing else UNPARSED, "" if missing else str(error))
    except MatchmakerError as error:
        return _fail(messages, "Error reading scheduler input", str(error))
    finally:
        if collecting:
            gc.enable()
    for line in lines(plan, configuration):
        print(line, file=messages)
    output.write(document(plan.actions))
    output.flush()
    return 0


def refuse_to_optimize(messages: TextIO = sys.stderr) -> int:
    """Answer a call of `optimize`, which does not exist yet."""
    return _fail(
        messages,
        "ERROR: optimize is not supported: matchmaker places virtual machines, it does not rebalance clusters",
        "",
    )


def document(actions: Iterable[Action]) -> str:
    """Return actions as a PLAN document."""
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n<PLAN><ID>-1</ID>']
    for action in actions:
        pieces.append(
            f"<ACTION><VM_ID>{action.request.id}</VM_ID><HOST_ID>{action.host}</HOST_ID><DS_ID>{action.datastore}</DS_ID>"
            f"<OPERATION>{action.operation}</OPERATION>"
        )
        pieces += [
            f"<NIC><NIC_ID>{nic}</NIC_ID><NETWORK_ID>{network}</NETWORK_ID></NIC>"
            for nic, network in sorted(action.networks.items())
        ]
        pieces.append("</ACTION>")
    pieces.append("</PLAN>\n")
    return "".join(pieces)


def lines(plan: Plan, configuration: Configuration) -> Iterator[str]:
    """Yield the messages about a plan."""
    for warning in configuration.warnings:
        yield _line("WARN", f"rank.conf: {warning}")
    requests = [action.request for action in plan.actions] + [refusal.request for refusal in plan.refusals]
    for request in sorted(requests, key=lambda request: request.id):
        for note in request.notes:
            yield _line("WARN", f"{request.id} {note}")
    for refusal in plan.refusals:
        yield _line("ERROR", f"{refusal.request.id} {_text(refusal)}")


def _text(refusal: Refusal) -> str:
    return refusal.message or "Cannot dispatch VM"


def _fail(messages: TextIO, line: str, explanation: str) -> int:
    print(_ascii(line), file=messages)
    return FAILED


def _line(level: str, text: str) -> str:
    return f"{level}: {_ascii(text)}"


def _ascii(text: str) -> str:
    return " ".join(text.encode("ascii", "backslashreplace").decode().split())


def leave(status: int) -> NoReturn:
    """End the process: to take the document apart, element by element, would take as long as placing."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main())
