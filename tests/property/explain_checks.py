"""Checks of everything that an explanation says, by matching again."""

from __future__ import annotations

import json
import math
import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any, get_args

import numpy as np

from matchmaker import CandidateError, Pool, Rank, Requirement
from matchmaker.attributes.numbers import int32
from matchmaker.diagnostics import shorten
from matchmaker.language.nodes import Chain, Comparison, Integer
from matchmaker.language.printer import print_name, print_tree
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import Explanation, explain
from matchmaker.matching.explain.report import Alternative, Clause, UnknownName, UnknownText
from tests.property import naive, naive_explain
from tests.property.naive_explain import ASKED, clauses_of, matching, verdict

ENGINES: tuple[Engine, ...] = get_args(Engine)
STATES = ("pass", "missing", "unconverted", "false", "unreadable")


def check_engines(pool: Pool, parts: Mapping[Any, Requirement], rank: Rank | None) -> None:
    """Check what one engine says, and that the other one says the same."""
    wanted: Any = parts if set(parts) != {"user"} else parts["user"]
    closures, columnar = (explain(pool, wanted, rank, engine=engine) for engine in ENGINES)
    check(closures, pool, parts, rank)
    same = closures.to_json()
    again = pickle.loads(pickle.dumps(columnar))
    for other in (columnar, again):
        assert other.to_json() == same
        assert repr(list(other.candidates)) == repr(list(closures.candidates))
        assert other.render() == closures.render()
        assert other == closures or "nan" in repr(other.best)


def check(explanation: Explanation, pool: Pool, parts: Mapping[str, Requirement], rank: Rank | None) -> None:
    candidates, clauses = list(pool), clauses_of(parts)
    check_clauses(explanation, candidates, clauses)
    check_changes(explanation, candidates, clauses)
    check_nearest(explanation, candidates, clauses)
    check_unknown(explanation, candidates, clauses)
    check_candidates(explanation, pool, clauses)
    check_ranking(explanation, pool, clauses, rank)
    check_texts(explanation)


def check_clauses(explanation: Explanation, candidates: Sequence[Any], clauses: Sequence[naive_explain.Clause]) -> None:
    """Count each clause alone, with those before it, and as the only obstacle."""
    assert explanation.considered == len(candidates)
    assert explanation.matching == len(matching(clauses, candidates))
    assert len(explanation.clauses) == len(clauses)
    for place, (told, clause) in enumerate(zip(explanation.clauses, clauses, strict=True)):
        assert told.number == place + 1
        assert told.text == shorten(clause.text, 2_000)
        assert told.part == clause.part
        check_counts(told, clause, candidates)
        assert told.passing_so_far == len(matching(clauses[: place + 1], candidates))
        assert told.only_obstacle == naive_explain.only_obstacle(clauses, place, candidates)
        check_extreme(told, clause, candidates)
        assert len(told.alternatives) == len(clause.alternatives)
        for number, (alternative, text) in enumerate(zip(told.alternatives, clause.alternatives, strict=True), 1):
            assert alternative.number == number
            assert alternative.text == shorten(text, 2_000)
            check_counts(alternative, clause.with_text(text), candidates)


def check_extreme(told: Clause, clause: naive_explain.Clause, candidates: Sequence[Any]) -> None:
    """Where no candidate passes a threshold, some have the value that is nearest to it, and none a nearer one."""
    found = naive_explain.threshold(clause.text, clause.dialect)
    if found is None or told.passing or not isinstance(found.comparison.literal, Integer):
        assert found is not None or told.extreme is None
        return
    name, operator = print_name(found.comparison.attribute.name), ">" if found.wants_more else "<"
    if told.extreme is None:
        assert not matching([clause.with_text(f"{name} = 0 | {name} != 0")], candidates)
    else:
        assert matching([clause.with_text(f"{name} = {told.extreme}")], candidates)
        assert not matching([clause.with_text(f"{name} {operator} {told.extreme}")], candidates)


def check_counts(told: Clause | Alternative, clause: naive_explain.Clause, candidates: Sequence[Any]) -> None:
    assert told.passing == len(matching([clause], candidates))
    assert told.passing + told.missing + told.unconverted + told.false + told.unreadable == len(candidates)
    assert told.unreadable == [verdict([clause], candidate) for candidate in candidates].count(None)
    tree = Requirement(clause.text, dialect=clause.dialect).tree
    if isinstance(tree, Comparison):
        counted = Counter(state_of(tree, clause, candidate) for candidate in candidates)
        assert [getattr(told, state, told.passing) for state in STATES] == [counted[state] for state in STATES]


