"""Columns give the answers of the closures: whatever the values are, whatever is kept, and however the pool changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from matchmaker import CandidateError, Pool, Rank, Ranking, Requirement, match, match_many
from matchmaker.attributes.globs import Glob
from matchmaker.attributes.lookup import Lookup
from matchmaker.attributes.numbers import float32
from matchmaker.attributes.values import SpecialValue
from matchmaker.engine import bitmaps, columnar
from matchmaker.matching import rows, runs, selection, table
from matchmaker.matching.pool import MEMORY
from matchmaker.testing import ranks, requirements
from matchmaker.testing.strategies import values

NAMES = ("A", "B", "C", "S/F")
Wish = tuple[Requirement | None, Rank | None]
Values = Sequence[Any]


class Computed(SpecialValue):
    """A number with rules of its own: it has no text, and nothing differs from it."""

    def __init__(self, number: float) -> None:
        self._number = number

    def __repr__(self) -> str:
        return f"Computed({self._number!r})"

    def compare(self, operator: str, literal: int | float | Glob) -> bool:
        """Tell whether it compares so with a literal."""
        if isinstance(literal, Glob) or operator == "!=":
            return False
        return self._number > literal if operator == ">" else self._number == literal

    def number(self) -> float:
        """Return what ranks read."""
        return float32(self._number)


class CardKind:
    """The kind of candidates that are no mappings; values may be computed."""

    name = "card"

    def lookup(self, name: str) -> Lookup:
        """Return the function that reads an attribute."""
        return lambda card: card.read(name)

    def key(self, candidate: Any) -> object:
        """Return a card's number."""
        return candidate.number


CARD = CardKind()


class Card:
    """A candidate that raises where its value is an error."""

    kind = CARD

    def __init__(self, number: int, held: dict[str, Any]) -> None:
        self.number = number
        self.held = held

    def __repr__(self) -> str:
        return f"Card({self.number}, {self.held!r})"

    def read(self, name: str) -> Any:
        """Return a value."""
        value = self.held.get(name)
        if value == "!":
            raise CandidateError("it cannot be read", attribute=name)
        return value


_WHOLE = (
    *(0, 1, 5, 6, 7, 127, 128, 255, 256, -1, -5, -128, -129, 400, 32_767, 32_768, 65_535, 65_536),
    *(
        2**31 - 1,
        2**31,
        -(2**31),
        -(2**31) - 1,
        2**53 + 1,
        2**60 + 2**36 + 1,
        2**63 - 1,
        -(2**63),
        2**63,
        2**64,
        10**400,
    ),
)
_TEXTS = ("kvm", "kvmx", "k", "xen", "r1", "", "5", "5.9", "YES", "\U0010ffff", "k\U0010ffff", "\ud800", "abc", "é")
_DECIMALS = (
    5.0,
    5.9,
    -0.0,
    0.1,
    16777217.0,
    16777219.0,
    1e-46,
    3.4028235677973366e38,
    1e39,
    float("nan"),
    2147483647.5,
)
_REFUSED: tuple[Any, ...] = (object(), b"5", [5, object()], ["kvm", (1,)], [object(), 5])
_few = st.lists(st.sampled_from((5, "5", "kvm", None, 6.0, True)), max_size=4)

columns: SearchStrategy[list[Any]] = st.one_of(
    st.lists(st.integers(0, 9), min_size=1, max_size=8),
    st.lists(st.sampled_from(_WHOLE), min_size=1, max_size=8),
    st.lists(st.sampled_from(_WHOLE) | st.none(), min_size=1, max_size=8),
    st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=8),
    st.lists(st.sampled_from(_TEXTS) | st.none(), min_size=1, max_size=8),
    st.lists(st.sampled_from(_DECIMALS), min_size=1, max_size=8),
    st.lists(_few | st.sampled_from((5, 6, None)), min_size=1, max_size=8),
    st.lists(values, min_size=1, max_size=8),
    st.lists(values | st.sampled_from(_REFUSED), min_size=1, max_size=8),
)
"""What the candidates of a run have, again and again: of one type, which is read in bulk, or of many."""


