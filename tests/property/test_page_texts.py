"""Whatever texts an explanation holds, the page has the same elements with the same attributes, and can be written."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.reporting import html_page
from tests.unit.reporting.explanations import Clause, Term, explanation

# Where a text begins with one of these it is more likely to do harm than by chance.
BEGINNINGS = [
    "",
    "</script>",
    "<!--",
    "]]>",
    '"',
    "'",
    "&lt;",
    "<svg onload=",
    "\u2028",
    "\ud800",
    "$data",
    "-->",
    "</title>",
]
TEXTS = st.builds(str.__add__, st.sampled_from(BEGINNINGS), st.text(st.characters(codec=None), max_size=20))


class Elements(HTMLParser):
    """Notes the elements of a page, and its attributes but for those that hold numbers or digests."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(tag)

    def handle_comment(self, data: str) -> None:
        self.seen.append("a comment")

    def unknown_decl(self, data: str) -> None:
        self.seen.append("a declaration")


def page_with(texts: list[str]) -> str:
    first, second, third, fourth = texts
    explained = explanation([Clause("A", "=", "x")], [(first, second, {"A": third})], [Term(1, "A")])
    explained |= {
        "summary": first,
        "paragraph": second.replace("`", ""),
        "requirement": f"({third})",
        "rank": f"({fourth})",
    }
    clause, candidate = explained["clauses"][0], explained["candidates"][0]
    clause |= {"text": f"not found {fourth}"}
    clause["nearest"] = [{"admits": 1, "matching": 1, "literal": second, "text": third}]
    explained["terms"][0]["text"] = f"not found {first}"
    seen = [{"value": text, "count": 1} for text in texts]
    explained["unknown"] = [
        {"clause": 1, "attribute": first, "text": second, "nearest": third, "distinct": 4, "seen": seen}
    ]
    candidate["ahead_of"] = {"key": third, "term": 1, "difference": 1.0, "tie": False, "why": fourth}
    candidate["verdicts"][0]["readings"][0] |= {
        "comparison": first,
        "attribute": second,
        "read_as": third,
        "note": fourth,
    }
    return html_page(explained)


def elements(page: str) -> list[Any]:
    parser = Elements()
    parser.feed(page)
    parser.close()
    return parser.seen


HARMLESS = elements(page_with(["a", "b", "c", "d"]))


@given(st.lists(TEXTS, min_size=4, max_size=4))
def test_texts_add_no_elements(texts: list[str]) -> None:
    page = page_with(texts)
    page.encode("utf-8")
    assert elements(page) == HARMLESS
