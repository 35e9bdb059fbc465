"""Lines of cost against pool size, as SVG that can be read on light and on dark pages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import Any

from benchmarks.report import Row, Section

INK = "#4d4e4f"
"""Stands for the colour of text and axes while drawing, and for nothing else."""
STYLE = "<style>svg { color: #333 } @media (prefers-color-scheme: dark) { svg { color: #ddd } }</style>"
COLOURS = ["#d1495b", "#2a86c7", "#7b61c9", "#c77d1e", "#2f9e6e", "#8a8d91"]
"""Dark enough for white paper, light enough for black."""

GAP = 0.24
"""How far apart labels are, in powers of ten."""


def draw(section: Section, file: Path, about: str) -> None:
    """Draw the rows of a section that have curves.

    Parameters
    ----------
    section : Section
        Where the curves are; its title is the plot's.
    file : Path
        What to write: SVG, or by another ending what matplotlib makes of that.
    about : str
        The line below the title.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    import matplotlib
    from matplotlib.figure import Figure

    rows = [row for row in section.rows if row.curve]
    options = {
        "svg.fonttype": "none",
        "svg.hashsalt": section.title,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans", "Verdana"],
        **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    }
    with matplotlib.rc_context(options):
        figure = Figure(figsize=(8.4, 5.2), layout="constrained")
        axes = figure.add_subplot()
        _lines(axes, rows)
        axes.set_title(section.title, loc="left", fontsize=12, fontweight="bold", pad=24)
        axes.text(0, 1.03, about, transform=axes.transAxes, fontsize=9)
        if file.suffix != ".svg":
            figure.savefig(file, dpi=110)
            return
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawn = text.getvalue().replace(INK, "currentColor")
    head, end, rest = drawn.partition("<defs>")
    lines = f"{head}{STYLE}\n {end}{rest}".splitlines()
    file.write_text("\n".join(line.rstrip() for line in lines) + "\n", "utf-8")


def _lines(axes: Any, rows: Sequence[Row]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    ends: dict[int, list[tuple[float, str, str]]] = {}
    for row, colour in zip(rows, COLOURS, strict=False):
        sizes = [size for size, _ in row.curve]
        costs = [seconds * 1e9 for _, seconds in row.curve]
        axes.plot(sizes, costs, color=colour, linewidth=2, marker="o", markersize=4)
        ends.setdefault(sizes[-1], []).append((costs[-1], row.what.rpartition(", ")[0], colour))
    for size, labels in ends.items():
        labels.sort()
        heights = _spread([log10(cost) for cost, _, _ in labels])
        for (cost, name, colour), height in zip(labels, heights, strict=True):
            axes.annotate(
                name,
                (size, cost),
                (size * 1.35, 10**height),
                color=colour,
                fontsize=10,
                verticalalignment="center",
            )
    largest = max(ends)
    axes.set_xlim(right=largest * 1.6)
    axes.set_xlabel("candidates in the pool")
    axes.set_ylabel("time per candidate, ns")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=INK, alpha=0.18, linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: _plain(value))
    axes.yaxis.set_major_formatter(lambda value, _: _plain(value))


def _spread(heights: list[float]) -> list[float]:
    """Move labels that are too near to each other apart, each as little as possible, lowest first."""
    placed = list(heights)
    for _ in range(200):
        for lower in range(len(placed) - 1):
            missing = GAP - (placed[lower + 1] - placed[lower])
            if missing > 1e-6:
                placed[lower] -= missing / 2
                placed[lower + 1] += missing / 2
    return placed


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
