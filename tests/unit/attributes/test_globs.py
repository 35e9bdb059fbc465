"""Globs against answers recorded from glibc 2.36, against glibc itself where it is at hand, and under attack."""

from __future__ import annotations

import ctypes
import pickle
import platform
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matchmaker.attributes import globs
from matchmaker.attributes.globs import Glob
from matchmaker.errors import LimitError

ANSWERS = [
    # A pattern, what it matches, what it does not. Recorded from glibc 2.36, in the C locale.
    # Plain texts, in bytes and case-sensitive
    ("kvm", ["kvm"], ["KVM", "kv", "kvmm", ""]),
    ("", [""], ["a"]),
    ("é", ["é"], ["e", "É"]),
    ("\ud83d", ["\ud83d"], ["\ude00"]),
    ("a]", ["a]"], ["a"]),
    ("-!^", ["-!^"], []),
    # Stars
    ("*", ["", "a", "a/b", ".hidden", "é"], []),
    ("**", ["", "ab"], []),
    ("gold*", ["gold", "golden"], ["a gold"]),
    ("*gold", ["gold", "a gold"], ["golden"]),
    ("*ol*", ["gold", "ol"], ["lo"]),
    ("a*a", ["aa", "aba"], ["a"]),
    ("a*b*c", ["abc", "aXbYc"], ["acb", "abcd"]),
    ("*ab*ab*", ["abab", "xabyabz"], ["aabb", "ab"]),
    ("a**b", ["ab", "acb"], ["a"]),
    ("*aab", ["aaab", "aab"], ["aaba"]),
    ("/*", ["/", "/a/b"], ["a"]),
    # Any byte: an é is two of them
    ("r1?", ["r12", "r1/"], ["r1", "r123"]),
    ("?", ["a", "/", "."], ["é", ""]),
    ("??", ["é", "ab"], ["a"]),
    ("*?", ["a", "é"], [""]),
    ("?*?", ["ab", "é"], ["a"]),
    ("a?c*", ["abc", "abcd"], ["ac", "aéc"]),
    ("*?b", ["ab", "bb"], ["b"]),
    ("??*é", ["abé", "éé"], ["aé"]),
    # Escapes; one at the end never matches
    ("\\*", ["*"], ["a", "\\*"]),
    ("\\a", ["a"], ["\\a"]),
    ("\\\\", ["\\"], ["\\\\"]),
    ("\\", [], ["\\", ""]),
    ("a\\", [], ["a", "a\\"]),
    ("*\\", [], ["", "\\", "a"]),
    ("\\[a]", ["[a]"], ["a"]),
    ("\\?*", ["?", "?a"], ["a"]),
    ("*\\é", ["é", "aé"], []),
    # Simple sets
    ("[ab]", ["a", "b"], ["c", "ab", ""]),
    ("[a-c]x", ["ax", "cx"], ["dx", "-x"]),
    ("[c-a]", [], ["a", "b", "c", "[c-a]"]),
    ("[a-a]", ["a"], ["-"]),
    ("[a-c-e]", ["b", "-", "e"], ["d"]),
    ("[+--]", ["+", ",", "-"], ["."]),
    ("[!a]", ["b", "!"], ["a", ""]),
    ("[^a]", ["b", "^"], ["a"]),
    ("[!ab]*", ["c", "cab"], ["a", ""]),
    ("[!!]", ["a"], ["!"]),
    ("[^!]", ["^", "a"], ["!"]),
    ("[a!]", ["a", "!"], ["b"]),
    ("[a^]", ["^"], ["b"]),
    ("[/]", ["/"], []),
    ("a[/]b", ["a/b"], []),
    ("[!a]b", ["/b", ".b"], []),
    ("[.]a", [".a"], ["a"]),
    ("[*]", ["*"], ["a"]),
    ("[?]*", ["?a"], ["a"]),
    ("*[ab]", ["xxa", "ab"], ["c"]),
    ("[A-Z]", ["A"], ["a"]),
    # `]` and `-` in places of their own
    ("[]]", ["]"], ["[", "[]]"]),
    ("[]a]", ["]", "a"], []),
    ("[!]]", ["a"], ["]"]),
    ("[!]a]", ["b"], ["]", "a"]),
    ("[]-a]", ["]", "^", "a"], ["-"]),
    ("[a]]", ["a]"], ["a", "]"]),
    ("[-a]", ["-", "a"], ["b"]),
    ("[a-]", ["-", "a"], ["b"]),
    ("[!-a]", ["b"], ["-"]),
    ("[a-]]", ["a]", "-]"], ["b]", "]"]),
    ("[--a]", ["-", "/", "a"], []),
    ("[a--]", [], ["a", "-", "[a--]"]),
    ("[]-]", ["]", "-"], []),
    ("[---]", ["-"], ["."]),
    # Bytes beyond ASCII in sets
    ("[é]", [], ["é", "e"]),
    ("[é][é]", ["é"], ["à"]),
    ("[!a][!a]", ["é", "à"], ["a"]),
    ("[a-é]x", ["zx"], ["é"]),
    ("*[é]", ["é"], ["è"]),
    ("[à-é][à-é]", ["ç", "é"], []),
    # Escapes in sets
    ("[\\]]", ["]"], ["\\"]),
    ("[\\a-c]", ["a", "b"], ["\\"]),
    ("[a-\\c]", ["b", "c"], ["\\"]),
    ("[a\\-c]", ["a", "-"], ["b"]),
    ("[a\\]]", ["a", "]"], ["\\"]),
    ("[\\\\]", ["\\"], []),
    ("[!\\]]", ["a"], ["]"]),
    ("[\\!a]", ["!", "a"], ["\\"]),
    ("[a\\]", ["[a]"], ["a", "[a\\]"]),
    ("[a-\\]", ["[a-]"], ["a"]),
    ("[\\", [], ["[", "[\\"]),
    ("[a\\", [], ["a", "[a\\", "[a"]),
    # Sets without an end: a plain `[`
    ("[", ["["], ["a", ""]),
    ("[a", ["[a"], ["a"]),
    ("[]", ["[]"], ["]", "["]),
    ("[!]", ["[!]"], ["a"]),
    ("[!", ["[!"], []),
    ("[^a", ["[^a"], ["b"]),
    ("[a-c", ["[a-c"], ["b"]),
    ("a[", ["a["], ["a"]),
    ("*[", ["a[", "["], []),
    ("[[", ["[["], []),
    ("[[[a]", ["[", "a"], []),
    ("[[", ["[["], ["["]),
    ("x[a*", ["x[a", "x[abc"], ["xa"]),
    ("[a[b]", ["a", "b", "["], []),
    ("[[a", ["[[a"], []),
    ("[[:alpha:]", ["[a", "[:"], ["a", "[b"]),
    ("[a?", ["[ab"], ["[a"]),
    ("[a-[", ["[a-["], ["a"]),
    ("[\\]", ["[]"], ["]"]),
    # A range without an end never matches
    ("[a-", [], ["a", "[a-", "-"]),
    ("[!a-", [], ["b", "[!a-"]),
    ("[xa-", [], ["x", "[xa-"]),
    ("[[a-", [], ["[[a-", "["]),
    ("[[.a.]-", [], ["a", "[a-"]),
    ("*[a-", [], ["[a-", "a"]),
    # Classes
    ("[[:alpha:]]", ["a", "Z"], ["1", "é", ":"]),
    ("[[:alnum:]]", ["a", "1"], ["_"]),
    ("[[:blank:]]", [" ", "\t"], ["\n"]),
    ("[[:cntrl:]]", ["\n", "\x7f"], ["a"]),
    ("[[:digit:]]", ["7"], ["a"]),
    ("[[:graph:]]", ["!"], [" "]),
    ("[[:lower:]]", ["a"], ["A"]),
    ("[[:print:]]", [" ", "~"], ["\x7f"]),
    ("[[:punct:]]", ["!", "_"], ["a"]),
    ("[[:space:]]", ["\x0b", " "], ["a"]),
    ("[[:upper:]]", ["A"], ["a"]),
    ("[[:xdigit:]]", ["f", "F"], ["g"]),
    ("[[:alpha:][:digit:]_]*", ["a-", "9", "_"], ["-"]),
    ("[![:alpha:]]", ["1"], ["a"]),
    ("[^[:digit:]a]", ["b"], ["1", "a"]),
    ("[[:digit:]-z]", ["1", "-", "z"], ["b"]),
    ("[[:alpha:]-]", ["-", "a"], ["1"]),
    ("[:alpha:]", ["a", ":", "l"], ["b"]),
    ("[![:alpha:]][![:alpha:]]", ["é"], ["1a"]),
    # Unknown classes never match, unless another item is found first
    ("[[:foo:]]", [], ["f", "[[:foo:]]", "[:foo:]]"]),
    ("*[[:foo:]]", [], ["a", "[[:foo:]]"]),
    ("[![:foo:]]", [], ["a", "f"]),
    ("[a[:foo:]]", ["a"], ["f", ":"]),
    ("[a[:foo:]b]", ["a"], ["b"]),
    ("[!a[:foo:]]", [], ["a", "b"]),
    ("[[:ascii:]]", [], ["a"]),
    ("[[::]]", [], [":", ":]"]),
    ("[[:foo:]a]", [], ["a"]),
    ("[a[:foo:]-c]", ["a"], ["b", "-"]),
    ("[[:foo:]", [], ["[", "[f", "[[:foo:]"]),
    ("[[[:foo:]", [], ["[", "[[:foo:]", "[f"]),
    ("[a[:foo:]", [], ["a", "[a[:foo:]", "[af"]),
    # What is no class name: its bytes are items
    ("[[:Alpha:]]", ["A]", "l]", ":]", "[]", "a]"], ["A"]),
    ("[[:a1:]]", ["1]", "a]"], ["1"]),
    ("[[:az:]]", ["z]", "a]"], ["z"]),
    ("[[:alpha]", ["a", "[", ":"], ["b"]),
    ("[[:]", ["[", ":"], []),
    ("[[:]]", ["[]", ":]"], []),
    ("[[:", ["[[:"], []),
    ("[x[:Y:]]", ["x]", "Y]"], ["x"]),
    ("[[:a", ["[[:a"], ["a"]),
    # Equivalence classes are bytes
    ("[[=k=]]", ["k"], ["=", "K"]),
    ("[[=]=]]", ["]"], ["="]),
    ("[[=a=]-c]", ["a", "-", "c"], ["b"]),
    ("[[=-=]]", ["-"], []),
    ("[![=a=]]", ["b"], ["a"]),
    ("[[=\\=]]", ["\\"], ["="]),
    ("[x[=a=]]", ["x", "a"], []),
    # What is no equivalence class: its bytes are items, for who has not found one yet
    ("[[=a]", ["[", "=", "a"], []),
    ("[x[=a]", ["a", "=", "["], ["x"]),
    ("[[=ab=]]", ["a]", "=]", "[]"], ["b"]),
    ("[x[=ab=]]", ["a]"], ["x]"]),
    ("[[==]]", ["[]", "=]"], ["="]),
    ("[[=", ["[[="], []),
    ("[[=é=]]", ["=]"], ["é]", "é"]),
    ("[[[=a]", ["a", "="], ["["]),
    ("[x[=", ["[x[="], ["x[="]),
    ("[=[=", ["[=[="], []),
    ("[[[=", [], ["[[[="]),
    # Collating symbols are bytes
    ("[[.-.]]", ["-"], ["."]),
    ("[[.a.]]", ["a"], ["."]),
    ("[[.].]]", ["]"], []),
    ("[[.a.]-c]", ["b", "a"], ["-"]),
    ("[a-[.c.]]", ["b", "c"], ["["]),
    ("[[.a.]-[.c.]]", ["b"], ["."]),
    ("[[.-.]-a]", ["-", "/", "a"], []),
    ("[[...]]", ["."], []),
    ("[[.\\.]]", ["\\"], []),
    ("[[.[.]]", ["["], []),
    ("[[.a.]-]", ["-"], ["a"]),
    ("[[.a.]b-]", ["a", "b", "-"], []),
    # What is no collating symbol never matches, unless another item is found first
    ("[[.ab.]]", [], ["a", "b", "[[.ab.]]"]),
    ("[x[.ab.]]", ["x"], ["a"]),
    ("[[..]]", [], ["."]),
    ("[[.a]", [], ["a", "[[.a]", "[", "."]),
    ("[x[.a]", [], ["x", "a", "[x[.a]"]),
    ("[[.", [], ["[[."]),
    ("[a-[.cd.]]", [], ["a", "b"]),
    ("[xa-[.cd.]]", ["x"], ["a"]),
    ("[a-[.", [], ["[a-[.", "a"]),
    ("[![.ab.]]", [], ["x", "a"]),
    ("[x[.ab.]-]", ["x"], ["-"]),
    ("[[.é.]]", [], ["é"]),
    # Where a set ends may depend on the byte
    ("[a-[:alpha:]]", ["h]", ":]"], ["a", "b]", "h"]),
    ("[xa-[:alpha:]]", ["x", "h]", "a]"], ["x]", "h"]),
    ("[xa-[:alpha:]]*", ["x", "xyz", "h]"], ["h"]),
    ("*[xa-[:b:]]", ["x", "b]", "yyx"], ["b", "x]"]),
    ("[!xa-[:b:]]", ["a]"], ["x", "a", "b]", ":]"]),
    ("[xa-[=b=]]", ["x", "b]", "=]"], ["x]"]),
    ("[xa-[=]=]]", ["x", "==]]"], ["=", "==]"]),
    ("[xa-[=c]", ["c", "="], ["x", "a"]),
    ("[xa-[:foo:]]", ["x", "f]"], ["f"]),
    ("[x+-[:b:]]", ["x", ",]", "[]"], ["x]", ","]),
    ("[xa-[=[=]=]", ["x"], ["=", "]", "[xa-[=[=]=]"]),
    ("[xa-[:b:]]*[xa-[:b:]]", ["xx", "xb]", "b]x", "b]b]"], ["xb"]),
    ("[xa-[:b:]*x]y", ["xy", "b*x]y", "bx]y"], ["x*x]y"]),
    ("*[xa-[:*:]]x", [], ["x", "axx", "b:]]x", "*]]x"]),
    # Where a piece first fits, it is taken
    ("*[ab]?c*d", ["axcd", "aaxcd", "abcd"], ["acd"]),
    ("*a?*?b", ["aaab", "axxb"], ["aab"]),
    ("a*[!b]b*", ["acb", "abbxb"], ["ab"]),
    ("*?[xa-[:b:]]*", ["ax", "xb]"], ["x"]),
]


