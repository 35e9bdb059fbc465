"""What a request has of a VM document."""

import pytest
from lxml import etree

from matchmaker import DocumentError, Requirement
from matchmaker.opennebula import request
from matchmaker.opennebula.requests import Listed, request_of
from matchmaker.opennebula.vm_expressions import VmExpressions

VM = """<VM><ID>7</ID><STATE>1</STATE><TEMPLATE><CPU>0.29</CPU><MEMORY>1024</MEMORY>
<AUTOMATIC_REQUIREMENTS>CLUSTER_ID = 0 | CLUSTER_ID = 1</AUTOMATIC_REQUIREMENTS>
<DISK><SIZE>100</SIZE><DATASTORE_ID>1</DATASTORE_ID><CLONE>YES</CLONE><CLONE_TARGET>self</CLONE_TARGET></DISK>
<DISK><SIZE>20</SIZE><DATASTORE_ID>1</DATASTORE_ID><CLONE>NO</CLONE><LN_TARGET>SYSTEM</LN_TARGET>
<DISK_SNAPSHOT_TOTAL_SIZE>5</DISK_SNAPSHOT_TOTAL_SIZE></DISK><DISK><SIZE>3</SIZE><TYPE>swap</TYPE></DISK>
<nic><NIC_ID>1</NIC_ID><NETWORK_MODE>Auto</NETWORK_MODE><SCHED_REQUIREMENTS>A = 1</SCHED_REQUIREMENTS></nic>
<NIC><NIC_ID>0</NIC_ID><NETWORK_ID>4</NETWORK_ID></NIC><PCI><VENDOR>10de</VENDOR></PCI>
<TOPOLOGY><PIN_POLICY>core</PIN_POLICY></TOPOLOGY><NUMA_NODE><TOTAL_CPUS>2</TOTAL_CPUS><MEMORY>512</MEMORY></NUMA_NODE>
</TEMPLATE><USER_TEMPLATE><SCHED_REQUIREMENTS>K = xen | ID &gt; 3</SCHED_REQUIREMENTS><RANK>FREE_CPU</RANK>
<SCHED_DS_REQUIREMENTS>MODE = Test</SCHED_DS_REQUIREMENTS><USER_PRIORITY>1.5</USER_PRIORITY></USER_TEMPLATE>
<HISTORY_RECORDS><HISTORY><HID>3</HID><DS_ID>100</DS_ID><ACTION>5</ACTION></HISTORY></HISTORY_RECORDS></VM>"""


def test_expressions_are_joined_as_trees() -> None:
    wanted = request(VM)
    assert wanted.requirement == Requirement("CLUSTER_ID = 0 | CLUSTER_ID = 1") & Requirement("K = xen | ID > 3")
    assert not wanted.requirement.matches({"CLUSTER_ID": 5, "ID": 4})
    assert str(wanted.rank) == "FREE_CPU"
    assert str(wanted.datastore_requirement) == "MODE = Test"
    (nic,) = wanted.nics
    assert (nic.id, str(nic.requirement), nic.networks) == (1, "A = 1", None)


def test_what_it_takes() -> None:
    wanted = request(VM)
    assert (wanted.cpu, wanted.memory, wanted.disk, wanted.images) == (29, 1024 * 1024, 28, {1: 100})
    assert request(VM, memory_system_ds_scale=0.5).disk == 28 + 512
    assert len(wanted.pci) == 1
    assert wanted.topology is not None
    assert wanted.numa_nodes is not None
    assert (wanted.topology.policy, [node.cpus for node in wanted.numa_nodes]) == ("CORE", [2])
    assert wanted.priority == 1.5


def test_resume_and_reschedule() -> None:
    assert (request(VM).resume, request(VM).operation, request(VM).host) == (True, "deploy", None)
    moved = request(VM.replace("<STATE>1</STATE>", "<STATE>3</STATE><RESCHED>1</RESCHED>"))
    assert (moved.operation, moved.host, moved.datastore, moved.nics) == ("migrate", 3, 100, ())


def test_a_present_rank_counts_before_the_old_one_even_when_it_is_empty() -> None:
    assert request(VM.replace("<RANK>", "<SCHED_RANK/><RANK>")).rank is None
    assert str(request(VM.replace("<RANK>", "<SCHED_RANK>ID</SCHED_RANK><RANK>")).rank) == "ID"


def test_listed_candidates_stand_for_the_other_requirements() -> None:
    listed = Listed((5, 3), (100,), {1: (8,)})
    wanted = request_of(etree.fromstring(VM), VmExpressions(), listed=listed, scale=0.0)
    assert (wanted.hosts, wanted.datastores, wanted.nics[0].networks) == ((5, 3), (100,), (8,))
    assert wanted.datastore_requirements == wanted.nics[0].requirements == ()


def test_what_is_broken_is_told_and_does_not_raise() -> None:
    wanted = request(VM.replace("K = xen", "K = = xen").replace("FREE_CPU", "FREE_CPU +").replace("0.29", "two"))
    assert "SCHED_REQUIREMENTS" in str(wanted.error)
    assert [note.split()[0] for note in wanted.notes] == ["CPU", "Error"]
    assert request(VM, longest=5).error is not None


@pytest.mark.parametrize("source", ["<HOST/>", "<VM", b"", 5, etree.Comment("VM"), "<!DOCTYPE VM []><VM/>"])
def test_what_is_no_virtual_machine(source: object) -> None:
    with pytest.raises(DocumentError):
        request(source)  # type: ignore[arg-type]
