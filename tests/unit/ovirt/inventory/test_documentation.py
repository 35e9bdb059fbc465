"""The how-to page lists the attributes that there are, and the options with their defaults."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from matchmaker.ovirt.attributes import HOST_ATTRIBUTES, VM_ATTRIBUTES
from matchmaker.ovirt.inventory import EngineInventory

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "ovirt-inventory.md"


def rows(heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the table below a line, without its head."""
    table = PAGE.read_text("utf-8").split(f"\n{heading}\n\n", 1)[1].split("\n\n", 1)[0]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in table.splitlines()[2:]]


def test_the_attributes() -> None:
    for heading, notes in (("Of hosts:", HOST_ATTRIBUTES), ("Of virtual machines:", VM_ATTRIBUTES)):
        assert rows(heading) == [(f"`{note.name}`", *note[1:]) for note in notes]


def test_the_options() -> None:
    text = PAGE.read_text("utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| (\w+) \| ", text.split("\n| Option |")[1].split("\n\n")[0], re.M))
    options = inspect.signature(EngineInventory).parameters.values()
    defaults = {option.name: option.default for option in options if option.default not in (option.empty, None)}
    assert documented == {
        name: "no" if value is False else f"{value:g}" if value < 1000 else str(value)
        for name, value in defaults.items()
    }
