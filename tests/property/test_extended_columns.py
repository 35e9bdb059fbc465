"""Columns give the answers of the closures in the extended dialect, too: whatever the values are, and however pools change."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml.etree import tostring

from matchmaker import CandidateError, Pool, Rank, Ranking, Requirement, match, match_many
from matchmaker.matching.pool import MEMORY
from matchmaker.opennebula import Document, candidate
from matchmaker.testing import ranks, requirements
from matchmaker.testing.extended_trees import REQUEST_NAMES
from tests.property.test_columns import CARD, NAMES, Card, Computed, candidates, changed, changes, columns, small
from tests.property.test_columns import wishes as opennebula_wishes
from tests.property.test_frames import LIBRARIES, Column, Columns, dicts, frames
from tests.property.test_frames import changes as frame_changes
from tests.property.test_live_documents import documents

Wish = tuple[Requirement | None, Rank | None]

_request = st.dictionaries(st.sampled_from(REQUEST_NAMES), st.sampled_from((5, "5", "kvm", 2.5, True, ["x", 7])))


def _extended(text: str) -> Requirement:
    return Requirement(text, dialect="extended")


def _extended_rank(text: str) -> Rank:
    return Rank(text, dialect="extended")


_usual = st.sampled_from(
    (
        *("A + 0 = B", "A - B > 1 | C >= 5.5", "A / B != 1", "!(A * 2 in [B, C])", 'A in [5, 6, "k*", ""]', "A @> 5"),
        *('A = ""', 'A != ""', 'A @> ""', 'A == "5"', 'B == "k*"', "A <= 127 & A >= -5", "exists(A) & !exists(C)"),
        *(
            "A in [B, 5] | default(C, 7) = 7",
            "(A = 5 ? B : C) > 1",
            "A = 5 ? exists(B) : C = 5",
            "min(A, B) < max(B, C)",
        ),
        *('"S/F" + A > 5', '"S/F" = 5 | ("S/F") in [A, 6, "kvm"]', "A > 9007199254740992", "REQUEST.A <= A + B"),
    )
).map(_extended)
_usual_ranks = st.sampled_from(
    (
        *("A", "- A", "A / B", "A - B * 0.5", 'A + (B = "k*") * 100', "exists(A)", "default(A, -1)", "round(A / 2)"),
        *("1 / min(A, B)", "max(A, B, C)", "A > 5 ? B : C", "REQUEST.A", "0 / 0", '"S/F" + REQUEST.MEMORY'),
    )
).map(_extended_rank)


def wishes(names: Sequence[str]) -> SearchStrategy[Wish]:
    """Draw requirements and ranks, and put attributes of a request into them."""
    wanted = st.none() | _usual | requirements(names=names, dialect="extended", max_depth=2)
    ranked = st.none() | _usual_ranks | ranks(names=names, dialect="extended", max_depth=2)
    return st.builds(
        lambda requirement, rank, request: (
            None if requirement is None else requirement.bind(request),
            None if rank is None else rank.bind(request),
        ),
        wanted,
        ranked,
        _request,
    )


mixed: SearchStrategy[Wish] = st.one_of(
    wishes(NAMES),
    wishes(NAMES),
    st.builds(lambda one, other: (one[0], other[1]), wishes(NAMES), opennebula_wishes),
    st.builds(lambda one, other: (one[0], other[1]), opennebula_wishes, wishes(NAMES)),
)
"""Wishes of which at least a part is of the extended dialect."""


def answer(ask: Callable[[], Ranking]) -> Any:
    """Return all that a ranking says, with the types and signs of scores, or all that the error says."""
    try:
        found = ask()
        first = [(each.key, repr(each.score)) for each in found[:3]]
        matches = [(each.key, repr(each.score)) for each in found]
        return first, matches, found.considered, found.rejected, found.unscored, found.version
    except CandidateError as error:
        return type(error), error.key, error.attribute, error.message


def answers(pool: Pool, wanted: Sequence[Wish], limits: Sequence[int | None], engine: Any) -> list[Any]:
    return [
        answer(lambda: match(pool, *wish, limit=limit, engine=engine))  # noqa: B023  called at once
        for wish in wanted
        for limit in limits
    ]


@given(
    held=candidates(),
    wanted=st.lists(mixed, min_size=1, max_size=3),
    later=mixed,
    limit=st.integers(0, 12),
    drawn=st.lists(changes, max_size=3),
    memory=st.sampled_from((MEMORY, MEMORY, MEMORY, 0, 700, 2_000)),
    few=st.sampled_from((0, 2, 64)),
    most=st.sampled_from((0, 1, 64)),
    patience=st.sampled_from((0, 100)),
    walk=st.sampled_from((None, True, False)),
)
@example(  # what has no score is counted once, also where it has none only since then
    held=[{"A": 0}, {"A": 0}],
    wanted=[(None, _extended_rank("B"))],
    later=(None, None),
    limit=0,
    drawn=[[("update", 0, {"A": 0})]],
    memory=MEMORY,
    few=2,
    most=0,
    patience=0,
    walk=None,
)
@example(  # a number that does not fit into the type of a column finds room in a wider one
    held=[{"A": 1, "B": 2}] * 3,
    wanted=[(_extended("A + B > 2.75"), _extended_rank("A"))],
    later=(_extended("A > 0.5"), _extended_rank("1 / A")),
    limit=1,
    drawn=[[("update", 0, {"A": 0.75})], [("update", 1, {"A": 2**53 + 1})], [("update", 2, {"A": -0.0})]],
    memory=MEMORY,
    few=64,
    most=0,
    patience=0,
    walk=None,
)
@example(  # the empty text is a text here, and upstream's null string there
    held=[{"A": ""}, {"A": "x"}, {}],
    wanted=[(_extended('A = ""'), None), (Requirement('A = ""'), None), (_extended('A != ""'), None)],
    later=(Requirement('A != ""'), None),
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


@given(held=candidates(), wanted=st.lists(mixed, min_size=1, max_size=2), limit=st.integers(0, 12), data=st.data())
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
            pool.update(place, Card(place, {**held[place], "A": data.draw(odd | columns.map(lambda drawn: drawn[0]))}))
        assert answers(pool, wanted, (limit, None), "columnar") == answers(pool, wanted, (limit, None), "closures")


@st.composite
def hosts(draw: st.DrawFn) -> list[Document]:
    """Draw hosts that have VMs."""
    drawn = draw(st.lists(documents(), min_size=1, max_size=5))
    for number, document in enumerate(drawn):
        vms = "".join(f"<ID>{vm}</ID>" for vm in draw(st.lists(st.integers(0, 9), max_size=3)))
        text = tostring(document.element, encoding="unicode")
        drawn[number] = candidate(text.replace("<ID>1</ID>", f"<ID>{number}</ID><VMS>{vms}</VMS>", 1))
    return drawn


_HOST_NAMES = ("A", "B", "CURRENT_VMS", "count(B)", "VMS/ID")


@given(
    hosts(),
    st.lists(wishes(_HOST_NAMES), min_size=1, max_size=2),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("AB"), st.sampled_from(("7", "1e3", "", "kvm"))), max_size=2),
)
def test_hosts(hosts: list[Document], wanted: list[Wish], changed: list[tuple[int, str, str]]) -> None:
    pool = Pool(hosts)
    asked = [
        *wanted,
        (_extended("CURRENT_VMS in [7, 8]"), _extended_rank('"count(VMS/ID)" + (CURRENT_VMS = 7)')),
        (_extended("CURRENT_VMS != 7 & CURRENT_VMS < 9 | exists(CURRENT_VMS)"), _extended_rank("CURRENT_VMS")),
    ]
    for _ in range(2):
        assert answers(pool, asked, (1, None), "columnar") == answers(pool, asked, (1, None), "closures")
    for place, name, value in changed:
        if hosts:
            pool.update(place % len(hosts), {name: value})
            assert answers(pool, asked, (1, None), "columnar") == answers(pool, asked, (1, None), "closures")


_FRAME_NAMES = ("A", "B", "C")


def agree(pool: Pool, plain: Pool, wish: Wish) -> None:
    for limit in (None, 2):
        wanted = answers(plain, [wish], [limit], "closures")[0]
        for engine in (None, "closures", "columnar", "columnar"):
            assert answers(pool, [wish], [limit], engine)[0] == wanted


@pytest.mark.parametrize("library", LIBRARIES)
@given(columns=frames(), several=st.lists(st.tuples(frame_changes, wishes(_FRAME_NAMES)), min_size=1, max_size=3))
@example(
    columns={"A": Column("float64", [math.nan, None, 0.1]), "B": Column("int64", [None, 2**60 + 1, 5])},
    several=[([], (_extended("exists(A) | exists(B)"), _extended_rank("A + exists(A) + B")))],
)
@example(
    columns={"A": Column("float32", [13421773 / 2**27, math.inf, None])},
    several=[([("update", 0, {"A": 0.3})], (_extended("A != 0.1"), _extended_rank("A * 3")))],
)
def test_a_frame_is_matched_like_its_rows(
    library: str, columns: Columns, several: list[tuple[list[Any], Wish]]
) -> None:
    pool, plain = Pool.from_frame(LIBRARIES[library](columns)), Pool(dicts(columns, library))
    for drawn, wish in [([], several[0][1]), *several]:
        for verb, key, attributes in drawn:
            if (verb == "add") == (key in plain):
                continue
            for each in (pool, plain):
                each.apply([(verb, key, attributes)])
        agree(pool, plain, wish)
