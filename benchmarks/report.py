"""Rows of results, and the ways to print them."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from math import floor, log10
from pathlib import Path
from typing import Any

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"

HEADINGS = ("what", "measured", "compared with", "ratio", "target", "reached")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    what : str
        What was timed.
    seconds : float or None
        The median, per thing; None when it was not timed.
    per : str
        The thing: `host`, `text`, `run`.
    compared : str
        What it is compared with, with that thing's time.
    ratio : float or None
        How many times as long it takes.
    target : str
        What is to be reached; empty when the row is for information.
    reached : bool or None
        Whether it is.
    note : str
        What a reader has to know.
    amount : str
        What was measured, where it is no time.
    curve : tuple of (int, float)
        Pool sizes and seconds per candidate, for the plots.
    """

    what: str
    seconds: float | None
    per: str = "host"
    compared: str = ""
    ratio: float | None = None
    target: str = ""
    reached: bool | None = None
    note: str = ""
    amount: str = ""
    curve: tuple[tuple[int, float], ...] = ()

    def cells(self) -> tuple[str, ...]:
        """Return the texts of a table's line."""
        time = "not timed" if self.seconds is None else f"{duration(self.seconds)} per {self.per}"
        return (
            self.what,
            self.amount or time,
            self.compared,
            "" if self.ratio is None else significant(self.ratio),
            self.target,
            {True: "yes", False: "no", None: ""}[self.reached],
        )


@dataclass(frozen=True)
class Section:
    """The rows of one case."""

    title: str
    rows: Sequence[Row]
    seconds: float = 0.0


def duration(seconds: float) -> str:
    """Return a time with a unit, three significant digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(seconds) >= 0.9995 * size:
            return f"{significant(seconds / size)} {unit}"
    return f"{significant(seconds * 1e9)} ns"


def significant(number: float) -> str:
    """Return a number with three significant digits, two below a tenth, and no exponent."""
    if abs(number) >= 100:
        return f"{number:,.0f}"
    if 0 < abs(number) < 0.095:
        return f"{number:.{1 - floor(log10(abs(number)))}f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"


def machine() -> dict[str, Any]:
    """Describe the machine: processor, cores, Python; nothing that tells whose it is."""
    return {
        "processor": _processor(),
        "cores": _cores(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.system(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    import os

    return os.cpu_count() or 1


def versions(distributions: Iterable[str]) -> dict[str, str]:
    """Return the versions of distributions; of one that is not installed, `not installed`."""
    found = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def as_text(sections: Sequence[Section]) -> str:
    """Return the tables for a terminal."""
    lines: list[str] = []
    for section in sections:
        table = [HEADINGS, *(row.cells() for row in section.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines += ["", section.title, ""]
        for number, cells in enumerate(table):
            lines.append("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
            if number == 0:
                lines.append("  ".join("-" * width for width in widths))
        lines += [f"  note: {note}" for note in _notes(section)]
    missed = [row for section in sections for row in section.rows if row.reached is False]
    judged = [row for section in sections for row in section.rows if row.reached is not None]
    if judged:
        lines += ["", f"{len(judged) - len(missed)} of {len(judged)} targets reached"]
    return "\n".join(lines) + "\n"


def as_markdown(sections: Sequence[Section], remarks: Sequence[str]) -> str:
    """Return the tables for the documentation."""
    about = machine()
    lines = [
        f"Measured on {about['cores']} cores of {about['processor']}, {about['system']}, {about['python']}. "
        + " ".join(remarks)
    ]
    for section in sections:
        lines += ["", f"### {section.title}", ""]
        lines += ["| " + " | ".join(heading.capitalize() for heading in HEADINGS) + " |", "|---|---|---|---:|---|---|"]
        lines += ["| " + " | ".join(_escaped(cell) for cell in row.cells()) + " |" for row in section.rows]
        notes = _notes(section)
        if notes:
            lines += ["", *(f"- {_escaped(note)}" for note in notes)]
    return "\n".join(lines) + "\n"


def as_json(sections: Sequence[Section], settings: dict[str, Any]) -> str:
    """Return everything for programs; times in seconds."""
    document = {
        "machine": machine(),
        "settings": settings,
        "sections": [asdict(section) for section in sections],
    }
    return json.dumps(document, indent=2) + "\n"


def write_page(page: Path, tables: str) -> None:
    """Put the tables into a page, between its two marks."""
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for the tables: a line `{BEGIN}` and a line `{END}`")
    page.write_text(f"{before}{begin}\n\n{tables}\n{end}{after}", "utf-8")


def _notes(section: Section) -> list[str]:
    return [f"{row.what}: {row.note}" for row in section.rows if row.note]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