@pytest.mark.parametrize(("pattern", "matching", "others"), ANSWERS, ids=[ascii(row[0]) for row in ANSWERS])
def test_answers_what_glibc_does(pattern: str, matching: list[str], others: list[str]) -> None:
    glob = Glob(pattern)
    assert [value for value in matching if not glob.matches(value)] == []
    assert [value for value in others if glob.matches(value)] == []


@pytest.mark.parametrize("pattern", ["", "kvm", "é", "a]", "-", "\ud83d"])
def test_a_pattern_without_special_characters_is_exact(pattern: str) -> None:
    assert Glob(pattern).exact == pattern


@pytest.mark.parametrize("pattern", ["*", "r?", "[a]", "[", "\\a", "a*"])
def test_a_pattern_with_a_special_character_is_not_exact(pattern: str) -> None:
    assert Glob(pattern).exact is None


def test_a_nul_in_a_value_is_a_byte() -> None:
    assert Glob("a?b").matches("a\x00b")
    assert Glob("a[[:cntrl:]]b").matches("a\x00b")
    assert Glob("[!a]*").matches("\x00")
    assert not Glob("a").matches("a\x00")


@pytest.mark.parametrize("pattern", ["kvm", "gold*", "r1?", "[xa-[:b:]]"])
def test_pickles_before_and_after_a_match(pattern: str) -> None:
    glob = Glob(pattern)
    again = pickle.loads(pickle.dumps(glob))
    assert again.matches("r12") == glob.matches("r12")
    assert pickle.loads(pickle.dumps(glob)).exact == glob.exact


