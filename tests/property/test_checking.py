"""Whatever `check` claims about a requirement holds for every candidate, and what it leaves out changes no answer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from matchmaker import Pool, Requirement, check
from matchmaker.checking import fixed
from matchmaker.checking.edits import edited
from matchmaker.checking.logic.groups import Clause, Grouping
from matchmaker.checking.logic.patterns import Patterns
from matchmaker.checking.logic.reasoning import Conclusion, Reasoning
from matchmaker.language.nodes import Node
from matchmaker.language.printer import print_tree
from matchmaker.opennebula import candidate as document
from matchmaker.testing import candidates, requirements
from tests.property.hostile import texts as any_texts

NUMBERS = ("0", "1", "2", "3", "-1", "2147483647", "-2147483648", "4294967297")
FLOATS = ("1.0", "1.5", "2.0", "0.1", "-0.0", "2147483648.0", "9" * 40 + ".0")
TEXTS = ('"x"', '"xy"', '"y"', '"1"', '"*"', '"**"', '"x*"', '"xy*"', '"?"', '"y?"', '"[xy]"', '""', '"[a-"')
ORDERED = tuple(f"{name} {sign} {number}" for name in "AB" for sign in "=<>" for number in (*NUMBERS, *FLOATS))
UNORDERED = tuple(
    f"{name} {sign} {literal}" for name in "AB" for sign in ("!=", "@>") for literal in (*NUMBERS[:4], *FLOATS[:3])
)
COMPARED = tuple(f"{name} {sign} {text}" for name in "AB" for sign in ("=", "!=", "@>") for text in TEXTS)
MORE = (
    *(
        f"{name} {sign} {literal}"
        for name in "AB"
        for sign in (">=", "<=", "!=")
        for literal in ("1", "1.5", "2", "1e3")
    ),
    *(f"{name} == {text}" for name in "AB" for text in ('"x"', '"x*"', '""')),
    *("A in [1, 2, 2]", 'A in ["x", "x*", 1]', "B in [3]", "A + 1 > B", "exists(A)", "B > A", "default(A, 1) = 1"),
)

VALUES: tuple[Any, ...] = (
    *(
        None,
        "",
        "x",
        "xy",
        "y",
        "yx",
        "z",
        "1",
        1,
        2,
        0,
        -1,
        3,
        1.5,
        "1.5",
        0.1,
        "0.9",
        2147483647,
        -2147483648,
        10**10,
    ),
    *(True, [], ["x", 1], ["x", "1.5", 2], ["1e40", 3], ["", "y"], [None, 2], 3e38, "9" * 39, "1e3", 1000),
)
CANDIDATES = [{"A": value} for value in VALUES] + [
    {"A": one, "B": other} for one, other in product(VALUES[:16], VALUES[2:20:3])
]

BASIC = st.one_of(st.sampled_from(ORDERED), st.sampled_from(UNORDERED), st.sampled_from(COMPARED))
EXTENDED = BASIC | st.sampled_from(MORE)


def texts(clauses: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Draw requirements whose clauses often have to do with each other."""

    def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        chains = st.lists(st.tuples(st.sampled_from(("&", "|")), parts), min_size=1, max_size=4)
        whole = st.builds(lambda first, rest: first + "".join(f" {sign} {part}" for sign, part in rest), parts, chains)
        return st.one_of(whole.map(lambda text: f"({text})"), whole.map(lambda text: f"!({text})"), whole)

    few = st.lists(clauses, min_size=2, max_size=4, unique=True).map(st.sampled_from)
    negated = st.sampled_from(("", "", "", "!", "!!", "!( ", "(", "((")).flatmap
    return few.flatmap(
        lambda chosen: st.recursive(
            negated(lambda before: chosen.map(lambda text: before + text + ")" * before.count("("))),
            joined,
            max_leaves=8,
        )
    )


@cache
def truths(text: str, dialect: str) -> tuple[bool, ...]:
    """Return the answer for each of the candidates."""
    requirement = Requirement(text, dialect=dialect)
    return tuple(map(requirement.matches, CANDIDATES))


def clause_truths(clause: Clause, dialect: str) -> Iterator[bool]:
    return (truth != clause.negated for truth in truths(printed(clause.node), dialect))


def printed(node: Node) -> str:
    return print_tree(node)


def assert_follows(conclusion: Conclusion, dialect: str) -> None:
    conjunctive = conclusion.group.operator == "&"
    claimed = conjunctive != conclusion.decides
    asked = [
        *(clause_truths(fact.clause, dialect) for fact in conclusion.facts),
        clause_truths(conclusion.clause, dialect),
    ]
    for candidate, *others, truth in zip(CANDIDATES, *asked, strict=True):
        if conclusion.but_missing:
            name = conclusion.clause.subject[0]
            present = any(truths_of_presence(name, conclusion, dialect, candidate))
            assert truth or any(others) or not present, candidate
        elif all(other == fact.holds for other, fact in zip(others, conclusion.facts, strict=True)):
            assert truth == claimed, candidate


def truths_of_presence(name: str, conclusion: Conclusion, dialect: str, candidate: dict[str, Any]) -> Iterator[bool]:
    reading = conclusion.clause.subject[1]
    asked = {
        "text": [f'{name} = "*"'],
        "integer": [f"{name} = 0", f"{name} != 0"],
        "float": [f"{name} = 0.0", f"{name} != 0.0"],
        "number": [f"{name} = 0", f"{name} != 0"],
    }[reading]
    return (Requirement(text, dialect=dialect).matches(candidate) for text in asked)


