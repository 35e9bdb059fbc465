from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.cli.formats.csv_text import LONGEST_CELL, delimiter, read_csv
from matchmaker.errors import DocumentError


def read(text: str | bytes) -> list[dict[str, str]]:
    return list(read_csv(io.BytesIO(text.encode() if isinstance(text, str) else text), "x"))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("A,B\n1,2\n", [{"A": "1", "B": "2"}]),
        ("A,B\n1,\n,2", [{"A": "1"}, {"B": "2"}]),
        ("A,B\n,\n", [{}]),
        ("A , B\r\n\r\n 1,2\r\n", [{"A": " 1", "B": "2"}]),
        ("\n\nA;B\n1,5;2\n", [{"A": "1,5", "B": "2"}]),
        ("A\tB\n1\t2\n", [{"A": "1", "B": "2"}]),
        ("A;B,C\n1,2\n", [{"A;B": "1", "C": "2"}]),
        ('"A,1";B\n1;2\n', [{"A,1": "1", "B": "2"}]),
        ('A,B\n"say ""hi""\nthere",2\n', [{"A": 'say "hi"\nthere', "B": "2"}]),
        ("A\n1\n", [{"A": "1"}]),
        ("A,B\n", []),
        (b"\xef\xbb\xbfA,B\n1,\xc3\xa9\n", [{"A": "1", "B": "\xe9"}]),
        ("\ufeffA\tB\n1\t\xe9\n".encode("utf-16-le"), [{"A": "1", "B": "\xe9"}]),
    ],
)
def test_rows(text: str | bytes, rows: list[dict[str, str]]) -> None:
    assert read(text) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A,B\n1,2\n1,2,3\n", "x:3: 3 cells instead of 2 as in the first row"),
        ('A,B\n"1\n\n",2\n1\n', "x:5: 1 cell instead of 2 as in the first row"),
        ("A,,B\n", "x:1: column 2 has no name"),
        ("A,B,\n", "x:1: column 3 has no name"),
        ("\nA,B, A\n", "x:2: two columns are named `A`: 1 and 3"),
        ('A,B\n1,2\n1,"2\n3,4\n', 'x:3: a quote (") opens in this row and is never closed'),
        ('A,B\n1,"2"3\n', "x:2: ',' expected after a quote (\")"),
        ("A,B\n1,\0\n", "x:2:3: a NUL stands in the text"),
        ("A,B\n1,2\r3,4\n", "x:2: a carriage return stands in a cell without quotes"),
        (b"A,B\n1,\xe9\xff\n", "x:2:3: this byte is not UTF-8"),
        (f"A,B\n1,{'x' * (LONGEST_CELL + 1)}\n", f"x:2: a cell of this row is longer than {LONGEST_CELL} characters; is a quote (\") not closed?"),
    ],
)  # fmt: skip
def test_errors_name_the_line(text: str | bytes, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        read(text)
    assert str(error.value) == message


def test_the_limit_of_the_csv_module_is_set_back() -> None:
    before = csv.field_size_limit()
    assert read(f"A,B\n1,{'x' * before}x\n")[0]["B"] == "x" * (before + 1)
    with pytest.raises(DocumentError):
        read("A,B\n1\n")
    assert csv.field_size_limit() == before


def test_delimiter() -> None:
    assert [delimiter(line) for line in ("A,B", "A;B", "A\tB", "A;B\tC", "A", "", '"A;B",C', '"A,B";C')] == list(
        ",;\t,,,,;"
    )


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["A", "B", "C"]), st.text(st.characters(exclude_characters="\0\r"), min_size=1))
    )
)
def test_what_python_writes_is_read(rows: list[dict[str, str]]) -> None:
    written = io.StringIO()
    writer = csv.DictWriter(written, ["A", "B", "C"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    assert read(written.getvalue().encode("utf-8", "replace")) == [
        {name: value.encode("utf-8", "replace").decode() for name, value in row.items()} for row in rows
    ]
