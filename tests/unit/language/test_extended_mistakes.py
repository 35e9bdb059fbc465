"""Mistakes in texts of the extended dialect are recognised: their code, the characters they are about, and what to write."""

from __future__ import annotations

import pickle
import re

import pytest

from matchmaker import ExpressionError, Limits, Rank, RankError, Requirement
from matchmaker.diagnostics import Diagnostic, render_all
from matchmaker.language.dialects import dialect_named
from matchmaker.language.read import read
from matchmaker.limits import DEFAULT_LIMITS
from matchmaker.source import Source


def diagnostics(text: str, expression: str = "requirement", limits: Limits = DEFAULT_LIMITS) -> tuple[Diagnostic, ...]:
    """Return what reading a text says about it."""
    try:
        return read(text, dialect_named("extended"), expression, limits, expression)[1]
    except ExpressionError as error:
        return error.diagnostics


# What is wrong, the code, the characters that are marked, and the hints.
REQUIREMENTS = [
    ("A ~ 5", "MM103", "~", ['`=` and `!=` take patterns, such as `"node*"`, but no regular expressions']),
    ('A =~ "x"', "MM103", "=~", ['`=` and `!=` take patterns, such as `"node*"`, but no regular expressions']),
    ('A !~ "x"', "MM103", "!~", ["`!=` takes patterns, but no regular expressions"]),
    ("~A", "MM103", "~", ["write `!`"]),
    ("A = 'kvm'", "MM121", "'kvm'", ['write `A = "kvm"`']),
    ("A = 'kvm", "MM121", "'", ["texts stand in double quotes"]),
    ("A = don't", "MM121", "'", ["texts stand in double quotes"]),
    ("A = “two words”", "MM121", "“two words”", ['write `A = "two words"`']),
    ('A = "two words', "MM121", '"', ['write `"two words"`']),
    ('A = "x & B = "y"', "MM121", '"x & B = "', []),
    ("A ; B", "MM126", ";", ["write `&` where both must hold, `|` where one must"]),
    ("A = {1}", "MM126", "{", ["group with `(` and `)`"]),
    ("A ≥ 5", "MM103", "≥", ["write `>=`"]),
    ("A = 1 ∧ B = 2", "MM103", "∧", ["write `&`"]),
    ("A ^ 2 > 1", "MM103", "^", ["write `A * A`"]),
    ("A % 2 = 0", "MM103", "%", ["there is no remainder; in patterns `*` stands for any text"]),
    ("A > 5%", "MM120", "%", []),
    ("A @ 5", "MM103", "@", ["write `@>`, with nothing between the two"]),
    ("A.B = 1", "MM106", "A.B", ['a path stands in quotes, with slashes: `"A/B"`']),
    (
        'TEMPLATE.GPU.NAME = "x"',
        "MM106",
        "TEMPLATE.GPU.NAME",
        ['a path stands in quotes, with slashes: `"TEMPLATE/GPU/NAME"`'],
    ),
    ("größe = 5", "MM106", "größe", ['a name with other characters stands in quotes: `"größe"`']),
    ("_A = 1", "MM106", "_A", ['a name with other characters stands in quotes: `"_A"`']),
    ("$A = 1", "MM106", "$A", ["a name stands for itself: `A`"]),
    ("A = 1_000", "MM120", "1_000", ["write `1000`"]),
    ("A = 5.", "MM120", "5.", ["write `5`"]),
    ("A = 1.2.3", "MM121", "1.2.3", ['write `A = "1.2.3"`']),
    ("IP = 10.0.0.1", "MM121", "10.0.0.1", ['write `IP = "10.0.0.1"`']),
    ("A = 1,000", "MM120", "1,000", ["write `1000`"]),
    ("A = 4G", "MM120", "4G", ["write it in the attribute's own unit: `4194304` KiB or `4096` MiB"]),
    ("A > 4 GB", "MM120", "4 GB", ["write it in the attribute's own unit: `4194304` KiB or `4096` MiB"]),
    ("A = 0x10", "MM120", "0x10", ["write `16`"]),
    ("9A = 1", "MM106", "9A", ['a text or a name that begins with a digit stands in quotes: `"9A"`']),
    (
        "REQUEST. MEMORY > 1",
        "MM106",
        "REQUEST.",
        ["the request's attributes are written as `REQUEST.MEMORY`, without blanks"],
    ),
    (
        "REQUEST .MEMORY > 1",
        "MM106",
        "REQUEST .",
        ["the request's attributes are written as `REQUEST.MEMORY`, without blanks"],
    ),
    (
        "request.MEMORY > 1",
        "MM106",
        "request.",
        ["the request's attributes are written as `REQUEST.MEMORY`, without blanks"],
    ),
    (
        'REQUEST."A" > 1',
        "MM106",
        "REQUEST.",
        ["the request's attributes are written as `REQUEST.MEMORY`, without blanks"],
    ),
    ("A <> 5", "MM103", "<>", ["write `A != 5`"]),
    ("A === 5", "MM103", "===", ["write `A = 5`"]),
    ("A !== 5", "MM103", "!==", ["write `A != 5`"]),
    ("A => 5", "MM103", "=>", ["write `A >= 5`"]),
    ("A =< 5", "MM103", "=<", ["write `A <= 5`"]),
    ("A =! 5", "MM103", "=!", ["write `A != 5`"]),
    ("A ! = 5", "MM103", "! =", ["write `A != 5`"]),
    ("A > = 5", "MM103", "> =", ["write `A >= 5`"]),
    ("A = = 5", "MM103", "= =", ["write `A = 5`"]),
    ("A !> 5", "MM103", "!>", ["write `!(A > 5)`"]),
    ("A ** 2 > 1", "MM103", "**", ["there are no powers"]),
    ("A // B > 1", "MM103", "//", ["write `/`", "a comment begins with `#`"]),
    ("A = 1 // here", "MM103", "//", ["write `/`", "a comment begins with `#`"]),
    ("A = 1 /* x */", "MM122", "/*", ["write `# ...`, up to the end of the line"]),
    ("A ?? B", "MM103", "??", ["for a value where one is missing, write `default(A, B)`"]),
    ("A ?: B", "MM103", "?:", ["for a value where one is missing, write `default(A, B)`"]),
    ("A = 1 & & B = 2", "MM103", "& &", ["write `&`"]),
    ("A := 5", "MM103", ":=", ["write `A = 5`"]),
    ("A not in [1, 2]", "MM104", "not in", ["write `!(A in [1, 2])`"]),
    ("A !in [1]", "MM104", "!in", ["write `!(A in [1])`"]),
    ("A NOT IN (1, 2)", "MM104", "NOT IN", ["write `!(A in [1, 2])`"]),
    ("A in (1, 2)", "MM130", "(", ["write `A in [1, 2]`"]),
    ("A in 5", "MM130", "5", ["write `A in [5]`"]),
    ("A in", "MM130", "", ["write `A in [...]`"]),
    ("A in []", "MM130", "[]", []),
    ("A IN [1]", "MM104", "IN", ["write `in`"]),
    ("A = x AND B = y", "MM104", "AND", ["write `and`"]),
    ("NOT A = 1", "MM104", "NOT", ["write `not`"]),
    ("A = 1 & NOT (B = 2)", "MM104", "NOT", ["write `not`"]),
    ("A = x adn B = y", "MM104", "adn", ["if it is meant as `and`: write `and`"]),
    ("A is null", "MM104", "is", ["write `!exists(A)`"]),
    ("A is not null", "MM104", "is", ["write `exists(A)`"]),
    ("A is 5", "MM104", "is", ["write `A = 5`"]),
    ('A like "x%"', "MM104", "like", ['write `A = "x*"`']),
    ("A between 1 and 5", "MM104", "between", ["write `A >= 1 & A <= 5`"]),
    ("A ge 5", "MM104", "ge", ["write `A >= 5`"]),
    ('A contains "x"', "MM104", "contains", ['write `A @> "x"`']),
    ("A mod 2 = 1", "MM104", "mod", ["there is no remainder"]),
    ("if A = 1 then 5 else 6", "MM104", "if", ["a choice is written `A ? B : C`"]),
    ("()", "MM110", "()", ["leave them out, or fill them"]),
    ("A = 1 & ()", "MM110", "()", ["leave them out, or fill them"]),
    ("(A = 1", "MM110", "(", ["add a `)` where its part ends"]),
    ("A in [1", "MM110", "[", ["add a `]` where its part ends"]),
    ("A in [1)", "MM110", ")", []),
    ("(A in [1)", "MM110", ")", []),
    ("A = 1)", "MM110", ")", ["leave it out, or add a `(` before it"]),
    ("A = 1]", "MM110", "]", ["leave it out, or add a `[` before it"]),
    (")", "MM110", ")", ["leave it out, or add a `(` before it"]),
    ("(", "MM102", "", []),
    ("[", "MM130", "[", []),
    ("A ? B", "MM129", "?", ["a choice is written `A ? B : C`"]),
    ("(A ? B)", "MM129", "?", ["a choice is written `A ? B : C`"]),
    ("A : B", "MM129", ":", ["a choice is written `A ? B : C`"]),
    ("A = a:b", "MM121", "a:b", ['write `A = "a:b"`']),
    ("A ? : B", "MM102", ":", []),
    ("A = ?", "MM121", "?", ['write `A = "?"`']),
    ("A = *", "MM121", "*", ['write `A = "*"`']),
    ("A = k*", "MM102", "", ['a pattern stands in quotes: `A = "k*"`']),
    ("A = kvm*", "MM102", "", ['a pattern stands in quotes: `A = "kvm*"`']),
    ("A = [1, 2]", "MM125", "[", ["write `A in [1, 2]`"]),
    ("A != [1, 2]", "MM125", "[", ["write `!(A in [1, 2])`"]),
    ("A[1] = 5", "MM106", "A[1]", ['a path stands in quotes: `"A[1]"`']),
    ("A[B=1]/C = 5", "MM106", "A[B=1]/C", ['a path stands in quotes: `"A[B=1]/C"`']),
    ("[1]", "MM130", "[", []),
    ("A = 1, B = 2", "MM123", ",", ["write `&` where both must hold, `|` where one must"]),
    ("A = x, y", "MM125", "y", ["write `A in [x, y]`"]),
    ("1 < A < 5", "MM124", "<", ["write `1 < A & A < 5`"]),
    ("A = 1 = 2", "MM124", "=", ["write `A = 1 & A = 2`"]),
    ("A in [1] = 1", "MM124", "=", ["join two comparisons with `&`"]),
    ("1 < A + 1 < 5", "MM124", "<", ["join two comparisons with `&`"]),
    ("A =", "MM102", "", ["to ask only whether it is there: `exists(A)`"]),
    ("A = & B = 1", "MM102", "&", ["to ask only whether it is there: `exists(A)`"]),
    ("A = 1 &", "MM102", "", []),
    ("A +", "MM102", "", []),
    ("min(A,)", "MM102", ")", []),
    ("min(,A)", "MM119", ",", []),
    ("min(A B)", "MM123", "B", ["write `&` where both must hold, `|` where one must"]),
    ("= 5", "MM119", "=", []),
    ("& A = 1", "MM119", "&", []),
    ("A = 1 & | B = 2", "MM119", "|", ["leave one of them out"]),
    ("+5 = A", "MM119", "+", ["leave the `+` out"]),
    ("and = 5", "MM119", "and", ['an attribute of this name stands in quotes: `"and"`']),
    ("A = in", "MM119", "in", ['a text stands in quotes: `"in"`']),
    ("A = !B", "MM101", "!", ["a condition stands in parentheses here: `(!...)`"]),
    ("-!A", "MM101", "!", ["a condition stands in parentheses here: `(!...)`"]),
    ('A "x"', "MM123", '"x"', ['write `A = "x"`']),
    ("A 5", "MM123", "5", ["write `A = 5`"]),
    ("A B", "MM123", "B", ["write `&` where both must hold, `|` where one must"]),
    ("A = 1 B = 2", "MM123", "B", ["write `&` where both must hold, `|` where one must"]),
    ("A = 1\nB = 2", "MM123", "B", ["lines do not join: write `&` where both must hold, `|` where one must"]),
    (
        "NAME = my host",
        "MM123",
        "host",
        ['a text stands in quotes: `NAME = "my host"`', "write `&` where both must hold, `|` where one must"],
    ),
    ("A = 1 (B = 2)", "MM123", "(", ["write `&` where both must hold, `|` where one must"]),
    ("A(B = 1)", "MM118", "A", ["the functions are `exists`, `default`, `min`, `max`, `abs` and `round`"]),
    ("A = 1 !B = 2", "MM123", "!", ["write `&` where both must hold, `|` where one must"]),
    ("TRUE", "MM107", "TRUE", ["an empty requirement is always true"]),
    ("A & B", "MM107", "A", ["to ask whether it is there: `exists(A)`"]),
    ("5", "MM107", "5", ["compare an attribute with it, as in `FREE_CPU > 5`"]),
    ("A + 1", "MM107", "A + 1", ["compare it, as in `A + 1 > 0`"]),
    ("A ? 1 : 2", "MM107", "A", ["to ask whether it is there: `exists(A)`"]),
    ("A ? B = 1 : 2", "MM107", "A", ["to ask whether it is there: `exists(A)`"]),
    ("sum(A) = 1", "MM118", "sum", ["the functions are `exists`, `default`, `min`, `max`, `abs` and `round`"]),
    (
        "Max(A, B) = 1",
        "MM118",
        "Max",
        ["did you mean `max`?", "the functions are `exists`, `default`, `min`, `max`, `abs` and `round`"],
    ),
    ("default(A) = 1", "MM127", "default(A)", []),
    ("exists(A + 1)", "MM127", "A + 1", []),
    ('exists("A/B") & "" = 5', "MM108", '""', ["write the attribute's name"]),
    ("A = 1\xa0", "MM126", "\xa0", ["only blanks, tabs and line ends separate words"]),
    ('A < "5"', "MM112", '"5"', ["numbers stand without quotes: `A < 5`"]),
    (
        'A < "x"',
        "MM112",
        '"x"',
        ["texts have no order; `=`, `!=`, `==` and `@>` take them", 'an attribute stands in parentheses here: `("x")`'],
    ),
    (
        '5 < "A/B"',
        "MM112",
        '"A/B"',
        [
            "texts have no order; `=`, `!=`, `==` and `@>` take them",
            'an attribute stands in parentheses here: `("A/B")`',
        ],
    ),
    ('A + 1 = "x"', "MM112", '"x"', ['an attribute stands in parentheses here: `("x")`']),
    ('A in [1, "x"] | A + 1 in ["x"]', "MM112", '"x"', ['an attribute stands in parentheses here: `("x")`']),
    ('REQUEST.Q @> "x"', "MM131", "REQUEST.Q", []),
    ("5 @> A", "MM131", "5", []),
    ("A @> B", "MM131", "B", []),
    ("A = 1e999 | A = -1e999", "MM128", "1e999", ["numbers end at `1.7976931348623157e308`"]),
    ("A & & B", "MM103", "& &", ["write `&`"]),
    ('A = "x" "y"', "MM123", '"y"', ["write `&` where both must hold, `|` where one must"]),
    ("A = 1;", "MM126", ";", ["write `&` where both must hold, `|` where one must"]),
    ("!", "MM102", "", []),
    ("-", "MM102", "", []),
    ("A = 1 ? 2", "MM129", "?", ["a choice is written `A ? B : C`"]),
]
RANKS = [
    ("5 if A = 1 else 6", "MM104", "if", ["a choice is written `A ? B : C`"]),
    ("A + ", "MM102", "", []),
    ("+5", "MM119", "+", ["leave the `+` out"]),
    ("A *", "MM102", "", []),
]


