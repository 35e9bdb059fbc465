"""The scheduler driver as a whole process: from base64 on standard input to the plan.

Beside it, in turn, a process that only decodes and parses the same message with lxml: no scheduler can be faster than that.
OpenNebula's own scheduler is not run here; its times are cited, and those rows say so.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.plan_checks import Outcome, check_outcome, first_action, read_outcome
from benchmarks.processes import CHECKOUT, Ran, run
from benchmarks.report import Row, duration, significant
from benchmarks.scheduler_documents import encoded, scheduler_document
from benchmarks.settings import Settings, WrongAnswer, check
from benchmarks.timing import Times

MODULE = "matchmaker.opennebula.driver"
CONFIGURATION = CHECKOUT / "examples" / "rank.conf"
_PARSE = """
import base64, sys
from lxml import etree
etree.fromstring(base64.b64decode(sys.stdin.buffer.read()), etree.XMLParser(huge_tree=True))
"""
PARSING = [sys.executable, "-c", _PARSE]

CITED = "OpenNebula's own, cited and not measured"
UPSTREAM_LARGE, UPSTREAM_SMALL = 236e-6, (80e-6, 100e-6)
"""Seconds that OpenNebula 7.4's own `place` takes per VM and host, in large and in small messages: cited."""


@dataclass(frozen=True)
class Timed:
    """Rounds of the driver and of parsing alone, in turn.

    Parameters
    ----------
    megabytes : float
        The size of the XML.
    times : Times
        Wall clock time by subject, `driver` and `parsing`.
    driver, parsing : list of Ran
        The same runs.
    outcome : Outcome
        The driver's answer.
    """

    megabytes: float
    times: Times
    driver: list[Ran]
    parsing: list[Ran]
    outcome: Outcome

    @property
    def placed(self) -> str:
        """How many VMs are placed and refused."""
        return f"{len(self.outcome.actions):,} placed, {len(self.outcome.refused):,} refused"


def driver() -> list[str] | None:
    """Return how to start the driver; None when it is not there."""
    if find_spec(MODULE) is None or find_spec("lxml") is None:
        return None
    return [sys.executable, "-m", MODULE, "--config", str(CONFIGURATION)]


def placing(settings: Settings) -> list[Row]:
    """Place VMs of a large and of a small message."""
    large, small = ((60, 120), (20, 50)) if settings.quick else ((1_000, 2_500), (200, 500))
    command = driver()
    if command is None:
        return [Row(_title(*size), None, "run", note="the driver is not installed") for size in (large, small)]
    with TemporaryDirectory() as folder:
        return [
            *_large(large, time_both(command, *large, Path(folder), settings.rounds(7))),
            *_small(small, time_both(command, *small, Path(folder), settings.rounds(11))),
        ]


def _large(size: tuple[int, int], timed: Timed) -> list[Row]:
    ratio, pair = timed.times.ratio("driver", "parsing"), timed.times.median("driver") / (size[0] * size[1])
    peak, floor = (max(ran.peak for ran in runs) / 1e9 for runs in (timed.driver, timed.parsing))
    cpu, least = (duration(median(ran.processor for ran in runs)) for runs in (timed.driver, timed.parsing))
    return [
        _whole(size, timed, "at most 2", ratio <= 2, f"CPU time {cpu}, parsing alone {least}"),
        Row(
            "the same, time per VM and host",
            pair,
            "pair",
            f"{CITED}: {duration(UPSTREAM_LARGE)}",
            pair / UPSTREAM_LARGE,
            "at most 0.01 (100 times faster)",
            pair <= UPSTREAM_LARGE / 100,
            note=f"{CITED}, for a message of this size: {duration(UPSTREAM_LARGE * 2_500_000)}",
        ),
        Row(
            "the same, most memory",
            None,
            compared=f"base64 and lxml alone, {significant(floor)} GB",
            ratio=peak / floor,
            target="at most 1.5 GB",
            reached=peak <= 1.5,
            amount=f"{significant(peak)} GB",
        ),
    ]