# Plain tokens, and what they are in a regular expression.
TOKENS = st.sampled_from(
    [
        ("a", b"a"),
        ("b", b"b"),
        ("é", "é".encode()),
        ("?", b"."),
        ("*", b".*"),
        ("[ab]", b"[ab]"),
        ("[!a]", b"[^a]"),
        ("[a-é]", b"[a-\xc3\xa9]"),
        ("[]/]", b"[\\]/]"),
        ("[[:digit:]b]", b"[0-9b]"),
        ("\\*", b"\\*"),
        ("]", b"\\]"),
    ]
)


@settings(deadline=None)
@given(st.lists(TOKENS, max_size=8), st.text("aabbé/]*1", max_size=12))
def test_plain_patterns_are_regular_expressions(tokens: list[tuple[str, bytes]], value: str) -> None:
    expected = re.fullmatch(b"".join(regex for _, regex in tokens), value.encode(), re.DOTALL) is not None
    assert Glob("".join(token for token, _ in tokens)).matches(value) == expected


@settings(deadline=None)
@given(
    st.lists(TOKENS.filter(lambda token: token[0] != "*"), max_size=5),
    st.text("ab", min_size=500, max_size=1500),
    st.integers(0, 500),
    st.data(),
)
def test_a_long_value_holds_each_of_its_parts(
    tokens: list[tuple[str, bytes]], value: str, start: int, data: st.DataObject
) -> None:
    part = value[start : start + data.draw(st.integers(1, 1000))]
    assert Glob(f"*?{part}*").matches("b" + value)
    expected = re.search(b"".join(regex for _, regex in tokens), value.encode(), re.DOTALL) is not None
    assert Glob("*" + "".join(token for token, _ in tokens) + "*").matches(value) == expected


