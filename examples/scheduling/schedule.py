"""A scheduler: for each virtual machine a host, a system datastore, and a network per interface."""

from pathlib import Path

import matchmaker as mm
from matchmaker.opennebula import policies, read_pool

HERE = Path(__file__).parent
HOSTS, DATASTORES, NETWORKS = (
    mm.Pool(read_pool(HERE / f"{name}.xml"), key="NAME") for name in ("hosts", "datastores", "networks")
)
DEFAULT = policies.STRIPING

# What the owners of the virtual machines wrote; one of them made a mistake.
VMS = {
    "shop": {
        "SCHED_REQUIREMENTS": "QOS = GOLD",
        "SCHED_RANK": "FREE_CPU",
        "SCHED_DS_REQUIREMENTS": "MODE = Production",
        "SCHED_DS_RANK": "- FREE_MB",
        "NIC": [
            {"SCHED_REQUIREMENTS": 'TRAFFIC_TYPE = "public"', "SCHED_RANK": "- USED_LEASES"},
            {"SCHED_REQUIREMENTS": 'TRAFFIC_TYPE = "private"'},
        ],
    },
    "batch": {"SCHED_REQUIREMENTS": "QOS != GOLD & HYPERVISOR = kvm"},
    "huge": {"SCHED_REQUIREMENTS": "FREE_CPU > 5000"},
    "wrong": {"SCHED_REQUIREMENTS": "FREE_CPU >= 50"},
}


def best(pool, request, default, prefix="SCHED"):
    """Return the key of the best candidate, or None."""
    requirements, rank = f"{prefix}_REQUIREMENTS", f"{prefix}_RANK"
    requirement = mm.Requirement(request.get(requirements, ""), origin=requirements)
    order = mm.Rank(request[rank], origin=rank) if rank in request else default
    ranking = mm.match(pool, requirement, order, limit=1)
    return ranking[0].key if ranking else None


def place(vm):
    """Return where a virtual machine goes."""
    return {
        "host": best(HOSTS, vm, DEFAULT.host),
        "datastore": best(DATASTORES, vm, DEFAULT.datastore, prefix="SCHED_DS"),
        **{f"nic {i}": best(NETWORKS, nic, DEFAULT.network) for i, nic in enumerate(vm.get("NIC", []))},
    }


if __name__ == "__main__":
    for name, vm in VMS.items():
        try:
            places = place(vm)
        except mm.MatchmakerError as error:
            print(f"{name}: not placed\n{error}")
            continue
        missing = [what for what, where in places.items() if where is None]
        if missing:
            print(f"{name}: not placed: no {', no '.join(missing)}")
        else:
            print(f"{name}: {', '.join(f'{what} {where}' for what, where in places.items())}")
