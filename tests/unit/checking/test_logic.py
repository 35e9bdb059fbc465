"""What clauses say about each other: every finding with its code and the characters it is about, and silence where nothing is certain."""

from __future__ import annotations

import pytest

from matchmaker.checking import check
from matchmaker.diagnostics import Diagnostic
from matchmaker.source import Source

LOGIC = ("MM213", "MM214", "MM215", "MM216", "MM217", "MM220")


def findings(
    text: str, kind: str = "plain", dialect: str = "opennebula", expression: str = "requirement"
) -> list[Diagnostic]:
    found = check(text, kind=kind, dialect=dialect, expression=expression)
    return [each for each in found if each.code in LOGIC]


def told(text: str, kind: str = "plain", dialect: str = "opennebula") -> list[tuple[str, str]]:
    """Return codes with the characters they are about."""
    return [(each.code, text[slice(*each.span)]) for each in findings(text, kind, dialect)]


@pytest.mark.parametrize(
    "text",
    [
        # Missing makes every comparison false, so these leave something out, or let something in.
        "!(A > 5) & !(A < 10)",
        "!(A > 5) & A < 7",
        "A > 5 | !(A < 7)",
        '!(A = "x") & !(A = "y")',
        "!(A = 1) & !(A != 1)",
        # An integer, a float and a text literal may see different values of one attribute.
        'A = 5 & A = "x"',
        "A > 5 & A < 3.0",
        "A = 1 & A != 1.0",
        'A = "*" & A > 5',
        # `@>` sees all values.
        "A @> 5 & A @> 6",
        "A @> 5 & A = 6",
        "A @> 5 & A != 5",
        # Other attributes.
        "A = 1 & B = 1 | C = 1",
        "A > 5 & a < 3",
        # Patterns of which it is not certain.
        'A = "x*" & A = "*y"',
        'A = "[ab]*" & A = "[bc]*"',
        # Numbers next to each other.
        "A > 4 & A < 6",
        "A > 1.0 & A < 1.0000002",
        # Others in between.
        "A = 1 & (D = 2 | B = 1) & C = 1",
        "(A = 1 & B = 1) | (A = 2 & B = 2)",
        "(A = 1 | B = 1) & (A = 2 | B = 2)",
    ],
)
def test_nothing_is_said_where_nothing_is_certain(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize(
    ("text", "marked", "message"),
    [
        ("A > 5 & A < 3", "A < 3", "`A < 3` contradicts `A > 5`"),
        ("A > 5 & A < 6", "A < 6", "`A < 6` contradicts `A > 5`"),
        ("A = 5 & B = 1 & A = 6", "A = 6", "`A = 6` contradicts `A = 5`"),
        ("A = 5 & A != 5", "A != 5", "`A != 5` contradicts `A = 5`"),
        ("A = 5 & !(A = 5)", "!(A = 5)", "`!(A = 5)` contradicts `A = 5`"),
        ("A > 4 & A < 6 & A != 5", "A != 5", "`A != 5` contradicts `A > 4` and `A < 6`"),
        ("A = 4294967297 & A = 2", "A = 2", "`A = 2` contradicts `A = 4294967297`"),
        ("A > 1.0 & A < 1.0000001", "A < 1.0000001", "`A < 1.0000001` contradicts `A > 1.0`"),
        ("A > 1.5 & A < 1.5", "A < 1.5", "`A < 1.5` contradicts `A > 1.5`"),
        ('A = "x" & A = "y"', 'A = "y"', '`A = "y"` contradicts `A = "x"`'),
        ('A = x & A = "y"', 'A = "y"', '`A = "y"` contradicts `A = x`'),
        ('A = "x" & A != "?"', 'A != "?"', '`A != "?"` contradicts `A = "x"`'),
        ('A = "r1*" & A = "r2*"', 'A = "r2*"', '`A = "r2*"` contradicts `A = "r1*"`'),
        ('A = "[ab]" & A != "[ab]"', 'A != "[ab]"', '`A != "[ab]"` contradicts `A = "[ab]"`'),
        ('!(A = "*") & A = 5 & A = "x"', 'A = "x"', '`A = "x"` contradicts `!(A = "*")`'),
        ("A @> 5 & !(A @> 5)", "!(A @> 5)", "`!(A @> 5)` contradicts `A @> 5`"),
        ("A > 5 & (B = 1 & (C = 1 & A < 3))", "A < 3", "`A < 3` contradicts `A > 5`"),
        ("!(A > 5) & !(A < 7) & A != 9", "A != 9", "`A != 9` contradicts `!(A > 5)` and `!(A < 7)`"),
    ],
)
def test_contradictions_name_both_clauses(text: str, marked: str, message: str) -> None:
    (found,) = findings(text)
    assert (found.code, text[slice(*found.span)], found.message) == ("MM213", marked, message)
    assert found.hints == ("so the whole requirement is never true",)
    assert found.repair is None


def test_a_contradiction_in_a_part_is_none_of_the_whole() -> None:
    (found,) = findings("B = 1 | (A > 5 & A < 3)")
    assert (found.code, found.hints) == ("MM213", ())
    (found,) = findings("A > 5 & (A < 3 | B = 1)")
    assert (found.code, found.message, found.hints) == ("MM213", "`A < 3` contradicts `A > 5`", ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A = 1 & (A = 2 | A = 3)", [("MM214", "A = 1 & (A = 2 | A = 3)"), ("MM213", "A = 2"), ("MM213", "A = 3")]),
        ("A > 5 & !(A > 3)", [("MM213", "!(A > 3)")]),
        ('B = 1 & (A = "" | C != "*")', [("MM214", 'B = 1 & (A = "" | C != "*")')]),
        (
            "A > 340282346638528859811704183484516925440000000.0 & B = 1",
            [("MM214", "A > 340282346638528859811704183484516925440000000.0")],
        ),
    ],
)
def test_what_is_never_true(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


def test_a_comparison_that_decides_the_whole_says_so() -> None:
    (found,) = check('A = 1 & B != ""')
    assert (found.code, found.hints[-1]) == ("MM210", "so the whole requirement is never true")
    (found,) = check("A = 1 | !(B > 2147483647)")
    assert (found.code, found.hints[-1]) == ("MM202", "so the whole requirement is always true")
    (alone,) = check('B != ""')
    assert "whole" not in "".join(alone.hints)


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("A = 5 | !(A = 5)", ("so the whole requirement is always true",)),
        ("B = 1 & (A = 5 | !(A = 5))", ()),
        ("A > 5 | !(A > 3)", None),
        ("!(A > 5) | A > 3", None),
    ],
)
def test_what_is_always_true(text: str, hints: tuple[str, ...] | None) -> None:
    found = findings(text)
    if hints is None:
        assert [each.code for each in found] == ["MM215"] * (text == "!(A > 5) | A > 3")
        return
    assert [(each.code, each.message, each.hints) for each in found] == [
        ("MM215", "one of `A = 5` and `!(A = 5)` is always true", hints)
    ]


