"""Selection: which hosts, system datastores and networks OpenNebula's core finds for a VM, and what it says else."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from matchmaker import DocumentError, Pool, Requirement
from matchmaker.limits import Limits
from matchmaker.opennebula import read_pool
from matchmaker.opennebula.selection import Selection, Selector, select, with_cluster_templates
from matchmaker.opennebula.templates import read_template, vm_document


def pool(tag: str, *inside: str) -> Pool:
    return read_pool(f"<{tag}_POOL>{''.join(f'<{tag}>{each}</{tag}>' for each in inside)}</{tag}_POOL>".encode())


def host(id_: int, cpu: int = 100, *, state: int = 2, cluster: int = 0) -> str:
    share = f"<HOST_SHARE><FREE_CPU>{cpu}</FREE_CPU></HOST_SHARE>"
    return f"<ID>{id_}</ID><STATE>{state}</STATE><CLUSTER_ID>{cluster}</CLUSTER_ID>{share}<TEMPLATE/>"


def datastore(id_: int, *, type_: int = 1, state: int = 0, size: int = 1, template: str = "") -> str:
    sizes = f"<TOTAL_MB>{size}</TOTAL_MB><FREE_MB>0</FREE_MB><USED_MB>0</USED_MB>"
    return f"<ID>{id_}</ID><TYPE>{type_}</TYPE><STATE>{state}</STATE>{sizes}<TEMPLATE>{template}</TEMPLATE>"


HOSTS = pool("HOST", host(4, 400), host(2, 200), host(1, 100, cluster=100), host(3, 300))
DATASTORES = pool("DATASTORE", datastore(100), datastore(0, template="<SSD>YES</SSD>"))
NETWORKS = pool(
    "VNET",
    "<ID>8</ID><STATE>1</STATE><CLUSTERS><ID>0</ID></CLUSTERS><TEMPLATE><TYPE>public</TYPE></TEMPLATE>",
    "<ID>5</ID><STATE>5</STATE><CLUSTERS><ID>0</ID><ID>100</ID></CLUSTERS><TEMPLATE><TYPE>private</TYPE></TEMPLATE>",
)
CLUSTERS = """<CLUSTER_POOL>
  <CLUSTER><ID>100</ID><NAME>gold</NAME><TEMPLATE><QOS>GOLD</QOS><A>1</A><B/></TEMPLATE></CLUSTER>
  <CLUSTER><ID>0</ID><NAME>default</NAME><TEMPLATE/></CLUSTER>
