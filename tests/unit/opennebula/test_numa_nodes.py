"""NUMA nodes and topologies in OpenNebula's documents: one test for each sentence of the rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.opennebula.numa_nodes import host_topology, topology, virtual_nodes
from matchmaker.opennebula.parsing import parse
from matchmaker.placement.numa import Core, Cpu, HostNode, HostTopology, HugePages, NumaBooking, Topology, VirtualNode

CORE = "<CORE><ID>0</ID><CPUS>0:-1,4:-1</CPUS><DEDICATED>NO</DEDICATED><FREE>99</FREE></CORE>"


def host(*nodes: str, more: str = "") -> HostTopology:
    inner = "".join(f"<NODE>{node}</NODE>" for node in nodes)
    return host_topology(parse(f"<HOST><HOST_SHARE>{more}<NUMA_NODES>{inner}</NUMA_NODES></HOST_SHARE></HOST>"))


def cores(text: str) -> tuple[Core, ...]:
    return host(f"<NODE_ID>0</NODE_ID>{text}").nodes[0].cores


def cpus(text: str) -> str:
    """Return the CPUs of a core: `id`, `id=uses` or `id!` when reserved."""
    (core,) = cores(f"<CORE><ID>0</ID><CPUS>{text}</CPUS></CORE>")
    return " ".join(f"{cpu.id}" + f"={cpu.uses}" * (cpu.uses > 0) + "!" * cpu.reserved for cpu in core.cpus)


def test_a_node() -> None:
    found = host(
        f"""{CORE}
        <HUGEPAGE><PAGES>10</PAGES><SIZE>2048</SIZE><USAGE>3</USAGE></HUGEPAGE>
        <MEMORY><DISTANCE>1 0</DISTANCE><TOTAL>100</TOTAL><USAGE>7</USAGE></MEMORY>
        <NODE_ID>1</NODE_ID>""",
        more="<VMS_THREAD>2</VMS_THREAD>",
    )
    node = HostNode(
        id=1,
        cores=(Core(id=0, cpus=(Cpu(id=0), Cpu(id=4))),),
        pages=(HugePages(size=2048, pages=10, usage=3),),
        memory=100,
        usage=7,
        distance=(1, 0),
    )
    assert found == HostTopology(nodes=(node,), threads=2, vms_thread=2)


def test_no_nodes() -> None:
    assert host_topology(parse("<HOST/>")) == host() == HostTopology()


def test_nodes_by_id_and_of_equal_ids_the_first() -> None:
    found = host(
        "<NODE_ID>2</NODE_ID>", f"<NODE_ID>0</NODE_ID>{CORE}", "<NODE_ID>2</NODE_ID><CORE/>", "<NODE_ID>1</NODE_ID>"
    )
    assert [node.id for node in found.nodes] == [0, 1, 2]
    assert found.threads == 2


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "<NODE_ID/>",
        "<NODE_ID>x</NODE_ID>",
        "<NODE_ID>1x</NODE_ID>",
        "<NODE_ID>-1</NODE_ID>",
        "<NODE_ID><A>1</A></NODE_ID>",
        "<NODE_ID>1<!-- --></NODE_ID>",
        "<MEMORY><NODE_ID>1</NODE_ID></MEMORY>",
    ],
)
def test_a_node_without_a_number_hides_those_behind_it(broken: str) -> None:
    found = host(f"<NODE_ID>3</NODE_ID>{CORE}", broken, "<NODE_ID>0</NODE_ID>")
    assert [node.id for node in found.nodes] == [3]
    assert found.threads == 1


def test_how_a_number_of_a_node_may_be_written() -> None:
    for text in ("<NODE_ID> 1</NODE_ID>", "<node_id>01</node_id>", "<NODE_ID><![CDATA[1]]></NODE_ID>"):
        assert [node.id for node in host(text).nodes] == [1]


def test_threads_are_the_cpus_of_the_lowest_core_of_the_lowest_node() -> None:
    two = "<CORE><ID>7</ID><CPUS>1,2</CPUS></CORE>"
    three = "<CORE><ID>3</ID><CPUS>3:-2,4:-2,5:-2</CPUS></CORE>"
    assert host(f"<NODE_ID>1</NODE_ID>{CORE}", f"<NODE_ID>0</NODE_ID>{two}{three}").threads == 3
    assert host("<NODE_ID>0</NODE_ID>", f"<NODE_ID>1</NODE_ID>{CORE}").threads == 1
    assert host("<NODE_ID>0</NODE_ID><CORE><ID>0</ID></CORE>").threads == 1
    assert host("<NODE_ID>0</NODE_ID><CORE><ID>0</ID><CPUS>x</CPUS></CORE>").threads == 1


def test_of_equal_cores_the_first_and_none_without_an_id() -> None:
    found = cores(
        "<CORE><ID>4</ID><CPUS>1</CPUS></CORE><CORE><CPUS>9</CPUS></CORE><CORE><ID/><CPUS>8</CPUS></CORE>"
        "<CORE><ID>4</ID><CPUS>2</CPUS></CORE><core><ID>3x</ID></core><CORE>0:-1</CORE><CORE><ID>x</ID></CORE>"
    )
    assert [(core.id, [cpu.id for cpu in core.cpus]) for core in found] == [(0, []), (3, []), (4, [1])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4:-1,0:-1", "0 4"),
        ("0:12,4:0", "0=1 4=1"),
        ("0:12,0:13,0:-1", "0=2"),
        ("0:-2,1:-3", "0! 1"),
        ("0,1:,2:x", "0 1 2"),
        ("x:1,:2,,-3:1", ""),
        (" 5 :7", "5=1"),
        ("", ""),
    ],
)
def test_cpus(text: str, expected: str) -> None:
    assert cpus(text) == expected


@pytest.mark.parametrize(
    ("text", "dedicated"), [("YES", True), ("yes", True), ("NO", False), ("1", False), ("", False)]
)
def test_dedicated(text: str, dedicated: bool) -> None:
    assert cores(f"<CORE><ID>0</ID><DEDICATED>{text}</DEDICATED></CORE>")[0].dedicated is dedicated


@pytest.mark.parametrize(("text", "vms"), [("3", 3), ("0", 0), ("", 1), ("x", 1), ("-2", 1), ("2x", 2), ("9" * 11, 1)])
def test_virtual_machines_to_a_thread(text: str, vms: int) -> None:
    assert host(more=f"<VMS_THREAD>{text}</VMS_THREAD>").vms_thread == vms


def test_pages() -> None:
    def pages(*vectors: str) -> tuple[HugePages, ...]:
        text = "".join(f"<HUGEPAGE>{vector}</HUGEPAGE>" for vector in vectors)
        return host(f"<NODE_ID>0</NODE_ID>{text}").nodes[0].pages

    one = "<SIZE>2</SIZE><PAGES>5</PAGES><USAGE>1</USAGE>"
    other = "<SIZE>2</SIZE><PAGES>9</PAGES><USAGE>4</USAGE>"
    assert pages(one, other) == (HugePages(size=2, pages=9, usage=1),)
    assert pages("<SIZE>2</SIZE><PAGES>5</PAGES>") == (HugePages(size=2, pages=5),)
    assert pages("<SIZE>2</SIZE>", "<PAGES>5</PAGES>", "<SIZE>2</SIZE><PAGES>-5</PAGES>", "") == ()


def test_memory() -> None:
    found = host(
        "<NODE_ID>0</NODE_ID><MEMORY><TOTAL>5M</TOTAL><USAGE>x</USAGE><DISTANCE> 2  0\n1 x</DISTANCE></MEMORY>"
        "<MEMORY><TOTAL>9</TOTAL></MEMORY>",
        "<NODE_ID>1</NODE_ID><MEMORY>7</MEMORY>",
    )
    assert [(node.memory, node.usage, node.distance) for node in found.nodes] == [(5, 0, (2, 0, 1)), (0, 0, ())]


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("CORE", "CORE"),
        ("core", "CORE"),
        ("Thread", "THREAD"),
        ("SHARED", "THREAD"),
        ("NONE", "NONE"),
        ("core ", "NONE"),
    ],
)
def test_policies(text: str, policy: str) -> None:
    assert topology({"PIN_POLICY": text}).policy == policy


def test_a_topology() -> None:
    assert topology({}) == topology({"PIN_POLICY": "foo", "CORES": "3", "SOCKETS": "2"}) == Topology()
    assert topology({"HUGEPAGE_SIZE": "2M"}).page == 2048
    assert topology({"HUGEPAGE_SIZE": "-2"}).page == topology({"HUGEPAGE_SIZE": "x"}).page == 0
    assert topology({"THREADS": "2"}).threads == 2
    assert topology({"THREADS": "-1"}).threads == -1
    assert [topology({"NODE_AFFINITY": text}).node_affinity for text in ("x", "1", "-1", "-2")] == [0, 1, -1, -2]


def test_virtual_nodes() -> None:
    found = virtual_nodes([{"TOTAL_CPUS": "2", "MEMORY": "1024K", "CPUS": "7"}, {"TOTAL_CPUS": "-2"}, {}])
    assert found == (VirtualNode(2, 1024), VirtualNode(0, 0), VirtualNode(0, 0))
    assert [node.counts for node in found] == [True, False, False]


texts = st.text(max_size=6) | st.sampled_from(["0", "1", "-1", "2:3", "0:-1,1:-1", "9" * 30, "yes", "CORE", "0 1"])
names = st.sampled_from(
    ["PIN_POLICY", "THREADS", "HUGEPAGE_SIZE", "NODE_AFFINITY", "TOTAL_CPUS", "MEMORY", "ID", "CPUS", "SIZE", "PAGES"]
)
values = st.dictionaries(names, texts)


@given(values, st.lists(values, max_size=3), st.lists(texts, min_size=6, max_size=6), st.booleans())
def test_any_text_is_read(
    of_topology: dict[str, str], of_nodes: list[dict[str, str]], of_host: list[str], compatibility: bool
) -> None:
    document = parse(
        "<HOST><HOST_SHARE><VMS_THREAD/><NUMA_NODES><NODE><NODE_ID>0</NODE_ID><CORE><ID/><CPUS/></CORE>"
        "<HUGEPAGE><SIZE/><PAGES/></HUGEPAGE><MEMORY><TOTAL/></MEMORY></NODE></NUMA_NODES></HOST_SHARE></HOST>"
    )
    tags = ("VMS_THREAD", "ID", "CPUS", "SIZE", "PAGES", "TOTAL")
    for tag, text in zip(tags, of_host, strict=True):
        for element in document.iter(tag):
            element.text = "".join(character for character in text if character.isprintable())
    booking = NumaBooking(host_topology(document), compatibility=compatibility)
    booking.fits(topology(of_topology), virtual_nodes(of_nodes), 10)
    booking.book(topology(of_topology), virtual_nodes(of_nodes), 10)
    booking.host  # noqa: B018
