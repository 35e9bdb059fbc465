"""The page for everybody: roles and names, the order of the focus, contrast in both themes, narrow screens, no needless motion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Show
from tests.browser.reading import ROWS, cell, filter_by, heading, sort_by, status
from tests.unit.reporting.explanations import Clause, hosts, wide_hosts

if TYPE_CHECKING:
    from playwright.sync_api import Page

STUCK = hosts(
    60,
    [
        Clause("HYPERVISOR", "=", "kvm"),
        Clause("FREE_CPU", ">", 9_000),
        Clause("TIER", "=", "gold"),
        Clause("FREE_MEMORY", ">", 1),
    ],
    changes={"complete": False, "sets": [{"clauses": [2], "admits": 40}]},
    unknown=[{"clause": 1, "attribute": "FREECPU", "nearest": "FREE_CPU"}],
)

# Every element with text of its own that is seen, its colour, and the colours beneath it.
COLOURS = """
[...document.querySelectorAll('body *')].flatMap(element => {
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})) return [];
  const style = getComputedStyle(element), behind = [];
  for (let each = element; each; each = each.parentElement) behind.push(getComputedStyle(each).backgroundColor);
  return [[element.textContent.slice(0, 30), style.color, behind, parseFloat(style.fontSize)]];
})
"""


def channels(colour: str) -> list[float]:
    assert colour.startswith("rgb"), colour
    return [float(number) for number in colour[colour.index("(") + 1 : -1].split(",")]


def luminance(colour: list[float]) -> float:
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def surface(behind: list[str]) -> list[float]:
    opaque = next(channels(each) for each in behind if each != "rgba(0, 0, 0, 0)")
    assert len(opaque) == 3, "half transparent surfaces are not measured"
    return opaque


def poor(page: Page) -> list[Any]:
    measured = [
        (text, round(contrast(channels(colour), surface(behind)), 2))
        for text, colour, behind, _ in page.evaluate(COLOURS)
    ]
    assert len(measured) > 100
    return [each for each in measured if each[1] < 4.5]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_texts_stand_out(show: Show, scheme: str) -> None:
    page = show(STUCK, color_scheme=scheme)
    filter_by(page, 2, "fails")
    page.get_by_label("Show", exact=True).focus()
    for clause, state in ((1, "false"), (2, "not converted"), (3, "missing"), (4, "unreadable")):
        sort_by(page, str(clause))
        assert sort_by(page, str(clause)) == "descending"
        assert state in cell(page, 0, clause).inner_text()
        cell(page, 0, clause).hover()
        assert poor(page) == []
    page.get_by_role("button", name="Clear filters").hover()
    page.locator("#grid thead th").nth(1).hover()
    assert poor(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_bars_and_the_focus_stand_out(show: Show, scheme: str) -> None:
    page = show(hosts(60), color_scheme=scheme)
    card = channels(page.locator(".matrix").evaluate("e => getComputedStyle(e).backgroundColor"))
    for control in page.locator("#text-filter, #outcome-filter, #add-filter").all():
        assert contrast(channels(control.evaluate("e => getComputedStyle(e).borderTopColor")), card) >= 3
    filled = page.locator("#grid .score .filled").first
    assert contrast(channels(filled.evaluate("e => getComputedStyle(e).backgroundColor")), card) >= 3
    page.get_by_label("Show values").focus()
    page.keyboard.press("Tab")
    width, colour = page.evaluate("(s => [s.outlineWidth, s.outlineColor])(getComputedStyle(document.activeElement))")
    assert width == "2px"
    assert contrast(channels(colour), card) >= 3


def test_the_theme_follows_the_system_until_it_is_chosen(show: Show) -> None:
    page = show(hosts(6), color_scheme="dark")
    button = page.get_by_role("button", name="Dark theme")
    assert button.get_attribute("aria-pressed") == "true"

    def brightness() -> float:
        return luminance(channels(page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")))

    assert brightness() < 0.1
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert brightness() > 0.8
    page.emulate_media(color_scheme="light")
    button.click()
    assert brightness() < 0.1


def test_roles_and_names(show: Show) -> None:
    page = show(hosts(60))
    assert [each.inner_text() for each in page.get_by_role("heading").all()] == [
        "22 of 60 hosts match",
        "What was asked",
        "Clauses",
        "Hosts",
    ]
    grid = page.get_by_role("grid", name="Hosts")
    assert grid.get_by_role("columnheader").count() == 10
    assert grid.get_by_role("rowheader").count() == page.locator(ROWS).count()
    assert grid.get_by_role("gridcell").count() == 9 * page.locator(ROWS).count()
    assert grid.get_by_role("columnheader", name="2 FREE_CPU > 1200").count() == 1
    assert page.get_by_role("search").count() == 1
    assert page.get_by_role("complementary", name="Details").count() == 1
    assert page.get_by_role("main").count() == 1
    for control in page.locator("button:visible, input:visible, select:visible").all():
        assert control.evaluate("e => (e.labels?.[0] ?? e).textContent.trim()"), control.evaluate("e => e.outerHTML")
    columns = page.locator("table.clauses").get_by_role("columnheader").all_inner_texts()
    assert columns[0] == "Clause" and "Why the others fail" in columns


def test_states_are_told_by_word_and_shape(show: Show) -> None:
    page = show(hosts(60))
    legend = page.get_by_role("list", name="States").get_by_role("listitem")
    assert legend.all_inner_texts() == ["pass", "false", "missing", "not converted", "unreadable"]
    shape = "e => (s => s.clipPath + s.borderRadius)(getComputedStyle(e, '::before'))"
    assert len({legend.nth(number).locator(".icon").evaluate(shape) for number in range(5)}) == 5


def test_the_order_of_the_focus(show: Show) -> None:
    page = show(hosts(60))
    page.get_by_label("Text").focus()
    order = []
    for _ in range(7):
        order.append(page.evaluate("(e => e.id || e.parentElement.id || e.tagName)(document.activeElement)"))
        page.keyboard.press("Tab")
    assert order[:6] == ["text-filter", "outcome-filter", "filter-column", "filter-state", "add-filter", "values"]
    assert page.locator("#grid [tabindex='0']").count() == 1
    sort_by(page, "Score")
    assert page.locator("#grid [tabindex='0']").count() == 1
    assert heading(page, "Score").get_by_role("button").evaluate("e => e === document.activeElement")


def test_what_is_shown_is_announced(show: Show) -> None:
    page = show(hosts(60))
    region = page.get_by_role("status")
    region.evaluate("e => { window.region = e; }")
    page.get_by_label("Text").fill("node0001")
    assert status(page).startswith("Showing 1 of 60 hosts")
    assert region.evaluate("e => e === window.region")


@pytest.mark.parametrize("explained", [STUCK, wide_hosts(100)], ids=["5 clauses", "30 clauses"])
def test_narrow_screens_scroll_in_one_direction_alone(show: Show, explained: dict[str, Any]) -> None:
    page = show(explained, viewport={"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    cell(page, 0, 2).click()
    assert page.locator("#details").bounding_box()["width"] <= 400
    roles = page.locator("table.clauses").get_by_role("cell").count()
    assert roles == page.locator("table.clauses td:visible").count() > 0


def test_nothing_moves_for_those_who_want_it_still(show: Show) -> None:
    scrolling = "getComputedStyle(document.documentElement).scrollBehavior"
    assert show(hosts(6), reduced_motion="reduce").evaluate(scrolling) == "auto"
    assert show(hosts(6), reduced_motion="no-preference").evaluate(scrolling) == "smooth"
