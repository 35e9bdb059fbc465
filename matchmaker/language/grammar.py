"""The grammar files, loaded into Lark parsers that build the tree as they parse."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

    always_accept = (
        *("AT", "BANG", "AND", "OR", "EQUAL", "GREATER", "LESS", "TIMES", "PLUS", "DIVIDE", "POWER", "MINUS"),
        "UNKNOWN",
    )

    @staticmethod
    def process(stream: Iterator[Any]) -> Iterator[Any]:
        """Pass the tokens on."""
        return stream


def folder() -> Path:
    """Return the folder of the grammar files: in the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "grammar"
    return installed if installed.is_dir() else package.parent / "grammar"


class Parser:
    """Reads one kind of expression of a dialect, and builds its tree.

    Parameters
    ----------
    dialect : Dialect
        Names the grammar files, and the class whose methods Lark calls while it parses.
    expression : {"requirement", "rank"}
        Which of its two grammars.
    """

    def __init__(self, dialect: Dialect, expression: str) -> None:
        path = folder() / (dialect.requirement_grammar if expression == "requirement" else dialect.rank_grammar)
        self._recorder, self._shapes = Recorder(dialect.build()), Shapes()
        self._lark = Lark(
            path.read_text("utf-8"),
            source_path=str(path),
            parser="lalr",
            lexer=ExpressionLexer,
            postlex=AllTerminals(),
            transformer=self._recorder,
            keep_all_tokens=True,
            maybe_placeholders=False,
        )
        self.lexemes = ExpressionLexer(self._lark.lexer_conf).lexemes

    def __call__(self, reading: Reading) -> Any:
        """Return the tree of a text.

        Raises
        ------
        Unparsable
            If it is not in the language.
        """
        try:
            return self._tree(reading)
        except UnexpectedToken as error:
            end = len(reading.text)
            token: Any = error.token if error.token.type != "$END" else Lexeme("$END", "", end, end)
            unparsable = Unparsable(token, frozenset(error.expected), reading.skipped_before(token))
        # Out here it has no context: Lark's error holds the parser, and programs may pickle errors with their contexts.
        raise unparsable

    def _tree(self, reading: Reading) -> Any:
        """Parse, or do again what was done for a text of the same shape."""
        parse: Any = self._lark.parse
        if len(reading.text) > LONGEST_SHAPE:
            return parse(reading)
        tokens = reading.tokens = list(self.lexemes(reading))
        if len(tokens) > reading.depth:
            return parse(reading)
        kinds = tuple([token.type for token in tokens])
        moves = self._shapes.moves(kinds)
        if moves is not None:
            return replay(moves, tokens)
        if not self._shapes.seen(kinds):
            return parse(reading)
        tree, moves = self._recorder.record(tokens, lambda: parse(reading))
        self._shapes.keep(kinds, moves)
        return tree


@cache
def parser(dialect: Dialect, expression: str) -> Parser:
    """Return the parser of a dialect for `"requirement"` or `"rank"`, made once."""
    return Parser(dialect, expression)
