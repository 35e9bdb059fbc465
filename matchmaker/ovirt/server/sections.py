"""Reads a configuration in YAML: typed values, and the line of everything that is wrong.

The nodes of the document are read, not what PyYAML would make of them, since nodes know their lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from matchmaker.diagnostics import shorten, shown
from matchmaker.ovirt.errors import ConfigurationError

_LARGEST = 1024 * 1024  # bytes of a file
_MOST_PROBLEMS = 20
_ADVICE = (
    "expressions and patterns with quotes, brackets, `:` or `#` stand in quotes, or on lines of their own behind `|`"
)


class Problems:
    """What is wrong with a configuration, all of it before any is told.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, message: str) -> None:
        """Take note of what is wrong on a line, counted from 1."""
        self._found.append((line, message))

    def raise_any(self) -> None:
        """Raise an error that tells all of it, by lines; do nothing when nothing is wrong.

        Raises
        ------
        ConfigurationError
            If anything was noted.
        """
        if self._found:
            found = sorted(self._found, key=lambda each: each[0])
            lines = [f"{self.path}:{line}: {message}" for line, message in found[:_MOST_PROBLEMS]]
            if len(found) > _MOST_PROBLEMS:
                lines.append(f"... and {len(found) - _MOST_PROBLEMS} more")
            raise ConfigurationError("\n".join(lines))


