"""What plug-ins find when they import `ovirtsdk`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from matchmaker.ovirt.cloud import Call, Cloud, Host, Vm
from matchmaker.ovirt.errors import InventoryError, UnitError
from matchmaker.ovirt.plugins.matchmaker_worker.fields import (
    HOST_FIELDS,
    HOST_STATISTICS,
    VM_FIELDS,
    VM_STATISTICS,
    Field,
    Fields,
)
from tests.unit.ovirt.plugins.conftest import Load

KIB = 1024
HOSTS: list[dict[str, Any]] = [
    {
        "ID": "a",
        "NAME": "node-1",
        "STATUS": "up",
        "CLUSTER_ID": "c1",
        "RUNNING_VMS": 2,
        "TOTAL_VMS": 3,
        "TOTAL_MEMORY": 16 * KIB,
        "MAX_SCHEDULING_MEMORY": 8 * KIB,
        "FREE_MEMORY": 4 * KIB,
        "CPU_USAGE": 25,
        "CPU_LOAD": 0.5,
        "CPU_SPEED": 2400.0,
        "OS_TYPE": "RHEL",
        "OS_VERSION": "9.2",
        "OWN": "not shown",
    },
    {"ID": "b", "NAME": "node-2", "STATUS": "maintenance", "CLUSTER_ID": "c2", "RUNNING_VMS": 0},
    {"ID": "c", "NAME": "Other Node", "STATUS": "up", "CLUSTER_ID": "c1"},
]
VMS: list[dict[str, Any]] = [
    {"ID": "1", "NAME": "web-1", "STATUS": "up", "HOST_ID": "a", "CLUSTER_ID": "c1", "MEMORY": 2 * KIB, "OS_VERSION": "9.2"},
    {"ID": "2", "NAME": "web-2", "STATUS": "down", "CLUSTER_ID": "c1", "HIGHLY_AVAILABLE": "YES", "OS_VERSION": "9.2"},
    {"ID": "3", "NAME": "db", "STATUS": "up", "HOST_ID": "a", "CPU_USAGE": 12, "HIGHLY_AVAILABLE": "NO", "OS_TYPE": "other"},
]  # fmt: skip

PLUGIN = """
    from ovirtsdk.xml import params
    from ovirtsdk.api import API
    import ovirtsdk.infrastructure.brokers
    from ovirtsdk.infrastructure.errors import RequestError, ConnectionError

    connection = API(url="https://engine/api", username="admin@internal", password="1", ca_file="ca.crt")
    hosts, vms = connection.hosts, connection.vms

    class A:
        def do_filter(self, asked, vm, args):
            return [repr(eval(args["what"]))]
