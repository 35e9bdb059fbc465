"""Random documents of a scheduler run, small, and full of the corners that RULES.md names.

`scenario(random)` makes one from any `random.Random`; `scenarios()` is the hypothesis strategy of the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from hypothesis import strategies as st
from lxml import etree


class Scenario(NamedTuple):
    xml: str
    config: dict[str, Any]
    config_text: str

    @property
    def stdin(self) -> bytes:
        return base64.b64encode(self.xml.encode()) + b"\n"


FEATURES = {
    "odd_numbers": 0.15,
    "odd_text": 0.15,
    "odd_elements": 0.15,  # missing, doubled, empty
    "odd_lists": 0.3,
    "huge": 0.1,
    "big_ranks": 0.15,
    "ranks": 0.5,
    "requirements": 0.4,
    "broken": 0.1,
    "tight": 0.5,  # capacities that do not suffice for all
    "disks": 0.5,
    "local": 0.4,
    "clusters": 0.3,
    "unmonitored": 0.15,
    "nics": 0.4,
    "resched": 0.35,
    "resume": 0.15,
    "priority": 0.4,
    "pci": 0.25,
    "numa": 0.3,
    "groups": 0.4,
    "lowercase": 0.1,
    "current_vms": 0.2,
}


FOCUS: dict[str, dict[str, float]] = {
    "numa": {"numa": 1, "pci": 0.4, "priority": 0.2},
    "pci": {"pci": 1, "numa": 0.3},
    "groups": {"groups": 1, "resched": 0.4, "requirements": 0.3, "current_vms": 0.3, "disks": 0.2, "priority": 0.3},
    "disks": {"disks": 1, "tight": 0.8, "local": 0.5, "resume": 0.6, "resched": 0.4, "huge": 0.2, "unmonitored": 0.2},
    "ranks": {"ranks": 1, "big_ranks": 0.8, "priority": 0.7, "nics": 0.5, "tight": 0.4},
}
"""What a document about one thing is about, with the chances of what is beside it."""


class Maker:
    """What makes one document."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.on = {name: random.random() < chance for name, chance in FEATURES.items()}
        pick = random.random()
        self.focus = ""
        if pick < 0.05:  # a quiet document
            self.on = dict.fromkeys(FEATURES, False)
        elif pick < 0.55:  # one thing only, so that much is placed and bookings meet each other
            self.focus = random.choice(list(FOCUS))
            chances = FOCUS[self.focus]
            self.on = {name: random.random() < chances.get(name, 0.0) for name in FEATURES}
        self.host_ids = random.sample(range(12), random.choice([1, 2, 2, 3, 3, 3, 4, 4, 5, 8]))
        self.vm_ids = random.sample(range(10, 40), random.randint(1, 10 if random.random() < 0.3 else 5))
        if self.focus in ("numa", "pci"):
            self.host_ids = self.host_ids[:2]
            self.vm_ids = random.sample(range(10, 40), random.randint(3, 9))
        self.system_ids = random.sample(range(100, 106), random.choice([0] + [1, 2, 2, 3, 4] * 5))
        self.image_ids = random.sample(range(1, 5), random.randint(0, 3))
        self.network_ids = random.sample(range(6), random.randint(1, 4)) if self.on["nics"] else []
        self.clusters = [0, 100, 101] if self.on["clusters"] else [0]

    # --- small things

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def odd(self, feature: str, probability: float = 0.08) -> bool:
        return self.on[feature] and self.chance(probability)

    def number(self, value: Any) -> str:
        """A number as a text; with odd numbers also in other ways, or none at all."""
        text = str(value)
        if not self.odd("odd_numbers"):
            return text
        plain = text.lstrip("-")
        sign = text[: len(text) - len(plain)]
        return str(
            self.pick(
                " " + text,
                "\n" + text,
                text + " ",
                text + "x",
                text + " 1",
                sign + "0" + plain,
                sign + "00" + plain,
                text + ".0",
                text + "e0",
                text if sign else "+" + text,
                "",
                "abc",
                "- " + plain,
                ".5",
                "-1",
                "-7",
                "0",
            )
        )

    def huge(self, value: Any) -> str:
        if self.odd("huge", 0.2):
            return str(
                self.pick(
                    2**31 - 1,
                    2**31,
                    -(2**31),
                    2**32,
                    2**53 + 1,
                    2**54 - 1,
                    16777217,
                    33554433,
                    2**62,
                    2**63 - 1,
                    2**63,
                    10**25,
                )
            )
        return self.number(value)

    def text(self, text: str) -> str:
        """A text as XML."""
        how = self.random.random()
        if self.odd("odd_text", 0.2) and len(text) > 1:
            cut = self.random.randint(1, len(text) - 1)
            one, other = text[:cut], text[cut:]
            return str(
                self.pick(
                    f"<![CDATA[{one}]]>{escape(other)}",
                    f"{escape(one)}<![CDATA[{other}]]>",
                    f"{escape(one)}<!-- -->{escape(other)}",
                    f"<!-- -->{escape(text)}",
                    f"<![CDATA[{text}]]><!-- -->",
                    f"{escape(one)}<B>9</B>{escape(other)}",
                )
            )
        if how < 0.3 and text:
            return f"<![CDATA[{text}]]>"
        return escape(text)

    def element(self, name: str, text: Any) -> str:
        """An element with a text; with odd elements sometimes none, two, or an empty one."""
        if self.odd("lowercase", 0.01):
            name = name.lower()
        made = f"<{name}>{self.text(str(text))}</{name}>"
        if self.odd("odd_elements", 0.06):
            other = f"<{name}>{self.pick('', '1', '2', '0', '100', 'abc')}</{name}>"
            return str(
                self.pick("", f"<{name}/>", made + other, other + made, f"<{name}/>" + made, made + f"<{name}/>")
            )
        return made

    def numeric(self, name: str, value: Any) -> str:
        return self.element(name, self.number(value))

    def vector(self, name: str, members: Sequence[str]) -> str:
        """A vector, its members in any order."""
        shuffled = list(members)
        self.random.shuffle(shuffled)
        if self.odd("odd_elements", 0.04):
            return str(self.pick(f"<{name}/>", f"<{name}>text</{name}>", f"<{name}><![CDATA[x]]></{name}>", ""))
        if self.odd("lowercase", 0.2):
            name = str(self.pick(name.lower(), name.capitalize()))
        space = " " if self.odd("odd_text", 0.2) else ""
        return f"<{name}>{space}{''.join(shuffled)}</{name}>"

    def ids(self, known: Sequence[int], unknown: Sequence[int] = (77,)) -> list[str]:
        """A list of ids: most of them, in any order, sometimes repeated or unknown or none."""
        found = [one for one in known if self.chance(0.9)] or (list(known) if self.chance(0.9) else [])
        self.random.shuffle(found)
        if self.on["odd_lists"]:
            if found and self.chance(0.3):
                found.insert(self.random.randint(0, len(found)), self.random.choice(found))
            if self.chance(0.3):
                found.insert(self.random.randint(0, len(found)), self.random.choice(list(unknown)))
            if self.chance(0.05):
                found = []
        return [f"<ID>{self.text(self.number(one))}</ID>" for one in found]

    # --- expressions

    def requirement(self) -> str:
        choices: list[Callable[[], str]] = [
            lambda: f"ID = {self.random.choice(self.host_ids)}",
            lambda: f"ID != {self.random.choice(self.host_ids)}",
            lambda: 'HYPERVISOR = "kvm"',
            lambda: "FREE_CPU > " + str(self.pick(50, 150, 399)),
            lambda: 'ARCH = "x*" | PRIORITY > 3',
            lambda: f'"CLUSTERS/ID" @> {self.random.choice(self.clusters)}',
            lambda: f"CLUSTER_ID = {self.random.choice(self.clusters)}",
            lambda: "",
            lambda: "  ",
            lambda: self.pick("MISSING != 1", "!(MISSING = 1)", "!(MISSING = 1)"),
            lambda: "ID > -1",
            lambda: "PRIORITY < 60",
            lambda: 'HYPERVISOR = "CURRENT_VMS" | ID > -1',
        ]
        if self.on["current_vms"]:
            vm = self.random.choice(self.vm_ids)
            choices += [
                lambda: f"CURRENT_VMS != {vm}",
                lambda: f"CURRENT_VMS != {self.random.choice(self.vm_ids)}",
                lambda: f"CURRENT_VMS = {vm} | ID = {self.random.choice(self.host_ids)}",
                lambda: "CURRENT_VMS = 3",
                lambda: "CURRENT_VMS = -1",
            ] * 2
        if self.odd("broken", 0.4):
            return str(
                self.pick("ID >= 1", "ID = 1) | (ID = 2", "(", "KVM", '"" = 1', "ID = 1 &", "ID = 1 CURRENT_VMS")
            )
        made = self.random.choice(choices)()
        if made.strip() and self.chance(0.2):
            made = f"({made}) {self.pick('&', '|')} ({self.random.choice(choices)() or 'ID > -1'})"
        return made

    def rank(self, names: Sequence[str]) -> str:
        name, other = self.random.choice(list(names)), self.random.choice(list(names))
        if self.odd("broken", 0.4):
            return str(
                self.pick("+5", f"{name} -1", f"{name} +", "(", f"{name} {other})", f'{name} + ""', f"{name} & 1")
            )
        if self.focus == "ranks" and self.chance(0.5):
            return str(self.pick("BIG", "BIG", "0 - BIG", "BIG + ID", "BIG - 4194304"))
        return str(
            self.pick(
                name,
                f"- {name}",
                f"{name} - {other}",
                f"{name} * 1000 + {other}",
                f"{name} / 0",
                "0",
                "5",
                "ID",
                "- ID",
                "",
                " ",
                "0 - 2147483648",
                "BIG",
                "BIG + ID",
                "0 - BIG",
                "MISSING",
                "CURRENT_VMS",
                f"{name} / 3",
            )
        )

    # --- VMs

    def vm(self, number: int) -> str:
        kind = "pending"
        if self.on["resched"] and self.chance(0.5):
            kind = self.pick("moving", "moving", "off", "moving16", "pending1", "odd")
        elif self.on["groups"] and self.chance(0.25):
            kind = self.pick("running", "running", "off0")
        state, lcm, again = {
            "pending": (1, 0, 0),
            "moving": (3, 3, 1),
            "moving16": (3, 16, 1),
            "off": (8, 0, 1),
            "pending1": (1, 0, 1),
            "odd": (self.pick(1, 2, 3, 8), self.pick(0, 3, 16, 5), self.pick(0, 1, 1, 2)),
            "running": (3, self.pick(3, 3, 5, 0), 0),
            "off0": (8, 0, 0),
        }[kind]
        resume = self.on["resume"] and self.chance(0.4)
        history = kind != "pending" or resume or self.chance(0.1)
        parts = [
            self.numeric("ID", number),
            self.filtered("STATE", state),
            self.filtered("LCM_STATE", lcm),
            self.filtered("RESCHED", again),
            self.template(number),
            "" if self.odd("odd_elements", 0.05) else self.user_template(),
        ]
        if history:
            parts.append(self.history(resume))
        self.random.shuffle(parts)
        if self.odd("odd_elements", 0.02):
            parts = parts[: self.random.randint(0, 2)]
        return f"<VM>{''.join(parts)}</VM>"

    def filtered(self, name: str, value: int) -> str:
        """A number that a filter reads."""
        text = str(value)
        if self.odd("odd_numbers", 0.1):
            text = str(self.pick(f" {value} ", f"0{value}", f"{value}.0", f"+{value}", f"{value}x", "", f"\n{value}"))
        return self.element(name, text)

    def history(self, resume: bool) -> str:
        def one() -> str:
            datastore = self.random.choice([*self.system_ids, *self.system_ids, 99])
            parts = [
                self.numeric("HID", self.random.choice([*self.host_ids, *self.host_ids, -1, 55])),
                self.numeric("DS_ID", datastore),
                self.numeric("ACTION", self.pick(5, 6, 9) if resume else self.pick(0, 1, 4, 7, 8, 10)),
            ]
            return f"<HISTORY>{''.join(parts)}</HISTORY>"

        records = [one() for _ in range(self.pick(1, 1, 1, 2))]
        if self.odd("odd_elements", 0.1):
            records.insert(0, "<HISTORY/>")
        return f"<HISTORY_RECORDS>{''.join(records)}</HISTORY_RECORDS>"

    def cpu(self) -> str:
        if self.focus in ("numa", "pci", "ranks"):
            return str(self.pick(1, 1, 2, "0.29", "0.57", "1.15"))
        if self.odd("huge", 0.2):
            return str(
                self.pick("21474836.47", "21474836.48", "21474834", "1e9", "1e40", "16777217", "3e38", "1e-50", "0.001")
            )
        return self.number(
            self.pick(
                "0", "0.001", "0.29", "0.57", "1.15", "0.5", "1", "1", "1", "1.5", "2", "2", "4", "-1", "1.999999", "-0"
            )
        )

    def memory(self) -> str:
        if self.focus in ("numa", "pci", "ranks"):
            return str(self.pick(4, 4, 8, 512))
        if self.odd("huge", 0.2):
            return str(
                self.pick(16777217, 33554433, 2**53, 2**53 + 1, 2**54, 9007199254740991, 2**63 - 1, 2**63, 2**40)
            )
        return self.number(self.pick(0, 1, 128, 512, 512, 1024, 1024, 2048, 3000, -1))

    def template(self, number: int) -> str:
        if self.odd("odd_elements", 0.04):
            return str(self.pick("", "<TEMPLATE/>", "<TEMPLATE>x</TEMPLATE>"))
        parts = [self.element("CPU", self.cpu()), self.element("MEMORY", self.memory())]
        if self.chance(0.5):
            parts.append(
                self.element(
                    "AUTOMATIC_REQUIREMENTS",
                    self.pick('("CLUSTERS/ID" @> 0 | "CLUSTERS/ID" @> 100)', "!(PIN_POLICY = PINNED)", "ID > -1", ""),
                )
            )
        if self.on["disks"]:
            parts += [self.disk() for _ in range(self.pick(0, 1, 1, 2))]
        if self.on["nics"]:
            parts += [self.nic(index) for index in range(self.pick(0, 1, 1, 2, 3))]
        if self.on["pci"]:
            parts += [self.pci() for _ in range(self.pick(0, 0, 1, 1, 1, 2, 3))]
        if self.on["numa"] and self.chance(0.95 if self.focus == "numa" else 0.6):
            parts += [self.topology() for _ in range(self.pick(1, 1, 1, 1, 1, 1, 2, 0))]
            if self.chance(0.05):
                parts += [self.numa_node() for _ in range(self.random.randint(8, 14))]
            else:
                parts += [self.numa_node() for _ in range(self.pick(1, 1, 1, 2, 2, 3, 0))]
        if self.on["groups"]:
            parts.append(
                self.pick(
                    "<VMGROUP><ROLE>w</ROLE><VMGROUP_ID>0</VMGROUP_ID></VMGROUP>",
                    "<VMGROUP><ROLE>w</ROLE></VMGROUP>",
                    "<VMGROUP><ROLE/></VMGROUP>",
                    "" if self.chance(0.3) else "<VMGROUP><ROLE>v</ROLE></VMGROUP>",
                )
            )
        self.random.shuffle(parts)
        made = f"<TEMPLATE>{''.join(parts)}</TEMPLATE>"
        if self.odd("odd_elements", 0.03):
            made += "<TEMPLATE><CPU>2</CPU><MEMORY>64</MEMORY><DISK><SIZE>7</SIZE><TYPE>fs</TYPE></DISK></TEMPLATE>"
        return made

    def disk(self) -> str:
        size = self.pick(0, 1, 100, 1000, 1000, 2000, 5000, 10000, -100)
        parts = [
            self.element(
                "SIZE", self.number(size) if not self.odd("huge", 0.1) else str(self.pick(16777217, 2**40, 2**63))
            )
        ]
        if self.chance(0.15):
            parts.append(self.numeric("DISK_SNAPSHOT_TOTAL_SIZE", self.pick(0, 10, 500, 3000)))
        kind = self.pick("FILE", "FILE", "FILE", "fs", "FS", "swap", "Swap", "block", "fs ")
        if self.chance(0.9):
            parts.append(self.element("TYPE", kind))
        if self.chance(0.9):
            parts.append(self.numeric("DATASTORE_ID", self.random.choice([*self.image_ids, *self.image_ids, 66])))
        if self.chance(0.93):
            parts.append(self.element("CLONE", self.pick("YES", "YES", "yes", "NO", "NO", "no", "Yes ", "")))
        for name in ("CLONE_TARGET", "LN_TARGET"):
            if self.chance(0.93):
                target = self.pick("SYSTEM", "SYSTEM", "SELF", "SELF", "NONE", "self", "System", "", "SELF ")
                parts.append(self.element(name, target))
        return self.vector("DISK", parts)

    def nic(self, index: int) -> str:
        parts = []
        if self.chance(0.95):
            parts.append(self.numeric("NIC_ID", index if self.chance(0.9) else self.pick(0, 1, 2, 5, "2M", "-1")))
        if self.chance(0.95):
            parts.append(
                self.element("NETWORK_MODE", self.pick("auto", "auto", "AUTO", "Auto", "auto", "auto ", "manual"))
            )
        if self.on["ranks"] and self.chance(0.4):
            parts.append(self.element("SCHED_RANK", self.rank(["USED_LEASES", "PRIORITY", "FREE"])))
        return self.vector("NIC", parts)

    def hex(self, value: str) -> str:
        if self.chance(0.2):
            return str(
                self.pick(
                    "0x" + value,
                    " " + value,
                    value.upper(),
                    "0" + value,
                    value + " ",
                    value + "zz",
                    "zz",
                    "",
                    value + " 1",
                )
            )
        return value

    def pci(self) -> str:
        parts = []
        named = self.chance(0.75)
        if named and self.chance(0.75):
            parts.append(self.element("VENDOR", self.hex(self.pick("10de", "10de", "10de", "8086", "0"))))
        if named and self.chance(0.3):
            parts.append(self.element("DEVICE", self.hex(self.pick("1eb8", "2", "2"))))
        if named and self.chance(0.3):
            parts.append(self.element("CLASS", self.hex(self.pick("0302", "0302", "0200"))))
        if self.chance(0.2 if named else 0.95):
            parts.append(self.element("SHORT_ADDRESS", self.pick("a", "b", "c", "d", "zz")))
        if self.chance(0.5 if self.focus == "numa" else 0.3):
            parts.append(self.element("PCI_ID", self.number(self.pick(0, 1, 2, -1, "x"))))
        if self.chance(0.3):
            parts.append(self.element("VM_BUS", self.pick("0x01", "01", "zz", "", "1 ")))
        if self.chance(0.25):
            parts.append(self.element("NUMA_NODE", self.number(self.pick(0, 0, 1, -1))))
        if self.chance(0.2):
            parts.append(self.element("TYPE", self.pick("NIC", "NIC", "PCI")))
            parts.append(self.element("NETWORK_MODE", "auto"))
        return self.vector("PCI", parts)

    def topology(self) -> str:
        parts = [
            self.element(
                "PIN_POLICY", self.pick("CORE", "CORE", "core", "THREAD", "THREAD", "SHARED", "thread", "NONE", "x")
            )
        ]
        if self.chance(0.1):
            parts = []
        if self.chance(0.35):
            parts.append(self.element("THREADS", self.pick(0, 1, 1, 2, 2, 4, 3, -1, "2M", "abc")))
        if self.chance(0.25):
            parts.append(self.element("HUGEPAGE_SIZE", self.pick(2, 2, 2, 1024, 0, "2M", -1, 4)))
        if self.chance(0.2):
            parts.append(self.element("NODE_AFFINITY", self.pick(0, 0, 1, 2, -1, 9, "abc")))
        if self.chance(0.1):
            parts.append(self.element("ROOT", self.pick("dedicated", "DEDICATED", "x")))
        parts.append(self.element("SOCKETS", self.pick(1, 2)))
        return self.vector("TOPOLOGY", parts)

    def numa_node(self) -> str:
        parts = []
        if self.chance(0.96):
            parts.append(self.element("TOTAL_CPUS", self.number(self.pick(1, 1, 2, 2, 2, 4, 3, 8, 0, -1))))
        if self.chance(0.96):
            parts.append(
                self.element("MEMORY", self.number(self.pick(1024, 2048, 4096, 4096, 8192, 100, 16384, 0, 6000)))
            )
        return self.vector("NUMA_NODE", parts)

    def user_template(self) -> str:
        parts = []
        if self.on["requirements"] and self.chance(0.45):
            parts.append(self.element("SCHED_REQUIREMENTS", self.requirement()))
        hosts = ["RUNNING_VMS", "FREE_CPU", "PRIORITY", "FREE_MEMORY"]
        if self.on["ranks"]:
            if self.chance(0.6):
                parts.append(self.element("SCHED_RANK", self.rank(hosts)))
            if self.chance(0.3):
                parts.append(self.element("RANK", self.rank(hosts)))
            if self.chance(0.5):
                parts.append(self.element("SCHED_DS_RANK", self.rank(["FREE_MB", "PRIORITY", "USED_MB"])))
        if self.on["priority"] and self.chance(0.7):
            big = self.pick(16777216, 16777217, 16777218, 4194304, 4194305, 2e9, 1e38)
            parts.append(
                self.element(
                    "USER_PRIORITY",
                    big
                    if self.on["big_ranks"] and self.chance(0.6)
                    else self.number(self.pick(0, 1, 1, 5, -3, "0.5", 10)),
                )
            )
        return f"<USER_TEMPLATE>{''.join(parts)}</USER_TEMPLATE>"

    # --- what is scheduled on

    def big(self) -> str:
        base = self.pick(2**22, 2**24, 2**26, 2**30)
        return str(base + self.random.randint(0, 6)) if self.on["big_ranks"] else str(self.pick(0, 1, 2, 3))

    def host(self, number: int) -> str:
        roomy = not self.on["tight"]
        maximum = 10000 if roomy else self.pick(100, 200, 200, 400, 400, 800, 115, 57)
        memory = 64 * 2**20 if roomy else self.pick(1, 2, 4, 4, 8) * 2**20
        free = self.big() if self.on["big_ranks"] else str(self.pick(100, 200, 400))
        share = [
            self.element("MAX_CPU", self.huge(maximum)),
            self.element("CPU_USAGE", self.huge(self.pick(0, 0, 0, 0, 50, 100))),
            self.element("MAX_MEM", self.huge(memory)),
            self.element("MEM_USAGE", self.huge(self.pick(0, 0, 0, 0, 0, 2**19, 2**20))),
            self.numeric("RUNNING_VMS", self.pick(0, 1, 2, 2)),
            self.local_storage(roomy),
        ]
        if self.on["pci"]:
            share.append(self.pci_devices())
        if self.on["numa"]:
            share.append(self.numa_nodes())
        self.random.shuffle(share)
        current = [f"<ID>{one}</ID>" for one in [*self.vm_ids, 3] if self.chance(0.15)]
        parts = [
            self.numeric("ID", number),
            self.filtered("STATE", self.pick(2, 2, 2, 2, 1, 3 if self.chance(0.2) else 2)),
            self.numeric("CLUSTER_ID", self.random.choice(self.clusters)),
            f"<VMS>{''.join(current)}</VMS>",
            f"<TEMPLATE>{self.element('HYPERVISOR', self.pick('kvm', 'kvm', 'xen'))}{self.numeric('PRIORITY', self.pick(0, 1, 5, 5, 50))}"
            f"{self.element('BIG', self.big())}{self.element('ARCH', 'x86')}{self.own_id()}</TEMPLATE>",
            f"<MONITORING><CAPACITY>{self.element('FREE_CPU', free)}{self.element('FREE_MEMORY', self.big())}</CAPACITY></MONITORING>",
        ]
        if not self.odd("odd_elements", 0.04):
            parts.append(f"<HOST_SHARE>{''.join(share)}</HOST_SHARE>")
        self.random.shuffle(parts)
        return f"<HOST>{''.join(parts)}</HOST>"

    def own_id(self) -> str:
        return f"<ID>{self.random.choice(self.host_ids)}</ID>" if self.odd("odd_elements", 0.1) else ""

    def local_storage(self, roomy: bool) -> str:
        parts = []
        if self.chance(0.95):
            parts.append(
                self.element("FREE_DISK", self.huge(900000 if roomy else self.pick(0, 1, 1000, 2000, 5000, 20000)))
            )
        for number in [*self.system_ids, 88]:
            if self.chance(0.5):
                free = self.element("FREE_MB", self.huge(self.pick(0, 100, 1000, 2001, 5000, 20000)))
                entry = self.numeric("ID", number) + (free if self.chance(0.85) else "")
                parts.append(f"<DS>{entry}</DS>")
        return f"<DATASTORES>{''.join(parts)}</DATASTORES>"

    def pci_devices(self) -> str:
        devices = []
        for address in self.random.sample(["a", "b", "c", "d", "e", "B"], self.random.choice([0, 2, 3, 4, 5, 6])):
            parts = []
            if self.chance(0.95):
                parts.append(self.element("ADDRESS", address if self.chance(0.95) else "a"))
            if self.chance(0.93):
                parts.append(
                    self.element("SHORT_ADDRESS", address.lower() if self.chance(0.9) else self.pick("a", "b"))
                )
            for name, values in (
                ("VENDOR", ("10de", "10de", "8086")),
                ("DEVICE", ("1eb8", "2")),
                ("CLASS", ("0302", "0302", "0200")),
            ):
                if self.chance(0.95):
                    parts.append(self.element(name, self.hex(self.pick(*values))))
            if self.chance(0.95):
                parts.append(self.element("VMID", self.pick(-1, -1, -1, -1, -1, 5, 0, "-1x", "abc", "", -2, " -1")))
            if self.chance(0.4):
                parts.append(self.element("NUMA_NODE", self.pick(0, 0, 1, 1, 2, -1, "-", "")))
            devices.append(self.vector("PCI", parts))
        made = f"<PCI_DEVICES>{''.join(devices)}</PCI_DEVICES>"
        if self.odd("odd_elements", 0.05):
            made += "<PCI_DEVICES><PCI><ADDRESS>q</ADDRESS><SHORT_ADDRESS>a</SHORT_ADDRESS><VENDOR>10de</VENDOR></PCI></PCI_DEVICES>"
        return made

    def numa_nodes(self) -> str:
        count = self.pick(1, 2, 2, 3) if self.focus == "numa" else self.pick(0, 1, 1, 2, 2, 3)
        numbers = self.random.sample([0, 1, 2, 5], count)
        if self.chance(0.6):
            numbers.sort()
        threads = self.pick(1, 2, 2, 4)
        next_cpu = 0
        nodes = []
        for number in numbers:
            parts = [f"<NODE_ID>{number if self.chance(0.97) else self.pick('x', '', '0', '1 ', ' 1')}</NODE_ID>"]
            cores = list(range(self.pick(2, 3, 4, 6) if self.focus == "numa" else self.pick(1, 2, 2, 3, 4)))
            if self.chance(0.2):
                self.random.shuffle(cores)
            for core in cores:
                pieces = []
                for _ in range(threads if self.chance(0.95) else self.pick(0, 1, 3)):
                    for _ in range(self.pick(1, 1, 1, 1, 2)):
                        state = self.pick("-1", "-1", "-1", "-1", "-1", "7", "8", "-2", "-3", "", "x")
                        pieces.append(f"{next_cpu}:{state}" if state or self.chance(0.5) else f"{next_cpu}")
                        if state in ("-2", "-1") or self.chance(0.6):
                            break
                    next_cpu += 1
                if self.chance(0.05):
                    pieces.append(self.pick("x:3", "", ":5"))
                if self.chance(0.3):
                    self.random.shuffle(pieces)
                parts.append(
                    self.vector(
                        "CORE",
                        [
                            f"<ID>{core}</ID>" if self.chance(0.98) else "",
                            self.element("CPUS", ",".join(pieces)),
                            "" if self.chance(0.9) else self.element("DEDICATED", self.pick("YES", "yes", "NO", "")),
                        ],
                    )
                )
            for size in (2048, 1048576, 2048):
                if self.chance(0.4):
                    pages = [f"<SIZE>{size}</SIZE>", self.element("PAGES", self.pick(0, 1, 2, 4, 8, 8, 100))]
                    if self.chance(0.9):
                        pages.append(self.element("USAGE", self.pick(0, 0, 0, 1, 2, 5)))
                    parts.append(self.vector("HUGEPAGE", pages))
            distance = [number, *[other for other in numbers if other != number]]
            if self.chance(0.2):
                self.random.shuffle(distance)
            if self.chance(0.1):
                distance = distance[: self.random.randint(0, len(distance))]
            if self.chance(0.05):
                distance.insert(0, 9)
            if self.chance(0.98):
                parts.append(
                    self.vector(
                        "MEMORY",
                        [
                            self.element(
                                "TOTAL", self.number(self.pick(2**21, 2**21, 2**20, 8192, 10000, 20000, 4096, 2**24))
                            ),
                            self.element("USAGE", self.number(self.pick(0, 0, 0, 1000, 4096, 2**20))),
                            self.element("DISTANCE", " ".join(map(str, distance))),
                        ],
                    )
                )
            if self.chance(0.3):
                self.random.shuffle(parts)
            nodes.append(f"<NODE>{''.join(parts)}</NODE>")
        made = f"<NUMA_NODES>{''.join(nodes)}</NUMA_NODES>"
        if self.chance(0.6):
            made += self.element("VMS_THREAD", self.pick(1, 1, 2, 2, 0, 3, -1, "abc", "", "2M"))
        return made

    def datastore(self, number: int, kind: int) -> str:
        state = 0 if self.chance(0.97) else 1
        free = self.pick(0, 1, 1000, 1001, 2000, 5000, 10000, 50000) if self.on["tight"] else 10**6
        total, used = 10**6, self.pick(0, 100, 900)
        if self.on["unmonitored"] and self.chance(0.4):
            free = total = used = 0
        parts = [
            self.numeric("ID", number),
            self.filtered("TYPE", kind),
            self.filtered("STATE", state),
            self.clusters_of(),
            self.element("FREE_MB", self.big() if self.on["big_ranks"] and self.chance(0.7) else self.huge(free)),
            self.element("TOTAL_MB", self.huge(total)),
            self.element("USED_MB", self.huge(used)),
        ]
        inner = [self.numeric("PRIORITY", self.pick(0, 1, 5, 5)), self.element("BIG", self.big())]
        if self.on["local"] and self.chance(0.6):
            inner.append(self.element("SHARED", self.pick("NO", "NO", "no", "", "Yes ", "YES", "yes", "Yes")))
        if self.chance(0.15):
            inner.append(self.numeric("LIMIT_MB", self.pick(0, 100, 1000, 5000, 100000)))
        parts.append(f"<TEMPLATE>{''.join(inner)}</TEMPLATE>")
        self.random.shuffle(parts)
        return f"<DATASTORE>{''.join(parts)}</DATASTORE>"

    def clusters_of(self) -> str:
        clusters = [one for one in self.clusters if self.chance(0.9)]
        return f"<CLUSTERS>{''.join(self.numeric('ID', one) for one in clusters)}</CLUSTERS>"

    def network(self, number: int) -> str:
        sizes = [self.pick(0, 1, 1, 2, 5, 100, "3x", "", "abc") for _ in range(self.pick(0, 1, 1, 1, 2))]
        ranges = "".join(
            f"<AR><SIZE>{size}</SIZE>{'<USED_LEASES>3</USED_LEASES>' if self.chance(0.2) else ''}</AR>"
            for size in sizes
        )
        parts = [
            self.numeric("ID", number),
            self.clusters_of(),
            self.numeric("USED_LEASES", self.pick(0, 0, 0, 1, 2)),
            f"<AR_POOL>{ranges}</AR_POOL>",
            f"<TEMPLATE>{self.numeric('PRIORITY', self.pick(0, 1, 5, 5))}{self.element('BIG', self.big())}</TEMPLATE>",
        ]
        self.random.shuffle(parts)
        return f"<VNET>{''.join(parts)}</VNET>"

    def group(self, number: int) -> str:
        members = list(self.vm_ids)
        self.random.shuffle(members)
        if self.chance(0.3):
            members += [70, 71]
        roles = []
        names = ["a", "b", "c", "d"][: self.random.randint(1, 4)]
        numbers = self.random.sample([0, 1, 2, 3, 4, 31] + ([32, 40, -1] if self.chance(0.2) else []), len(names))
        shared = self.chance(0.25)
        for name, role in zip(names, numbers, strict=True):
            take = self.pick(1, 2, 2, 3) if self.focus == "groups" else self.pick(0, 1, 1, 2, 2, 3)
            mine = self.random.sample(members, min(take, len(members)))
            if not shared:
                members = [one for one in members if one not in mine]
            listed = [self.number(one) for one in mine]
            if self.chance(0.05):
                listed.insert(0, self.pick("x", "", mine[0] if mine else ""))
            parts = [
                self.element("ID", role if self.chance(0.97) else self.pick("x", 0, "1 ", " 1")),
                self.element("NAME", name if self.chance(0.97) else self.pick("", "a")),
                self.element("VMS", ",".join(map(str, listed))),
            ]
            if self.chance(0.65):
                parts.append(
                    self.element(
                        "POLICY",
                        self.pick(
                            "AFFINED",
                            "AFFINED",
                            "affined",
                            "ANTI_AFFINED",
                            "ANTI_AFFINED",
                            "anti_affined",
                            "NONE",
                            "AFFINED ",
                        ),
                    )
                )
            if self.chance(0.25):
                parts.append(
                    self.element("HOST_AFFINED", ",".join(str(self.random.choice(self.host_ids)) for _ in range(2)))
                )
            if self.chance(0.25):
                parts.append(self.element("HOST_ANTI_AFFINED", str(self.random.choice(self.host_ids))))
            roles.append(self.vector("ROLE", parts))
        rules = []
        for _ in range(self.pick(0, 1, 1, 2, 3)):
            count = self.random.randint(1, len(names))
            wanted = self.random.sample(names, count)
            if self.chance(0.05):
                wanted.append(self.pick("unknown", "", "a"))
            rules.append(self.element(self.pick("AFFINED", "ANTI_AFFINED"), self.pick(",", ", ", " ,").join(wanted)))
        parts = [
            self.numeric("ID", number),
            f"<ROLES>{''.join(roles)}</ROLES>",
            f"<TEMPLATE>{''.join(rules)}</TEMPLATE>",
        ]
        return f"<VM_GROUP>{''.join(parts)}</VM_GROUP>"

    def entry(self, number: int) -> str:
        def lists() -> str:
            parts = [
                f"<HOSTS>{''.join(self.ids(self.host_ids))}</HOSTS>",
                f"<DATASTORES>{''.join(self.ids(self.system_ids, [77, *self.image_ids]))}</DATASTORES>",
            ]
            for nic in range(3) if self.on["nics"] else ():
                if self.chance(0.93):
                    networks = "".join(self.ids(self.network_ids))
                    parts.append(f"<NIC>{self.numeric('ID', nic)}<VNETS>{networks}</VNETS></NIC>")
            return "".join(parts)

        shown = str(number)
        if self.on["odd_lists"] and self.chance(0.05):
            shown = str(self.pick(f" {number}", f"0{number}", "99"))
        made = f"<VM><ID>{shown}</ID>{lists()}</VM>"
        if self.on["odd_lists"] and self.chance(0.15):
            made += f"<VM><ID>{number}</ID>{lists()}</VM>"
        return made if self.chance(0.98) else ""

    def pool(self, name: str, objects: Sequence[str]) -> str:
        shuffled = list(objects)
        if self.chance(0.5):
            self.random.shuffle(shuffled)
        if self.odd("odd_elements", 0.1) and shuffled:
            shuffled.insert(self.random.randint(0, len(shuffled)), f"<{name.removesuffix('_POOL')}/>")
        if self.odd("odd_elements", 0.01):
            return ""
        made = f"<{name}>{''.join(shuffled)}</{name}>"
        if self.odd("odd_elements", 0.03):
            return str(self.pick(f"<{name}/>" + made, made + f"<{name}/>"))
        return made

    def doubled(self, ids: Sequence[int]) -> list[int]:
        found = list(ids)
        if found and self.odd("odd_elements", 0.15):
            found.append(self.random.choice(found))
        return found

    def document(self) -> str:
        sections = [
            self.pool("VM_POOL", [self.vm(one) for one in self.doubled(self.vm_ids)]),
            self.pool("REQUIREMENTS", [self.entry(one) for one in self.vm_ids]),
            self.pool("HOST_POOL", [self.host(one) for one in self.doubled(self.host_ids)]),
            self.pool(
                "DATASTORE_POOL",
                [self.datastore(one, 1) for one in self.doubled(self.system_ids)]
                + [self.datastore(one, 0) for one in self.doubled(self.image_ids)],
            ),
            self.pool("VNET_POOL", [self.network(one) for one in self.doubled(self.network_ids)]),
            self.pool(
                "VM_GROUP_POOL", [self.group(one) for one in range(self.pick(1, 1, 1, 2))] if self.on["groups"] else []
            ),
            "<CLUSTER_POOL/>",
        ]
        self.random.shuffle(sections)
        return f"<SCHEDULER_DRIVER_ACTION>{''.join(sections)}</SCHEDULER_DRIVER_ACTION>"

    # --- configuration

    def config(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self.chance(0.8):
            made["MAX_HOST"] = self.pick(0, 0, 0, 1, 1, 2, 5, "-1", "2M", "abc", "4294967296", "99999999999999999999")
        if self.chance(0.8):
            made["DIFFERENT_VNETS"] = self.pick("YES", "yes", "NO", "Yes", "", "x")
        if self.chance(0.6):
            made["MEMORY_SYSTEM_DS_SCALE"] = self.pick(0, 0, "0.1", "1", "2.5", "-1", "abc", "0.333333", "-0.5")
        for name, custom, attributes in (
            ("DEFAULT_SCHED", 3, ["RUNNING_VMS", "FREE_CPU", "PRIORITY"]),
            ("DEFAULT_DS_SCHED", 2, ["FREE_MB", "PRIORITY", "ID"]),
            ("DEFAULT_NIC_SCHED", 2, ["USED_LEASES", "PRIORITY", "ID"]),
        ):
            if not self.chance(0.8):
                continue
            number = self.pick(0, 1, 1, 1, 2, 3, 4, 5, "abc", "1x")
            made[name] = {"POLICY": number}
            if self.chance(0.05):
                made[name] = {}
            if self.chance(0.5 if number == custom else 0.1):
                rank = self.rank(attributes)
                made[name]["RANK"] = rank.replace('"', "")
            if not made[name]:
                made[name] = {"OTHER": 1}
            if self.chance(0.03):
                made[name] = "1"
        return made

    def config_text(self, config: dict[str, Any]) -> str:
        def value(one: Any) -> str:
            text = str(one)
            bare = text and not set(text) & set("=#[], \n\t")
            return text if bare and self.chance(0.6) else f'"{text}"'

        def name(one: str) -> str:
            return one if self.chance(0.9) else str(self.pick(one.lower(), one.capitalize()))

        lines = []
        for key, one in config.items():
            if isinstance(one, dict):
                comma = self.pick(", ", ",\n  ", " , ")
                inner = comma.join(f"{name(inner)} = {value(shown)}" for inner, shown in one.items())
                lines.append(f"{name(key)} = [ {inner} ]")
            else:
                lines.append(f"{name(key)} {self.pick('=', '= ')} {value(one)}")
            if self.chance(0.1):
                lines.append(self.pick("# a comment", "OTHER = 1", ""))
        return "\n".join(lines) + "\n"


def scenario(random: Random) -> Scenario:
    """Make a document and a configuration."""
    maker = Maker(random)
    config = maker.config()
    return Scenario(maker.document(), config, maker.config_text(config))


ODD_TEXTS = (
    "",
    "0",
    "1",
    "-1",
    "2",
    "3",
    "auto",
    "YES",
    "NO",
    "abc",
    " 1",
    "1 ",
    "+1",
    "01",
    "1.5",
    "100",
    "1000000",
    "-5",
    "1x",
)


def disturbed(xml: str, random: Random) -> str:
    """Change a document here and there: texts, order, elements left out or doubled."""
    root = etree.fromstring(xml.encode())
    by_tag: dict[str, list[Any]] = {}
    for element in root.iter():
        if element.getparent() is not None and element.getparent() is not root:
            by_tag.setdefault(element.tag, []).append(element)
    tags = [tag for tag in by_tag if tag not in IDLE]
    for _ in range(random.choice([1, 2, 4, 8, 16, 30])):
        element = random.choice(by_tag[random.choice(tags)])
        how = random.random()
        if element.getparent() is None:
            continue
        if how < 0.5 and len(element) == 0:
            text = element.text or ""
            if text.lstrip("-").isdigit() and random.random() < 0.5:
                number = int(text)
                text = str(random.choice([number + 1, number - 1, number * 2, number // 2, -number, number * 1000]))
            elif random.random() < 0.6:
                text = random.choice(by_tag[element.tag]).text or ""
            else:
                text = random.choice(ODD_TEXTS)
            element.text = text
        elif how < 0.65:
            element.getparent().remove(element)
        elif how < 0.85:
            other = random.choice(by_tag[element.tag])
            if other is not root and other.getparent() is not None and element not in other.iter():
                element.addnext(deepcopy(other))
        elif element.getprevious() is not None:
            element.getparent().insert(0, element)
    return etree.tostring(root, encoding="unicode")


# What nobody reads.
IDLE = {
    "UID",
    "GID",
    "UNAME",
    "GNAME",
    "PERMISSIONS",
    "OWNER_U",
    "OWNER_M",
    "OWNER_A",
    "GROUP_U",
    "GROUP_M",
    "GROUP_A",
    "OTHER_U",
    "OTHER_M",
    "OTHER_A",
    "NAME",
    "STIME",
    "ETIME",
    "NETRX",
    "NETTX",
    "TIMESTAMP",
    "LAST_POLL",
    "PREV_STATE",
    "PREV_LCM_STATE",
}


def scenarios() -> st.SearchStrategy[Scenario]:
    """Scenarios, by hypothesis."""
    return st.integers(0, 2**48).map(lambda seed: scenario(Random(seed)))
