"""Trees of the extended dialect written as people may write them."""

from __future__ import annotations

from random import Random

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.language.nodes import (
    Attribute,
    Call,
    Chain,
    Choice,
    Comparison,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
)
from matchmaker.language.printer import RESERVED, print_tree

_BLANKS = ("", " ", "  ", "\t", "\n", "\r\n", "# A = 1 & (\n", '#"\n ')
_SPELLINGS = {"&": ("&", "&&", "and"), "|": ("|", "||", "or"), "!": ("!", "not"), "=": ("=", "==")}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CHOICE, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _OPERAND = range(9)
_CHAINS = {"|": _OR, "&": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def write_extended(tree: Node, style: int) -> str:
    """Return a text of the extended dialect that means a tree.

    Parameters
    ----------
    tree : Node
        What to write; not too deep to recurse on.
    style : int
        0 is the canonical print; any other number is one of the other ways: with other blanks, comments, more or fewer
        parentheses, double negations, other spellings of operators and numbers, sides exchanged, names in quotes.
    """
    if style == 0:
        return print_tree(tree)
    return _Writer(Random(style)).text(tree)  # noqa: S311  nothing here is a secret


class _Writer:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._choose = random.choice
        self._blanks = random.choice((("",), (" ",), _BLANKS[:4], _BLANKS))
        self._eagerness = random.choice((0.0, 0.1, 0.5))

    def text(self, tree: Node) -> str:
        parts = [self._choose(self._blanks)]
        for token in self._tokens(tree, _CHOICE):
            if parts[-1] == "" and len(parts) > 1 and _wordy(parts[-2][-1]) and _wordy(token[0]):
                parts.append(" ")
            parts += [token, self._choose(self._blanks)]
        return "".join(parts)

    def _sometimes(self) -> bool:
        return self._random.random() < self._eagerness

    def _tokens(self, node: Node, least: int) -> list[str]:
        """Write a node where operators that bind looser than `least` need parentheses."""
        tokens, binding = self._bare(node), _binding(node)
        if tokens and self._sometimes():
            sign = "!" if _NOT <= binding <= _COMPARISON or binding in (_OR, _AND) else "-"
            inner = _NOT if sign == "!" else _SIGN
            if not (sign == "-" and binding == _CHOICE):
                tokens = [self._spelt(sign), self._spelt(sign), *_enclosed(tokens, binding < inner)]
                binding = inner
        tokens = _enclosed(tokens, binding < least)
        while tokens and self._sometimes():
            tokens = ["(", *tokens, ")"]
        return tokens

    def _bare(self, node: Node) -> list[str]:
        if isinstance(node, Comparison):
            return self._comparison(node.attribute, node.operator, node.literal)
        if isinstance(node, Relation):
            return self._comparison(node.left, node.operator, node.right)
        if isinstance(node, Membership):
            return [*self._tokens(node.operand, _SUM), "in", "[", *self._listed(node.items), "]"]
        if isinstance(node, Choice):
            condition, then = self._tokens(node.condition, _OR), self._tokens(node.then, _CHOICE)
            return [*condition, "?", *then, ":", *self._tokens(node.otherwise, _CHOICE)]
        if isinstance(node, Not):
            return [self._spelt("!"), *self._tokens(node.operand, _NOT)]
        if isinstance(node, Negative):
            return ["-", *self._tokens(node.operand, _SIGN)]
        if isinstance(node, Chain):
            level = _CHAINS[node.rest[0][0]]
            tokens = self._tokens(node.first, level)
            for operator, operand in node.rest:
                tokens += [self._spelt(operator), *self._tokens(operand, level + 1)]
            return tokens
        return self._operand(node)

    def _operand(self, node: Node) -> list[str]:
        if isinstance(node, Call):
            return [node.function, "(", *self._listed(node.arguments, quotes_make_texts=False), ")"]
        if isinstance(node, Attribute):
            return [self._name(node.name)]
        if isinstance(node, RequestAttribute):
            return [f"REQUEST.{node.name}"]
        if isinstance(node, Number):
            digits = self._digits(abs(node.value))
            return ["-", digits] if node.value < 0 else [digits]
        return [f'"{node.value}"'] if isinstance(node, Text) else []

    def _comparison(self, left: Node, operator: str, right: Node) -> list[str]:
        if isinstance(right, Text):
            return [*self._tokens(left, _SUM), operator, *self._operand(right)]
        if operator in _MIRRORED and isinstance(right, Number) and isinstance(left, Attribute) and self._sometimes():
            left, operator, right = right, _MIRRORED[operator], left
        return [*self._tokens(left, _SUM), self._spelt(operator), *self._item(right, _SUM)]

    def _listed(self, nodes: tuple[Node, ...], *, quotes_make_texts: bool = True) -> list[str]:
        tokens: list[str] = []
        for node in nodes:
            item = self._item(node, _CHOICE) if quotes_make_texts else self._tokens(node, _CHOICE)
            tokens += [",", *item] if tokens else item
        return tokens

    def _item(self, node: Node, least: int) -> list[str]:
        """Write what would be a text in bare quotes."""
        if isinstance(node, Text):
            return self._operand(node)
        tokens = self._tokens(node, least)
        return _enclosed(tokens, len(tokens) == 1 and tokens[0][0] == '"')

    def _spelt(self, operator: str) -> str:
        return self._choose(_SPELLINGS.get(operator, (operator,))) if self._sometimes() else operator

    def _name(self, name: str) -> str:
        plain = IDENTIFIER.fullmatch(name) and name not in RESERVED
        return name if plain and not self._sometimes() else f'"{name}"'

    def _digits(self, value: float) -> str:
        shortest = print_tree(Number(value))
        if not self._sometimes():
            return shortest
        padded = "0" * self._random.randint(1, 9) + shortest
        return self._choose((repr(value), f"{value:.17e}", f"{value:.20E}", padded, shortest.removeprefix("0") or "0"))


def _binding(node: Node) -> int:
    """Return how tight the outermost operator of a node binds."""
    if isinstance(node, Chain):
        return _CHAINS[node.rest[0][0]]
    if isinstance(node, Comparison | Relation | Membership):
        return _COMPARISON
    if isinstance(node, Negative) or (isinstance(node, Number) and node.value < 0):
        return _SIGN
    if isinstance(node, Not):
        return _NOT
    return _CHOICE if isinstance(node, Choice) else _OPERAND


def _enclosed(tokens: list[str], parentheses: bool) -> list[str]:
    return ["(", *tokens, ")"] if parentheses else tokens


def _wordy(character: str) -> bool:
    return character.isalnum() or character in "_."
