"""What OpenNebula's documents and its monitoring say about hosts, datastores and virtual networks.

Names are those that an expression reads without quotes: the children of the places that OpenNebula looks at. What an
administrator adds, such as a RACK or a GPU, is known to nobody else, and so belongs into a schema of one's own.
"""

from __future__ import annotations

from matchmaker.checking.schema import AttributeInfo, Schema

_CORES, _KIB, _MB = "hundredths of a core", "KiB", "MB"


def _number(description: str, unit: str = "") -> AttributeInfo:
    return AttributeInfo("number", unit, description)


def _text(description: str) -> AttributeInfo:
    return AttributeInfo("text", "", description)


HOSTS = Schema({
    "ARCH": _text("architecture of the CPUs, such as `x86_64`"),
    "CGROUPS_VERSION": _number("version of control groups"),
    "CLUSTER": _text("name of the cluster"),
    "CLUSTER_ID": _number("ID of the cluster, -1 for none"),
    "CPUSPEED": _number("clock rate of the CPUs", "MHz"),
    "CPU_USAGE": _number("CPU that VMs have asked for", _CORES),
    "CURRENT_VMS": _number("asks for a VM: `= 7` is true where VM 7 is, `!= 7` where it is not"),
    "DISK_USAGE": _number("disk that VMs have asked for", _MB),
    "ERROR": _text("why monitoring fails, where it does"),
    "FREE_CPU": _number("CPU that is idle, as measured", _CORES),
    "FREE_DISK": _number("disk that is free, as measured", _MB),
    "FREE_MEM": _number("memory that is free, as measured; before OpenNebula 5.12", _KIB),
    "FREE_MEMORY": _number("memory that is free, as measured", _KIB),
    "HOSTNAME": _text("what `hostname` says"),
    "HYPERVISOR": _text("name of the hypervisor, such as `kvm` or `lxc`"),
    "ID": _number("ID of the host"),
    "IM_MAD": _text("driver that monitors"),
    "KVM_CPU_FEATURES": _text("features of the CPU model, with commas between them"),
    "KVM_CPU_MODEL": _text("CPU model of the host"),
    "KVM_CPU_MODELS": _text("CPU models that VMs can have, with blanks between them"),
    "KVM_MACHINES": _text("machine types that VMs can have, with blanks between them"),
    "LAST_MON_TIME": _number("time of the last monitoring; before OpenNebula 5.12", "seconds since 1970"),
    "MAX_CPU": _number("CPU that VMs may ask for: all, less what is reserved", _CORES),
    "MAX_DISK": _number("size of the disk", _MB),
    "MAX_MEM": _number("memory that VMs may ask for: all, less what is reserved", _KIB),
    "MEM_USAGE": _number("memory that VMs have asked for", _KIB),
    "MODELNAME": _text("name of the CPU, as its maker calls it"),
    "NAME": _text("name of the host"),
    "NETRX": _number("network traffic that came in", "bytes"),
    "NETTX": _number("network traffic that went out", "bytes"),
    "PIN_POLICY": _text("`PINNED` where VMs are pinned to CPUs, else `NONE`"),
    "PREV_STATE": _number("state before this one"),
    "PRIORITY": _number("what the fixed policy ranks by"),
    "RESERVED_CPU": _text("CPU that is not for VMs: a number, or a share such as `10%`"),
    "RESERVED_MEM": _text("memory that is not for VMs: a number, or a share such as `10%`"),
    "RUNNING_VMS": _number("how many VMs there are"),
    "STATE": _number("2 when monitored"),
    "TOTAL_CPU": _number("all CPU there is", _CORES),
    "TOTAL_MEM": _number("all memory there is", _KIB),
    "TOTAL_WILDS": _number("how many VMs run that OpenNebula did not start"),
    "USED_CPU": _number("CPU in use, as measured", _CORES),
    "USED_DISK": _number("disk in use, as measured", _MB),
    "USED_MEM": _number("memory in use, as measured; before OpenNebula 5.12", _KIB),
    "USED_MEMORY": _number("memory in use, as measured", _KIB),
    "VERSION": _text("version of the monitoring programs"),
    "VMS_THREAD": _number("VMs per hardware thread"),
    "VM_MAD": _text("driver that runs VMs"),
    "VN_MAD": _text("network driver; before OpenNebula 5"),
    "WILDS": _text("names of VMs that run and that OpenNebula did not start"),
})  # fmt: skip
"""What hosts have."""

DATASTORES = Schema({
    "BASE_PATH": _text("path of the datastore"),
    "DISK_TYPE": _number("sort of its disks: 0 files, 1 CD-ROMs, 2 block devices, 3 RBD"),
    "DS_MAD": _text("datastore driver"),
    "FREE_MB": _number("space that is free", _MB),
    "GID": _number("ID of its group"),
    "GNAME": _text("name of its group"),
    "ID": _number("ID of the datastore"),
    "LIMIT_MB": _number("space that may be used at most", _MB),
    "NAME": _text("name of the datastore"),
    "PRIORITY": _number("what the fixed policy ranks by"),
    "SHARED": _text("`YES` when all hosts see it, else `NO`"),
    "STATE": _number("0 when enabled, 1 when disabled"),
    "TM_MAD": _text("transfer driver"),
    "TOTAL_MB": _number("all space there is", _MB),
    "TYPE": _number("0 for images, 1 for systems, 2 for files"),
    "UID": _number("ID of its owner"),
    "UNAME": _text("name of its owner"),
    "USED_MB": _number("space in use", _MB),
})  # fmt: skip
"""What datastores have."""

NETWORKS = Schema({
    "BRIDGE": _text("name of the bridge"),
    "BRIDGE_TYPE": _text("sort of the bridge, such as `linux`"),
    "DNS": _text("name servers, with blanks between them"),
    "GATEWAY": _text("address of the gateway"),
    "GID": _number("ID of its group"),
    "GNAME": _text("name of its group"),
    "ID": _number("ID of the network"),
    "MTU": _number("largest packet on the bridge", "bytes"),
    "NAME": _text("name of the network"),
    "NETWORK_ADDRESS": _text("address of the network"),
    "NETWORK_MASK": _text("mask of the network"),
    "OUTER_VLAN_ID": _number("ID of the outer VLAN"),
    "OUTER_VLAN_ID_AUTOMATIC": _number("1 when OpenNebula chose the outer VLAN"),
    "PARENT_NETWORK_ID": _number("ID of the network that it is reserved from"),
    "PHYDEV": _text("network device of the hosts"),
    "PREV_STATE": _number("state before this one"),
    "PRIORITY": _number("what the fixed policy ranks by"),
    "SECURITY_GROUPS": _text("IDs of its security groups, with commas between them"),
    "STATE": _number("1 when ready"),
    "TEMPLATE_ID": _number("ID of the template that it was made of"),
    "UID": _number("ID of its owner"),
    "UNAME": _text("name of its owner"),
    "USED_LEASES": _number("how many addresses are in use"),
    "VLAN_ID": _number("ID of the VLAN"),
    "VLAN_ID_AUTOMATIC": _number("1 when OpenNebula chose the VLAN"),
    "VN_MAD": _text("network driver"),
})  # fmt: skip
"""What virtual networks have."""

SCHEMAS = {"host": HOSTS, "datastore": DATASTORES, "network": NETWORKS}
"""The schemas by kind of candidate."""
