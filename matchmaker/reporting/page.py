"""One HTML file that shows an explanation, works from disk, and asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from string import Template
from typing import Any

from matchmaker.reporting.embedding import NOUNS, STATES, column_word, embedded
from matchmaker.reporting.markup import escaped, icon, prose
from matchmaker.reporting.overview import clause_table, counts, expressions, help_section

_SCRIPTS = ("report.js", "elements.js", "columns.js", "filters.js", "grid.js", "details.js", "start.js")
"""The parts of the page's script; each uses what those before it define."""


def html_page(explanation: Mapping[str, Any]) -> str:
    """Return a page that shows an explanation: what was asked, what would help, and candidates by clauses.

    Whatever candidates and expressions hold is shown as text, and any text can be: the page is to be written as UTF-8.

    Parameters
    ----------
    explanation : mapping
        As `Explanation.to_json` returns it.
    """
    style, script = asset("page.css"), _script()
    many, column = NOUNS[explanation["kind"]][1], column_word(explanation)
    return Template(asset("page.html")).substitute(
        policy=_policy(script, style),
        style=style,
        script=script,
        data=embedded(explanation),
        summary=escaped(explanation["summary"]),
        paragraph=prose(explanation["paragraph"], longest=2_000),
        dialect=escaped(explanation["dialect"]),
        counts=counts(explanation),
        expressions=expressions(explanation),
        clauses=clause_table(explanation),
        help=help_section(explanation),
        many=many,
        heading=many.capitalize(),
        column=column.capitalize(),
        columns=f"{column.capitalize()}s",
        none="" if explanation["candidates"] else f'<p class="nothing">There are no {many} to show.</p>',
        legend="".join(f'<li class="{state}">{icon(state)}{word}</li>' for state, word in STATES.items()),
    )


def _policy(script: str, style: str) -> str:
    """Return the content security policy: nothing is loaded, and nothing runs but this very script."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _script() -> str:
    parts = "\n".join(asset(name) for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n\n{parts}}})();\n'


def asset(name: str) -> str:
    """Return a file that the page is made of."""
    return (files(__package__) / "assets" / name).read_text("utf-8")
