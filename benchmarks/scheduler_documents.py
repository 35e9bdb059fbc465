"""Messages as OpenNebula sends them to its scheduler, of any size and the same each time.

Hosts are those of `examples/host_pool.xml`, over and over, with other ids, names, loads and priorities. VMs, datastores and
networks are shaped as OpenNebula 7.4 writes them.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.data import SEED

EXAMPLES = Path(__file__).parent.parent / "examples"
CLUSTERS, NETWORKS, PAIRS = 10, 16, 50
FIRST_VM = 1_000
"""The id of the first VM; it has no NICs, and any host with room for it will do."""
OUTSIZED = 7, 20
"""The eighth VM of twenty asks for more memory than any host has."""
LOCAL, SHARED = 101, (0, 100, 102)
"""System datastores: one that is local to each host, and those that hosts share."""
MEGABYTES = 40_000_000

REQUIREMENTS = (
    'HYPERVISOR = "kvm" & FREE_CPU > {cpu}',
    'HYPERVISOR = "kvm" & FREE_MEMORY > {memory} & !(RACK = "r1?")',
    'GPU = "YES" & PRIORITY > {priority}',
    'DATACENTER = "dc1" & (TIER = "gold" | PRIORITY > {priority}) & RUNNING_VMS < {vms}',
    'KVM_CPU_FEATURES = "*avx2*" & FREE_CPU > {cpu} & ARCH = x86_64',
    'RACK = "r0?" & FREE_MEMORY > {memory}',
    'MODELNAME = "*Gold*" & KVM_CPU_MODEL = "Skylake-*" & FREE_CPU > {cpu}',
    'CLUSTER != "c{cluster}" & RUNNING_VMS < {vms}',
    'HOSTNAME = "*.dc1.example.com" & (PRIORITY > {priority} | FREE_CPU > {cpu})',
    "PIN_POLICY = NONE & CPUSPEED > 2000 & RUNNING_VMS < {vms}",
)
RANKS = (
    "FREE_MEMORY",
    "FREE_CPU - 50 * RUNNING_VMS",
    "- RUNNING_VMS",
    "PRIORITY * 10 + FREE_CPU / 100",
    "- (RUNNING_VMS * 50 + FREE_CPU) + FREE_MEMORY / 1024",
)
NOBODY = 'RACK = "r99" & GPU = "YES"'
"""The requirement of the last pair, which no host meets."""

_VARIED = re.compile(
    r"(?P<before><HOST><(?P<id>ID)>|</TIMESTAMP><(?P<monitored>ID)>"
    r"|<(?P<name>NAME|CLUSTER_ID|CLUSTER|HOSTNAME|RACK|PRIORITY|RUNNING_VMS|MEM_USAGE|CPU_USAGE|FREE_CPU|USED_CPU"
    r"|FREE_MEMORY|USED_MEMORY|NETRX|NETTX)>(?:<!\[CDATA\[)?)[^<\]]*"
)
_RUNNING = re.compile(r"<VMS>.*?</VMS>|<VMS/>")
_OWNER = "<UID>0</UID><GID>0</GID><UNAME>oneadmin</UNAME><GNAME>oneadmin</GNAME>"
_RIGHTS = "".join(
    f"<{who}_{what}>{int(who == 'OWNER')}</{who}_{what}>" for who in ("OWNER", "GROUP", "OTHER") for what in "UMA"
)


def scheduler_document(vms: int, hosts: int, *, clauses: int = 0) -> bytes:
    """Make a SCHEDULER_DRIVER_ACTION: every host is listed for every VM; most VMs can be placed, some not.

    Parameters
    ----------
    vms, hosts : int
        How many; the VMs have 50 distinct pairs of requirement and rank.
    clauses : int
        How many clauses that hold every requirement gets besides its own.

    Returns
    -------
    bytes
        The XML.
    """
    rng = random.Random(SEED)
    pairs = _pairs(rng, clauses)
    requests = [_vm(rng, number, pairs) for number in range(vms)]
    listed = f"<HOSTS>{_ids(range(hosts))}</HOSTS><DATASTORES>{_ids(sorted((*SHARED, LOCAL)))}</DATASTORES>"
    candidates = (f"<VM><ID>{FIRST_VM + number}</ID>{listed}{_nic_candidates(number)}</VM>" for number in range(vms))
    sections = {
        "VM_POOL": requests,
        "HOST_POOL": _hosts(rng, hosts),
        "DATASTORE_POOL": _datastores(),
        "VNET_POOL": _networks(rng),
        "VM_GROUP_POOL": (),
        "REQUIREMENTS": candidates,
    }
    body = "".join(f"<{name}>{''.join(parts)}</{name}>" for name, parts in sections.items())
    return f"<SCHEDULER_DRIVER_ACTION>{body}</SCHEDULER_DRIVER_ACTION>".encode()


def encoded(document: bytes) -> bytes:
    """Return a document as it stands on the driver's standard input: base64 on one line."""
    return base64.b64encode(document) + b"\n"


