"""How hypothesis runs: `ci`, always the same cases, unless HYPOTHESIS_PROFILE or --hypothesis-profile names `dev`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Time depends on the machine and decides nothing.
_calm = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("ci", derandomize=True, max_examples=100, print_blob=True, **_calm)
settings.register_profile("dev", max_examples=500, print_blob=True, **_calm)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through thousands of tests, which takes CPU time that budgets count."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def many_switches() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
