"""A second opinion on placing: OpenNebula's plan made in the plainest way, written from RULES.md alone.

It shares no code with the driver but the expressions and the documents that they are evaluated on. Numbers of sections
in the comments are those of RULES.md.
"""

from __future__ import annotations

import base64
import ctypes
import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from lxml import etree

from matchmaker import ExpressionError, Rank, RankError, Requirement
from matchmaker.opennebula import Document, candidate
from tests.property.naive import single

WHITE = " \t\n\v\f\r"
INT32, INT64 = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)
UINT = (0, 2**32 - 1)
SECTIONS = ("VM_POOL", "REQUIREMENTS", "HOST_POOL", "DATASTORE_POOL", "VNET_POOL", "VM_GROUP_POOL")
RESUME = (5, 6, 9)


# Where the rules leave room, or the driver differs: how they are read here. The long run flips them to name what it finds.
READINGS = {
    "a null string as a name in a rank refuses the VM": True,  # 9
    "in anti-affinity rules a VM in two roles is kept from itself": True,  # 7, "all ids of all other roles"
    "a CPU of 21474836.48 fits nowhere, however large the host": True,  # 9
    "a leader's datastore is its follower's first choice on every host": True,  # 7, "its host and datastore become"
    "a follower may follow a leader to where it is itself": True,  # 7, not said
    "the leader placed last comes first": True,  # 7, not said
    "ID of group pieces is the host's attribute": True,  # 7, "gets (ID=1) | (ID=2)", a piece of the requirement
    "NODE_ID has no sign": True,  # 6, not said
    "memory is scaled before usages of affined sets are added": True,  # 4 and 7, not said which is first
    "ids of groups may have a plus sign": True,  # 7, "leading digits count"
    "a negative memory asks for very many pages": True,  # 6, "M // page" of an unsigned number? not said
}


SCALED_FIRST = "memory is scaled before usages of affined sets are added"


class Refused(Exception):
    """The whole input is refused: exit status 255."""


class EmptyName(Exception):
    """A rank has a null string as a name: this VM is refused (section 9, last line of the first table)."""


def whole(number: float) -> int:
    """Cut toward zero; upstream has no answer for what is beyond int64 (not in the rules): the nearest here."""
    return int(min(max(number, -(2.0**63)), 2.0**63))


def f32(number: float) -> float:
    return ctypes.c_float(number).value


# --- 1 Input -----------------------------------------------------------------------------------------------------


@dataclass
class Node:
    tag: str
    children: list[Any] = field(default_factory=list)  # Node, or a tuple of "text", "cdata", "other" and the text

    def elements(self, tag: str) -> list[Node]:
        return [child for child in self.children if isinstance(child, Node) and child.tag == tag]

    def text(self) -> str:
        """The whole text: CDATA included, comments dropped."""
        pieces = []
        for child in self.children:
            if isinstance(child, Node):
                pieces.append(child.text())
            elif child[0] != "other":
                pieces.append(child[1])
        return "".join(pieces)

    def xml(self) -> str:
        pieces = []
        for child in self.children:
            if isinstance(child, Node):
                pieces.append(child.xml())
            elif child[0] != "other":
                pieces.append(escape(child[1], {"\r": "&#13;"}))
        return f"<{self.tag}>{''.join(pieces)}</{self.tag}>"


def decoded(stdin: bytes) -> bytes:
    """Decoding; section 9: line breaks and missing padding in base64 are accepted."""
    text = b"".join(stdin.split()).rstrip(b"=")
    if not text or not re.fullmatch(rb"[A-Za-z0-9+/]+", text) or len(text) % 4 == 1:
        raise Refused
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def parsed(xml: bytes) -> Node:
    xml = xml.rstrip(b"\0")
    if not xml or b"<!DOCTYPE" in xml:
        raise Refused
    try:
        etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        raise Refused from None
    top = Node("")
    stack = [top]
    cdata = False

    def start(tag: str, _attributes: Any) -> None:
        node = Node(tag)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_tag: str) -> None:
        stack.pop()

    def characters(text: str) -> None:
        kind = "cdata" if cdata else "text"
        children = stack[-1].children
        if children and not isinstance(children[-1], Node) and children[-1][0] == kind:
            children[-1] = (kind, children[-1][1] + text)
        else:
            children.append((kind, text))

    def switch(on: bool) -> None:
        nonlocal cdata
        cdata = on
        if on:
            characters("")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.StartCdataSectionHandler = lambda: switch(True)
    parser.EndCdataSectionHandler = lambda: switch(False)
    parser.CommentHandler = lambda _text: stack[-1].children.append(("other", ""))
    parser.ProcessingInstructionHandler = lambda _target, _data: stack[-1].children.append(("other", ""))
    parser.Parse(xml, True)
    return next(child for child in top.children if isinstance(child, Node))


def at(node: Node, path: str) -> list[Node]:
    """All elements at a path, in document order."""
    found = [node]
    for step in path.split("/"):
        found = [child for parent in found for child in parent.elements(step)]
    return found


# The readers.


def integer(text: str, width: tuple[int, int]) -> int | None:
    """The integer column of LANGUAGE.md, with another width."""
    found = re.match(r"[ \t\n\v\f\r]*([+-]?[0-9]+)", text)
    if found is None or not width[0] <= int(found[1]) <= width[1]:
        return None
    return int(found[1])


def p_integer(node: Node, path: str, default: int, width: tuple[int, int] = INT32) -> int:
    found = at(node, path)
    number = integer(found[0].text(), width) if found else None
    return default if number is None else number


def p_float(node: Node, path: str, default: float) -> float:
    found = at(node, path)
    number = single(found[0].text()) if found else None
    return default if number is None else number