def _pairs(rng: random.Random, clauses: int) -> list[tuple[str, str]]:
    """Return distinct pairs of requirement and rank; the first is one that all hosts meet which are not full."""
    more = "".join(f" & NETRX > {number} " for number in range(clauses))
    pairs = [("FREE_CPU > 0" + more, RANKS[0])]
    for number in range(1, PAIRS - 1):
        requirement = REQUIREMENTS[number % len(REQUIREMENTS)].format(
            cpu=50 + number,
            memory=(1 + number % 7) * 1024**2,
            priority=20 + number,
            vms=10 + number % 9,
            cluster=number % CLUSTERS,
        )
        pairs.append((f"({requirement}){more}", RANKS[rng.randrange(len(RANKS))]))
    return [*pairs, (NOBODY + more, RANKS[0])]


def _vm(rng: random.Random, number: int, pairs: list[tuple[str, str]]) -> str:
    identity = FIRST_VM + number
    requirement, rank = pairs[number % len(pairs)]
    cpu, memory = rng.choice(["0.5", "1", "2", "4", "8"]), rng.choice([1024, 2048, 4096, 8192, 16384])
    if number % OUTSIZED[1] == OUTSIZED[0]:
        memory = 1024**2
    target = rng.choice(["SYSTEM", "SELF"])
    clusters = " | ".join(f"CLUSTER_ID = {cluster}" for cluster in range(CLUSTERS))
    storage = " | ".join(f'"CLUSTERS/ID" @> {cluster}' for cluster in range(CLUSTERS))
    template = (
        f"{_data('CPU', cpu)}{_data('MEMORY', memory)}<DISK><CLONE>YES</CLONE><CLONE_TARGET>{target}</CLONE_TARGET>"
        f"<DATASTORE_ID>1</DATASTORE_ID><DISK_ID>0</DISK_ID><IMAGE_ID>5</IMAGE_ID>"
        f"<SIZE>{rng.choice([5_000, 10_000, 20_000])}</SIZE><TYPE>FILE</TYPE></DISK>"
        + "".join(
            f"<NIC><NIC_ID>{nic}</NIC_ID><NETWORK_MODE>auto</NETWORK_MODE>"
            f"{_data('SCHED_REQUIREMENTS', 'TRAFFIC_TYPE = public')}{_data('SCHED_RANK', '- USED_LEASES')}</NIC>"
            for nic in range(_nics(number))
        )
        + _data("AUTOMATIC_REQUIREMENTS", f"({clusters}) & !(PIN_POLICY = PINNED)")
        + _data("AUTOMATIC_DS_REQUIREMENTS", f"({storage})")
        + f"<VMID>{identity}</VMID>"
    )
    user = _data("SCHED_REQUIREMENTS", requirement) + _data("SCHED_RANK", rank)
    if number % 10 == 9:
        user += _data("SCHED_DS_RANK", "- FREE_MB")
    return (
        f"<VM><ID>{identity}</ID>{_OWNER}<NAME>vm{identity}</NAME><PERMISSIONS>{_RIGHTS}</PERMISSIONS><LAST_POLL>0</LAST_POLL>"
        "<STATE>1</STATE><LCM_STATE>0</LCM_STATE><PREV_STATE>1</PREV_STATE><PREV_LCM_STATE>0</PREV_LCM_STATE><RESCHED>0</RESCHED>"
        "<STIME>1767225600</STIME><ETIME>0</ETIME><DEPLOY_ID/><MONITORING/><SCHED_ACTIONS/>"
        f"<TEMPLATE>{template}</TEMPLATE><USER_TEMPLATE>{user}</USER_TEMPLATE><HISTORY_RECORDS/></VM>"
    )


def _nics(number: int) -> int:
    """Return how many automatic NICs a VM has."""
    return {1: 1, 3: 2, 5: 1}.get(number % 8, 0)


def _nic_candidates(number: int) -> str:
    networks = f"<VNETS>{_ids(range(NETWORKS))}</VNETS>"
    return "".join(f"<NIC><ID>{nic}</ID>{networks}</NIC>" for nic in range(_nics(number)))


