r"""Globs that answer, bit for bit, what glibc's `fnmatch(pattern, value, 0)` answers in the C locale.

Found by experiment with glibc 2.36. Both texts are bytes of UTF-8, so `?` takes half of an `é`; `*`, `?` and sets take any
byte. `\` makes the next byte plain; at the end of a pattern it never matches. What stands between two `*` is taken where it
first fits, and not reconsidered.

A set is `[`, perhaps `!` or `^` to negate it, items, and `]`; a `]` that is the first item is plain. Items are read in order:

- `[:name:]` is a POSIX class; an unknown name spoils the set. If other bytes than a to y stand between, `[` is plain.
- `[=x=]` is one byte, and never part of a range; if not exactly of that form, `[` is plain.
- `[.x.]` is one byte; if not exactly of that form, it spoils the set.
- `\x` and `x` are one byte; a `\` at the end of the pattern spoils the set.
- One byte, `-`, and one byte are a range. Before `]`, `-` is plain, but a `[.x.]` before it is lost; a range without an end
  spoils the set. Its end is `[.x.]`, `\x` or `x`: in `[a-[:b:]]` the range ends at `[`.

A byte that has found its item skips the others: an unknown name, a range without an end and a `[.ab.]` no longer spoil the
set, but a `[=` that is not `[=x=]`, and a `[.` without `.]`, do. Ranges mean nothing now, so a `[:b:]` or `[=x=]` behind `-`
is an item, and where a set ends may depend on the byte. A byte that comes to what spoils the set does not match. One that
comes to the end of the pattern instead of `]` is compared with the `[` alone. (What glibc makes of class names with thousands
of letters is left out.)
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from matchmaker.errors import LimitError
from matchmaker.limits import tick

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET = 50_000_000
"""The most steps, of about 30 ns, that one match may take."""
_BETWEEN_TICKS = 100_000
"""After how many steps a match looks whether there is CPU time left."""

_NEVER = -1  # in place of a position: no match from here
_STAR, _ANY, _OPEN, _ESCAPE, _CLOSE = b"*?[\\]"
_SPECIAL = re.compile(r"[*?[\\]")
_BEYOND_STARS = re.compile(r"[?[\\]")
_NAME = re.compile(rb"\[:([a-y]*+):\]")

# A set of bytes is an integer with a bit for each.
_ALL = (1 << 256) - 1
_BYTE = [1 << byte for byte in range(256)]


def _span(low: int, high: int) -> int:
    return (2 << high) - (1 << low) if low <= high else 0


_UPPER, _LOWER, _DIGIT, _GRAPH = _span(65, 90), _span(97, 122), _span(48, 57), _span(33, 126)
_CLASSES = {
    b"alnum": _UPPER | _LOWER | _DIGIT,
    b"alpha": _UPPER | _LOWER,
    b"blank": _BYTE[9] | _BYTE[32],
    b"cntrl": _span(0, 31) | _BYTE[127],
    b"digit": _DIGIT,
    b"graph": _GRAPH,
    b"lower": _LOWER,
    b"print": _GRAPH | _BYTE[32],
    b"punct": _GRAPH & ~(_UPPER | _LOWER | _DIGIT),
    b"space": _span(9, 13) | _BYTE[32],
    b"upper": _UPPER,
    b"xdigit": _DIGIT | _span(65, 70) | _span(97, 102),
}


class Glob:
    """A pattern that texts are compared with.

    Parameters
    ----------
    pattern : str
        What to look for; it is prepared at the first match.
    """

    __slots__ = ("_match", "_pattern")

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._match: Callable[[str], bool] | None = None

    def __reduce__(self) -> tuple[type[Glob], tuple[str]]:
        return Glob, (self._pattern,)

    @property
    def exact(self) -> str | None:
        """The one text it matches, when no character of the pattern is special, else None."""
        return None if _SPECIAL.search(self._pattern) else self._pattern

    @property
    def prefix(self) -> str | None:
        """What texts have to begin with and nothing else, when only a last `*` is special, else None."""
        beginning = self._pattern[:-1]
        return beginning if self._pattern[-1:] == "*" and not _SPECIAL.search(beginning) else None

    def matches(self, value: str) -> bool:
        """Tell whether the whole of a text matches.

        Parameters
        ----------
        value : str
            Any text.

        Returns
        -------
        bool
            What `fnmatch` answers.

        Raises
        ------
        LimitError
            When it takes more than `BUDGET` steps, as only contrived patterns do, or a `matchmaker.limits.Budget` ends.
        """
        match = self._match
        if match is None:
            tick()
            match = self._match = _prepare(self._pattern)
        return match(value)


class _Steps:
    """What one match has taken of its steps; from time to time it looks at the CPU time, too."""

    def __init__(self) -> None:
        tick()
        self._taken = 0
        self._stop = BUDGET if BUDGET < _BETWEEN_TICKS else _BETWEEN_TICKS

    def take(self, count: int) -> None:
        self._taken += count
        if self._taken > self._stop:
            if self._taken > BUDGET:
                raise LimitError(f"matching a glob takes more than {BUDGET} steps")
            tick()
            self._stop = min(self._taken + _BETWEEN_TICKS, BUDGET)


def _prepare(pattern: str) -> Callable[[str], bool]:
    if not _SPECIAL.search(pattern):
        return pattern.__eq__
    if not _BEYOND_STARS.search(pattern):
        return _by_texts(pattern.split("*"))
    encoded = pattern.encode(errors="surrogatepass")
    unended = bytearray(len(encoded))
    pieces = _read(encoded, unended)
    return _by_walking(encoded, unended) if pieces is None else _by_pieces(pieces)


def _by_texts(texts: list[str]) -> Callable[[str], bool]:
    """Match texts with stars between them; they need not be encoded, as UTF-8 finds the same."""
    head, *middle, tail = texts
    shortest = sum(map(len, texts))

    def matches(value: str) -> bool:
        if len(value) < shortest or not value.startswith(head) or not value.endswith(tail):
            return False
        at, end = len(head), len(value) - len(tail)
        for text in middle:
            at = value.find(text, at, end)
            if at < 0:
                return False
            at += len(text)
        return True

    return matches


def _by_pieces(pieces: list[list[int]]) -> Callable[[str], bool]:
    """Match pieces, the sets of bytes that follow each other, with stars between them."""
    head, *middle, tail = pieces if len(pieces) > 1 else (*pieces, [])
    ends = head + tail
    shortest = sum(map(len, pieces))
    longest = shortest if len(pieces) == 1 else math.inf

    def matches(value: str) -> bool:
        text = value.encode(errors="surrogatepass")
        if not shortest <= len(text) <= longest:
            return False
        at, end = len(head), len(text) - len(tail)
        for members, byte in zip(ends, text[:at] + text[end:], strict=True):
            if not members >> byte & 1:
                return False
        if not middle:
            return True
        steps = _Steps()
        for piece in middle:
            at = _find(piece, text, at, end, steps)
            if at < 0:
                return False
            at += len(piece)
        return True

    return matches


def _find(piece: list[int], text: bytes, at: int, end: int, steps: _Steps) -> int:
    """Return the first position where a piece is found between two positions, else -1.

    All positions of a window are tried at once, a bit for each, the highest one for the first. The next window is twice as
    wide, so that the work is in proportion to how far the search goes.
    """
    width = 256
    while (left := end - at - len(piece) + 1) > 0:
        block = width
        width = min(width, left)
        alive = (1 << width) - 1
        for place, members in enumerate(piece):
            if place % block == 0:
                near = text[at + place : at + place + width + block - 1]
                found: dict[int, int] = {}
            if members == _ALL:
                continue
            if members not in found:
                steps.take(50 + (len(near) >> 4))
                found[members] = int(near.translate(_table(members)), 2)
            steps.take(5 + (width >> 10))
            alive &= found[members] >> (len(near) - width - place % block)
            if not alive:
                break
        if alive:
            return at + width - alive.bit_length()
        at += width
        width = 2 * block
    return -1


@lru_cache(1024)
def _table(members: int) -> bytes:
    """Return what `translate` makes a 1 of each byte of a set with, and a 0 of any other."""
    return f"{members:0256b}"[::-1].encode()


def _by_walking(pattern: bytes, unended: bytearray) -> Callable[[str], bool]:
    """Match byte for byte, each of which reads the sets that it meets in its own way."""
    length = len(pattern)

    def matches(value: str) -> bool:
        text = value.encode(errors="surrogatepass")
        steps = _Steps()
        i = at = after = 0
        star = retry = _NEVER
        while i < length or at < len(text):
            steps.take(16)
            if i < length and pattern[i] == _STAR:
                i += 1
                star, retry = i, at
                continue
            taken = 0
            if i < length and at < len(text):
                taken, after = _element(pattern, i, _BYTE[text[at]], unended, steps)
            if taken:
                i, at = after, at + 1
            elif star == _NEVER or retry == len(text):
                return False
            else:
                retry += 1
                i, at = star, retry
        return True

    return matches


def _read(pattern: bytes, unended: bytearray) -> list[list[int]] | None:
    """Return the pieces between the stars; None when an element is not of the same length for all bytes."""
    pieces: list[list[int]] = [[]]
    i = 0
    while i < len(pattern):
        if pattern[i] == _STAR:
            i += 1
            if pieces[-1] or len(pieces) == 1:
                pieces.append([])
            continue
        members, i = _element(pattern, i, _ALL, unended, None)
        if i == _NEVER:
            return None
        if not members:
            return [[0]]
        pieces[-1].append(members)
        if not len(pieces[-1]) & 0x3FF:
            tick()
    return pieces


def _element(pattern: bytes, i: int, of: int, unended: bytearray, steps: _Steps | None) -> tuple[int, int]:
    """Read what takes one byte, other than a star, for all bytes or for one.

    Return which bytes of the set `of` match, and where the pattern goes on, or `_NEVER` when all bytes differ in that.
    `unended` marks where items begin that no `]` follows, so that in `[[[[[[` not every `[` is read to the end.
    """
    kind = pattern[i]
    start = i = i + 1
    if kind == _ANY:
        return of, i
    if kind == _ESCAPE:
        return (of & _BYTE[pattern[i]], i + 1) if i < len(pattern) else (0, i)
    if kind != _OPEN:
        return of & _BYTE[kind], i
    negated = pattern[i : i + 1] in (b"!", b"^")
    first = i = i + negated
    matched = 0
    seen = []
    while i < len(pattern) and not (pattern[i] != _CLOSE and unended[i]):
        if pattern[i] == _CLOSE and i != first:
            return of & ~matched if negated else matched, i + 1
        seen.append(i)
        members, look, skip = _item(pattern, i)
        # A byte that skips reads a range in parts, and nearly always comes out at its end too.
        if look > skip >= 0 and _item(pattern, skip + 1)[2] == look:
            skip = look
        if steps:
            steps.take(50 + (abs(skip - i) >> 5))
        elif not len(seen) & 0x3FF:
            tick()
        if look != skip:
            if of == _ALL and (matched or members or look != _NEVER):
                return of, _NEVER
            if matched or (of & members and look == _NEVER):
                look = skip
        if look == _NEVER:
            return 0, i
        matched |= of & members
        i = look
    if of == _ALL:
        for i in seen:
            unended[i] = True
    return of & _BYTE[_OPEN], start


def _item(pattern: bytes, i: int) -> tuple[int, int, int]:
    """Read an item of a set: return its bytes, and where a byte goes on that looks for its item, and where one that skips.

    The bytes of the item itself go on at the former, or if that is nowhere at the latter.
    """
    kind = pattern[i : i + 2]
    if kind == b"[:" and (found := _NAME.match(pattern, i)):
        members = _CLASSES.get(found[1], 0)
        return members, found.end() if members else _NEVER, found.end()
    if kind == b"[:":
        return _BYTE[_OPEN], i + 1, i + 1
    if kind == b"[=":
        exact = pattern[i + 3 : i + 5] == b"=]"
        return (_BYTE[pattern[i + 2]], i + 5, i + 5) if exact else (_BYTE[_OPEN], i + 1, _NEVER)
    low, look, after = _single(pattern, i)
    if look == _NEVER:
        return 0, _NEVER, after
    follows = pattern[after : after + 2]
    if follows[:1] != b"-":
        return _BYTE[low], after, after
    if follows == b"-]":
        return 0 if kind == b"[." else _BYTE[low], after, after
    if follows == b"-":
        return _BYTE[low], _NEVER, after
    high, look, _ = _single(pattern, after + 1)
    return 0 if look == _NEVER else _span(low, high), look, after


def _single(pattern: bytes, i: int) -> tuple[int, int, int]:
    """Read one byte of a set; return it, and as `_item` does where to go on."""
    if pattern[i] == _ESCAPE:
        return (pattern[i + 1], i + 2, i + 2) if i + 1 < len(pattern) else (0, _NEVER, _NEVER)
    if pattern[i : i + 2] != b"[.":
        return pattern[i], i + 1, i + 1
    end = pattern.find(b".]", i + 2)
    if end < 0:
        return 0, _NEVER, _NEVER
    return pattern[i + 2], end + 2 if end == i + 3 else _NEVER, end + 2
