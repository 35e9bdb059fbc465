"""Attributes that a schema does not know."""

from __future__ import annotations

from collections.abc import Iterator

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.checking.schema import Schema
from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.nodes import Attribute, Node, walk

_MOST_COMPARED = 100
"""For so many different names a known one like it is looked for."""


def unknown_findings(tree: Node, schema: Schema) -> Iterator[Diagnostic]:
    """Yield a warning for each attribute that is not in a schema; names that need quotes are paths, and left out.

    Parameters
    ----------
    tree : Node
        What the expression means.
    schema : Schema
        What is known.
    """
    near: dict[str, str | None] = {}
    for node in walk(tree):
        if not isinstance(node, Attribute) or node.name in schema or not IDENTIFIER.fullmatch(node.name):
            continue
        name = node.name
        if name not in near:
            near[name] = schema.near(name) if len(near) < _MOST_COMPARED else None
        found = near[name]
        hints: tuple[str, ...] = ()
        if found is not None:
            unit = schema[found].unit
            hints = (f"did you mean `{shorten(found)}`" + (f", in {unit}?" if unit else "?"),)
        message = f"`{shorten(name)}` is not in the schema"
        yield Diagnostic(
            "MM219", "warning", node.span, message, "where it is missing, every comparison is false", hints
        )
