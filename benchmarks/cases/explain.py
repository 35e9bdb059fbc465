"""Explaining `R2` and `K2`: everything that is counted, and the text that people read."""

from __future__ import annotations

from typing import Any

from benchmarks.data import K2, R2, Host, pool
from benchmarks.peers import exact_rank, lambda_requirement
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, measure
from matchmaker import Pool, Requirement, explain, match
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import Explanation


def explaining(settings: Settings) -> list[Row]:
    """Explain pools of 2,500 and of 100,000 hosts, on new pools and on those that were asked before."""
    small, large = pool(2_500), pool(10_000 if settings.quick else 100_000)
    rows = []
    for hosts, engine, limit in ((small, "closures", 0.05), (large, "columnar", 1.0)):
        rows += _explained(hosts, engine, limit, settings)  # type: ignore[arg-type]
    return [*rows, _untraced(small, settings)]


def _explained(hosts: list[Host], engine: Engine, limit: float, settings: Settings) -> list[Row]:
    kept = Pool(hosts, key="NAME")
    _check(explain(kept, R2, K2, engine=engine), hosts)
    subjects = [
        Subject(
            "new",
            lambda fresh: explain(fresh, R2, K2, engine=engine).render(),
            prepare=lambda: Pool(hosts, key="NAME"),
            warm=1,
        ),
        Subject("kept", lambda: explain(kept, R2, K2, engine=engine).render(), warm=1),
        Subject("match", lambda: match(kept, R2, K2, engine=engine)[:5], warm=1),
    ]
    times = measure(subjects, settings.rounds(9))
    beside = f"`match(pool, R2, K2)[:5]` on the second: {duration(times.median('match'))}"
    return [
        Row(
            f'`explain(pool, R2, K2, engine="{engine}").render()`, {what}',
            times.median(name),
            "run",
            beside,
            times.ratio(name, "match"),
            f"under {duration(limit)}",
            times.median(name) < limit,
            f"{len(hosts):,} hosts",
        )
        for name, what in (("new", "a new pool"), ("kept", "asked before"))
    ]


def _check(explanation: Explanation, hosts: list[Host]) -> None:
    """Compare what is counted with counts by hand: each clause on each host, and the best five."""
    verdicts = [[Requirement(clause.text).matches(host) for clause in explanation.clauses] for host in hosts]
    check("clauses", len(explanation.clauses), 4)
    columns = list(zip(*verdicts, strict=True))
    check("passing", [clause.passing for clause in explanation.clauses], [sum(column) for column in columns])
    so_far = [sum(all(row[: place + 1]) for row in verdicts) for place in range(4)]
    check("passing so far", [clause.passing_so_far for clause in explanation.clauses], so_far)
    only = [sum(not row[place] and sum(row) == 3 for row in verdicts) for place in range(4)]
    check("the only obstacle", [clause.only_obstacle for clause in explanation.clauses], only)
    matching = [position for position, host in enumerate(hosts) if lambda_requirement(host)]
    check("matching", explanation.matching, len(matching))
    best = sorted(matching, key=lambda position: (exact_rank(hosts[position]), position), reverse=True)[:5]
    check("best", [found.position for found in explanation.best], best)


def _untraced(hosts: list[Host], settings: Settings) -> Row:
    """Compare a requirement of a pool that was explained with one that never was."""
    explained, other = Requirement(R2), Requirement(f" {R2}")
    pools: dict[str, Any] = {"explained": Pool(hosts), "never explained": Pool(hosts)}
    for _ in range(3):
        explain(pools["explained"], explained, K2)
    wanted = [position for position, host in enumerate(hosts) if lambda_requirement(host)]
    for name, requirement in (("explained", explained), ("never explained", other)):
        found = [each.key for each in match(pools[name], requirement, engine="closures")]
        check(name, found, wanted)
    times = measure(
        [
            Subject("explained", lambda: match(pools["explained"], explained, engine="closures"), len(hosts)),
            Subject("never explained", lambda: match(pools["never explained"], other, engine="closures"), len(hosts)),
        ],
        settings.rounds(31),
    )
    ratio = times.ratio("explained", "never explained")
    return Row(
        "`match(pool, R2)` after the pool was explained",
        times.median("explained"),
        "host",
        f"one that never was: {duration(times.median('never explained'))}",
        ratio,
        "at most 1.05 times",
        ratio <= 1.05,
    )
