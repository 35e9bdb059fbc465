from __future__ import annotations

import base64
import hashlib
import json
import re

from matchmaker.reporting import html_page
from tests.unit.reporting.explanations import hostile, hosts


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def contents(page: str, tag: str) -> list[str]:
    return re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, re.S)


def test_only_its_own_style_and_script_are_allowed() -> None:
    page = html_page(hosts(3))
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    [style], [data, script] = contents(page, "style"), contents(page, "script")
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'{digest(style)}'"
    assert rules["script-src"] == f"'{digest(script)}'"
    assert rules["trusted-types"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert len(json.loads(data)["rows"]) == 3


def test_nothing_is_asked_of_the_network() -> None:
    page = html_page(hosts(3))
    assert not re.findall(r'<[^>]*\b(?:(?:src|srcset|action)=|href="[^#])', page)
    assert not re.findall(r"@import|url\(|fetch\(|XMLHttpRequest|https?://", page)


def test_markup_is_never_written_by_the_script() -> None:
    [_, script] = contents(html_page(hosts(3)), "script")
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert sink not in script


def test_every_part_of_the_template_is_filled_in() -> None:
    page = html_page(hosts(3))
    assert not re.findall(r"\$\w+", page.replace("$summary", ""))
    assert "<title>" in page and '<h2 id="matrix-heading">Hosts</h2>' in page
    assert "datastores" in html_page(hosts(3) | {"kind": "datastore"})


def test_a_page_of_hostile_texts_can_be_written() -> None:
    page = html_page(hostile())
    page.encode("utf-8")
    assert "<script>window" not in page
    assert "<img" not in page
    assert "&lt;script&gt;window" in page


def test_one_explanation_gives_one_page() -> None:
    assert html_page(hosts(20)) == html_page(hosts(20))
