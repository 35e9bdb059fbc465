"""One answer, filtering a pool, and values that are texts, beside the lambda and the peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.data import R2, Host, as_texts, pool
from benchmarks.peers import PEERS, lambda_requirement
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, WrongAnswer, check
from benchmarks.timing import Subject, Times, measure
from matchmaker import Pool, Requirement, match

LAMBDA = "lambda"


def one_answer(settings: Settings) -> list[Row]:
    """`Requirement.matches`, one host at a time."""
    hosts, requirement = pool(settings.hosts), Requirement(R2)
    wanted = [bool(lambda_requirement(host)) for host in hosts]
    for _ in range(2):
        check("matches", [requirement.matches(host) for host in hosts], wanted)

    def ours() -> None:
        for host in hosts:
            requirement.matches(host)

    def by_hand() -> None:
        for host in hosts:
            lambda_requirement(host)

    subjects = [Subject(LAMBDA, by_hand, len(hosts)), Subject("ours", ours, len(hosts))]
    times = measure(subjects, settings.rounds(31))
    return [_judged("`requirement.matches(host)`", times, "ours", LAMBDA, 2.5)]


def filtering(settings: Settings) -> list[Row]:
    """Filter a pool: this library beside the lambda, then beside each peer, two or three subjects at a time."""
    hosts, requirement = pool(settings.hosts), Requirement(R2)
    candidates = Pool(hosts)
    verdicts = [bool(lambda_requirement(host)) for host in hosts]
    wanted = [host for host, verdict in zip(hosts, verdicts, strict=True) if verdict]
    check("filter", requirement.filter(hosts), wanted)
    for options in ({"engine": "closures"}, {"engine": "columnar"}, {}):
        check("match", [found.candidate for found in match(candidates, requirement, **options)], wanted)

    def by_hand() -> list[Host]:
        return [host for host in hosts if lambda_requirement(host)]

    ours = [
        Subject("filter", lambda: requirement.filter(hosts), len(hosts)),
        Subject("match", lambda: len(match(candidates, requirement, engine="closures")), len(hosts)),
        Subject("columns", lambda: len(match(candidates, requirement)), len(hosts)),
    ]
    titles = {
        "filter": "`requirement.filter(hosts)`",
        "match": '`len(match(pool, requirement, engine="closures"))`',
        "columns": "`len(match(pool, requirement))`, asked before",
    }
    times = measure([Subject(LAMBDA, by_hand, len(hosts)), *ours], settings.rounds(31))
    rows = [_judged(title, times, name, LAMBDA, 0.8) for name, title in titles.items()]
    others: list[Row] = []
    for peer in PEERS:
        module = peer.load()
        if module is None:
            others.append(Row(peer.name, None, note=f"{peer.package} is not installed"))
            continue
        verdict, prepared = peer.ready(module, hosts)
        check(peer.name, [_truth(verdict(host)) for host in prepared], verdicts[: len(prepared)])
        theirs = Subject(peer.name, _selection(verdict, prepared), len(prepared), warm=3 if peer.hosts >= 5_000 else 0)
        times = measure([theirs, *ours], settings.rounds(15))
        if peer.module == "classad2":
            rows += [_times_faster(title, times, name, peer.name, 10) for name, title in titles.items()]
        fewer = "" if len(prepared) == len(hosts) else f"; on {len(prepared):,} of the hosts"
        others.append(
            Row(
                peer.name,
                times.median(peer.name),
                compared=f"`filter`, {duration(times.median('filter'))}",
                ratio=times.ratio(peer.name, "filter"),
                note=peer.note + fewer,
            )
        )
        del verdict, prepared, theirs
    return rows + others


def text_values(settings: Settings) -> list[Row]:
    """Filter a pool whose values are all texts, as monitoring delivers them."""
    hosts, requirement, on_texts = pool(settings.hosts), Requirement(R2), Requirement(f"({R2})")
    texts = as_texts(hosts)
    wanted = [host["ID"] for host in hosts if lambda_requirement(host)]
    check("filter", [host["ID"] for host in requirement.filter(hosts)], wanted)
    check("filter of texts", [int(host["ID"]) for host in on_texts.filter(texts)], wanted)
    subjects = [
        Subject("ints", lambda: requirement.filter(hosts), len(hosts)),
        Subject("texts", lambda: on_texts.filter(texts), len(hosts)),
    ]
    times = measure(subjects, settings.rounds(31))
    return [_judged('`requirement.filter(hosts)`, values such as `"400"`', times, "texts", "ints", 2.5)]


def _selection(verdict: Callable[[Any], object], prepared: list[Any]) -> Callable[[], list[Any]]:
    return lambda: [host for host in prepared if verdict(host)]


def _truth(answer: object) -> bool:
    """Return an answer as a bool; what is neither true nor false, such as undefined, is no answer."""
    if answer is None or answer == 1 or answer == 0:
        return bool(answer)
    raise WrongAnswer(f"{answer!r} is neither true nor false")


def _judged(what: str, times: Times, name: str, reference: str, most: float) -> Row:
    ratio = times.ratio(name, reference)
    return Row(
        what,
        times.median(name),
        compared=f"{reference}, {duration(times.median(reference))}",
        ratio=ratio,
        target=f"at most {most:g}",
        reached=ratio <= most,
    )


def _times_faster(what: str, times: Times, name: str, reference: str, least: float) -> Row:
    ratio = times.ratio(name, reference)
    return Row(
        what,
        times.median(name),
        compared=f"{reference}, {duration(times.median(reference))}",
        ratio=ratio,
        target=f"at most {1 / least:g} ({least:g} times faster)",
        reached=ratio <= 1 / least,
    )
