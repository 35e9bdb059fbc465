"""Requirements of the extended dialect in the opennebula dialect: their texts, and what cannot be said."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from matchmaker import DialectError, ExpressionError, Limits, MatchmakerError, Requirement, TranslationError, check
from matchmaker.language.printer import print_tree
from matchmaker.opennebula import candidate


def said(text: str, **request: Any) -> str:
    return str(Requirement(text, dialect="extended").bind(request).to("opennebula"))


def refused(text: str, **request: Any) -> list[tuple[str, str]]:
    """Return the codes, each with the characters that it is about."""
    with pytest.raises(TranslationError) as caught:
        Requirement(text, dialect="extended").bind(request).to("opennebula")
    return [(each.code, text[slice(*each.span)]) for each in caught.value.diagnostics]


NEVER = 'ID = ""'
A_NUMBER = "A < 3000000000.0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("A = 5", "A = 5"),
        ("A == 5", "A = 5"),
        ("A != 5", "A != 5"),
        ("5 < A", "A > 5"),
        ("A >= 5", "A > 4"),
        ("A <= 5", "A < 6"),
        ("A >= -5", "A > -6"),
        ("A > 5.5", "A > 5"),
        ("A >= 5.5", "A > 5"),
        ("A < 2.5", "A < 3"),
        ("A <= 2.5", "A < 3"),
        ("A > -2.5", "A > -3"),
        ("A = 1e9", "A = 1000000000"),
        ("A = 5.5", NEVER),
        ("A != 5.5", A_NUMBER),
        ("A @> 5", "A @> 5"),
        ("A @> 5.5", NEVER),
        ("A > -0", "A > 0"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A > 2147483646", "A > 2147483646"),
        ("A >= 2147483647", "A = 2147483647"),
        ("A <= 2147483647", A_NUMBER),
        ("A > 2147483647", NEVER),
        ("A > 3000000000", NEVER),
        ("A < 3000000000", A_NUMBER),
        ("A < -2147483648", NEVER),
        ("A >= -2147483648", A_NUMBER),
        ("A <= -2147483648", "A = -2147483648"),
        ("A != -2147483648", "A != -2147483648"),
        ("A = 2147483648", NEVER),
        ("A != -2147483649", A_NUMBER),
        ("A @> 3e9", NEVER),
        ("A > 1 / 0", NEVER),
        ("A < 1 / 0", A_NUMBER),
        ("A > -1 / 0", A_NUMBER),
        ("A = 0 / 0", NEVER),
        ("A != 0 / 0", A_NUMBER),
    ],
)
def test_numbers_at_the_edges_of_32_bits_and_beyond(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('A = "k*"', 'A = "k*"'),
        ('A != "k*"', 'A != "k*"'),
        ('A @> "k*"', 'A @> "k*"'),
        ('A == "kvm"', 'A = "kvm"'),
        ('A == "a*b?[c]\\"', 'A = "a\\*b\\?\\[c]\\\\"'),
        ('A = ""', 'A = "*" & !(A = "?*")'),
        ('A == ""', 'A = "*" & !(A = "?*")'),
        ('A @> ""', 'A = "*" & !(A = "?*")'),
        ('A != ""', 'A = "?*"'),
        ('!A = "" | B = 1', '!(A = "*" & !(A = "?*")) | B = 1'),
        ("exists(A)", 'A = "*"'),
        ("!exists(A)", '!(A = "*")'),
        ('A in [5, "x*", "", 2.5, 5]', 'A = 5 | A = "x*" | (A = "*" & !(A = "?*"))'),
        ('"A/B" >= 5 & "and" = 1', '"A/B" > 4 & "and" = 1'),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A = 1 and B = 2 or not C = 3", "(A = 1 & B = 2) | !(C = 3)"),
        ("A = 1 | B = 2 & C = 3", "A = 1 | (B = 2 & C = 3)"),
        ("(A = 1 | B = 2) & C = 3", "(A = 1 | B = 2) & C = 3"),
        ("A = 1 & (B = 2 & C = 3)", "A = 1 & B = 2 & C = 3"),
        ("A = 1 | B in [1, 2] | C = 3", "A = 1 | B = 1 | B = 2 | C = 3"),
        ("B in [1, 2] & C = 3", "(B = 1 | B = 2) & C = 3"),
        ("!(A >= 1 & B = 2)", "!(A > 0 & B = 2)"),
        ("A = 1 ? B = 2 : C = 3", "(A = 1 & B = 2) | (!(A = 1) & C = 3)"),
        ("!A = 1 ? B = 2 : C = 3", "(!(A = 1) & B = 2) | (A = 1 & C = 3)"),
        ("A = 1 ? 2 > 1 : C = 3", "A = 1 | C = 3"),
        ("A = 1 ? B = 2 : 1 = 1", "!(A = 1) | B = 2"),
        ("A = 1 ? 1 > 2 : C = 3", "!(A = 1) & C = 3"),
        ("A = 1 ? B = 2 : 1 > 2", "A = 1 & B = 2"),
        ("A = 1 & 1 = 1", "A = 1"),
        ("A = 1 | 1 = 1", ""),
        ("A = 1 & 1 = 2", NEVER),
        ("A = 1 | 1 = 2", "A = 1"),
        ("!(1 = 1)", NEVER),
    ],
)
def test_logic(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A > 2 * 1024", "A > 2048"),
        ("A > min(3, 4) + 0.5", "A > 3"),
        ("A + 1 > 5", "A > 4"),
        ("5 - A > 0", "A < 5"),
        ("-A > 5", "A < -5"),
        ("A * 2 >= 5", "A > 2"),
        ("A / 1024 > 2048.5", "A > 2097664"),
        ("A / 3 = 5", "A = 15"),
        ("A / 3 != 5", "A != 15"),
        ("A * 0.1 = 0.3", NEVER),
        ("A * 2 > A", "A > 0"),
        ("A * A < 100", "A > -10 & A < 10"),
        ("A * A > 100 & B = 1", "(A < -10 | A > 10) & B = 1"),
        ("abs(A - 50) <= 10", "A > 39 & A < 61"),
        ("round(A / 1024) = 2", "A > 1535 & A < 2561"),
        ("min(A, 7) > 5", "A > 5"),
        ("min(A, 7) > 8", NEVER),
        ("max(A, 7) > 5", A_NUMBER),
        ("A * 1e300 * 1e300 > 5", "A > 0"),
        ("default(A, 10) > 5", "!(A < 6)"),
        ("default(A, 0) > 5", "A > 5"),
        ("default(A, 0) > -1e10", ""),
        ("default(A, 10) > 1e10", NEVER),
        ("default(A, B) > 5", "A > 5 | (!(A < 3000000000.0) & B > 5)"),
        ('(QOS = "gold" ? A : B) >= 5', '(QOS = "gold" & A > 4) | (!(QOS = "gold") & B > 4)'),
        ("5 <= (A = 1 ? B : 9)", "!(A = 1) | B > 4"),
        ("(A = 1) = 1", "A = 1"),
        ("(A = 1) in [0, 1]", "!(A = 1) | A = 1"),
    ],
)
def test_arithmetic_with_one_attribute(text: str, expected: str) -> None:
    assert said(text) == expected


def test_what_the_request_has_is_a_number_or_a_text() -> None:
    text = 'FREE_MEMORY / 1024 >= REQUEST.MEMORY & REQUEST.ARCH = "x86*" & !exists(REQUEST.GPU)'
    assert said(text, MEMORY=2, ARCH="x86_64") == "FREE_MEMORY > 2047"
    assert said(text, MEMORY="2.5 GB", ARCH="x86_64") == "FREE_MEMORY > 2559"
    assert said(text, MEMORY=2, ARCH="arm") == NEVER
    assert said(text, ARCH="x86_64") == NEVER
    assert said("A > default(REQUEST.MEMORY, 7)") == "A > 7"
    assert said('REQUEST.QOS in ["gold", "silver"] ? A > 1 : B > 1', QOS="gold") == "A > 1"


def test_an_unbound_request_is_to_be_bound() -> None:
    requirement = Requirement("A >= REQUEST.M & B = 1 | exists(REQUEST.N)", dialect="extended")
    with pytest.raises(TranslationError) as caught:
        requirement.to("opennebula")
    assert [(each.code, *each.span) for each in caught.value.diagnostics] == [("MM402", 5, 14), ("MM402", 32, 41)]
    assert str(caught.value).startswith(
        "error[MM402]: `REQUEST.M` is not bound, and OpenNebula knows no request\n"
        " --> requirement:1:6\n"
        "  |\n"
        "1 | A >= REQUEST.M & B = 1 | exists(REQUEST.N)\n"
        "  |      ^^^^^^^^^\n"
        '  = hint: bind a request first: `.bind({"M": ...}).to("opennebula")`\n'
    )
    assert str(requirement.bind({}).to("opennebula")) == NEVER


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("A > B", ["A > B"]),
        ("A = 1 & A + B > 5 | B < 2 * C", ["A + B > 5", "B < 2 * C"]),
        ("A in [1, B, C + 1]", ["B", "C + 1"]),
        ('(QOS = "gold") * 100 > 50', ['QOS = "gold"']),
        ("(A = 1 ? A : 7) * 2 > 50", ["A = 1 ? A : 7"]),
        ("A - A > 0", ["A - A > 0"]),
        ("round(A / 2) * 2 = A", ["round(A / 2) * 2 = A"]),
        ("1000 / A > 5", ["1000 / A > 5"]),
        ("CURRENT_VMS + 1 = 8", ["CURRENT_VMS + 1 = 8"]),
        ("CURRENT_VMS = REQUEST.VM", ["CURRENT_VMS = REQUEST.VM"]),
        ("CURRENT_VMS @> 7", ["CURRENT_VMS @> 7"]),
        ("CURRENT_VMS != 5.5", ["CURRENT_VMS != 5.5"]),
    ],
)
def test_every_clause_that_cannot_be_said_is_named(text: str, clauses: list[str]) -> None:
    assert refused(text, VM=7) == [("MM401", clause) for clause in clauses]


def test_what_does_not_matter_is_not_named() -> None:
    assert said("A > B & 1 = 2 | C >= 1") == "C > 0"
    assert said("REQUEST.GPU > 0 ? A > B : C >= 1") == "C > 0"
    assert refused("A > B & 1 = 2 | C > D") == [("MM401", "C > D")]


def test_messages() -> None:
    with pytest.raises(TranslationError) as caught:
        Requirement("A = 1 & FREE_CPU >= USED_CPU + A", dialect="extended").to("opennebula")
    assert str(caught.value) == (
        "error[MM401]: `FREE_CPU`, `USED_CPU` and `A` in one comparison\n"
        " --> requirement:1:9\n"
        "  |\n"
        "1 | A = 1 & FREE_CPU >= USED_CPU + A\n"
        "  |         ^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  |         OpenNebula compares one attribute with a number or a text\n"
        "  = hint: give the candidates an attribute that holds what is computed here"
    )
    assert isinstance(caught.value, MatchmakerError)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (TranslationError, str(caught.value))


def test_the_result_is_an_ordinary_requirement() -> None:
    text = 'FREE_CPU >= 50 and (CLUSTER_ID in [100, 101] or QOS == "gold*" or RACK = "") and A != 5.5'
    translated = Requirement(text, dialect="extended").to("opennebula")
    assert translated == Requirement(str(translated))
    assert translated.dialect == "opennebula"
    assert str(translated & Requirement("A = 1")).endswith(" & A = 1")
    assert check(str(translated)) == ()


def test_dialects() -> None:
    extended, own = Requirement("A >= 5", dialect="extended"), Requirement("A > 5")
    assert extended.to("extended") is extended
    assert own.to("opennebula") is own
    with pytest.raises(TranslationError) as caught:
        own.to("extended")
    assert [(each.code, each.span) for each in caught.value.diagnostics] == [("MM405", (0, 5))]
    for unknown in ("condor", "", None, ["opennebula"]):
        with pytest.raises(DialectError, match="opennebula"):
            extended.to(unknown)  # type: ignore[arg-type]


def test_joined_requirements_are_translated_with_what_is_bound() -> None:
    memory = Requirement("A >= REQUEST.M", dialect="extended").bind({"M": 5})
    other = Requirement("B <= 5 | C > D", dialect="extended")
    assert (
        str((memory & ~~Requirement("B <= 5 | C = 1", dialect="extended")).to("opennebula"))
        == "A > 4 & (B < 6 | C = 1)"
    )
    with pytest.raises(TranslationError, match=r"A >= REQUEST\.M & "):
        (memory & other).to("opennebula")


def nested_choices(levels: int) -> str:
    text = "A > 1"
    for level in range(levels):
        text = f"({text} ? B > {level} : C > {level})"
    return f"{text} ? D > 1 : E > 1"


def test_what_becomes_too_large_is_refused() -> None:
    assert said(nested_choices(4)).count("A > 1") == 32
    assert {code for code, _ in refused(nested_choices(40))} == {"MM403"}
    numbers = "A"
    for level in range(40):
        numbers = f"(B > {level} ? {numbers} : C)"
    assert {code for code, _ in refused(f"{numbers} > 5")} == {"MM403"}
    assert {code for code, _ in refused(" & ".join(["A - A > 0"] * 400))} == {"MM401", "MM403"}
    assert refused("+".join(["A"] * 5_000) + " > 5")[0][0] == "MM403"
    longer = Requirement(" & ".join(["A>=5"] * 20), dialect="extended", limits=Limits(length=150))
    with pytest.raises(TranslationError, match=r"MM403.*157 bytes"):
        longer.to("opennebula")


def test_deep_requirements_are_translated() -> None:
    text, levels = "A >= 1", 0
    while True:
        deeper = f"!(B <= 2 & ({text} | C >= {levels}))"
        try:
            Requirement(deeper, dialect="extended")
        except ExpressionError:
            break
        text, levels = deeper, levels + 1
    assert levels > 20
    translated, original = said(text), Requirement(text, dialect="extended")
    for each in ({"A": 0, "B": 3}, {"A": 1, "B": 2, "C": 7}, {"B": 2, "C": 1}):
        assert Requirement(translated).matches(each) is original.matches(each)


@pytest.mark.parametrize(
    "text",
    [
        "CURRENT_VMS = 7",
        "CURRENT_VMS != 7",
        "CURRENT_VMS != 2147483647",
        "CURRENT_VMS in [7, 9, 5.5]",
        "!CURRENT_VMS = -1",
        "CURRENT_VMS > 5",
        "CURRENT_VMS <= 5",
        "CURRENT_VMS = 5.5",
        "exists(CURRENT_VMS)",
        'CURRENT_VMS = "7"',
        'CURRENT_VMS == "*"',
        'CURRENT_VMS = ""',
        'CURRENT_VMS != ""',
        'CURRENT_VMS @> "7"',
        "(CURRENT_VMS = 7) = 1",
    ],
)
@pytest.mark.parametrize("vms", ["", "<ID>7</ID><ID>8</ID>", "<ID>0</ID>", "<ID>2147483647</ID>"])
def test_vms_on_hosts(text: str, vms: str) -> None:
    requirement = Requirement(text, dialect="extended")
    translated = requirement.to("opennebula")
    for own in ("", "<TEMPLATE><CURRENT_VMS>7</CURRENT_VMS></TEMPLATE>"):
        host = candidate(f"<HOST>{own}<VMS>{vms}</VMS></HOST>")
        assert translated.matches(host) is requirement.matches(host)


def test_the_text_is_the_canonical_print_however_often_operators_change() -> None:
    text = "A >= 0"
    for level in range(90):
        text = f"({text} {'&|'[level % 2]} A >= {level})"
    translated = Requirement(text, dialect="extended").to("opennebula")
    assert str(translated) == print_tree(translated.tree)
    assert translated.matches({"A": 5}) is Requirement(text, dialect="extended").matches({"A": 5})
