"""Where the characters of a value stand in its file, in which some are written otherwise."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape

from matchmaker.diagnostics import Edit
from matchmaker.source import Span

_BARE = re.compile(r"[^=# \t\n,\[\]\"]+")


class Piece(NamedTuple):
    """Characters of a value that stand together in its file: as they are, or one that takes several there, such as `&gt;`.

    Parameters
    ----------
    start, stop : int
        Which characters of the value these are.
    place, end : int
        Where they stand in the file.
    form : {"quoted", "bare", "xml", "cdata"}
        How text is written there.
    """

    start: int
    stop: int
    place: int
    end: int
    form: str

    def at(self, character: int) -> int:
        """Return where a character of the value stands, or where the last one ends."""
        if self.stop - self.start == self.end - self.place:
            return self.place + character - self.start
        return self.place if character == self.start else self.end


@dataclass(slots=True)
class Places:
    """The places of a value's characters.

    Parameters
    ----------
    anchor : int
        Where an empty value stands.
    pieces : list of Piece
        The pieces of the value, in order.
    """

    anchor: int
    pieces: list[Piece] = field(default_factory=list)

    def add(self, count: int, place: int, end: int, form: str) -> None:
        """Add a piece of so many characters at the end of the value."""
        start = self.pieces[-1].stop if self.pieces else 0
        self.pieces.append(Piece(start, start + count, place, end, form))

    def span(self, span: Span) -> Span:
        """Return where a span of the value stands in the file."""
        end = self._piece(span.end - 1).at(span.end) if span.end and self.pieces else self._first
        start = self._piece(span.start).at(span.start) if span.start < span.end and self.pieces else end
        return Span(start, end)

    def change(self, old: str, new: str) -> Edit | None:
        """Return the change to the file that makes another value of this one, as small as it can be.

        Parameters
        ----------
        old, new : str
            The value, and what it is to become.

        Returns
        -------
        Edit or None
            None where what is to be replaced stands in several places, or is written in several ways.
        """
        if not self.pieces:
            return None
        if self.pieces[0].form == "bare":
            place = Span(self.pieces[0].place, self.pieces[-1].end)
            return Edit(place, new if _BARE.fullmatch(new) else '"' + _written(new, "quoted") + '"')
        start = _common(old, new)
        behind = _common(old[start:][::-1], new[start:][::-1])
        end = len(old) - behind
        first = self._index(start if start < end else start - 1)
        touched = self.pieces[first : self._index(end - 1) + 1] if start < end else [self.pieces[first]]
        if any(one.end != other.place or one.form != other.form for one, other in pairwise(touched)):
            return None
        return Edit(self.span(Span(start, end)), _written(new[start : len(new) - behind], touched[0].form))

    @property
    def _first(self) -> int:
        return self.pieces[0].place if self.pieces else self.anchor

    def _piece(self, character: int) -> Piece:
        return self.pieces[self._index(character)]

    def _index(self, character: int) -> int:
        return max(0, bisect_right(self.pieces, character, key=lambda piece: piece.start) - 1)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def _written(text: str, form: str) -> str:
    """Return a text as it is written in the file."""
    if form == "quoted":
        return text.replace('"', '\\"')
    return escape(text) if form == "xml" else text