@st.composite
def candidates(draw: DrawFn) -> list[dict[str, Any]]:
    """Draw candidates whose values change their types on the way, at the beginning of some run."""
    size = draw(st.integers(0, 40) | st.sampled_from((63, 64, 65, 127, 128, 129, 200)))
    made: list[dict[str, Any]] = [{} for _ in range(size)]
    for name in NAMES[: draw(st.integers(1, 4))]:
        parts = draw(st.lists(columns, min_size=1, max_size=3))
        there = draw(st.sampled_from((1, 1, 1, 3)))
        for number, candidate in enumerate(made):
            part = parts[number // 16 % len(parts)]
            if number % there == 0:
                candidate[name] = part[number * 7 % len(part)]
    return made


changes = st.lists(
    st.tuples(
        st.sampled_from(("update", "update", "back", "add", "remove")),
        st.integers(0, 210),
        st.dictionaries(st.sampled_from(NAMES), columns.map(lambda drawn: drawn[0]), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=6,
)
_NUMBERS = ("5", "6", "7", "255", "-1", "65536", "5.0", "5.9", "16777217.0")
_CLAUSES = [
    f'"{name}" {operator} {literal}'
    for name in NAMES
    for operators, literals in (("= != @>", (*_NUMBERS, "kvm", '"k*"', '"5*"', '"*"')), ("> <", _NUMBERS))
    for operator in operators.split()
    for literal in literals
]
usual: SearchStrategy[Requirement] = st.builds(
    lambda between, clauses: Requirement(between.join(clauses)),
    st.sampled_from((" & ", " | ")),
    st.lists(st.sampled_from([*_CLAUSES, *(f"!({clause})" for clause in _CLAUSES)]), min_size=1, max_size=3),
)
"""Requirements whose literals many candidates have."""
wishes: SearchStrategy[Wish] = st.tuples(
    st.none() | usual | requirements(names=NAMES, max_depth=2),
    st.none() | st.sampled_from((Rank("A"), Rank("- B + A"))) | ranks(names=NAMES, max_depth=2),
)


@contextmanager
def small(few: int, most: int, patience: int, walk: bool | None) -> Iterator[None]:
    """Make everything small that is done at a time, so that small pools have several of it."""
    with ExitStack() as patches:
        for module, name, value in (
            (rows, "_SHIFT", 4),
            (rows, "_CHUNK", 16),
            (runs, "LENGTH", 16),
            (bitmaps, "BLOCK", 64),
            (columnar, "BLOCK", 64),
            (columnar, "_PENDING", 2),
            (table, "_FEW", few),
            (selection, "MOST", most),
            (selection, "PATIENCE", patience),
        ):
            patches.enter_context(patch.object(module, name, value))
        if walk is not None:
            patches.enter_context(patch.object(selection.Selected, "_is_near", lambda self, count: walk))
        yield


def answer(ask: Callable[[], Ranking]) -> tuple[Any, ...]:
    """Return all that a ranking says, first how it begins, or all that the error says."""
    try:
        ranking = ask()
        return ranking[:3], list(ranking), ranking.considered, ranking.rejected, ranking.version
    except CandidateError as error:
        return type(error), error.key, error.attribute, error.message


def answers(pool: Pool, wanted: Sequence[Wish], limits: Sequence[int | None], engine: Any) -> list[tuple[Any, ...]]:
    return [
        answer(lambda: match(pool, *wish, limit=limit, engine=engine))  # noqa: B023  called at once
        for wish in wanted
        for limit in limits
    ]


def changed(
    pool: Pool, held: list[dict[str, Any]], drawn: list[tuple[str, int, dict[str, Any]]]
) -> list[tuple[Any, ...]]:
    """Return changes that the pool can make; `back` makes attributes what they were at first."""
    keys = dict.fromkeys(pool.keys)
    made: list[tuple[Any, ...]] = []
    for number, (verb, place, attributes) in enumerate(drawn):
        if verb == "add":
            made.append((verb, (pool.version, number), attributes))
        elif keys:
            key = list(keys)[place % len(keys)]
            if verb == "remove":
                del keys[key]
                made.append((verb, key))
            else:
                first = {name: held[key].get(name) for name in attributes} if key in range(len(held)) else {}
                made.append(("update", key, first if verb == "back" else attributes))
    return made


@given(
    held=candidates(),
    wanted=st.lists(wishes, min_size=1, max_size=3),
    later=wishes,
    limit=st.integers(0, 12),
    drawn=st.lists(changes, max_size=3),
    memory=st.sampled_from((MEMORY, MEMORY, MEMORY, 0, 700, 2_000)),
    few=st.sampled_from((0, 2, 64)),
    most=st.sampled_from((0, 1, 64)),
    patience=st.sampled_from((0, 100)),
    walk=st.sampled_from((None, True, False)),
)
@example(  # a list that begins well is read to its end by `@>` alone
    held=[{"A": 6, "B": 1}, {"A": 8, "B": 2}],
    wanted=[(Requirement("B = 1 | A = 7"), None)],
    later=(Requirement("B = 1 | A @> 9"), None),
    limit=1,
    drawn=[[("update", 0, {"A": [5, object()]})]],
    memory=MEMORY,
    few=64,
    most=0,
    patience=0,
    walk=None,
)
@example(  # `@>` does not see what was removed
    held=[{"A": [6, 7]}, {"A": [8]}],
    wanted=[(Requirement("A @> 8"), None)],
    later=(Requirement("A @> 6"), None),
    limit=1,
    drawn=[[("update", 0, {"A": None})]],
    memory=MEMORY,
    few=64,
    most=0,
    patience=0,
    walk=None,
)
@example(  # there and back: who began in between sees what was in between
    held=[{"A": 5}, {"A": 6}],
    wanted=[(Requirement("A = 5"), Rank("A"))],
    later=(Requirement("A = 6"), None),
    limit=1,
    drawn=[[("update", 0, {"A": 7})], [("back", 0, {"A": 0})]],
    memory=MEMORY,
    few=64,
    most=0,
    patience=0,
    walk=None,
)
@example(  # a whole number beside decimals is rounded once
    held=[{"A": 2**60 + 2**36 + 1}] * 16 + [{"A": 2.5}],
    wanted=[(Requirement("A > 1152921504606846976.0"), Rank("(A - 1152921504606846976) / 1000000000"))],
    later=(None, None),
    limit=1,
    drawn=[],
    memory=MEMORY,
    few=64,
    most=0,
    patience=0,
    walk=None,
)
def test_columns_give_the_answers_of_the_closures(
    held: list[dict[str, Any]],
    wanted: list[Wish],
    later: Wish,
    limit: int,
    drawn: list[list[tuple[str, int, dict[str, Any]]]],
    memory: int,
    few: int,
    most: int,
    patience: int,
    walk: bool | None,
) -> None:
    with small(few, most, patience, walk):
        pool = Pool(held, memory=memory)
        limits = (limit, None)
        for _ in range(2):
            assert answers(pool, wanted, limits, "columnar") == answers(pool, wanted, limits, "closures")
        for several in drawn:
            before = [answer(lambda: match(pool, *wish, engine="closures")) for wish in wanted]  # noqa: B023
            earlier = match_many(pool, [(None, None), *wanted], engine="columnar")
            next(earlier)
            pool.apply(changed(pool, held, several))
            for _ in range(2):
                now = answers(pool, wanted, limits, "columnar")
                assert now == answers(pool, wanted, limits, "closures")
            anew = Pool.of(list(pool), list(pool.keys), pool.kind, version=pool.version)
            assert now == answers(anew, wanted, limits, "columnar")
            assert answers(pool, [later], limits, "columnar") == answers(pool, [later], limits, "closures")
            for expected in before:  # who began with the earlier version goes on with it
                assert answer(lambda: next(earlier)) == expected  # noqa: B023  called at once
                if not isinstance(expected[0], list):
                    break  # a generator ends with an error


@given(held=candidates(), wanted=st.lists(wishes, min_size=1, max_size=2), limit=st.integers(0, 12), data=st.data())
def test_of_any_kind(held: list[dict[str, Any]], wanted: list[Wish], limit: int, data: st.DataObject) -> None:
    """Some values are computed, some cannot be read at all."""
    odd = st.sampled_from(("!", Computed(5.0), Computed(5.5), Computed(float("nan")), Computed(-0.0), Computed(1e300)))
    for place in data.draw(st.lists(st.integers(0, 199), max_size=4)):
        if place < len(held):
            held[place] = {**held[place], data.draw(st.sampled_from(NAMES)): data.draw(odd)}
    with small(64, 0, 0, None):
        pool = Pool([Card(number, each) for number, each in enumerate(held)], kind=CARD)
        for _ in range(2):
            assert answers(pool, wanted, (limit, None), "columnar") == answers(pool, wanted, (limit, None), "closures")
        for place in range(min(2, len(held))):
            pool.update(place, Card(place, {**held[place], "A": data.draw(odd)}))
        assert answers(pool, wanted, (limit, None), "columnar") == answers(pool, wanted, (limit, None), "closures")
