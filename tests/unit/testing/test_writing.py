"""The many ways to write a tree; that all of them mean it is in tests/property/test_printing.py."""

from __future__ import annotations

from matchmaker import Rank, Requirement
from matchmaker.language.printer import print_tree
from matchmaker.testing.writing import write


def test_style_0_is_the_canonical_print() -> None:
    tree = Requirement("A=1&(B=2|C=3)").tree
    assert write(tree, 0) == print_tree(tree) == "A = 1 & (B = 2 | C = 3)"


def test_a_style_is_always_the_same() -> None:
    tree = Rank("A - (B * 2.5) / 7").tree
    texts = [write(tree, style) for style in range(200)]
    assert texts == [write(tree, style) for style in range(200)]
    assert len(set(texts)) > 150
    assert all(Rank(text).tree == tree for text in texts)