RENDERED = [
    (
        "requirement",
        "CLUSTER_ID not in [100, 101]",
        """\
error[MM104]: `not in` is not an operator
 --> requirement:1:12
  |
1 | CLUSTER_ID not in [100, 101]
  |            ^^^^^^
  = hint: write `!(CLUSTER_ID in [100, 101])`""",
    ),
    (
        "requirement",
        "(FREE_CPU + 1) * 2 & HYPERVISOR = kvm",
        """\
error[MM107]: `(FREE_CPU + 1) * 2` is a number, not a condition
 --> requirement:1:1
  |
1 | (FREE_CPU + 1) * 2 & HYPERVISOR = kvm
  | ^^^^^^^^^^^^^^^^^^ expected a condition
  = hint: compare it, as in `(FREE_CPU + 1) * 2 > 0`""",
    ),
    (
        "requirement",
        "FREE_CPU > 50 # half a core\n& HYPERVISOR = 'kvm'",
        """\
error[MM121]: `'` quotes nothing; only double quotes do
 --> requirement:2:16
  |
2 | & HYPERVISOR = 'kvm'
  |                ^^^^^
  = hint: write `HYPERVISOR = "kvm"`""",
    ),
    (
        "requirement",
        'USED_CPU < "HOST_SHARE/MAX_CPU"',
        """\
error[MM112]: `<` compares numbers only
 --> requirement:1:12
  |
1 | USED_CPU < "HOST_SHARE/MAX_CPU"
  |            ^^^^^^^^^^^^^^^^^^^^ expected a number
  = hint: texts have no order; `=`, `!=`, `==` and `@>` take them
  = hint: an attribute stands in parentheses here: `("HOST_SHARE/MAX_CPU")`""",
    ),
    (
        "rank",
        "maximum(FREE_CPU, 50)",
        """\
error[MM118]: there is no function `maximum`
 --> rank:1:1
  |
1 | maximum(FREE_CPU, 50)
  | ^^^^^^^
  = hint: did you mean `max`?
  = hint: the functions are `exists`, `default`, `min`, `max`, `abs` and `round`""",
    ),
    (
        "rank",
        'QOS = "gold" ? 100 : FREE_CPU +',
        """\
error[MM102]: `+` has nothing on its right side
 --> rank:1:32
  |
1 | QOS = "gold" ? 100 : FREE_CPU +
  |                                ^ expected an attribute, a number, `-` or `(`""",
    ),
]


