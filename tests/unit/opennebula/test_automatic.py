"""Automatic requirements: OpenNebula's texts for what a VM uses, from documents and from mappings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from matchmaker import MatchmakerError, Requirement
from matchmaker.opennebula import read_pool
from matchmaker.opennebula.automatic import (
    AutomaticRequirements,
    IncompatibleClusters,
    IncompatibleDatastores,
    UnknownResource,
    automatic_requirements,
)
from matchmaker.opennebula.templates import Template, TemplateError, read_template, vm_document

IMAGES = """<IMAGE_POOL>
  <IMAGE><ID>0</ID><UNAME>alice</UNAME><NAME>linux</NAME><DATASTORE_ID>1</DATASTORE_ID><TEMPLATE/></IMAGE>
  <IMAGE><ID>3</ID><UNAME>bob</UNAME><NAME>linux</NAME><DATASTORE_ID>2</DATASTORE_ID><TEMPLATE/></IMAGE>
  <IMAGE><ID>4</ID><UNAME>bob</UNAME><NAME>kernel</NAME><DATASTORE_ID>5</DATASTORE_ID><TEMPLATE/></IMAGE>
  <IMAGE><ID>6</ID><NAME>common</NAME><DATASTORE_ID>2</DATASTORE_ID>
    <TEMPLATE><PERSISTENT_TYPE>shareable</PERSISTENT_TYPE></TEMPLATE></IMAGE>
  <IMAGE><ID>7</ID><NAME>lost</NAME><DATASTORE_ID>99</DATASTORE_ID><TEMPLATE/></IMAGE>
</IMAGE_POOL>"""
DATASTORES = """<DATASTORE_POOL>
  <DATASTORE><ID>1</ID><CLUSTERS><ID>101</ID></CLUSTERS><TEMPLATE/></DATASTORE>
  <DATASTORE><ID>2</ID><CLUSTERS><ID>100</ID><ID>0</ID><ID>9</ID></CLUSTERS>
    <TEMPLATE><COMPATIBLE_SYS_DS>110, 100,102</COMPATIBLE_SYS_DS></TEMPLATE></DATASTORE>
  <DATASTORE><ID>5</ID><CLUSTERS><ID>0</ID></CLUSTERS><TEMPLATE><COMPATIBLE_SYS_DS>102,103</COMPATIBLE_SYS_DS></TEMPLATE></DATASTORE>
  <DATASTORE><ID>6</ID><CLUSTERS><ID>0</ID></CLUSTERS><TEMPLATE><COMPATIBLE_SYS_DS>104</COMPATIBLE_SYS_DS></TEMPLATE></DATASTORE>
  <DATASTORE><ID>7</ID><CLUSTERS/><TEMPLATE/></DATASTORE>
</DATASTORE_POOL>"""
NETWORKS = """<VNET_POOL>
  <VNET><ID>1</ID><NAME>public</NAME><CLUSTERS><ID>100</ID></CLUSTERS></VNET>
  <VNET><ID>2</ID><NAME>private</NAME><CLUSTERS><ID>0</ID><ID>9</ID></CLUSTERS></VNET>
