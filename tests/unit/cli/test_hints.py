from __future__ import annotations

import pytest

from matchmaker.cli.hints import why_nothing_matches
from matchmaker.expressions import Requirement
from matchmaker.matching.pool import Pool

POOL = Pool([{"HYPERVISOR": "kvm", "FREE_CPU": 5}, {"HYPERVISOR": "lxc", "FREE_CPU": 7, "L": [], "M": [None]}])


@pytest.mark.parametrize(
    ("requirement", "hint"),
    [
        ("HYPERVISR = kvm", "no candidate has `HYPERVISR` (is `HYPERVISOR` meant?)"),
        ("FREE_CPU > 1 & XYZ = 1 & free_cpu = 1", "no candidate has `XYZ` or `free_cpu`"),
        ("M = 5", "no candidate has `M`"),
        ("L = 5", "no candidate has `L`"),
        ("FREE_CPU > 9", "`FREE_CPU` goes from 5 to 7"),
        ("HYPERVISOR = KVM", "`HYPERVISOR` is `kvm` or `lxc`"),
        ("!(FREE_CPU > 0)", ""),
        ("FREE_CPU > 9 & HYPERVISOR = kvm", "no candidate meets `FREE_CPU > 9`; `FREE_CPU` goes from 5 to 7"),
        ("!(MISSING = 1) & FREE_CPU > 9", "no candidate meets `FREE_CPU > 9`; `FREE_CPU` goes from 5 to 7"),
        (
            "FREE_CPU > 6 & HYPERVISOR = kvm",
            "each part is met by some candidate, but not all together; the rarest is `FREE_CPU > 6`, met by 1",
        ),
        ("FREE_CPU > 9 | FREE_CPU < 1", ""),
        ('FREE_CPU > 9 & "\x1b[31m" = 1', "no candidate has `\\x1b[31m`"),
        ("FREE_CPU > 9 & A = 1" + " & A = 1" * 1000, "no candidate has `A`"),
    ],
)
def test_hints(requirement: str, hint: str) -> None:
    assert why_nothing_matches(POOL, Requirement(requirement)) == hint


def test_many_values() -> None:
    pool = Pool([{"A": f"r{n}", "B": 7, "C": "x\x1b"} for n in range(20)])
    assert why_nothing_matches(pool, Requirement("A = x")) == "`A` is `r0`, `r1`, `r10`, `r11`, ..."
    assert why_nothing_matches(pool, Requirement("B = 8")) == "`B` is `7`"
    assert why_nothing_matches(pool, Requirement("C = 8")) == "`C` is `x\\x1b`"


def test_an_empty_pool() -> None:
    assert why_nothing_matches(Pool([]), Requirement("A = 1")) == "the pool holds no candidates"
    assert why_nothing_matches(Pool([]), None) == "the pool holds no candidates"
