"""How much space a virtual machine's disks take, and where. All sizes are in MB."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from matchmaker.attributes.numbers import float32
from matchmaker.opennebula.readers import INT32, Vector, strict

VOLATILE = {"FS", "SWAP"}
"""The types of disks that are made anew on the system datastore."""


class DiskUsage(NamedTuple):
    """What disks take.

    Parameters
    ----------
    system : int
        Space on the system datastore.
    images : dict of int to int
        Space on image datastores, by their id.
    unread : tuple of str
        The sizes that are no numbers: these disks do not count.
    """

    system: int
    images: dict[int, int]
    unread: tuple[str, ...]


def disk_usage(disks: Iterable[Vector]) -> DiskUsage:
    """Return what disks take (RULES of OpenNebula 7.4, observed).

    A disk takes its size and that of its snapshots. Where: CLONE_TARGET of a cloned image and LN_TARGET of a linked one say
    SYSTEM, or SELF for the image's own datastore; anything else takes nothing.

    Parameters
    ----------
    disks : iterable of mapping of str to str
        The DISK vectors of a virtual machine.
    """
    system = 0
    images: dict[int, int] = {}
    unread = []
    for disk in disks:
        size = strict(disk, "SIZE")
        if size is None:
            unread += [disk["SIZE"]] if "SIZE" in disk else []
            continue
        size += strict(disk, "DISK_SNAPSHOT_TOTAL_SIZE") or 0
        if disk.get("TYPE", "").upper() in VOLATILE:
            system += size
            continue
        datastore = strict(disk, "DATASTORE_ID", within=INT32)
        clone = disk.get("CLONE", "")
        if datastore is None or not clone:
            continue
        target = disk.get("CLONE_TARGET" if clone.upper() == "YES" else "LN_TARGET", "").upper()
        if target == "SYSTEM":
            system += size
        elif target == "SELF":
            images[datastore] = images.get(datastore, 0) + size
    return DiskUsage(system, images, tuple(unread))


def with_memory(system: int, memory: int, scale: float) -> int:
    """Return the space on the system datastore with room for the memory, as checkpoints need.

    Parameters
    ----------
    system : int
        The space that the disks take.
    memory : int
        The memory in MB.
    scale : float
        MEMORY_SYSTEM_DS_SCALE: how much of the memory; negative for none.

    Notes
    -----
    OpenNebula adds in float32, with a scale of 0 too: 16777217 MB become 16777216.
    """
    if memory <= 0 or scale < 0:
        return system
    total = float32(float32(system) + float32(float32(memory) * float32(scale)))
    return int(total) if math.isfinite(total) else 2**63 - 1
