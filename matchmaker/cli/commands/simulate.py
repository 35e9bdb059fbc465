"""`matchmaker opennebula simulate`: where waiting virtual machines would go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from matchmaker.cli.formats.encoding import whole_text
from matchmaker.cli.outcomes import Reasons, as_document, outcome_lines
from matchmaker.cli.progress import watched
from matchmaker.cli.reading import STANDARD_INPUT, opened
from matchmaker.cli.terminal import Refusal, printable, say, write
from matchmaker.cli.waiting import patiently
from matchmaker.errors import DocumentError
from matchmaker.opennebula.parsing import Element, parse
from matchmaker.opennebula.rank_conf import Configuration, read_configuration
from matchmaker.opennebula.simulation import Outcome, Simulation, simulate

ALL_PLACED, SOME_WITHOUT = 0, 1
_MOST_IDS = 5
_POOLS = {
    "vms": "VM",
    "hosts": "HOST",
    "datastores": "DATASTORE",
    "networks": "VNET",
    "groups": "VM_GROUP",
    "clusters": "CLUSTER",
}
"""The documents by their option, and what each is a pool of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the documents are; one of them may be `-`."""

    vms: Path | None = None
    template: Path | None = None
    hosts: Path | None = None
    datastores: Path | None = None
    networks: Path | None = None
    groups: Path | None = None
    clusters: Path | None = None


def run_simulate(
    files: Files,
    *,
    live: bool = False,
    config: Path | None = None,
    chosen: Sequence[int] = (),
    as_json: bool = False,
    why: bool = False,
) -> int:
    """Print where virtual machines would go, and why the others would not.

    Parameters
    ----------
    files : Files
        Where the documents are.
    live : bool
        Whether to read what has no file from a running OpenNebula.
    config : Path or None
        The scheduler's configuration; None for OpenNebula's own place for it.
    chosen : sequence of int
        The virtual machines to show; all when there are none. All of them are placed in any case.
    as_json : bool
        Whether to print a JSON document in place of a table.
    why : bool
        Whether to list what each candidate failed at.

    Returns
    -------
    int
        0 when all that are shown have a place, 1 when some have none.

    Raises
    ------
    Refusal, MatchmakerError
        If something is wrong with the arguments or a document.
    """
    configuration = read_configuration(config)
    documents = _documents(files, live=live)
    with patiently("placing virtual machines"):
        simulation = simulate(**documents, configuration=configuration)
    outcomes = _chosen(simulation, chosen)
    if as_json:
        write(as_document(simulation, outcomes, configuration.warnings))
    else:
        _print(simulation, outcomes, why=why or bool(chosen))
        _say_notes(simulation, outcomes, configuration)
    return ALL_PLACED if all(outcome.action is not None for outcome in outcomes) else SOME_WITHOUT


def _documents(files: Files, *, live: bool) -> dict[str, Any]:
    """Return the documents by the names of `simulate`'s arguments."""
    given = {each.name: path for each in fields(files) if (path := getattr(files, each.name)) is not None}
    if sum(str(path) == STANDARD_INPUT for path in given.values()) > 1:
        raise Refusal("only one of the documents can come from standard input")
    if "vms" in given and "template" in given:
        raise Refusal("--vms and --template do not go together: a template is one VM that does not exist yet")
    wanted = {"hosts", "datastores", "networks"} | (set() if "template" in given else {"vms"})
    missing = [f"--{name}" for name in _POOLS if name in wanted - given.keys()]
    if missing and not live:
        hint = "or read all from a running OpenNebula with --live"
        raise Refusal(f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} missing; name the files, {hint}")
    documents: dict[str, Any] = {}
    for name, path in given.items():
        if name != "template":
            documents[name] = _read(path, _POOLS[name])
    if live:
        from matchmaker.opennebula.live import read_pools

        absent = [name for name in _POOLS if name in (wanted | {"groups", "clusters"}) - given.keys()]
        with patiently("reading from OpenNebula"):
            documents |= read_pools(absent)
    if "template" in given:
        documents["vms"] = _vm_of(given["template"], documents)
    return documents


