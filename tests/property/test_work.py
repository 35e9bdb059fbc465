"""Twice the text is twice the work: counted in tokens, reductions and nodes, not in seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from matchmaker import ExpressionError, Rank, Requirement
from matchmaker.language import extended_trees, grammar, opennebula_trees, parser
from matchmaker.language.dialects import dialect_named
from matchmaker.language.nodes import Chain, Node, walk
from matchmaker.source import Span

Shape = tuple[type[Requirement] | type[Rank], Callable[[int], str]]
SHAPES: dict[str, Shape] = {
    "chain": (Requirement, lambda n: "A=5 & " * n + "A=5"),
    "mixed chain": (Requirement, lambda n: "A=5 & B=6 | " * n + "A=5"),
    "right operands": (Requirement, lambda n: "A=5 & (" * n + "A=5" + ")" * n),
    "negated chains": (Requirement, lambda n: "!(" * n + "A=5" + " & B=1)" * n),
    "chains freed by double negations": (Requirement, lambda n: "!!(" * n + "A=5" + " & B=1)" * n),
    "negations": (Requirement, lambda n: "!" * n + "A=5"),
    "skipped characters": (Requirement, lambda n: "A=5" + " ;" * n),
    "digits": (Requirement, lambda n: "A=" + "1" * n),
    "one string": (Requirement, lambda n: 'A="' + "*a" * n + '"'),
    "an unpaired quote": (Requirement, lambda n: 'A=5 "' + " ; " * n),
    "sum": (Rank, lambda n: "A + " * n + "A"),
    "left operands": (Rank, lambda n: "(" * n + "A" + " + B) * C" * n),
    "chains freed by two minuses": (Rank, lambda n: "(- - (" * n + "A" + " + B))" * n),
}


EXTENDED_SHAPES: dict[str, Shape] = {
    "chain": (Requirement, lambda n: "A=5 and " * n + "A=5"),
    "mixed chain": (Requirement, lambda n: "A=5 & B=6 | " * n + "A=5"),
    "right operands": (Requirement, lambda n: "A=5 & (" * n + "A=5" + ")" * n),
    "left operands": (Rank, lambda n: "(" * n + "A" + " + B) * C" * n),
    "parentheses": (Requirement, lambda n: "(" * n + "A=5" + ")" * n),
    "chains freed by double negations": (Requirement, lambda n: "!!(" * n + "A=5" + " & B=1)" * n),
    "negations in turns": (Rank, lambda n: "!(-(" * n + "A=5" + "))" * n),
    "minuses": (Rank, lambda n: "-" * n + "A"),
    "choices": (Rank, lambda n: "A=1 ? B : " * n + "C"),
    "choices inside choices": (Rank, lambda n: "A=1 ? " * n + "C" + " : B" * n),
    "a list": (Requirement, lambda n: "A in [" + "1, " * n + "2]"),
    "arguments": (Rank, lambda n: "min(" + "A, " * n + "B)"),
    "functions": (Rank, lambda n: "abs(" * n + "A" + ")" * n),
    "comments": (Requirement, lambda n: "A=5" + "# &\n" * n),
    "digits": (Requirement, lambda n: "A=" + "1" * n),
}
BUILDERS = {"opennebula": opennebula_trees, "extended": extended_trees}


def work(expression: type[Requirement] | type[Rank], text: str, dialect: str = "opennebula") -> Counter[str]:
    """Parse a text and count what is done."""
    counted: Counter[str] = Counter()
    trees: Any = BUILDERS[dialect]

    class Builder(trees.TreeBuilder):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            method = super().__getattribute__(name)
            if name.startswith("_"):
                return method

            def call(children: list[Any]) -> Any:
                counted["reductions"] += 1
                counted["children"] += len(children)
                return method(children)

            return call

    class Token(grammar.Lexeme):
        def __init__(self, *parts: Any) -> None:
            counted["tokens"] += 1
            super().__init__(*parts)

    def chain(first: Node, rest: tuple[Any, ...], span: Span) -> Chain:
        counted["links"] += len(rest)
        return Chain(first, rest, span)

    with (
        patch.object(trees, "Chain", chain),
        patch.object(grammar, "Lexeme", Token),
    ):
        counting = replace(dialect_named(dialect), build=Builder)
        parsed = parser.parse(text, counting, expression._what, 10**9)
    counted["nodes"] = sum(1 for _ in walk(parsed.tree))
    counted["skipped"] = len(parsed.skipped)
    return counted


@pytest.mark.parametrize(
    ("dialect", "name"), [*(("opennebula", name) for name in SHAPES), *(("extended", name) for name in EXTENDED_SHAPES)]
)
def test_twice_the_text_is_twice_the_work(dialect: str, name: str) -> None:
    expression, pattern = (SHAPES if dialect == "opennebula" else EXTENDED_SHAPES)[name]
    once, twice = (work(expression, pattern(count), dialect) for count in (1_000, 2_000))
    assert once
    for what, amount in twice.items():
        assert amount <= 2.05 * once[what] + 20, what


@pytest.mark.parametrize("text", ["A=5 & " * 1_000 + "A>=5", "A=5 ;" * 1_000, "(" * 2_000, "A=5 '" * 1_000 + "= ="])
def test_an_error_names_few_tokens_twice(text: str) -> None:
    """A refused text is explained from the neighbourhood of the error, not by reading all of it again and again."""
    read = Counter[str]()
    original = parser.parse

    def counting(*arguments: Any) -> Any:
        read["texts"] += 1
        return original(*arguments)

    with patch.object(parser, "parse", counting), pytest.raises(ExpressionError):
        Rank(text)
    assert read["texts"] <= 4
