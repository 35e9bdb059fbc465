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
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NoReturn, TextIO

from matchmaker.errors import DocumentError, MatchmakerError
from matchmaker.opennebula.rank_conf import Configuration, ConfigurationError, read_configuration
from matchmaker.opennebula.scheduler_action import SectionMissing, read_encoded
from matchmaker.placement import Action, Plan

FAILED = 255
"""The exit status when there is no plan, as upstream has it."""
MOST_NOTES = 5
"""How many remarks about one virtual machine are written: it could give rise to any number."""
UNPARSED = "Error parsing XML Document"
"""What upstream says of any input that is no document."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the driver as a program: with `[--config FILE]` it places, with `optimize` it says that it does not balance."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["optimize"]:
        return refuse_to_optimize()
    parser = argparse.ArgumentParser(
        prog="place", description="Read OpenNebula's SCHEDULER_DRIVER_ACTION in base64, print the plan."
    )
    parser.add_argument("--config", metavar="FILE", type=Path, help="rank.conf; else OpenNebula's own place for it")
    try:
        given, unknown = parser.parse_known_args(words)
    except SystemExit as leaving:
        return FAILED if leaving.code else 0
    if unknown:  # what OpenNebula may add some day must not cost the plan
        _say(sys.stderr, [_line("WARN", f"arguments that are not known are ignored: {' '.join(unknown)}")])
    if sys.stdin is None or sys.stdout is None:
        return _fail(sys.stderr, "ERROR: the driver needs standard input and standard output")
    return run(sys.stdin.buffer, sys.stdout, sys.stderr, config=given.config)


def run(
    source: BinaryIO,
    output: TextIO,
    messages: TextIO | None,
    *,
    config: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Read a document, and write the plan, then the messages.

    Parameters
    ----------
    source : binary file
        SCHEDULER_DRIVER_ACTION in base64.
    output, messages : text file
        Where the plan goes, and where the messages go; a plan counts also where messages cannot be written.
    config : Path or None
        The configuration; None for the place where OpenNebula has it.
    environment : mapping of str to str
        Where ONE_LOCATION is looked up.

    Returns
    -------
    int
        The exit status: 0, or 255 when there is no plan.
    """
    try:
        return _run(source, output, messages, config, environment)
    except Exception as error:  # a mistake of our own, or a closed pipe: OpenNebula is to hear of it in its own way
        return _fail(messages, f"ERROR: no plan could be made: {type(error).__name__}: {error}")


def _run(
    source: BinaryIO, output: TextIO, messages: TextIO | None, config: Path | None, environment: Mapping[str, str]
) -> int:
    # What is read stays until the end; looking for cycles in it again and again would take as long as all the rest.
    collecting = gc.isenabled()
    gc.disable()
    try:
        configuration = read_configuration(config, environment=environment)
        action = read_encoded(source.read(), configuration)
        plan = action.plan(configuration)
    except ConfigurationError as error:
        return _fail(messages, error.upstream, because=str(error))
    except SectionMissing as error:
        return _fail(messages, str(error))
    except DocumentError as error:
        return _fail(messages, UNPARSED, because=str(error))
    except MatchmakerError as error:
        return _fail(messages, f"ERROR: {error}")
    finally:
        if collecting:
            gc.enable()
    said = list(lines(plan, configuration))
    output.write(document(plan.actions))
    output.flush()
    _say(messages, said)
    return 0


def refuse_to_optimize(messages: TextIO | None = None) -> int:
    """Answer a call of `optimize`, which does not exist yet."""
    text = "ERROR: optimize is not supported yet: matchmaker places virtual machines, it does not balance clusters"
    return _fail(sys.stderr if messages is None else messages, text)


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
        yield _line("WARN", warning)
    requests = [action.request for action in plan.actions] + [refusal.request for refusal in plan.refusals]
    for request in sorted(requests, key=lambda request: request.id):
        notes = list(dict.fromkeys(request.notes))
        for note in notes[:MOST_NOTES]:
            yield _line("WARN", f"{request.id} {note}")
        if len(notes) > MOST_NOTES:
            yield _line("WARN", f"{request.id} and {len(notes) - MOST_NOTES} more such remarks")
    for refusal in plan.refusals:
        yield _line("ERROR", f"{refusal.request.id} {refusal.message}")


def _line(level: str, text: str) -> str:
    return f"{level}: {_ascii(text)}"


def _ascii(text: str) -> str:
    """Return a text in one line that any terminal and any log can take."""
    return "".join(_shown(character) for character in " ".join(text.split()))


def _shown(character: str) -> str:
    return character if " " <= character <= "~" else character.encode("unicode_escape").decode()


def _fail(messages: TextIO | None, line: str, *, because: str = "") -> int:
    """Say last what upstream says, and before it why."""
    _say(messages, [*([_line("INFO", because)] if because else []), _ascii(line)])
    return FAILED


def _say(messages: TextIO | None, said: Iterable[str]) -> None:
    """Write lines, where there is somebody to read them."""
    if messages is not None:
        with suppress(OSError, ValueError):
            messages.writelines(f"{line}\n" for line in said)
            messages.flush()


def leave(status: int) -> NoReturn:
    """End the process: to take the document apart, element by element, would take as long as placing."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main())
