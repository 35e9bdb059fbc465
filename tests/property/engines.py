"""All engines behind one face: a tree and candidates in, answers out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from matchmaker import Pool, Rank, Requirement, match
from matchmaker.attributes.lookup import MAPPING, PLAIN, Kind
from matchmaker.attributes.numbers import int32
from matchmaker.engine import closures, programs, stack
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.programs import RankProgram, RequirementProgram
from matchmaker.errors import MatchmakerError
from matchmaker.language.nodes import Comparison, Node, walk
from matchmaker.language.printer import print_tree

Candidates = Sequence[Mapping[str, Any]]


@contextmanager
def promoted(*, patience: int = programs.PATIENCE) -> Iterator[None]:
    """Make programs use generated functions from the first candidate on."""
    with patch.object(programs, "PROMOTION", 1), patch.object(programs, "PATIENCE", patience):
        yield


def verdicts(tree: Node, candidates: Candidates) -> dict[str, list[Any]]:
    """Return what each engine says of the candidates; an error's type where it refuses one."""
    proxies = [MappingProxyType(candidate) for candidate in candidates]
    answers: dict[str, list[Any]] = {}
    for kind, pool in ((PLAIN, candidates), (MAPPING, proxies)):
        for engine in (closures, stack):
            predicate = engine.compile_predicate(tree, kind, _clauses(tree))
            answers[f"{engine.__name__}, {kind.name} {kind.exact}"] = [_answer(predicate, each) for each in pool]
        for patience in (programs.PATIENCE, 1):
            with promoted(patience=patience):
                answers |= _promoted_verdicts(tree, kind, pool, f"patience {patience}, {kind.name} {kind.exact}")
        answers |= _on_columns(Requirement(print_tree(tree)), kind, pool)
    return answers


def _promoted_verdicts(tree: Node, kind: Kind, pool: Candidates, name: str) -> dict[str, list[Any]]:
    """Ask a program twice: the second time, verdicts are remembered and other functions may be at work."""
    program = RequirementProgram(tree, kind)
    answers = {}
    for turn in ("first", "second"):
        answers[f"sieve, {name}, {turn}"] = [
            _answer(lambda each: bool(program.positions([each])), each) for each in pool
        ]
        answers[f"single, {name}, {turn}"] = [_answer(program.matches, each) for each in pool]
    refused = [not isinstance(answer, bool) for answer in answers[f"sieve, {name}, first"]]
    if not any(refused):
        positions = program.positions(pool)
        answers[f"positions, {name}"] = [position in positions for position in range(len(pool))]
        kept = program.filter(pool)
        answers[f"filter, {name}"] = [any(each is one for one in kept) for each in pool]
    return answers


def scores(tree: Node, candidates: Candidates) -> dict[str, list[Any]]:
    """Return the scores each engine gives; an error's type where it refuses a candidate."""
    proxies = [MappingProxyType(candidate) for candidate in candidates]
    answers: dict[str, list[Any]] = {}
    for kind, pool in ((PLAIN, candidates), (MAPPING, proxies)):
        for engine in (closures, stack):
            measure = engine.compile_measure(tree, kind)
            answers[f"{engine.__name__}, {kind.name} {kind.exact}"] = [
                _answer(lambda each: int32(measure(each)), each)  # noqa: B023  called at once
                for each in pool
            ]
        with promoted():
            program = RankProgram(tree, kind)
            answers[f"scorer, {kind.name} {kind.exact}"] = [
                _answer(lambda each: program.scores([each])[0], each)  # noqa: B023  called at once
                for each in pool
            ]
            answers[f"score, {kind.name} {kind.exact}"] = [_answer(program.score, each) for each in pool]
        answers |= _on_columns(Rank(print_tree(tree)), kind, pool)
    return answers


def _on_columns(expression: Requirement | Rank, kind: Kind, candidates: Candidates) -> dict[str, list[Any]]:
    """Ask the columnar engine twice, as it keeps what it found: of each candidate alone, and of all at once."""

    def ask(pool: Pool) -> list[Any]:
        if isinstance(expression, Requirement):
            found = {each.key for each in match(pool, expression, engine="columnar")}
            return [key in found for key in pool.keys]
        scores = {each.key: each.score for each in match(pool, None, expression, engine="columnar")}
        return [scores[key] for key in pool.keys]

    together = Pool.of(candidates, range(len(candidates)), kind)
    alone = [Pool.of([each], range(1), kind) for each in candidates]
    answers: dict[str, list[Any]] = {}
    for turn in ("first", "second"):
        apart = [_answer(lambda pool: ask(pool)[0], pool) for pool in alone]
        answers[f"columns, {kind.name}, alone, {turn}"] = apart
        if all(isinstance(answer, bool | int) for answer in apart):
            answers[f"columns, {kind.name}, together, {turn}"] = ask(together)
    return answers


def _clauses(tree: Node) -> Iterator[Any]:
    return (compile_clause(node) for node in walk(tree) if isinstance(node, Comparison))


def _answer(ask: Callable[[Any], Any], candidate: Any) -> Any:
    try:
        return ask(candidate)
    except MatchmakerError as error:
        return type(error)


def one_answer(answers: dict[str, list[Any]]) -> list[Any]:
    """Assert that all engines agree, and return what they say."""
    first, *others = answers.items()
    for name, other in others:
        assert other == first[1], f"{name} disagrees with {first[0]}"
        assert list(map(type, other)) == list(map(type, first[1])), f"{name} returns other types than {first[0]}"
    return first[1]
