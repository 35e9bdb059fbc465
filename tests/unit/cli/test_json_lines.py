from __future__ import annotations

import pytest

from matchmaker.cli.formats.json_lines import read_json_lines
from matchmaker.errors import DocumentError


def test_blank_lines_are_passed_over() -> None:
    assert list(read_json_lines(['{"A": 1}\r\n', "\n", " \t\n", '{"A": 2}'], "x")) == [{"A": 1}, {"A": 2}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1]", "x:3: each line is an object, not a list"),
        ("5", "x:3: each line is an object, not a number"),
        ('{"A": 1', "x:3:8: expecting ',' delimiter"),
        ('{"A": NaN}', "x:3:7: NaN is no JSON number"),
    ],
)
def test_errors_name_the_line(line: str, message: str) -> None:
    objects = read_json_lines(['{"A": 1}\n', "\n", f"{line}\n", "{}\n"], "x")
    assert next(objects) == {"A": 1}
    with pytest.raises(DocumentError) as error:
        next(objects)
    assert str(error.value) == message
