"""Whole expressions over columns, against the closures."""

from __future__ import annotations

import itertools
import random
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from matchmaker import Rank, Requirement
from matchmaker.attributes.numbers import INT32_MIN
from matchmaker.engine import bitmaps, columnar
from matchmaker.engine.building import build
from matchmaker.engine.columns import Need
from matchmaker.engine.verdicts import ColumnClause

MEGABYTE = 1_000_000


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """Assert that no more memory is taken at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * MEGABYTE
    finally:
        tracemalloc.stop()


def candidates(size: int) -> list[dict[str, Any]]:
    chance = random.Random(size)
    values = (0, 1, 5, 6, 7, None, 5.9, "5", "kvm", True)
    return [{name: chance.choice(values) for name in "ABC"} for _ in range(size)]


def masked(requirement: Requirement, pool: Sequence[dict[str, Any]], alive: Any = None) -> list[int]:
    """Return the slots that meet a requirement."""
    program = requirement.columns
    views = build(program.needs, [{name: [each.get(name) for each in pool] for name in program.names}])
    words = program.mask(
        lambda clause: clause.verdicts(views[clause.need]), bitmaps.everything(len(pool)) if alive is None else alive
    )
    found: list[int] = bitmaps.positions(words).tolist()
    assert bitmaps.count(words) == len(found)
    return found


def scored(rank: Rank, pool: Sequence[dict[str, Any]]) -> list[int]:
    """Return the scores of all slots."""
    program = rank.columns
    views = build(program.needs, [{name: [each.get(name) for each in pool] for name in program.names}])
    scores = program.scores(lambda name: views[Need(name, "floats")].loaded(name), len(pool))
    assert scores.dtype == np.int32
    listed: list[int] = scores.tolist()
    return listed


REQUIREMENTS = (
    "",
    "A = 5",
    "!(A = 5)",
    "!!(A = 5)",
    "A = 5 & B = 6",
    "A = 5 | B = 6 & C = 7",
    "!(A = 5 | B = 6) & !(C = 7)",
    "A = 5 & !(B = 6 & !(C = 7 | A > 1))",
    "A = 5 & A = 5 & A = 5",
    "(A = 5 | B = 5) & (A = 6 | B = 6) | (C = 5 & !(C = 5))",
    'A = kvm | B = "5" | C != "YES"',
)


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1_000])
@pytest.mark.parametrize("text", REQUIREMENTS)
def test_requirements(text: str, size: int) -> None:
    pool, requirement = candidates(size), Requirement(text)
    assert masked(requirement, pool) == [slot for slot, each in enumerate(pool) if requirement.matches(each)]


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_slots_that_hold_nothing_meet_no_requirement(text: str) -> None:
    pool, requirement = candidates(100), Requirement(text)
    alive = bitmaps.pack(np.arange(100) % 3 == 0)
    before = alive.copy()
    assert masked(requirement, pool, alive) == [slot for slot in range(0, 100, 3) if requirement.matches(pool[slot])]
    assert (alive == before).all()


@pytest.mark.parametrize("text", REQUIREMENTS)
@pytest.mark.parametrize("pending", [columnar._PENDING, 0])
def test_the_verdicts_of_clauses_do_not_change(text: str, pending: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be kept; the mask is an array of its own."""
    monkeypatch.setattr(columnar, "_PENDING", pending)
    program, chance, alive = Requirement(text).columns, np.random.default_rng(5), bitmaps.everything(10_000)
    kept = {clause.key: bitmaps.pack(chance.random(10_000) < 0.5) for clause in program.clauses}
    before = {key: words.copy() for key, words in kept.items()}
    mask = program.mask(lambda clause: kept[clause.key], alive)
    again = program.mask(lambda clause: kept[clause.key], alive)
    assert (mask == again).all()
    mask[:] = 0
    assert all((kept[key] == words).all() for key, words in before.items())
    assert bitmaps.count(alive) == 10_000