@pytest.mark.parametrize(("text", "code", "marked", "hints"), REQUIREMENTS)
def test_mistake_in_a_requirement(text: str, code: str, marked: str, hints: list[str]) -> None:
    found = diagnostics(text)[0]
    assert (found.code, text[slice(*found.span)], list(found.hints)) == (code, marked, hints)
    assert found.severity == "error"


@pytest.mark.parametrize(("text", "code", "marked", "hints"), RANKS)
def test_mistake_in_a_rank(text: str, code: str, marked: str, hints: list[str]) -> None:
    found = diagnostics(text, "rank")[0]
    assert (found.code, text[slice(*found.span)], list(found.hints)) == (code, marked, hints)


@pytest.mark.parametrize(("expression", "text", "rendered"), RENDERED)
def test_rendered(expression: str, text: str, rendered: str) -> None:
    assert render_all(diagnostics(text, expression), Source(text, expression)) == rendered


def test_what_hints_say_to_write_is_valid() -> None:
    for text, *_ in REQUIREMENTS:
        for hint in diagnostics(text)[0].hints:
            for written in re.findall("(?:write|quotes:|there:) `([^`]*)`", hint):
                if re.search("[A-Za-z(] ?[=<>!@*]|in \\[|exists", written) and "..." not in written:
                    assert diagnostics(written, "rank") == (), hint


