"""Dialects are looked up by name."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import DialectError
from matchmaker.language.dialects import DIALECTS, dialect_named


def test_opennebula_is_there() -> None:
    assert dialect_named("opennebula") is DIALECTS["opennebula"]
    assert dialect_named("opennebula").name == "opennebula"


@pytest.mark.parametrize("name", ["OpenNebula", "", None, 5, [], {}])
def test_an_unknown_name_lists_the_known_ones(name: Any) -> None:
    with pytest.raises(DialectError, match="there is opennebula"):
        dialect_named(name)
