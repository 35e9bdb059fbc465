"""What a scheduler's plan must be, looked at with simple code that shares nothing with the scheduler."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from lxml import etree

from benchmarks.settings import WrongAnswer
from matchmaker import Rank, Requirement
from matchmaker.opennebula import read_pool


@dataclass(frozen=True)
class Action:
    """Where one VM goes; the networks are those of its automatic NICs."""

    vm: int
    host: int
    datastore: int
    networks: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """The actions of a plan in order, and the VMs that the messages refuse."""

    actions: tuple[Action, ...]
    refused: frozenset[int]


def read_outcome(output: bytes, messages: bytes) -> Outcome:
    """Read what the driver wrote."""
    try:
        plan = etree.fromstring(output)
    except etree.XMLSyntaxError as error:
        raise WrongAnswer(f"the plan is no document: {error}") from None
    actions = tuple(
        Action(
            _number(action, "VM_ID"),
            _number(action, "HOST_ID"),
            _number(action, "DS_ID"),
            tuple(_number(nic, "NETWORK_ID") for nic in action.iterfind("NIC")),
        )
        for action in plan.iterfind("ACTION")
    )
    return Outcome(actions, frozenset(map(int, re.findall(rb"^ERROR: ([0-9]+) ", messages, re.MULTILINE))))


def check_outcome(document: bytes, outcome: Outcome) -> None:
    """Check that each VM is placed or refused, once, and that nothing has less than no room.

    Raises
    ------
    WrongAnswer
        If not; also if hardly any VM is placed, or none refused: then the times would say little.
    """
    root = _parsed(document)
    vms = {_number(vm, "ID"): vm for vm in root.iterfind("VM_POOL/VM")}
    placed = [action.vm for action in outcome.actions]
    if sorted([*placed, *outcome.refused]) != sorted(vms):
        wrong = Counter([*placed, *outcome.refused])
        wrong.subtract(list(vms))
        raise WrongAnswer(f"VMs that are not placed or refused once: {[vm for vm in wrong if wrong[vm]][:10]}")
    if not len(vms) / 2 < len(placed) < len(vms):
        raise WrongAnswer(f"{len(placed)} of {len(vms)} VMs are placed")
    left = _room(root)
    clusters = _clusters(root)
    for action in outcome.actions:
        template = vms[action.vm].find("TEMPLATE")
        left["CPU of host", action.host] -= int(float(template.findtext("CPU")) * 100)
        left["memory of host", action.host] -= int(template.findtext("MEMORY")) * 1024
        for network in action.networks:
            left["leases of network", network] -= 1
        cluster = clusters["host", action.host]
        places = [("datastore", action.datastore), *(("network", network) for network in action.networks)]
        if not all(cluster & clusters[place] for place in places):
            raise WrongAnswer(f"VM {action.vm} gets a host, a datastore and networks that share no cluster")
        if len(set(action.networks)) < len(action.networks) or len(action.networks) != len(template.findall("NIC")):
            raise WrongAnswer(f"VM {action.vm} has NICs without a network, or two in one")
    for (what, identity), amount in left.items():
        if amount < 0:
            raise WrongAnswer(f"the {what} {identity} is exceeded by {-amount}")


def first_action(document: bytes) -> Action:
    """Return where the first VM goes: it has no NICs, and its disk fits everywhere.

    The host is that with the highest rank among those with room that meet the automatic requirement and the VM's own; of
    equal ones the one later in the list. So is the datastore, among those in the host's cluster, by free space.
    """
    root = _parsed(document)
    vm, listed = root.find("VM_POOL/VM"), root.find("REQUIREMENTS/VM")
    template, user = vm.find("TEMPLATE"), vm.find("USER_TEMPLATE")
    automatic = Requirement(template.findtext("AUTOMATIC_REQUIREMENTS"))
    own, rank = Requirement(user.findtext("SCHED_REQUIREMENTS")), Rank(user.findtext("SCHED_RANK"))
    room, clusters = _room(root), _clusters(root)
    cpu, memory = float(template.findtext("CPU")) * 100, int(template.findtext("MEMORY")) * 1024

    def best(tag: str, names: str, rank: Rank, suits: Any) -> int:
        pool = read_pool(etree.tostring(root.find(tag)))
        found = [identity for identity in map(int, listed.xpath(names)) if suits(identity, pool[identity])]
        scores = np.array([rank.score(pool[identity]) for identity in found], np.float32)
        scaled = scores / np.abs(scores).max()
        return max(zip(scaled.tolist(), range(len(found)), found, strict=True))[-1]

    def suits(identity: int, host: Any) -> bool:
        fits = room["CPU of host", identity] >= cpu and room["memory of host", identity] >= memory
        return fits and automatic.matches(host) and own.matches(host)

    host = best("HOST_POOL", "HOSTS/ID/text()", rank, suits)
    near = clusters["host", host]
    datastore = best(
        "DATASTORE_POOL",
        "DATASTORES/ID/text()",
        Rank("FREE_MB"),
        lambda identity, _: bool(clusters["datastore", identity] & near),
    )
    return Action(_number(vm, "ID"), host, datastore, ())


def _room(root: Any) -> dict[tuple[str, int], int]:
    """Return what hosts and networks have left."""
    left = {}
    for host in root.iterfind("HOST_POOL/HOST"):
        share, identity = host.find("HOST_SHARE"), _number(host, "ID")
        left["CPU of host", identity] = _number(share, "MAX_CPU") - _number(share, "CPU_USAGE")
        left["memory of host", identity] = _number(share, "MAX_MEM") - _number(share, "MEM_USAGE")
    for network in root.iterfind("VNET_POOL/VNET"):
        leases = sum(_number(part, "SIZE") for part in network.iterfind("AR_POOL/AR"))
        left["leases of network", _number(network, "ID")] = leases - _number(network, "USED_LEASES")
    return left


def _clusters(root: Any) -> dict[tuple[str, int], set[int]]:
    found = {
        (what, _number(element, "ID")): {int(cluster.text) for cluster in element.iterfind("CLUSTERS/ID")}
        for what, path in (("datastore", "DATASTORE_POOL/DATASTORE"), ("network", "VNET_POOL/VNET"))
        for element in root.iterfind(path)
    }
    for host in root.iterfind("HOST_POOL/HOST"):
        found["host", _number(host, "ID")] = {_number(host, "CLUSTER_ID")}
    return found


def _number(element: Any, name: str) -> int:
    return int(element.findtext(name))


def _parsed(document: bytes) -> Any:
    return etree.fromstring(document, etree.XMLParser(huge_tree=True))