def test_all_that_has_no_meaning_is_told_in_text_order() -> None:
    text = 'A & (B | exists(5)) & !C & (D = 1 ? E : F < "x") & foo(G) & 1e999 > H'
    found = diagnostics(text)
    assert [text[slice(*each.span)] for each in found] == ["A", "B", "5", "C", "E", '"x"', "foo", "1e999"]
    assert [each.code for each in found] == [*("MM107", "MM107", "MM127", "MM107", "MM107", "MM112", "MM118", "MM128")]


@pytest.mark.parametrize(
    "text", ["(A = 1) * 2 > B", "-(A = 1) < 0", "min(A = 1, !(B = 2)) = 1", "(A = 1) in [0, (B = 2)]", "A ? 1 : 2 = 1"]
)
def test_conditions_stand_for_numbers(text: str) -> None:
    assert (diagnostics(text) == ()) == ("?" not in text)


@pytest.mark.parametrize(
    "text", ["5", "A", "A + 1", "- (A = 1)", "REQUEST.A", "default(A, 0)", "A = 1 ? 1 : B = 2", "(A = 1) * 1"]
)
def test_a_number_is_a_rank_but_no_requirement(text: str) -> None:
    assert diagnostics(text, "rank") == ()
    assert {each.code for each in diagnostics(text)} == {"MM107"}


