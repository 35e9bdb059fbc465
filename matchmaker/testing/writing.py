"""Trees written as people may write them: any of the texts that mean a tree, not only the canonical one."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.language.nodes import Attribute, Chain, Comparison, Float, Integer, Negative, Node, Not, Text
from matchmaker.language.printer import print_tree

_BLANKS = ("", " ", "  ", "\t")
_SKIPPED = ("\n", ";", "$", "'", "é", ".")
_MOST_DIGITS = 19
"""Integer literals saturate at 64 bits; more digits than this always do."""


def write(tree: Node, style: int) -> str:
    """Return a text that means a tree.

    Parameters
    ----------
    tree : Node
        What to write; not too deep to recurse on.
    style : int
        0 is the canonical print; any other number is one of the other ways: with more or fewer blanks, characters that are
        skipped, more parentheses, double negations, split operators, names in quotes, texts without, other forms of numbers.
    """
    if style == 0:
        return print_tree(tree)
    return _Writer(Random(style)).text(tree)  # noqa: S311  nothing here is a secret


class _Writer:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._choose = random.choice
        self._blanks = random.choice((("",), (" ",), _BLANKS, _BLANKS + _SKIPPED))
        self._eagerness = random.choice((0.0, 0.1, 0.5))

    def text(self, tree: Node) -> str:
        parts = [self._choose(self._blanks)]
        for token in self._tokens(tree):
            if parts[-1] == "" and token[0].isdigit() and len(parts) > 1 and parts[-2] == "-":
                parts.append(" ")  # a minus right before a digit would belong to the number
            parts += [token, self._choose(self._blanks)]
        return "".join(parts)

    def _sometimes(self) -> bool:
        return self._random.random() < self._eagerness

    def _tokens(self, node: Node) -> list[str]:
        tokens = self._bare(node)
        if not tokens:
            return tokens
        if self._sometimes():
            tokens = self._negated_twice(node, tokens)
        while self._sometimes():
            tokens = ["(", *tokens, ")"]
        return tokens

    def _negated_twice(self, node: Node, tokens: list[str]) -> list[str]:
        if isinstance(node, Comparison | Not):
            return ["!", "!", *tokens]
        if isinstance(node, Chain) and node.level == 0:
            return ["!", "!", "(", *tokens, ")"]
        return ["(", "-", "-", "(", *tokens, ")", ")"]

    def _bare(self, node: Node) -> list[str]:
        if isinstance(node, Comparison):
            symbols = [node.operator] if self._random.random() < 0.5 else list(node.operator)
            return [self._name(node.attribute.name), *symbols, self._literal(node.literal)]
        if isinstance(node, Attribute):
            return [self._name(node.name)]
        if isinstance(node, Integer | Float):
            return [self._literal(node)]
        if isinstance(node, Not):
            return ["!", *self._enclosed(node.operand, needed=isinstance(node.operand, Chain))]
        if isinstance(node, Negative):
            return [
                "-",
                *self._enclosed(node.operand, needed=isinstance(node.operand, Chain) and node.operand.level == 1),
            ]
        if isinstance(node, Chain):
            tokens = self._enclosed(node.first, needed=self._must_enclose(node.first, node))
            for operator, operand in node.rest:
                tokens += [operator, *self._enclosed(operand, needed=self._must_enclose(operand, node))]
            return tokens
        return []

    @staticmethod
    def _must_enclose(operand: Node, chain: Chain) -> bool:
        if isinstance(operand, Chain):
            return operand.level <= chain.level
        return isinstance(operand, Negative) and chain.level == 2

    def _enclosed(self, node: Node, *, needed: bool) -> list[str]:
        return ["(", *self._tokens(node), ")"] if needed else self._tokens(node)

    def _name(self, name: str) -> str:
        return name if IDENTIFIER.fullmatch(name) and not self._sometimes() else f'"{name}"'

    def _literal(self, literal: Node) -> str:
        if isinstance(literal, Integer):
            return self._integer(literal.value)
        if isinstance(literal, Float):
            return self._float(literal)
        assert isinstance(literal, Text)
        return literal.value if IDENTIFIER.fullmatch(literal.value) and self._sometimes() else f'"{literal.value}"'

    def _integer(self, value: int) -> str:
        if not self._sometimes():
            return str(value)
        saturated = {-1: "9" * (_MOST_DIGITS + 1), 0: "-" + "9" * (_MOST_DIGITS + 1)}
        wrapped = value + 2**32 * self._random.randint(-(2**31) + 1, 2**31 - 2)
        padded = f"{'-' if value < 0 else ''}{'0' * self._random.randint(1, 30)}{abs(value)}"
        return self._choose((saturated.get(value, str(wrapped)), str(wrapped), padded))

    def _float(self, literal: Float) -> str:
        shortest = print_tree(literal)
        if not self._sometimes() or literal.value in (float("inf"), float("-inf")):
            return shortest
        exact = format(Decimal(literal.value), "f")
        return self._choose((exact if "." in exact else exact + ".0", shortest + "0"))