@pytest.mark.parametrize(
    ("text", "message", "hints"),
    [
        (
            "A != 1 | A != 2",
            "one of `A != 1` and `A != 2` is true wherever `A` is a number",
            ("neither of both: `A != 1 & A != 2`",),
        ),
        (
            'A != "x" | B = 1 | A != "y"',
            'one of `A != "x"` and `A != "y"` is true wherever `A` is there',
            ('neither of both: `A != "x" & A != "y"`',),
        ),
        ("A > 1 | A < 5", "one of `A > 1` and `A < 5` is true wherever `A` is a number", ()),
        ('A = "x" | A != "x"', 'one of `A = "x"` and `A != "x"` is true wherever `A` is there', ()),
    ],
)
def test_alternatives_that_leave_out_only_what_is_missing(text: str, message: str, hints: tuple[str, ...]) -> None:
    (found,) = findings(text)
    assert (found.code, found.message, found.hints) == ("MM220", message, hints)
    assert found.label == "only a missing `A` makes both false"
    assert found.repair is None


@pytest.mark.parametrize(
    ("text", "marked", "label"),
    [
        ("A = 5 & B = 1 & A = 5", "A = 5", "the same as in column 1"),
        ("A=5 | B=1 |  A   = 5", "A   = 5", "the same as in column 1"),
        ("A = 1 & A = 4294967297", "A = 4294967297", "the same as in column 1"),
        ("B = 1 &\n(C = 1 &\nB = 1)", "B = 1", "the same as in line 1, column 1"),
        ("A @> 1 | A @> 1", "A @> 1", "the same as in column 1"),
        ("!(A = 1) & !(A = 1)", "!(A = 1)", "the same as in column 3"),
        ("(A = 1 | B = 2) & C = 3 & (A=1 | B=2)", "A=1 | B=2", "the same as in column 2"),
        ('A = "*" & A = "**"', 'A = "**"', "the same as in column 1"),
    ],
)
def test_duplicates(text: str, marked: str, label: str) -> None:
    (found,) = findings(text)
    assert (found.code, text[slice(*found.span)], found.label) == ("MM216", marked, label)
    assert found.repair is not None


