"""Which calls a parser makes for a text depends on the kinds of its tokens alone, so that they can be made again without it.

A cloud's requests mostly differ in their names and numbers. The second text of a *shape*, which is a sequence of token kinds, is
parsed with the calls of the tree builder written down; later ones make these calls on their own tokens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from matchmaker.language.lexemes import Lexeme

MOST = 1_024
"""How many shapes are remembered; when there are more, all are forgotten."""

Kinds = tuple[str, ...]
Move = tuple[Callable[[list[Any]], Any], tuple[int, ...]]
"""A call, and its children: the number of a token, or the complement of the number of an earlier call."""


class Recorder:
    """Stands before the object whose methods build a tree, and notes their calls while a thread asks for it.

    Parameters
    ----------
    builder : object
        The tree builder; its public methods take the list of a rule's children.
    """

    def __init__(self, builder: object) -> None:
        self._threads = threading.local()
        for name in dir(builder):
            if not name.startswith("_"):
                setattr(self, name, self._noted(getattr(builder, name)))

    def _noted(self, method: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
        threads = self._threads

        def call(children: list[Any]) -> Any:
            calls = getattr(threads, "calls", None)
            if calls is None:
                return method(children)
            listed = list(children)
            result = method(children)
            calls.append((method, listed, result))
            return result

        return call

    def record(self, tokens: Sequence[Lexeme], parse: Callable[[], Any]) -> tuple[Any, list[Move]]:
        """Parse, and return the result with the calls that made it.

        Parameters
        ----------
        tokens : sequence of Lexeme
            What the parser gets.
        parse : callable
            Runs the parser; what it raises goes through.
        """
        calls: list[tuple[Callable[[list[Any]], Any], list[Any], Any]] = []
        self._threads.calls = calls
        try:
            tree = parse()
        finally:
            self._threads.calls = None
        places = {id(token): place for place, token in enumerate(tokens)}
        moves: list[Move] = []
        for number, (method, children, result) in enumerate(calls):
            moves.append((method, tuple(places[id(child)] for child in children)))
            places[id(result)] = ~number
        return tree, moves


class Shapes:
    """The shapes that were seen, and once they were seen twice their moves."""

    def __init__(self) -> None:
        self._known: dict[Kinds, list[Move] | None] = {}

    def moves(self, kinds: Kinds) -> list[Move] | None:
        """Return the moves for a shape, None as long as there are none."""
        return self._known.get(kinds)

    def seen(self, kinds: Kinds) -> bool:
        """Tell whether a shape was seen before, and note that it is now."""
        if kinds in self._known:
            return True
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[kinds] = None
        return False

    def keep(self, kinds: Kinds, moves: list[Move]) -> None:
        """Remember the moves for a shape."""
        self._known[kinds] = moves


def replay(moves: list[Move], tokens: Sequence[Lexeme]) -> Any:
    """Make the calls again with other tokens, and return what the last one returns."""
    results: list[Any] = []
    for method, children in moves:
        results.append(method([tokens[place] if place >= 0 else results[~place] for place in children]))
    return results[-1]
