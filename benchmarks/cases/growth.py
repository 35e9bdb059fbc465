"""Twice the text, at most 2.3 times the time: long chains and deep nesting, up to the limits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import process_time

from benchmarks.report import Row, duration
from benchmarks.settings import Settings, WrongAnswer, check, progress
from benchmarks.timing import Times
from matchmaker import Rank, Requirement

MOST = 2.3
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Shape:
    """A family of texts.

    Parameters
    ----------
    name : str
        What reports call it.
    expression : type
        `Requirement` or `Rank`.
    text : callable
        Makes the text of a size, which begins with a number that makes it unseen.
    largest : int
        The largest size; the others are a half, a quarter and an eighth of it.
    answer : callable
        What the text of a size gives for `{"A": 5}`.
    batch : int
        How many texts to time at once.
    """

    name: str
    expression: type[Requirement | Rank]
    text: Callable[[int, int], str]
    largest: int
    answer: Callable[[int], object]
    batch: int = 1

    @property
    def sizes(self) -> list[int]:
        """The sizes, each twice the one before."""
        return [self.largest // 8, self.largest // 4, self.largest // 2, self.largest]


def _flat(size: int, number: int) -> str:
    return f"A={number:03d}|" + "&".join(["A=005"] * (size - 1))


def _mixed(size: int, number: int) -> str:
    return f"A={number:03d}|" + "&A=005|A=006|".join(["A=005"] * (size // 3))


def _parentheses(size: int, number: int) -> str:
    return "(" * size + f"A={number:03d}" + ")" * size


def _groups(size: int, number: int) -> str:
    return "A=005&(" * (size - 1) + f"A={number:03d}" + ")" * (size - 1)


def _negations(size: int, number: int) -> str:
    return "!(A=006|" * (size - 1) + f"A={number:03d}" + ")" * (size - 1)


def _sum(size: int, number: int) -> str:
    return f"0*{number:03d}" + "+A*01-A" * ((size - 2) // 3)


def _nested_sum(size: int, number: int) -> str:
    return "0*(A+" * (size - 1) + f"{number:03d}" + ")" * (size - 1)


SHAPES = [
    Shape("chain of clauses, `A=005&A=005&...`", Requirement, _flat, 170_000, lambda size: True),
    Shape("chain of `&` and `|` in turn", Requirement, _mixed, 168_000, lambda size: True),
    Shape("nested parentheses, `(((A=005)))`", Requirement, _parentheses, 9_600, lambda size: False, 5),
    Shape("nested groups, `A=005&(A=005&(...`", Requirement, _groups, 3_200, lambda size: False, 5),
    Shape("nested negations, `!(A=006|!(...`", Requirement, _negations, 2_400, lambda size: size % 2 == 0, 5),
    Shape("chain of terms, `+A*01-A...`", Rank, _sum, 170_000, lambda size: 0),
    Shape("nested rank, `0*(A+0*(A+...`", Rank, _nested_sum, 1_600, lambda size: 0, 5),
]
HOST = {"A": 5}


def growth(settings: Settings) -> list[Row]:
    """Time every shape at four sizes: constructing, and constructing and a first answer.

    Each time in a new process: how often the garbage collector goes through everything depends on what was there before.
    """
    rows: list[Row] = []
    for number, shape in enumerate(SHAPES):
        sizes = [size // 40 for size in shape.sizes] if settings.quick else shape.sizes
        laps: dict[str, list[float]] = {f"{name} {size}": [] for size in sizes for name in ("construct", "answer")}
        for _ in range(1 if settings.quick else 5):
            for size in sizes:
                constructed, answered = _in_a_process(number, size)
                laps[f"construct {size}"].append(constructed)
                laps[f"answer {size}"].append(answered)
        times = Times(laps)
        text = shape.text(sizes[-1], 100)
        judged = _row(sizes, times, "construct", f"{shape.name}: {sizes[-1]:,}, {len(text) / 1024:,.0f} KiB")
        target, reached = f"at most {MOST} per doubling", judged.ratio is not None and judged.ratio <= MOST
        rows += [
            replace(judged, target=target, reached=reached),
            _row(sizes, times, "answer", "the same, and one answer"),
        ]
        progress(f"  {shape.name}")
    return rows


def _in_a_process(number: int, size: int) -> tuple[float, float]:
    arguments = [sys.executable, "-m", __name__, str(number), str(size)]
    done = subprocess.run(arguments, cwd=CHECKOUT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise WrongAnswer(done.stderr)
    constructed, answered = map(float, done.stdout.split())
    return constructed, answered


def time_one(shape: Shape, size: int) -> tuple[float, float]:
    """Return the seconds that constructing takes, and constructing and a first answer; per text."""
    _answer(shape.expression("A=0" if shape.expression is Requirement else "A"))
    texts = [shape.text(size, 100 + number) for number in range(shape.batch)]
    begin = process_time()
    expressions = [shape.expression(text) for text in texts]
    constructed = process_time()
    answers = [_answer(expression) for expression in expressions]
    answered = process_time()
    check(shape.name, answers, [shape.answer(size)] * shape.batch)
    return (constructed - begin) / shape.batch, (answered - begin) / shape.batch


def _row(sizes: list[int], times: Times, name: str, what: str) -> Row:
    steps = [times.ratio(f"{name} {large}", f"{name} {small}") for small, large in pairwise(sizes)]
    halves = ", ".join(duration(times.median(f"{name} {size}")) for size in reversed(sizes[:-1]))
    return Row(what, times.median(f"{name} {sizes[-1]}"), "text", f"its half, quarter and eighth: {halves}", max(steps))


def _answer(expression: Requirement | Rank) -> object:
    return expression.matches(HOST) if isinstance(expression, Requirement) else expression.score(HOST)


if __name__ == "__main__":
    print(*time_one(SHAPES[int(sys.argv[1])], int(sys.argv[2])))
