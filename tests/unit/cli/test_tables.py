from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from matchmaker.cli.tables import Column, Marks, draw, fit, marks_for


def table(columns: list[Column], room: int = 80, marks: Marks | None = None) -> list[str]:
    shown, _ = fit(columns, room)
    return list(draw(shown, marks or Marks(), coloured=False))


def test_numbers_stand_right_and_texts_left() -> None:
    columns = [Column("ID", ["7", "12"], kept=True), Column("NAME", ["a", "long name"]), Column("N", ["-1.5", None])]
    assert table(columns) == [
        "ID  NAME          N",
        "──  ─────────  ────",
        " 7  a          -1.5",
        "12  long name     -",
    ]


def test_what_is_too_long_is_cut() -> None:
    columns = [Column("A", ["x" * 50, "y"]), Column("B", ["7" * 50, "1"])]
    assert table(columns, 60) == [
        "A                                                          B",
        "────────────────────────  ──────────────────────────────────",
        "xxxxxxxxxxxxxxxxxxxxxxx…  777777777777777777777777777777777…",
        "y                                                          1",
    ]


def test_numbers_keep_their_digits_longer_than_texts() -> None:
    columns = [Column("A", ["x" * 30]), Column("B", ["1234567890123456789"])]
    assert table(columns, 31)[2] == "xxxxxxxxx…  1234567890123456789"


def test_columns_without_room_are_left_out_from_the_end() -> None:
    columns = [Column("KEY", ["k" * 12], kept=True), *(Column(f"COLUMN{n}", ["value" * 4]) for n in range(6))]
    shown, left_out = fit(columns, 40)
    assert [column.title for column in shown] == ["KEY", "COLUMN0", "COLUMN1"]
    assert left_out == ["COLUMN2", "COLUMN3", "COLUMN4", "COLUMN5"]
    assert table(columns, 40)[2] == "kkkkkkkkkkkk  valuevaluev…  valuevaluev…"


def test_wide_characters_count_twice() -> None:
    columns = [Column("A", ["日本", "abc"]), Column("B", ["b", "b"])]
    assert table(columns)[2:] == ["日本  b", "abc   b"]
    assert table([Column("A", ["日本" * 30])])[2] == "日本" * 9 + "日 …"


def test_a_plain_encoding_has_plain_marks() -> None:
    assert marks_for(io.TextIOWrapper(io.BytesIO(), "utf-8")) == Marks()
    plain = marks_for(io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert table([Column("A", ["x" * 50])], 80, plain) == ["A", "-" * 40, "x" * 37 + "..."]


def test_no_white_space_ends_a_line() -> None:
    assert table([Column("A", ["a", "long"]), Column("TITLE", [None, "t"])]) == [
        "A     TITLE",
        "────  ─────",
        "a     -",
        "long  t",
    ]


def test_colours() -> None:
    lines = list(draw(fit([Column("A", ["a", None])], 80)[0], Marks(), coloured=True))
    assert lines == ["\x1b[1mA\x1b[0m", "\x1b[2m─\x1b[0m", "a", "\x1b[2m-\x1b[0m"]


cells = st.none() | st.text(st.characters(categories=["L", "N", "P", "S", "M"]), max_size=60) | st.integers().map(str)


@given(
    st.lists(st.tuples(st.text("AB日", min_size=1, max_size=30), st.tuples(cells, cells)), min_size=1, max_size=8),
    st.integers(40, 120),
)
def test_no_line_is_wider_than_its_room(drawn: list[tuple[str, tuple[str | None, str | None]]], room: int) -> None:
    columns = [Column(title, held, kept=not place) for place, (title, held) in enumerate(drawn)]
    assert all(cell_len(line) <= room for line in table(columns, room))


@pytest.mark.parametrize("room", [1, 5, 20])
def test_what_must_stay_stays(room: int) -> None:
    columns = [Column("KEY", ["a"], kept=True), Column("score", ["5"], kept=True), Column("A", ["x"])]
    assert [column.title for column in fit(columns, room)[0]][:2] == ["KEY", "score"]
