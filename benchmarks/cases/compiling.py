"""Compiling an expression that was never seen, and one that was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from lark import Lark

from benchmarks.data import R2, pool
from benchmarks.peers import PEERS, lambda_requirement
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, measure
from matchmaker import Requirement
from matchmaker.language.grammar import folder

BATCH = 50
_literals: Iterator[int] = count(4_000_001)


def unseen(expression: str = R2) -> str:
    """Return R2 with another literal each time: the same length and shape, but no cache knows it."""
    return expression.replace("4000000", str(next(_literals)))


_FORMS = ('"kvm"', "kvm", "300", "3.5")
_shapes: Iterator[int] = count()


def new_shape() -> str:
    """Return a requirement of R2's size whose tokens are of kinds in an order that no text had before: the first 4,096 times."""
    number = next(_shapes)
    values = [_FORMS[number >> 2 * place & 3] for place in range(6)]
    return "(HYPERVISOR = {} & CLUSTER_ID = {} | QOS = {}) & FREE_MEM = {} & !(RACK = {}) & RUNNING_VMS = {}".format(
        *values
    )


def bare_parser() -> Callable[[str], Any]:
    """Return Lark's parser of the grammar file, with Lark's own lexer and tree and nothing else."""
    path = folder() / "requirement.lark"
    return Lark(path.read_text("utf-8"), source_path=str(path), parser="lalr").parse


def compiling(settings: Settings) -> list[Row]:
    """Compile R2 beside Lark's bare parse of it."""
    host = pool(1)[0]
    wanted = bool(lambda_requirement(host))
    parse = bare_parser()
    parse(R2)
    check("matches", Requirement(R2).matches(host), wanted)
    Requirement(R2)

    def texts() -> list[str]:
        return [unseen() for _ in range(BATCH)]

    def bare(batch: list[str]) -> None:
        for text in batch:
            parse(text)

    def construct(batch: list[str]) -> None:
        for text in batch:
            Requirement(text)

    def construct_and_answer(batch: list[str]) -> None:
        for text in batch:
            Requirement(text).matches(host)

    def shapes() -> list[str]:
        return [new_shape() for _ in range(BATCH)]

    def seen() -> None:
        for _ in range(BATCH):
            Requirement(R2)

    subjects = [
        Subject("bare", bare, BATCH, texts, warm=1),
        Subject("construct", construct, BATCH, texts, warm=1),
        Subject("answer", construct_and_answer, BATCH, texts, warm=1),
        Subject("bare, new", bare, BATCH, shapes, warm=1),
        Subject("construct, new", construct, BATCH, shapes, warm=1),
        Subject("seen", seen, BATCH),
    ]
    peers: list[str] = []
    for peer in PEERS:
        module = peer.load()
        if module is None:
            continue
        peers.append(peer.name)
        peer.compile(module, peer.expression)

        def compile_all(batch: list[str], peer: Any = peer, module: Any = module) -> None:
            for text in batch:
                peer.compile(module, text)

        few = 2 if peer.module == "celpy" else BATCH

        def their_texts(peer: Any = peer, few: int = few) -> list[str]:
            return [unseen(peer.expression) for _ in range(few)]

        subjects.append(Subject(peer.name, compile_all, few, their_texts, warm=0))
    times = measure(subjects, settings.rounds(31))

    parsed = f"Lark's bare parse, {duration(times.median('bare'))}"
    rows = []
    for what, name, reference in (
        ("`Requirement(R2)`, never seen", "construct", "bare"),
        ("`Requirement(R2).matches(host)`, never seen", "answer", "bare"),
        ("`Requirement(text)`, never seen, nor one of its shape", "construct, new", "bare, new"),
    ):
        compared = f"Lark's bare parse, {duration(times.median(reference))}"
        ratio = times.ratio(name, reference)
        rows.append(Row(what, times.median(name), "text", compared, ratio, "at most 2", ratio <= 2))
    seen_again = times.median("seen")
    rows.append(
        Row("`Requirement(R2)`, seen before", seen_again, "text", target="under 2 us", reached=seen_again < 2e-6)
    )
    return rows + [
        Row(f"{name}, its compilation", times.median(name), "text", parsed, times.ratio(name, "bare")) for name in peers
    ]
