from __future__ import annotations

import json

import pytest

from matchmaker import opennebula
from matchmaker.attributes.lookup import PLAIN
from matchmaker.cli.values import as_json, as_text, reader


@pytest.mark.parametrize(
    ("value", "text", "document"),
    [
        (None, None, None),
        ([], None, None),
        ([None], None, None),
        ("", '""', ""),
        ("a\x1b[31m", "a\\x1b[31m", "a\x1b[31m"),
        (5, "5", 5),
        (1e20, "100000000000000000000.0", 1e20),
        (float("nan"), "nan", None),
        (True, "YES", True),
        (["a", None, 1], "a, 1", ["a", 1]),
        (["a"], "a", ["a"]),
        ({"B": [1]}, '{"B": [1]}', {"B": [1]}),
        ([[1]], "[[1]]", [[1]]),
        ("x" * 2000, "x" * 1000, "x" * 2000),
    ],
)
def test_values(value: object, text: str | None, document: object) -> None:
    assert as_text(value) == text
    assert as_json(value) == document
    json.dumps(as_json(value), allow_nan=False)


def test_values_of_a_host() -> None:
    host = opennebula.candidate(
        "<HOST><ID>1</ID><TEMPLATE><A>x</A><A>y</A></TEMPLATE><VMS><ID>12</ID><ID>3</ID></VMS></HOST>"
    )

    def shown(name: str) -> tuple[str | None, object]:
        value = reader(host.kind, name)(host)
        return as_text(value), as_json(value)

    assert shown("A") == ("x, y", ["x", "y"])
    assert shown("CURRENT_VMS") == ("3, 12", [3, 12])
    assert shown("/HOST/VMS/ID") == ("12, 3", ["12", "3"])
    assert shown("B") == (None, None)


def test_current_vms_of_a_plain_mapping_are_an_attribute() -> None:
    assert reader(PLAIN, "CURRENT_VMS")({"CURRENT_VMS": 5}) == 5
