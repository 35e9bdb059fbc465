"""Mistakes with what stands between the operators: texts, names, comments, and conditions that compare nothing."""

from __future__ import annotations

import re

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.mistakes.characters import QUOTES
from matchmaker.language.mistakes.operators import bounded
from matchmaker.language.mistakes.situation import (
    ANYTHING,
    CALCULATORS,
    COMPARATORS,
    JOINERS,
    LITERALS,
    NAMES,
    NUMBERS,
    OPERATORS_EXPECTED,
    Piece,
    Situation,
    clause,
    in_quotes,
    quoted,
)
from matchmaker.source import Span

_RUN = re.compile(r"""[^\s&|()"',;]{1,200}""")
"""A text without quotes."""
_NAME_RUN = re.compile(r"[^\s&|()\"=!<>@;,]{1,200}")
"""A name with other characters in it."""
_MIRRORED = {"=": "=", "==": "=", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}
"""The operators when the sides are exchanged."""
_LINE_END = re.compile(r"[^\n]{0,200}")
_COMMENT = re.compile(r"/\*.{0,200}?\*/|[^\n]{0,200}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SEVERAL_PARTS = re.compile(r"[0-9]+(?:[.:-][0-9A-Za-z]+)+")


def unpaired_quote(s: Situation) -> Diagnostic | None:
    """Recognise `A = "two words` and `A = "x & B = "y"`."""
    if s.text.count('"') % 2 == 0:
        return None
    last, before = s.text.rfind('"'), s.before()
    opening = next((piece for piece in reversed(s.pieces) if piece.start == last and piece.kind == "SKIPPED"), None)
    if opening is not None and opening.start < s.token.start and _same_side(s, opening.end):
        content = _LINE_END.match(s.text, opening.end)
        words = re.split("[&|)]", content[0])[0].strip() if content is not None else ""
        return s.error("MM121", opening.span, 'this `"` has no partner', f'write `"{shorten(words)}"`', label="")
    for piece in (before, s.token):
        if piece.kind == "STRING" and s.glued:
            message = f'a `"` is missing somewhere: {quoted(piece.text)} is taken as one text'
            return s.error("MM121", piece.span, message, label="")
    return None


def other_quotes(s: Situation) -> Diagnostic | None:
    """Recognise `A = 'two words'`."""
    quotes = [
        (piece.start + place, character)
        for piece in s.pieces
        if piece.kind == "SKIPPED"
        for place, character in enumerate(piece.text[:200])
        if character in QUOTES
    ]
    inside = [(at, character) for at, character in quotes if at < s.token.start and _same_side(s, at)]
    if len(inside) % 2 == 0:
        return None
    start, opening = inside[-1]
    end = next((at for at, _ in quotes if at >= s.token.start), None)
    span = Span(start, start + 1 if end is None else end + 1)
    content = s.text[start + 1 : end] if end is not None else ""
    hint = f'write `"{shorten(content, 30)}"`' if content and '"' not in content else "texts stand in double quotes"
    if content and '"' not in content and (named := _comparator_before(s, start)) is not None:
        hint = f"write {clause(*named, in_quotes(content))}"
    return s.error("MM121", span, f"`{opening}` quotes nothing; only double quotes do", hint, label="")


def _same_side(s: Situation, start: int) -> bool:
    """Tell whether no comparison begins between a position and the offending token."""
    return not any(start <= piece.start < s.token.start and piece.kind in COMPARATORS for piece in s.pieces)


def _comparator_before(s: Situation, end: int) -> tuple[Piece, str] | None:
    """Return the name and the operator that stand before a position left of the offending token."""
    behind = sum(1 for piece in s.pieces if end <= piece.start < s.token.start and piece.kind != "SKIPPED")
    return s.comparator(behind)


def comment(s: Situation) -> Diagnostic | None:
    """Recognise `# ...`, `// ...`, `/* ... */` and, in a requirement, `-- ...`."""
    start = None
    marks = ("DIVIDE", "DIVIDE"), ("DIVIDE", "TIMES"), ("MINUS", "MINUS")
    kinds = (s.token.kind, s.after().kind)
    if kinds in marks and s.after().start == s.token.end and not s.rank:
        start = s.token.start
    elif s.rank and s.token.kind == "TIMES" and s.before().kind == "DIVIDE" and s.glued:
        start = s.before().start
    else:
        for piece in s.pieces:
            hash_at = piece.start + piece.text.find("#")
            if piece.kind != "SKIPPED" or "#" not in piece.text or piece.start >= s.token.start:
                continue
            told = s.text[hash_at : s.token.start].rstrip(" \t\n\r")
            if "\n" not in told and not re.search(r"[=<>]\s*$", s.text[max(0, hash_at - 20) : hash_at]):
                start = hash_at
    if start is None:
        return None
    line = _COMMENT.match(s.text, start)
    span = Span(start, line.end() if line is not None else start + 1)
    return s.error("MM122", span, "there are no comments in an expression", "leave it out", label="")


def empty_name(s: Situation) -> Diagnostic | None:
    """Recognise `"" & A = 1` and `"" == 5`, so that no hint proposes such a name."""
    named = s.comparator()
    name = s.before() if s.place == "operator" else named[0] if named is not None else None
    if name is None or name.text != '""':
        return None
    return s.error("MM108", name.span, "an empty text is not a name", "write the attribute's name", label="")


def name_with_other_characters(s: Situation) -> Diagnostic | None:
    """Recognise `A.B`, `A-B = 1`, `größe = 1` and `9A = 1`."""
    first, token = s.before(), s.token
    if token.kind in NUMBERS and s.place == "operand" and s.after().kind == "NAME" and s.after().start == token.end:
        first = token
        message = "a name begins with a letter"
    elif (
        s.glued
        and first.kind == "NAME"
        and (s.place == "operator" or (s.place == "joint" and s.rank and s.gap))
        and token.kind not in COMPARATORS | JOINERS | {"OPEN", "CLOSE", "STRING", "$END"}
    ):
        message = ""
    else:
        return None
    run = _NAME_RUN.match(s.text, first.start)
    if run is None or run.end() <= token.start:
        return None
    written = run[0]
    if s.rank:
        written = re.split(r"[*/+^-]", written)[0]
        if first.start + len(written) < token.end:
            return None
    hint = f'a name with other characters stands in quotes: `"{shorten(written, 30)}"`'
    if "." in written.strip("."):
        path = written.strip(".").replace(".", "/")
        hint = f'a path stands in quotes, with slashes: `"{shorten(path, 30)}"`'
    message = message or f"{quoted(written)} is not a name"
    label = s.expectation() if s.rank else OPERATORS_EXPECTED
    return s.error("MM106", Span(first.start, first.start + len(written)), message, hint, label=label)


def unquoted_text(s: Situation) -> Diagnostic | None:
    """Recognise `A = node-1.example`, `A = *`, `A = 1.2.3` and `A = two words`."""
    if s.rank:
        return None
    if s.place == "joint" and s.before().kind in LITERALS - {"STRING"}:
        first, named = s.before(), s.comparator(1)
    elif s.place == "literal" and s.token.kind in CALCULATORS | {"AT", "LESS", "GREATER"}:
        first, named = s.token, s.comparator()
    else:
        return None
    run = _RUN.match(s.text, first.start)
    if run is None or named is None:
        return None
    name, operator = named
    written = run[0]
    if run.end() <= s.token.start:
        return _several_words(s, name, operator)
    if _calculates(written, first):
        return None
    span = Span(*run.span())
    if operator in "><":
        if not _SEVERAL_PARTS.fullmatch(written):
            return None
        message = f"{quoted(written)} is not a number, and texts have no order"
        return s.error(
            "MM112", span, message, f"`{operator}` takes one number, such as `5` or `2.5`", label="expected a number"
        )
    message = f"{quoted(written)} needs quotes"
    return s.error("MM121", span, message, f"write {clause(name, operator, in_quotes(written))}", label="")


def _calculates(written: str, first: Piece) -> bool:
    return first.kind in NUMBERS and re.fullmatch(r"[0-9]+([*+/][0-9A-Za-z_]+)+", written) is not None


def _several_words(s: Situation, name: Piece, operator: str) -> Diagnostic | None:
    """Recognise `A = two words`, but not `A = 1 B = 2`."""
    words = [s.before()]
    for piece in [s.token, *(s.after(place) for place in range(1, 6))]:
        if piece.kind not in ("NAME", "INTEGER", "FLOAT"):
            break
        words.append(piece)
    between = s.text[words[0].start : words[-1].end]
    follows = s.text[words[-1].end : words[-1].end + 40].lstrip()[:1]
    if (
        words[0].kind != "NAME"
        or len(words) < 2
        or follows in set("=<>!@(")
        or not re.fullmatch(r"[\w \t.-]+", between)
    ):
        return None
    text = " ".join(between.split())
    hints = [f"write {clause(name, operator, in_quotes(text))}"]
    if len(words) == 2 and operator != "!=":
        first, second = clause(name, operator, words[0].text), clause(name, operator, words[1].text)
        hints.append(f"for one or the other: {first[:-1]} | {second[1:]}")
    return s.error("MM121", Span(words[0].start, words[-1].end), "a text with blanks needs quotes", *hints, label="")


def sides_exchanged(s: Situation) -> Diagnostic | None:
    """Recognise `5 < A` and `1 < A < 5`."""
    number = s.token
    if s.rank or s.place != "operand" or number.kind not in NUMBERS:
        return None
    for length in (2, 1):
        operator = "".join(s.after(place).text for place in range(1, length + 1))
        name = s.after(length + 1)
        if operator in _MIRRORED and name.kind in NAMES:
            hint = _compared(name, _MIRRORED[operator], number)
            upper, symbol = s.after(length + 3), s.after(length + 2)
            if symbol.text in ("<", ">") and upper.kind in NUMBERS:
                hint += f" & {shorten(name.text, 20)} {symbol.text} {upper.text}"
            label = "expected the attribute here, and the number on the right"
            return s.error("MM111", number.span, "the attribute stands on the left", f"write `{hint}`", label=label)
    return None


def _compared(name: Piece, operator: str, literal: Piece) -> str:
    meant = bounded(name, operator, literal) if operator in (">=", "<=") else None
    return meant[0] if meant else clause(name, operator, literal.text)[1:-1]


def order_of_texts(s: Situation) -> Diagnostic | None:
    """Recognise `A > "x"` and `A < kvm`."""
    if s.place != "number" or s.token.kind not in NAMES:
        return None
    operator, content = s.before().text, s.token.content.strip()
    named = s.comparator()
    if named is not None and _NUMBER.fullmatch(content):
        hint = f"numbers stand without quotes: {clause(*named, content)}"
    elif s.token.text.isupper():
        hint = "two attributes are never compared with each other"
    else:
        hint = "texts have no order; `=`, `!=` and `@>` take them"
    return s.error("MM112", s.token.span, f"`{operator}` compares numbers only", hint)


def nothing_compared(s: Situation) -> Diagnostic | None:
    """Recognise `RUNNING`, `GPU & ...`, `!5` and `TRUE`."""
    if s.rank:
        return None
    if s.place == "operand" and s.token.kind in NUMBERS:
        message = f"{quoted(s.token.text)} alone is not a condition"
        return s.error("MM107", s.token.span, message, "a requirement compares attributes, as in `FREE_CPU > 50`")
    ends = s.token.kind in {"AND", "OR", "CLOSE", "$END"}
    name = s.before()
    if s.place != "operator" or not ends or name.kind not in NAMES:
        return None
    if name.text.lower() in ("true", "yes"):
        hint = "an empty requirement is always true"
    elif name.text.lower() in ("false", "no"):
        hint = "there are no truth values, only comparisons"
    else:
        hint = f"to ask whether it is there: {clause(name, '=', ANYTHING)}"
    label = OPERATORS_EXPECTED + " behind it"
    return s.error("MM107", name.span, f"{quoted(name.text)} alone is not a condition", hint, label=label)
