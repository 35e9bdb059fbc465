"""A pool that changes answers as one made anew would, whatever was done to it, and old rankings answer as they did."""

from __future__ import annotations

import pickle
from collections import UserDict
from collections.abc import Callable, Sequence
from typing import Any, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from matchmaker import CandidateError, Match, Pool, PoolError, Rank, Ranking, Requirement, match, match_many
from matchmaker.matching.choosing import Engine
from matchmaker.testing import ranks, requirements
from matchmaker.testing.strategies import values

NAMES = ("A", "B", "C")
ENGINES: tuple[Engine, ...] = get_args(Engine)
SIZES = (0, 3, 70, 600)
"""How many candidates there are at first; 512 neighbours share what a change copies."""
NOTHING = (object(), b"5", [7, ("kvm",)])
"""Values that stand for nothing: reading them is an error."""

Key = str | int
Attributes = dict[str, Any]
Model = dict[Key, Any]
Change = tuple[Any, ...]
Wish = tuple[Requirement | str | None, Rank | str | None]

some_values = st.integers(0, 9) | st.sampled_from(("kvm", "xen", "7", "8 cores", 2.5, True, None)) | values
odd_values = some_values | some_values | st.sampled_from(NOTHING)
attributes = st.dictionaries(st.sampled_from(NAMES), odd_values, max_size=3)
places = st.integers(0, 999)
"""Numbers that `LivePool.key_at` makes keys of."""
wishes: st.SearchStrategy[Wish] = st.one_of(
    # These come again and again, so that an engine may have something kept that is not true any more.
    st.tuples(
        st.sampled_from((None, "A > 3", "A = 7", 'B = "k*"', 'A > 3 & !(B = "k*")', "A < 5 | C @> 7", "C != 2.5")),
        st.sampled_from((None, "A", "- A + C", "B / 2")),
    ),
    st.tuples(
        st.none() | requirements(names=NAMES, max_depth=2),
        st.none() | ranks(names=NAMES, max_depth=2),
    ),
)


class Impossible(Exception):
    """The model's word for a change that cannot be made."""


def changed(model: Model, changes: Sequence[Change], *, named: bool) -> Model:
    """Return what the changes make of a model, in the plainest way."""
    after = dict(model)
    for verb, key, *rest in changes:
        if (verb == "add") == (key in after):
            raise Impossible
        if verb == "remove":
            del after[key]
            continue
        merged = {**after.get(key, {}), **rest[0]}
        if verb == "update":
            merged = {name: value for name, value in merged.items() if value is not None or name not in rest[0]}
        elif named and merged.get("NAME") is None:
            merged["NAME"] = key
        if named and merged.get("NAME") != key:
            raise Impossible
        after[key] = merged
    return after


def answer(ask: Callable[[], Ranking]) -> tuple[Any, ...]:
    """Return all that a ranking says, or all that the error says."""
    try:
        ranking = ask()
        return list(ranking), len(ranking), ranking.considered, ranking.rejected
    except CandidateError as error:
        return type(error), error.key, error.attribute, error.message


def expected(model: Model, wish: Wish, limit: int | None) -> tuple[Any, ...]:
    """Answer naively, one candidate at a time."""
    requirement = wish[0] if isinstance(wish[0], Requirement | None) else Requirement(wish[0])
    rank = wish[1] if isinstance(wish[1], Rank | None) else Rank(wish[1])
    found = []
    for key, candidate in model.items():
        try:
            if requirement is None or requirement.matches(candidate):
                found.append(Match(key, 0 if rank is None else rank.score(candidate), candidate))
        except CandidateError as error:
            return type(error), key, error.attribute, error.message
    if rank is not None:
        found.reverse()  # among equals the later one first
        found.sort(key=lambda each: -each.score)
    listed = found[:limit]
    return listed, len(listed), len(model), len(model) - len(found)