def test_what_a_requirement_reads() -> None:
    program = Requirement("A = 5 & (B @> kvm | !(A > 5.9)) & A = 5").columns
    assert [clause.key[:3] for clause in program.clauses] == [
        ("A", "=", "integers"),
        ("B", "@>", "texts"),
        ("A", ">", "floats"),
        ("A", "=", "integers"),
    ]
    assert program.needs == {Need("A", "integers"), Need("B", "texts", several=True), Need("A", "floats")}
    assert program.names == {"A", "B"}
    blank = Requirement("").columns
    assert (blank.clauses, blank.needs, blank.names) == ((), frozenset(), frozenset())


def nested(depth: int) -> Requirement:
    return Requirement("".join(f"A={number % 7} {'&|'[number % 2]} (" for number in range(depth)) + "A=5" + ")" * depth)


def test_a_requirement_that_nests_deeply() -> None:
    requirement = nested(3_000)
    pool = [{"A": number % 9} for number in range(5_000)]
    assert masked(requirement, pool) == [slot for slot, each in enumerate(pool) if requirement.matches(each)]


def test_what_waits_in_a_deep_requirement_takes_bounded_memory() -> None:
    """All of it at once would be 600 megabytes."""
    program, slots = nested(3_000).columns, 1_600_000
    words: dict[Any, bitmaps.Words] = {}

    def verdicts(clause: ColumnClause) -> bitmaps.Words:
        return words.setdefault(clause.key, bitmaps.pack(np.arange(slots) % 9 == clause.key.literal))

    for clause in program.clauses[:7]:
        verdicts(clause)
    with at_most(60):
        mask = program.mask(lambda clause: words[clause.key], bitmaps.everything(slots))
    requirement = nested(3_000)
    for slot in range(9):
        assert bitmaps.at(mask, np.array([slot]))[0] == requirement.matches({"A": slot % 9})


def test_a_requirement_of_many_clauses() -> None:
    text = " & ".join(f"A != {number}" for number in range(20_000))
    requirement = Requirement(text)
    pool = [{"A": number} for number in range(0, 40_000, 1_000)]
    assert masked(requirement, pool) == list(range(20, 40))
    assert len(requirement.columns.clauses) == 20_000


def test_a_wide_requirement_holds_no_more_than_a_few_masks() -> None:
    text = " | ".join(f"A = {number}" for number in range(2_000))
    program, alive = Requirement(text).columns, bitmaps.everything(MEGABYTE)
    with at_most(5):
        mask = program.mask(lambda clause: bitmaps.nothing(MEGABYTE), alive)
    assert bitmaps.count(mask) == 0


VALUES = (
    0,
    -1,
    1,
    5,
    7,
    100,
    0.1,
    -0.5,
    16777217,
    2**31 - 1,
    2**31,
    -(2**31),
    10**30,
    -0.0,
    1e-40,
    "kvm",
    None,
    [5],
    True,
)
RANKS = (
    *(
        "",
        "5",
        "-5",
        "2.5",
        "- 2.5",
        "1 / 0",
        "- 1 / 0",
        "0 / 0",
        "2147483647",
        "-2147483648",
        "2147483648.0",
        "1 / 3 * 3",
    ),
    *(
        "A",
        "- A",
        "- - A",
        "A + B",
        "A - B",
        "A * B",
        "A / B",
        "B / A",
        "1 / A",
        "- 1 / A",
        "0 / A",
        "A / 0",
        "A * A * A",
    ),
    *(
        "A * 1000000 * 1000000",
        "A / 1000000 / 1000000",
        "A - (B - (A - B))",
        "(A + B) * (A - B)",
        "2 * A + 3 * B - 4 / A",
    ),
    *("1 / (1 / A)", "A + 1 / 0 - 1 / 0", "5 - 5 + A", "A / 3 * 3 - A", "- (A + 0.5) / - (B + 0.5)", "A + 2147483647"),
)


