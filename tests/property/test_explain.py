"""The numbers in an explanation are those that matching again gives: without clauses, with other literals, and recounted."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import Pool, Rank, Requirement
from matchmaker.attributes.lookup import PLAIN
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import by_part, counted, explain, of_parts
from tests.property.explain_cases import (
    Odd,
    candidates,
    chained,
    crowds,
    extended,
    extended_ranks,
    host_operands,
    hosts,
    keys,
    listed,
    numbers_only,
    numbers_or_more,
    opennebula,
    opennebula_ranks,
    operands,
    operators,
    pool_of,
    sums,
    texts,
    thresholds,
)
from tests.property.explain_checks import ENGINES, check_engines
from tests.property.test_frames import LIBRARIES, Columns, dicts, frames
from tests.property.test_frames import wishes as frame_wishes

PARTS = ("user", "automatic", "affinity", "policy", "capacity")


@given(opennebula, opennebula_ranks, listed | numbers_only, keys)
@example(Requirement(""), Rank("A / 0 - A / 0"), [{"A": 1}, {"A": 2}], str)
@example(Requirement(""), Rank("A"), [{"A": 5}, {"A": Odd()}], str)
@example(Requirement(""), Rank("A + (A + 16777216 + A)"), [{"A": 1}], str)
@example(Requirement(""), Rank(""), [{"A": 1}, {"A": 2}], str)
@example(Requirement('A @> "5" & A > 9'), None, [{"A": [5, Odd()]}, {"A": ["x", Odd()]}], str)
@example(Requirement("A > 5 | B > 5"), None, [{"A": Odd(), "B": 3}], str)
@example(Requirement("A < 0.1"), None, [{"A": 16777217}], str)
def test_recounting_gives_the_same_numbers(
    requirement: Requirement, rank: Rank | None, candidates: list[Any], key_at: Any
) -> None:
    check_engines(pool_of(candidates, key_at), {"user": requirement}, rank)


@given(extended, extended_ranks, listed | numbers_only)
def test_recounting_gives_the_same_numbers_in_the_extended_dialect(
    requirement: Requirement, rank: Rank | None, candidates: list[Any]
) -> None:
    check_engines(Pool(candidates), {"user": requirement}, rank)


@given(
    st.lists(thresholds, min_size=1, max_size=4).map(" & ".join),
    st.sampled_from(("opennebula", "extended")),
    sums.map(Rank),
    crowds,
)
@example("A > 9", "opennebula", Rank("A"), [{"A": number} for number in range(9)])
@example("A < 0.5 | B < 0", "extended", Rank("A"), [{"A": number, "B": number % 2} for number in range(1, 12)])
def test_literals_are_moved_as_far_as_needed(text: str, dialect: str, rank: Rank, candidates: list[Any]) -> None:
    loose = text.replace(" > ", " >= ") if dialect == "extended" else text
    check_engines(Pool(candidates), {"user": Requirement(loose, dialect=dialect)}, rank)


@given(
    st.dictionaries(st.sampled_from(PARTS), texts.map(Requirement) | extended, max_size=3),
    opennebula_ranks | extended_ranks,
    listed | numbers_only,
)
def test_several_parts_of_a_request_are_one_list_of_clauses(
    parts: dict[str, Requirement], rank: Rank | None, candidates: list[Any]
) -> None:
    check_engines(Pool(candidates), parts, rank)


@given(texts.map(Requirement), sums.map(Rank), st.lists(candidates, min_size=1, max_size=20), st.data())
def test_what_was_removed_from_a_pool_counts_no_more(
    requirement: Requirement, rank: Rank, candidates: list[Any], data: st.DataObject
) -> None:
    pool = Pool(candidates)
    if data.draw(st.booleans()):
        explain(pool, requirement, rank, engine="columnar")
    for key in data.draw(st.lists(st.sampled_from(range(len(candidates))), unique=True, max_size=12)):
        pool.remove(key)
    pool.apply(
        [("add", f"new {place}", each) for place, each in enumerate(data.draw(st.lists(numbers_or_more, max_size=4)))]
    )
    for key in data.draw(st.lists(st.sampled_from(list(pool.keys)), max_size=4)) if len(pool) else ():
        pool.update(key, data.draw(numbers_or_more))
    check_engines(pool, {"user": requirement}, rank)


@given(
    st.lists(thresholds | operands, min_size=1, max_size=4).map(" & ".join).map(Requirement),
    st.none() | sums.map(Rank),
    crowds | listed,
    st.lists(st.integers(0, 30), max_size=3),
    st.sampled_from(ENGINES),
)
def test_parts_of_a_pool_add_up(
    requirement: Requirement, rank: Rank | None, candidates: list[Any], cuts: list[int], engine: Engine
) -> None:
    whole = explain(candidates, requirement, rank, engine=engine)
    edges = [0, *sorted(cuts), len(candidates)]
    pools = [Pool(candidates[begin:end]) for begin, end in pairwise(edges)]
    parts = by_part(requirement)
    counts = pickle.loads(pickle.dumps([counted(pool, parts, rank, engine=engine) for pool in pools]))
    added = of_parts(parts, rank, PLAIN, counts)
    told, wanted = added.to_json(candidates=False), whole.to_json(candidates=False)
    for name in ("summary", "paragraph"):  # of the best candidate nothing is said
        if not whole.matching:
            assert told[name] == wanted[name]
        del told[name], wanted[name]
    assert told == wanted


@given(frames(), st.sampled_from(sorted(LIBRARIES)), frame_wishes, st.sampled_from((*ENGINES, None)))
def test_rows_of_a_frame_are_explained_like_dicts(
    columns: Columns, library: str, wish: tuple[Any, Any], engine: Engine | None
) -> None:
    pool = Pool.from_frame(LIBRARIES[library](columns))
    told, same = (explain(each, *wish, engine=engine).to_json() for each in (pool, Pool(dicts(columns, library))))
    if columns:  # a frame without columns has no rows
        assert {**told, "kind": "plain"} == same
    else:
        assert told["considered"] == 0


@given(
    st.builds(chained, host_operands, st.lists(st.tuples(operators, host_operands), max_size=4)).map(Requirement),
    st.sampled_from((None, "FREE_CPU", "- RUNNING_VMS", "FREE_CPU - 50 * RUNNING_VMS + ID / 7")),
)
def test_hosts_of_opennebula_are_recounted(requirement: Requirement, rank: str | None) -> None:
    check_engines(hosts(), {"user": requirement}, None if rank is None else Rank(rank))
