"""Where something stands in a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A piece of text, from character `start` up to, not including, character `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """An expression's text and the name to call it by in messages, such as `SCHED_REQUIREMENTS`."""

    text: str
    name: str = "expression"

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a character, both counted from 1."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def line(self, number: int) -> str:
        """Return a line by its number, counted from 1, without its end."""
        return self.text.split("\n")[number - 1]
