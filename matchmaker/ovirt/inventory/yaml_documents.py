"""YAML as data for matching: mappings, lists, texts, numbers, truth values and nothing else.

What a plain value stands for is YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema) without octal, hexadecimal
and special numbers, so that `NO`, `8.10-2`, `52:54:00:12:34:56`, `007` and `2024-01-01` are the texts that they look like.

The values are made of PyYAML's events. Its own constructor takes a place on the stack for each level of nesting, and a file of a
hundred thousand brackets ends the process.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from matchmaker.diagnostics import shorten
from matchmaker.errors import ExtraMissing
from matchmaker.ovirt.errors import InventoryError

if TYPE_CHECKING:
    from yaml import Event, MappingStartEvent, ScalarEvent, SequenceStartEvent, YAMLError

_DEEPEST = 16
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


def read_yaml(text: str, name: str) -> Any:
    """Return what a YAML document holds; None when it is empty.

    Parameters
    ----------
    text : str
        The document.
    name : str
        What to call it in messages.

    Raises
    ------
    InventoryError
        If it is no YAML, has an alias, a tag, a key twice, a key that is no single value, or a second document, or is nested more
        than 16 levels deep; with the line.
    ExtraMissing
        If PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise ExtraMissing("ovirt", "reading YAML") from None
    building = _Building(name)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.ScalarEvent):
                building.scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                building.begin({}, event)
            elif isinstance(event, yaml.SequenceStartEvent):
                building.begin([], event)
            elif isinstance(event, yaml.CollectionEndEvent):
                building.end()
            elif isinstance(event, yaml.AliasEvent):
                building.refuse(event, "aliases such as `*name` are not read; write the value itself")
            elif isinstance(event, yaml.DocumentStartEvent) and building.documents:
                building.refuse(event, "a second document begins; a file holds one")
    except yaml.YAMLError as error:
        raise InventoryError(f"{name}{_place(error, text)}: not valid YAML: {_problem(error)}") from None
    return building.documents[0] if building.documents else None


class _Building:
    """The values that events stand for, and the collections that are not complete."""

    def __init__(self, name: str) -> None:
        self.documents: list[Any] = []
        self._name = name
        self._open: list[dict[str, Any] | list[Any]] = [self.documents]
        self._keys: list[str | None] = [None]

    def begin(self, collection: dict[str, Any] | list[Any], event: MappingStartEvent | SequenceStartEvent) -> None:
        """Go into a mapping or a list."""
        self._check_tag(event)
        if len(self._open) > _DEEPEST:
            self.refuse(event, f"nested more than {_DEEPEST} levels deep")
        if isinstance(self._open[-1], dict) and self._keys[-1] is None:
            self.refuse(event, "a key is a single value")
        self._put(collection)
        self._open.append(collection)
        self._keys.append(None)

    def end(self) -> None:
        """Leave it."""
        self._open.pop()
        self._keys.pop()

    def scalar(self, event: ScalarEvent) -> None:
        """Add a value, or take a key."""
        self._check_tag(event)
        inside = self._open[-1]
        if isinstance(inside, dict) and self._keys[-1] is None:
            if event.value in inside:
                self.refuse(event, f"`{shorten(event.value)}` is there twice in one mapping")
            self._keys[-1] = event.value
        else:
            self._put(_value(event.value) if event.implicit[0] and event.tag is None else event.value)

    def refuse(self, event: Event, message: str) -> NoReturn:
        """Say what is wrong, and in which line."""
        assert event.start_mark is not None
        raise InventoryError(f"{self._name}, line {event.start_mark.line + 1}: {message}")

    def _put(self, value: Any) -> None:
        inside = self._open[-1]
        if isinstance(inside, list):
            inside.append(value)
        else:
            key = self._keys[-1]
            assert key is not None
            inside[key] = value
            self._keys[-1] = None

    def _check_tag(self, event: MappingStartEvent | SequenceStartEvent | ScalarEvent) -> None:
        if event.tag is not None and event.tag not in _TEXT_TAGS:
            self.refuse(event, f"tags such as `{shorten(event.tag)}` are not read; write the value itself")


def _value(text: str) -> str | int | float | bool | None:
    """Return what a plain value stands for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _place(error: YAMLError, text: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:  # the end of a text may be marked below its last line
        return f", line {min(mark.line + 1, len(text.splitlines()))}"
    position = getattr(error, "position", None)  # characters that YAML does not have are found before lines are counted
    return "" if position is None else f", line {text.count(chr(10), 0, position) + 1}"


def _problem(error: YAMLError) -> str:
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    return shorten(str(said), 100)