def p_all(node: Node, path: str, width: tuple[int, int] = INT32) -> list[int]:
    numbers = [integer(found.text(), width) for found in at(node, path)]
    return [number for number in numbers if number is not None]


_NUMBER = etree.XPath("number(string($text))")
_DUMMY = etree.Element("x")


def x_is(node: Node, tag: str, *numbers: int) -> bool:
    return any(_NUMBER(_DUMMY, text=child.text()) in numbers for child in node.elements(tag))


def v_vectors(node: Node | None, tag: str) -> list[dict[str, str]]:
    """The vectors of one name, first level in any case; names below are exact, of namesakes the last counts."""
    vectors = []
    for child in node.children if node else []:
        if not isinstance(child, Node) or child.tag.upper() != tag:
            continue
        inner = [one for one in child.children if isinstance(one, Node)]
        if not inner:
            continue
        vector = {}
        for one in inner:
            pieces = [piece[1] for piece in one.children if not isinstance(piece, Node) and piece[0] != "other"]
            if pieces:
                vector[one.tag] = pieces[0]
        vectors.append(vector)
    return vectors


def v_text(node: Node, tag: str) -> str | None:
    """The first text of a name."""
    for child in node.children:
        if not isinstance(child, Node) or child.tag.upper() != tag:
            continue
        pieces = child.children
        if len(pieces) == 1 and not isinstance(pieces[0], Node) and pieces[0][0] != "other":
            return str(pieces[0][1])
    return None


def w(text: str | None, width: tuple[int, int] = INT32) -> int | None:
    if text is None or not re.fullmatch(r"[ \t\n\v\f\r]*[+-]?[0-9]+", text):
        return None
    if width[0] == 0 and text.lstrip(WHITE).startswith("-"):
        return None
    return int(text) if width[0] <= int(text) <= width[1] else None


def lenient(text: str | None, width: tuple[int, int] = INT64) -> int | None:
    if text is None or (width[0] == 0 and text.lstrip(WHITE).startswith("-")):
        return None
    found = re.match(r"[ \t\n\v\f\r]*([+-]?[0-9]+)", text)
    if found is None:
        return 0
    return min(max(int(found[1]), width[0]), width[1])


def or_else(value: Any, default: Any) -> Any:
    return default if value is None else value


def hexadecimal(text: str | None) -> tuple[int, bool]:
    """A hex number and whether it is good: to the very end of the text."""
    if not text:
        return 0, False
    found = re.match(r"[ \t\n\v\f\r]*(?:0[xX])?([0-9a-fA-F]+)", text)
    if found is None:
        return 0, False
    return int(found[1], 16), found.end() == len(text)


# What is taken.


@dataclass
class Host:
    id: int
    cluster: int
    cpu: int  # what remains
    memory: int
    free_disk: int
    local: dict[int, int]
    devices: list[dict[str, Any]]
    threads: int  # VMS_THREAD
    nodes: dict[int, NumaNode]
    core_threads: int  # T
    document: Document
    placed: list[int] = field(default_factory=list)


@dataclass
class Core:
    cpus: dict[int, int]  # uses
    reserved: set[int]
    uses: int
    free: int


@dataclass
class NumaNode:
    cores: dict[int, Core]
    pages: dict[int, list[int]]  # size: [PAGES, USAGE]
    total: int
    usage: int
    distance: list[int]


@dataclass
class Datastore:
    id: int
    clusters: list[int]
    free: int
    monitored: bool
    shared: bool
    document: Document | None


@dataclass
class Network:
    id: int
    clusters: list[int]
    free: int
    document: Document


@dataclass
class VM:
    id: int
    reschedule: bool
    resume: bool
    host: int
    datastore: int
    memory: int
    cpu: float
    usage: int
    images: dict[int, int]
    pieces: list[str]
    rank: str
    ds_rank: str
    priority: float
    nics: dict[int, str]
    pci: list[dict[str, str]]
    template: bool
    topology: dict[str, str] | None
    numa: list[dict[str, str]]
    hosts: list[int] = field(default_factory=list)
    datastores: list[int] = field(default_factory=list)
    networks: dict[int, list[int]] = field(default_factory=dict)
    listed_hosts: list[int] = field(default_factory=list)
    listed_datastores: list[int] = field(default_factory=list)
    listed_networks: dict[int, list[int]] = field(default_factory=dict)
    followers: list[int] = field(default_factory=list)
    followed: int = 0  # how many leaders it followed
    with_leader: list[tuple[int, int]] = field(default_factory=list)


def clusters_of(node: Node) -> list[int]:
    ids = []
    for element in at(node, "CLUSTERS/ID"):
        number = integer(element.text(), INT32)
        if number is None:
            break
        ids.append(number)
    return ids


def disks_of(template: Node | None) -> tuple[int, dict[int, int]]:
    """Section 4, per DISK vector: system usage, usage by image datastore."""
    system, images = 0, {}
    for disk in v_vectors(template, "DISK"):
        size = w(disk.get("SIZE"), INT64)
        if size is None:
            continue
        size += or_else(w(disk.get("DISK_SNAPSHOT_TOTAL_SIZE"), INT64), 0)
        if disk.get("TYPE", "").upper() in ("FS", "SWAP"):
            system += size
            continue
        datastore = w(disk.get("DATASTORE_ID"))
        clone = disk.get("CLONE", "")
        if datastore is None or clone == "":
            continue
        target = disk.get("CLONE_TARGET" if clone.upper() == "YES" else "LN_TARGET", "").upper()
        if target == "SELF":
            images[datastore] = images.get(datastore, 0) + size
        elif target == "SYSTEM":
            system += size
    return system, images


