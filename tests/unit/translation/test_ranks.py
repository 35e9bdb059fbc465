"""Ranks of the extended dialect in the opennebula dialect: their texts, and what cannot be said."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import Rank, TranslationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("5", "5"),
        ("A", "A"),
        ("-A", "- A"),
        ("A + 2 * B - 7", "A + 2 * B - 7"),
        ("A - (B - C)", "A - (B - C)"),
        ("-A * B", "(- A) * B"),
        ("A * -B", "A * - B"),
        ("A - -5", "A - -5"),
        ("-5 * A", "-5 * A"),
        ("A * abs(6 / 2)", "A * 3"),
        ("default(A, 0) + B", "A + B"),
        ("A * REQUEST.WEIGHT", "A * 3"),
        ("A + (REQUEST.WEIGHT > 2 ? 10 : 20)", "A + 10"),
        ('"A/B" + 1e3', '"A/B" + 1000'),
    ],
)
def test_sums_and_products(text: str, expected: str) -> None:
    rank = Rank(text, dialect="extended").bind({"WEIGHT": 3}).to("opennebula")
    assert (str(rank), rank.dialect) == (expected, "opennebula")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A / 2", ["A / 2"]),
        ("A * 0.5 + B", ["0.5"]),
        ("A + 3 / 2", ["3 / 2"]),
        ("A * 16777217", ["16777217"]),
        ("A * (0 / 0)", ["0 / 0"]),
        ("A + REQUEST.MISSING", ["REQUEST.MISSING"]),
        ("default(A, 1)", ["default(A, 1)"]),
        ("default(A + B, 0)", ["default(A + B, 0)"]),
        ("default(A, B)", ["default(A, B)"]),
        ('(QOS = "gold") * 100 + max(A, 3) + B / 2', ['QOS = "gold"', "max(A, 3)", "B / 2"]),
        ("A > 5 ? 1 : 2", ["A > 5 ? 1 : 2"]),
        ("A > 5", ["A > 5"]),
    ],
)
def test_what_opennebula_computes_otherwise_is_named(text: str, parts: list[str]) -> None:
    with pytest.raises(TranslationError) as caught:
        Rank(text, dialect="extended").bind({}).to("opennebula")
    found = [(each.code, text[slice(*each.span)]) for each in caught.value.diagnostics]
    assert found == [("MM404", part) for part in parts]


@pytest.mark.parametrize(("text", "code"), [("A + REQUEST.WEIGHT", "MM402"), ("A - CURRENT_VMS", "MM401")])
def test_the_request_and_the_vms_of_hosts(text: str, code: str) -> None:
    with pytest.raises(TranslationError) as caught:
        Rank(text, dialect="extended").to("opennebula")
    assert [(each.code, each.span) for each in caught.value.diagnostics] == [(code, (4, len(text)))]


@pytest.mark.parametrize("candidate", [{"A": 3, "B": "4"}, {"A": -5, "B": 4, "C": 7}, {"A": 4096, "B": 4096, "C": 1}])
def test_scores_are_the_same(candidate: dict[str, Any]) -> None:
    for text in ("A * B - default(C, 0)", "-(A - 2 * B) * 3", "default(C, 0)"):
        rank = Rank(text, dialect="extended")
        assert rank.to("opennebula").score(candidate) == rank.score(candidate)


def test_dialects() -> None:
    extended, own = Rank("A", dialect="extended"), Rank("A")
    assert extended.to("extended") is extended
    assert own.to("opennebula") is own
    with pytest.raises(TranslationError, match=r"MM405.*from the opennebula dialect to the extended one"):
        own.to("extended")
