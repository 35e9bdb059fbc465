"""Every step of a rank is a float32."""

from __future__ import annotations

import math

import pytest

from matchmaker.engine.arithmetic import OPERATIONS

INFINITY, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        (16777216.0, "+", 1.0, 16777216.0),
        (16777216.0, "+", 3.0, 16777220.0),
        (0.10000000149011612, "+", 0.20000000298023224, 0.30000001192092896),
        (1.0, "-", 2.0**-26, 1.0),
        (3e38, "*", 2.0, INFINITY),
        (-3.0e38, "-", 3e38, -INFINITY),
        (2.0**-100, "*", 2.0**-100, 0.0),
        (1.0, "/", 3.0, 0.3333333432674408),
        (5.0, "/", 0.0, INFINITY),
        (5.0, "/", -0.0, -INFINITY),
        (-INFINITY, "/", 0.0, -INFINITY),
        (0.0, "/", 0.0, NAN),
        (NAN, "/", 0.0, NAN),
        (INFINITY, "/", INFINITY, NAN),
        (INFINITY, "-", INFINITY, NAN),
        (0.0, "*", INFINITY, NAN),
        (5.0, "/", INFINITY, 0.0),
    ],
)
def test_steps(left: float, operator: str, right: float, result: float) -> None:
    found = OPERATIONS[operator](left, right)
    assert math.isnan(found) if math.isnan(result) else found == result
    assert type(found) is float


def test_the_sign_of_zero() -> None:
    assert math.copysign(1, OPERATIONS["/"](-1.0, INFINITY)) == -1
    assert math.copysign(1, OPERATIONS["*"](-1.0, 0.0)) == -1
