"""Quoted names that are XPath 1.0: what they are made of, and which of them are too dangerous to evaluate.

Whoever writes an expression writes the XPath in it, and every candidate evaluates it; a few characters can keep libxml2 busy
for hours. What may be costly is therefore counted in the text, and refused before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from matchmaker.limits import tick

LONGEST = 256
"""How many characters a quoted name may have."""
MOST_PREDICATES = 2
MOST_ALTERNATIVES = 3
"""How many paths may be joined by `|`: libxml2 compares each node of one with each of the other."""
MOST_PATHS = 10
"""How many paths there may be, each step up counted as one more: what they cost adds up."""
MOST_LONG_AXES = 1
"""How many of them one path may have. With two, or one that goes sideways, the cost is the square or the cube of the
document's size."""

SIDEWAYS_AXES = frozenset({"following", "following-sibling", "preceding", "preceding-sibling"})
LONG_AXES = SIDEWAYS_AXES | {"ancestor", "ancestor-or-self", "descendant", "descendant-or-self"}
NODE_TYPES = frozenset({"comment", "node", "processing-instruction", "text"})

# All characters but ASCII ones may be part of a name. (Classes that leave ASCII out compile faster than those that go far.)
_NAME = r"[^\x00-@\[-^`{-\x7f][^\x00-,/:-@\[-^`{-\x7f]*"
_LITERAL = r"""'[^']*'|"[^"]*\""""
_BLANK = r"[ \t\r\n]+"
_OPERAND = re.compile(
    rf"(?P<blank>{_BLANK})|(?P<step>{_NAME}(?::(?!:)(?:{_NAME}|\*))?|\.\.|\*|\.(?![0-9]))"
    rf"|{_LITERAL}|[0-9]+(?:\.[0-9]*)?|\.[0-9]+|//|[\s\S]"
)
_OPERATOR = re.compile(rf"(?P<blank>{_BLANK})|{_LITERAL}|and|or|div|mod|//|::|!=|<=|>=|[\s\S]")
_CALL = re.compile(rf"(?:{_BLANK})?\(")
_BEFORE_OPERANDS = frozenset({*"[(,|+-*=<>$", "!=", "<=", ">=", "and", "or", "div", "mod"})


class Token(NamedTuple):
    """A piece of an XPath.

    Parameters
    ----------
    text : str
        What it says.
    start : int
        Where it stands.
    begins : {"", "relative", "absolute"}
        What sort of path begins with it.
    depth : int
        Within how many predicates it stands.
    """

    text: str
    start: int
    begins: str
    depth: int


def tokens(expression: str) -> Iterator[Token]:
    """Yield the pieces of an XPath, blanks left out; of one that is not valid, something.

    As XPath has it, whether `*` and `and` are names or operators depends on whether an operand is due. As libxml2 has it, no
    blank is needed behind an operator that is a word.
    """
    place = depth = 0
    due, within_path = True, False
    while place < len(expression):
        found = (_OPERAND if due else _OPERATOR).match(expression, place)
        assert found is not None
        text, start, place = found[0], place, found.end()
        if found.lastgroup == "blank":
            continue
        if text == "]":
            depth = max(0, depth - 1)
        begins = ""
        if text in ("/", "//"):
            begins = "absolute" if due and not within_path else ""
            due, within_path = True, True
        elif text in ("::", "@"):
            begins = "relative" if text == "@" and due and not within_path else ""
            due, within_path = True, True
        elif found.lastgroup == "step":
            called = text not in NODE_TYPES and _CALL.match(expression, place)
            begins = "" if within_path or called else "relative"
            due = within_path = False
        else:
            due, within_path = text in _BEFORE_OPERANDS, False
        yield Token(text, start, begins, depth)
        if text == "[":
            depth += 1


def refusal(name: str) -> str | None:
    """Tell why a quoted name is refused.

    Parameters
    ----------
    name : str
        The name without its quotes; it need not be valid XPath, nor mean to be XPath at all.

    Returns
    -------
    str or None
        The reason, such as `it has more than 2 predicates`; None if there is none.
    """
    tick()
    if len(name) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    # The name is used once per search place. An odd quotation mark turns what is text in one copy into code in the next.
    odd = bool(name.count("'") % 2 or name.count('"') % 2)
    predicates = alternatives = paths = most_axes = 0
    axes = [0, 0]  # of the path outside of predicates, which goes on behind one, and of that inside
    previous = ""
    for text, _, begins, depth in tokens(f"{name}|{name}" if odd else name):
        axis = previous if text == "::" else ""
        upward = text == ".." or axis == "parent"
        paths += bool(begins) + upward
        if begins:
            axes[depth] = 0
        if text == "[":
            predicates += 1
            if depth:
                return "it has a predicate inside a predicate"
        elif text == "|":
            alternatives += 1
        elif text == ")":
            axes[depth] = most_axes  # a path may go on with what stands in parentheses
        elif text == "//" or axis in LONG_AXES:
            axes[depth] += 1
            most_axes = max(most_axes, axes[depth])
            if depth:
                return "it has `//` or another long axis inside a predicate"
            if axis in SIDEWAYS_AXES:
                return f"it has the axis `{axis}`"
        if depth and (begins == "absolute" or upward):
            return "it has a path inside a predicate that leaves the element"
        previous = text
    if predicates > MOST_PREDICATES:
        return f"it has more than {MOST_PREDICATES} predicates"
    if most_axes > MOST_LONG_AXES:
        return "it has more than one `//` or other long axis in a path"
    if paths > MOST_PATHS:
        return f"it has more than {MOST_PATHS} paths and steps up"
    if alternatives - odd >= MOST_ALTERNATIVES:
        return f"it joins more than {MOST_ALTERNATIVES} paths by `|`"
    return None