class Section:
    """A mapping of the document: each value is asked for by its key and type, and what nobody asks for is a problem.

    Parameters
    ----------
    node : yaml.MappingNode or None
        The mapping; None is an empty one.
    name : str
        What to call it in messages.
    line : int
        Where it stands.
    problems : Problems
        What takes note of what is wrong.
    """

    def __init__(self, node: yaml.MappingNode | None, name: str, line: int, problems: Problems) -> None:
        self.name = name
        self.line = line
        self._problems = problems
        self._asked: list[str] = []
        self._nodes: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        for key, value in () if node is None else node.value:
            place = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                problems.add(place, "a key is a text, not a list or a mapping")
                continue
            text = str(key.value)
            if text in self._nodes:
                problems.add(place, f"`{shorten(text)}` stands twice")
            self._nodes[text], self._lines[text] = value, place

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def problem(self, key: str, message: str) -> None:
        """Take note that the value of a key is not right."""
        where = f"`{self.name}.{key}`" if self.name else f"`{key}`"
        self._problems.add(self._lines.get(key, self.line), f"{where}: {message}")

    def missing(self, key: str, message: str) -> None:
        """Take note that a key is not there."""
        where = f"`{self.name}` has no `{key}`" if self.name else f"there is no `{key}`"
        self._problems.add(self.line, f"{where}: {message}")

    def has_one_of(self, first: str, second: str) -> bool:
        """Tell whether one of two keys is there and not the other; take note when not."""
        if (first in self) == (second in self):
            has = f"has both `{first}` and `{second}`" if first in self else f"has neither `{first}` nor `{second}`"
            self._problems.add(self.line, f"`{self.name}` {has}: it takes one of the two")
            return False
        return True

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        return str(self._scalar(key, "a text", str, default))

    def flag(self, key: str, default: bool) -> bool:
        """Return a truth value."""
        return bool(self._scalar(key, "true or false", bool, default))

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        """Return a number within bounds."""
        value = self._scalar(key, "a number", (int, float), default)
        if not low <= value <= high:
            self.problem(key, f"{shown(value)} is not between {low:g} and {high:g}")
            return default
        return float(value)

    def whole(self, key: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number within bounds."""
        value = self._scalar(key, "a whole number", int, default)
        if not low <= value <= high:
            self.problem(key, f"{shown(value)} is not between {low} and {high}")
            return default
        return int(value)

    def value(self, key: str, default: str | int | float | bool) -> str | int | float | bool:
        """Return a text, a number, or a truth value."""
        found: str | int | float | bool = self._scalar(
            key, "a text, a number, or true or false", (str, int, float), default
        )
        return found

    def texts(self, key: str) -> list[str]:
        """Return a list of texts; a single text is a list of one."""
        nodes = self._sequence(key, scalar=True)
        values = [_construct(node) for node in nodes]
        if not all(isinstance(value, str) for value in values):
            self.problem(key, "must be a list of texts")
            return []
        return values

    def section(self, key: str) -> Section | None:
        """Return a mapping; None when it is not there."""
        node = self._node(key)
        if node is None:
            return None
        return self._section(node, key)

    def sections(self, key: str) -> list[Section]:
        """Return a list of mappings."""
        found = (self._section(node, f"{key}[{place}]", key) for place, node in enumerate(self._sequence(key)))
        return [section for section in found if section is not None]

    def path(self, key: str) -> Path | None:
        """Return a path, relative to the folder of the configuration; None when it is not there."""
        text = self.text(key)
        return None if text == "" else self._problems.path.parent / text

    def paths(self, key: str) -> list[Path]:
        """Return a list of paths, relative to the folder of the configuration."""
        return [self._problems.path.parent / text for text in self.texts(key)]

    def finish(self) -> None:
        """Take note of the keys that nobody asked for."""
        for key in self._nodes.keys() - set(self._asked):
            near = get_close_matches(key, self._asked, 1)
            known = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(sorted(set(self._asked)))}"
            where = f" in `{self.name}`" if self.name else ""
            self._problems.add(self._lines[key], f"`{shorten(key)}` is not known{where}: {known}")

    def _node(self, key: str) -> yaml.Node | None:
        self._asked.append(key)
        node = self._nodes.get(key)
        return None if node is None or _construct_null(node) else node

    def _scalar(self, key: str, what: str, kinds: Any, default: Any) -> Any:
        node = self._node(key)
        if node is None:
            return default
        value = _construct(node)
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds in (int, (int, float))):
            self.problem(key, f"must be {what}" + (", in quotes" if kinds is str else ""))
            return default
        return value

    def _sequence(self, key: str, *, scalar: bool = False) -> Sequence[yaml.Node]:
        node = self._node(key)
        if node is None:
            return ()
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if scalar and isinstance(node, yaml.ScalarNode):
            return [node]
        self.problem(key, "must be a list")
        return ()

    def _section(self, node: yaml.Node, name: str, key: str | None = None) -> Section | None:
        if not isinstance(node, yaml.MappingNode):
            self.problem(key or name, "must be a mapping of keys to values")
            return None
        full = f"{self.name}.{name}" if self.name else name
        return Section(node, full, node.start_mark.line + 1, self._problems)


def read_sections(path: Path) -> tuple[Section, Problems]:
    """Read a document in YAML whose top is a mapping.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, or is no such document.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(content) > _LARGEST:
        raise ConfigurationError(f"{path}: is larger than {_LARGEST // 1024} KiB, so that it is hardly a configuration")
    try:
        node = yaml.compose(content, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        raise ConfigurationError(f"{path}:{line}: is not YAML: {error.problem or error.context}; {_ADVICE}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigurationError(f"{path}: is not YAML: {' '.join(shorten(str(error), 200).split())}") from None
    problems = Problems(path)
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise ConfigurationError(f"{path}:1: must be a mapping of keys to values, such as `listen: 127.0.0.1:18781`")
    return Section(node, "", 1, problems), problems


def _construct(node: yaml.Node) -> Any:
    """Return what a scalar stands for; None for anything else."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    try:
        return yaml.SafeLoader("").construct_object(node, deep=True)
    except Exception:  # PyYAML raises whatever comes up when a text is not what its tag says, such as `!!int ""`
        return None


def _construct_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")


def each_name(sections: Sequence[Section]) -> Iterator[tuple[str, Section]]:
    """Yield sections with their names, each of which stands once."""
    seen: set[str] = set()
    for section in sections:
        name = section.text("name")
        if name == "":
            section.missing("name", "what is the unit called?")
        elif not name.isprintable():
            section.problem(
                "name", f"`{shorten(name)}` has characters that do not print, and the engine may not get them"
            )
        elif name in seen:
            section.problem("name", f"`{shorten(name)}` stands twice")
        seen.add(name)
        yield name, section