def _hosts(rng: random.Random, count: int) -> Iterator[str]:
    examples = re.findall(r"<HOST>.*?</HOST>", (EXAMPLES / "host_pool.xml").read_text("utf-8"), re.DOTALL)
    for number in range(count):
        host = examples[number % len(examples)]
        most_cpu, most_memory = (int(re.findall(rf"<{name}>([0-9]+)<", host)[0]) for name in ("MAX_CPU", "MAX_MEM"))
        cpu, memory = rng.randrange(most_cpu), rng.randrange(most_memory // 4, most_memory)
        running = [str(rng.randrange(FIRST_VM)) for _ in range(rng.randrange(20))]
        cluster = rng.randrange(CLUSTERS)
        values = {
            "ID": str(number),
            "NAME": f"node{number:04}",
            "CLUSTER_ID": str(cluster),
            "CLUSTER": f"c{cluster}",
            "HOSTNAME": f"node{number:04}.dc1.example.com",
            "RACK": f"r{rng.randrange(40):02}",
            "PRIORITY": str(rng.randrange(1, 100)),
            "RUNNING_VMS": str(len(running)),
            "MEM_USAGE": str(memory),
            "USED_MEMORY": str(memory),
            "FREE_MEMORY": str(most_memory - memory),
            "CPU_USAGE": str(cpu),
            "USED_CPU": str(cpu),
            "FREE_CPU": str(most_cpu - cpu),
            "NETRX": str(rng.randrange(10**6, 2**31)),
            "NETTX": str(rng.randrange(10**6, 2**31)),
        }
        yield _RUNNING.sub(f"<VMS>{_ids(running)}</VMS>", _with(host, values), count=1)


def _with(host: str, values: dict[str, str]) -> str:
    return _VARIED.sub(lambda found: found["before"] + values[found["name"] or "ID"], host)


def _datastores() -> Iterator[str]:
    half = CLUSTERS // 2
    yield _datastore(0, 1, range(half), MEGABYTES)
    yield _datastore(1, 0, range(CLUSTERS), MEGABYTES)
    yield _datastore(100, 1, range(half, CLUSTERS), MEGABYTES - 1_000)
    yield _datastore(LOCAL, 1, range(CLUSTERS), 1_000_000)
    yield _datastore(102, 1, range(CLUSTERS), 100_000)


def _datastore(identity: int, kind: int, clusters: range, free: int) -> str:
    shared = "NO" if identity == LOCAL else "YES"
    return (
        f"<DATASTORE><ID>{identity}</ID>{_OWNER}<NAME>ds{identity}</NAME><PERMISSIONS>{_RIGHTS}</PERMISSIONS><DS_MAD>fs</DS_MAD>"
        f"<TM_MAD>{'ssh' if identity == LOCAL else 'shared'}</TM_MAD><BASE_PATH>/var/lib/one//datastores/{identity}</BASE_PATH>"
        f"<TYPE>{kind}</TYPE><DISK_TYPE>0</DISK_TYPE><STATE>0</STATE><CLUSTERS>{_ids(clusters)}</CLUSTERS>"
        f"<TOTAL_MB>{2 * MEGABYTES}</TOTAL_MB><FREE_MB>{free}</FREE_MB><USED_MB>{2 * MEGABYTES - free}</USED_MB><IMAGES/>"
        f"<TEMPLATE><SHARED>{shared}</SHARED></TEMPLATE></DATASTORE>"
    )


def _networks(rng: random.Random) -> Iterator[str]:
    for number in range(NETWORKS):
        used, clusters = rng.randrange(100, 250), sorted(rng.sample(range(CLUSTERS), 5))
        yield (
            f"<VNET><ID>{number}</ID>{_OWNER}<NAME>net{number}</NAME><PERMISSIONS>{_RIGHTS}</PERMISSIONS>"
            f"<CLUSTERS>{_ids(clusters)}</CLUSTERS><BRIDGE>br{number}</BRIDGE><BRIDGE_TYPE>linux</BRIDGE_TYPE><STATE>1</STATE>"
            f"<VN_MAD>bridge</VN_MAD><USED_LEASES>{used}</USED_LEASES><VROUTERS/><TEMPLATE><TRAFFIC_TYPE>public</TRAFFIC_TYPE>"
            f"</TEMPLATE><AR_POOL><AR><AR_ID>0</AR_ID><SIZE>256</SIZE><TYPE>IP4</TYPE><USED_LEASES>{used}</USED_LEASES>"
            "<LEASES/></AR></AR_POOL></VNET>"
        )


def _ids(numbers: Iterable[object]) -> str:
    return "".join(f"<ID>{number}</ID>" for number in numbers)


def _data(name: str, value: object) -> str:
    return f"<{name}><![CDATA[{value}]]></{name}>"