def _read(path: Path, tag: str) -> Element:
    with opened(path) as (stream, name), watched(stream, name) as reader:
        content = reader.read()
    content = content.lstrip(b" \t\r\n")
    if content.startswith((b"{", b"[")):
        raise DocumentError(f"{name}: JSON; print it as XML, with -x in place of -j")
    try:
        root = parse(content, large=True)
    except DocumentError as error:
        raise DocumentError(f"{name}: {error}") from None
    if root.tag not in (tag, f"{tag}_POOL"):
        raise DocumentError(f"{name}: `{str(root.tag)[:40]}` is no {tag}_POOL, and no {tag}")
    return root


def _vm_of(path: Path, documents: dict[str, Any]) -> Element:
    """Return the VM that a template file stands for, with the requirements that OpenNebula would add."""
    from matchmaker.opennebula.automatic import UnknownResource, automatic_requirements
    from matchmaker.opennebula.templates import Template, TemplateError, read_template, vm_document

    with opened(path) as (stream, name):
        text = whole_text(stream, name)
    pools = {each: documents.get(each) for each in ("datastores", "networks", "clusters")}
    try:
        template = read_template(text)
        try:
            automatic = automatic_requirements(template, **pools)
        except UnknownResource:
            without = Template(tuple(pair for pair in template.attributes if pair[0] not in {"DISK", "OS"}))
            automatic = automatic_requirements(without, **pools)
            say(f"note: {name}: there are no images here, so disks, kernels and their datastores do not count")
        return vm_document(template, id=0, automatic=automatic)
    except TemplateError as error:
        where = "" if error.position is None else ":{}:{}".format(*error.position)
        raise DocumentError(f"{name}{where}: {error.message}") from None


def _chosen(simulation: Simulation, ids: Sequence[int]) -> list[Outcome]:
    if not ids:
        return list(simulation.outcomes)
    found = [outcome for outcome in simulation.outcomes if outcome.vm in ids]
    absent = sorted(set(ids) - {outcome.vm for outcome in found})
    if absent:
        listed = _and([str(number) for number in absent])
        there = "is not there, or does" if len(absent) == 1 else "are not there, or do"
        raise Refusal(f"VM {listed} {there} not wait for a place")
    return found


def _print(simulation: Simulation, outcomes: Sequence[Outcome], *, why: bool) -> None:
    if outcomes:
        write("".join(f"{line}\n" for line in outcome_lines(simulation, outcomes)))
    reasons = Reasons(simulation)
    for outcome in outcomes if why else ():
        if outcome.action is None and not write("".join(f"{line}\n" for line in ("", *reasons.lines(outcome)))):
            return


def _say_notes(simulation: Simulation, outcomes: Sequence[Outcome], configuration: Configuration) -> None:
    """Say how many have a place, and what does not count."""
    for warning in configuration.warnings:
        say(f"note: {printable(warning)}")
    for note in simulation.notes:
        say(f"note: {printable(note)}")
    about: dict[str, list[int]] = {}
    for outcome in outcomes:
        for note in outcome.notes:
            about.setdefault(note, []).append(outcome.vm)
    for note, vms in about.items():
        listed = [str(vm) for vm in vms[:_MOST_IDS]] + (
            [f"{len(vms) - _MOST_IDS} more"] if len(vms) > _MOST_IDS else []
        )
        say(f"note: VM {_and(listed)}: {printable(note)}")
    placed = sum(outcome.action is not None for outcome in outcomes)
    others = (
        f"; {simulation.others} more {'does' if simulation.others == 1 else 'do'} not wait" if simulation.others else ""
    )
    waiting = f"waiting VM{'' if len(outcomes) == 1 else 's'} {'has' if 1 in (placed, len(outcomes)) else 'have'}"
    say(f"{placed} of {len(outcomes)} {waiting} a place{others}")


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
