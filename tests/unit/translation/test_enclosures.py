"""For which whole numbers comparisons of computed numbers hold."""

from __future__ import annotations

import pytest

from matchmaker import Requirement
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.language.nodes import Relation
from matchmaker.translation.enclosures import MOST_STEPS, Opaque, Undecided, solutions


def relation(text: str) -> Relation:
    tree = Requirement(text, dialect="extended").tree
    assert isinstance(tree, Relation)
    return tree


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("A + 0 > 5", ((6, INT32_MAX),)),
        ("A / 3 >= 1 / 3", ((1, INT32_MAX),)),
        ("A * 3 <= -2147483647", ((INT32_MIN, -715827883),)),
        ("A * A = 2147395600", ((-46340, -46340), (46340, 46340))),
        ("12 / (A - 3) > 4", ((3, 5),)),
        ("A * 0.1 + 0.2 = 0.30000000000000004", ((1, 1),)),
        ("A + 1e16 = 1e16", ((-1, 1),)),
        ("A + 9007199254740992 > 9007199254740992", ((2, INT32_MAX),)),
        ("A * 1e308 * 10 - 1 / 0 = 5", ()),
        ("A + 0 / 0 != A", ((INT32_MIN, INT32_MAX),)),
        ("A + REQUEST.MISSING != A", ()),
        ("default(REQUEST.MISSING, A) >= -A", ((0, INT32_MAX),)),
        ("max(A, -A, 10) < 12", ((-11, 11),)),
        ("round(A / 2) = 2", ((3, 5),)),
    ],
)
def test_solutions(text: str, pieces: tuple[tuple[int, int], ...]) -> None:
    found, steps = solutions(relation(text), "A")
    assert found == pieces
    assert steps < 400


@pytest.mark.parametrize("text", ["A - A > 0", "round(A / 2) * 2 = A", "1 / A > 0"])
def test_what_cannot_be_decided(text: str) -> None:
    with pytest.raises(Undecided):
        solutions(relation(text), "A")
    assert MOST_STEPS > 400


def test_what_is_no_arithmetic() -> None:
    with pytest.raises(Opaque) as caught:
        solutions(relation('(A = "x") + 1 > 5'), "A")
    assert str(caught.value.part) == '<Comparison A = "x">'
