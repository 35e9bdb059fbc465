"""What lexer and parser pass between them."""

from __future__ import annotations


class Lexeme:
    """A token as Lark wants it, with no more than this package needs."""

    __slots__ = ("end_pos", "start_pos", "type", "value")
    line = column = end_line = end_column = 1

    def __init__(self, type: str, value: str, start_pos: int, end_pos: int) -> None:  # noqa: A002
        self.type = type
        self.value = value
        self.start_pos = start_pos
        self.end_pos = end_pos


class Reading:
    """One text on its way through lexer and parser.

    Parameters
    ----------
    text : str
        The expression.
    depth : int
        How many symbols may wait on the parser's stack.

    Attributes
    ----------
    skipped : list of (int, int)
        The runs of characters that the lexer passed over so far.
    tokens : list of Lexeme or None
        The tokens, when they were read before parsing.
    """

    __slots__ = ("depth", "skipped", "text", "tokens")

    def __init__(self, text: str, depth: int) -> None:
        self.text = text
        self.depth = depth
        self.skipped: list[tuple[int, int]] = []
        self.tokens: list[Lexeme] | None = None

    def skipped_before(self, token: Lexeme) -> list[tuple[int, int]]:
        """Return the runs of skipped characters before a token."""
        return [run for run in self.skipped if run[0] <= token.start_pos]


class Unparsable(Exception):
    """The text is not in the language.

    Parameters
    ----------
    token : Lexeme
        The offending token; its type is `$END` where the text ends too early.
    expected : frozenset of str
        The types of the tokens that could have stood there; empty when the parser's stack is full.
    skipped : list of (int, int)
        The characters skipped up to there.
    """

    def __init__(self, token: Lexeme, expected: frozenset[str], skipped: list[tuple[int, int]]) -> None:
        super().__init__(token, expected, skipped)
        self.token = token
        self.expected = expected
        self.skipped = skipped
