"""The attributes of oVirt's hosts and virtual machines, with their units.

Where OpenNebula has the same, its name and unit are used, so that an expression can serve both: `RUNNING_VMS`, `FREE_CPU` in
hundredths of a core, `FREE_MEMORY` in KiB.
"""

from __future__ import annotations

from typing import NamedTuple


class AttributeNote(NamedTuple):
    """What an attribute is.

    Attributes
    ----------
    name : str
        Its name.
    unit : str
        Its unit, or what values it has.
    meaning : str
        What it tells.
    source : str
        Where oVirt's REST API (version 4) has it; a name in quotes is that of a statistic.
    """

    name: str
    unit: str
    meaning: str
    source: str


HOST_ATTRIBUTES = (
    AttributeNote("ID", "text", "the host's id", "id"),
    AttributeNote("NAME", "text", "its name", "name"),
    AttributeNote("STATUS", "text", "`up`, `maintenance`, `down`, ...", "status"),
    AttributeNote("CLUSTER_ID", "text", "the id of its cluster", "cluster.id"),
    AttributeNote("RUNNING_VMS", "number", "the virtual machines that run on it", "summary.active"),
    AttributeNote("MIGRATING_VMS", "number", "those of them that are moving", "summary.migrating"),
    AttributeNote("TOTAL_VMS", "number", "all virtual machines on it", "summary.total"),
    AttributeNote("TOTAL_MEMORY", "KiB", "its memory", "memory"),
    AttributeNote(
        "MAX_SCHEDULING_MEMORY", "KiB", "what a new virtual machine may have at most", "max_scheduling_memory"
    ),
    AttributeNote("FREE_MEMORY", "KiB", "its free memory", '"memory.free"'),
    AttributeNote("USED_MEMORY", "KiB", "its used memory", '"memory.used"'),
    AttributeNote("CORES", "number", "its cores", "cpu.topology: sockets x cores"),
    AttributeNote("THREADS", "number", "its logical processors", "cpu.topology: sockets x cores x threads"),
    AttributeNote("CPU_SPEED", "MHz", "the speed of its processors", "cpu.speed"),
    AttributeNote("CPU_MODEL", "text", "their model", "cpu.name"),
    AttributeNote("CPU_USAGE", "percent", "how busy its processors are, of 100 together", '100 - "cpu.current.idle"'),
    AttributeNote("TOTAL_CPU", "hundredths of a core", "100 for each logical processor", "cpu.topology"),
    AttributeNote("FREE_CPU", "hundredths of a core", "what is idle of that", '"cpu.current.idle"'),
    AttributeNote("USED_CPU", "hundredths of a core", "what is busy of that", '"cpu.current.idle"'),
    AttributeNote("CPU_LOAD", "number", "the load, averaged over five minutes", '"cpu.load.avg.5m"'),
    AttributeNote("SPM", "YES or NO", "whether it manages the storage pool", "spm.status is not none"),
    AttributeNote("OS_TYPE", "text", "its operating system", "os.type"),
    AttributeNote("OS_VERSION", "text", "the version of that", "os.version.full_version"),
)
"""What is known of a host."""

VM_ATTRIBUTES = (
    AttributeNote("ID", "text", "the virtual machine's id", "id"),
    AttributeNote("NAME", "text", "its name", "name"),
    AttributeNote("STATUS", "text", "`up`, `down`, `migrating`, ...", "status"),
    AttributeNote("HOST_ID", "text", "the id of the host that it runs on", "host.id"),
    AttributeNote("CLUSTER_ID", "text", "the id of its cluster", "cluster.id"),
    AttributeNote("MEMORY", "KiB", "its memory", "memory"),
    AttributeNote("VCPU", "number", "its virtual processors", "cpu.topology: sockets x cores x threads"),
    AttributeNote("CPU_USAGE", "percent", "how busy these are, of 100 together", '"cpu.current.total"'),
    AttributeNote("OS_TYPE", "text", "its operating system", "os.type"),
    AttributeNote(
        "OS_VERSION",
        "text",
        "the version of that",
        "os.version.full_version, guest_operating_system.version.full_version",
    ),
    AttributeNote(
        "MIGRATABLE", "YES or NO", "whether it may move by itself", "placement_policy.affinity is migratable"
    ),
    AttributeNote("HIGHLY_AVAILABLE", "YES or NO", "whether it is started again", "high_availability.enabled"),
    AttributeNote(
        "PREFERRED_HOSTS", "list of texts", "the ids of the hosts it should run on", "placement_policy.hosts"
    ),
)
"""What is known of a virtual machine."""