LC_ALL_MASK = 0x1FBF
LIBC, VERSION = platform.libc_ver()
only_with_glibc = pytest.mark.skipif(
    (LIBC, VERSION) != ("glibc", "2.36"),
    reason=f"the rules are those of glibc 2.36, here is {LIBC or 'no glibc'} {VERSION}",
)


@contextmanager
def fnmatch() -> Iterator[Callable[[str, str], bool]]:
    """Give the fnmatch of the C library, in the C locale for this thread alone."""
    libc = ctypes.CDLL("libc.so.6")
    libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
    libc.newlocale.argtypes = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
    libc.uselocale.argtypes = libc.freelocale.argtypes = (ctypes.c_void_p,)
    locale = libc.newlocale(LC_ALL_MASK, b"C", None)
    before = libc.uselocale(locale)
    try:
        yield (
            lambda pattern, value: (
                libc.fnmatch(pattern.encode(errors="surrogatepass"), value.encode(errors="surrogatepass"), 0) == 0
            )
        )
    finally:
        libc.uselocale(before)
        libc.freelocale(locale)


PIECES = (
    st.sampled_from("[]!^-\\*?:=.abcx/é[]-*")
    | st.sampled_from(
        ["[:", ":]", "[=", "=]", "[.", ".]", "[:alpha:]", "[:foo:]", "[:B:]", "[=a=]", "[=]=]", "[.-.]", "[.ab.]"]
    )
    | st.sampled_from(["[xa-[:alpha:]]", "[xa-[=b=]", "a-[", "[!", "[]", "[a-c]", "[[:b:]*"])
)
PATTERNS = st.lists(PIECES, max_size=9).map("".join) | st.text(
    st.characters(exclude_characters="\x00", exclude_categories=()), max_size=6
)
VALUES = st.text("[]!^-\\*?:=.abcx/é", max_size=7) | st.text(
    st.characters(exclude_characters="\x00", exclude_categories=()), max_size=3
)


