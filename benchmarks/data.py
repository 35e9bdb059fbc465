"""What all cases share: the two expressions, and a pool of hosts."""

from __future__ import annotations

import random
from typing import Any

R2 = '(HYPERVISOR = "kvm" & CLUSTER_ID = 3 | QOS = "gold*") & FREE_MEM > 4000000 & !(RACK = "r1?") & RUNNING_VMS < 20'
"""The requirement of most cases: six comparisons, two of them with patterns."""
K2 = "-(RUNNING_VMS * 50 + FREE_CPU) + FREE_MEM / 1024"
"""The rank."""

HOSTS = 10_000
SEED = 20_240_607

Host = dict[str, Any]


def pool(count: int = HOSTS) -> list[Host]:
    """Make hosts of 27 attributes, ints and texts as OpenNebula has them; about 15 % of them meet `R2`.

    The same hosts each time. Sizes of memory are in KiB, of disks in MiB, CPU in hundredths of a core.
    """
    rng = random.Random(SEED)
    return [_host(rng, number) for number in range(count)]


def as_texts(hosts: list[Host]) -> list[Host]:
    """Return the same hosts with every value a text: `"400"` where 400 was."""
    return [{name: str(value) for name, value in host.items()} for host in hosts]


def _host(rng: random.Random, number: int) -> Host:
    hypervisor = rng.choices(["kvm", "lxc", "qemu"], [80, 15, 5])[0]
    cluster = rng.randrange(8)
    model, speed = rng.choice(
        [
            ("Intel(R) Xeon(R) Gold 6142 CPU @ 2.60GHz", 2600),
            ("Intel(R) Xeon(R) Platinum 8260 CPU @ 2.40GHz", 2400),
            ("AMD EPYC 7302 16-Core Processor", 3000),
            ("AMD EPYC 7763 64-Core Processor", 2450),
        ]
    )
    total_cpu = rng.choice([1600, 3200, 6400])
    used_cpu = rng.randrange(0, total_cpu)
    total_mem = rng.choice([16, 32, 64]) * 1024 * 1024
    used_mem = rng.randrange(total_mem // 4, total_mem)
    disk = rng.choice([512_000, 1_024_000, 2_048_000])
    used_disk = rng.randrange(0, disk)
    return {
        "ID": number,
        "NAME": f"node{number:05d}",
        "STATE": 2,
        "HYPERVISOR": hypervisor,
        "ARCH": "x86_64",
        "MODELNAME": model,
        "CPUSPEED": speed,
        "CLUSTER_ID": cluster,
        "CLUSTER": f"cluster_{cluster}",
        "DATACENTER": f"dc{cluster % 3}",
        "QOS": rng.choices(["gold", "gold-plus", "silver", "bronze"], [14, 10, 38, 38])[0],
        "RACK": f"r{rng.randrange(40):02d}",
        "PRIORITY": rng.randrange(1, 100),
        "TOTAL_CPU": total_cpu,
        "USED_CPU": used_cpu,
        "FREE_CPU": total_cpu - used_cpu,
        "CPU_USAGE": rng.randrange(0, total_cpu),
        "TOTAL_MEM": total_mem,
        "USED_MEM": used_mem,
        "FREE_MEM": total_mem - used_mem,
        "MEM_USAGE": rng.randrange(0, total_mem),
        "MAX_DISK": disk,
        "USED_DISK": used_disk,
        "FREE_DISK": disk - used_disk,
        "RUNNING_VMS": rng.randrange(0, 25),
        "NETRX": rng.randrange(2**31),
        "VERSION": rng.choice(["7.2.1", "7.4.0"]),
    }