@pytest.mark.parametrize(
    "text", ["", "A = 1", "!A = 1", "exists(A)", "A in [1]", "A = 1 ? B = 1 : C = 1", "A < B", "1 < 2"]
)
def test_conditions_are_requirements_and_ranks(text: str) -> None:
    assert diagnostics(text) == diagnostics(text, "rank") == ()


@pytest.mark.parametrize("text", ["A = 1\0", "\0", 'A = "x\0"', '"\0" = 1', "A = 1 # \0", "A \0 B"])
def test_a_nul_is_refused_wherever_it_stands(text: str) -> None:
    (found,) = diagnostics(text)
    assert (found.code, text[slice(*found.span)]) == ("MM126", "\0")


PLACES = [
    '{} = 1', '{} in [1]', 'A = ({})', 'A < ( {} )', 'A = {} + 1', 'A = -{}', 'A in [({})]', 'A in [{} * 2]', 'min({}, 1) = 1',
    'exists({})', 'A = 1 ? {} = 1 : B = 1', 'A = (A = 1 ? {} : 2)', 'A = (A = 1 ? 2 : {})', '{} @> 1', '1 = ({})', '1 + {} = {}+1',
    '!{} = "="', 'A = {}/ 2', 'A="x" & {}="y"',
]  # fmt: skip
DANGEROUS = ('"//*[A]//*"', '"A[B[C=1]=2]"', '"' + "A" * 257 + '"', '"following::*"', '"A[//B]"')


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", DANGEROUS)
def test_no_place_lets_a_dangerous_path_through(place: str, name: str) -> None:
    text = place.replace("{}", name)
    found = diagnostics(text)
    assert {each.code for each in found} == {"MM109"}
    assert {text[slice(*each.span)] for each in found} == {name}


