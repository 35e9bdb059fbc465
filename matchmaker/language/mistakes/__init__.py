"""What is wrong with a text: mistakes that people make, recognised and explained."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.numbers import INT32_MAX
from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.dialects import Dialect
from matchmaker.language.lexemes import Reading, Unparsable
from matchmaker.language.nodes import Attribute, Integer, Node, walk
from matchmaker.language.xpaths import LONGEST, refusal
from matchmaker.source import Source, Span

_TEN_DIGITS = re.compile(r"[0-9]{10}")
"""What a text must hold for an integer to wrap."""
_LITERAL_TEXT = re.compile(r'[=>][ \t]*"[^"]*"')
FLAT = "flat chains of `&`, `|`, `+` and `*` may be as long as they like"
"""The hint where an expression is too deep."""
_EXPLAINED = 100
"""So many runs of skipped characters are explained one by one."""


def explain_syntax(source: Source, error: Unparsable, expression: str, dialect: Dialect) -> Diagnostic:
    """Return the diagnostic of a syntax error.

    Parameters
    ----------
    source : Source
        The text with the error.
    error : Unparsable
        What the parser said.
    expression : {"requirement", "rank"}
        What the text should be.
    dialect : Dialect
        Its dialect.
    """
    if not error.expected:
        span = Span(error.token.start_pos, error.token.end_pos)
        return Diagnostic("MM113", "error", span, "the expression is nested too deeply here", "", (FLAT,))
    if not dialect.upstream:
        from matchmaker.language.grammar import parser
        from matchmaker.language.mistakes import extended

        return extended.explain(source, error, parser(dialect, expression).lexemes(Reading(source.text, 0)))
    from matchmaker.language.mistakes.rules import explain  # here, since most texts are right
    from matchmaker.language.mistakes.situation import Situation

    return explain(Situation(source, error, expression, dialect.name))


def skipped(source: Source, spans: list[tuple[int, int]]) -> Iterator[Diagnostic]:
    """Yield a warning for each run of characters that the lexer skipped; its span is exactly that run."""
    if not spans:
        return
    from matchmaker.language.mistakes.characters import about

    text, label = source.text, "OpenNebula prints it into its plan"
    for place, (start, end) in enumerate(spans):
        if place < _EXPLAINED:
            run = text[start : min(end, start + 20)]
            message, hints = about(text[max(0, start - 40) : start], run, text[end : end + 40])
        else:
            message, hints = "this is skipped: it is no part of the language", ()
        yield Diagnostic("MM201", "warning", Span(start, end), message, label, hints)


def refusals(source: Source, tree: Node, expression: str, dialect: Dialect) -> Iterator[Diagnostic]:
    """Yield the errors of a text that parses but must not run: what has no meaning, empty names and dangerous XPath.

    Parameters
    ----------
    source : Source
        The text.
    tree : Node
        What it means.
    expression : {"requirement", "rank"}
        What it should be.
    dialect : Dialect
        Its dialect.
    """
    if not dialect.upstream:
        from matchmaker.language.mistakes.extended.meaning import misused

        yield from misused(source, tree, expression)
        if '"' not in source.text:
            return
    elif 2 * len(_LITERAL_TEXT.findall(source.text)) == source.text.count('"'):
        return  # every quoted text is the right side of a comparison
    reasons: dict[str, str | None] = {}
    for node in walk(tree):
        if not isinstance(node, Attribute):
            continue
        if IDENTIFIER.fullmatch(node.name) and (len(node.name) <= LONGEST or source.text[node.span.start] != '"'):
            continue
        if not node.name:
            hint = "write the attribute's name"
            if dialect.upstream:
                hint += "; this one crashes OpenNebula's scheduler"
            yield Diagnostic("MM108", "error", node.span, "an empty text is not a name", "expected a name", (hint,))
            continue
        if node.name not in reasons:
            reasons[node.name] = refusal(node.name)
        reason = reasons[node.name]
        if reason is not None:
            yield Diagnostic("MM109", "error", node.span, f"`{shorten(node.name, 30)}` is refused: {reason}")


def remarks(source: Source, tree: Node, dialect: Dialect) -> Iterator[Diagnostic]:
    """Yield what else is worth a word: integers that wrapped, text behind a NUL."""
    if not dialect.upstream:
        return
    text = source.text
    if _TEN_DIGITS.search(text):
        for node in walk(tree):
            if isinstance(node, Integer):
                written = text[node.span.start : node.span.end]
                if len(written) >= 10 and _differs(written, node.value):
                    yield _wrapped(node, written)
    end = text.find("\0")
    if end >= 0:
        left_out = len(text) - end - 1
        ignored = "one character behind it is" if left_out == 1 else f"{left_out:,} characters behind it are"
        message = "the text ends at this NUL" + (f": {ignored} ignored" if left_out else "")
        yield Diagnostic("MM208", "warning", Span(end, end + 1), message, "", ("leave it out",))


def _differs(written: str, value: int) -> bool:
    """Tell whether an integer literal became another number; it may be too long for `int`."""
    digits = written.lstrip("-").lstrip("0") or "0"
    return digits != str(abs(value)) or (value != 0 and (value < 0) != written.startswith("-"))


def _wrapped(node: Integer, written: str) -> Diagnostic:
    return Diagnostic(
        "MM203",
        "warning",
        node.span,
        f"`{shorten(written, 24)}` does not fit into 32 bits and becomes {node.value}",
        f"read as {node.value}",
        (f"whole numbers end at {INT32_MAX}; with a fraction it works: `{shorten(written, 24)}.0`",),
    )
