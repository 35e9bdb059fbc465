"""What candidates hold: their attributes' names and values, as texts for people and for JSON."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from matchmaker.attributes.lookup import Kind, Lookup
from matchmaker.attributes.values import SpecialValue, Value, texts
from matchmaker.cli.terminal import printable
from matchmaker.engine.arithmetic import Score
from matchmaker.errors import CandidateError

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
"""A text that people take for a number."""
LONGEST = 1000
"""How many characters of a value people are shown at most."""


def reader(kind: Kind, name: str) -> Lookup:
    """Return the function that reads an attribute to show it: of a host's CURRENT_VMS all VMs.

    Parameters
    ----------
    kind : Kind
        What the candidates are.
    name : str
        The attribute.
    """
    if kind.name == "host" and name == "CURRENT_VMS":
        return lambda candidate: sorted(candidate.vms)
    return kind.lookup(name)


def as_text(value: Value) -> str | None:
    """Return a value as expressions see it, several joined by commas; None when it is missing.

    Parameters
    ----------
    value : Value
        What a lookup returned.
    """
    if isinstance(value, SpecialValue):
        return _special(value)
    try:
        found = list(texts(value, ""))
    except CandidateError:  # a nested mapping or list, which no expression can read
        found = [json.dumps(as_json(value), ensure_ascii=False)]
    if not found:
        return None
    if found == [""]:
        return '""'
    joined = ", ".join(found)
    return printable(joined[:LONGEST])


def as_json(value: Value) -> Any:
    """Return a value for a JSON document: None when it is missing or not a number, a list when there are several."""
    if isinstance(value, SpecialValue):
        value = value.number()
    if isinstance(value, list):
        return [_finite(each) for each in value if each is not None] or None
    return _finite(value)


def score_text(score: Score) -> str | None:
    """Return a score for people; None when there is none."""
    if isinstance(score, float) and score.is_integer() and abs(score) < 1e16:
        return str(int(score))
    return None if score is None else str(score)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _special(value: SpecialValue) -> str:
    text = getattr(value, "text", None)
    return text if isinstance(text, str) else f"{value.number():g}"
