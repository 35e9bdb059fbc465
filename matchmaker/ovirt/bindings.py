"""Expressions that are bound to one request after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from matchmaker.engine.binding import request_attributes
from matchmaker.expressions import Rank, Requirement

E = TypeVar("E", Requirement, Rank)

_KEPT = 64


class Bindings(Generic[E]):
    """An expression, bound to requests: what was bound to the same values before is taken again, as it is compiled already.

    Parameters
    ----------
    expression : Requirement or Rank
        The expression.

    Attributes
    ----------
    names : frozenset of str
        The attributes of the request that it reads.
    """

    __slots__ = ("_bound", "_expression", "names")

    def __init__(self, expression: E) -> None:
        self._expression: E = expression
        self.names = frozenset(request_attributes(expression.tree))
        self._bound: dict[tuple[Any, ...], E] = {}

    def bind(self, request: Mapping[str, Any]) -> E:
        """Return the expression with the attributes of a request.

        Raises
        ------
        BindingError
            If one of them is not a value.
        """
        if not self.names:
            return self._expression
        values: tuple[Any, ...] = tuple(request.get(name) for name in self.names)
        key = (*values, *map(type, values))  # 1 and True are equal, and read as different texts
        try:
            found: E | None = self._bound.get(key)
        except TypeError:  # a list
            return self._bind(request)
        if found is None:
            found = self._bind(request)
            if len(self._bound) >= _KEPT:
                self._bound.clear()
            self._bound[key] = found
        return found

    def _bind(self, request: Mapping[str, Any]) -> E:
        bound: E = self._expression.bind(request)
        return bound
