"""The table of codes: every example has its code, every code of the package is in it, and its page is up to date."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

import matchmaker
from matchmaker.checking import check
from matchmaker.language.codes import CODES, Code

CHECKOUT = Path(__file__).parents[3]


SHOWN = {name: code for name, code in CODES.items() if code.example is not None}
"""The codes that one expression alone can have."""


@pytest.mark.parametrize("code", SHOWN.values(), ids=SHOWN)
def test_examples_have_their_code(code: Code) -> None:
    found = check(code.example, expression=code.expression, kind=code.kind, dialect=code.dialect)
    assert {each.severity for each in found if each.code == code.code} == {code.severity}


def test_every_code_of_the_package_is_in_the_table_and_none_more() -> None:
    table = Path("language", "codes.py")
    used = {
        found
        for path in Path(matchmaker.__file__).parent.rglob("*.py")
        if path.parts[-2:] != table.parts
        for found in re.findall(r"\"(MM[0-9]{3})\"", path.read_text("utf-8"))
    }
    assert used == set(CODES)


def test_the_table_is_in_order() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(
        (code.severity == "error") == code.code.startswith("MM1") for code in CODES.values() if code.code < "MM3"
    )


def test_the_page_is_up_to_date() -> None:
    path = CHECKOUT / "docs" / "generate_diagnostics.py"
    specification = importlib.util.spec_from_file_location("generate_diagnostics", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), f"run {path.relative_to(CHECKOUT)}"
