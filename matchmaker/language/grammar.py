"""The grammar files, loaded into Lark parsers that build the tree as they parse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer, LexerState
from lark.parsers.lalr_parser_state import ParserState

from matchmaker.language.dialects import Dialect
from matchmaker.language.lexemes import Lexeme, Reading, Unparsable
from matchmaker.language.shapes import Recorder, Shapes, replay
from matchmaker.limits import tick

LONGEST_SHAPE = 2_000
"""Texts of more characters than this are not expected to come again with other names and numbers."""
_BETWEEN_TICKS = 0xFF
"""The bits that are 0 in the numbers of those tokens before which the CPU time is looked at."""


class ExpressionLexer(Lexer):
    """Reads tokens by the terminals of a grammar, notes skipped characters, and watches the parser's stack."""

    __future_interface__ = 1

    def __init__(self, lexer_conf: Any) -> None:
        terminals = sorted(lexer_conf.terminals, key=lambda terminal: -terminal.priority)
        self.tokens = re.compile("|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals)).finditer

    def lex(self, lexer_state: LexerState, parser_state: ParserState[Any]) -> Iterator[Any]:
        """Yield the tokens of a `Reading`."""
        reading: Any = lexer_state.text
        stack, depth = parser_state.value_stack, reading.depth
        for count, lexeme in enumerate(reading.tokens or self.lexemes(reading)):
            if not count & _BETWEEN_TICKS:
                tick()
            yield lexeme
            if len(stack) > depth:
                raise Unparsable(lexeme, frozenset(), reading.skipped_before(lexeme))

    def lexemes(self, reading: Reading) -> Iterator[Lexeme]:
        """Yield the tokens of a text, and note in its reading what is skipped."""
        skipped = reading.skipped
        for found in self.tokens(reading.text):
            kind: Any = found.lastgroup
            if kind == "BLANK":
                continue
            start, end = found.span()
            if kind == "SKIPPED":
                if skipped and skipped[-1][1] == start:
                    skipped[-1] = (skipped[-1][0], end)
                else:
                    skipped.append((start, end))
                continue
            yield Lexeme(kind, found.group(), start, end)


class AllTerminals:
    """Keeps the terminals that no rule of a grammar uses: they are tokens all the same, and errors, not skipped characters."""

    always_accept = ("AT", "BANG", "AND", "OR", "EQUAL", "GREATER", "LESS", "TIMES", "PLUS", "DIVIDE", "POWER", "MINUS")

    @staticmethod
    def process(stream: Iterator[Any]) -> Iterator[Any]:
        """Pass the tokens on."""
        return stream


def folder() -> Path:
    """Return the folder of the grammar files: in the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "grammar"
    return installed if installed.is_dir() else package.parent / "grammar"


@cache
def parser(dialect: Dialect, expression: str, build: type) -> Callable[[Reading], Any]:
    """Return the parser of a dialect for `"requirement"` or `"rank"`; it raises `Unparsable`.

    Parameters
    ----------
    dialect : Dialect
        Names the grammar file.
    expression : {"requirement", "rank"}
        Which of its two grammars.
    build : type
        The class whose methods make a node of each rule's children; Lark calls them while it parses.
    """
    path = folder() / (dialect.requirement_grammar if expression == "requirement" else dialect.rank_grammar)
    recorder, shapes = Recorder(build()), Shapes()
    lark = Lark(
        path.read_text("utf-8"),
        source_path=str(path),
        parser="lalr",
        lexer=ExpressionLexer,
        postlex=AllTerminals(),
        transformer=recorder,
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
    lexemes = ExpressionLexer(lark.lexer_conf).lexemes

    def parse(reading: Reading) -> Any:
        try:
            if len(reading.text) > LONGEST_SHAPE:
                return lark.parse(reading)
            tokens = reading.tokens = list(lexemes(reading))
            if len(tokens) > reading.depth:
                return lark.parse(reading)
            kinds = tuple([token.type for token in tokens])
            moves = shapes.moves(kinds)
            if moves is not None:
                return replay(moves, tokens)
            if not shapes.seen(kinds):
                return lark.parse(reading)
            tree, moves = recorder.record(tokens, lambda: lark.parse(reading))
            shapes.keep(kinds, moves)
            return tree
        except UnexpectedToken as error:
            end = len(reading.text)
            token: Any = error.token if error.token.type != "$END" else Lexeme("$END", "", end, end)
            unparsable = Unparsable(token, frozenset(error.expected), reading.skipped_before(token))
        # Out here it has no context: Lark's error holds the parser, and programs may pickle errors with their contexts.
        raise unparsable

    return parse
