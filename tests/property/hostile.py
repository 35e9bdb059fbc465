"""Strategies for what strangers may send: texts that are no expressions, and mappings that are no candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from matchmaker.testing import candidates, ranks, requirements
from matchmaker.testing.strategies import values
from tests.fuzz.inputs import PIECES

_CHARACTERS = st.characters(exclude_categories=())
"""All of Unicode, lone surrogates and NUL included."""
_TOKENS = st.sampled_from(
    (
        *(*PIECES, "x_9", "kvm", '"A B"', "99999999999999999999", "||", "]", "A" * 5_000),
        *('"A[1]"', '"A//B"', '"A[B[1]]"', '"//*"', "CURRENT_VMS", "'kvm'", "A.B", ".5", "5."),
    )
)
token_soup: SearchStrategy[str] = st.lists(_TOKENS, max_size=12).map("".join)


@st.composite
def mutated(draw: DrawFn) -> str:
    """Draw an expression with a piece taken out, put in, or put elsewhere."""
    text = str(draw(requirements(max_depth=2) | ranks(max_depth=2)))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 5)))
    place = draw(st.integers(0, len(text)))
    piece = draw(st.one_of(_TOKENS, st.text(_CHARACTERS, max_size=3), st.just(text[start:end])))
    return draw(
        st.sampled_from(
            (text[:start] + text[end:], text[:place] + piece + text[place:], text[:start] + piece + text[end:])
        )
    )


texts: SearchStrategy[str] = st.one_of(st.text(_CHARACTERS, max_size=20), token_soup, mutated())
"""Any text."""


class Shout(str):
    """A text whose methods lie."""

    __slots__ = ()

    def __str__(self) -> str:
        return "LIE"

    def __len__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__

    def __iter__(self) -> Iterator[str]:
        return iter("LIE")

    def _refuse(self, *args: object, **options: object) -> NoReturn:
        raise RuntimeError("not to be called")

    encode = partition = split = startswith = endswith = find = lower = strip = _refuse  # type: ignore[assignment]


class Odd(int):
    """A number whose methods lie."""

    def __str__(self) -> str:
        return "LIE"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 5

    def __int__(self) -> NoReturn:
        raise RuntimeError("not to be called")

    __float__ = __lt__ = __gt__ = __le__ = __ge__ = __ne__ = __neg__ = __int__  # type: ignore[assignment]


class Off(float):
    """A float whose methods lie."""

    def __repr__(self) -> str:
        return "LIE"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 5

    def __float__(self) -> NoReturn:
        raise RuntimeError("not to be called")

    __int__ = __lt__ = __gt__ = __le__ = __ge__ = __ne__ = __neg__ = __float__  # type: ignore[assignment]


class Crowd(list[Any]):
    """A list whose methods raise."""

    def __iter__(self) -> NoReturn:
        raise RuntimeError("not to be called")

    __len__ = __getitem__ = __contains__ = __eq__ = __bool__ = __reversed__ = __iter__  # type: ignore[assignment]


class Mask:
    """Something that says it is of another class."""

    def __init__(self, kind: type) -> None:
        self.kind_of_mask = kind

    @property
    def __class__(self) -> type:  # type: ignore[override]
        return self.kind_of_mask


class Trap:
    """Something that raises whatever is done with it."""

    def __hash__(self) -> NoReturn:
        raise RuntimeError("not to be called")

    __eq__ = __bool__ = __len__ = __iter__ = __str__ = __repr__ = __int__ = __float__ = __hash__  # type: ignore[assignment]


class Broken(Mapping[str, Any]):
    """A mapping that raises something whenever it is read."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def __getitem__(self, key: str) -> NoReturn:
        raise self.error(key)

    def __iter__(self) -> NoReturn:
        raise self.error("iter")

    def __len__(self) -> NoReturn:
        raise self.error("len")


class Generous(dict[str, Any]):
    """A dict with methods of its own."""

    def __missing__(self, key: str) -> object:
        return f"made for {key}"

    def get(self, key: str, default: object = None) -> NoReturn:
        raise RuntimeError("not to be called")


def knot() -> list[Any]:
    """Return a list that is inside itself."""
    tied: list[Any] = [1]
    tied.append(tied)
    return tied


def ring() -> dict[str, Any]:
    """Return a mapping that is inside itself, twice."""
    tied: dict[str, Any] = {"A": 5}
    tied["SHARE"] = tied["FREE"] = [tied, tied]
    return tied


odd_values: SearchStrategy[Any] = st.one_of(
    values,
    st.sampled_from(
        (object(), b"5", Decimal("5"), Decimal("sNaN"), 5j, (1, 2), {5}, frozenset("a"), range(3), len, int, Ellipsis)
    ),
    st.builds(Shout, st.sampled_from(("kvm", "xen", "5"))),
    st.builds(Odd, st.integers(0, 9)),
    st.builds(Off, st.sampled_from((0.5, 5.0))),
    st.builds(Crowd, st.lists(st.integers(0, 9), max_size=2)),
    st.builds(Mask, st.sampled_from((str, int, float, bool, list, dict, type(None)))),
    st.builds(Trap),
    st.builds(knot),
    st.builds(ring),
    st.sampled_from((10**5000, -(10**5000), [10**5000], [[5]], [None, [None]], {"B": 5}, [{"FREE": 5}, 5])),
)
"""Values of every type, supported or not."""

_odd_keys = st.one_of(st.integers(), st.none(), st.tuples(st.integers()), st.text(max_size=2), st.just(b"A"))


def mappings(names: tuple[str, ...]) -> SearchStrategy[Any]:
    """Return a strategy for mappings of every sort, with values of every type."""
    filled = st.dictionaries(st.sampled_from(names) | _odd_keys, odd_values, max_size=len(names) + 2)
    return st.one_of(
        filled,
        candidates(names=names),
        filled.map(Generous),
        st.builds(ring),
        st.builds(
            Broken, st.sampled_from((KeyError, TypeError, ValueError, RecursionError, RuntimeError, AttributeError))
        ),
    )