class LivePool(RuleBasedStateMachine):
    """A pool, and a dict to which the same is done."""

    size = 0

    @initialize(named=st.booleans(), mixed=st.booleans(), kept=st.lists(attributes, max_size=3))
    def begin(self, named: bool, mixed: bool, kept: list[Attributes]) -> None:
        self.named = named
        drawn = dict(enumerate(kept))
        made: list[Any] = [
            drawn.get(number, {"A": number % 10, "B": ("kvm", "xen", "7")[number % 3], "C": [number % 8, 2.5]})
            for number in range(self.size)
        ]
        if named:
            made = [{**candidate, "NAME": f"n{number}"} for number, candidate in enumerate(made)]
        if mixed:  # some are no dicts proper
            made = [UserDict(candidate) if number % 3 == 0 else candidate for number, candidate in enumerate(made)]
        self.pool = Pool(made, key="NAME" if named else None)
        self.model: Model = {f"n{number}" if named else number: candidate for number, candidate in enumerate(made)}
        self.version = 0
        self.taken: list[tuple[Ranking, int, tuple[Any, ...]]] = []

    def key_at(self, place: int) -> Key:
        """Return one of the keys, or, of the last numbers, one that may not be there."""
        keys = list(self.model)
        if place >= 990 or not keys:
            return f"x{place}" if self.named or place % 2 else place
        return keys[place % len(keys)]

    def make(self, change: Callable[[], None], changes: Sequence[Change]) -> None:
        """Make changes in both, or see them refused by both."""
        try:
            self.model = changed(self.model, changes, named=self.named)
        except Impossible:
            with pytest.raises(PoolError):
                change()
        else:
            change()
            self.version += 1

    @rule(place=places, attributes=attributes)
    def update(self, place: int, attributes: Attributes) -> None:
        key = self.key_at(place)
        self.make(lambda: self.pool.update(key, attributes), [("update", key, attributes)])

    @rule(place=places, other=places)
    def update_the_name(self, place: int, other: int) -> None:
        key, attributes = self.key_at(place), {"NAME": self.key_at(other), "A": 1}
        self.make(lambda: self.pool.update(key, attributes), [("update", key, attributes)])

    @rule(place=st.integers(985, 999), attributes=attributes, own=st.none() | places)
    def add(self, place: int, attributes: Attributes, own: int | None) -> None:
        key = self.key_at(place)
        if own is not None:
            attributes = {**attributes, "NAME": self.key_at(own)}
        self.make(lambda: self.pool.add(key, attributes), [("add", key, attributes)])

    @rule(place=places)
    def remove(self, place: int) -> None:
        key = self.key_at(place)
        self.make(lambda: self.pool.remove(key), [("remove", key)])

    @rule(
        drawn=st.lists(
            st.tuples(st.sampled_from(("update", "update", "add", "remove")), places, attributes), max_size=6
        )
    )
    def apply(self, drawn: list[tuple[str, int, Attributes]]) -> None:
        changes = [(verb, self.key_at(place), attributes) for verb, place, attributes in drawn]
        self.make(lambda: self.pool.apply(changes), changes)

    @rule(place=places, attributes=attributes)
    def move_to_the_end(self, place: int, attributes: Attributes) -> None:
        key = self.key_at(place)
        changes: list[Change] = [("remove", key), ("add", key, attributes), ("update", key, attributes)]
        self.make(lambda: self.pool.apply(changes), changes)

    @precondition(lambda self: self.model)
    @rule(times=st.integers(1, 4), share=st.integers(1, 3))
    def wear(self, times: int, share: int) -> None:
        """Move most candidates, until gaps close up and what changed becomes a new base."""
        for _ in range(times):
            keys = list(self.model)[::share]
            changes: list[Change] = [("remove", key) for key in keys]
            changes += [("add", key, {**self.model[key], "A": len(self.model) % 7}) for key in keys]
            self.make(lambda changes=changes: self.pool.apply(changes), changes)  # type: ignore[misc]

    @precondition(lambda self: len(self.model) > 10)
    @rule(share=st.integers(2, 9))
    def remove_many(self, share: int) -> None:
        changes = [("remove", key) for place, key in enumerate(self.model) if place % share]
        self.make(lambda: self.pool.apply(changes), changes)

    @rule()
    def pickle(self) -> None:
        self.pool = pickle.loads(pickle.dumps(self.pool))
        self.model = dict(zip(self.model, self.pool, strict=True))  # what is unlike itself, such as NaN, is copied

    @rule(wish=wishes, limit=st.none() | st.integers(0, 20))
    def ask(self, wish: Wish, limit: int | None) -> None:
        wanted = expected(self.model, wish, limit)
        anew = Pool.of(list(self.model.values()), list(self.model), self.pool.kind)
        for engine in ENGINES:
            for pool in (self.pool, anew):
                assert answer(lambda: match(pool, *wish, limit=limit, engine=engine)) == wanted  # noqa: B023  called at once

    @rule(
        several=st.lists(wishes, min_size=1, max_size=4),
        limit=st.none() | st.integers(0, 20),
        engine=st.sampled_from(ENGINES),
        place=places,
    )
    def ask_for_many(self, several: list[Wish], limit: int | None, engine: Engine, place: int) -> None:
        """Ask for several, and change the pool before the first one is looked at."""
        wanted = [expected(self.model, wish, limit) for wish in several]
        version = self.version
        rankings = match_many(self.pool, several, limit=limit, engine=engine)
        given: list[tuple[Any, ...]] = []
        for number in range(len(wanted)):
            try:
                ranking = next(rankings)
            except CandidateError as error:
                given.append((type(error), error.key, error.attribute, error.message))
                break  # a generator ends with an error
            assert ranking.version == version
            if number == 0:
                self.update(place, {"A": 5, "B": None})
            given.append(answer(lambda: ranking))  # noqa: B023  called at once
        assert given == wanted[: len(given)]
        if len(given) == len(wanted) and isinstance(given[-1][0], list):
            assert next(rankings, None) is None

    @rule(wish=wishes, engine=st.sampled_from(ENGINES), limit=st.none() | st.integers(0, 20))
    def take(self, wish: Wish, engine: Engine, limit: int | None) -> None:
        """Keep a ranking without looking at it."""
        wanted = expected(self.model, wish, limit)
        if isinstance(wanted[0], list):
            self.taken.append((match(self.pool, *wish, engine=engine, limit=limit), self.version, wanted))

    @precondition(lambda self: self.taken)
    @rule(place=places)
    def look_back(self, place: int) -> None:
        ranking, version, wanted = self.taken[place % len(self.taken)]
        assert ranking.version == version
        assert answer(lambda: ranking) == wanted

    @invariant()
    def all_is_there(self) -> None:
        pool, model = self.pool, self.model
        assert (pool.version, len(pool)) == (self.version, len(model))
        assert list(pool.keys) == list(model)
        assert list(pool) == list(pool.candidates) == list(model.values())
        for key in (*list(model)[:3], *list(model)[-3:]):
            assert key in pool
            assert pool[key] == model[key]
        assert "nobody" not in pool

    def teardown(self) -> None:
        for ranking, version, wanted in getattr(self, "taken", ()):
            assert ranking.version == version
            assert answer(lambda: ranking) == wanted  # noqa: B023  called at once


@pytest.mark.parametrize("size", SIZES)
def test_a_pool_that_changes_answers_as_one_made_anew(size: int) -> None:
    machine = type(f"LivePoolOf{size}", (LivePool,), {"size": size})
    calm = settings(max_examples=settings().max_examples // 2, stateful_step_count=30)
    run_state_machine_as_test(machine, settings=calm)
