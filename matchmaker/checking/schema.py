"""What attributes candidates have: names with types, units and descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from matchmaker.diagnostics import shorten
from matchmaker.errors import DocumentError

TYPES = ("number", "text")
"""What an attribute may be."""
_MEMBERS = ("type", "unit", "description")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """What is known of one attribute.

    Parameters
    ----------
    type : {"number", "text"}
        What its values are.
    unit : str
        The unit of a number, such as `KiB`; empty where there is none.
    description : str
        What it is, in a line.

    Raises
    ------
    ValueError
        If the type is none of those.
    TypeError
        If something is no text.
    """

    type: str = "text"
    unit: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if not all(isinstance(each, str) for each in (self.type, self.unit, self.description)):
            raise TypeError("type, unit and description of an attribute are texts")
        if self.type not in TYPES:
            raise ValueError(f"the type of an attribute is `number` or `text`, not `{shorten(self.type)}`")


class Schema(Mapping[str, AttributeInfo]):
    """The attributes that candidates of one sort have, by name; it cannot be changed.

    Parameters
    ----------
    attributes : mapping of str to AttributeInfo, or iterable of str
        The attributes; of names alone nothing else is known.

    Raises
    ------
    TypeError
        If a name is no text, or an attribute no `AttributeInfo`.

    Examples
    --------
    >>> mine = Schema({"GPU_MEMORY": AttributeInfo("number", "MB", "memory of the largest GPU")})
    >>> (HOSTS | mine)["GPU_MEMORY"].unit
    'MB'
    """

    __slots__ = ("_attributes",)
    _attributes: Mapping[str, AttributeInfo]

    def __init__(self, attributes: Mapping[str, AttributeInfo] | Iterable[str] = ()) -> None:
        pairs = (
            attributes.items() if isinstance(attributes, Mapping) else ((name, AttributeInfo()) for name in attributes)
        )
        held = dict(pairs)
        for name, info in held.items():
            if not isinstance(name, str) or not isinstance(info, AttributeInfo):
                raise TypeError("a schema maps names to AttributeInfo")
        object.__setattr__(self, "_attributes", MappingProxyType(held))

    @classmethod
    def from_json(cls, path: Path | str) -> Schema:
        """Read a schema: a JSON object of names, each with an object that may have `type`, `unit` and `description`.

        Parameters
        ----------
        path : Path or str
            The file, in UTF-8.

        Raises
        ------
        DocumentError
            If it cannot be read, or is no such document.
        """
        name = shorten(str(path), 100)
        try:
            content = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            raise DocumentError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None
        try:
            document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
        except UnicodeDecodeError:
            raise DocumentError(f"{name} is not UTF-8") from None
        except json.JSONDecodeError as error:
            raise DocumentError(
                f"{name}:{error.lineno}:{error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
            ) from None
        except RecursionError:
            raise DocumentError(f"{name} is nested too deep") from None
        except ValueError as error:
            raise DocumentError(f"{name}: {error}") from None
        return cls({attribute: _info(value, attribute, name) for attribute, value in _members(document, name)})

    def __getitem__(self, name: str) -> AttributeInfo:
        return self._attributes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._attributes)

    def __len__(self) -> int:
        return len(self._attributes)

    def __or__(self, other: object) -> Schema:
        """Return a schema with the attributes of both; where both know one, the other's counts."""
        if not isinstance(other, Schema):
            return NotImplemented
        return Schema({**self._attributes, **other._attributes})

    def __hash__(self) -> int:
        return hash(frozenset(self._attributes.items()))

    def __repr__(self) -> str:
        return f"<Schema of {len(self)} attributes>"

    def __reduce__(self) -> tuple[type[Schema], tuple[dict[str, AttributeInfo]]]:
        return Schema, (dict(self._attributes),)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Schema objects cannot be changed")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def near(self, name: str) -> str | None:
        """Return the known name that is most like another, None when none is.

        Parameters
        ----------
        name : str
            A name that is not known.
        """
        if len(name) > _LONGEST_NAME:
            return None
        same = next((known for known in self if known.lower() == name.lower()), None)
        return same or next(iter(get_close_matches(name.upper(), self, 1, 0.75)), None)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _members(document: Any, where: str) -> Iterable[tuple[str, Any]]:
    if not isinstance(document, dict):
        raise DocumentError(f"{where}: a schema is an object that has attributes as members")
    return document.items()


def _info(value: Any, attribute: str, where: str) -> AttributeInfo:
    named = f"{where}: `{shorten(attribute)}`"
    if not isinstance(value, dict):
        raise DocumentError(f"{named}: an attribute is an object that may have {', '.join(_MEMBERS)}")
    unknown = next((member for member in value if member not in _MEMBERS), None)
    if unknown is not None:
        raise DocumentError(f"{named}: `{shorten(unknown)}` is none of {', '.join(_MEMBERS)}")
    try:
        return AttributeInfo(**value)
    except (TypeError, ValueError) as error:
        raise DocumentError(f"{named}: {error}") from None
