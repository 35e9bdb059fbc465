"""Dialects are looked up by name."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import DialectError
from matchmaker.language.dialects import DIALECTS, dialect_named


@pytest.mark.parametrize("name", ["opennebula", "extended"])
def test_the_dialects(name: str) -> None:
    assert dialect_named(name) is DIALECTS[name]
    assert dialect_named(name).name == name


@pytest.mark.parametrize("name", ["OpenNebula", "", None, 5, [], {}])
def test_an_unknown_name_lists_the_known_ones(name: Any) -> None:
    with pytest.raises(DialectError, match="there is opennebula, extended"):
        dialect_named(name)
