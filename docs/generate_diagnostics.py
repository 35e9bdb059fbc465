"""Write docs/reference/diagnostics.md: every code with its explanation and an example, as the library renders it."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from matchmaker.checking import check
from matchmaker.language.codes import CODES, Code
from matchmaker.source import Source

PAGE = Path(__file__).parent / "reference" / "diagnostics.md"
HEAD = """\
# Diagnostics

<!-- Made by docs/generate_diagnostics.py from matchmaker/language/codes.py: do not edit. -->

What is wrong with an expression, or looks wrong, is told by diagnostics. An error makes the expression unusable; a warning
does not. Each has a code, the characters that it is about, a message and, where possible, hints what to write instead. An
`ExpressionError` carries them as `diagnostics`, an expression that could be constructed has those of parsing as
`diagnostics`, and `check` finds them all.

Codes begin with MM1 for syntax, MM2 for meaning, MM3 for evaluation and MM4 for integration. They never change their
meaning; the texts may become better.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *[section(code) for code in CODES.values()]])


def section(code: Code) -> str:
    """Return what the page says about one code."""
    told = fill(
        f"*{code.severity.capitalize()}.* {code.explanation}", 120, break_long_words=False, break_on_hyphens=False
    )
    lines = [f"## {code.code}: {code.title}", "", told, ""]
    if code.example is not None:
        lines += ["```text", example(code), "```", ""]
    return "\n".join(lines)


def example(code: Code) -> str:
    """Return the first diagnostic of a code about its example, rendered."""
    found = check(code.example, expression=code.expression, kind=code.kind, dialect=code.dialect)
    text = code.example if isinstance(code.example, str) else ""
    return next(each for each in found if each.code == code.code).render(Source(text, code.expression))


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
