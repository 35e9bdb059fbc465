"""What a page shows, as its tests ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROWS = "#grid tbody:not(.spacer) tr"


def heading(page: Page, label: str) -> Locator:
    """Return the heading of a column: its label, or the number of its clause."""
    return page.locator(f'#grid thead th:has(.label:text-is("{label}"))')


def sort_by(page: Page, label: str) -> str | None:
    """Click a column's heading, and return how it then says it is sorted."""
    heading(page, label).get_by_role("button").click()
    return heading(page, label).get_attribute("aria-sort")


def names(page: Page) -> list[str]:
    """Return the names of the rows that exist, from the first."""
    return page.locator(f"{ROWS} th").all_inner_texts()


def status(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def cell(page: Page, row: int, clause: int) -> Locator:
    """Return the cell of a clause, from 1, in a row that exists, from 0."""
    return page.locator(ROWS).nth(row).locator(".verdict").nth(clause - 1)


def focused(page: Page) -> tuple[int, int]:
    """Return row and column of the cell that has the focus; row -1 is the heading."""
    place: list[int] = page.evaluate(
        "(() => { const cell = document.activeElement.closest('td, th');"
        " return [Number(cell.parentElement.ariaRowIndex) - 2, cell.cellIndex]; })()"
    )
    return (place[0], place[1])


def details(page: Page) -> dict[str, str]:
    """Return the facts in the panel beside the table."""
    pairs = page.locator("#details dt").evaluate_all("all => all.map(e => [e.textContent, e.nextSibling.textContent])")
    return dict(pairs)


def filter_by(page: Page, clause: int, state: str) -> None:
    page.get_by_label("Clause", exact=True).select_option(str(clause - 1))
    page.get_by_label("State", exact=True).select_option(label=state)
    page.get_by_role("button", name="Add filter").click()