def read_vm(node: Node) -> VM:
    template = next(iter(node.elements("TEMPLATE")), None)
    usage, images = disks_of(template)
    pieces = []
    for path in ("TEMPLATE/AUTOMATIC_REQUIREMENTS", "USER_TEMPLATE/SCHED_REQUIREMENTS"):
        pieces += [found.text() for found in at(node, path)[:1]]
    ranks = at(node, "USER_TEMPLATE/SCHED_RANK") or at(node, "USER_TEMPLATE/RANK")
    ds_ranks = at(node, "USER_TEMPLATE/SCHED_DS_RANK")
    nics: dict[int, str] = {}
    for nic in v_vectors(template, "NIC"):
        if nic.get("NETWORK_MODE", "").upper() == "AUTO":
            nics.setdefault(or_else(lenient(nic.get("NIC_ID"), INT32), 0), nic.get("SCHED_RANK", ""))
    return VM(
        id=p_integer(node, "ID", -1),
        reschedule=p_integer(node, "RESCHED", 0) == 1,
        resume=p_integer(node, "HISTORY_RECORDS/HISTORY/ACTION", -1) in RESUME,
        host=p_integer(node, "HISTORY_RECORDS/HISTORY/HID", -1),
        datastore=p_integer(node, "HISTORY_RECORDS/HISTORY/DS_ID", -1),
        memory=p_integer(node, "TEMPLATE/MEMORY", 0, INT64),
        cpu=p_float(node, "TEMPLATE/CPU", 0.0),
        usage=usage,
        images=images,
        pieces=pieces,
        rank=ranks[0].text() if ranks else "",
        ds_rank=ds_ranks[0].text() if ds_ranks else "",
        priority=p_float(node, "USER_TEMPLATE/USER_PRIORITY", 0.0),
        nics=nics,
        pci=v_vectors(template, "PCI"),
        template=template is not None,
        topology=next(iter(v_vectors(template, "TOPOLOGY")), None),
        numa=v_vectors(template, "NUMA_NODE"),
    )


def read_requirements(section: Node, vm: VM) -> None:
    for entry in section.elements("VM"):
        if not any(found.text() == str(vm.id) for found in entry.elements("ID")):
            continue
        vm.listed_hosts += p_all(entry, "HOSTS/ID")
        vm.listed_datastores += p_all(entry, "DATASTORES/ID")
        for nic in entry.elements("NIC"):
            vm.listed_networks[p_integer(nic, "ID", -1)] = p_all(nic, "VNETS/ID")


def read_core(vector: dict[str, str], threads: int) -> Core:
    cpus: dict[int, int] = {}
    reserved = set()
    for piece in vector.get("CPUS", "").split(","):
        cpu, _, vm = piece.partition(":")
        number = integer(cpu, INT32)
        if number is None:
            continue
        cpus.setdefault(number, 0)
        user = integer(vm, INT32)
        if user is not None and user >= 0:
            cpus[number] += 1
        elif user == -2:
            reserved.add(number)
    if vector.get("DEDICATED", "").upper() == "YES":
        return Core(cpus, reserved, 1, 0)
    uses = sum(cpus.values())
    return Core(cpus, reserved, uses, max(0, (len(cpus) - len(reserved)) * threads - uses))


def read_nodes(node: Node, threads: int) -> tuple[dict[int, NumaNode], int]:
    nodes: dict[int, NumaNode] = {}
    stopped = False
    for element in at(node, "HOST_SHARE/NUMA_NODES/NODE"):
        number = w(v_text(element, "NODE_ID"), UINT if READINGS["NODE_ID has no sign"] else INT32)
        if number is None:
            stopped = True
            break
        if number in nodes:
            continue
        cores: dict[int, Core] = {}
        for vector in v_vectors(element, "CORE"):
            core = lenient(vector.get("ID"), INT32)
            if core is not None and core not in cores:  # 9: a core without ID is left out
                cores[core] = read_core(vector, threads)
        pages: dict[int, list[int]] = {}
        for vector in v_vectors(element, "HUGEPAGE"):
            size, count = lenient(vector.get("SIZE")), lenient(vector.get("PAGES"))
            if size is None or count is None:  # 9
                continue
            usage = or_else(lenient(vector.get("USAGE")), 0)
            pages[size] = [count, pages[size][1] if size in pages else usage]
        memory = next(iter(v_vectors(element, "MEMORY")), {})
        nodes[number] = NumaNode(
            dict(sorted(cores.items())),
            pages,
            or_else(lenient(memory.get("TOTAL")), 0),
            or_else(lenient(memory.get("USAGE")), 0),
            [int(word) for word in memory.get("DISTANCE", "").split() if re.fullmatch("-?[0-9]+", word)],
        )
    nodes = dict(sorted(nodes.items()))
    core_threads = 1
    if nodes and not stopped:
        lowest = next(iter(nodes.values())).cores
        if lowest:
            core_threads = max(1, len(next(iter(lowest.values())).cpus))  # 9: T = 1
    return nodes, core_threads


