"""`check` finds what is wrong, or looks wrong, and never raises on a text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker.attributes.globs import Glob
from matchmaker.checking import KINDS, MOST, check
from matchmaker.checking.patterns import trap
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import DialectError
from matchmaker.expressions import Requirement
from matchmaker.language.codes import CODES
from matchmaker.limits import Limits
from matchmaker.source import Source


def told(text: str, kind: str = "plain", expression: str = "requirement") -> list[tuple[str, str]]:
    """Return codes with the characters they are about."""
    return [(each.code, text[slice(*each.span)]) for each in check(text, kind=kind, expression=expression)]


def only(text: str, kind: str = "plain", expression: str = "requirement") -> Diagnostic:
    (found,) = check(text, kind=kind, expression=expression)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        'HYPERVISOR = "kvm" & FREE_MEMORY > 2097151',
        "QOS != GOLD & HYPERVISOR = kvm",
        "FREE_MEMORY > 2147483646 & A < 2147483647 & B > -2147483648 & C = 2147483647 & D != -2147483648",
        "FREE_MEMORY > 2147483647.0",
        '(HYPERVISOR = "kvm" & CLUSTER_ID = 3 | QOS = "gold*") & FREE_MEM > 4000000 & !(RACK = "r1?") & RUNNING_VMS < 20',
        'A != "x*" & CACHE = none & MODE = NONE',
        'A = "null" | B = "*" | A @> "*" | !(C = "?*")',
        r'A = "a\\" & B = "[a-z]" & C = "[[:digit:]]" & D = "[ab" & E = "x]" & F = "\[:alpha:]"',
        '"CLUSTERS/ID" @> 100 & "DS[ID=100]/FREE_MB" > 4',
    ],
)
def test_nothing_to_say(text: str) -> None:
    assert check(text) == ()


@pytest.mark.parametrize(
    "text", ["", "- RUNNING_VMS", "FREE_CPU / 100 + 0 * A", "A / (B - 0)", "2147483647", "A / 0.5"]
)
def test_nothing_to_say_about_a_rank(text: str) -> None:
    assert check(text, expression="rank", kind="host") == ()


def test_errors_of_parsing_come_as_they_are() -> None:
    assert told("A.B >= 1") == [("MM201", "."), ("MM106", "A.B")]
    assert told("A -1", expression="rank") == [("MM105", "-1")]
    assert told('"" = 1 & ""=2') == [("MM108", '""'), ("MM108", '""')]


def test_all_warnings_in_text_order() -> None:
    text = 'A != "" | B = 4294967296 & C; > 2147483647 & USED_CPU = MAX_CPU'
    assert told(text) == [
        ("MM210", 'A != ""'),
        ("MM203", "4294967296"),
        ("MM205", "&"),
        ("MM202", "C; > 2147483647"),
        ("MM201", ";"),
        ("MM206", "MAX_CPU"),
    ]


def test_integers_beyond_32_bits() -> None:
    assert only("A > 2147483647").hints[-1] == "with a fraction they compare: `A > 2147483647.0`"
    assert told("A < -2147483648 & B > 2147483647") == [("MM202", "A < -2147483648"), ("MM202", "B > 2147483647")]
    assert told("A > 6442450943") == [("MM202", "A > 6442450943"), ("MM203", "6442450943")]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("A=1 | B=2 & C=3", ["&"]),
        ("A=1 & B=2 | C=3", []),
        ("(A=1 | B=2) & C=3", []),
        ("((A=1 | B=2)) & C=3", []),
        ("A=1 | (B=2 & C=3)", []),
        ("!(A=1 | B=2) & C=3", []),
        ("!(A=1 | B=2 & C=3)", ["&"]),
        ('A="|" & B=2', []),
        ('A="(" | B=2 & C=3', ["&"]),
        ("A=1 | B=2 & C=3 | D=4 & E=5", ["&"]),
        ("(A=1 | B=2 & C=3) & (D=4 | E=5 & F=6)", ["&", "&"]),
        ("A=1 | (B=2 | C=3 & D=4) & E=5", ["&", "&"]),
        ("A=1 | B=2 \0 & C=3", []),
        ('A=1 | B=2 & C=x"', ["&"]),
    ],
)
def test_precedence(text: str, marked: list[str]) -> None:
    assert [mark for code, mark in told(text) if code == "MM205"] == marked


def precedence(text: str) -> Diagnostic:
    (found,) = [each for each in check(text) if each.code == "MM205"]
    return found


def test_both_readings_stand_side_by_side() -> None:
    assert precedence("QOS = GOLD | QOS = SILVER & FREE_CPU > 50").hints == (
        "here it reads       `(QOS = GOLD | QOS = SILVER) & FREE_CPU > 50`",
        "elsewhere it reads  `QOS = GOLD | (QOS = SILVER & FREE_CPU > 50)`",
    )
    assert precedence("A=1 & B=2 | C=3 & D=4 & E=5 | F=6 & G=7 | H=8").hints == (
        "here it reads       `((A=1 & B=2 | C=3) & D=4 & E=5 | F=6) & G=7 | H=8`",
        "elsewhere it reads  `A=1 & B=2 | (C=3 & D=4 & E=5) | (F=6 & G=7) | H=8`",
    )
    assert precedence("X=1 & !(A=1 | B=2 & C=3)").hints == (
        "here it reads       `(A=1 | B=2) & C=3`",
        "elsewhere it reads  `A=1 | (B=2 & C=3)`",
    )


@given(st.lists(st.sampled_from("&|"), min_size=2, max_size=9), st.integers(0, 9))
@example(["|", "&", "|", "&"], 0)
def test_the_readings_are_what_they_say(signs: list[str], negated: int) -> None:
    clauses = [f"!(K{place} = 1)" if place == negated else f"K{place}=1" for place in range(len(signs) + 1)]
    text = clauses[0] + "".join(f" {sign} {clause}" for sign, clause in zip(signs, clauses[1:], strict=True))
    for found in check(text):
        here, elsewhere = (hint.partition("`")[2].rstrip("`") for hint in found.hints)
        assert Requirement(here) == Requirement(text)
        assert Requirement(elsewhere, dialect="extended") == Requirement(text, dialect="extended")
        assert check(here) == check(elsewhere) == ()


def test_long_readings_are_cut() -> None:
    hint = precedence(f"(A=1 & {'B=2 & ' * 90}C=3) | D=4 & E=5").hints[0]
    assert hint == "here it reads       `(... | D=4) & E=5`"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('A = ""', 'missing or empty: `!(A = "?*")`'),
        ('A != ""', 'there and not empty: `A = "?*"`'),
        ('A @> ""', 'there and not empty: `A @> "?*"`'),
    ],
)
def test_empty_text(text: str, hint: str) -> None:
    found = only(text)
    assert (found.code, found.hints) == ("MM210", (hint,))


@pytest.mark.parametrize(
    ("text", "marked", "hint"),
    [
        ('A != "*"', 'A != "*"', 'missing: `!(A = "*")`'),
        ('A != "**"', 'A != "**"', 'missing: `!(A = "*")`'),
        ("A != NULL", "NULL", 'there: `A = "*"`'),
        ("A = null", "null", 'missing: `!(A = "*")`'),
    ],
)
def test_presence(text: str, marked: str, hint: str) -> None:
    found = only(text)
    assert (found.code, text[slice(*found.span)], found.hints) == ("MM211", marked, (hint,))


@pytest.mark.parametrize(
    "clause",
    [
        "CURRENT_VMS > 5",
        "CURRENT_VMS < 5",
        "CURRENT_VMS = 5.0",
        "CURRENT_VMS @> 5",
        'CURRENT_VMS = "5"',
        "CURRENT_VMS != x",
        '"CURRENT_VMS" > 5',
        "CURRENT_VMS = -1",
    ],
)
def test_current_vms(clause: str) -> None:
    assert told(f"A = 1 & {clause}", "host") == [("MM204", clause)]
    assert [told(clause, kind) for kind in KINDS if kind != "host"] == [[], [], []]


def test_current_vms_as_it_should_be() -> None:
    assert check('CURRENT_VMS = 5 & CURRENT_VMS != 0 & "CURRENT_VMS" = 3', kind="host") == ()
    assert told("- CURRENT_VMS", "host", "rank") == [("MM204", "CURRENT_VMS")]
    assert told("- CURRENT_VMS", "datastore", "rank") == []


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("USED_CPU = MAX_CPU", ["MAX_CPU"]),
        ("A = B & B = 1", ["B"]),
        ('"kvm" = HYPERVISOR', ["HYPERVISOR"]),
        ('USED_CPU = "MAX_CPU"', []),
        ("HYPERVISOR = HYPERVISOR", []),
        ("QOS = GOLD", []),
    ],
)
def test_attributes_on_the_right(text: str, marked: list[str]) -> None:
    assert told(text) == [("MM206", mark) for mark in marked]


def test_exchanged_sides() -> None:
    assert only('"kvm" = HYPERVISOR').hints == ('with its sides exchanged: `HYPERVISOR = "kvm"`',)


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("x\\", "for the character itself write `\\\\`"),
        ("x\\\\\\", "for the character itself write `\\\\`"),
        ("[a-", "close the set with `]`"),
        ("*[!a-", "close the set with `]`"),
        ("x[[:digits:]]", "did you mean `[:digit:]`"),
        ("[:alpha:]*", "a class stands in a set: `[[:alpha:]]`"),
    ],
)
def test_patterns(pattern: str, hint: str) -> None:
    found = only(f'A = "{pattern}"')
    assert (found.code, found.span, found.hints) == ("MM207", (4, 6 + len(pattern)), (hint,))


@given(st.text("ab[]!-\\*?", max_size=8), st.lists(st.text("ab[]!-\\", max_size=6), max_size=40))
@example("[a-", ["[a-", "a"])
@example("[]a-", ["[]a-"])
@example("[a--", ["[a--"])
def test_patterns_that_are_said_to_match_nothing_do_not(pattern: str, values: list[str]) -> None:
    found = trap(pattern)
    if found is not None and "never match" in found[0]:
        assert not any(map(Glob(pattern).matches, [*values, pattern, pattern.replace("\\", "")]))


@pytest.mark.parametrize(
    ("text", "marked"), [("A / 0", "0"), ("A * 2 / 0.0 / B", "0.0"), ("A / -0", "-0"), ("A / -0.0", "-0.0")]
)
def test_division_by_zero(text: str, marked: str) -> None:
    assert told(text, expression="rank") == [("MM212", marked)]


def test_very_many_findings() -> None:
    found = check(" & ".join(['A != ""'] * 150))
    assert [each.code for each in found] == ["MM210"] * MOST + ["MM209"]
    assert found[-1].message == "there are 50 more findings"
    assert found[-1].span == (1000, 1007)
    assert len(check(" & ".join(['A != ""'] * MOST))) == MOST


def test_of_very_many_findings_the_errors_are_kept() -> None:
    found = check("A = 1;" + " ;" * 200 + " B")
    assert [each.code for each in found] == ["MM201"] * (MOST - 1) + ["MM123", "MM209"]


@pytest.mark.parametrize("text", [None, 5, b"A = 1", ["A = 1"]])
def test_what_is_not_a_text(text: object) -> None:
    (found,) = check(text)
    assert (found.code, found.span) == ("MM114", (0, 0))


def test_a_subclass_of_str_is_a_text() -> None:
    class Loud(str):
        def __str__(self) -> str:
            raise AssertionError

    assert check(Loud("A = 1")) == ()


def test_options() -> None:
    with pytest.raises(ValueError, match="'filter'"):
        check("A = 1", expression="filter")
    with pytest.raises(ValueError, match="'vm'"):
        check("A = 1", kind="vm")
    with pytest.raises(DialectError, match="'sql'"):
        check("A = 1", dialect="sql")
    assert [each.code for each in check("A = 1", limits=Limits(length=2))] == ["MM113"]


def test_deep_and_long_expressions() -> None:
    assert told("A=1 | B=2 & (" * 3000 + "A=1" + ")" * 3000)[-1][0] == "MM209"
    assert check("!(" * 4900 + "A=1" + ")" * 4900) == ()
    assert check(" & ".join(f"A{number} = 1" for number in range(20_000))) == ()
    assert {each.code for each in check("A=1 & " * 20_000 + "B=2")} == {"MM216", "MM209"}


PARTS = st.sampled_from(
    [
        "A",
        "HYPERVISOR",
        "CURRENT_VMS",
        "NULL",
        "1",
        "0",
        "-1",
        "2.5",
        "2147483647",
        "99999999999",
        '"x"',
        '""',
        '"*"',
        '"[a-"',
        '"x\\"',
        '"[[:a:]]"',
        '"A/B"',
        "=",
        "!=",
        "@>",
        ">",
        "<",
        "&",
        "|",
        "!",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "'",
        ";",
        ".",
    ]
)


@given(
    st.lists(PARTS | st.just(" ")).map("".join) | st.text(),
    st.sampled_from(["requirement", "rank"]),
    st.sampled_from(KINDS),
)
def test_any_text_can_be_checked(text: str, expression: str, kind: str) -> None:
    found = check(text, expression=expression, kind=kind)
    for each in found:
        assert CODES[each.code].severity == each.severity
        assert 0 <= each.span.start <= each.span.end <= len(text)
        each.render(Source(text)).encode()
    if not any(each.severity == "error" for each in found):
        assert list(found) == sorted(found, key=lambda each: each.span)


CLAUSES = st.sampled_from(
    [
        "A = 1",
        'A != ""',
        "A = null",
        'B != "*"',
        "A > 2147483647",
        "CURRENT_VMS > 3",
        "A = MAX_CPU",
        'A = "[a-"',
        "(A = 1)",
    ]
)


@given(st.lists(st.tuples(CLAUSES, st.sampled_from([" & ", " | ", " & !("])), max_size=12), CLAUSES)
def test_valid_requirements_have_no_errors(parts: list[tuple[str, str]], last: str) -> None:
    text = "".join(clause + operator for clause, operator in parts) + last
    text += ")" * sum("(" in operator for _, operator in parts)
    assert {each.severity for each in check(text, kind="host")} <= {"warning"}
