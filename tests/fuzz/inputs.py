"""What the fuzz harness feeds in: recorded expressions and documents, changed at random, and trees grown at random."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from matchmaker.language.nodes import Attribute, Chain, Comparison, Float, Integer, Negative, Node, Not, Text
from matchmaker.testing.writing import write

RECORDED = Path(__file__).parents[1] / "conformance" / "data" / "opennebula-expressions"
NAMES = ("A", "B", "CPU", "NAME", "a_9", "CURRENT_VMS", "SHARE/FREE", "A[1]", "../ID", "X Y")
PIECES = (
    *("A", "B", "CPU", '"A/B"', '"A[B=1]"', '"//A"', '""', '"', "5", "-5", "0.5", "-0.5", "007", "2147483648", "1e5"),
    *(
        "@",
        "!",
        "&",
        "|",
        "=",
        ">",
        "<",
        "(",
        ")",
        "*",
        "+",
        "/",
        "^",
        "-",
        " ",
        "\t",
        "\n",
        "@>",
        "!=",
        ">=",
        "==",
        "&&",
    ),
    *(
        "'",
        ".",
        ",",
        ";",
        "_",
        "~",
        "%",
        "#",
        "\0",
        "é",
        "\ud800",
        "\U0001f600",
        "and",
        "or",
        "not",
        "[",
        "[!",
        "\\",
        "*a",
    ),
    *("9" * 5_000, "0" * 5_000 + "7", "-" + "0" * 5_000, "0." + "0" * 5_000),
)
WORDS = ("kvm", "xen", "", "5", "-5", "3.7GB", " 7 ", "1e40", "abc", "YES", "r12", "a/b", "[a-", "é", "\\", "0x10", "-")
GLOBS = (
    "*",
    "?",
    "[a-z]",
    "[!k]",
    "[[:digit:]]",
    "[^]",
    "[",
    "\\",
    "a",
    "k",
    "5",
    "-",
    "]",
    "é",
    "[[.-.]",
    "[[=a=]]",
    "[a-",
)
NUMBERS = (0, 1, -1, 5, 400, 2**31 - 1, -(2**31), 2**31, 2**32 + 5, 2**53 + 1, 10**30, 10**400, 0.5, 1e22, float("nan"))


@cache
def recorded(name: str, field: str) -> tuple[str, ...]:
    """Return one field of all recorded vectors or documents."""
    with gzip.open(RECORDED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return tuple(json.loads(line)[field] for line in file)


class Inputs:
    """Random inputs.

    Parameters
    ----------
    seed : str
        The same seed gives the same inputs.
    """

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.one_of = self.random.choice

    def text(self) -> str:
        """Return an expression, or something like one."""
        kind = self.random.random()
        if kind < 0.4:
            return self.mutated(self.one_of(recorded("vectors", "expr")))
        if kind < 0.8:
            written = self.written()
            return written if kind < 0.6 else self.mutated(written)
        if kind < 0.95:
            return "".join(self.one_of(PIECES) for _ in range(self.random.randint(0, 20)))
        return self.repeated(self.one_of(recorded("vectors", "expr")))

    def written(self) -> str:
        """Return an expression that is in the language."""
        return write(self.tree(self.random.randint(0, 5), self.random.random() < 0.6), self.random.getrandbits(16))

    def mutated(self, text: str) -> str:
        """Return a text with pieces taken out, put in or put elsewhere."""
        for _ in range(self.random.randint(1, 4)):
            start, end = sorted(self.random.randint(0, len(text)) for _ in range(2))
            end = min(end, start + self.random.randint(0, 10))
            other = self.random.randint(0, len(text))
            piece = self.one_of((self.one_of(PIECES), chr(self.random.randrange(0x300)), text[other : other + 10]))
            text = self.one_of(
                (text[:start] + text[end:], text[:start] + piece + text[end:], text[:start] + piece + text[start:])
            )
        return text

    def repeated(self, text: str) -> str:
        """Return a text that is long, or nested deeply."""
        times = self.random.choice((10, 100, 1_000, 12_000))
        joint = self.one_of((" & ", "|", " + ", "*", " - ", " "))
        return self.one_of(
            (
                joint.join([text] * min(times, 20_000 // (len(text) + 1))),
                "(" * times + text + ")" * times,
                "!" * times + text,
                "- " * times + text,
                self.one_of(PIECES) * times + text,
                f"{text}{joint}(" * min(times, 50_000 // (len(text) + 1)) + text,
                'A = "' + self.one_of(GLOBS) * times + self.one_of(GLOBS) + '"',
            )
        )

    def tree(self, depth: int, requirement: bool) -> Node:
        """Return a tree; `Chain`, `Not` and `Negative` are combined as the parser does."""
        shape = self.random.random() if depth else 0
        if shape < 0.3:
            return self.comparison() if requirement else self.operand()
        operand = self.tree(depth - 1, requirement)
        if shape < 0.5:
            kind = Not if requirement else Negative
            return operand.operand if isinstance(operand, Not | Negative) else kind(operand)
        operators = "&|" if requirement else self.one_of(("+-", "*/"))
        rest = [(self.one_of(operators), self.tree(depth - 1, requirement)) for _ in range(self.random.randint(1, 4))]
        if isinstance(operand, Chain) and operand.rest[0][0] in operators:
            return Chain(operand.first, (*operand.rest, *rest))
        return Chain(operand, tuple(rest))

    def comparison(self) -> Node:
        literal = self.literal()
        operator = self.one_of(("=", "!=", "@>") if isinstance(literal, Text) else ("=", "!=", "@>", ">", "<"))
        return Comparison(Attribute(self.one_of(NAMES)), operator, literal)

    def literal(self) -> Integer | Float | Text:
        if self.random.random() < 0.4:
            return Text(self.one_of(WORDS) if self.random.random() < 0.5 else self.glob())
        return self.number()

    def number(self) -> Integer | Float:
        if self.random.random() < 0.7:
            return Integer(self.one_of((0, 1, -1, 5, 400, 2**31 - 1, -(2**31), self.random.randrange(-(2**31), 2**31))))
        return Float(self.one_of((0.0, 0.5, -1.5, 5.0, 16777216.0, 2.0**-149, 2.0**127, float("inf"))))

    def operand(self) -> Node:
        return Attribute(self.one_of(NAMES)) if self.random.random() < 0.6 else self.number()

    def glob(self) -> str:
        return "".join(self.one_of(GLOBS) for _ in range(self.random.randint(0, 8)))

    def candidate(self) -> dict[str, Any]:
        """Return a plain candidate, most of whose values are supported."""
        keys = (*NAMES, "SHARE", "X", 5, None)
        return {self.one_of(keys): self.value(3) for _ in range(self.random.randint(0, 8))}  # type: ignore[misc]

    def value(self, depth: int) -> Any:
        kind = self.random.random()
        if kind < 0.35:
            return self.one_of(WORDS)
        if kind < 0.7:
            return self.one_of(NUMBERS)
        if kind < 0.8:
            return self.one_of((None, True, False))
        if kind < 0.95 and depth:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 3))]
        return {"FREE": self.value(depth - 1)} if depth else self.one_of((object(), b"5", (1,), 1j))

    def document(self) -> bytes:
        """Return a document, often broken."""
        text = self.one_of(recorded("documents", "xml"))
        encoded = text.encode("utf-8")
        if self.random.random() < 0.4:
            return encoded
        for _ in range(self.random.randint(1, 5)):
            place = self.random.randint(0, len(encoded))
            end = min(len(encoded), place + self.random.randint(0, 20))
            piece = self.one_of(
                (b"<A>5</A>", b"<", b">", b"&", b"&lt;", b"\0", b"\xff", b"<!--", b"]]>", b"<![CDATA[5]]>", b"<A/>")
            )
            encoded = self.one_of((encoded[:place] + encoded[end:], encoded[:place] + piece + encoded[place:]))
        if self.random.random() < 0.1:
            encoded = (
                self.one_of(
                    (b'<!DOCTYPE x [<!ENTITY e "5">]>', b"<?xml version='1.0' encoding='utf-16'?>", b"\xef\xbb\xbf")
                )
                + encoded
            )
        return encoded