def state_of(comparison: Comparison, clause: naive_explain.Clause, candidate: Any) -> str:
    """Return what comes of a comparison, found by asking others of the same attribute."""
    alone = clause.with_text(print_tree(comparison))
    passes = verdict([alone], candidate)
    if passes is None:
        return "unreadable"
    if passes:
        return "pass"
    name = print_name(comparison.attribute.name)
    if has(name, candidate) is False:
        return "missing"
    literal = print_tree(comparison.literal)
    if literal.startswith('"') or verdict([alone.with_text(f"{name} = {literal} | {name} != {literal}")], candidate):
        return "false"
    return "unconverted"


def has(name: str, candidate: Any) -> bool | None:
    """Tell whether a candidate has an attribute, None when it cannot be read; the name is quoted where needed."""
    try:
        return Requirement(f'{name} = "*"').matches(candidate)
    except CandidateError:
        return None


def check_changes(explanation: Explanation, candidates: Sequence[Any], clauses: Sequence[naive_explain.Clause]) -> None:
    """Leave out all sets of clauses, the smallest first."""
    wanted = naive_explain.smallest_sets(clauses, candidates)
    assert {change.clauses: change.admits for change in explanation.changes} == wanted
    assert explanation.complete
    helpful = [(-change.admits, change.clauses) for change in explanation.changes]
    assert helpful == sorted(helpful)


def check_nearest(explanation: Explanation, candidates: Sequence[Any], clauses: Sequence[naive_explain.Clause]) -> None:
    """Put other literals into each threshold, and match again."""
    for place, (told, clause) in enumerate(zip(explanation.clauses, clauses, strict=True)):
        if clause.alternatives:
            assert told.nearest == ()

        def count(text: str, number: int, place: int = place, clause: naive_explain.Clause = clause) -> int:
            changed = clause.with_alternative(number, text) if number else clause.with_text(text)
            return len(matching([*clauses[:place], changed, *clauses[place + 1 :]], candidates))

        owners: Sequence[Clause | Alternative] = told.alternatives or (told,)
        for number, (owner, text) in enumerate(zip(owners, clause.alternatives or (clause.text,), strict=True)):
            where = number + 1 if clause.alternatives else 0
            found = naive_explain.threshold(text, clause.dialect)
            if found is None:
                assert owner.nearest == ()
                continue
            best = count(found.with_literal(found.loosest), where)
            asked = [wanted for wanted in ASKED if explanation.matching < wanted <= best]
            assert [each.admits for each in owner.nearest] == asked
            for each in owner.nearest:
                literal = Requirement(each.text, dialect=clause.dialect).tree
                changed = naive_explain.threshold(each.text, clause.dialect)
                assert changed is not None, literal
                assert each.text == found.with_literal(changed.comparison.literal)
                assert each.literal == print_tree(changed.comparison.literal)
                assert count(each.text, where) == each.matching >= each.admits
                tighter = found.with_literal(found.tighter(changed.comparison.literal))
                assert count(tighter, where) < each.admits


def check_unknown(explanation: Explanation, candidates: Sequence[Any], clauses: Sequence[naive_explain.Clause]) -> None:
    """Look for each name and text on each candidate."""
    told = {
        (each.attribute, each.text if isinstance(each, UnknownText) else None): each for each in explanation.unknown
    }
    assert len(told) == len(explanation.unknown)
    wanted: dict[tuple[str, str | None], tuple[int, Counter[str]]] = {}
    doubtful: set[tuple[str, str | None]] = set()
    for number, clause in enumerate(clauses, 1):
        names = naive_explain.names(clause.text, clause.dialect) if candidates else set()
        missing = {name for name in names if not any(has(print_name(name), each) is not False for each in candidates)}
        for name in missing:
            wanted.setdefault((name, None), (number, Counter()))
        for comparison in naive_explain.comparisons(clause.text, clause.dialect):
            name, text = comparison.attribute.name, comparison.literal.value
            if name in missing or not naive_explain.compares_with_text(comparison, clause.dialect):
                continue
            operator = "=" if comparison.operator == "!=" else comparison.operator
            same = f"{print_name(name)} {operator} {print_tree(comparison.literal)}"
            if not candidates or matching([clause.with_text(same)], candidates):
                doubtful.add((name, str(text)))  # another comparison of the clause may have no match
                continue
            wanted.setdefault((name, str(text)), (number, seen_texts(name, candidates, several=operator == "@>")))
    for key, (number, seen) in wanted.items():
        if key[1] is None or (seen and key not in doubtful):
            assert told[key].clause == number
    assert not told.keys() - wanted.keys()
    for key, found in told.items():
        if isinstance(found, UnknownName):
            assert found.nearest is None or found.nearest != found.attribute
        elif (
            isinstance(candidates[0], dict)
            and key not in doubtful
            and all(readable(key[0], each) for each in candidates)
        ):
            _, seen = wanted[key]
            assert found.distinct == len(seen)
            assert list(found.seen) == sorted(seen.items(), key=lambda each: (-each[1], each[0]))[:10]
            assert found.nearest is None or found.nearest in seen


