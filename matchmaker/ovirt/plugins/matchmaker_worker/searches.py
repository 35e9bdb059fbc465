"""The searches that the stand-in for `ovirtsdk` understands: `id=a or id=b`, `name=node* and status=up`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar

Found = TypeVar("Found")
TextOf: TypeAlias = Callable[[Found], str | None]

_CONDITION = re.compile(r'\s*(?P<key>\w+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))\s*')
_JOINT = re.compile(r"(?:and|or)\b", re.IGNORECASE)


class SearchError(ValueError):
    """A search that the stand-in for `ovirtsdk` does not understand."""


class Searched(Generic[Found]):
    """Things that can be searched.

    Parameters
    ----------
    things : sequence
        All of them, in the order of the answers.
    texts : mapping of str to callable
        For each word of a search the text of a thing that is compared, None where it has none.
    """

    def __init__(self, things: Sequence[Found], texts: Mapping[str, TextOf[Found]]) -> None:
        self._things = things
        self._texts = texts
        self._indexes: dict[str, dict[str, list[int]]] = {}

    def search(self, query: str | None) -> list[Found]:
        """Return what meets a search, all where there is none.

        Parameters
        ----------
        query : str or None
            Conditions such as `name=node*`, joined by `and` and `or`, of which `and` joins closer.

        Raises
        ------
        SearchError
            If it is anything else.
        """
        if query is None or not str(query).strip():
            return list(self._things)
        places: set[int] = set()
        for conditions in self._alternatives(str(query)):
            first, *others = (self._meeting(key, text) for key, text in conditions)
            places |= set(first).intersection(*others) if others else set(first)
        return [self._things[place] for place in sorted(places)]

    def equal(self, key: str, text: str) -> Found | None:
        """Return the first whose text is this one, or None."""
        places = self._index(key).get(text.casefold())
        return self._things[places[0]] if places else None

    def _alternatives(self, query: str) -> list[list[tuple[str, str]]]:
        alternatives: list[list[tuple[str, str]]] = [[]]
        place = 0
        while True:
            condition = _CONDITION.match(query, place)
            if condition is None:
                raise SearchError(self._refusal(query, place))
            key = condition["key"].lower()
            if key not in self._texts:
                raise SearchError(self._refusal(query, place))
            alternatives[-1].append((key, condition["bare"] or condition["quoted"]))
            place = condition.end()
            if place == len(query):
                return alternatives
            joint = _JOINT.match(query, place)
            if joint is None:
                raise SearchError(self._refusal(query, place))
            if joint[0].lower() == "or":
                alternatives.append([])
            place = joint.end()

    def _refusal(self, query: str, place: int) -> str:
        rest = query[place:].strip()
        return (
            f"the stand-in for ovirtsdk does not understand the search at `{rest[:40]}`: it knows "
            f"{', '.join(f'{key}=...' for key in self._texts)}, with `*` for any text, joined by `and` or `or`"
        )

    def _meeting(self, key: str, text: str) -> Iterable[int]:
        index = self._index(key)
        if "*" not in text:
            return index.get(text.casefold(), [])
        glob = re.compile(".*".join(map(re.escape, text.casefold().split("*"))), re.DOTALL)
        return [place for known, places in index.items() if glob.fullmatch(known) for place in places]

    def _index(self, key: str) -> dict[str, list[int]]:
        if key not in self._indexes:
            index: dict[str, list[int]] = {}
            for place, thing in enumerate(self._things):
                text = self._texts[key](thing)
                if text is not None:
                    index.setdefault(str(text).casefold(), []).append(place)
            self._indexes[key] = index
        return self._indexes[key]
