"""Trees too deep to recurse on, compiled to a flat list of steps; the answers are those of the closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from matchmaker.attributes.lookup import Kind
from matchmaker.engine.arithmetic import OPERATIONS
from matchmaker.engine.clauses import Clause
from matchmaker.engine.closures import Measure, Predicate, clause_predicate, term
from matchmaker.language.nodes import Chain, Comparison, Negative, Node, Not

_Jump = tuple[bool, int]
"""Go to a step, past an operand that cannot change the verdict, if the verdict is this."""


def compile_predicate(tree: Node, kind: Kind, clauses: Iterator[Clause]) -> Predicate:
    """Compile a requirement of any depth; see `matchmaker.engine.closures.compile_predicate`."""
    steps: list[Predicate | _Jump | None] = []
    pending: list[Node | str | Callable[[], None]] = [tree]

    def skip_if(verdict: bool, operand: Node) -> None:
        """Emit a jump whose end is known once the operand is compiled."""
        place = len(steps)
        steps.append(None)

        def land() -> None:
            steps[place] = (verdict, len(steps))

        pending.extend((land, operand))

    while pending:
        item = pending.pop()
        if isinstance(item, Comparison):
            steps.append(clause_predicate(next(clauses), kind))
        elif isinstance(item, Not):
            pending.extend(("!", item.operand))
        elif isinstance(item, Chain):
            for operator, operand in reversed(item.rest):
                pending.append(lambda verdict=operator == "|", operand=operand: skip_if(verdict, operand))  # type: ignore[misc]
            pending.append(item.first)
        elif item == "!":
            steps.append(None)
        elif callable(item):
            item()
    program = tuple(steps)
    end = len(program)

    def run(candidate: Any) -> bool:
        verdict, place = True, 0
        while place < end:
            step = program[place]
            place += 1
            if step is None:
                verdict = not verdict
            elif type(step) is tuple:
                if verdict == step[0]:
                    place = step[1]
            else:
                verdict = step(candidate)  # type: ignore[operator]
        return verdict

    return run


def compile_measure(tree: Node, kind: Kind) -> Measure:
    """Compile a rank of any depth."""
    steps: list[Measure | str] = []
    pending: list[Node | str] = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            steps.append(item)
        elif isinstance(item, Negative):
            pending.extend(("negative", item.operand))
        elif isinstance(item, Chain):
            for operator, operand in reversed(item.rest):
                pending.extend((operator, operand))
            pending.append(item.first)
        else:
            steps.append(term(item, kind))
    program = tuple(steps)

    def run(candidate: Any) -> float:
        numbers: list[float] = []
        for step in program:
            if not isinstance(step, str):
                numbers.append(step(candidate))
            elif step == "negative":
                numbers[-1] = -numbers[-1]
            else:
                right = numbers.pop()
                numbers[-1] = OPERATIONS[step](numbers[-1], right)
        return numbers[0]

    return run
