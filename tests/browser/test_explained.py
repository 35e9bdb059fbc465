"""What the library finds, shown: `Explanation.to_json` gives what the page reads."""

from __future__ import annotations

from pathlib import Path

from matchmaker import Rank, Requirement
from matchmaker.matching.explain import explain
from matchmaker.opennebula import read_pool
from matchmaker.reporting.markup import printable
from tests.browser.conftest import Show
from tests.browser.reading import ROWS, cell, details, names, sort_by, status
from tests.unit.reporting.explanations import HOSTILE

POOL = Path(__file__).parents[2] / "examples" / "host_pool.xml"


def test_hosts_of_a_document(show: Show) -> None:
    requirement = 'HYPERVISOR = "kvm" & !(RACK = "r1?") & FREE_CPU > 1200 & GPU = "YES"'
    explanation = explain(read_pool(POOL), requirement, "FREE_CPU - 50 * RUNNING_VMS")
    page = show(explanation.to_json())
    best = next(each for each in explanation.candidates if each.place == 1)
    assert status(page) == "Showing 60 of 60 hosts, sorted by place"
    assert names(page)[0] == best.name
    assert page.locator(".expressions .badge").all_inner_texts() == ["1", "2", "3", "4", "1", "2"]
    cell(page, 0, 3).hover()
    value = best.verdicts[2].readings[0].value
    assert value and details(page) == {
        "Attribute": "FREE_CPU",
        "Value": value,
        "Read as": value,
        "Literal": "1200",
        "Key": str(best.key),
        "Place": "1",
        "Score": f"{best.score:,}",
    }
    terms = page.locator("#details .amount").all_inner_texts()
    assert [int(term.replace(",", "")) for term in terms] == list(best.contributions)


def test_every_state_and_parts_of_several_origins(show: Show) -> None:
    pool = [{"A": "x", "B": value} for value in ("7", "5 GB", "0", "many", None, {"nested": 1})]
    page = show(explain(pool, {"user": 'A = "x"', "automatic": "B > 3"}).to_json())
    assert page.locator("table.clauses .tag").all_inner_texts() == ["automatic"]
    sort_by(page, "2")
    states = page.locator(f"{ROWS} td.verdict:last-child .word").all_inner_texts()
    assert states == ["pass", "pass", "false", "missing", "not converted", "unreadable"]


def test_alternatives_of_the_extended_dialect_without_scores(show: Show) -> None:
    pool = [{"A": 4, "B": 0}, {"A": 2, "C": 1}, {"A": 0, "B": 2}]
    requirement = Requirement("A > 3 | B in [1, 2]  |  exists(C)", dialect="extended")
    page = show(explain(pool, requirement, Rank("10 / B", dialect="extended")).to_json())
    assert "without a score" in page.locator(".counts").inner_text()
    assert names(page)[-1] == "1"
    assert page.locator(f"{ROWS} .score").all_inner_texts()[-1] == "no score"
    assert page.locator("#grid thead code").count() == 3


def test_hostile_values_of_candidates(show: Show) -> None:
    pool = [{"NAME": text, "A": text} for text in HOSTILE]
    page = show(explain(pool, 'A = "<script>*" & NAME != "</script>"').to_json())
    page.set_viewport_size({"width": 1440, "height": 3_000})
    page.locator(ROWS).nth(len(HOSTILE) - 1).wait_for()
    sort_by(page, "Key")
    for row, text in enumerate(HOSTILE):
        cell(page, row, 1).hover()
        assert details(page)["Key"] == str(row)
        if 0 < len(text) < 1_000:
            assert details(page)["Value"] == printable(text)
    assert page.evaluate("window.hacked") is None
