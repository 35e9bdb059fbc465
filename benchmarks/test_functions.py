"""Single functions under pytest-benchmark, to compare one commit with another: `python -m pytest benchmarks`.

`--benchmark-save=NAME` keeps a run, `--benchmark-compare=NAME` shows the next one beside it.
"""

from __future__ import annotations

from typing import Any

from benchmarks.cases.compiling import bare_parser, unseen
from benchmarks.data import K2, R2, as_texts, pool
from matchmaker import Pool, Rank, Requirement, match
from matchmaker.language.printer import print_tree

HOSTS = pool()


def test_parse_bare(benchmark: Any) -> None:
    benchmark(bare_parser(), R2)


def test_compile_unseen(benchmark: Any) -> None:
    benchmark(lambda: Requirement(unseen()).matches(HOSTS[0]))


def test_compile_seen(benchmark: Any) -> None:
    benchmark(Requirement, R2)


def test_print(benchmark: Any) -> None:
    benchmark(print_tree, Requirement(R2).tree)


def test_one_answer(benchmark: Any) -> None:
    requirement = Requirement(R2)
    requirement.filter(HOSTS)
    benchmark(requirement.matches, HOSTS[0])


def test_one_score(benchmark: Any) -> None:
    benchmark(Rank(K2).score, HOSTS[0])


def test_filter(benchmark: Any) -> None:
    benchmark(Requirement(R2).filter, HOSTS)


def test_filter_texts(benchmark: Any) -> None:
    benchmark(Requirement(f"({R2})").filter, as_texts(HOSTS))


def test_match_best_ten(benchmark: Any) -> None:
    benchmark(match, Pool(HOSTS), Requirement(R2), Rank(K2), limit=10)