@pytest.mark.parametrize("place", PLACES)
def test_no_place_lets_an_empty_name_through(place: str) -> None:
    assert {each.code for each in diagnostics(place.replace("{}", '""'))} == {"MM108"}


@pytest.mark.parametrize(
    "text", ['A = "//a//b"', 'A in ["//a//b", ""]', 'A != ""', 'A @> "//a//b"', 'REQUEST.A == "//a//b"']
)
def test_texts_are_no_paths(text: str) -> None:
    assert diagnostics(text) == ()


def test_a_wrong_rank_has_no_partial_one() -> None:
    for text in ("FREE_CPU )", "", "FREE_CPU foo", "sum(A)", "1e999"):
        if text:
            with pytest.raises(RankError) as caught:
                Rank(text, dialect="extended")
            assert caught.value.partial is None
            assert "OpenNebula" not in str(caught.value)
            assert caught.value.dialect == "extended"
    with pytest.raises(RankError, match="note: OpenNebula ranks by `FREE_CPU` all the same"):
        Rank("FREE_CPU )")


def test_an_error_of_a_rank_is_pickled_with_its_dialect() -> None:
    with pytest.raises(RankError) as caught:
        Rank("FREE_CPU )", dialect="extended")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.diagnostics, again.dialect) == (str(caught.value), caught.value.diagnostics, "extended")


def test_of_very_many_errors_the_first_are_told() -> None:
    found = diagnostics(" & ".join(f"A{number}" for number in range(1_000)))
    assert [each.span.start for each in found][:3] == [0, 5, 10]
    assert len(found) == 100


def test_too_deep() -> None:
    text = "A = 1 & (" * 120 + "A = 1" + ")" * 120
    (found,) = diagnostics(text)
    assert (found.code, found.span.start, found.message) == (
        "MM113",
        882,
        "the expression has more than 100 levels here",
    )
    assert diagnostics("(" * 120 + "A = 1" + ")" * 120) == ()
    (found,) = diagnostics("((A = 1))", limits=Limits(depth=3))
    assert (found.code, found.span) == ("MM113", (4, 5))


def test_length_and_parts_are_limited() -> None:
    assert diagnostics("A = 1", limits=Limits(length=4))[0].code == "MM113"
    assert diagnostics("A = 1 & B = 2", limits=Limits(nodes=6))[0].code == "MM113"
    assert diagnostics("A = 1 & B = 2", limits=Limits(nodes=7)) == ()


@pytest.mark.parametrize("filler", ["B = 1 & ", "(B = 1) & ", 'B = "x & (y" & ', "min(B, 2) < 1 |", "!(B=-1)& # '(\n"])
def test_long_texts_before_an_error_do_not_change_it(filler: str) -> None:
    near = diagnostics("A > = 5")[0]
    text = filler * (3_000 // len(filler)) + "A > = 5"
    found = diagnostics(text)[0]
    assert (found.code, found.hints, text[slice(*found.span)]) == (near.code, near.hints, "> =")


def test_an_error_holds_nothing_of_the_parser() -> None:
    with pytest.raises(ExpressionError) as caught:
        Requirement("A ! 1", dialect="extended")
    error: BaseException | None = caught.value
    while error is not None:
        assert type(error).__module__.startswith("matchmaker.")
        assert error.__cause__ is None
        error = error.__context__
