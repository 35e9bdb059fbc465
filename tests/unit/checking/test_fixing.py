"""Repairs: what is mended, what is left alone because something else may be meant, and that they end."""

from __future__ import annotations

import pytest

from matchmaker import ExpressionError, Requirement
from matchmaker.checking import check, fixed, fixing


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        # Operators of other languages.
        ("A == 1", "A = 1"),
        ("A === 1", "A = 1"),
        ("A <> 1", "A != 1"),
        ("A = = 1", "A = 1"),
        ("A = 1 && B = 2", "A = 1 & B = 2"),
        ("A = 1 || B = 2 || C = 3", "A = 1 | B = 2 | C = 3"),
        ("A = 1 and B = 2 AND C = 3", "A = 1 & B = 2 & C = 3"),
        ("A = 1 or B = 2", "A = 1 | B = 2"),
        ("not A = 1", "!A = 1"),
        ("A = 1 and not (B = 2)", "A = 1 & !(B = 2)"),
        ("(A = 1 or B = 2) and C = 3", "(A = 1 | B = 2) & C = 3"),
        ('A = "x && y" && B = 1', 'A = "x && y" & B = 1'),
        # Bounds on whole numbers.
        ("FREE_CPU >= 50", "FREE_CPU > 49"),
        ("FREE_CPU >=50", "FREE_CPU >49"),
        ("A <= -5 & B = 1", "A < -4 & B = 1"),
        ("A >= 0", "A > -1"),
        ("A >= 2147483647", "A > 2147483646"),
        # Signs and quotes.
        ("A = - 5", "A = -5"),
        ("A > +5", "A > 5"),
        ("K = 'kvm'", 'K = "kvm"'),
        ("K = \u201ckvm\u201d & N != 'two words'", 'K = "kvm" & N != "two words"'),
        ("NAME = 'node-1.example'", 'NAME = "node-1.example"'),
        # What is skipped, and what stands behind a NUL.
        ("A = 1\n& B = 2", "A = 1 & B = 2"),
        ("A = 1 &\r\nB = 2\n", "A = 1 & B = 2"),
        ("A = 1;", "A = 1"),
        (" A = 1 .\n", " A = 1 "),
        ("\ufeffA = 1", "A = 1"),
        ("$A = 1", "A = 1"),
        ("A = 1\0 & B = 2", "A = 1"),
        # What says nothing new, and parentheses.
        ("A = 1 & B = 2 & A = 1", "A = 1 & B = 2"),
        ("A = 1 & B = 2 & (A = 1 & B = 2)", "A = 1 & B = 2"),
        ("(A = 1) & (((A = 1)))", "(A = 1)"),
        ("!!(A = 1 | A = 1) & !B = 2", "!!(A = 1) & !B = 2"),
        ("A > 1 & A > 2 & A > 3", "A > 3"),
        ("A > 3 | B = 1 | A > 2", "B = 1 | A > 2"),
        ("(A > 1 & !(B = 1)) & !(B = 1) & A > 0", "(A > 1 & !(B = 1))"),
        ("A=1 | B=2 & C=3", "(A=1 | B=2) & C=3"),
        ("A=1 | B=2 & C=3 | D=4 & E=5", "((A=1 | B=2) & C=3 | D=4) & E=5"),
        # Several at once.
        ("FREE_CPU >= 50 && HYPERVISOR == 'kvm' and FREE_CPU > 20;", 'FREE_CPU > 49 & HYPERVISOR = "kvm"'),
        ("A>=5&&B>=6 && C <= -1", "A>4&B>5 & C < 0"),
        ("A = and and and = 1 and B = and", "A = and & and = 1 & B = and"),
        ('A == 1 & B == "==" & C===2', 'A = 1 & B = "==" & C=2'),
    ],
)
def test_what_is_repaired(text: str, mended: str) -> None:
    found = fixed(text)
    assert found.text == mended
    assert found.repaired
    assert found.remaining == check(mended)
    assert Requirement(mended)


@pytest.mark.parametrize(
    ("text", "mended"), [("FREE_CPU -1", "FREE_CPU - 1"), ("A-1 * B", "A - 1 * B"), ("A + 2 -0.5", "A + 2 - 0.5")]
)
def test_what_is_repaired_in_a_rank(text: str, mended: str) -> None:
    assert fixed(text, expression="rank").text == mended


@pytest.mark.parametrize(
    "text",
    [
        "A = .5",
        "A = 1,000",
        "A = 1_000",
        "NAME = a.b",
        "A = 50%",
        "_A = 1",
        "A = '5'",
        "gr\u00f6\u00dfe = 1",
        "A >= 2.5",
        "A >= 3000000000",
        "A <= 2147483647",
        'A >= "x"',
        "A >= 4G",
        "A >= 4 * 1024",
        "A = 1 or B = 2 and C = 3",
        "A = 1 || B = 2 & C = 3",
        "A => 5",
        "A =! 5",
        "A and B = 1",
        "A not = 5",
        "A in (1, 2)",
        "A adn B = 1",
        "A = 1 B = 2",
        "A",
        "A > 5 & A < 3",
        "A > 5 & (A > 3 | B = 1)",
        "A != 1 | A != 2",
        "K = 'kvm",
        "(A = 1",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    found = fixed(text)
    assert (found.text, found.repaired) == (text, ())
    assert found.remaining == check(text)
    assert found.remaining


def test_a_comparison_in_a_rank_is_left_alone() -> None:
    assert fixed("A == 1 && B", expression="rank").repaired == ()


def test_what_was_repaired_is_told_with_its_text() -> None:
    found = fixed("A == 1 && B = 2", origin="SCHED_REQUIREMENTS")
    assert [(source.name, source.text, each.code) for source, each in found.repaired] == [
        ("SCHED_REQUIREMENTS", "A == 1 && B = 2", "MM103"),
        ("SCHED_REQUIREMENTS", "A = 1 && B = 2", "MM103"),
    ]


def test_the_extended_dialect() -> None:
    found = fixed("A > 1 and A > 3  # note\nand A > 2 # more", dialect="extended")
    assert found.text == "A > 3  # note\n # more"
    assert fixed("A >= 5 && B == 1", dialect="extended").repaired == ()
    assert fixed("X = 1 or not A = 1 and not A = 1", dialect="extended").text == "X = 1 or not A = 1"
    assert fixed("not not A = 1 and A = 1 and B = 2", dialect="extended").text == "not not A = 1 and B = 2"


def test_what_is_no_text() -> None:
    with pytest.raises(ExpressionError):
        fixed(5)  # type: ignore[arg-type]


def test_very_many_repairs_at_once() -> None:
    count = 3_000
    assert fixed(" & ".join(f"A > {number}" for number in range(count))).text == f"A > {count - 1}"
    assert fixed("A = 1" + "\n" * count + "& B = 2").text == "A = 1 & B = 2"


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "WORK", 100)
    text = " & ".join(f"A{number} = 'two words'" for number in range(5))
    found = fixed(text)
    assert 0 < len(found.repaired) < 5
    assert found.remaining[-1].code == "MM121"
