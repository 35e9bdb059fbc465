"""A second opinion on oVirt's units, written from their descriptions alone and sharing no code with them.

Attributes are whole numbers here, or missing; fractions are exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

Record = Mapping[str, Any]
Rows = Sequence[tuple[str, int]]

MIB = 1024  # in KiB


# --- combinations


def weight(rows: Rows, host: str) -> int:
    """Several weights of one host from one weigher add up; hosts that a weigher leaves out weigh 0."""
    return sum(value for key, value in rows if key == host)


def totals(hosts: Sequence[str], weighers: Sequence[tuple[Rows, int]], combination: str) -> dict[str, int]:
    found = dict.fromkeys(hosts, 0)
    for rows, factor in weighers:
        for host in hosts:
            if combination == "rank":
                lower = [other for other in hosts if weight(rows, other) < weight(rows, host)]
                found[host] += factor * (len(hosts) - 1 - len(lower))
            else:
                found[host] += factor * weight(rows, host)
    return found


def order(hosts: Sequence[str], weighers: Sequence[tuple[Rows, int]], combination: str) -> list[str]:
    """Take the best of those that are left, again and again; the first of equals."""
    found, left, taken = totals(hosts, weighers, combination), list(hosts), []
    while left:
        best = left[0]
        for host in left:
            better = found[host] > found[best] if combination == "rank" else found[host] < found[best]
            if better:
                best = host
        left.remove(best)
        taken.append(best)
    return taken


def weights_of_scores(scores: Sequence[tuple[str, float | None]]) -> list[tuple[str, int]]:
    """weight = highest score of the call minus score, rounded down."""
    known = [(host, Fraction(score)) for host, score in scores if score is not None]
    highest = max((score for _, score in known), default=Fraction())
    return [(host, min(math.floor(highest - score), 2**31 - 1)) for host, score in known]


# --- the published samples


def filter_by_vm_count(hosts: Sequence[Record], maximum: int = 100) -> list[str]:
    return [host["ID"] for host in hosts if host.get("RUNNING_VMS") is not None and host["RUNNING_VMS"] < maximum]


def on(host: Record, vms: Sequence[Record]) -> list[Record]:
    return [vm for vm in vms if vm.get("HOST_ID") == host["ID"]]


def ksm_same_os_score(hosts: Sequence[Record], vms: Sequence[Record], vm: Record) -> list[tuple[str, Fraction]]:
    scores = []
    for host in hosts:
        score = 0
        for other in on(host, vms):
            if vm.get("OS_TYPE") is not None and other.get("OS_TYPE") == vm["OS_TYPE"]:
                score += 100 if other.get("OS_VERSION") == vm.get("OS_VERSION") else 20
        scores.append((host["ID"], Fraction(score, len(on(host, vms)) or 1)))
    return scores


Answer = tuple[str, list[str]] | None


def vm_count_balance(hosts: Sequence[Record], vms: Sequence[Record], maximum: int = 100) -> Answer:
    counted = [host for host in hosts if host.get("RUNNING_VMS") is not None]
    full = [host for host in counted if host["RUNNING_VMS"] >= maximum]
    receivers = [host["ID"] for host in counted if host["RUNNING_VMS"] < maximum]
    if not full:
        return None
    fullest = max(host["RUNNING_VMS"] for host in full)
    giver = next(host for host in full if host["RUNNING_VMS"] == fullest)
    if not on(giver, vms) or not receivers:
        return None
    return on(giver, vms)[0]["ID"], receivers


def host_memory_balance(
    hosts: Sequence[Record], vms: Sequence[Record], minimum_mib: int = 500, safe: bool = True
) -> Answer:
    minimum = minimum_mib * MIB
    known = [host for host in hosts if host.get("FREE_MEMORY") is not None]
    below = [host for host in known if host["FREE_MEMORY"] < minimum]
    if not below:
        return None
    least = min(host["FREE_MEMORY"] for host in below)
    giver = next(host for host in below if host["FREE_MEMORY"] == least)

    def receivers(vm: Record) -> list[str]:
        return [
            host["ID"]
            for host in known
            if host["FREE_MEMORY"] > minimum
            and host["FREE_MEMORY"] - vm["MEMORY"] >= minimum
            and (host.get("MAX_SCHEDULING_MEMORY") is None or host["MAX_SCHEDULING_MEMORY"] >= vm["MEMORY"])
        ]

    fitting = [vm for vm in on(giver, vms) if vm.get("MEMORY") is not None and receivers(vm)]
    if not fitting:
        return None
    larger = [vm for vm in fitting if vm["MEMORY"] > minimum - giver["FREE_MEMORY"]]
    if safe or larger:
        size = min(vm["MEMORY"] for vm in (fitting if safe else larger))
    else:
        size = max(vm["MEMORY"] for vm in fitting)
    candidates = fitting if safe or not larger else larger
    chosen = next(vm for vm in candidates if vm["MEMORY"] == size)
    return chosen["ID"], receivers(chosen)


# --- oVirt's own: what is known of hosts


def cores(host: Record, threads: bool) -> int | None:
    count = host.get("THREADS") if threads and host.get("THREADS") is not None else host.get("CORES")
    return count or None


def load(host: Record, threads: bool) -> Fraction | None:
    """The load per core in percent, with the tenth of a core that managing the storage pool takes."""
    count = cores(host, threads)
    if count is None or host.get("CPU_USAGE") is None:
        return None
    return Fraction(host["CPU_USAGE"]) + (Fraction(10, count) if host.get("SPM") == "YES" else 0)


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def stretched(loads: Sequence[int | None]) -> list[int]:
    known = [each for each in loads if each is not None]
    weights = []
    for each in loads:
        if each is None:
            weights.append(1000)
        elif max(known) == min(known):
            weights.append(1)
        else:
            weights.append(half_up(1 + Fraction(each - min(known), max(known) - min(known)) * 999))
    return weights


def load_with(host: Record, vm: Record, threads: bool) -> Fraction | None:
    count, own = cores(host, threads), load(host, threads)
    if count is None or own is None:
        return None
    if vm.get("HOST_ID") == host["ID"]:
        return own
    each = vm["CPU_USAGE"] if vm.get("HOST_ID") is not None and vm.get("CPU_USAGE") is not None else 10
    return own + Fraction(each * vm.get("VCPU", 1), count)


# --- oVirt's own: filters


def kept(hosts: Sequence[Record], vm: Record, high: int, minutes: int, threads: bool) -> list[str]:
    """Return the hosts that all filters keep."""
    found = []
    for host in hosts:
        if host.get("STATUS", "up") != "up" or host["ID"] == vm.get("HOST_ID"):
            continue
        count = cores(host, threads)
        if count is None or count < vm["VCPU"]:
            continue
        own = load(host, threads)
        since = host.get("CPU_OVERCOMMITTED_MINUTES")
        if (own is None or own > high) and (since is None or since >= minutes):
            continue
        room = host.get("MAX_SCHEDULING_MEMORY")
        if vm.get("STATUS") != "paused" and (room is None or room < vm["MEMORY"]):
            continue
        found.append(host["ID"])
    return found


# --- oVirt's own: weights


def even_cpu(hosts: Sequence[Record], vms: Sequence[Record], vm: Record, ratio: Fraction, threads: bool) -> list[int]:
    loads: list[int | None] = []
    for host in hosts:
        found = load_with(host, vm, threads)
        count = cores(host, threads)
        if found is not None and count is not None and ratio:
            together = sum(other["VCPU"] for other in on(host, vms))
            together += 0 if vm.get("HOST_ID") == host["ID"] else vm["VCPU"]
            found *= 1000 if Fraction(together, count) >= ratio else 1
        loads.append(None if found is None else half_up(found))
    return stretched(loads)


def power_saving_cpu(hosts: Sequence[Record], vm: Record, high: int, threads: bool) -> list[int]:
    loads: list[int | None] = []
    for host in hosts:
        own, found = load(host, threads), load_with(host, vm, threads)
        loads.append(None if own is None or found is None or own > high else -half_up(found))
    return stretched(loads)


def left(host: Record, vm: Record) -> Fraction:
    needed = 0 if vm.get("HOST_ID") == host["ID"] else vm["MEMORY"]
    return Fraction(host["MAX_SCHEDULING_MEMORY"] - needed, MIB)


def most(hosts: Sequence[Record]) -> Fraction:
    return max((Fraction(host.get("MAX_SCHEDULING_MEMORY") or 0, MIB) for host in hosts), default=Fraction())


def even_memory(hosts: Sequence[Record], vm: Record) -> list[int]:
    weights = []
    for host in hosts:
        if host.get("MAX_SCHEDULING_MEMORY") is None or most(hosts) <= 1:
            weights.append(1000)
        else:
            weights.append(1000 - half_up((left(host, vm) - 1) * 999 / (most(hosts) - 1)))
    return weights


def power_saving_memory(hosts: Sequence[Record], vm: Record, least: int, idle: int | None) -> list[int]:
    ceiling = most(hosts) * Fraction(11, 10)
    weights = []
    for host in hosts:
        if host.get("MAX_SCHEDULING_MEMORY") is None or ceiling == 0:
            weights.append(1000)
            continue
        free = left(host, vm)
        if free < least:
            free = ceiling if idle is None else min(ceiling, idle + least - free)
        weights.append(math.floor(free / ceiling * 999) + 1)
    return weights


# --- oVirt's own: balancers


def count_of(host: Record, vms: Sequence[Record]) -> int:
    told: int | None = host.get("TOTAL_VMS")
    return len(on(host, vms)) if told is None else told


class Cluster:
    """Hosts that are up, and the thresholds of a policy; `least` and `idle` in MiB."""

    def __init__(
        self,
        hosts: Sequence[Record],
        vms: Sequence[Record],
        *,
        high: int,
        low: int = 20,
        minutes: int = 2,
        least: int = 0,
        idle: int | None = None,
        ratio: Fraction = Fraction(),
        threads: bool = False,
    ) -> None:
        self.hosts = [host for host in hosts if host.get("STATUS", "up") == "up"]
        self.vms, self.high, self.low, self.minutes = vms, high, low, minutes
        self.least, self.idle, self.ratio, self.threads = least, idle, ratio, threads
        self.room = min(math.floor(Fraction(80 * high, 100)), high - 10)

    def percent(self, host: Record) -> int | None:
        found = load(host, self.threads)
        return None if found is None else math.ceil(found)

    def lasted(self, host: Record) -> bool:
        since = host.get("CPU_OVERCOMMITTED_MINUTES")
        return since is None or since >= self.minutes

    def busy(self, host: Record, limit: int) -> bool:
        percent = self.percent(host)
        return percent is not None and percent >= limit and self.lasted(host) and count_of(host, self.vms) > 0

    def below(self, host: Record, limit: int) -> bool:
        percent = self.percent(host)
        return percent is not None and percent < limit and self.lasted(host)

    def crowded(self, host: Record) -> bool:
        count = cores(host, self.threads)
        together = sum(vm["VCPU"] for vm in on(host, self.vms))
        return (
            self.ratio > 0
            and count is not None
            and self.percent(host) is not None
            and Fraction(together, count) >= self.ratio
        )

    def sorted(self, hosts: Sequence[Record], *, busiest: bool = False) -> list[Record]:
        def key(host: Record) -> int:
            percent = self.percent(host) or 0
            return -percent if busiest else percent

        return sorted(hosts, key=key)

    def short(self) -> list[Record]:
        return [
            host
            for host in self.hosts
            if host.get("MAX_SCHEDULING_MEMORY") is not None
            and host["MAX_SCHEDULING_MEMORY"] < self.least * MIB
            and count_of(host, self.vms) > 1
        ]

    def beyond(self, limit: int) -> list[Record]:
        return [
            host
            for host in self.hosts
            if host.get("MAX_SCHEDULING_MEMORY") is not None and host["MAX_SCHEDULING_MEMORY"] > limit * MIB
        ]

    def takes(self, host: Record, vm: Record) -> bool:
        if any(host.get(name) is None for name in ("CPU_USAGE", "MAX_SCHEDULING_MEMORY")) or vm.get("MEMORY") is None:
            return False
        threads = host.get("THREADS")
        added = (vm.get("CPU_USAGE") or 0) * vm["VCPU"] // threads if threads else 0
        room = host["MAX_SCHEDULING_MEMORY"] - vm["MEMORY"]
        return host["CPU_USAGE"] + added <= self.high and room > self.least * MIB

    def move(self, sources: Sequence[Record], destinations: Sequence[Record]) -> Answer:
        for source in sources:
            machines = [vm for vm in on(source, self.vms) if vm.get("MIGRATABLE") != "NO"]
            for vm in sorted(machines, key=lambda vm: (vm.get("CPU_USAGE") or 0) * vm["VCPU"]):
                hosts = [host["ID"] for host in destinations if host != source and self.takes(host, vm)]
                if hosts:
                    return vm["ID"], hosts
        return None

    def even(self) -> Answer:
        if len(self.hosts) < 2:
            return None
        sources = [host for host in self.hosts if self.busy(host, self.high) or self.crowded(host)]
        destinations = [host for host in self.hosts if self.below(host, self.room)]
        return self.move(self.sorted(sources, busiest=True), self.sorted(destinations)) or self.move(
            self.short(), self.beyond(self.idle or 0)
        )

    def power_saving(self) -> Answer:
        if len(self.hosts) < 2:
            return None
        over = self.sorted([host for host in self.hosts if self.busy(host, self.room)], busiest=True)
        under = [host for host in self.hosts if self.below(host, self.low) and count_of(host, self.vms) > 0]
        destinations = [host for host in self.hosts if not self.busy(host, self.high)]
        found = self.move([*over, *self.sorted(under)], destinations)
        if found is not None:
            return found
        roomy = [] if self.idle is None else self.beyond(self.idle)
        roomy = [host for host in roomy if count_of(host, self.vms) > 0]
        return self.move([*self.short(), *roomy], self.beyond(self.least))

    def even_guests(self, least_count: int, threshold: int, grace: int) -> Answer:
        slots = {
            host["ID"]: host["RUNNING_VMS"] + (grace if host.get("SPM") == "YES" else 0)
            for host in self.hosts
            if host.get("RUNNING_VMS") is not None
        }
        if len(self.hosts) < 2 or not slots or max(slots.values()) < least_count:
            return None
        worst = max(slots.values())
        known = [host for host in self.hosts if host["ID"] in slots]
        return self.move(
            [host for host in known if slots[host["ID"]] == worst],
            [host for host in known if worst - slots[host["ID"]] >= threshold],
        )
