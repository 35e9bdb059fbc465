"""The grammar files, wherever they lie, and the tokens."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from lark import Lark

from matchmaker import ExpressionError, Requirement
from matchmaker.language.dialects import dialect_named
from matchmaker.language.grammar import ExpressionLexer, folder, parser
from matchmaker.language.lexemes import Reading, Unparsable

NAMES = "NAME, STRING, FLOAT, INTEGER, AT, BANG, AND, OR, EQUAL, GREATER, LESS, OPEN, CLOSE, TIMES, PLUS, DIVIDE, POWER, MINUS"


@cache
def all_tokens() -> Lark:
    """Return a parser that takes any tokens in any order."""
    text = f"start: ({NAMES.replace(', ', '|')})*\n%import .lexical ({NAMES}, BLANK, SKIPPED)\n%ignore BLANK\n%ignore SKIPPED"
    path = str(folder() / "any.lark")
    return Lark(text, source_path=path, parser="lalr", lexer=ExpressionLexer, keep_all_tokens=True)


def read(text: str, depth: int = 10**9) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the tokens of a text, and where it skipped characters."""
    reading: Any = Reading(text, depth)
    tokens = all_tokens().parse(reading).children
    assert all(text[token.start_pos : token.end_pos] == token.value for token in tokens)
    return [f"{token.type} {token.value}" for token in tokens], reading.skipped


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A-1", ["NAME A", "INTEGER -1"]),
        ("A- 1", ["NAME A", "MINUS -", "INTEGER 1"]),
        ("2--1", ["INTEGER 2", "MINUS -", "INTEGER -1"]),
        ("1.5", ["FLOAT 1.5"]),
        ("1.", ["INTEGER 1"]),
        (".5", ["INTEGER 5"]),
        ("1.5.2", ["FLOAT 1.5", "INTEGER 2"]),
        ("-1.5e3", ["FLOAT -1.5", "NAME e3"]),
        ("Ab_9", ["NAME Ab_9"]),
        ("9a", ["INTEGER 9", "NAME a"]),
        ("_a", ["NAME a"]),
        ('"a\n" "', ['STRING "a\n"']),
        ('""', ['STRING ""']),
        ("aéb", ["NAME a", "NAME b"]),
        ("\u0665\uff15", []),
        ("@>!=", ["AT @", "GREATER >", "BANG !", "EQUAL ="]),
        ("&|<()", ["AND &", "OR |", "LESS <", "OPEN (", "CLOSE )"]),
        ("*+/^-", ["TIMES *", "PLUS +", "DIVIDE /", "POWER ^", "MINUS -"]),
        (" \t\n\r\v", []),
    ],
)
def test_the_longest_match_wins(text: str, tokens: list[str]) -> None:
    assert read(text)[0] == tokens


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        ("A \t B", []),
        ("A\n\nB", [(1, 3)]),
        ("A; ;B", [(1, 2), (3, 4)]),
        ('A "', [(2, 3)]),
        ("'kvm'", [(0, 1), (4, 5)]),
        ("\ud800\U0001f600A", [(0, 2)]),
        ('";"', []),
    ],
)
def test_what_is_skipped(text: str, skipped: list[tuple[int, int]]) -> None:
    assert read(text)[1] == skipped


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A-1", ["NAME A", "MINUS -", "NUMBER 1"]),
        ("2--.5e1", ["NUMBER 2", "MINUS -", "MINUS -", "NUMBER .5e1"]),
        ("1.", ["NUMBER 1", "UNKNOWN ."]),
        ("1e+x", ["NUMBER 1", "NAME e", "PLUS +", "NAME x"]),
        ("1.5e-3e5", ["NUMBER 1.5e-3", "NAME e5"]),
        ("android and and1", ["NAME android", "AND and", "NAME and1"]),
        ("&&&|||", ["AND &&", "AND &", "OR ||", "OR |"]),
        ("!!=not", ["BANG !", "COMPARATOR !=", "BANG not"]),
        (
            "===<=>>=@>@",
            [
                "COMPARATOR ==",
                "COMPARATOR =",
                "COMPARATOR <=",
                "COMPARATOR >",
                "COMPARATOR >=",
                "COMPARATOR @>",
                "UNKNOWN @",
            ],
        ),
        (
            "REQUEST.A REQUEST .REQUEST.1",
            ["REQUEST REQUEST.A", "NAME REQUEST", "UNKNOWN .", "NAME REQUEST", "NUMBER .1"],
        ),
        ("in[int]?:,", ["IN in", "OPEN_LIST [", "NAME int", "CLOSE_LIST ]", "QUESTION ?", "COLON :", "COMMA ,"]),
        ('"#"#"\n"\n"', ['STRING "#"', 'STRING "\n"']),
        ('A"', ["NAME A", 'UNKNOWN "']),
        ("A\r\n\t\vé", ["NAME A", "UNKNOWN \v", "UNKNOWN é"]),
    ],
)
def test_tokens_of_the_extended_dialect(text: str, tokens: list[str]) -> None:
    reading = Reading(text, 0)
    lexemes = list(parser(dialect_named("extended"), "rank").lexemes(reading))
    assert [f"{lexeme.type} {lexeme.value}" for lexeme in lexemes] == tokens
    assert all(text[lexeme.start_pos : lexeme.end_pos] == lexeme.value for lexeme in lexemes)
    assert reading.skipped == []


def test_the_parsers_stack_is_watched() -> None:
    with pytest.raises(Unparsable) as caught:
        parser(dialect_named("opennebula"), "requirement")(Reading("((A = 5))", 4))
    assert (caught.value.token.type, caught.value.token.start_pos) == ("INTEGER", 6)
    assert not caught.value.expected


def test_the_files_are_found() -> None:
    files = {"lexical.lark", "requirement.lark", "rank.lark", "extended.lark"}
    assert {path.name for path in folder().iterdir()} >= files


def test_a_parser_is_made_once() -> None:
    dialect = dialect_named("opennebula")
    assert parser(dialect, "rank") is parser(dialect, "rank")
    assert parser(dialect, "rank") is not parser(dialect, "requirement")


@pytest.mark.parametrize("name", ["requirement", "rank"])
def test_each_token_of_the_language_is_known_to_both_expressions(name: str) -> None:
    """A token that no rule uses is an error, not a skipped character."""
    for text in ("^", "5 ^ 5", "A ^"):
        with pytest.raises(Unparsable) as caught:
            parser(dialect_named("opennebula"), name)(Reading(text, 9_998))
        assert text[caught.value.token.start_pos] in "^5A"
        assert not caught.value.skipped


def test_an_error_holds_nothing_of_the_parser() -> None:
    """Some programs pickle errors with all that led to them; distributed does so for the whole process."""
    with pytest.raises(ExpressionError) as caught:
        Requirement("A >= 1")
    error: BaseException | None = caught.value
    while error is not None:
        assert type(error).__module__.startswith("matchmaker.")
        assert error.__cause__ is None
        error = error.__context__
