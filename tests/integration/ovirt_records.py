"""Hosts and virtual machines as oVirt's engine describes them in JSON.

Names and nesting are those of an oVirt 4.5 engine, https://ovirt.github.io/ovirt-engine-api-model/4.5/. What is a text and what a number
is as in the recorded examples of the Red Hat Virtualization REST API guide ("JSON representation of a virtual machine" and "of a host"):
small whole numbers and truth values are texts, long whole numbers, decimals and times are numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

API = "/ovirt-engine/api"
GIB = 1024**3
CLUSTER = "8f6a0c3e-52b1-11ec-9f0a-00163e0b1f20"

Record = dict[str, Any]


def host_record(
    identifier: str,
    *,
    name: str | None = None,
    status: str = "up",
    active: int = 0,
    migrating: int = 0,
    memory: int = 64 * GIB,
    used: int = 16 * GIB,
    max_scheduling_memory: int = 40 * GIB,
    idle: float = 75.0,
    topology: tuple[int, int, int] = (2, 8, 2),
    spm: str = "none",
) -> Record:
    """Return a host as the engine describes it, its statistics under `_statistics`.

    Parameters
    ----------
    identifier : str
        Its id.
    memory, used, max_scheduling_memory : int
        Bytes.
    idle : float
        Percent.
    topology : tuple of int
        Sockets, cores of each, threads of each.
    """
    href = f"{API}/hosts/{identifier}"
    sockets, cores, threads = map(str, topology)
    return {
        "address": f"{name or identifier}.example.org",
        "auto_numa_status": "disable",
        "certificate": {"organization": "example.org", "subject": f"O=example.org,CN={identifier}.example.org"},
        "cluster": {"href": f"{API}/clusters/{CLUSTER}", "id": CLUSTER},
        "cpu": {
            "name": "Intel(R) Xeon(R) Silver 4208 CPU @ 2.10GHz",
            "speed": 2100,
            "topology": {"cores": cores, "sockets": sockets, "threads": threads},
            "type": "Intel Cascadelake Server Family",
        },
        "device_passthrough": {"enabled": "false"},
        "external_status": "ok",
        "hardware_information": {
            "manufacturer": "Example",
            "product_name": "R1",
            "supported_rng_sources": {"supported_rng_source": ["hwrng", "random"]},
        },
        "iscsi": {"initiator": "iqn.1994-05.org.example:48de2b4d0d2"},
        "kdump_status": "enabled",
        "ksm": {"enabled": "false"},
        "max_scheduling_memory": max_scheduling_memory,
        "memory": memory,
        "numa_supported": "true",
        "os": {
            "custom_kernel_cmdline": "",
            "reported_kernel_cmdline": "BOOT_IMAGE=(hd0,msdos1)/vmlinuz ro",
            "type": "RHEL",
            "version": {"full_version": "8.10 - 1.el8", "major": "8", "minor": "10"},
        },
        "port": "54321",
        "power_management": {
            "automatic_pm_enabled": "true",
            "enabled": "false",
            "kdump_detection": "true",
            "pm_proxies": {},
        },
        "protocol": "stomp",
        "se_linux": {"mode": "enforcing"},
        "spm": {"priority": "5", "status": spm},
        "ssh": {"port": "22"},
        "status": status,
        "summary": {"active": str(active), "migrating": str(migrating), "total": str(active + 1)},
        "transparent_huge_pages": {"enabled": "true"},
        "type": "rhel",
        "update_available": "false",
        "version": {"build": "80", "full_version": "vdsm-4.50.5.1-1.el8", "major": "4", "minor": "50", "revision": "5"},
        "vgpu_placement": "consolidated",
        "name": name or identifier,
        "comment": "",
        "actions": {"link": [{"href": f"{href}/{each}", "rel": each} for each in ("activate", "deactivate", "fence")]},
        "link": [{"href": f"{href}/{each}", "rel": each} for each in ("nics", "statistics", "tags")],
        "href": href,
        "id": identifier,
        "_statistics": [
            _statistic(href, "memory.total", memory, "integer", "bytes"),
            _statistic(href, "memory.used", used, "integer", "bytes"),
            _statistic(href, "memory.free", memory - used, "integer", "bytes"),
            _statistic(href, "cpu.current.user", 5, "decimal", "percent"),
            _statistic(href, "cpu.current.idle", idle, "decimal", "percent"),
            _statistic(href, "cpu.load.avg.5m", 1.25, "decimal", "percent"),
            _statistic(href, "boot.time", 1700000000, "integer", "none"),
        ],
    }


def vm_record(
    identifier: str,
    *,
    name: str | None = None,
    host: str | None = None,
    memory: int = 4 * GIB,
    topology: tuple[int, int, int] = (2, 1, 1),
    affinity: str = "migratable",
    preferred: Iterable[str] = (),
    highly_available: bool = False,
    cpu_usage: float = 12.5,
    os_type: str = "rhel_8x64",
) -> Record:
    """Return a virtual machine as the engine describes it, its statistics under `_statistics`.

    Parameters
    ----------
    identifier : str
        Its id.
    host : str, optional
        The id of the host that it runs on; it is down when None.
    memory : int
        Bytes.
    topology : tuple of int
        Sockets, cores of each, threads of each.
    preferred : iterable of str
        The ids of the hosts that it should run on.
    cpu_usage : float
        Percent.
    """
    href = f"{API}/vms/{identifier}"
    sockets, cores, threads = map(str, topology)
    pinned = [{"href": f"{API}/hosts/{each}", "id": each} for each in preferred]
    record: Record = {
        "bios": {"boot_menu": {"enabled": "false"}, "type": "q35_sea_bios"},
        "cluster": {"href": f"{API}/clusters/{CLUSTER}", "id": CLUSTER},
        "cpu": {
            "architecture": "x86_64",
            "topology": {"cores": cores, "sockets": sockets, "threads": threads},
        },
        "cpu_shares": "0",
        "creation_time": 1650000000000,
        "delete_protected": "false",
        "display": {"monitors": "1", "smartcard_enabled": "false", "type": "vnc"},
        "high_availability": {"enabled": str(highly_available).lower(), "priority": "1"},
        "memory": memory,
        "memory_policy": {"ballooning": "true", "guaranteed": memory, "max": 4 * memory},
        "migration": {"auto_converge": "inherit", "compressed": "inherit", "encrypted": "inherit"},
        "next_run_configuration_exists": "false",
        "origin": "ovirt",
        "os": {"boot": {"devices": {"device": ["hd"]}}, "type": os_type},
        "placement_policy": {"affinity": affinity, **({"hosts": {"host": pinned}} if pinned else {})},
        "sso": {"methods": {"method": [{"id": "guest_agent"}]}},
        "stateless": "false",
        "status": "down" if host is None else "up",
        "stop_reason": "",
        "template": {"href": f"{API}/templates/{CLUSTER}", "id": CLUSTER},
        "time_zone": {"name": "Etc/GMT"},
        "type": "server",
        "name": name or identifier,
        "description": "",
        "actions": {"link": [{"href": f"{href}/{each}", "rel": each} for each in ("migrate", "start", "stop")]},
        "link": [{"href": f"{href}/{each}", "rel": each} for each in ("diskattachments", "nics", "statistics")],
        "href": href,
        "id": identifier,
        "_statistics": [
            _statistic(href, "memory.installed", memory, "integer", "bytes"),
            _statistic(href, "cpu.current.guest", cpu_usage, "decimal", "percent"),
            _statistic(href, "cpu.current.total", cpu_usage, "decimal", "percent"),
            {**_statistic(href, "disks.usage", 0, "string", "none"), "values": {"value": [{"detail": "[]"}]}},
            {**_statistic(href, "migration.progress", 0, "decimal", "percent"), "values": {}},
        ],
    }
    if host is not None:
        record["host"] = {"href": f"{API}/hosts/{host}", "id": host}
        record["guest_operating_system"] = {
            "architecture": "x86_64",
            "distribution": "Red Hat Enterprise Linux",
            "family": "Linux",
            "version": {"full_version": "8.9", "major": "8", "minor": "9"},
        }
    return record


def _statistic(parent: str, name: str, datum: float, kind: str, unit: str) -> Record:
    href = f"{parent}/statistics/{name}"
    return {
        "kind": "gauge",
        "type": kind,
        "unit": unit,
        "values": {"value": [{"datum": datum}]},
        "name": name,
        "description": name,
        parent.split("/")[-2][:-1]: {"href": parent, "id": parent.rpartition("/")[2]},
        "href": href,
        "id": name,
    }