@only_with_glibc
def test_the_recorded_answers_are_those_of_glibc() -> None:
    with fnmatch() as answer:
        for pattern, matching, others in ANSWERS:
            assert [value for value in matching + others if answer(pattern, value)] == matching


@only_with_glibc
@settings(deadline=None)
@given(PATTERNS, st.lists(VALUES, min_size=1, max_size=20), st.integers(0, 20))
@example("[xa-[=[=]=]", ["[xa-[=[=]=]", "x", "]"], 0)
def test_any_pattern_answers_what_glibc_does(pattern: str, values: list[str], cut: int) -> None:
    glob = Glob(pattern)
    values += [pattern, *(value + pattern[cut:] for value in values)]
    with fnmatch() as answer:
        assert [glob.matches(value) for value in values] == [answer(pattern, value) for value in values]


@only_with_glibc
@settings(deadline=None)
@given(st.lists(st.sampled_from("**??aab") | st.just("[ab]"), max_size=20), st.text("ab", max_size=600))
def test_pieces_are_taken_where_glibc_takes_them(pieces: list[str], value: str) -> None:
    pattern = "".join(pieces)
    with fnmatch() as answer:
        assert Glob(pattern).matches(value) == answer(pattern, value)


LONG = 20_000


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note each item of a set that is read."""
    seen: list[int] = []
    real = globs._item

    def item(pattern: bytes, i: int) -> tuple[int, int, int]:
        seen.append(i)
        return real(pattern, i)

    monkeypatch.setattr(globs, "_item", item)
    return seen


@pytest.mark.parametrize(
    "pattern",
    [
        "[" * LONG,
        "[" * LONG + "]",
        "[" * LONG + "[.",
        "[!" * LONG,
        "[\\" * LONG + "\\",
        "[a-" * LONG + "z",
        "[a]" * LONG,
        "[" + "a-z" * LONG + "]",
        "[[:a" * LONG,
        "[[=a=" * LONG,
        "[[:alpha:]" * LONG,
        "[+-a[.a.]" * LONG,
    ],
    ids=lambda pattern: pattern[:12],
)
def test_reading_a_pattern_is_linear(pattern: str, items: list[int]) -> None:
    Glob(pattern).matches("b")
    assert len(items) <= 2 * len(pattern)


# What a match may take, in steps: the window of the search is 256 wide, so that a piece costs some hundred steps.
@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("*a" * LONG + "*b", "a" * LONG, False),
        ("*a?" * LONG + "*b*", "a" * 4 * LONG, False),
        ("*?" * LONG, "a" * LONG, True),
        ("*[ab]" * LONG + "*c*", "ab" * LONG, False),
        ("*[ab]" * LONG, "ab" * LONG, True),
        ("*?a" * LONG + "b*", "a" * 4 * LONG, False),
        ("*[xa-[:b:]]" * 50 + "*", "x" * LONG, True),
        ("*a" * LONG + "[xa-[:b:]]", "a" * LONG, False),
    ],
    ids=lambda value: str(value)[:12],
)
def test_stars_do_not_backtrack(pattern: str, value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globs, "BUDGET", 200 * (len(pattern) + len(value)))
    assert Glob(pattern).matches(value) == expected


def test_a_long_piece_in_a_long_value_is_tried_at_many_places_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    length = 4000
    monkeypatch.setattr(globs, "BUDGET", length * length // 50)
    assert not Glob("*" + "?a" * (length // 2) + "[bc]*").matches("a" * 4 * length)
    assert Glob("*" + "?a" * (length // 2) + "[bc]*").matches("a" * 3 * length + "c")


@pytest.mark.parametrize("pattern", ["*" + "?a" * 500 + "[bc]*", "*" + "a" * 500 + "[xa-[:b:]]b"])
def test_the_budget_ends_what_takes_too_long(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Glob(pattern).matches("a" * 2000)
    monkeypatch.setattr(globs, "BUDGET", 1000)
    with pytest.raises(LimitError, match="1000 steps"):
        Glob(pattern).matches("a" * 2000)


def test_texts_of_many_kilobytes_come_to_an_end() -> None:
    size = 1 << 18
    value = "a" * (size - 1) + "b"
    assert not Glob("[" * size).matches(value)
    assert not Glob("*" + "?a" * (size // 2 - 1) + "c*").matches(value)
    assert not Glob("*a" * (size // 2 - 1) + "c").matches(value)
    assert Glob("*?a" * (size // 4) + "*").matches(value)
    assert Glob("[a-z]" * (size // 5)).matches(value[: size // 5])