def seen_texts(name: str, candidates: Sequence[Any], *, several: bool) -> Counter[str]:
    """Count the candidates that have a text as the first value, or as any of several."""
    counted: Counter[str] = Counter()
    for candidate in candidates:
        found = texts_of(candidate, name)
        counted.update(set(found or ()) if several else (found or ())[:1])
    return counted


def texts_of(candidate: Any, name: str) -> list[str] | None:
    """Return an attribute of a plain candidate as texts, None when it cannot be read; of a document, that there is one."""
    if not isinstance(candidate, dict):
        return ["something"] if has(print_name(name), candidate) else []
    try:
        return list(naive.texts(candidate, name)) if readable(name, candidate) else None
    except ValueError:  # a whole number of too many digits
        return None


def readable(name: str, candidate: Any) -> bool:
    """Tell whether each value of an attribute stands for a text: `@>` looks at all that it does not find."""
    return has(print_name(name), candidate) is not None and all(
        verdict([naive_explain.Clause("user", "opennebula", None, f"{print_name(name)} @> 0.{place}", ())], candidate)
        is not None
        for place in (1, 2)
    )


def check_candidates(explanation: Explanation, pool: Pool, clauses: Sequence[naive_explain.Clause]) -> None:
    """Ask each candidate about each clause, alternative and comparison."""
    shown = clauses
    if explanation.has_alternatives:
        (clause,) = clauses
        shown = [clause.with_text(text) for text in clause.alternatives]
    assert len(explanation.candidates) == len(pool)
    counted: list[Counter[str]] = [Counter() for _ in shown]
    for position, (told, key, candidate) in enumerate(zip(explanation.candidates, pool.keys, pool, strict=True)):
        assert (told.key, told.position) == (key, position)
        assert repr(explanation.candidate(key)) == repr(told)
        assert told.failing == tuple(
            number for number, clause in enumerate(clauses, 1) if not verdict([clause], candidate)
        )
        assert told.matches == (not told.failing)
        assert len(told.verdicts) == len(shown)
        for clause, counts, said in zip(shown, counted, told.verdicts, strict=True):
            counts[said.state] += 1
            passes = verdict([clause], candidate)
            assert (said.state == "pass", said.state == "unreadable") == (passes is True, passes is None)
            for reading in said.readings:
                alone = clause.with_text(reading.comparison)
                passes = verdict([alone], candidate)
                assert (reading.state == "pass", reading.state == "unreadable") == (passes is True, passes is None)
                tree = Requirement(reading.comparison, dialect=clause.dialect).tree
                if isinstance(tree, Comparison):
                    assert reading.state == state_of(tree, clause, candidate)
                    assert reading.attribute == tree.attribute.name
                    check_value(reading, candidate)
    owners: Sequence[Clause | Alternative] = explanation.clauses
    if explanation.has_alternatives:
        owners = explanation.clauses[0].alternatives
    for owner, counts in zip(owners, counted, strict=True):
        assert [getattr(owner, state, owner.passing) for state in STATES] == [counts[state] for state in STATES]


def check_value(reading: Any, candidate: Any) -> None:
    """Compare what is shown of a value with its texts."""
    found = texts_of(candidate, reading.attribute) if isinstance(candidate, dict) else None
    if found is None or reading.state == "unreadable":
        return
    if reading.state == "missing":
        assert (reading.value, reading.read_as) == (None, None)
    elif reading.value is not None and len(reading.value) < 900:
        assert reading.value == (", ".join(found) or '""')
    if reading.state == "unconverted":
        assert reading.read_as is None
        assert reading.note