@pytest.mark.parametrize("text", RANKS)
def test_ranks(text: str) -> None:
    rank = Rank(text)
    pool = [{"A": one, "B": other} for one, other in itertools.product(VALUES, repeat=2)]
    assert scored(rank, pool) == [rank.score(each) for each in pool]
    alike = [{"A": one % 256, "B": other % 100} for one, other in itertools.product(range(0, 256, 5), range(7))]
    assert scored(rank, alike) == [rank.score(each) for each in alike]
    assert scored(rank, []) == []
    assert scored(rank, pool[:1]) == [rank.score(pool[0])]


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "i4", "f4"])
def test_every_type_of_column(kind: str) -> None:
    """All are read as float32, and none is changed."""
    array = np.array([0, 1, 100, 5], kind)
    program = Rank("- (A - 7) * A").columns
    assert program.scores(lambda name: array, 4).tolist() == [0, 6, -9_300, 10]
    assert Rank("A").columns.scores(lambda name: array, 4).tolist() == [0, 1, 100, 5]
    assert array.tolist() == [0, 1, 100, 5]


@pytest.mark.parametrize("size", [columnar.BLOCK - 1, columnar.BLOCK, columnar.BLOCK + 1, 3 * columnar.BLOCK])
def test_sizes_around_blocks(size: int) -> None:
    array = np.arange(size, dtype=np.int32)
    assert (Rank("A * 2 - 1").columns.scores(lambda name: array, size) == array * 2 - 1).all()
    assert (Rank("7").columns.scores(lambda name: array, size) == 7).all()


@pytest.mark.parametrize("place", [0, 1, columnar.BLOCK, columnar.BLOCK + 9])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 2147483648.0, -2147483904.0, 3e38])
def test_what_does_not_fit_into_a_score(place: int, number: float) -> None:
    array = np.full(columnar.BLOCK + 10, 5.9, np.float32)
    array[place] = number
    scores = Rank("A").columns.scores(lambda name: array, len(array))
    assert scores[place] == INT32_MIN
    assert np.delete(scores, place).tolist() == [5] * (columnar.BLOCK + 9)


def test_the_largest_scores() -> None:
    array = np.array([2147483520.0, -2147483648.0, -2147483520.0, 0.99, -0.99], np.float32)
    scores = Rank("A").columns.scores(lambda name: array, 5)
    assert scores.tolist() == [2147483520, -2147483648, -2147483520, 0, 0]


def test_scores_do_not_warn_whatever_numpy_was_told() -> None:
    pool = [{"A": value} for value in VALUES]
    with np.errstate(all="raise"):
        for text in ("1 / A", "A * A * A * A * A", "0 / A", "1 / 0 - 1 / 0", "A / 1000000 / 1000000 / 1000000"):
            rank = Rank(text)
            assert scored(rank, pool) == [rank.score(each) for each in pool]


def test_what_a_rank_reads() -> None:
    program = Rank("A + 2 * (B - A)").columns
    assert program.names == {"A", "B"}
    assert program.needs == {Need("A", "floats"), Need("B", "floats")}
    assert program.key == Rank("A+2*(B - A)").columns.key
    assert program.key != Rank("(A + 2) * (B - A)").columns.key
    assert Rank("5 * 7").columns.names == frozenset()


def test_an_attribute_is_loaded_once() -> None:
    loaded: list[str] = []

    def load(name: str) -> Any:
        loaded.append(name)
        return np.arange(200_000, dtype=np.int32)

    Rank("A * A + B - A / B").columns.scores(load, 200_000)
    assert loaded == ["A", "B"]


def deep_rank(depth: int) -> Rank:
    return Rank("".join(f"A {'-+'[number % 2]} (" for number in range(depth)) + "A * 3" + ")" * depth)


def test_a_rank_that_nests_deeply() -> None:
    rank, pool = deep_rank(1_600), [{"A": number} for number in range(700)]
    assert scored(rank, pool) == [rank.score(each) for each in pool]


def test_what_waits_in_a_deep_rank_takes_bounded_memory() -> None:
    """All of it at once would be more than 400 megabytes."""
    rank, array = deep_rank(1_600), np.arange(70_000, dtype=np.int32) % 5
    program = rank.columns
    with at_most(30):
        scores = program.scores(lambda name: array, len(array))
    expected = [rank.score({"A": number}) for number in range(5)]
    assert scores.tolist() == [expected[number % 5] for number in range(len(array))]


def test_a_rank_of_many_terms() -> None:
    rank = Rank(" + ".join(["A"] * 20_000))
    assert scored(rank, [{"A": 1}, {"A": 2}, {}]) == [20_000, 40_000, 0]