</VNET_POOL>"""


def texts(template: Any, **pools: Any) -> tuple[str, ...]:
    """Return the three requirements of a template in the cloud above."""
    cloud: dict[str, Any] = {"images": IMAGES, "datastores": DATASTORES, "networks": NETWORKS, **pools}
    return tuple(map(str, automatic_requirements(template, **cloud)))


def host(template: str) -> str:
    return texts(template)[0]


def datastore(template: str) -> str:
    return texts(template)[1]


def test_nothing_restricts_a_vm_that_uses_nothing() -> None:
    assert texts("CPU = 1") == ("!(PIN_POLICY = PINNED)", "", "")
    assert automatic_requirements("") == AutomaticRequirements(
        Requirement("!(PIN_POLICY = PINNED)"), Requirement(""), Requirement("")
    )


def test_clusters_are_named_in_ascending_order() -> None:
    assert texts("DISK = [ IMAGE_ID = 3 ]") == (
        "(CLUSTER_ID = 0 | CLUSTER_ID = 9 | CLUSTER_ID = 100) & !(PIN_POLICY = PINNED)",
        '("CLUSTERS/ID" @> 0 | "CLUSTERS/ID" @> 9 | "CLUSTERS/ID" @> 100) & ("ID" @> 100 | "ID" @> 102 | "ID" @> 110)',
        '("CLUSTERS/ID" @> 0 | "CLUSTERS/ID" @> 9 | "CLUSTERS/ID" @> 100)',
    )


def test_only_what_all_resources_share_is_left() -> None:
    assert host("DISK = [ IMAGE_ID = 3 ] NIC = [ NETWORK_ID = 2 ]").startswith("(CLUSTER_ID = 0 | CLUSTER_ID = 9) & ")
    assert host("DISK = [ IMAGE_ID = 3 ] NIC = [ NETWORK = public ]").startswith("(CLUSTER_ID = 100) & ")
    assert host('DISK = [ IMAGE = linux, IMAGE_UNAME = "alice" ]').startswith("(CLUSTER_ID = 101) & ")
    assert host("NIC = [ NETWORK_ID = 2 ] PCI = [ TYPE = NIC, NETWORK_ID = 2 ] PCI = [ CLASS = 0300 ]").startswith(
        "(CLUSTER_ID = 0 | CLUSTER_ID = 9) & "
    )


@pytest.mark.parametrize(
    "template",
    [
        "DISK = [ TYPE = fs, SIZE = 100 ]",
        "NIC = [ NETWORK_MODE = auto ]",
        "NIC = [ NETWORK_MODE = Auto, NETWORK = whatever ]",
        "NIC_ALIAS = [ NETWORK_ID = 1 ]",
        "PCI = [ TYPE = nic, NETWORK_ID = 1 ]",
        'CONTEXT = [ FILES_DS = "$FILE[IMAGE_ID=4]" ]',
        "OS = [ KERNEL = /vmlinuz ]",
    ],
)
def test_what_names_no_resource_restricts_nothing(template: str) -> None:
    assert texts(template) == ("!(PIN_POLICY = PINNED)", "", "")


@pytest.mark.parametrize(
    "system",
    [
        r'KERNEL_DS = "$FILE[IMAGE=\"kernel\"]"',
        r'KERNEL_DS = "$FILE[IMAGE = \"kernel\", IMAGE_UNAME=\"bob\"]"',
        'INITRD_DS = "$FILE[IMAGE_ID=4]"',
        "KERNEL_DS_DSID = 5",
    ],
)
def test_the_datastore_of_the_kernel_counts(system: str) -> None:
    assert texts(f"OS = [ {system} ]") == (
        "(CLUSTER_ID = 0) & !(PIN_POLICY = PINNED)",
        '("CLUSTERS/ID" @> 0)',  # COMPATIBLE_SYS_DS is for disks
        '("CLUSTERS/ID" @> 0)',
    )


def test_a_vm_that_runs_already_needs_no_images() -> None:
    vm = "<VM><TEMPLATE><DISK><IMAGE_ID>77</IMAGE_ID><DATASTORE_ID>1</DATASTORE_ID></DISK></TEMPLATE></VM>"
    assert texts(vm, images=None)[2] == '("CLUSTERS/ID" @> 101)'
    gone = 'NIC = [ NETWORK_ID = 70, CLUSTER_ID = "0,3" ] DISK = [ DATASTORE_ID = 71, CLUSTER_ID = 3 ]'
    assert texts(gone)[2] == '("CLUSTERS/ID" @> 3)'


def test_resources_without_a_common_cluster_are_named() -> None:
    with pytest.raises(IncompatibleClusters) as caught:
        texts("DISK = [ IMAGE_ID = 0 ] NIC = [ NETWORK_ID = 1 ]")
    assert str(caught.value) == (
        "Incompatible cluster IDs.\n"
        "DISK [0]: IMAGE [0] from DATASTORE [1] requires CLUSTER [101]\n"
        "NIC [0]: NETWORK [1] requires CLUSTER [100]"
    )
    assert isinstance(caught.value, MatchmakerError)
    with pytest.raises(IncompatibleClusters) as caught:
        texts(
            'OS = [ KERNEL_DS = "$FILE[IMAGE_ID=4]" ] DISK = [ TYPE = fs ] DISK = [ IMAGE_ID = 3 ] PCI = [ TYPE = NIC, NETWORK = public ]'
        )
    assert caught.value.resources == (
        "OS: KERNEL_DS from DATASTORE [5] requires CLUSTER [0]",
        "DISK [1]: IMAGE [3] from DATASTORE [2] requires CLUSTER [0,9,100]",
        "PCI [0]: NETWORK [1] requires CLUSTER [100]",
    )
    with pytest.raises(IncompatibleClusters, match=r"DISK \[0\]: IMAGE \[\] from DATASTORE \[7\] is in no CLUSTER"):
        texts("DISK = [ DATASTORE_ID = 7 ]")


@pytest.mark.parametrize(
    ("policy", "pinned"),
    [("CORE", True), ("thread", True), ("Shared", True), ("NONE", False), ("", False), ("PINNED", False)],
)
def test_a_pinned_vm_wants_pinned_hosts(policy: str, pinned: bool) -> None:
    assert host(f'TOPOLOGY = [ PIN_POLICY = "{policy}" ]') == ("" if pinned else "!") + "(PIN_POLICY = PINNED)"


def test_a_pinned_vm_in_clusters() -> None:
    assert (
        host("TOPOLOGY = [ PIN_POLICY = CORE ] NIC = [ NETWORK_ID = 1 ]")
        == "(CLUSTER_ID = 100) & (PIN_POLICY = PINNED)"
    )
    assert host("TOPOLOGY = [ CORES = 2 ] NUMA_NODE = [ TOTAL_CPUS = 1 ]") == "!(PIN_POLICY = PINNED)"


def test_cpu_features_and_memory_encryption() -> None:
    assert host('CPU_MODEL = [ MODEL = x, FEATURES = "vmx,, sse4.2" ]') == (
        '!(PIN_POLICY = PINNED) & (KVM_CPU_FEATURES = "*vmx*") & (KVM_CPU_FEATURES = "* sse4.2*")'
    )
    assert host("MEMORY_ENCRYPTION = [ TYPE = SEV-ES ]") == '!(PIN_POLICY = PINNED) & (MEMORY_ENCRYPTION = "SEV-ES")'
    assert host("MEMORY_ENCRYPTION = [ TYPE = NONE ]") == "!(PIN_POLICY = PINNED)"
    requirement = automatic_requirements('CPU_MODEL = [ FEATURES = "vmx" ]').host
    assert requirement.matches({"KVM_CPU_FEATURES": "aes,vmx,xsave"})
    assert not requirement.matches({"KVM_CPU_FEATURES": "aes"})


def test_system_datastores() -> None:
    assert (
        datastore("DISK = [ DATASTORE_ID = 2 ] DISK = [ DATASTORE_ID = 5 ]") == '("CLUSTERS/ID" @> 0) & ("ID" @> 102)'
    )
    assert (
        datastore('DISK = [ DATASTORE_ID = 1 ] TM_MAD_SYSTEM = " ssh "') == '("CLUSTERS/ID" @> 101) & (TM_MAD = "ssh")'
    )
    assert datastore("TM_MAD_SYSTEM = ssh") == ""  # without a cluster it is not added
    assert datastore("DISK = [ TYPE = fs, SHAREABLE = Yes ]") == '(SHARED = "YES")'
    assert datastore("DISK = [ TYPE = fs, SHAREABLE = no ]") == ""
    assert datastore("DISK = [ IMAGE = common ] TM_MAD_SYSTEM = qcow2") == (
        '("CLUSTERS/ID" @> 0 | "CLUSTERS/ID" @> 9 | "CLUSTERS/ID" @> 100) & ("ID" @> 100 | "ID" @> 102 | "ID" @> 110)'
        ' & (TM_MAD = "qcow2") & (SHARED = "YES")'
    )
    with pytest.raises(
        IncompatibleDatastores, match=r"DISK \[1\]: DATASTORE \[6\] .*\[104\], the disks before it with \[102,103\]"
    ):
        texts("DISK = [ DATASTORE_ID = 5 ] DISK = [ DATASTORE_ID = 6 ]")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("DISK = [ IMAGE_ID = 70 ]", "no image has the ID 70"),
        ("DISK = [ IMAGE = minix ]", "no image has the name `minix`"),
        ("DISK = [ IMAGE = linux ]", "2 of them have the name `linux`"),
        ("DISK = [ IMAGE = linux, IMAGE_UNAME = carol ]", "no image has the name `linux`"),
        ("DISK = [ IMAGE_ID = 7 ]", r"DISK \[0\]: IMAGE \[7\] from DATASTORE \[99\]: no datastore has the ID 99"),
        ("NIC = [ NETWORK_ID = 9 ]", r"NIC \[0\]: NETWORK \[9\]: no network has the ID 9"),
        ("NIC = [ NETWORK = dmz ]", "no network has the name `dmz`"),
    ],
)
def test_what_is_in_no_pool_is_named(template: str, message: str) -> None:
    with pytest.raises(UnknownResource, match=message):
        texts(template)


@pytest.mark.parametrize(
    "template",
    [
        r'CPU_MODEL = [ FEATURES = "x*\") | (ID > -1" ]',
        r'MEMORY_ENCRYPTION = [ TYPE = "x\"" ]',
        r'NIC = [ NETWORK_ID = 1 ] TM_MAD_SYSTEM = "x\""',
    ],
)
def test_a_quote_cannot_end_the_text_it_becomes_part_of(template: str) -> None:
    with pytest.raises(TemplateError, match="holds a quote"):
        texts(template)


def test_mappings_stand_for_pools() -> None:
    template = {"DISK": {"IMAGE_ID": 0}, "NIC": [{"NETWORK": "public"}]}
    images = {0: {"DATASTORE_ID": 1}}
    expected = (
        "(CLUSTER_ID = 0) & !(PIN_POLICY = PINNED)",
        '("CLUSTERS/ID" @> 0) & ("ID" @> 100)',
        '("CLUSTERS/ID" @> 0)',
    )
    networks = {"VNET_POOL": {"VNET": {"ID": "8", "NAME": "public", "CLUSTERS": {"ID": ["0", "9"]}}}}
    for datastores in (
        {1: {"CLUSTERS": [0, 100], "COMPATIBLE_SYS_DS": 100}},
        {"1": {"CLUSTERS": {"ID": ["0", "100"]}, "TEMPLATE": {"COMPATIBLE_SYS_DS": "100"}}},
        [{"ID": 1, "CLUSTERS": "0,100", "TEMPLATE": {"COMPATIBLE_SYS_DS": "100"}}],
        {"ID": 1, "CLUSTERS": {"ID": 0}, "COMPATIBLE_SYS_DS": "100"},
        {"DATASTORE_POOL": {"DATASTORE": [{"ID": "1", "CLUSTERS": {"ID": "0"}, "COMPATIBLE_SYS_DS": "100"}]}},
    ):
        assert tuple(map(str, automatic_requirements(template, images, datastores, networks))) == expected
    clusters = "<CLUSTER_POOL><CLUSTER><ID>0</ID><DATASTORES><ID>1</ID></DATASTORES><VNETS><ID>8</ID></VNETS></CLUSTER></CLUSTER_POOL>"
    found = automatic_requirements("DISK = [ IMAGE_ID = 0 ] NIC = [ NETWORK_ID = 8 ]", images, clusters=clusters)
    assert str(found.network) == '("CLUSTERS/ID" @> 0)'


def test_documents_of_every_form_stand_for_pools() -> None:
    template = read_template("DISK = [ IMAGE_ID = 3 ] NIC = [ NETWORK_ID = 2 ]")
    expected = texts(template)
    pool = read_pool(DATASTORES.encode())
    element = etree.fromstring(DATASTORES)
    for datastores in (DATASTORES.encode(), element, pool, list(pool), list(element), element[1], pool[2]):
        assert texts(template, datastores=datastores) == expected
    for vm in (vm_document(template, id=1), template.to_element(), template.to_text(), Template.of(template)):
        assert texts(vm) == expected


TEXTS = st.text() | st.sampled_from(
    ["0", "1", "3", "public", "linux", "auto", "$FILE[IMAGE_ID=4]", "SEV", 'a"b', "CORE"]
)
KEYS = st.sampled_from(
    [
        "IMAGE_ID",
        "IMAGE",
        "DATASTORE_ID",
        "NETWORK_ID",
        "NETWORK",
        "TYPE",
        "KERNEL_DS",
        "FEATURES",
        "PIN_POLICY",
        "CLUSTER_ID",
    ]
)
VECTORS = st.sampled_from(["DISK", "NIC", "PCI", "OS", "CPU_MODEL", "TOPOLOGY", "MEMORY_ENCRYPTION", "TM_MAD_SYSTEM"])


@given(st.dictionaries(VECTORS, st.lists(st.dictionaries(KEYS, TEXTS, max_size=3) | TEXTS, max_size=3)))
def test_any_template_has_requirements_or_an_error(template: dict[str, Any]) -> None:
    try:
        found = texts(template)
    except MatchmakerError as error:
        assert str(error)
    else:
        assert found[0].endswith(")")


@pytest.mark.parametrize(
    "pool",
    [
        5,
        {10**5000: {}},
        {1.5: {}},
        [5],
        {"1": 5},
        {"x": {}},
        [{"NAME": "a"}],
        "<IMAGE_POOL><IMAGE/></IMAGE_POOL>",
        "<",
        b"\xff",
    ],
)
def test_what_is_no_pool_is_refused(pool: Any) -> None:
    with pytest.raises(MatchmakerError):
        texts("DISK = [ IMAGE_ID = 3 ]", images=pool)


def test_the_requirements_read_as_expressions() -> None:
    found = automatic_requirements("DISK = [ IMAGE_ID = 3 ]", IMAGES, DATASTORES)
    assert [datastore.attributes["ID"] for datastore in found.network.filter(read_pool(DATASTORES.encode()))] == [
        "2",
        "5",
        "6",
    ]
