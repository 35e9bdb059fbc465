"""Where an operand of a chain stands in the text, with the parentheses and negations around it, and how to leave it out."""

from __future__ import annotations

import re
from bisect import bisect_left

from matchmaker.checking.logic.groups import Slot
from matchmaker.diagnostics import Edit
from matchmaker.source import Span

_UPSTREAM = re.compile(r'"[^"]*"|(?P<mark>[()&|!])')
_EXTENDED = re.compile(
    r'"[^"]*"|#[^\n]*|REQUEST\.[A-Za-z][0-9A-Za-z_]*'
    r"|(?P<mark>[()!?:,\[\]]|&&?|\|\|?|(?:and|or|not)(?![0-9A-Za-z_]))"
    r"|[A-Za-z][0-9A-Za-z_]*|[0-9][0-9A-Za-z_.]*"
)
_NEGATIONS = ("!", "not")
_AROUND = ("(", *_NEGATIONS)
_BLANKS = " \t"


class Extents:
    """The parentheses, negations and operators of a valid expression.

    Parameters
    ----------
    text : str
        The expression.
    upstream : bool
        Whether its dialect is OpenNebula's.
    """

    def __init__(self, text: str, *, upstream: bool) -> None:
        self._text = text.partition("\0")[0] if upstream else text
        self._places: list[int] = []
        self._marks: list[str] = []
        self._partners: dict[int, int] = {}
        opened: list[int] = []
        for found in (_UPSTREAM if upstream else _EXTENDED).finditer(self._text):
            mark, place = found["mark"], found.start()
            if mark is None:
                continue
            self._places.append(place)
            self._marks.append(mark)
            if mark == "(":
                opened.append(place)
            elif mark == ")":
                self._partners[place] = opened[-1]
                self._partners[opened.pop()] = place

    def around(self, span: Span) -> Span:
        """Return a span with the parentheses behind it that open in it."""
        return Span(span.start, self._end(span.end, span.start))

    def left_out(self, slot: Slot) -> Edit:
        """Return the change that leaves an operand out: with the operator before it, or the one behind the first operand."""
        operand = slot.operand
        if slot.place:
            operator = self._operator(operand.span.start)
            start = self._places[operator]
            end = self._end(operand.span.end, start)
            while self._text[start - 1] in _BLANKS:
                start -= 1
            return Edit(Span(start, end), "")
        operator = self._operator(slot.chain.rest[0][1].span.start)
        start = self._start(operand.span.start, self._places[operator])
        end = self._places[operator] + len(self._marks[operator])
        while self._text[end] in _BLANKS:
            end += 1
        return Edit(Span(start, end), "")

    def _operator(self, start: int) -> int:
        """Return which mark is the operator before an operand."""
        mark = bisect_left(self._places, start) - 1
        while self._marks[mark] in _AROUND:
            mark -= 1
        return mark

    def _start(self, start: int, operator: int) -> int:
        """Return where an operand begins that stands before an operator, with what is around it."""
        mark = bisect_left(self._places, start) - 1
        while mark >= 0 and (
            self._marks[mark] in _NEGATIONS
            or (self._marks[mark] == "(" and self._partners[self._places[mark]] < operator)
        ):
            start = self._places[mark]
            mark -= 1
        return start

    def _end(self, end: int, operator: int) -> int:
        """Return where an operand ends that stands behind an operator, with what is around it."""
        mark = bisect_left(self._places, end)
        while mark < len(self._marks) and self._marks[mark] == ")" and self._partners[self._places[mark]] >= operator:
            end = self._places[mark] + 1
            mark += 1
        return end
