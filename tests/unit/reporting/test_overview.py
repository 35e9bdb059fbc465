from __future__ import annotations

import html
import re
from typing import Any

import pytest

from matchmaker.reporting.overview import clause_table, counts, expressions, help_section
from tests.unit.reporting.explanations import HOST_CLAUSES, Clause, explanation, hosts

POOL = [(1, None, {"A": "x", "B": "1"}), (2, None, {"A": "y", "B": "5 GB"}), (3, None, {"B": "many"})]


def text_of(markup: str) -> str:
    """Return what is read: elements end words."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_counts_name_what_they_count() -> None:
    assert text_of(counts(hosts(60))) == "hosts considered 60 matching 22 clauses 5"
    one = explanation([Clause("A", "=", "x")], [(1, None, {})], kind="datastore", unscored=1, considered=1)
    assert text_of(counts(one)) == "datastore considered 1 matching 0 without a score 1 clause 1"
    assert text_of(counts(hosts(2_500))).startswith("hosts considered 2,500")


def test_clauses_and_terms_are_numbered_where_they_begin() -> None:
    shown = text_of(expressions(hosts(1)))
    assert shown.startswith('Requirement 1 HYPERVISOR = "kvm" & 2 FREE_CPU > 1200 & 3 FREE_MEMORY > 33554432 &')
    assert shown.endswith("Rank 1 FREE_CPU 2 - 50 * RUNNING_VMS 3 + 2 * PRIORITY")


def test_clauses_are_found_where_they_are_printed_with_other_blanks_and_parentheses() -> None:
    explained = explanation([Clause("A", "=", "x"), Clause("B", ">", 1), Clause("B", "<", 5)], POOL)
    explained["requirement"] = 'A="x"  &  ( (B>1)) & !(B<5)'
    explained["clauses"][2]["text"] = "!B < 5"
    assert text_of(expressions(explained)) == 'Requirement 1 A="x" & 2 ( (B>1)) & 3 !(B<5)'


def test_a_clause_that_is_not_found_has_no_number_in_the_text() -> None:
    explained = explanation([Clause("A", "=", "x"), Clause("B", ">", 1), Clause("B", "<", 5)], POOL)
    explained["requirement"] = 'A = "x" & B > 001 & B < 5'
    assert text_of(expressions(explained)) == 'Requirement 1 A = "x" & B > 001 & 3 B < 5'


def test_equal_clauses_get_their_own_numbers() -> None:
    explained = explanation([Clause("A", "=", "x"), Clause("A", "=", "x")], POOL)
    assert text_of(expressions(explained)) == 'Requirement 1 A = "x" & 2 A = "x"'


def test_no_requirement_and_no_rank() -> None:
    explained = explanation([], POOL)
    assert text_of(expressions(explained)) == "Requirement none"
    assert text_of(clause_table(explained)) == "There is no requirement: every candidate matches."
    assert help_section(explained) == ""


def test_a_row_per_clause_says_who_passes_and_why_others_fail() -> None:
    table = clause_table(explanation([Clause("A", "=", "x"), Clause("B", ">", 3, part="automatic")], POOL))
    heads, first, second = (text_of(row) for row in re.findall(r"<tr.*?</tr>", table))
    assert heads == "Clause Passing alone Passing so far Only obstacle for Why the others fail Nearest literals"
    assert first == '1 A = "x" 1 1 1 1 false 1 missing'
    assert second == "2 B > 3 automatic 1 0 1 1 false 1 not converted 0 lets 1 match"
    assert re.findall(r'data-column="(\d)" data-state="(\w+)"', table) == [
        ("0", "only"),
        ("0", "false"),
        ("0", "missing"),
        ("1", "only"),
        ("1", "false"),
        ("1", "unconverted"),
    ]


def test_alternatives_have_no_order() -> None:
    table = clause_table(explanation([Clause("A", "=", "x"), Clause("B", "=", 5)], POOL, joined_by="|"))
    heads, first, second = (text_of(row) for row in re.findall(r"<tr.*?</tr>", table))
    assert heads == "Alternative Passing alone Why the others fail"
    assert first == '1 A = "x" 1 1 false 1 missing'
    assert second == "2 B = 5 1 1 false 1 not converted"


def test_a_literal_of_a_larger_clause_is_shown_in_its_comparison() -> None:
    explained = explanation([Clause("A", "=", "x")], POOL)
    clause = explained["clauses"][0]
    clause["text"] = "B > 7 | C > 2"
    clause["nearest"] = [{"admits": 1, "matching": 3, "literal": "4", "text": "B > 4"}]
    assert "B > 4 lets 3 match" in text_of(clause_table(explained))


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"complete": True, "sets": []}, None),
        ({"complete": True, "sets": [{"clauses": [2], "admits": 1}]}, "Without clause 2 , 1 host would match."),
        (
            {"complete": True, "sets": [{"clauses": [1, 2, 5], "admits": 7}]},
            "Without clauses 1 , 2 and 5 , 7 hosts would match.",
        ),
        (
            {"complete": False, "sets": [{"clauses": [1], "admits": 7}]},
            "Without clause 1 , 7 hosts would match. There may be other changes as small as these; not all were tried.",
        ),
    ],
)
def test_the_smallest_changes_that_help(changes: dict[str, Any], shown: str | None) -> None:
    found = text_of(help_section(hosts(5, HOST_CLAUSES, changes=changes)))
    assert found == ("" if shown is None else f"What would help {shown}")


def test_to_drop_the_only_clause_is_no_help() -> None:
    changes = {"complete": True, "sets": [{"clauses": [1], "admits": 5}]}
    assert help_section(hosts(5, HOST_CLAUSES[:1], changes=changes)) == ""


def test_unknown_names_and_texts() -> None:
    unknown = [
        {"clause": 1, "attribute": "FREECPU", "nearest": "FREE_CPU"},
        {"clause": 2, "attribute": "X", "nearest": None},
        {
            "clause": 3,
            "attribute": "HYPERVISOR",
            "text": "kvmm",
            "nearest": "kvm",
            "distinct": 3,
            "seen": [{"value": "kvm", "count": 1_200}, {"value": "lxc", "count": 3}],
        },
    ]
    shown = text_of(help_section(hosts(5, HOST_CLAUSES, unknown=unknown)))
    assert shown == (
        "What would help Clause 1: no candidate has FREECPU . Did you mean FREE_CPU ? "
        "Clause 2: no candidate has X . "
        "Clause 3: HYPERVISOR is nowhere kvmm . Did you mean kvm ? What there is: kvm (1,200), lxc (3) and 1 other value."
    )


def test_many_unknown_names_are_counted() -> None:
    unknown = [{"clause": number, "attribute": f"X{number}", "nearest": None} for number in range(1, 26)]
    shown = help_section(hosts(5, HOST_CLAUSES, unknown=unknown))
    assert shown.count("<li>Clause") == 20
    assert "And 5 more names and texts that no candidate has." in shown


def test_many_changes_are_counted() -> None:
    sets = [{"clauses": [number, number + 1], "admits": 1} for number in range(1, 24)]
    shown = help_section(hosts(5, HOST_CLAUSES, changes={"complete": True, "sets": sets}))
    assert shown.count("<li>Without") == 20
    assert "And 3 more changes as small as these." in shown
