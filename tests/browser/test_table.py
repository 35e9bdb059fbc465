"""The table of candidates: sorting and filtering it, and reading its cells with the pointer and with the keyboard."""

from __future__ import annotations

import math
from typing import Any

from tests.browser.conftest import Show
from tests.browser.reading import ROWS, cell, details, filter_by, focused, heading, names, sort_by, status
from tests.unit.reporting.explanations import STATES, Clause, explanation, hosts, wide_hosts

HOSTS = hosts(60)
CANDIDATES: list[dict[str, Any]] = HOSTS["candidates"]
RANKED = sorted(CANDIDATES, key=lambda row: (row["place"] or math.inf, len(row["failing"]), row["position"]))


def named(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def state(row: dict[str, Any], clause: int) -> str:
    found: str = row["verdicts"][clause - 1]["state"]
    return found


def test_shows_the_ranking_first_and_then_those_who_fail_least(show: Show) -> None:
    page = show(HOSTS)
    assert status(page) == "Showing 60 of 60 hosts, sorted by place"
    assert heading(page, "Place").get_attribute("aria-sort") == "ascending"
    page.set_viewport_size({"width": 1440, "height": 6_000})
    page.locator(ROWS).nth(59).wait_for()
    assert names(page) == named(RANKED)


def test_sorts_by_score(show: Show) -> None:
    page = show(HOSTS)
    scored = [row for row in RANKED if row["matches"]]
    assert sort_by(page, "Score") == "descending"
    assert names(page)[:20] == named(sorted(scored, key=lambda row: -row["score"]))[:20]
    assert heading(page, "Place").get_attribute("aria-sort") == "none"
    assert sort_by(page, "Score") == "ascending"
    ascending = named(sorted(scored, key=lambda row: row["score"]))
    assert names(page)[:24] == [*ascending, *named(RANKED)[len(scored) :]][:24]
    assert status(page).endswith("sorted by score")


def test_sorts_by_a_clause_first_by_state_and_then_by_value(show: Show) -> None:
    page = show(HOSTS)
    tier = sorted(RANKED, key=lambda row: STATES.index(state(row, 4)))
    assert sort_by(page, "4") == "ascending"
    assert names(page)[:20] == named(tier)[:20]
    assert sort_by(page, "4") == "descending"
    missing = [row for row in RANKED if state(row, 4) == "missing"]
    assert 0 < len(missing) < 10
    assert names(page)[: len(missing)] == named(missing)
    sort_by(page, "2")
    values = [int(cell(page, row, 2).locator(".value").inner_text().split()[0]) for row in range(20)]
    assert values == sorted(values) and values[0] > 1200


def test_sorts_by_name_key_and_number_of_failures(show: Show) -> None:
    page = show(HOSTS)
    assert sort_by(page, "Name") == "ascending"
    assert names(page)[:5] == [f"node{number:04}" for number in range(5)]
    sort_by(page, "Key")
    assert sort_by(page, "Key") == "descending"
    assert names(page)[:5] == [f"node{number:04}" for number in range(59, 54, -1)]
    sort_by(page, "Fails")
    assert sort_by(page, "Fails") == "descending"
    assert names(page)[0] == max(RANKED, key=lambda row: len(row["failing"]))["name"]


def test_filters_by_text_in_key_name_and_values(show: Show) -> None:
    page = show(HOSTS)
    search = page.get_by_label("Text")
    search.fill("NODE0042")
    assert names(page) == ["node0042"]
    search.fill("unlimited")
    unlimited = [row for row in RANKED if row["verdicts"][1]["readings"][0]["value"] == "unlimited"]
    assert names(page) == named(unlimited)
    assert status(page).startswith(f"Showing {len(unlimited)} of 60 hosts")
    search.fill("nothing has this")
    assert names(page) == []
    page.get_by_role("button", name="Clear filters").click()
    assert status(page).startswith("Showing 60 of 60")
    assert search.input_value() == ""


def test_filters_by_outcome(show: Show) -> None:
    page = show(HOSTS)
    outcome = page.get_by_label("Show", exact=True)
    outcome.select_option("what matches")
    assert status(page).startswith(f"Showing {HOSTS['matching']} of 60")
    outcome.select_option("what does not match")
    assert status(page).startswith(f"Showing {60 - HOSTS['matching']} of 60")
    outcome.select_option("one obstacle only")
    one = [row for row in RANKED if len(row["failing"]) == 1]
    assert names(page)[:20] == named(one)[:20]
    assert status(page).startswith(f"Showing {len(one)} of 60")


def test_filters_by_the_states_of_clauses(show: Show) -> None:
    page = show(HOSTS)
    filter_by(page, 2, "fails")
    failing = [row for row in RANKED if 2 in row["failing"]]
    assert names(page) == named(failing)
    filter_by(page, 4, "passes")
    both = [row for row in failing if 4 not in row["failing"]]
    assert 0 < len(both) < len(failing)
    assert names(page) == named(both)
    page.get_by_role("button", name="Remove filter: Clause 2 fails").click()
    assert status(page).startswith(f"Showing {HOSTS['clauses'][3]['passing']} of 60")
    page.get_by_role("button", name="Clear filters").click()
    filter_by(page, 2, "fails: not converted")
    assert names(page) == named([row for row in RANKED if state(row, 2) == "unconverted"])
    filter_by(page, 2, "is the only obstacle")
    assert names(page) == named([row for row in RANKED if state(row, 2) == "unconverted" and row["failing"] == [2]])


def test_counts_above_the_table_filter_it(show: Show) -> None:
    page = show(HOSTS)
    page.get_by_label("Text").fill("node")
    page.get_by_role("button", name="4 missing").click()
    assert names(page) == named([row for row in RANKED if state(row, 4) == "missing"])
    page.locator(".only_obstacle").nth(1).get_by_role("button").click()
    assert names(page) == named([row for row in RANKED if row["failing"] == [2]])


def test_the_pointer_reads_a_cell(show: Show) -> None:
    page = show(HOSTS)
    filter_by(page, 2, "passes")
    page.get_by_label("Text").fill("cores")
    cell(page, 0, 2).hover()
    row = next(row for row in RANKED if row["name"] == names(page)[0])
    reading = row["verdicts"][1]["readings"][0]
    assert reading["note"]
    shown = details(page)
    assert [shown[label] for label in ("Attribute", "Value", "Read as", "Literal", "Note")] == [
        "FREE_CPU",
        reading["value"],
        reading["read_as"],
        "1200",
        reading["note"],
    ]
    panel = page.locator("#details").inner_text()
    assert "FREE_CPU > 1200" in panel and row["name"] in panel


def test_a_row_says_how_its_score_came_about_and_why_it_is_ahead(show: Show) -> None:
    page = show(HOSTS)
    cell(page, 0, 1).hover()
    first, second = RANKED[:2]
    panel = page.locator("#details").inner_text()
    assert f"Ahead of {second['name']}: {first['ahead_of']['why']}" in panel
    terms = page.locator("#details .terms li")
    assert terms.locator("code").all_inner_texts() == [term["text"] for term in HOSTS["terms"]]
    assert terms.locator(".amount").all_inner_texts() == [f"{number:,.0f}" for number in first["contributions"]]
    positive, negative, _ = (terms.nth(number).locator(".filled").bounding_box() for number in range(3))
    assert positive and negative
    assert negative["x"] + negative["width"] <= positive["x"] + 0.5
    assert details(page)["Score"] == f"{first['score']:,}"


def test_the_keyboard_reads_cells(show: Show) -> None:
    page = show(HOSTS)
    page.get_by_label("Show values").focus()
    page.keyboard.press("Tab")
    assert focused(page) == (0, 0)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert focused(page) == (1, 6)
    reading = RANKED[1]["verdicts"][1]["readings"][0]
    assert details(page)["Value"] == reading["value"]
    described = page.locator("#grid td:focus").get_attribute("aria-describedby")
    assert (
        page.locator(f"#{described}").text_content()
        == f"Clause 2, FREE_CPU > 1200: pass. FREE_CPU is {reading['value']}"
    )
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "details"
    page.keyboard.press("Escape")
    assert focused(page) == (1, 6)


def test_the_keyboard_moves_over_rows_that_did_not_exist_yet(show: Show) -> None:
    page = show(HOSTS)
    cell(page, 0, 1).click()
    page.keyboard.press("Control+End")
    assert focused(page) == (59, 9)
    assert page.locator("#grid :focus").evaluate(
        "cell => { const own = cell.getBoundingClientRect(), all = document.getElementById('scroller').getBoundingClientRect();"
        " return own.bottom <= all.bottom && own.right <= all.right && own.top > all.top; }"
    )
    page.keyboard.press("Home")
    assert focused(page) == (59, 0)
    page.keyboard.press("PageUp")
    row, _ = focused(page)
    assert 30 < row < 59
    page.keyboard.press("Control+Home")
    assert focused(page) == (-1, 0)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == (-1, 0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert heading(page, "Name").get_attribute("aria-sort") == "ascending"
    assert focused(page) == (-1, 1)


def test_the_keyboard_goes_on_where_it_was_when_its_row_was_scrolled_away(show: Show) -> None:
    page = show(wide_hosts(300, 6))
    cell(page, 1, 1).click()
    assert focused(page) == (1, 5)
    page.locator("#scroller").evaluate("scroller => { scroller.scrollTop = 5000; }")
    page.locator(f'{ROWS}[aria-rowindex="130"]').wait_for(state="attached")
    assert page.evaluate("document.activeElement.id") == "scroller"
    page.keyboard.press("ArrowDown")
    assert focused(page) == (2, 5)
    assert page.locator("#grid :focus").is_visible()


def test_2500_hosts_by_30_clauses(show: Show) -> None:
    explained = wide_hosts()
    page = show(explained)
    assert status(page).startswith("Showing 2,500 of 2,500 hosts")
    grid = page.get_by_role("grid")
    assert grid.get_attribute("aria-rowcount") == "2501"
    assert page.locator(ROWS).count() < 100
    assert page.locator("#grid thead th").count() == 35
    sort_by(page, "Key")
    assert sort_by(page, "Key") == "descending"
    assert names(page)[0] == "node2499"
    last = explained["candidates"][0]
    cell(page, 0, 1).click()
    page.keyboard.press("Control+End")
    assert focused(page) == (2499, 34)
    assert details(page)["Key"] == "0"
    assert details(page)["Value"] == last["verdicts"][29]["readings"][0]["value"]
    filter_by(page, 30, "is the only obstacle")
    assert status(page).startswith(f"Showing {explained['clauses'][29]['only_obstacle']} of 2,500")


def test_columns_show_states_alone_or_values_too(show: Show) -> None:
    page = show(HOSTS)
    first = RANKED[0]["verdicts"][1]["readings"][0]["value"]
    assert cell(page, 0, 2).inner_text().split() == ["pass", first]
    page.get_by_label("Show values").uncheck()
    assert cell(page, 0, 2).inner_text() == ""
    assert cell(page, 0, 2).get_attribute("aria-label") == f"pass {first}"
    cell(page, 0, 2).hover()
    assert details(page)["Value"] == first


def test_alternatives(show: Show) -> None:
    clauses = [Clause("HYPERVISOR", "=", "lxc"), Clause("FREE_CPU", ">", 5000), Clause("TIER", "=", "silver")]
    explained = hosts(60, clauses, joined_by="|")
    page = show(explained)
    assert page.locator("#grid thead code").all_inner_texts() == [clause.text for clause in clauses]
    best = min(explained["candidates"], key=lambda row: row["place"] or math.inf)
    cell(page, 0, 2).hover()
    failing = [number for number in (1, 2, 3) if state(best, number) != "pass"]
    assert details(page)["Fails"] == f"alternatives {', '.join(map(str, failing))}"
    assert "one obstacle only" not in page.get_by_label("Show", exact=True).inner_text()
    assert "is the only obstacle" not in page.get_by_label("State", exact=True).inner_text()
    page.get_by_label("Show", exact=True).select_option("what does not match")
    assert status(page).startswith(f"Showing {60 - explained['matching']} of 60 hosts")


def test_no_candidates_no_requirement_and_no_rank(show: Show) -> None:
    page = show(hosts(0))
    assert page.get_by_text("There are no hosts to show.").is_visible()
    assert not page.get_by_role("grid").is_visible()
    page = show(explanation([], [(1, None, {}), ("two", None, {})], kind="plain"))
    assert page.locator("#grid thead .label").all_inner_texts() == ["Key", "Place"]
    assert names(page) == ["two", "1"]
    assert status(page) == "Showing 2 of 2 candidates, sorted by place"
    assert not page.get_by_role("button", name="Add filter").is_visible()


def test_scores_that_scripts_have_no_numbers_for(show: Show) -> None:
    explained = hosts(60)
    scores = [math.inf, 2**60 + 1, 1.5, -math.inf, math.nan]
    rows = sorted((row for row in explained["candidates"] if row["matches"]), key=lambda row: row["place"])
    for row, score in zip(rows, scores, strict=False):
        row["score"] = score
    for row in rows[len(scores) :]:
        row["score"] = None
    page = show(explained)
    assert page.locator(f"{ROWS} .score").all_inner_texts()[:6] == [
        "Infinity",
        "1152921504606846977",
        "1.5",
        "-Infinity",
        "NaN",
        "no score",
    ]
    assert sort_by(page, "Score") == "descending"
    assert sort_by(page, "Score") == "ascending"
    assert page.locator(f"{ROWS} .score").all_inner_texts()[:4] == [
        "-Infinity",
        "1.5",
        "1152921504606846977",
        "Infinity",
    ]


def test_all_rows_are_there_on_paper(show: Show) -> None:
    page = show(wide_hosts(300, 6))
    assert page.locator(ROWS).count() < 100
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(ROWS).count() == 300
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(ROWS).count() < 100
