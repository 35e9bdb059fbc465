"""Who matches while others change the pool sees one version, whole, and nothing that is done gets lost."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Event
from typing import Any, get_args

import pytest

from matchmaker import Pool, PoolError, Ranking, match, match_many
from matchmaker.matching.choosing import Engine

pytestmark = pytest.mark.usefixtures("many_switches")

ENGINES: tuple[Engine, ...] = get_args(Engine)
READERS = 3
WRITERS = 3
SIZE = 600
"""More than the 512 neighbours that share what a change copies."""
ROUNDS = 300
"""How many changes each writer makes at least."""
LOOKS = 30
"""How often each reader looks at least."""


def together(write: Callable[[int, int], None], read: Callable[[int], None], *, writers: int = WRITERS) -> int:
    """Run writers and readers at once, all until each has done its part; return how many changes were made.

    Parameters
    ----------
    write : callable
        Makes one change, given the writer's number and how many it made before.
    read : callable
        Looks once, given how often it looked before.
    """
    looked, failed = Event(), Event()

    def change(number: int) -> int:
        made = 0
        while made < ROUNDS or not (looked.is_set() or failed.is_set()):
            write(number, made)
            made += 1
        return made

    def look(number: int) -> None:
        for turn in range(LOOKS):
            read(turn)

    with ThreadPoolExecutor(READERS + writers) as threads:
        changing = [threads.submit(change, number) for number in range(writers)]
        looking = [threads.submit(look, number) for number in range(READERS)]
        try:
            for each in looking:
                each.result()
            looked.set()
        finally:
            failed.set()  # also when a look failed: writers wait for it
        return sum(each.result() for each in changing)


@pytest.mark.parametrize("engine", ENGINES)
def test_attributes_that_change_together_are_seen_together(engine: Engine) -> None:
    pool = Pool([{"A": number % 101, "B": 100 - number % 101} for number in range(SIZE)])

    def write(number: int, made: int) -> None:
        chance = random.Random(1_000 * made + number)
        key, value = chance.randrange(SIZE), chance.randrange(101)
        pool.update(key, {"A": value, "B": 100 - value})

    def read(turn: int) -> None:
        assert not match(pool, "A > 50 & B > 49", engine=engine)
        assert not match(pool, "A < 50 & B < 51", "A", limit=3, engine=engine)
        either = match(pool, "A > 49 | B > 50", "A + B", engine=engine)
        assert (len(either), either.considered, either.rejected) == (SIZE, SIZE, 0)
        assert [found.score for found in either[:5]] == [100] * 5
        by_value = match(pool, None, "A", engine=engine)
        assert all(found.score == found.candidate["A"] == 100 - found.candidate["B"] for found in by_value)
        scores = [found.score for found in by_value]
        assert scores == sorted(scores, reverse=True)

    changes = together(write, read)
    assert pool.version == changes
    assert all(candidate["A"] + candidate["B"] == 100 for candidate in pool)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_moves_from_one_candidate_to_another_is_always_in_one_place(engine: Engine) -> None:
    pool = Pool([{"NAME": f"n{number}", "TOKEN": int(number == 0)} for number in range(SIZE)], key="NAME")
    holders = ["n0"]

    def write(number: int, made: int) -> None:
        to = f"n{(made * 197 + 1) % SIZE}"
        if to != holders[-1]:
            pool.apply([("update", holders[-1], {"TOKEN": 0}), ("update", to, {"TOKEN": 1})])
            holders.append(to)
        else:
            pool.apply([])

    def read(turn: int) -> None:
        (found,) = match(pool, "TOKEN = 1", engine=engine)
        assert found.candidate == {"NAME": found.key, "TOKEN": 1}
        best, *others = match(pool, None, "TOKEN", limit=5, engine=engine)
        assert (best.score, [other.score for other in others]) == (1, [0] * 4)
        wishes = [("TOKEN = 1", None), ("TOKEN > 0", "TOKEN"), ("TOKEN = 0", None), (None, "TOKEN * 5")]
        first, second, without, ranked = match_many(pool, wishes, engine=engine)
        assert first.version == second.version == without.version == ranked.version
        assert first[0].key == second[0].key == ranked[0].key
        assert len(first) == len(second) == 1
        assert len(without) == SIZE - 1
        assert first[0].key not in {found.key for found in without}

    changes = together(write, read, writers=1)
    assert pool.version == changes
    assert [candidate["NAME"] for candidate in pool if candidate["TOKEN"] == 1] == holders[-1:]


@pytest.mark.parametrize("engine", ENGINES)
def test_candidates_that_come_and_go_are_seen_in_whole_versions(engine: Engine) -> None:
    """Each apply removes one and adds one, so often that gaps close up on the way."""
    pool = Pool([{"NAME": f"n{number}", "HOME": number % WRITERS} for number in range(SIZE)], key="NAME")
    each = SIZE // WRITERS

    def write(number: int, made: int) -> None:
        keys = [f"n{(made * 10 + place) % each * WRITERS + number}" for place in range(10)]
        pool.apply(
            [("remove", key, None) for key in keys]
            + [("add", key, {"HOME": number, "TURN": made}) for key in reversed(keys)]
        )

    def read(turn: int) -> None:
        everybody = match(pool, None, "TURN", engine=engine)
        assert len(everybody) == everybody.considered == SIZE
        assert len({found.key for found in everybody}) == SIZE
        assert all(found.key == found.candidate["NAME"] for found in everybody)
        for home in range(WRITERS):
            assert len(match(pool, f"HOME = {home}", engine=engine)) == each
        held = list(pool)
        assert len({candidate["NAME"] for candidate in held}) == len(held) == SIZE
        keys = pool.keys
        assert len(set(keys)) == len(keys) == SIZE
        copied = pickle.loads(pickle.dumps(pool))
        assert [candidate["NAME"] for candidate in copied] == copied.keys
        key = everybody[turn].key
        assert key in pool
        assert pool[key]["NAME"] == key

    changes = together(write, read)
    assert pool.version == changes


def test_no_change_is_lost() -> None:
    """Writers add, change and remove candidates of their own; impossible changes come between and change nothing."""
    pool = Pool([{"COUNT": 0} for _ in range(WRITERS)])

    def write(number: int, made: int) -> None:
        pool.update(number, {"COUNT": made + 1})
        own = (number, made)
        pool.add(own, {"COUNT": 1})
        with pytest.raises(PoolError):
            pool.apply([("update", number, {"COUNT": -1}), ("add", own, {})])
        if made % 3:
            pool.remove(own)

    def read(turn: int) -> None:
        before = pool.version
        ranking = match(pool, "COUNT < 0")
        assert not ranking
        assert before <= ranking.version <= pool.version

    together(write, read)
    made = [pool[number]["COUNT"] for number in range(WRITERS)]
    assert pool.version == sum(2 * count + sum(1 for turn in range(count) if turn % 3) for count in made)
    stayed = {(number, turn) for number in range(WRITERS) for turn in range(0, made[number], 3)}
    assert set(pool.keys) == {*range(WRITERS), *stayed}
    assert len(pool) == WRITERS + len(stayed)


@pytest.mark.parametrize("engine", ENGINES)
def test_threads_look_at_one_ranking(engine: Engine) -> None:
    """It is put in order by and by, by whoever looks further than the others did."""
    count = 5_000
    pool = Pool([{"A": number} for number in range(count)])
    expected = list(range(count - 1, -1, -1))
    for start in range(5):
        ranking = match(pool, "A > -1", "A", engine=engine)

        def look(number: int, ranking: Ranking = ranking, start: int = start) -> bool:
            if number % 2:
                return [found.key for found in ranking] == expected
            places = range(start + number, count, 97)
            return [ranking[place].key for place in places] == [expected[place] for place in places]

        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(look, range(8)))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_ranking_is_looked_at_while_its_pool_changes(engine: Engine) -> None:
    pool = Pool([{"A": number} for number in range(SIZE)])
    ranking = match(pool, "A < 600", "- A", engine=engine)
    places = cycle(range(SIZE))

    def write(number: int, made: int) -> None:
        key = made * WRITERS + number
        if key < SIZE:
            pool.update(key, {"A": -1}) if key % 2 else pool.remove(key)
        else:
            pool.apply([])

    def read(turn: int) -> None:
        place = next(places)
        assert ranking[place].candidate == {"A": place}
        assert [found.key for found in ranking] == list(range(SIZE))
        assert ranking.version == 0

    together(write, read)
    assert [found.candidate["A"] for found in ranking] == list(range(SIZE))


def test_an_iteration_keeps_its_version() -> None:
    pool = Pool([{"A": number} for number in range(SIZE)])
    iterated = [iter(pool), iter(pool.keys), iter(match(pool))]
    first: list[Any] = [next(each) for each in iterated]
    pool.apply([("remove", number, None) for number in range(SIZE)])
    rest = [list(each) for each in iterated]
    assert [first[0], *rest[0]] == [{"A": number} for number in range(SIZE)]
    assert [first[1], *rest[1]] == list(range(SIZE))
    assert [first[2], *rest[2]] == [(number, 0, {"A": number}) for number in range(SIZE)]
    assert len(pool) == 0
