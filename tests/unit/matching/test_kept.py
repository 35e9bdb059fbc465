"""What is kept, and what goes when there is no room."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from matchmaker.matching.kept import Entry, Kept


def entry(value: object, nbytes: int) -> Entry:
    return Entry(value, frozenset({"A"}), 0, nbytes)


def held(kept: Kept) -> dict[str, object]:
    return {key: each.value for key, each in kept.entries()}


def taken(kept: Kept) -> int:
    return sum(each.nbytes for _, each in kept.entries())


def test_what_is_put_is_there() -> None:
    kept = Kept(100)
    assert kept.get("a") is None
    first = entry(1, 40)
    kept.put("a", first)
    assert kept.get("a") is first
    kept.put("a", entry(2, 50))
    assert held(kept) == {"a": 2}
    assert (first.current, first.until, first.names) == (0, 0, {"A"})


def test_what_was_not_used_for_longest_goes_first() -> None:
    kept = Kept(80)
    for key in "abcd":
        kept.put(key, entry(key, 20))
    assert set(held(kept)) == set("abcd")
    kept.get("a")
    kept.put("e", entry("e", 20))
    assert "a" in held(kept)
    assert "e" in held(kept)
    assert "b" not in held(kept)
    assert taken(kept) <= 80


def test_room_for_several_is_made_at_once() -> None:
    """An eighth is left free, so that the next ones find room."""
    kept = Kept(800)
    for number in range(101):
        kept.put(number, entry(number, 8))
    assert list(held(kept)) == list(range(14, 101))
    assert taken(kept) == 696


def test_what_is_too_large_for_all_is_not_kept() -> None:
    kept = Kept(100)
    kept.put("a", entry(1, 30))
    kept.put("b", entry(2, 101))
    assert held(kept) == {"a": 1}
    kept.put("c", entry(3, 100))
    assert held(kept) == {"c": 3}
    # What it would have replaced is out of date.
    kept.put("c", entry(4, 101))
    assert held(kept) == {}
    kept.put("d", entry(5, 100))
    assert held(kept) == {"d": 5}


def test_no_memory_at_all() -> None:
    kept = Kept(0)
    kept.put("a", entry(1, 1))
    assert kept.get("a") is None
    kept.put("b", entry(1, 0))
    assert kept.get("b") is not None


def test_what_takes_another_size_than_before() -> None:
    kept = Kept(100)
    for nbytes in (90, 10, 100, 0, 50):
        kept.put("a", entry(nbytes, nbytes))
        kept.put("b", entry(0, 1))
        assert taken(kept) <= 100
    kept.put("c", entry(0, 49))
    assert set(held(kept)) == {"a", "b", "c"}


def test_a_copy_goes_its_own_way() -> None:
    kept = Kept(60)
    for key in "abc":
        kept.put(key, entry(key, 20))
    copy = kept.copy()
    assert held(copy) == held(kept)
    copy.put("d", entry("d", 20))
    kept.put("c", entry("new", 20))
    assert held(kept) == {"a": "a", "b": "b", "c": "new"}
    assert "d" in held(copy)
    assert held(copy).get("c") in ("c", None)
    assert taken(copy) <= 60
    kept.get("a")  # and not `b`, which goes first
    kept.put("e", entry("e", 20))
    assert "a" in held(kept)


def test_a_copy_remembers_what_was_used() -> None:
    kept = Kept(80)
    for key in "abcd":
        kept.put(key, entry(key, 20))
    kept.get("a")
    copy = kept.copy()
    copy.put("e", entry("e", 20))
    assert "a" in held(copy)
    assert "b" not in held(copy)


@pytest.mark.usefixtures("many_switches")
def test_threads_put_and_get_and_copy() -> None:
    """What is counted stays what is there: otherwise nothing, or too much, would be kept in the end."""
    kept = Kept(1_000)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(2_000):
            key = chance.randrange(40)
            if chance.random() < 0.5:
                kept.put(key, entry(key, chance.randrange(120)))
            elif (found := kept.get(key)) is not None:
                assert found.value == key
            if chance.random() < 0.02:
                assert taken(kept.copy()) <= 1_000

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert taken(kept) <= 1_000
    for number in range(100, 110):
        kept.put(number, entry(number, 80))
    assert {*range(100, 110)} <= set(held(kept))
