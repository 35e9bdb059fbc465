"""The types of what is sent with a call."""

from __future__ import annotations

from matchmaker.ovirt.server.answers import BadParameters


def text(value: object, what: str) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise BadParameters(f"{what} must be a string")
    return value


def number(value: object, what: str) -> int:
    """Return a whole number."""
    if type(value) is not int:
        raise BadParameters(f"{what} must be an int")
    return value


def texts(value: object, what: str) -> list[str]:
    """Return a list of texts."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadParameters(f"{what} must be an array of strings")
    return value


def texts_by_name(value: object, what: str) -> dict[str, str]:
    """Return a mapping of texts."""
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise BadParameters(f"{what} must be a struct of strings")
    return value


def pairs(value: object) -> list[tuple[object, object]]:
    """Return the names of weighers with their factors."""
    if not isinstance(value, list) or not all(isinstance(each, list) and len(each) == 2 for each in value):
        raise BadParameters("the weighers must be an array of arrays of a string and an int")
    return [(name, factor) for name, factor in value]