</CLUSTER_POOL>"""


def vm(template: str = "", *, automatic: str = "", rest: str = "") -> str:
    """Return a VM of a template, with more in its TEMPLATE and around it."""
    text = etree.tostring(vm_document(read_template(template), id=10), encoding="unicode")
    empty = "<TEMPLATE/>" if "<TEMPLATE/>" in text else "<TEMPLATE>"
    closed = "</TEMPLATE>" if empty == "<TEMPLATE/>" else ""
    return text.replace(empty, f"<TEMPLATE>{automatic}{closed}", 1).replace("<HISTORY_RECORDS/>", rest)


def selected(template: str = "", **more: str) -> Selection:
    return select(vm(template, **more), HOSTS, DATASTORES, NETWORKS)


def message(template: str = "", **more: str) -> str:
    (only,) = selected(template, **more).messages
    return only


def test_a_vm_without_requirements_may_use_everything() -> None:
    found = selected()
    assert found == Selection((1, 2, 3, 4), (0, 100), {}, ())
    assert found.complete


def test_requirements_select() -> None:
    found = selected(
        'SCHED_REQUIREMENTS = "FREE_CPU > 150" SCHED_DS_REQUIREMENTS = "SSD = YES" '
        'NIC = [ NETWORK_MODE = "Auto", SCHED_REQUIREMENTS = "TYPE = \\"p*\\"" ] NIC = [ NETWORK_ID = 5 ] '
        'NIC = [ NETWORK_MODE = "auto", SCHED_REQUIREMENTS = "TYPE = public" ]'
    )
    assert found == Selection((2, 3, 4), (0,), {0: (5, 8), 2: (8,)})


def test_automatic_requirements_are_joined() -> None:
    automatic = (
        "<AUTOMATIC_REQUIREMENTS>(CLUSTER_ID = 100) &amp; !(PIN_POLICY = PINNED)</AUTOMATIC_REQUIREMENTS>"
        '<AUTOMATIC_DS_REQUIREMENTS>("ID" @&gt; 100)</AUTOMATIC_DS_REQUIREMENTS>'
        '<AUTOMATIC_NIC_REQUIREMENTS>("CLUSTERS/ID" @&gt; 100)</AUTOMATIC_NIC_REQUIREMENTS>'
    )
    assert selected("NIC = [ NETWORK_MODE = auto ]", automatic=automatic) == Selection((1,), (100,), {0: (5,)})
    found = selected('SCHED_REQUIREMENTS = "FREE_CPU = 100 | FREE_CPU = 400"', automatic=automatic)
    assert found.hosts == (1,)  # the user's text is one operand


def test_a_users_text_cannot_leave_its_place() -> None:
    automatic = "<AUTOMATIC_REQUIREMENTS>(CLUSTER_ID = 100)</AUTOMATIC_REQUIREMENTS>"
    found = selected('SCHED_REQUIREMENTS = "FREE_CPU = 1) | (ID > -1"', automatic=automatic)
    assert found.hosts == ()
    assert found.messages[0].startswith("Error in SCHED_REQUIREMENTS: 'FREE_CPU = 1) | (ID > -1', error: ")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('SCHED_REQUIREMENTS = "FREE_CPU > 1000"', "No host meets SCHED_REQUIREMENTS"),
        ('SCHED_DS_REQUIREMENTS = "SSD = NO"', "No system datastore meets SCHED_DS_REQUIREMENTS"),
        (
            'NIC = [ NETWORK_ID = 1 ] NIC = [ NETWORK_MODE = auto, SCHED_REQUIREMENTS = "A = 1" ]',
            "No virtual network meets SCHED_NIC_REQUIREMENTS for NIC 1",
        ),
        (
            'SCHED_REQUIREMENTS = "FREE_CPU >= 5"',
            "Error in SCHED_REQUIREMENTS: 'FREE_CPU >= 5', error: `>=` is not an operator of the opennebula dialect",
        ),
        (
            'SCHED_DS_REQUIREMENTS = "SSD = YES &"',
            "Error in SCHED_DS_REQUIREMENTS: 'SSD = YES &', error: `&` has nothing on its right side",
        ),
        (
            'NIC = [ NETWORK_MODE = auto, SCHED_REQUIREMENTS = "and" ]',
            "Error in SCHED_NIC_REQUIREMENTS in NIC 0: 'and', error: ",
        ),
        ('SCHED_REQUIREMENTS = "\\"\\" = 1"', "Error in SCHED_REQUIREMENTS: '\"\" = 1', error: "),
    ],
)
def test_messages(template: str, expected: str) -> None:
    assert message(template).startswith(expected)
    assert not selected(template).complete


def test_the_first_failure_ends_it() -> None:
    found = selected('SCHED_REQUIREMENTS = "A = 1" SCHED_DS_REQUIREMENTS = "A = 1" NIC = [ NETWORK_MODE = auto ]')
    assert found == Selection((), (), {}, ("No host meets SCHED_REQUIREMENTS",))
    found = selected('NIC = [ NETWORK_MODE = auto, SCHED_REQUIREMENTS = "TYPE = x" ] NIC = [ NETWORK_MODE = auto ]')
    assert found[:3] == ((1, 2, 3, 4), (0, 100), {0: (), 1: ()})


def test_a_bad_automatic_requirement_is_named() -> None:
    automatic = "<AUTOMATIC_REQUIREMENTS>(CLUSTER_ID = 100</AUTOMATIC_REQUIREMENTS>"
    assert message(automatic=automatic).startswith("Error in SCHED_REQUIREMENTS: '(CLUSTER_ID = 100', error: ")


def test_a_message_is_one_line_however_long_the_text_is() -> None:
    long = message('SCHED_REQUIREMENTS = "A = 1 &\n' + "x" * 10_000 + '"')
    assert len(long) < 1_000
    assert "\n" not in long


def test_only_enabled_hosts_count() -> None:
    hosts = pool("HOST", *(host(state, state=state) for state in range(9)))
    assert select(vm(), hosts, DATASTORES, NETWORKS).hosts == (1, 2)
    disabled = pool("HOST", host(1, state=4), "<ID>2</ID>", "<ID>3</ID><STATE>x</STATE>")
    assert select(vm(), disabled, DATASTORES, NETWORKS).messages == ("No hosts enabled to run VMs",)


def test_only_monitored_enabled_system_datastores_count() -> None:
    datastores = pool(
        "DATASTORE",
        datastore(1, type_=0),
        datastore(2, state=1),
        datastore(3, size=0),
        datastore(4, size=0, template="<SHARED>NO</SHARED>"),
        datastore(5, size=0, template="<SHARED>yes</SHARED>"),
        datastore(6, size=3_000_000_000, template="<SHARED>YES</SHARED>"),
        "<ID>7</ID><TYPE>1</TYPE><STATE>0</STATE>",
    )
    assert select(vm(), HOSTS, datastores, NETWORKS).datastores == (4, 6)
    none = select(vm(), HOSTS, pool("DATASTORE", datastore(1, type_=0)), NETWORKS)
    assert none == Selection((1, 2, 3, 4), (), {}, ("No system datastores found to run VMs",))


def test_empty_pools() -> None:
    empty = Pool([])
    assert select(vm(), empty, empty, empty).messages == ("No hosts enabled to run VMs",)
    found = select(vm("NIC = [ NETWORK_MODE = auto ]"), HOSTS, DATASTORES, empty)
    assert found.messages == ("No virtual network meets SCHED_NIC_REQUIREMENTS for NIC 0",)


def test_a_vm_to_reschedule_leaves_its_host_and_keeps_the_rest() -> None:
    history = "<HISTORY_RECORDS><HISTORY><HID>1</HID><DS_ID>0</DS_ID></HISTORY><HISTORY><HID>3</HID><DS_ID>100</DS_ID></HISTORY></HISTORY_RECORDS>"
    moving = vm("NIC = [ NETWORK_MODE = auto ]", rest=history).replace("<RESCHED>0", "<RESCHED>1")
    assert select(moving, HOSTS, DATASTORES, NETWORKS) == Selection((1, 2, 4), (100,), {})
    alone = select(moving, pool("HOST", host(3)), DATASTORES, NETWORKS)
    assert alone.messages == ("No host meets SCHED_REQUIREMENTS",)
    never = vm().replace("<RESCHED>0", "<RESCHED>1")
    assert select(never, HOSTS, DATASTORES, NETWORKS) == Selection((1, 2, 3, 4), (), {})


def test_cluster_templates_are_merged_into_copies() -> None:
    before = [etree.tostring(each.element) for each in HOSTS]
    merged = with_cluster_templates(HOSTS, CLUSTERS)
    assert list(merged.keys) == [4, 2, 1, 3]
    assert etree.tostring(merged[1].element.find("CLUSTER_TEMPLATE")) == (
        b"<CLUSTER_TEMPLATE><QOS>GOLD</QOS><A>1</A><B/></CLUSTER_TEMPLATE>"
    )
    assert [each.attributes["ID"] for each in Requirement("QOS = GOLD").filter(merged)] == ["1"]
    assert [etree.tostring(each.element) for each in HOSTS] == before
    assert with_cluster_templates(merged, CLUSTERS)[1] is merged[1]  # once is enough
    assert with_cluster_templates(HOSTS, "<CLUSTER_POOL/>")[1] is HOSTS[1]


def test_selection_knows_the_clusters_templates() -> None:
    found = select(vm('SCHED_REQUIREMENTS = "QOS = GOLD"'), HOSTS, DATASTORES, NETWORKS, clusters=CLUSTERS)
    assert found.hosts == (1,)
    assert select(vm('SCHED_REQUIREMENTS = "QOS = GOLD"'), HOSTS, DATASTORES, NETWORKS).hosts == ()


def test_merged_hosts_keep_their_vms() -> None:
    hosts = pool("HOST", host(1, cluster=100) + "<VMS><ID>7</ID></VMS>")
    seen = Pool([hosts[1].with_vms([9])])
    both = Requirement("CURRENT_VMS = 7 & CURRENT_VMS = 9 & QOS = GOLD")
    assert both.matches(with_cluster_templates(seen, CLUSTERS)[1])


def test_a_limit_refuses_one_vm_and_not_the_others() -> None:
    selector = Selector(HOSTS, DATASTORES, NETWORKS, limits=Limits(length=64))
    long = selector.select(vm('SCHED_REQUIREMENTS = "' + "FREE_CPU > 1 & " * 20 + 'FREE_CPU > 1"'))
    assert long.messages[0].startswith("Error in SCHED_REQUIREMENTS: 'FREE_CPU > 1 & ")
    assert selector.select(vm('SCHED_REQUIREMENTS = "FREE_CPU > 150"')).hosts == (2, 3, 4)


def test_a_requirement_is_evaluated_once_for_many_vms(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[str] = []
    positions = Requirement.positions

    def counted(self: Requirement, candidates: Any, kind: Any) -> list[int]:
        evaluated.append(str(self))
        return positions(self, candidates, kind)

    monkeypatch.setattr(Requirement, "positions", counted)
    selector = Selector(HOSTS, DATASTORES, NETWORKS)
    template = 'SCHED_REQUIREMENTS = "FREE_CPU > {}" NIC = [ NETWORK_MODE = auto ]'
    for n in range(300):
        assert selector.select(vm(template.format(n % 3))).complete
    assert len(evaluated) == 3 + 1 + 1


@pytest.mark.parametrize("source", ["<HOST/>", "<VM", "", 5, None])
def test_what_is_no_vm_is_refused(source: Any) -> None:
    with pytest.raises(DocumentError):
        select(source, HOSTS, DATASTORES, NETWORKS)


def test_pools_of_something_else_are_refused() -> None:
    for hosts in (DATASTORES, [], Pool([{"ID": 1}])):
        with pytest.raises(DocumentError, match="a pool of HOST documents is expected"):
            select(vm(), hosts, DATASTORES, NETWORKS)  # type: ignore[arg-type]
        with pytest.raises(DocumentError, match="a pool of HOST documents is expected"):
            with_cluster_templates(hosts, CLUSTERS)
    for clusters in ({0: {}}, "<", [CLUSTERS]):
        with pytest.raises(DocumentError):
            with_cluster_templates(HOSTS, clusters)
