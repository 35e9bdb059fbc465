"""Without targets: ranking, the engines one by one, and OpenNebula's documents."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.data import K2, R2, Host, pool
from benchmarks.peers import exact_rank, lambda_rank, lambda_requirement
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, Times, measure
from matchmaker import Pool, Rank, Requirement, match
from matchmaker.attributes.lookup import PLAIN
from matchmaker.attributes.numbers import int32
from matchmaker.engine import closures, generated, stack
from matchmaker.engine.clauses import compile_clause
from matchmaker.language.nodes import Comparison, walk

DOCUMENTS = Path(__file__).parents[2] / "examples" / "host_pool.xml"
ON_DOCUMENTS = '(HYPERVISOR = "kvm" & CLUSTER_ID = 3 | TIER = "gold*") & FREE_MEMORY > 4000000 & !(RACK = "r1?") & RUNNING_VMS < 20'


def ranking(settings: Settings) -> list[Row]:
    """Rank a pool by `K2` on closures: all of it, the best ten, and what meets `R2`."""
    hosts, requirement, rank = pool(settings.hosts), Requirement(R2), Rank(K2)
    candidates = Pool(hosts)
    scores = [exact_rank(host) for host in hosts]
    order = sorted(range(len(hosts)), key=lambda position: (scores[position], position), reverse=True)
    passing = [position for position in order if lambda_requirement(hosts[position])]
    check(
        "rank", [(found.key, found.score) for found in match(candidates, None, rank)], [(p, scores[p]) for p in order]
    )
    check("rank, ten", [found.key for found in match(candidates, None, rank, limit=10)], order[:10])
    check("requirement and rank", [found.key for found in match(candidates, requirement, rank)], passing)
    check("score", [rank.score(host) for host in hosts], scores)

    def score_each() -> None:
        for host in hosts:
            rank.score(host)

    def by_hand_each() -> None:
        for host in hosts:
            lambda_rank(host)

    def by_hand_both() -> list[Host]:
        return sorted([host for host in hosts if lambda_requirement(host)], key=lambda_rank, reverse=True)

    pairs: dict[str, tuple[Callable[[], object], Callable[[], object], str]] = {
        "`rank.score(host)`": (score_each, by_hand_each, "lambda"),
        "`match(pool, None, rank)[-1]`": (
            lambda: match(candidates, None, rank, engine="closures")[-1],
            lambda: sorted(hosts, key=lambda_rank, reverse=True),
            "`sorted` by the lambda",
        ),
        "`match(pool, None, rank, limit=10)`": (
            lambda: match(candidates, None, rank, limit=10, engine="closures"),
            lambda: heapq.nlargest(10, hosts, key=lambda_rank),
            "`nlargest` by the lambda",
        ),
        "`match(pool, requirement, rank)[-1]`": (
            lambda: match(candidates, requirement, rank, engine="closures")[-1],
            by_hand_both,
            "both lambdas and `sorted`",
        ),
    }
    subjects = []
    for name, (ours, by_hand, _) in pairs.items():
        subjects += [Subject(name, ours, len(hosts)), Subject(f"by hand {name}", by_hand, len(hosts))]
    times = measure(subjects, settings.rounds(15))
    return [_beside(name, times, name, f"by hand {name}", reference) for name, (_, _, reference) in pairs.items()]


def engines(settings: Settings) -> list[Row]:
    """Run each engine on its own, one host at a time, where `matches`, `filter` and `match` choose among them."""
    hosts = pool(settings.hosts)
    tree, order = Requirement(R2).tree, Rank(K2).tree
    clauses = [compile_clause(node) for node in walk(tree) if isinstance(node, Comparison)]
    predicates: dict[str, Callable[[Any], bool]] = {
        "closures, R2": closures.compile_predicate(tree, PLAIN, iter(clauses)),
        "explicit stack, R2": stack.compile_predicate(tree, PLAIN, iter(clauses)),
        "generated function, R2": generated.predicate(tree, PLAIN, clauses),
    }
    measures: dict[str, Callable[[Any], float]] = {
        "closures, K2": closures.compile_measure(order, PLAIN),
        "explicit stack, K2": stack.compile_measure(order, PLAIN),
    }
    score_all = generated.scorer(order, PLAIN)
    scores, verdicts = [exact_rank(host) for host in hosts], [bool(lambda_requirement(host)) for host in hosts]
    for name, predicate in predicates.items():
        check(name, [predicate(host) for host in hosts], verdicts)
    for name, compute in measures.items():
        check(name, [int32(compute(host)) for host in hosts], scores)
    check("generated loop, K2", score_all(hosts), scores)

    reference = {"R2": lambda_requirement, "K2": lambda_rank}
    subjects = [
        Subject(name, _each(function, hosts), len(hosts))
        for name, function in {**reference, **predicates, **measures}.items()
    ]
    subjects.append(Subject("generated loop, K2", lambda: score_all(hosts), len(hosts)))
    times = measure(subjects, settings.rounds(15))
    names = [*predicates, *measures, "generated loop, K2"]
    return [_beside(name, times, name, name[-2:], "lambda") for name in names]


def documents(settings: Settings) -> list[Row]:
    """Filter the 60 host documents of `examples/`: those that stay, whose attributes are read once, and new ones."""
    try:
        etree = import_module("lxml.etree")
        read_pool = import_module("matchmaker.opennebula").read_pool
    except ImportError:
        return [Row("pool of OpenNebula documents", None, note="lxml is not installed")]
    requirement = Requirement(ON_DOCUMENTS)
    hosts = read_pool(DOCUMENTS)
    text = DOCUMENTS.read_bytes()
    elements = list(etree.fromstring(text))
    wanted = [int(element.findtext("ID")) for element in elements if _by_findtext(element)]
    check("documents", [found.key for found in match(hosts, requirement)], wanted)
    # Often enough that a generated function takes over, as in a scheduler that runs every few seconds.
    for _ in range(40):
        match(hosts, requirement, engine="closures")
        match(hosts, requirement)
    subjects = [
        Subject("by hand", lambda: [element for element in elements if _by_findtext(element)], len(elements)),
        Subject("match", lambda: match(hosts, requirement, engine="closures"), len(elements)),
        Subject("columns", lambda: list(match(hosts, requirement)), len(elements)),
        Subject("parse", lambda: list(etree.fromstring(text)), len(elements)),
        Subject("read and match", lambda: match(read_pool(DOCUMENTS), requirement), len(elements)),
    ]
    times = measure(subjects, settings.rounds(31))
    return [
        _beside(
            '`match(pool, requirement, engine="closures")`',
            times,
            "match",
            "by hand",
            "lxml's `findtext`, places known",
        ),
        _beside(
            "`list(match(pool, requirement))`, asked before",
            times,
            "columns",
            "by hand",
            "lxml's `findtext`, places known",
        ),
        _beside("`match(read_pool(path), requirement)`", times, "read and match", "parse", "lxml's bare parse"),
    ]


def _by_findtext(host: Any) -> bool:
    text = host.findtext
    return (
        (
            (text("TEMPLATE/HYPERVISOR") == "kvm" and int(text("CLUSTER_ID")) == 3)
            or text("CLUSTER_TEMPLATE/TIER", "").startswith("gold")
        )
        and int(text("MONITORING/CAPACITY/FREE_MEMORY")) > 4000000
        and not (len(rack := text("TEMPLATE/RACK", "")) == 3 and rack.startswith("r1"))
        and int(text("HOST_SHARE/RUNNING_VMS")) < 20
    )


def _each(function: Callable[[Any], object], hosts: list[Host]) -> Callable[[], None]:
    def run() -> None:
        for host in hosts:
            function(host)

    return run


def _beside(what: str, times: Times, name: str, reference: str, title: str) -> Row:
    compared = f"{title}, {duration(times.median(reference))}"
    return Row(what, times.median(name), compared=compared, ratio=times.ratio(name, reference))
