"""What is translated to the opennebula dialect means the same there, on every candidate that the translation promises it for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from matchmaker import Rank, Requirement, TranslationError, check
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.language.nodes import Attribute, Call, Comparison, Membership, Node, Text, walk
from matchmaker.language.printer import print_tree
from matchmaker.testing import ranks, requirements
from tests.property import naive_extended as naive

often = settings(max_examples=5 * settings().max_examples)

_NAMES = ("A", "B", '("N/M")')
_TEXTS = ("", "kvm", "k*", "?", "*", "[a-c]x", "a[", "b\\", "x?y", "é", "5", "two words")
_WORDS = ("kvm", "", "x", "k?")
_ORDERS = ("<", "<=", ">", ">=")
_EQUAL = ("=", "==", "!=")
_EDGES = (0, 1, -1, 5, 1000, INT32_MAX, INT32_MAX - 1, INT32_MIN, INT32_MIN + 1)

# Thresholds beside whole numbers, at the edges of 32 bits and far beyond.
_literals = st.one_of(
    st.sampled_from(_EDGES).map(str),
    st.builds(
        lambda edge, rest: f"{edge}{rest}", st.sampled_from((5, 0, INT32_MAX, INT32_MIN)), st.sampled_from((".5", ".0"))
    ),
    st.sampled_from(("2147483648", "-2147483649", "1e9", "1e300", "-1e300", "5e-324", "-0", "0.1", "3e9")),
    st.integers(INT32_MIN, INT32_MAX).map(str),
    st.floats(-1e10, 1e10).map(lambda number: repr(number)),
)
_factors = st.sampled_from(("2", "0.5", "3", "0.1", "-1", "-7", "1024", "1e6", "1e300", "1e-300", "0.3333333333333333"))
_names = st.sampled_from(_NAMES)
_comparing = st.sampled_from((*_ORDERS, *_EQUAL))
_texts = st.sampled_from(_TEXTS) | st.text(st.sampled_from("ax*?[]\\^!-é\n"), max_size=5)

_computed = st.one_of(
    st.builds("{} + {}".format, _names, _literals),
    st.builds("{} - {}".format, _literals, _names),
    st.builds("{} * {}".format, _names, _factors),
    st.builds("{} / {}".format, _names, _factors),
    st.builds("-{}".format, _names),
    st.builds("round({} / {})".format, _names, _factors),
    st.builds("abs({} - {})".format, _names, _literals),
    st.builds("min({}, {})".format, _names, _literals),
    st.builds("max({}, {} * 2)".format, _literals, _names),
    st.builds("default({}, {})".format, _names, _literals),
    st.builds("default({}, {})".format, _names, _names),
    st.builds("default({} * 3, REQUEST.R)".format, _names),
    st.builds('(S = "kvm" ? {} : {} / 3)'.format, _names, _names),
    st.builds("(S = {} | {} > 5)".format, st.just('"k*"'), _names),
)
_sayable_clauses = st.one_of(
    st.builds("{} {} {}".format, _names, _comparing, _literals),
    st.builds("{} {} {}".format, _literals, _comparing, _names),
    st.builds("{} @> {}".format, _names, _literals.filter(float)),  # it takes no -0
    st.builds("{} in [{}, {}, {}]".format, _names, _literals, _literals, _literals),
    *[st.builds("{} {} {}".format, _computed, _comparing, _literals)] * 6,
    st.builds("{} {} {} * {}".format, _names, _comparing, _literals, _factors),
    st.builds("{} {} REQUEST.R".format, _names, _comparing),
    st.builds("{} / 1024 {} default(REQUEST.Q, 2) + REQUEST.R".format, _names, _comparing),
    st.builds("{} {} {} / 0".format, _names, _comparing, st.sampled_from(("0", "1", "-1"))),
    st.builds("{} {} {}".format, _literals, _comparing, _literals),
    st.builds('{} {} "{}"'.format, st.sampled_from("ST"), st.sampled_from((*_EQUAL, "@>")), _texts),
    st.builds('{} in ["{}", "{}"]'.format, st.sampled_from("ST"), _texts, _texts),
    st.builds('A in ["{}", {}]'.format, _texts, _literals),
    st.builds("exists({})".format, st.sampled_from((*_NAMES, "S", "REQUEST.Q"))),
    st.just('REQUEST.Q = "k*"'),
)
_scattered_clauses = st.one_of(
    st.builds("{0} * {0} {1} {2}".format, _names, _comparing, _literals),
    st.builds("{1} / {0} {2} {3}".format, _names, _literals, _comparing, _literals),
    st.builds("{} / ({} - 3) {} 2".format, _literals, _names, _comparing),
    st.builds("round({0} / 7) * 7 {1} {0}".format, _names, _comparing),
    st.builds("{0} * {0} * 1e300 - {0} * 1e305 {1} 0".format, _names, _comparing),
    st.builds("{} + {} > 5".format, _names, _names),
)


@st.composite
def _logic(draw: st.DrawFn, clauses: st.SearchStrategy[str], depth: int) -> str:
    """Draw clauses that are joined, negated and chosen from."""
    shape = draw(st.sampled_from(("clause", "!", "&", "|", "?"))) if depth else "clause"
    if shape == "clause":
        return draw(clauses)
    inner = draw(_logic(clauses, depth - 1))
    if shape == "!":
        return f"!({inner})"
    if shape == "&":
        return f"({inner}) & {draw(clauses)} & ({draw(clauses)} | {draw(clauses)})"
    if shape == "|":
        return f"{draw(clauses)} | {draw(clauses)} & ({inner})"
    return f"({inner}) ? ({draw(_logic(clauses, depth - 1))}) : {draw(clauses)}"


_bound = st.fixed_dictionaries(
    {},
    optional={
        "R": st.sampled_from((5, 2.5, "7x", 2**31, -(2**40), "1e400", [None, "x", 2])),
        "Q": st.sampled_from(("kvm", 2, 0.1)),
    },
)


@st.composite
def sayable(draw: st.DrawFn) -> Requirement:
    """Draw a requirement that OpenNebula can say, with what it asks of the request."""
    return Requirement(draw(_logic(_sayable_clauses, 2)), dialect="extended").bind(draw(_bound))


@st.composite
def scattered(draw: st.DrawFn) -> Requirement:
    """Draw a requirement that OpenNebula may be able to say."""
    clauses = _scattered_clauses | _sayable_clauses
    return Requirement(draw(_logic(clauses, 1)), dialect="extended").bind(draw(_bound))


anything = st.builds(
    lambda requirement, request: requirement.bind(request),
    requirements(dialect="extended", names=("A", "S"), max_depth=3),
    st.fixed_dictionaries({}, optional={"A": st.sampled_from((5, "kvm", 2.5)), "MEMORY": st.sampled_from((2048, -1))}),
)


def compared_with_numbers(tree: Node) -> set[str]:
    """Return the attributes that somewhere are compared with numbers, or computed with."""
    texts: list[int] = []
    for node in walk(tree):
        if isinstance(node, Comparison) and isinstance(node.literal, Text):
            texts.append(id(node.attribute))
        elif isinstance(node, Call) and node.function == "exists":
            texts.append(id(node.arguments[0]))
        elif isinstance(node, Membership) and all(isinstance(item, Text) for item in node.items):
            texts.append(id(node.operand))
    return {node.name for node in walk(tree) if isinstance(node, Attribute) and id(node) not in texts}


def numbers_near(texts: Sequence[str]) -> list[int]:
    """Return whole numbers in 32 bits beside those that stand in some texts, where verdicts change, and at the edges."""
    found = {int(digits) for text in texts for digits in re.findall(r"[0-9]{1,12}", text)}
    near = {sign * number + step for number in found for sign in (-1, 1) for step in (-1, 0, 1)}
    return sorted(number for number in near | set(_EDGES) if INT32_MIN <= number <= INT32_MAX)


def promised(requirement: Requirement, translated: Requirement, random: Random) -> Iterator[dict[str, Any]]:
    """Yield candidates that a translation promises something for; what is no number at all is as good as missing."""
    near = numbers_near([str(requirement), str(translated)])
    patterns = [*_TEXTS, *re.findall(r'"([^"]*)"', str(requirement))]
    patterns += [re.sub(r"[*?[\\]", "x", pattern) for pattern in patterns]
    numeric, names = compared_with_numbers(requirement.tree), sorted(requirement.attributes)

    def value(name: str) -> Any:
        if random.random() < 0.1:
            return None
        if random.random() < (0.1 if name in numeric else 0.8):
            return random.choice(_WORDS if name in numeric else patterns)
        number = random.choice(near) if random.random() < 0.8 else random.randint(INT32_MIN, INT32_MAX)
        return random.choice((number, str(number), f" {number}", f"{'-' if number <= 0 else '+'}0{abs(number)}"))

    for _ in range(30):
        yield {name: value(name) for name in names}
    for name in numeric:
        others = {other: value(other) for other in names}
        for number in (*near, "-0"):
            yield {**others, name: number}


def agrees(requirement: Requirement, translated: Requirement, candidate: dict[str, Any]) -> None:
    expected = requirement.matches(candidate)
    assert naive.matches(requirement.tree, candidate) is expected
    assert translated.matches(candidate) is expected, (str(requirement), str(translated), candidate)


def well_formed(translated: Requirement) -> None:
    assert translated.dialect == "opennebula"
    assert translated.diagnostics == ()
    assert str(translated) == print_tree(translated.tree)
    assert not {"MM201", "MM202", "MM203", "MM205"} & {each.code for each in check(str(translated))}


def means_the_same(requirement: Requirement, seed: int) -> None:
    translated = requirement.to("opennebula")
    well_formed(translated)
    for candidate in promised(requirement, translated, Random(seed)):
        agrees(requirement, translated, candidate)


@often
@given(_sayable_clauses, _bound, st.integers())
@example("abs(A) < 5", {}, 0)
@example("default(A, 10) > 5", {}, 0)
@example("default(A, B) <= 5", {}, 0)
@example("default(A * 3, REQUEST.R) > 5", {}, 0)
@example("default(REQUEST.R * A, 7) > A", {}, 0)
@example("default(REQUEST.R + 1, A) > 5", {}, 0)
@example("A * 1e300 * 1e300 < 5", {}, 0)
@example('S == "a[b"', {}, 0)
def test_a_clause_that_opennebula_can_say_means_the_same(clause: str, request: dict[str, Any], seed: int) -> None:
    means_the_same(Requirement(clause, dialect="extended").bind(request), seed)


@given(sayable(), st.integers())
def test_what_opennebula_can_say_is_always_translated_and_means_the_same(requirement: Requirement, seed: int) -> None:
    means_the_same(requirement, seed)


@given(scattered() | anything, st.integers())
def test_what_is_translated_means_the_same_and_all_else_is_named(requirement: Requirement, seed: int) -> None:
    try:
        requirement.to("opennebula")
    except TranslationError as error:
        assert error.diagnostics
        for each in error.diagnostics:
            assert each.code in ("MM401", "MM403")
            assert 0 <= each.span.start < each.span.end <= len(str(requirement))
        assert str(error)
        return
    means_the_same(requirement, seed)


_operands = st.sampled_from(("A", "B", "default(C, 0)", "3", "-2", "REQUEST.R", "min(7, 4)", "-A", "abs(6 / 2)"))
_sums = st.builds("{} {} {}".format, _operands, st.sampled_from("+-*"), _operands)
_sayable_ranks = st.one_of(
    _operands,
    _sums,
    st.builds("({}) {} ({})".format, _sums, st.sampled_from("+-*"), _sums),
    st.builds("-({}) * {}".format, _sums, _operands),
)
_small = st.integers(-60, 60)
_ranked = st.fixed_dictionaries({"A": _small | _small.map(str), "B": _small}, optional={"C": _small})


@given(_sayable_ranks, _ranked)
@example("A - (B - default(C, 0))", {"A": 1, "B": 2})
def test_ranks_of_small_whole_numbers_score_the_same(text: str, candidate: dict[str, Any]) -> None:
    rank = Rank(text, dialect="extended").bind({"R": 12})
    assert rank.to("opennebula").score(candidate) == rank.score(candidate)


@given(ranks(dialect="extended", names=("A", "B"), max_depth=2), _ranked)
def test_ranks_that_are_translated_score_the_same(rank: Rank, candidate: dict[str, Any]) -> None:
    rank = rank.bind({"MEMORY": 3, "A": 5})
    try:
        translated = rank.to("opennebula")
    except TranslationError as error:
        assert {each.code for each in error.diagnostics} == {"MM404"}
        return
    score = rank.score(candidate)
    assume(abs(score) <= 2**24)
    assert translated.score(candidate) == score