@pytest.mark.parametrize(
    ("text", "marked", "message", "label"),
    [
        ("A > 5 & A > 3", "A > 3", "`A > 3` adds nothing to `A > 5`", "true wherever `A > 5` is"),
        ("A > 3 & A > 5", "A > 3", "`A > 3` adds nothing to `A > 5`", "true wherever `A > 5` is"),
        ("A > 5 | A > 3", "A > 5", "`A > 5` adds nothing to `A > 3`", "true only where `A > 3` is"),
        ("A = 5 & A != 7", "A != 7", "`A != 7` adds nothing to `A = 5`", "true wherever `A = 5` is"),
        (
            'A = "node1" | A = "node*"',
            'A = "node1"',
            '`A = "node1"` adds nothing to `A = "node*"`',
            'true only where `A = "node*"` is',
        ),
        (
            'A = "node1*" & A = "node*"',
            'A = "node*"',
            '`A = "node*"` adds nothing to `A = "node1*"`',
            'true wherever `A = "node1*"` is',
        ),
        ('A = "x" & A = "*"', 'A = "*"', '`A = "*"` adds nothing to `A = "x"`', 'true wherever `A = "x"` is'),
        ("A = 5 & !(A > 7)", "!(A > 7)", "`!(A > 7)` adds nothing to `A = 5`", "true wherever `A = 5` is"),
        ("A > 5 & (B = 1 | (A > 3 & C = 1))", "A > 3", "`A > 3` adds nothing to `A > 5`", "true wherever `A > 5` is"),
    ],
)
def test_clauses_that_add_nothing(text: str, marked: str, message: str, label: str) -> None:
    (found,) = findings(text)
    assert (found.code, text[slice(*found.span)], found.message, found.label) == ("MM217", marked, message, label)
    assert found.repair is not None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A > 5 & (A > 3 | B = 1)", "so what is joined to it by `|` never matters"),
        ("A > 5 | (A > 7 & B = 1)", "nor does what is joined to it by `&`"),
        ("A = 5 | (!(A = 5) & B = 1)", None),
    ],
)
def test_parts_that_add_nothing_are_not_repaired(text: str, hint: str | None) -> None:
    (found,) = findings(text)
    assert (found.code, found.hints, found.repair) == ("MM217", () if hint is None else (hint,), None)


def test_current_vms_may_be_anything_on_a_host() -> None:
    text = "CURRENT_VMS = 7 & CURRENT_VMS = 8"
    assert told(text, "host") == told(text, "plain") == []
    assert told(text, "datastore") == told(text, "network") == [("MM213", "CURRENT_VMS = 8")]
    assert told("CURRENT_VMS = 7 & CURRENT_VMS = 7", "host") == [("MM216", "CURRENT_VMS = 7")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A >= 5 and A < 5", [("MM213", "A < 5")]),
        ("A >= 5 and A <= 5", []),
        ("A > 5 | A < 3 & A > 4", [("MM213", "A > 4")]),
        ("A in [1, 2, 2]", [("MM216", "2")]),
        ("A in [1, 2] and A = 3", [("MM214", "A in [1, 2] and A = 3"), ("MM213", "1"), ("MM213", "2")]),
        ('A in ["x", "x*"]', [("MM217", '"x"')]),
        ('A == "x*" & A = "y*"', [("MM213", 'A = "y*"')]),
        ('A = "" & A = "x"', [("MM213", 'A = "x"')]),
        ("(A > 5 & A < 3 ? 1 : 2) > B", [("MM213", "A < 3")]),
        ("A + 1 > B | A + 1 > B", [("MM216", "A + 1 > B")]),
        ("exists(A) & !exists(A)", [("MM213", "!exists(A)")]),
        ("5 < A & 3 > A", [("MM213", "3 > A")]),
        ("A > 1 & A < 1.5", []),
        ("A + 1 > B & A + 1 < B", []),
    ],
)
def test_the_extended_dialect(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text, dialect="extended") == expected


def test_conditions_in_a_rank_of_the_extended_dialect() -> None:
    text = '(QOS = "gold" & QOS = "silver") * 100 + FREE_CPU'
    (found,) = findings(text, dialect="extended", expression="rank")
    assert (found.code, found.hints) == ("MM213", ("so the whole condition is never true",))


def test_the_work_grows_with_the_size() -> None:
    """Not a measurement: anything quadratic would not end."""
    many = 20_000
    for text in (
        " & ".join(f"A != {number}" for number in range(many)),
        " | ".join(f'A = "x{number}*"' for number in range(many)) + ' | A = "y"',
        "A = 0" + "".join(f" {'|&'[number % 2]} A != {number}" for number in range(many)),
        " & ".join(f"(A = {number} | B = {number})" for number in range(many)),
        "!(A = 1 & " * 2_400 + "B = 1" + ")" * 2_400,
    ):
        assert all(each.severity == "warning" for each in check(text))


def test_how_a_contradiction_is_shown() -> None:
    text = 'HYPERVISOR = "kvm" & FREE_CPU > 400 & FREE_CPU < 100'
    assert check(text)[0].render(Source(text, "SCHED_REQUIREMENTS")) == (
        "warning[MM213]: `FREE_CPU < 100` contradicts `FREE_CPU > 400`\n"
        " --> SCHED_REQUIREMENTS:1:39\n"
        "  |\n"
        '1 | HYPERVISOR = "kvm" & FREE_CPU > 400 & FREE_CPU < 100\n'
        "  |                                       ^^^^^^^^^^^^^^\n"
        "  |                                       never true where `FREE_CPU > 400` is\n"
        "  = hint: so the whole requirement is never true"
    )
