"""Mistakes in texts that parse: a number for a condition, a text for a number, and functions that are none."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.nodes import (
    Attribute,
    Call,
    Chain,
    Choice,
    Comparison,
    Membership,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
    children,
    is_condition,
)
from matchmaker.language.printer import RESERVED
from matchmaker.source import Source, Span

FUNCTIONS: dict[str, tuple[int, int, str]] = {
    "exists": (1, 1, "one attribute"),
    "default": (2, 2, "two numbers"),
    "min": (1, sys.maxsize, "one number or more"),
    "max": (1, sys.maxsize, "one number or more"),
    "abs": (1, 1, "one number"),
    "round": (1, 1, "one number"),
}
"""The functions: how many arguments they take at least and at most, and the same in words."""
_OTHER_NAMES = {
    "defined": "exists", "isset": "exists", "has": "exists", "coalesce": "default", "ifnull": "default",
    "least": "min", "greatest": "max", "minimum": "min", "maximum": "max",
}  # fmt: skip
"""What functions are called elsewhere."""
_MOST = 100
"""So many errors are told."""
_LONGEST_NAME = 20
"""Functions with longer names are not near to any."""
_LONGEST = 60
"""So many characters of an expression are shown in a hint."""


def misused(source: Source, tree: Node, expression: str) -> Iterator[Diagnostic]:
    """Yield the errors of a tree, in text order; of very many, the first ones.

    Parameters
    ----------
    source : Source
        Its text.
    tree : Node
        What it means.
    expression : {"requirement", "rank"}
        What it should be.
    """
    pending = [(tree, expression == "requirement")]
    count = 0
    while pending and count < _MOST:
        node, condition = pending.pop()
        if isinstance(node, Choice):
            below = [(node.condition, True), (node.then, condition), (node.otherwise, condition)]
        else:
            problem = _misuse(source, node, condition)
            if problem is not None:
                count += 1
                yield problem
                continue
            joins = isinstance(node, Not) or (isinstance(node, Chain) and not node.level)
            below = [(child, joins) for child in children(node)]
        pending.extend(reversed(below))


def _misuse(source: Source, node: Node, condition: bool) -> Diagnostic | None:
    """Return what is wrong with a node itself."""
    if isinstance(node, Call):
        problem = _call(node)
        if problem is not None:
            return problem
    if isinstance(node, Comparison | Relation):
        return _comparison(source, node)
    if isinstance(node, Membership):
        texts = [item for item in node.items if isinstance(item, Text)]
        if texts and not isinstance(node.operand, Attribute | RequestAttribute):
            return _text_beside(source, node.operand, texts[0])
    if isinstance(node, Number) and node.value in (float("inf"), float("-inf")):
        message = f"`{_written(source, node.span)}` is too large"
        return Diagnostic("MM128", "error", node.span, message, "", ("numbers end at `1.7976931348623157e308`",))
    if condition and not is_condition(node):
        return _no_condition(source, node)
    return None


def _call(node: Call) -> Diagnostic | None:
    name, start = node.function, node.span.start
    if name.lower() in RESERVED:
        message = f"`{name}` is not an operator of the extended dialect"
        return Diagnostic("MM104", "error", Span(start, start + len(name)), message, "", (f"write `{name.lower()}`",))
    if name not in FUNCTIONS:
        from difflib import get_close_matches

        known = [*FUNCTIONS, *_OTHER_NAMES]
        near = get_close_matches(name.lower(), known, 1, 0.6) if len(name) <= _LONGEST_NAME else []
        hints = [f"did you mean `{_OTHER_NAMES.get(near[0], near[0])}`?"] if near else []
        hints.append("the functions are " + _listed([f"`{each}`" for each in FUNCTIONS], "and"))
        return Diagnostic(
            "MM118",
            "error",
            Span(start, start + len(name)),
            f"there is no function `{shorten(name)}`",
            "",
            tuple(hints),
        )
    least, most, wanted = FUNCTIONS[name]
    count = len(node.arguments)
    if not least <= count <= most:
        return Diagnostic("MM127", "error", node.span, f"`{name}` takes {wanted}, not {count or 'none'}")
    if name == "exists" and not isinstance(node.arguments[0], Attribute | RequestAttribute):
        message, label = f"`{name}` takes {wanted}", "expected an attribute"
        return Diagnostic("MM127", "error", node.arguments[0].span, message, label)
    return None


def _comparison(source: Source, node: Comparison | Relation) -> Diagnostic | None:
    left, right = children(node)
    if isinstance(right, Text):
        if node.operator in ("<", "<=", ">", ">="):
            return _order(source, left, node.operator, right)
        if not isinstance(left, Attribute | RequestAttribute):
            return _text_beside(source, left, right)
    if isinstance(node, Relation) and node.operator == "@>":
        span, label = (right.span, "expected a number or a text")
        if not isinstance(left, Attribute):
            span, label = left.span, "expected an attribute"
        message = "`@>` compares the values of an attribute with a number or a text"
        return Diagnostic("MM131", "error", span, message, label)
    return None


def _order(source: Source, left: Node, operator: str, text: Text) -> Diagnostic:
    content = text.value.strip()
    hints = ["texts have no order; `=`, `!=`, `==` and `@>` take them"]
    try:
        float(content)
    except ValueError:
        if content:
            hints.append(f'an attribute stands in parentheses here: `("{shorten(text.value, 30)}")`')
    else:
        hints = [f"numbers stand without quotes: `{_written(source, left.span)} {operator} {shorten(content, 30)}`"]
    message = f"`{operator}` compares numbers only"
    return Diagnostic("MM112", "error", text.span, message, "expected a number", tuple(hints))


def _text_beside(source: Source, left: Node, text: Text) -> Diagnostic:
    hints = [f'an attribute stands in parentheses here: `("{shorten(text.value, 30)}")`'] if text.value.strip() else []
    message = f"`{_written(source, left.span)}` is a number, and texts are compared with attributes only"
    return Diagnostic("MM112", "error", text.span, message, "expected a number", tuple(hints))


def _no_condition(source: Source, node: Node) -> Diagnostic:
    written = _written(source, node.span)
    if isinstance(node, Attribute) and node.name.lower() in ("true", "yes"):
        hint = "an empty requirement is always true"
    elif isinstance(node, Attribute) and node.name.lower() in ("false", "no"):
        hint = "there are no truth values, only comparisons"
    elif isinstance(node, Attribute | RequestAttribute):
        hint = f"to ask whether it is there: `exists({written})`"
    elif isinstance(node, Number):
        hint = f"compare an attribute with it, as in `FREE_CPU > {written}`"
    else:
        hint = f"compare it, as in `{written} > 0`"
    message = f"`{written}` is a number, not a condition"
    return Diagnostic("MM107", "error", node.span, message, "expected a condition", (hint,))


def _written(source: Source, span: Span) -> str:
    """Return a piece of the text as it is shown in a message, on one line."""
    return shorten(" ".join(source.text[span.start : min(span.end, span.start + 200)].split()), _LONGEST)


def _listed(words: list[str], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