"""


@pytest.fixture
def evaluate(load: Load) -> Any:
    """Return a function that evaluates an expression in a plug-in, over the hosts and virtual machines above."""
    asked = load(a=PLUGIN).filters[0]

    def evaluated(what: str, expected: str, snapshot: Any = None) -> None:
        # A filter's answer has no other hosts than those it is asked about.
        call = Call(snapshot or Cloud(HOSTS, VMS), (expected,), "1", {"what": what})
        assert asked.keep(call) == [expected], what

    return evaluated


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("hosts.get(id='a').id", "'a'"),
        ("hosts.get(id='a').get_name()", "'node-1'"),
        ("hosts.get(id='a').status.state", "'up'"),
        ("hosts.get(id='a').get_status().get_state()", "'up'"),
        ("hosts.get(id='a').cluster.id", "'c1'"),
        ("hosts.get(id='a').summary.active", "2"),
        ("hosts.get(id='a').get_summary().get_total()", "3"),
        ("hosts.get(id='a').summary.migrating", "None"),
        ("hosts.get(id='c').summary", "None"),
        ("hosts.get(id='a').memory", str(16 * KIB * KIB)),
        ("hosts.get(id='a').get_max_scheduling_memory()", str(8 * KIB * KIB)),
        ("hosts.get(id='b').get_max_scheduling_memory()", "None"),
        ("hosts.get(id='a').cpu.speed", "2400.0"),
        ("hosts.get(id='a').os.type_", "'RHEL'"),
        ("hosts.get(id='a').get_os().get_version().full_version", "'9.2'"),
        ("hosts.get(id='a').get_statistics().get('memory.free').get_values().get_value()[0].get_datum()", str(4 * KIB * KIB)),
        ("hosts.get(id='a').statistics.get(name='cpu.current.idle').values.value[0].datum", "75"),
        ("[each.name for each in hosts.get(id='a').statistics.list()]", "['memory.total', 'memory.free', 'cpu.current.idle', 'cpu.load.avg.5m']"),
        ("hosts.get(id='b').statistics.get('memory.free')", "None"),
        ("vms.get(id='1').host.id", "'a'"),
        ("vms.get(id='2').host", "None"),
        ("vms.get(id='1').memory", str(2 * KIB * KIB)),
        ("vms.get(id='1').statistics.get('memory.installed').values.value[0].datum", str(2 * KIB * KIB)),
        ("vms.get(id='3').statistics.get('cpu.current.total').values.value[0].datum", "12"),
        ("vms.get(id='2').high_availability.enabled", "True"),
        ("vms.get(id='3').high_availability.enabled", "False"),
        ("vms.get(id='1').get_os().get_version() == vms.get(id='2').get_os().get_version()", "True"),
        ("vms.get(id='1').get_os().get_version() == vms.get(id='3').get_os().get_version()", "False"),
        ("vms.get(id='1') == vms.list('id=1')[0]", "True"),
        ("len({vms.get(id='1').os.version, vms.get(id='2').os.version})", "1"),
        ("hosts.get(id='b').cluster", "<a host's cluster: id='c2'>"),
        ("bool(hosts.get(id='b'))", "True"),
        ("hasattr(hosts.get(id='b'), 'vnc')", "False"),
        ("connection.test(), connection.disconnect()", "(True, None)"),
        ("connection.disconnect() or params.__name__", "'ovirtsdk.xml.params'"),
    ],
)  # fmt: skip
def test_fields_are_read_by_name_or_by_method(evaluate: Any, what: str, expected: str) -> None:
    evaluate(what, expected)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("hosts.list()", "abc"),
        ("hosts.list(query='')", "abc"),
        ("hosts.list(None)", "abc"),
        ("hosts.list(max=2)", "ab"),
        ("hosts.list(query='id=c or id=a or id=zzz')", "ac"),
        ("hosts.list('id=c OR name=node-2')", "bc"),
        ("hosts.list('name=node*')", "ab"),
        ("hosts.list('name=*NODE*')", "abc"),
        ("hosts.list('name=\"other node\"')", "c"),
        ("hosts.list('name=*')", "abc"),
        ("hosts.list('status = up')", "ac"),
        ("hosts.list('cluster=c1 and status=up and name=node*')", "a"),
        ("hosts.list('id=b or cluster=c1 and name=other*')", "bc"),
        ("hosts.list('status=up and status=maintenance')", ""),
        ("hosts.list('name=a.c')", ""),
        ("[hosts.get('node-2')]", "b"),
        ("[hosts.get(name='NODE-2')]", "b"),
        ("vms.list('host=node-1')", "13"),
        ("vms.list('host=' + hosts.get(id='a').name)", "13"),
        ("vms.list('host=node* and name=web*')", "1"),
        ("vms.list(query='status=up or host=node-2')", "13"),
        ("vms.list('cluster=c1')", "12"),
        ("[vms.get(name='db')]", "3"),
        ("[vms.get(id='2')]", "2"),
    ],
)
def test_searches(evaluate: Any, what: str, expected: str) -> None:
    evaluate(f"''.join(each.id for each in {what})", repr(expected))


@pytest.mark.parametrize("what", ["hosts.get(id='x')", "hosts.get('x')", "vms.get(id='x')", "vms.get(name='x')"])
def test_what_is_not_there_is_none(evaluate: Any, what: str) -> None:
    evaluate(what, "None")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("hosts.get(id='a').deactivate()",
         "NotInStandIn: the stand-in for ovirtsdk has no `deactivate` on a host: it only reads, and has id, name, status, cluster, "
         "summary, memory, max_scheduling_memory, cpu, os, statistics"),
        ("vms.get(id='1').migrate()", "NotInStandIn: the stand-in for ovirtsdk has no `migrate` on a virtual machine: it only reads, "
         "and has id, name, status, host, cluster, memory, os, high_availability, statistics"),
        ("hosts.get(id='a').get_vms()", "NotInStandIn: the stand-in for ovirtsdk has no `vms` on a host: it only reads"),
        ("hosts.get(id='a').summary.activ", "NotInStandIn: the stand-in for ovirtsdk has no `activ` on a host's summary: it only reads, "
         "and has active, migrating, total"),
        ("setattr(vms.get(id='1'), 'memory', 3)", "NotInStandIn: the stand-in for ovirtsdk has no `memory = ...` on a virtual machine"),
        ("delattr(vms.get(id='1'), 'memory')", "NotInStandIn: the stand-in for ovirtsdk has no `del memory` on a virtual machine"),
        ("hosts.add(None)", "NotInStandIn: the stand-in for ovirtsdk has no `add` on hosts: it only reads, and has list, get"),
        ("connection.clusters", "NotInStandIn: the stand-in for ovirtsdk has no `clusters` on a connection: it only reads, "
         "and has hosts, vms, test, disconnect"),
        ("params.VM(name='x')", "NotInStandIn: the stand-in for ovirtsdk has no `VM` on `ovirtsdk.xml.params`: it only reads, and has nothing"),
        ("hosts.get(id='a').statistics.get('swap.free')", "NotInStandIn: the stand-in for ovirtsdk has no `swap.free` on a host's "
         "statistics: it only reads, and has memory.total, memory.used, memory.free, cpu.current.idle, cpu.load.avg.5m"),
        ("hosts.get(id='a').statistics.add()", "NotInStandIn: the stand-in for ovirtsdk has no `add` on a host's statistics"),
        ("hosts.list('memory > 3')", "SearchError: the stand-in for ovirtsdk does not understand the search at `memory > 3`: it knows "
         "id=..., name=..., cluster=..., status=..., with `*` for any text, joined by `and` or `or`"),
        ("hosts.list('id=a, id=b')", "SearchError: the stand-in for ovirtsdk does not understand the search at `id=b`"),
        ("hosts.list('id=a or')", "SearchError: the stand-in for ovirtsdk does not understand the search at ``"),
        ("hosts.list('host=a')", "SearchError: the stand-in for ovirtsdk does not understand the search at `host=a`"),
        ("hosts.list('name=x page 2')", "SearchError: the stand-in for ovirtsdk does not understand the search at `page 2`"),
        ("hosts.list(case_sensitive=False)", "TypeError: "),
        ("hosts.get()", "TypeError: `hosts.get` needs a name or an id"),
    ],
)  # fmt: skip
def test_it_says_what_it_does_not_have(load: Load, what: str, message: str) -> None:
    asked = load(a=PLUGIN).filters[0]
    with pytest.raises(UnitError) as caught:
        asked.keep(Call(Cloud(HOSTS, VMS), ("a",), "1", {"what": what}))
    assert message[:290] in caught.value.message


def test_a_name_that_is_asked_for_between_two_underscores_is_python_s_own(evaluate: Any) -> None:
    evaluate("hasattr(hosts.get(id='a'), '__len__')", "False")


def test_it_cannot_be_asked_while_a_file_is_imported(load: Load) -> None:
    with pytest.raises(
        ValueError, match="RequestError: hosts and virtual machines can be asked for during a call, not while"
    ):
        load(a="from ovirtsdk.api import API\nAPI().hosts.list()\n")


class Counted:
    """A snapshot that counts its questions, and cannot answer those about all virtual machines."""

    def __init__(self) -> None:
        self.cloud = Cloud(HOSTS, VMS)
        self.questions: list[str] = []

    def host(self, identifier: str) -> Host | None:
        return self.cloud.host(identifier)

    def vm(self, identifier: str) -> Vm | None:
        self.questions.append(f"vm {identifier}")
        return self.cloud.vm(identifier)

    def hosts(self) -> Sequence[Host]:
        self.questions.append("hosts")
        return self.cloud.hosts()

    def vms(self) -> Sequence[Vm]:
        self.questions.append("vms")
        raise InventoryError("the engine does not answer")

    def vms_on(self, host: str) -> Sequence[Vm]:
        return self.cloud.vms_on(host)


def test_the_inventory_is_asked_for_what_is_wanted_and_once(evaluate: Any) -> None:
    snapshot = Counted()
    evaluate("hosts.list() and hosts.list('id=a') and vms.get(id='2').id + hosts.get(id='b').id", "'2b'", snapshot)
    assert snapshot.questions == ["hosts", "vm 2"]


def test_an_inventory_that_fails_is_an_error_of_the_call(load: Load) -> None:
    asked = load(a=PLUGIN).filters[0]
    snapshot = Counted()
    with pytest.raises(UnitError, match="RequestError: the engine does not answer"):
        asked.keep(Call(snapshot, ("a",), "1", {"what": "vms.list()"}))


def test_one_that_fails_in_its_own_way_is_logged(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Counted):
        def hosts(self) -> Sequence[Host]:
            raise ZeroDivisionError("own")

    asked = load(a=PLUGIN).filters[0]
    with pytest.raises(UnitError, match="RequestError: the inventory failed: ZeroDivisionError"):
        asked.keep(Call(Broken(), ("a",), "1", {"what": "hosts.list()"}))
    assert "the inventory failed while a plug-in asked for hosts" in caplog.text


def test_the_page_tells_every_field() -> None:
    page = (Path(__file__).parents[4] / "docs/how-to/ovirt-plugins.md").read_text()
    for half, fields, statistics in ((1, HOST_FIELDS, HOST_STATISTICS), (3, VM_FIELDS, VM_STATISTICS)):
        told = set()
        for line in page.splitlines():
            cells = line.split("|")
            if len(cells) == 6 and cells[half].strip().startswith("`"):
                names, attributes = (re.findall("`([^`]+)`", cell) for cell in cells[half : half + 2])
                told |= set(zip(names, attributes, strict=True))
        assert told == {*flat(fields), *((name, field.attribute) for name, field in statistics.items())}


def flat(fields: Fields, before: str = "") -> Iterator[tuple[str, str]]:
    for name, field in fields.items():
        if isinstance(field, Field):
            yield before + name, field.attribute
        else:
            yield from flat(field, f"{before}{name}.")


def test_another_ovirtsdk_is_not_used(load: Load, write: Callable[..., Path]) -> None:
    other = write() / "ovirtsdk"
    other.mkdir()
    (other / "__init__.py").write_text("raise SystemError")
    asked = load(a=PLUGIN).filters[0]
    assert asked.keep(Call(Cloud(HOSTS), ("3",), "1", {"what": "len(hosts.list())"})) == ["3"]