def assert_sound(text: str, dialect: str) -> None:
    tree = Requirement(text, dialect=dialect).tree
    answers = truths(text, dialect)
    reasoning = Reasoning(Grouping("plain", upstream=dialect == "opennebula").group(tree), Patterns())
    for conclusion in reasoning.conclusions:
        assert_follows(conclusion, dialect)
    if reasoning.verdict is not None:
        assert set(answers) == {reasoning.verdict.always}
    found = check(text, dialect=dialect)
    for diagnostic in found:
        if "whole requirement is" in diagnostic.message + "".join(diagnostic.hints):
            assert reasoning.verdict is not None
        if diagnostic.repair is not None:
            mended = edited(text, diagnostic.repair.edits)
            assert truths(mended, dialect) == answers, (diagnostic.message, mended)


@settings(max_examples=400)
@given(texts(BASIC))
@example("A > 1 & A < 3 & A != 2")
@example("A = 1 & (A = 1 & A = 1)")
@example("!!(A = 1 | A = 1) & B = 1")
@example('A = "x" | (A = "x*" & B = 1)')
def test_claims_hold(text: str) -> None:
    assert_sound(text, "opennebula")


@settings(max_examples=400)
@given(texts(EXTENDED))
@example("A = 1 & B = 2 | A = 1 & A > 0")
@example("not (A = 1 or A = 1) and B = 1")
def test_claims_hold_in_the_extended_dialect(text: str) -> None:
    assert_sound(text, "extended")


INNER = (
    *("", "<N>0</N><Z>0</Z>", "<N>5</N><Z>0</Z>", "<N>-5</N><Z>0</Z>", "<N>5</N><Z>2</Z>", "<N>2</N><Z>2</Z>"),
    *("<N>1</N><Z>1</Z>", "<N>3000000000</N><Z>1</Z>", "<N>x</N><Z>1</Z>"),
)
HOSTS = [document(f"<HOST><TEMPLATE>{inner}</TEMPLATE></HOST>") for inner in INNER]
COMPUTED = '"/HOST/TEMPLATE/N div /HOST/TEMPLATE/Z"'
"""A number that may be infinite, or none at all."""


@settings(max_examples=200)
@given(texts(BASIC), st.sampled_from(("opennebula", "extended")))
@example("!(A > 1.0) & !(A < 2.0) & A != 3.0", "opennebula")
@example("A != 1.0 | A = 1.0", "opennebula")
@example("A > 1.0 | !(A > 1.0)", "opennebula")
def test_claims_hold_for_numbers_that_a_path_computes(text: str, dialect: str) -> None:
    text = text.replace("A ", f"{COMPUTED} ")
    requirement = Requirement(text, dialect=dialect)
    answers = [requirement.matches(host) for host in HOSTS]
    group = Grouping("host", upstream=dialect == "opennebula").group(requirement.tree)
    verdict = Reasoning(group, Patterns()).verdict
    if verdict is not None:
        assert set(answers) == {verdict.always}
    mended = Requirement(fixed(text, dialect=dialect, kind="host").text, dialect=dialect)
    assert [mended.matches(host) for host in HOSTS] == answers


@settings(max_examples=300)
@given(
    st.one_of(st.sampled_from(ORDERED), st.sampled_from(UNORDERED), st.sampled_from(COMPARED)),
    st.sampled_from(("opennebula", "extended")),
    st.lists(st.sampled_from(VALUES), max_size=4),
)
def test_what_is_said_of_a_pool_is_so(clause: str, dialect: str, values: list[Any]) -> None:
    pool = Pool([{"A": value, "B": value} for value in values])

    def met(text: str) -> list[bool]:
        return [Requirement(text, dialect=dialect).matches(candidate) for candidate in pool]

    name = clause[0]
    zero = "0.0" if "." in clause else "0"
    numbers = [one or other for one, other in zip(met(f"{name} = {zero}"), met(f"{name} != {zero}"), strict=True)]
    for diagnostic in check(clause, dialect=dialect, pool=pool):
        if diagnostic.message.startswith("no candidate"):
            assert not any(met(clause))
        elif diagnostic.message.startswith("every candidate"):
            assert all(truth for truth, is_number in zip(met(clause), numbers, strict=True) if is_number)
            assert any(numbers)


def assert_mended(text: str, dialect: str) -> None:
    found = fixed(text, dialect=dialect)
    assert truths(found.text, dialect) == truths(text, dialect)
    again = fixed(found.text, dialect=dialect)
    assert (again.text, again.repaired) == (found.text, ())
    assert not any(diagnostic.repair for diagnostic in found.remaining)


@settings(max_examples=400)
@given(texts(BASIC))
def test_what_is_fixed_means_the_same(text: str) -> None:
    assert_mended(text, "opennebula")


@settings(max_examples=400)
@given(texts(EXTENDED))
def test_what_is_fixed_means_the_same_in_the_extended_dialect(text: str) -> None:
    assert_mended(text, "extended")


@given(requirements(), st.lists(candidates(), max_size=5))
def test_any_valid_requirement_stays_as_it_is(requirement: Requirement, some: list[dict[str, Any]]) -> None:
    found = fixed(str(requirement))
    assert Requirement(found.text).filter(some) == requirement.filter(some)


@given(any_texts, st.sampled_from(("requirement", "rank")), st.sampled_from(("opennebula", "extended")))
@example("A = 1 &\n\0 B == 2", "requirement", "opennebula")
@example("\n", "requirement", "opennebula")
@example("A = 1 & '\u2019 B == 2 && '", "requirement", "opennebula")
def test_any_text_can_be_fixed(text: str, expression: str, dialect: str) -> None:
    found = fixed(text, expression=expression, dialect=dialect)
    assert found.remaining == check(found.text, expression=expression, dialect=dialect)
    if not any(each.severity == "error" for each in check(text, expression=expression, dialect=dialect)):
        assert not any(each.severity == "error" for each in found.remaining)
