"""Whatever candidates and expressions hold stays text; and what of the page needs no script."""

from __future__ import annotations

from matchmaker.reporting.markup import printable
from tests.browser.conftest import Show
from tests.browser.reading import ROWS, cell, details, sort_by, status
from tests.unit.reporting.explanations import HOSTILE, hostile, hosts

TAGS = "new Set([...document.querySelectorAll('*')].map(element => element.tagName.toLowerCase()))"
HANDLERS = (
    "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(name => name.startsWith('on'))"
)


def collapsed(text: str) -> str:
    return " ".join(text.split())


def test_hostile_texts_are_shown_and_do_nothing(show: Show) -> None:
    harmless = show(hosts(60))
    cell(harmless, 0, 1).hover()
    tags = set(harmless.evaluate(f"[...{TAGS}]"))

    page = show(hostile())
    assert status(page).startswith(f"Showing {len(HOSTILE)} of {len(HOSTILE)}")
    page.set_viewport_size({"width": 1440, "height": 3_000})
    page.locator(ROWS).nth(len(HOSTILE) - 1).wait_for()
    sort_by(page, "Key")
    for row, text in enumerate(HOSTILE):
        line = page.locator(ROWS).nth(row)
        shown = printable(text)
        assert collapsed(line.locator("th").text_content() or "") == collapsed(shown)
        cell(page, row, 1).hover()
        assert details(page)["Value"] == (shown or "(empty)")
        assert details(page)["Key"] == printable(f"{row} {text}")
        assert details(page).get("Note", "") == shown
        assert page.locator("#details .ahead strong").text_content() == shown
    for column in range(6):
        page.locator("#grid thead .verdict").nth(column).hover()
        assert page.locator("#details pre").text_content() == printable(f'A{column} = "{HOSTILE[column]}"')
    page.get_by_label("Text").fill("window.hacked")
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_role("button", name="Add filter").click()

    assert page.evaluate("window.hacked") is None
    assert set(page.evaluate(f"[...{TAGS}]")) <= tags | {"section", "ul", "li", "strong"}
    assert page.evaluate(HANDLERS) == []
    assert page.locator("script").count() == 2


def test_texts_that_run_from_right_to_left_do_not_move_others(show: Show) -> None:
    page = show(hostile())
    for place in ("#grid th.head", "#details dd code", "#grid .value", ".advice code"):
        page.locator("#grid td.verdict").first.hover()
        assert page.locator(place).first.evaluate("element => getComputedStyle(element).unicodeBidi") == "isolate", (
            place
        )


def test_what_stands_above_the_table_needs_no_script(show: Show) -> None:
    page = show(hosts(60), java_script_enabled=False)
    assert page.get_by_role("heading", level=1).inner_text() == "22 of 60 hosts match"
    clauses = page.get_by_role("table").get_by_role("row")
    assert clauses.count() == 6
    assert "FREE_CPU > 1200" in clauses.nth(2).inner_text()
    assert "needs JavaScript" in page.locator("noscript p").inner_text()
    assert not page.locator("#matrix").is_visible()
    assert not page.locator("#theme").is_visible()


def test_hostile_texts_do_nothing_without_a_script(show: Show) -> None:
    page = show(hostile(), java_script_enabled=False)
    assert HOSTILE[0] in (page.locator("h1").text_content() or "")
    assert page.locator("img, iframe, object, form").count() == 0