def check_ranking(
    explanation: Explanation, pool: Pool, clauses: Sequence[naive_explain.Clause], rank: Rank | None
) -> None:
    """Rank again, add the contributions up, and look for a larger difference."""
    candidates = list(pool)
    places = matching(clauses, candidates)
    scored = [(place, score_of(rank, candidates[place])) for place in places]
    if rank is not None:
        scored.sort(key=lambda each: (each[1] is None, -(each[1] or 0), -each[0]))
    told = sorted((each for each in explanation.candidates if each.matches), key=lambda each: each.place or 0)
    assert [each.place for each in told] == list(range(1, len(told) + 1))
    assert [each.position for each in told] == [place for place, _ in scored]
    assert repr(list(explanation.best)) == repr(told[:5])
    assert explanation.unscored == sum(score is None for _, score in scored)
    for each, (_, score) in zip(told, scored, strict=True):
        assert len(each.contributions) == len(explanation.terms)
        if rank is None:
            assert each.score is None
        else:
            assert (type(each.score), each.score) == (type(score), score)
            if explanation.terms and (score is not None or rank.dialect == "extended"):
                check_sum(rank, each.contributions, score)
    for each in explanation.candidates:
        if not each.matches:
            assert (each.place, each.score, each.contributions, each.ahead_of) == (None, None, (), None)
    for first, second in pairwise(told):
        assert first.ahead_of is not None
        assert first.ahead_of.key == second.key
        reason = first.ahead_of.precedence
        assert reason == explanation.why_before(first.key, second.key)
        assert reason.tie == (first.score == second.score)
        if reason.term is not None:
            gains = [gain(mine, other) for mine, other in zip(first.contributions, second.contributions, strict=True)]
            assert gains[reason.term - 1] == max(gains) > 0
            assert reason.difference in (None, gains[reason.term - 1])
    if told:
        assert told[-1].ahead_of is None


def score_of(rank: Rank | None, candidate: Any) -> Any:
    try:
        return 0 if rank is None else rank.score(candidate)
    except CandidateError:
        return None


def gain(mine: float | None, other: float | None) -> float:
    """Return how much larger a contribution is; what is none, or no number, is less than any other."""
    first, second = (float("-inf") if each is None or each != each else each for each in (mine, other))
    return 0.0 if first == second else first - second


def check_sum(rank: Rank, contributions: Sequence[float | None], score: Any) -> None:
    """Add up as the dialect does; where sums were taken apart, rounding may differ."""
    numbers = [each for each in contributions if each is not None]
    if len(numbers) < len(contributions):
        assert score is None
        return
    kind: Any = np.float32 if rank.dialect == "opennebula" else np.float64
    assert all(float(kind(each)) == each or each != each for each in numbers)
    tree = rank.tree
    if len(contributions) == (len(tree.rest) + 1 if isinstance(tree, Chain) and tree.level == 1 else 1):
        with np.errstate(all="ignore"):
            total = float(reduce(kind.__add__, map(kind, numbers)))
        if rank.dialect == "opennebula":
            assert score == int32(total)
        else:
            assert score == (None if math.isnan(total) else total)
    elif all(map(math.isfinite, numbers)) and sum(map(abs, numbers)) < 2**31:
        slack = sum(map(abs, numbers)) * len(numbers) * float(np.finfo(kind).eps)
        assert score is not None
        assert abs(score - math.fsum(numbers)) <= slack + (1 if rank.dialect == "opennebula" else 0)


def check_texts(explanation: Explanation) -> None:
    """Look at the forms in which an explanation is passed on."""
    assert len(explanation.summary) <= 100
    assert explanation.summary.isprintable()
    told = explanation.to_json()
    assert json.loads(json.dumps(told, allow_nan=False)) == json.loads(json.dumps(told))
    assert list(told["clauses"]) == explanation.to_json(candidates=False)["clauses"]
    for width in (40, 80, 120):
        chosen = [each.key for each in explanation.candidates][:3]
        for text in (explanation.render(width=width), explanation.render(width=width, candidates=chosen)):
            assert all(len(line) <= width for line in text.split("\n") if line.isascii()), text
            assert all(line.isprintable() for line in text.split("\n")), text
