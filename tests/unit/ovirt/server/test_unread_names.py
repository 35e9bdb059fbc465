"""Names that nothing has are told, with what may be meant."""

from __future__ import annotations

import pytest

from matchmaker.ovirt import Balancer, Cloud, Filter, Parameter, Relief, Weigher
from matchmaker.ovirt.policies import POLICIES
from matchmaker.ovirt.samples import SAMPLES
from matchmaker.ovirt.server.unread_names import unread_names
from matchmaker.ovirt.units import Unit

CLOUD = Cloud([{"ID": "a", "RACK": "r1", "LABELS": {"TIER": "gold"}}], [{"ID": "v", "OWNER": "ann"}])
MOST = Parameter("most", "[0-9]*", 5)


@pytest.mark.parametrize(
    ("unit", "notes"),
    [
        (Filter("x", 'RACK = "r1" and RUNNING_VMS < REQUEST.most and REQUEST.OWNER = "ann"', parameters=[MOST]), []),
        (Filter("x", '"LABELS/TIER" = "gold"'), []),
        (Filter("x", "RUNING_VMS < 5"), ["x: no host has `RUNING_VMS`; did you mean `RUNNING_VMS`?"]),
        (Filter("x", "TIER = 5", dialect="opennebula"), ["x: no host has `TIER`"]),
        (Filter("x", "OWNER = 5"), ["x: no host has `OWNER`"]),
        (
            Filter("x", "REQUEST.mosst > 5", parameters=[MOST]),
            ["x: nothing has what `REQUEST.mosst` reads; did you mean `most`?"],
        ),
        (Filter("x", "REQUEST.RACK > 5"), ["x: nothing has what `REQUEST.RACK` reads"]),
        (Filter("x", lambda call, arguments: []), []),
        (Weigher("x", score="FREE_MEM"), ["x: no host has `FREE_MEM`; did you mean `FREE_MEMORY`?"]),
        (Weigher("x", weight="RUNNING_VMS + REQUEST.VCPU"), []),
        (
            Balancer("x", Relief("RACKS = 1", "MEMRY = 1 & REQUEST.OWNER = 1", vm='RACK = "r1" & REQUEST.RACK = "r1"')),
            [
                "x: no host has `RACKS`; did you mean `RACK`?",
                "x: no host has `MEMRY`",
                "x: no virtual machine has `RACK`",
            ],
        ),
        (Balancer("x", Relief("REQUEST.OWNER = 1", "")), ["x: nothing has what `REQUEST.OWNER` reads"]),
    ],
)
def test_notes(unit: Unit, notes: list[str]) -> None:
    found = list(unread_names([unit], CLOUD))
    assert [each.split("; did")[0] for each in found] == [each.split("; did")[0] for each in notes]
    for note in notes:
        if "did" in note:
            assert note in found


def test_shipped_units_read_what_is_documented() -> None:
    units = [*SAMPLES.values(), *(unit for policy in POLICIES.values() for unit in policy.units)]
    assert {note.split(": ", 1)[1] for note in unread_names(units, Cloud([]))} <= {
        "no host has `CPU_OVERCOMMITTED_MINUTES`"  # what an inventory may have, and the REST API does not tell
    }
