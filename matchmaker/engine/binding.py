"""The request's attributes in a tree: which it reads, and their values put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matchmaker.attributes.lookup import MAPPING
from matchmaker.attributes.values import texts
from matchmaker.errors import BindingError, CandidateError
from matchmaker.language.flat import flatten, rebuild
from matchmaker.language.nodes import Node, RequestAttribute, walk


def request_attributes(tree: Node) -> dict[str, Any]:
    """Return the attributes of the request that a tree reads, with the values that are put in; None where it has none."""
    return {node.name: node.value for node in walk(tree) if isinstance(node, RequestAttribute)}


def read_request(request: object, names: Iterable[str]) -> dict[str, Any]:
    """Return the attributes that a request has of these; a list as a tuple.

    Raises
    ------
    BindingError
        If the request is no mapping, or what it holds is not a value.
    """
    if not isinstance(request, Mapping):
        raise BindingError(f"a request is a mapping of attributes, not a value of type `{type(request).__name__}`")
    found: dict[str, Any] = {}
    for name in names:
        try:
            value = MAPPING.lookup(name)(request)
            list(texts(value, name))
        except CandidateError as error:
            raise BindingError(error.message, attribute=name) from None
        if isinstance(value, list):
            found[name] = tuple(map(_exact, list.__iter__(value)))
        elif value is not None:
            found[name] = _exact(value)
    return found


def _exact(value: Any) -> Any:
    """Return what a value of a subclass holds."""
    kind = type(value)
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, float):
        return float.__float__(value)
    return int.__int__(value) if issubclass(kind, int) and kind is not bool else value


def put_in(tree: Node, values: Mapping[str, Any]) -> Node:
    """Return a tree with the request's attributes that `read_request` returned; the others are missing.

    Numbers and truth values stand there as the texts that they are read as. So trees are equal when they mean the same.
    """
    flat = [
        (cls, (held[0], _as_text(held[0], values)) if cls is RequestAttribute else held, count, place)
        for cls, held, count, place in flatten(tree, spans=True)
    ]
    return rebuild(flat)


def _as_text(name: str, values: Mapping[str, Any]) -> str | tuple[str, ...] | None:
    value = values.get(name)
    return tuple(texts(list(value), name)) if isinstance(value, tuple) else next(texts(value, name), None)
