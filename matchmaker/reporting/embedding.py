"""What the page's script reads, as small as it gets: each text, reading and cell once, and numbers in their places."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from matchmaker.reporting.markup import printable

STATES = {
    "pass": "pass",
    "false": "false",
    "missing": "missing",
    "unconverted": "not converted",
    "unreadable": "unreadable",
}
"""The states of a verdict, from good to bad, with the words that people read."""
NOUNS = {
    "host": ("host", "hosts"),
    "datastore": ("datastore", "datastores"),
    "network": ("network", "networks"),
    "plain": ("candidate", "candidates"),
}
"""What one and several candidates of a kind are called."""
_LARGEST = 2**53
"""Scripts know larger whole numbers only roughly."""
_HARMLESS = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&"})

Item = TypeVar("Item", bound=Hashable)


class Numbered(Generic[Item]):
    """Distinct items in the order in which they came, each known by its number."""

    def __init__(self) -> None:
        self.items: dict[Item, int] = {}

    def __getitem__(self, item: Item) -> int:
        return self.items.setdefault(item, len(self.items))


def columns(explanation: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what the verdicts of a candidate are about: the clauses, or the alternatives of the only one."""
    clauses: Sequence[Mapping[str, Any]] = explanation["clauses"]
    alternatives = [each for clause in clauses for each in clause["alternatives"]]
    return alternatives if explanation["joined_by"] == "|" and alternatives else clauses


def column_word(explanation: Mapping[str, Any]) -> str:
    """Return what these are called."""
    return "clause" if columns(explanation) is explanation["clauses"] else "alternative"


def embedded(explanation: Mapping[str, Any]) -> str:
    """Return JSON that may stand in a `script` element: no character in it means anything to HTML.

    Parameters
    ----------
    explanation : mapping
        As `Explanation.to_json` returns it.
    """
    text = json.dumps(_compact(explanation), allow_nan=False, separators=(",", ":"))
    return text.translate(_HARMLESS)


def _compact(explanation: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the script reads; `rows` refer to `cells`, these to `readings`, and these to `texts`, by number."""
    texts: Numbered[str] = Numbered()
    readings: Numbered[tuple[int, ...]] = Numbered()
    cells: Numbered[tuple[int, ...]] = Numbered()
    names = {candidate["key"]: candidate["name"] for candidate in explanation["candidates"]}
    digits = {state: digit for digit, state in enumerate(STATES)}

    def text(given: str | None) -> int:
        return -1 if given is None else texts[printable(given)]

    def cell(verdict: Mapping[str, Any]) -> int:
        numbers = [
            readings[
                text(each["comparison"]),
                text(each["attribute"]),
                text(each["value"]),
                text(each["read_as"]),
                text(each["note"]),
                digits[each["state"]],
            ]
            for each in verdict["readings"]
        ]
        return cells[tuple(numbers)]

    def row(candidate: Mapping[str, Any]) -> list[Any]:
        ahead = candidate["ahead_of"]
        return [
            _key(candidate["key"]),
            text(candidate["name"]),
            candidate["place"],
            _number(candidate["score"]),
            int(candidate["matches"]),
            "".join([str(digits[verdict["state"]]) for verdict in candidate["verdicts"]]),
            [cell(verdict) for verdict in candidate["verdicts"]],
            [_number(each) for each in candidate["contributions"]],
            [text(names.get(ahead["key"]) or str(ahead["key"])), text(ahead["why"])] if ahead else None,
        ]

    rows = [row(candidate) for candidate in explanation["candidates"]]
    return {
        "considered": explanation["considered"],
        "nouns": NOUNS[explanation["kind"]],
        "column": column_word(explanation),
        "columns": [[each["number"], printable(each["text"]), each["passing"]] for each in columns(explanation)],
        "states": list(STATES.items()),
        "terms": [printable(each["text"]) for each in explanation["terms"]],
        "ranked": explanation["rank"] is not None,
        "texts": list(texts.items),
        "readings": list(readings.items),
        "cells": list(cells.items),
        "rows": rows,
    }


def _key(key: object) -> int | str:
    if type(key) is int and abs(key) < _LARGEST:
        return key
    return printable(str(key))


def _number(number: int | float | str | None) -> float | str | None:
    """Return a number as it is, or as a text where JSON has none like it, or a script would change it."""
    if (
        number is None
        or isinstance(number, str)
        or abs(number) < _LARGEST
        or (isinstance(number, float) and math.isfinite(number))
    ):
        return number
    return str(number).replace("inf", "Infinity").replace("nan", "NaN")
