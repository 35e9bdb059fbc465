"""Budgets of CPU time: hostile expressions end with `LimitError`, and answers do not depend on a budget that is large enough.

No test measures time. How long work goes on between two looks at the clock is counted in other things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import thread_time
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker import LimitError, MatchmakerError, Rank, Requirement
from matchmaker.attributes import globs
from matchmaker.language import grammar
from matchmaker.limits import Budget
from matchmaker.opennebula import candidate
from matchmaker.opennebula.documents import Document
from matchmaker.opennebula.kinds import HOST
from matchmaker.opennebula.xpath import joined, parts_of, rooted, value_of
from matchmaker.testing import candidates, ranks, requirements
from tests.property import hostile

etree = pytest.importorskip("lxml.etree")

LENGTH = 65_536
"""How long an expression of a VM may be."""
SOME = 2_000
"""How long one is that is evaluated to its end."""
AMPLE = 60


def host(*more: str) -> Document:
    elements = "".join(f"<DS><ID>{number}</ID><NAME>ds {number}</NAME></DS>" for number in range(300))
    return candidate(f"<HOST><ID>7</ID><NAME>n</NAME><TEMPLATE>{''.join(more)}</TEMPLATE><S>{elements}</S></HOST>")


def repeated(clause: str, operator: str = " | ", length: int = LENGTH) -> str:
    """Return as many clauses as a text of some length may have; `#` in them is a number."""
    count = length // (len(clause) + len(operator) + 4)
    return operator.join(clause.replace("#", str(number)) for number in range(count))


def answer(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except MatchmakerError as error:
        return type(error), str(error)


@contextmanager
def exhausted() -> Iterator[Budget]:
    """Enter the block of a budget, and use it up in it."""
    with Budget(0.001) as budget:
        end = thread_time() + 0.002
        while thread_time() < end:
            pass
        yield budget


LONG = f"<LONG>{'a' * 5_000}</LONG>"
VALUES = "".join(f"<A>x{number}</A>" for number in range(50))

EVALUATED: dict[str, tuple[str, str]] = {
    "XPath": (repeated('"//*" = "x#"', length=SOME), ""),
    "many XPaths": (repeated('"//*[.=#]" = "x"', length=SOME), ""),
    "many XPaths at each place": (repeated('"../S/*[ID=#]" = "x"', length=SOME), ""),
    "many names": (repeated("N# = 5", length=SOME), ""),
    "globs that search": (repeated('LONG = "*?a?a?a?a?a[bc]#*"', length=SOME), LONG),
    "globs that walk": (repeated('LONG = "*a[xa-[:b:]]#"', length=SOME), LONG),
    "texts": (repeated('LONG = "*a*a*a*b#*"', length=SOME), LONG),
    "one glob": (f'LONG = "*{"?a" * 2_000}[bc]*"', LONG),
    "numbers in long texts": (repeated("LONG = 5", length=SOME), LONG),
    "several values": (repeated("A @> 5", length=SOME), VALUES),
    "several texts": (repeated('A @> "z*#"', length=SOME), VALUES),
    "patterns": (repeated('NAME = "[a-m]#*"', length=SOME), ""),
}


@pytest.mark.parametrize("name", EVALUATED)
def test_an_evaluation_looks_at_the_clock(name: str) -> None:
    text, element = EVALUATED[name]
    requirement = Requirement(text)
    document = host(element)
    assert not requirement.matches(host("<LONG>b</LONG>"))  # which has compiled it
    with pytest.raises(LimitError, match="more than 1 ms of CPU time"), exhausted():
        requirement.matches(document)
    with Budget(AMPLE):
        assert not requirement.matches(document)


@pytest.mark.parametrize("text", [repeated('"//*[.=#]"', "+", SOME), repeated("N#", "+"), repeated("A", "*", SOME)])
def test_a_rank_looks_at_the_clock(text: str) -> None:
    rank = Rank(text)
    with pytest.raises(LimitError), exhausted():
        rank.score(host(VALUES))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (Requirement, repeated("A = #")),
        (Requirement, "(" * 9_000 + "A = 5" + ")" * 9_000),
        (Requirement, "!(A = 5 & " * 3_000 + "A = 5" + ")" * 3_000),
        (Requirement, repeated('"A/#" = 5')),
        (Requirement, repeated("A = 5") + " | "),
        (Rank, repeated("A", "+")),
        (Rank, repeated("A", "+") + " A"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_parsing_looks_at_the_clock_every_few_hundred_tokens(
    expression: type[Requirement] | type[Rank], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [0]
    ticked = [0]

    class Token(grammar.Lexeme):
        def __init__(self, *parts: Any) -> None:
            made[0] += 1
            assert made[0] - ticked[0] <= 300
            super().__init__(*parts)

    def tick() -> None:
        ticked[0] = made[0]

    monkeypatch.setattr(grammar, "Lexeme", Token)
    monkeypatch.setattr(grammar, "tick", tick)
    answer(lambda: expression(text))
    assert made[0] > 5_000
    monkeypatch.undo()
    with pytest.raises(LimitError), exhausted():
        expression(text + " ")  # which nothing has kept
    assert answer(lambda: expression(text)) == answer(lambda: expression(text))


def test_a_match_looks_at_the_clock_again_and_again() -> None:
    steps = [0]
    value, pattern = "a" * 20_000, f"*{'?a' * 4_000}[bc]*"

    def tick() -> None:
        steps[0] += 1

    with patch.object(globs, "tick", tick):
        assert not globs.Glob(pattern).matches(value)
        prepared = globs.Glob("[" * 50_000)
        before = steps[0]
        assert before >= 5
        assert not prepared.matches(value)
        assert steps[0] - before >= 40


def test_what_a_budget_has_ended_can_be_asked_again() -> None:
    """Nothing of an evaluation that ended is remembered as an answer."""
    requirement = Requirement(f'"//NAME" = "ds 7" | LONG = "*?{"a?" * 300}b*" | "//NAME" @> "ds 8"')
    document = host(LONG)
    for _ in range(2):
        with pytest.raises(LimitError), exhausted():
            requirement.matches(document)
    assert requirement.matches(document)


_names = st.sampled_from(("A", "B", "ID", "NAME", "S/DS", '"//ID"', '"../S/DS/ID"', '"DS[ID=5]/ID"'))


@given(st.data())
def test_answers_are_the_same_in_a_large_budget(data: st.DataObject) -> None:
    text = str(data.draw(requirements(max_depth=3)))
    rank = str(data.draw(ranks(max_depth=3)))
    mapping = data.draw(candidates())

    def both() -> list[Any]:
        return [
            answer(lambda: Requirement(text).matches(mapping)),
            answer(lambda: Rank(rank).score(mapping)),
            answer(lambda: Requirement(text).filter([mapping] * 3)),
        ]

    expected = both()
    with Budget(AMPLE):
        assert both() == expected


@given(hostile.texts)
def test_any_text_is_the_same_in_a_large_budget(text: str) -> None:
    document = host(VALUES)

    def both() -> list[Any]:
        return [answer(lambda: Requirement(text).matches(document)), answer(lambda: Rank(text).score(document))]

    expected = both()
    with Budget(AMPLE):
        assert both() == expected


@settings(max_examples=50)
@given(st.text("ab?*[]!-", max_size=12), st.text("ab-", max_size=30))
def test_a_budget_that_is_used_up_gives_the_right_answer_or_none(pattern: str, value: str) -> None:
    expected = globs.Glob(pattern).matches(value)
    glob = globs.Glob(pattern)
    with exhausted(), suppress(LimitError):
        assert glob.matches(value) == expected
    assert glob.matches(value) == expected


_pieces = st.sampled_from(
    (
        *(
            "A",
            "ID",
            "DS",
            "S",
            "*",
            "..",
            ".",
            "/",
            "//",
            "|",
            "//*",
            "/HOST",
            "@x",
            "text()",
            "node()",
            "[1]",
            "[ID=5]",
        ),
        *("[last()]", "count(", "(", ")", "[", "]", "descendant::", "self::*", "parent::*", " ", " and ", " div ", "-"),
        *("+", "=", "'x'", "5", ".5", "'", "a:b", "comment()", "$x", "é", "|//*", "|//ID", "../"),
    )
)


@settings(max_examples=300)
@given(st.lists(_pieces, min_size=1, max_size=7).map("".join))
def test_paths_looked_for_one_by_one_are_what_libxml2_finds_together(name: str) -> None:
    xml = (
        "<HOST><ID>7</ID><TEMPLATE><A>1<A>2</A></A><A/>t<!-- c --><DS x='y'><ID>5</ID></DS></TEMPLATE>"
        "<S><DS><ID>5</ID><A>3</A></DS><DS><ID>6</ID></DS></S></HOST>"
    )
    root = etree.fromstring(xml)
    expression = joined(name, HOST.root, HOST.places)
    if parts_of(expression) is None:
        return
    try:
        found = etree.XPath(rooted(expression), smart_strings=False, regexp=False)(root)
    except (etree.XPathError, ValueError):
        assert value_of(expression, root) is None
        return
    texts = ["".join(node.itertext()) for node in found if isinstance(getattr(node, "tag", None), str)]
    value = value_of(expression, root)
    assert (value if isinstance(value, list) else [] if value is None else [value]) == texts


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("/HOST/ID", None),
        ("/HOST/A|/HOST/B", None),
        ("//A", None),
        ("//A|//A", ["//A"]),
        ("//A | //B\n|//A", ["//A", "//B"]),
        ("//A[B|C]|//div", ["//A[B|C]", "//div"]),
        ("(//A|B)[1]|..", ["(//A|B)[1]", ".."]),
        ("//A|B + 1", None),
        ("//A div 2|//A", None),
        ("//A['|']|//B", ["//A['|']", "//B"]),
        ("//A[|//B", None),
        ("//A]|//B", None),
        ("//A|", None),
        ("//A||//B", None),
        ("descendant::*|//*/node()", ["descendant::*", "//*/node()"]),
        ("count(//A)|count(//A)", ["count(//A)"]),
    ],
)
def test_the_parts_of_an_expression(expression: str, parts: list[str] | None) -> None:
    if parts is None and "" in expression.split("|"):
        root = etree.fromstring("<HOST><A/></HOST>")
        assert value_of(expression, root) is None
        return
    assert parts_of(expression) == parts


def test_the_same_number_twice_is_no_number() -> None:
    assert value_of("count(//A)|count(//A)", etree.fromstring("<HOST><A/></HOST>")) is None