def _small(size: tuple[int, int], timed: Timed) -> list[Row]:
    seconds = timed.times.median("driver")
    pair, (least, most) = seconds / (size[0] * size[1]), UPSTREAM_SMALL
    cited = f"{CITED}: {duration(least)} to {duration(most)}"
    note = "the ratio is to the lower of the times cited"
    return [
        _whole(size, timed, "at most 0.8 s", seconds <= 0.8),
        Row("the same, time per VM and host", pair, "pair", cited, pair / least, note=note),
    ]


def _whole(size: tuple[int, int], timed: Timed, target: str, reached: bool | None, more: str = "") -> Row:
    return Row(
        f"{_title(*size)}, {significant(timed.megabytes)} MB",
        timed.times.median("driver"),
        "run",
        f"base64 and lxml alone, {duration(timed.times.median('parsing'))}",
        timed.times.ratio("driver", "parsing"),
        target,
        reached,
        note="; ".join(filter(None, (timed.placed, more))),
    )


def _title(vms: int, hosts: int, clauses: int = 0) -> str:
    longer = f", {clauses} clauses more in each requirement" if clauses else ""
    return f"`place`, {vms:,} VMs and {hosts:,} hosts{longer}"


def placing_by_size(settings: Settings) -> list[Row]:
    """Place more VMs, on more hosts, with longer requirements: one of them grows at a time."""
    vms, hosts = ((10, 20, 40), (25, 50, 100)) if settings.quick else ((125, 500, 2_000), (250, 1_000, 4_000))
    middle = vms[1], hosts[1]
    sizes = [
        *((number, middle[1], 0) for number in vms),
        *((middle[0], number, 0) for number in hosts if number != middle[1]),
    ]
    sizes += [(*middle, clauses) for clauses in (10, 100)]
    command = driver()
    if command is None:
        return [Row(_title(*size), None, "run", note="the driver is not installed") for size in sizes]
    rows = []
    for number, count, clauses in sizes:
        with TemporaryDirectory() as folder:
            timed = time_both(command, number, count, Path(folder), settings.rounds(5), clauses=clauses)
        beyond = timed.times.difference("driver", "parsing") / number
        note = f"{duration(beyond)} per VM beyond parsing, starting included"
        whole = _whole((number, count), timed, "", None, note)
        rows.append(replace(whole, what=f"{_title(number, count, clauses)}, {significant(timed.megabytes)} MB"))
    return rows


def time_both(command: list[str], vms: int, hosts: int, folder: Path, rounds: int, *, clauses: int = 0) -> Timed:
    """Run the driver and parsing alone in turn; the answer is checked first, and must be the same in each round."""
    document = scheduler_document(vms, hosts, clauses=clauses)
    source = folder / "document.b64"
    source.write_bytes(encoded(document))
    outcome = _checked(command, source, document)
    subjects = {"driver": command, "parsing": PARSING}
    runs: dict[str, list[Ran]] = {name: [] for name in subjects}
    for number in range(rounds):
        for name in sorted(subjects, reverse=bool(number % 2)):
            ran = run(subjects[name], source)
            if ran.status:
                raise WrongAnswer(
                    f"{name} ends with status {ran.status}: {ran.messages[-300:].decode(errors='replace')}"
                )
            runs[name].append(ran)
    for ran in runs["driver"]:
        again = read_outcome(ran.output, ran.messages)
        check(f"the driver, run again ({sorted(again.refused ^ outcome.refused)[:5]} differ),", again, outcome)
    times = Times({name: [ran.seconds for ran in listed] for name, listed in runs.items()})
    return Timed(len(document) / 1e6, times, runs["driver"], runs["parsing"], outcome)


def _checked(command: list[str], source: Path, document: bytes) -> Outcome:
    ran = run(command, source)
    if ran.status:
        raise WrongAnswer(f"the driver ends with status {ran.status}: {ran.messages[-300:].decode(errors='replace')}")
    outcome = read_outcome(ran.output, ran.messages)
    check_outcome(document, outcome)
    wanted = first_action(document)
    if outcome.actions[0] != wanted:
        raise WrongAnswer(f"the first action is {outcome.actions[0]} instead of {wanted}")
    return outcome
