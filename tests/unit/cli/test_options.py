from __future__ import annotations

import pytest

from matchmaker.cli.options import _apart, column_names
from matchmaker.cli.terminal import Refusal


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        (["x", "-k=-A", "-r=A = 1"], ["x", "-k", "-A", "-r", "A = 1"]),
        (["-k="], ["-k", ""]),
        (["-r", "-k=-A"], ["-r", "-k=-A"]),
        (["--rank", "-k=-A", "-k=-A"], ["--rank", "-k=-A", "-k", "-A"]),
        (["--", "-k=-A"], ["--", "-k=-A"]),
        (["-k-A", "--rank=-A"], ["-k-A", "--rank=-A"]),
    ],
)
def test_short_options_take_a_value_behind_an_equals_sign(given: list[str], parsed: list[str]) -> None:
    assert _apart(given) == parsed


def test_column_names() -> None:
    assert column_names('A, B,"C/D"') == ["A", "B", "C/D"]
    for text in ("", "A,,B", "A,", '""'):
        with pytest.raises(Refusal):
            column_names(text)
