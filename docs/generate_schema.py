"""Write docs/reference/schema.md: the attributes that the shipped schemas know."""

from __future__ import annotations

from pathlib import Path

from matchmaker.checking import DATASTORES, HOSTS, NETWORKS, Schema

PAGE = Path(__file__).parent / "reference" / "schema.md"
HEAD = """\
# Attributes and units

<!-- Made by docs/generate_schema.py from matchmaker/checking/schemas.py: do not edit. -->

What OpenNebula's documents and its monitoring say about hosts, datastores and virtual networks. `HOSTS`, `DATASTORES` and
`NETWORKS` in `matchmaker.checking` hold the same; [`check` with a schema](../how-to/check.md#unknown-attributes) finds names that are not
among them. What an administrator adds is not here: that belongs into a schema of your own.

A number without a unit is a count, an ID or a state. OpenNebula's elements that hold others, such as `CLUSTERS`, are read by
[a path in quotes](language.md#opennebula-documents), of which no schema says anything.
"""


def page() -> str:
    """Return the whole page."""
    sections = [section("Hosts", HOSTS), section("Datastores", DATASTORES), section("Virtual networks", NETWORKS)]
    return "\n".join([HEAD, *sections])


def section(title: str, schema: Schema) -> str:
    """Return the table of one kind."""
    rows = [f"| `{name}` | {info.type} | {info.unit} | {info.description} |" for name, info in schema.items()]
    return "\n".join([f"## {title}", "", "| Attribute | Type | Unit | Meaning |", "|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
