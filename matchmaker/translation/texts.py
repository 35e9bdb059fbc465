"""Comparisons with texts: what an empty one, and one that is no pattern, are in the opennebula dialect."""

from __future__ import annotations

import re

from matchmaker.language.nodes import Attribute, Comparison, Node, Text
from matchmaker.translation.logic import Said, joined, opposite

_SPECIAL = re.compile(r"[*?[\\]")


def compares_with_text(attribute: Attribute, operator: str, text: str) -> Said:
    """Translate a comparison with a text.

    Parameters
    ----------
    attribute : Attribute
        What is compared.
    operator : str
        `=`, `!=`, `==` or `@>`.
    text : str
        A pattern, behind `==` a plain text. OpenNebula compares nothing with an empty one, which no other pattern matches alone.
    """
    if not text:
        filled = Comparison(attribute, "=", Text("?*"))
        return filled if operator == "!=" else joined("&", (is_there(attribute), opposite(filled)))
    if operator == "==":
        return Comparison(attribute, "=", Text(_SPECIAL.sub(r"\\\g<0>", text)))
    return Comparison(attribute, operator, Text(text))


def is_there(attribute: Attribute) -> Node:
    """Return what is true where an attribute is there, be it empty."""
    return Comparison(attribute, "=", Text("*"))