def read_devices(node: Node) -> list[dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    for vector in v_vectors(next(iter(at(node, "HOST_SHARE/PCI_DEVICES")), None), "PCI"):
        address = vector.get("ADDRESS", "")
        if address in kept:
            continue
        kept[address] = {
            "short": vector.get("SHORT_ADDRESS", ""),
            "values": [hexadecimal(vector.get(name))[0] for name in ("VENDOR", "DEVICE", "CLASS")],
            "free": or_else(lenient(vector.get("VMID"), INT32), -1) == -1,
            "node": vector.get("NUMA_NODE", ""),
        }
    return [kept[address] for address in sorted(kept, key=lambda address: address.encode())]


def read_host(node: Node) -> Host:
    def share(name: str) -> int:
        return p_integer(node, "HOST_SHARE/" + name, 0, INT64)

    threads = p_integer(node, "HOST_SHARE/VMS_THREAD", 1, UINT)
    nodes, core_threads = read_nodes(node, threads)
    ids = p_all(node, "HOST_SHARE/DATASTORES/DS/ID")
    frees = p_all(node, "HOST_SHARE/DATASTORES/DS/FREE_MB", INT64)
    return Host(
        id=p_integer(node, "ID", -1),
        cluster=p_integer(node, "CLUSTER_ID", -1),
        cpu=share("MAX_CPU") - share("CPU_USAGE"),
        memory=share("MAX_MEM") - share("MEM_USAGE"),
        free_disk=share("DATASTORES/FREE_DISK"),
        local=dict(zip(ids, frees, strict=False)),
        devices=read_devices(node),
        threads=threads,
        nodes=nodes,
        core_threads=core_threads,
        document=candidate(node.xml()),
    )


def read_datastore(node: Node) -> Datastore:
    free, total, used = (p_integer(node, name, 0, INT64) for name in ("FREE_MB", "TOTAL_MB", "USED_MB"))
    monitored = bool(free or total or used)
    limits = at(node, "TEMPLATE/LIMIT_MB")
    limit = integer(limits[0].text(), INT64) if limits else None
    if limit is not None:
        free = max(0, limit - used)
    shared = at(node, "TEMPLATE/SHARED")
    return Datastore(
        id=p_integer(node, "ID", -1),
        clusters=clusters_of(node),
        free=free,
        monitored=monitored,
        shared=not shared or shared[0].text().upper() == "YES",
        document=candidate(node.xml()),
    )


def read_network(node: Node) -> Network:
    sizes = 0
    for element in at(node, "AR_POOL/AR/SIZE"):
        found = re.match(r"[ \t\n\v\f\r]*([0-9]+)", element.text())
        sizes += int(found[1]) if found else 0
    return Network(
        p_integer(node, "ID", -1),
        clusters_of(node),
        sizes - p_integer(node, "USED_LEASES", 0),
        candidate(node.xml()),
    )


def by_id(objects: list[Any]) -> dict[int, Any]:
    kept: dict[int, Any] = {}
    for one in objects:
        kept.setdefault(one.id, one)
    return kept


# --- 2 Configuration ---------------------------------------------------------------------------------------------

POLICIES = {
    "DEFAULT_SCHED": {0: "RUNNING_VMS", 1: "- RUNNING_VMS", 2: "FREE_CPU", 4: "PRIORITY"},
    "DEFAULT_DS_SCHED": {0: "- FREE_MB", 1: "FREE_MB", 3: "PRIORITY"},
    "DEFAULT_NIC_SCHED": {0: "USED_LEASES", 1: "- USED_LEASES", 3: "PRIORITY"},
}
CUSTOM = {"DEFAULT_SCHED": 3, "DEFAULT_DS_SCHED": 2, "DEFAULT_NIC_SCHED": 2}


def policy(config: dict[str, Any], name: str) -> str:
    value = config.get(name, {"POLICY": 1})
    if not isinstance(value, dict):
        return ""
    number = lenient(str(value.get("POLICY", 1)), INT32)
    if number == CUSTOM[name]:
        return str(value.get("RANK", ""))
    return POLICIES[name].get(or_else(number, 1), "")


class Config:
    def __init__(self, config: dict[str, Any]) -> None:
        limit = str(config.get("MAX_HOST", 0))
        found = lenient(limit, UINT)
        self.max_host = 0 if found is None or integer(limit, (0, 2**32 - 1)) is None else found
        self.different = str(config.get("DIFFERENT_VNETS", "YES")).upper() == "YES"
        self.scale = or_else(single(str(config.get("MEMORY_SYSTEM_DS_SCALE", 0))), 0.0)
        self.rank, self.ds_rank, self.nic_rank = (policy(config, name) for name in POLICIES)


# --- 3 The two phases --------------------------------------------------------------------------------------------


class HostPiece(str):
    """What a group adds about hosts."""


def met(vm: VM, host: Host, document: Document) -> bool:
    """The pieces joined with AND; one that does not parse makes the host fail (9)."""
    verdict = True
    for piece in vm.pieces:
        try:
            requirement = Requirement(piece)
        except ExpressionError:
            return False
        plain = isinstance(piece, HostPiece) and not READINGS["ID of group pieces is the host's attribute"]
        verdict = verdict and requirement.matches({"ID": host.id} if plain else document)
    return verdict


def scores(text: str, documents: list[Document]) -> list[int]:
    if text == "":
        return [0] * len(documents)
    try:
        rank = Rank(text)
    except RankError as error:
        refuses = READINGS["a null string as a name in a rank refuses the VM"]
        if refuses and any(diagnostic.code == EMPTY_NAME for diagnostic in error.diagnostics):
            raise EmptyName from None
        if error.partial is None:
            return [0] * len(documents)
        rank = error.partial
    except ExpressionError:
        return [0] * len(documents)
    return [rank.score(document) for document in documents]


EMPTY_NAME = "MM108"


def scaled(numbers: list[float]) -> list[float]:
    numbers = [f32(number) for number in numbers]
    largest = max((abs(number) for number in numbers), default=0.0)
    return [f32(number / largest) if largest else 0.0 for number in numbers]


def ranked(ids: list[int], text: str, pool: dict[int, Any]) -> list[int]:
    """Best first; ties: last in list first."""
    priorities = scaled([float(score) for score in scores(text, [pool[one].document for one in ids])])
    order = sorted(range(len(ids)), key=lambda at: (-priorities[at], -at))
    return [ids[position] for position in order]


class Run:
    def __init__(self, xml: bytes, config: dict[str, Any]) -> None:
        self.config = Config(config)
        root = parsed(xml)
        sections: dict[str, Node] = {}
        for name in SECTIONS:
            found = root.elements(name)
            if root.tag != "SCHEDULER_DRIVER_ACTION" or not found:
                raise Refused
            sections[name] = found[0]
        self.vms: dict[int, VM] = {}
        self.running: dict[int, int] = {}
        for node in sections["VM_POOL"].elements("VM"):
            number = p_integer(node, "ID", -1)
            host = p_integer(node, "HISTORY_RECORDS/HISTORY/HID", -1)
            if p_integer(node, "STATE", -1) == 3 and host != -1 and at(node, "TEMPLATE/VMGROUP/ROLE"):
                self.running.setdefault(number, host)
            taken = x_is(node, "STATE", 1) or (
                x_is(node, "RESCHED", 1) and (x_is(node, "STATE", 8) or x_is(node, "LCM_STATE", 3, 16))
            )
            if taken and len(node.children) >= 2 and number not in self.vms:
                self.vms[number] = read_vm(node)
        self.vms = dict(sorted(self.vms.items()))
        for vm in self.vms.values():
            read_requirements(sections["REQUIREMENTS"], vm)
            if READINGS[SCALED_FIRST]:
                vm.usage = self.with_memory(vm)
        self.hosts = by_id([read_host(n) for n in sections["HOST_POOL"].elements("HOST") if x_is(n, "STATE", 1, 2)])
        datastores = sections["DATASTORE_POOL"].elements("DATASTORE")
        self.system = by_id([read_datastore(n) for n in datastores if x_is(n, "TYPE", 1) and x_is(n, "STATE", 0)])
        self.images = by_id([read_datastore(n) for n in datastores if x_is(n, "TYPE", 0)])
        self.networks = by_id([read_network(n) for n in sections["VNET_POOL"].elements("VNET") if n.children])
        groups: dict[int, Node] = {}
        for node in sections["VM_GROUP_POOL"].elements("VM_GROUP"):
            if node.children:
                groups.setdefault(p_integer(node, "ID", -1), node)
        for number in sorted(groups):
            self.group(groups[number])
        self.plan: list[dict[str, Any]] = []
        self.refused: list[int] = []

    # --- 7 VM groups

    def group(self, node: Node) -> None:
        roles: dict[int, dict[str, Any]] = {}
        names: dict[str, int] = {}
        for vector in v_vectors(next(iter(node.elements("ROLES")), None), "ROLE"):
            number, name = w(vector.get("ID")), vector.get("NAME", "")
            if number is None or name == "" or name in names or number in roles:
                break
            names[name] = number
            roles[number] = {
                "policy": vector.get("POLICY", "").upper(),
                **{key: ids_of(vector.get(key, "")) for key in ("VMS", "HOST_AFFINED", "HOST_ANTI_AFFINED")},
            }
        roles = dict(sorted(roles.items()))

        # Affinity
        for role in roles.values():
            if role["policy"] == "AFFINED" and len(role["VMS"]) > 1:
                self.affine(role["VMS"])
        merged: list[set[int]] = []
        for rule in rules_of(node, "AFFINED", names):
            joined = set(rule)
            for other in [other for other in merged if other & joined]:
                joined |= other
                merged.remove(other)
            merged.append(joined)
        for rule in sorted(merged, key=number_of):
            self.affine(sorted({vm for number in rule for vm in roles[number]["VMS"]}))

        # Anti-affinity
        for role in roles.values():
            if role["policy"] == "ANTI_AFFINED" and len(role["VMS"]) > 1:
                for vm in role["VMS"]:
                    self.add(vm, apart([other for other in role["VMS"] if other != vm]))
        for rule in rules_of(node, "ANTI_AFFINED", names):
            for number in sorted(rule):
                others = [vm for other in sorted(rule) if other != number for vm in roles[other]["VMS"]]
                for vm in roles[number]["VMS"]:
                    itself = READINGS["in anti-affinity rules a VM in two roles is kept from itself"]
                    self.add(vm, apart([other for other in others if itself or other != vm]))

        # Hosts
        for role in roles.values():
            for vm in role["VMS"]:
                self.add(vm, HostPiece(" | ".join(f"(ID={host})" for host in role["HOST_AFFINED"])))
                self.add(vm, HostPiece(" & ".join(f"(ID!={host})" for host in role["HOST_ANTI_AFFINED"])))

    def add(self, vm: int, piece: str) -> None:
        if piece and vm in self.vms:
            self.vms[vm].pieces.append(piece)

    def affine(self, members: list[int]) -> None:
        if len(members) < 2:
            return
        hosts = sorted({self.running[vm] for vm in members if vm in self.running})
        if hosts:
            for vm in members:
                self.add(vm, HostPiece(" | ".join(f"(ID={host})" for host in hosts)))
            return
        scheduled = [self.vms[vm] for vm in members if vm in self.vms]
        if not scheduled:
            return
        leader = scheduled[0]
        for follower in scheduled[1:]:
            leader.cpu = f32(leader.cpu + whole(follower.cpu))
            leader.memory += follower.memory
            leader.usage += follower.usage
            follower.cpu, follower.memory, follower.usage = 0.0, 0, 0
            if leader.template:  # 9: without TEMPLATE no NUMA request
                leader.numa = leader.numa + follower.numa
            follower.numa = []
            leader.pieces += follower.pieces
            follower.pieces.append(f"CURRENT_VMS = {leader.id}")
            leader.followers.append(follower.id)

    # --- 4 Capacity

    def request(self, vm: VM) -> tuple[int | None, int | None, int]:
        """CPU, memory in KB, disk; None for what no host has (9)."""
        if vm.memory == 0 or vm.cpu == 0:
            return 0, 0, 0
        product = f32(vm.cpu * 100)
        cpu: int | None = whole(max(product, -(2.0**31)))
        if product >= 2**31 and READINGS["a CPU of 21474836.48 fits nowhere, however large the host"]:
            cpu = None
        memory = vm.memory * 1024
        disk = vm.usage
        if not READINGS[SCALED_FIRST]:
            disk = self.with_memory(vm)
        return cpu, (memory if memory <= INT64[1] else None), disk

    def with_memory(self, vm: VM) -> int:
        if vm.memory > 0 and self.config.scale >= 0:
            return whole(f32(f32(vm.usage) + f32(f32(vm.memory) * self.config.scale)))
        return vm.usage

    def capacity(self, vm: VM, host: Host) -> bool:
        cpu, memory, _ = self.request(vm)
        if cpu is None or memory is None or host.cpu < cpu or host.memory < memory:
            return False
        return self.pci_fits(vm, host) and self.numa_fits(vm, host, memory)

    def images_fit(self, vm: VM) -> bool:
        for datastore, usage in sorted(vm.images.items()):
            if usage and (datastore not in self.images or usage >= self.images[datastore].free):
                return False
        return True

    # --- 5 PCI

    def pci_requests(self, vm: VM) -> tuple[list[Any], list[Any]]:
        by_address, by_name = [], []
        for vector in vm.pci:
            values = []
            some_good = False
            for name in ("VENDOR", "DEVICE", "CLASS"):
                number, good = hexadecimal(vector.get(name))
                values.append(number if vector.get(name) else None)
                some_good = some_good or good
            if vector.get("SHORT_ADDRESS") and not some_good:
                by_address.append((vector, values, some_good))
            else:
                by_name.append((vector, values, some_good))
        return by_address, by_name

    def pci_fits(self, vm: VM, host: Host) -> bool:
        by_address, by_name = self.pci_requests(vm)
        taken = set()
        for vector, _, _ in by_address:
            found = [device for device in host.devices if device["short"] == vector["SHORT_ADDRESS"]]
            if not found or not found[0]["free"]:
                return False
            taken.add(found[0]["short"])
        for _, values, some_good in by_name:
            if not some_good:
                return False
            for device in host.devices:
                if device["free"] and device["short"] not in taken and equal(values, device["values"]):
                    taken.add(device["short"])
                    break
            else:
                return False
        return True

    def pci_take(self, vm: VM, host: Host) -> set[int]:
        """Book; return the NUMA nodes of this VM's devices, as just booked or as the requests said."""
        near = {number for vector in vm.pci if (number := w(vector.get("NUMA_NODE"))) is not None}
        by_address, by_name = self.pci_requests(vm)
        buses: dict[Any, int] = {}
        for position, (vector, values, _) in enumerate(by_address + by_name):
            if position < len(by_address):
                found = [d for d in host.devices if d["short"] == vector["SHORT_ADDRESS"]][:1]
                found = [d for d in found if d["free"]]
            else:
                found = [d for d in host.devices if d["free"] and equal(values, d["values"])]
            if not found:
                break
            device = found[0]
            device["free"] = False
            booked = w(device["node"])
            if booked is not None:
                near.add(booked)
            if w(vector.get("PCI_ID"), UINT) is None:
                continue
            node = w(device["node"] or vector.get("NUMA_NODE"))
            if vm.numa and node is not None and node != -1:
                root = (vm.topology or {}).get("ROOT", "").upper() == "DEDICATED" if vm.topology else False
                key, most = ("all", 12) if root else (node, 8)
                buses[key] = buses.get(key, 0) + 1
                if buses[key] > most:
                    break
            elif not hexadecimal(vector.get("VM_BUS"))[1]:
                break
        return near

    # --- 6 NUMA

    def numa_request(self, vm: VM) -> dict[str, Any] | None:
        if vm.topology is None or not vm.numa:
            return None
        pin = vm.topology.get("PIN_POLICY", "").upper()
        nodes = []
        for vector in vm.numa:
            cpus = or_else(lenient(vector.get("TOTAL_CPUS"), UINT), 0)
            memory = or_else(lenient(vector.get("MEMORY")), 0)
            if cpus > 0 and memory > 0:
                nodes.append((cpus, memory))
        return {
            "policy": {"CORE": "CORE", "THREAD": "THREAD", "SHARED": "THREAD"}.get(pin, "NONE"),
            "page": or_else(lenient(vm.topology.get("HUGEPAGE_SIZE"), UINT), 0) * 1024,
            "affinity": or_else(lenient(vm.topology.get("NODE_AFFINITY"), INT32), -1),
            "threads": or_else(lenient(vm.topology.get("THREADS"), INT32), 0),
            "nodes": nodes,
        }

    def free_pages(self, node: NumaNode, memory: int, page: int) -> int | None:
        """The test of path A: the free pages (0 without pages), None when it does not fit."""
        free = node.total - node.usage
        if free <= 0 or free < memory:
            return None
        if page == 0:
            return 0
        if page not in node.pages:
            return None
        pages, wanted = node.pages[page][0] - node.pages[page][1], memory // page
        if READINGS["a negative memory asks for very many pages"]:
            wanted = memory % 2**64 // page
        return pages if pages > 0 and pages >= wanted else None

    def one_node(self, request: dict[str, Any], host: Host, memory: int) -> int | None:
        """Paths A and B: the node."""
        page = request["page"]
        if request["affinity"] != -1:
            node = host.nodes.get(request["affinity"])
            return None if node is None or self.free_pages(node, memory, page) is None else request["affinity"]
        best = None
        for number, node in host.nodes.items():
            pages = self.free_pages(node, memory, page)
            if pages is not None and (best is None or pages > best[0]):
                best = (pages, number)
        return None if best is None else best[1]

    def counts(self, request: dict[str, Any], host: Host) -> list[int]:
        """The thread counts tried."""
        if request["policy"] == "CORE":
            return [1]
        wanted, most = request["threads"], host.core_threads
        cap = wanted if 0 < wanted <= most else most
        found = [2**power for power in range(32) if 2**power <= cap]
        found = [t for t in found if all(cpus % t == 0 for cpus, _ in request["nodes"])]
        found.reverse()
        if wanted != 0:
            return [wanted] if wanted in found and request["nodes"] else []
        return found

    def groups(self, node: NumaNode, policy_name: str, t: int) -> int:
        if policy_name == "CORE":
            return sum(core_is_whole(core) for core in node.cores.values())
        return sum(core.free // t for core in node.cores.values())

    def memory_fits(self, node: NumaNode, memory: int, page: int, tally: tuple[int, int] = (0, 0)) -> bool:
        if node.total - node.usage - tally[0] < memory:
            return False
        if page == 0:
            return True
        if page not in node.pages:
            return False
        pages = (node.pages[page][0] - node.pages[page][1] - tally[1]) % 2**64
        return pages > 0 and pages >= memory // page

    def numa_fits(self, vm: VM, host: Host, memory: int) -> bool:
        request = self.numa_request(vm)
        if request is None:
            return True
        if not host.nodes:
            return False
        if request["affinity"] != -1 or (request["page"] > 0 and request["policy"] == "NONE"):
            return self.one_node(request, host, memory) is not None
        for t in self.counts(request, host):
            if all(
                any(self.groups(node, request["policy"], t) * t >= cpus for node in host.nodes.values())
                and any(self.memory_fits(node, size, request["page"]) for node in host.nodes.values())
                for cpus, size in request["nodes"]
            ):
                return True
        return False

    def numa_take(self, vm: VM, host: Host, memory: int, near: set[int]) -> None:
        request = self.numa_request(vm)
        if request is None:
            return
        page = request["page"]
        if request["affinity"] != -1 or (page > 0 and request["policy"] == "NONE"):
            number = self.one_node(request, host, memory)
            if number is not None:
                take_memory(host.nodes[number], memory, page)
            return
        for t in self.counts(request, host):
            found = self.numa_places(request, host, t, near)
            if found is None:
                continue
            for (cpus, size), (cpu_node, memory_node) in zip(request["nodes"], found, strict=True):
                take_memory(host.nodes[memory_node], size, page)
                take_cpus(host.nodes[cpu_node], cpus, t, request["policy"], host.threads)
            return

    def numa_places(self, request: dict[str, Any], host: Host, t: int, near: set[int]) -> list[tuple[int, int]] | None:
        page = request["page"]
        tallies = {number: [0, 0, 0] for number in host.nodes}  # CPUs, memory, pages
        places = []
        for index, (cpus, size) in enumerate(request["nodes"]):
            order = []
            for number, node in host.nodes.items():
                g = self.groups(node, request["policy"], t) - tallies[number][0] // t
                if g * t < cpus:
                    continue
                weight = f32(1 - cpus / (t * g))
                if number == index and index in near:
                    weight = f32(weight + 1)
                order.append((weight, number))
            order.sort(reverse=True)
            place = None
            for hop in range(len(host.nodes)):
                for _, number in order:
                    distance = host.nodes[number].distance
                    if place is None and hop < len(distance) and distance[hop] in host.nodes:
                        other = distance[hop]
                        if self.memory_fits(host.nodes[other], size, page, (tallies[other][1], tallies[other][2])):
                            place = (number, other)
            if place is None:
                return None
            tally = tallies[place[0]]
            tally[0] += cpus
            tally[1] += size
            tally[2] += size // page if page else 0
            places.append(place)
        return places

    # --- 3 Phase 1

    def screen(self, vm: VM) -> bool:
        if not (vm.reschedule or vm.resume) and not self.images_fit(vm):
            return False
        disk = self.request(vm)[2]
        passed = []
        for number in vm.listed_hosts:
            if number in self.hosts:
                host = self.hosts[number]
                if self.capacity(vm, host) and met(vm, host, host.document):
                    passed.append(number)
        if not passed:
            return False
        kept = [number for number in passed if not (vm.reschedule and number == vm.host)]
        vm.hosts = ranked(kept, vm.rank or self.config.rank, self.hosts)
        if vm.reschedule:
            vm.datastores = [vm.datastore]
            return True
        fitting = []
        for number in vm.listed_datastores:
            if number in self.system:
                datastore = self.system[number]
                if not datastore.shared or vm.resume or (datastore.monitored and fits_shared(disk, datastore)):
                    fitting.append(number)
        if not fitting:
            return False
        vm.datastores = ranked(fitting, vm.ds_rank or self.config.ds_rank, self.system)
        for nic in sorted(vm.nics):
            if nic not in vm.listed_networks:
                continue
            free = [n for n in vm.listed_networks[nic] if n in self.networks and self.networks[n].free > 0]
            if not free:
                return False
            vm.networks[nic] = ranked(free, vm.nics[nic] or self.config.nic_rank, self.networks)
        return True

    # --- 3 Phase 2

    def datastore_for(self, vm: VM, host: Host, disk: int) -> int | None:
        for number in [one for place, one in vm.with_leader if place == host.id] + vm.datastores:
            if number not in self.system:
                continue
            datastore = self.system[number]
            if host.cluster not in datastore.clusters:
                continue
            if datastore.shared:
                if datastore.monitored and (vm.reschedule or vm.resume or fits_shared(disk, datastore)):
                    return number
            elif disk < host.local.get(number, host.free_disk):
                return number
        return None

    def networks_for(self, vm: VM, host: Host) -> dict[int, int] | None:
        taken: dict[int, int] = {}
        if vm.reschedule:
            return taken
        for nic in sorted(vm.nics):
            for number in vm.networks.get(nic, []):
                network = self.networks[number]
                if self.config.different and number in taken.values():
                    continue
                if host.cluster in network.clusters and network.free > 0:
                    network.free -= 1
                    taken[nic] = number
                    break
            else:
                for number in taken.values():
                    self.networks[number].free += 1
                return None
        return taken

    def dispatch(self, vm: VM) -> bool:
        if vm.hosts and not (vm.reschedule or vm.resume) and not self.images_fit(vm):
            return False
        cpu, memory, disk = self.request(vm)
        for number in vm.hosts:
            host = self.hosts[number]
            asks = any("CURRENT_VMS" in piece for piece in vm.pieces)
            if asks and not met(vm, host, host.document.with_vms(host.placed)):
                continue
            if not self.capacity(vm, host):
                continue
            if self.config.max_host > 0 and len(host.placed) >= self.config.max_host:
                continue
            datastore = self.datastore_for(vm, host, disk)
            if datastore is None:
                continue
            networks = self.networks_for(vm, host)
            if networks is None:
                continue
            assert cpu is not None and memory is not None
            host.cpu -= cpu
            host.memory -= memory
            near = self.pci_take(vm, host)
            self.numa_take(vm, host, memory, near)
            if self.system[datastore].shared:
                if not (vm.reschedule or vm.resume):
                    self.system[datastore].free -= disk
            else:
                host.local[datastore] = host.local.get(datastore, host.free_disk) - disk
            if not vm.reschedule:
                for image, usage in vm.images.items():
                    if image in self.images:
                        self.images[image].free -= usage
            host.placed.append(vm.id)
            self.plan.append(
                {
                    "vm": vm.id,
                    "host": number,
                    "ds": datastore,
                    "operation": "migrate" if vm.reschedule else "deploy",
                    "nics": {str(nic): network for nic, network in sorted(networks.items())},
                }
            )
            for follower in vm.followers:  # 7: its followers' first choice
                self.follow(self.vms[follower], number, datastore)
            return True
        return False

    def follow(self, vm: VM, host: int, datastore: int) -> None:
        if vm.reschedule and vm.host == host and not READINGS["a follower may follow a leader to where it is itself"]:
            return
        position = 0 if READINGS["the leader placed last comes first"] else vm.followed
        vm.hosts.insert(position, host)
        vm.followed += 1
        if READINGS["a leader's datastore is its follower's first choice on every host"]:
            vm.datastores.insert(position, datastore)
        else:
            vm.with_leader.append((host, datastore))

    def place(self) -> None:
        left = []
        for vm in self.vms.values():
            try:
                if not self.hosts or not self.system or self.screen(vm):
                    left.append(vm)
                else:
                    self.refused.append(vm.id)
            except EmptyName:
                self.refused.append(vm.id)
        priorities = scaled([vm.priority for vm in left])
        order = sorted(range(len(left)), key=lambda at: (-priorities[at], left[at].id))
        for position in order:
            if not self.dispatch(left[position]):
                self.refused.append(left[position].id)


def ids_of(text: str) -> list[int]:
    """Ids parted by commas: leading digits count, others are skipped; as an ascending set."""
    plus = "[+]?" if READINGS["ids of groups may have a plus sign"] else ""
    found = [re.match(rf"[ \t\n\v\f\r]*{plus}([0-9]+)", piece) for piece in text.split(",")]
    return sorted({int(one[1]) for one in found if one})


def rules_of(node: Node, kind: str, names: dict[str, int]) -> list[set[int]]:
    rules: list[set[int]] = []
    for element in at(node, "TEMPLATE/" + kind):
        wanted = [name.strip(WHITE) for name in element.text().split(",")]
        if any(name not in names for name in wanted):
            continue  # one unknown name empties the rule
        rule = {names[name] for name in wanted if 0 <= names[name] < 32}
        if rule and rule not in rules:
            rules.append(rule)
    return sorted(rules, key=number_of)


def number_of(rule: set[int]) -> int:
    return sum(2**number for number in rule)


def apart(ids: list[int]) -> str:
    return " & ".join(f"(CURRENT_VMS != {other})" for other in ids)


def equal(values: list[int | None], device: list[int]) -> bool:
    return all(value is None or value == other for value, other in zip(values, device, strict=True))


def fits_shared(disk: int, datastore: Datastore) -> bool:
    return disk < datastore.free or disk == 0


def core_is_whole(core: Core) -> bool:
    return core.uses == 0 and len(core.reserved) < len(core.cpus)


def take_memory(node: NumaNode, memory: int, page: int) -> None:
    node.usage += memory
    if page:
        node.pages[page][1] += memory // page


def take_cpus(node: NumaNode, cpus: int, t: int, policy_name: str, threads: int) -> None:
    for _, core in sorted(node.cores.items()):
        if policy_name == "CORE":
            if cpus > 0 and core_is_whole(core):
                core.uses, core.free = 1, 0
                cpus -= 1
            continue
        here = min(cpus, core.free // t * t)
        for cpu in sorted(core.cpus):
            if here > 0 and cpu not in core.reserved and core.cpus[cpu] < threads:
                core.cpus[cpu] += 1
                core.uses += 1
                core.free -= 1
                here -= 1
                cpus -= 1


def answer(stdin: bytes, config: dict[str, Any]) -> tuple[int, list[dict[str, Any]] | None, set[int]]:
    """Return the exit status, the plan (None without one) and the ids of the VMs that are refused."""
    return answer_xml(decoded(stdin), config) if can_decode(stdin) else (255, None, set())


def can_decode(stdin: bytes) -> bool:
    try:
        decoded(stdin)
    except Refused:
        return False
    return True


def answer_xml(xml: bytes, config: dict[str, Any]) -> tuple[int, list[dict[str, Any]] | None, set[int]]:
    try:
        run = Run(xml, config)
    except Refused:
        return 255, None, set()
    run.place()
    return 0, run.plan, set(run.refused)
