"""The scheduler driver as OpenNebula calls it: a process, a document on standard input, a plan on standard output."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from matchmaker.opennebula.installation import InstallationError, directory, install

MODULE = [sys.executable, "-m", "matchmaker.opennebula.driver"]
EMPTY_POOLS = "<DATASTORE_POOL/><VNET_POOL/><VM_GROUP_POOL/>"


def host(number: int, more: str = "") -> str:
    return (
        f"<HOST><ID>{number}</ID><STATE>2</STATE><CLUSTER_ID>0</CLUSTER_ID><HOST_SHARE><MAX_CPU>1600</MAX_CPU>"
        "<CPU_USAGE>0</CPU_USAGE><MAX_MEM>67108864</MAX_MEM><MEM_USAGE>0</MEM_USAGE><RUNNING_VMS>0</RUNNING_VMS>"
        f"</HOST_SHARE><TEMPLATE><HYPERVISOR>kvm</HYPERVISOR>{more}</TEMPLATE></HOST>"
    )


def vm(number: int, template: str = "", *, user: str = "") -> str:
    return (
        f"<VM><ID>{number}</ID><STATE>1</STATE><LCM_STATE>0</LCM_STATE><RESCHED>0</RESCHED><TEMPLATE><CPU>1</CPU>"
        f"<MEMORY>1024</MEMORY>{template}</TEMPLATE><USER_TEMPLATE>{user}</USER_TEMPLATE><HISTORY_RECORDS/></VM>"
    )


def requirements(text: str) -> str:
    return f"<SCHED_REQUIREMENTS><![CDATA[{text}]]></SCHED_REQUIREMENTS>"


def number_of(document: str) -> str:
    return re.findall(r"<ID>(-?\d+)", document)[0]


def action(vms: list[str], hosts: list[str], *, groups: str = "", more: str = "") -> bytes:
    listed = "".join(f"<ID>{number_of(each)}</ID>" for each in hosts)
    entries = "".join(
        f"<VM><ID>{number_of(each)}</ID><HOSTS>{listed}</HOSTS><DATASTORES><ID>0</ID></DATASTORES></VM>" for each in vms
    )
    datastore = (
        "<DATASTORE><ID>0</ID><TYPE>1</TYPE><STATE>0</STATE><TOTAL_MB>100000</TOTAL_MB><FREE_MB>90000</FREE_MB>"
        "<USED_MB>10000</USED_MB><CLUSTERS><ID>0</ID></CLUSTERS><TEMPLATE><SHARED>YES</SHARED></TEMPLATE></DATASTORE>"
    )
    return (
        f"<SCHEDULER_DRIVER_ACTION>{more}<VM_POOL>{''.join(vms)}</VM_POOL><HOST_POOL>{''.join(hosts)}</HOST_POOL>"
        f"<DATASTORE_POOL>{datastore}</DATASTORE_POOL><VNET_POOL/><VM_GROUP_POOL>{groups}</VM_GROUP_POOL>"
        f"<REQUIREMENTS>{entries}</REQUIREMENTS></SCHEDULER_DRIVER_ACTION>"
    ).encode()


def call(
    content: bytes, *arguments: str, program: list[str] | None = None, environment: dict[str, str] | None = None
) -> tuple[int, str, list[str]]:
    done = subprocess.run(
        [*(program or MODULE), *arguments],
        input=content,
        capture_output=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "ONE_LOCATION": "/nonexistent", **(environment or {})},
    )
    assert done.stderr.isascii()
    return done.returncode, done.stdout.decode(), done.stderr.decode().splitlines()


def placed(output: str) -> dict[int, int]:
    actions = etree.fromstring(output.encode()).findall("ACTION")
    return {int(each.findtext("VM_ID")): int(each.findtext("HOST_ID")) for each in actions}


def encoded(document: bytes) -> bytes:
    return base64.b64encode(document) + b"\n"


def test_a_plan_looks_as_upstreams() -> None:
    status, output, messages = call(encoded(action([vm(10)], [host(1)])))
    assert (status, messages) == (0, [])
    assert output == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<PLAN><ID>-1</ID><ACTION><VM_ID>10</VM_ID><HOST_ID>1</HOST_ID>'
        "<DS_ID>0</DS_ID><OPERATION>deploy</OPERATION></ACTION></PLAN>\n"
    )


def test_line_breaks_and_missing_padding() -> None:
    document = action([vm(10)], [host(1)])
    document += b"\0" * (2 if len(document) % 3 != 1 else 3)
    plain = call(encoded(document))
    assert plain[0] == 0
    assert call(base64.encodebytes(document)) == plain
    assert call(base64.b64encode(document).rstrip(b"=")) == plain
    assert call(b"\r\n " + base64.b64encode(document) + b" \t\n") == plain
    assert call(base64.b64encode(document) + b" what follows does not count") == plain


@pytest.mark.parametrize(
    "content",
    [b"", b"hello!", b"aGVsbG8=", base64.b64encode(b"<A>"), base64.b64encode(b"\xff<A/>"), b"\x80\x81", b"===="],
)
def test_what_is_no_document(content: bytes) -> None:
    status, output, messages = call(content)
    assert (status, output, messages[-1]) == (255, "", "Error parsing XML Document")
    assert all(line.startswith("INFO: ") for line in messages[:-1])


def test_a_missing_section() -> None:
    status, output, messages = call(encoded(b"<SCHEDULER_DRIVER_ACTION><VM_POOL/></SCHEDULER_DRIVER_ACTION>"))
    assert (status, output) == (255, "")
    assert messages == ["Missing `/SCHEDULER_DRIVER_ACTION/REQUIREMENTS` section in scheduler input"]


def test_a_doctype_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]>' + action([vm(10)], [host(1)])
    assert call(encoded(bomb))[0] == 255


BAD = {
    "a broken requirement": requirements("FREE_CPU >="),
    "a crashing requirement": requirements('"" = 1'),
    "a requirement nobody meets": requirements("HYPERVISOR = xen"),
    "a long requirement": requirements("HYPERVISOR = kvm" + " " * 65_536),
    "a slow requirement": requirements(" & ".join(f'!("//*[{each}]" = "x")' for each in range(2_800))),
    "a slow glob": requirements(" & ".join(f'!(BIG = "*{"[ab]" * 250}{each}*")' for each in range(60))),
}


REASONS = {
    "a broken requirement": "Error in SCHED_REQUIREMENTS at character 10",
    "a crashing requirement": "Error in SCHED_REQUIREMENTS at character 1",
    "a requirement nobody meets": "Cannot fulfill affinity constraints on hosts",
    "a long requirement": "SCHED_REQUIREMENTS is longer than 65536 bytes",
    "a slow requirement": "200 ms",
    "a slow glob": "200 ms",
}


@pytest.mark.parametrize("case", BAD)
def test_one_bad_vm_stops_no_other(case: str) -> None:
    hosts = [host(number, f"<BIG>{'a' * 20_000}</BIG>") for number in range(20)]
    vms = [vm(9), vm(10, user=BAD[case]), vm(11)]
    status, output, messages = call(encoded(action(vms, hosts)))
    assert status == 0
    assert set(placed(output)) == {9, 11}
    assert [line.split()[:2] for line in messages] == [["ERROR:", "10"]]
    assert REASONS[case] in messages[0].removeprefix("ERROR: 10 ")[:100]


def test_skipped_characters_and_a_broken_rank_are_said() -> None:
    user = requirements("HYPERVISOR\n= 'kvm'") + "<SCHED_RANK>FREE_CPU +</SCHED_RANK>"
    status, output, messages = call(encoded(action([vm(10, user=user)], [host(1)])))
    assert status == 0
    assert placed(output) == {10: 1}
    assert messages
    assert all(line.startswith("WARN: 10 ") for line in messages)
    assert any("SCHED_RANK" in line for line in messages)


def test_unknown_sections_and_strange_text_are_harmless() -> None:
    more = "<SOMETHING><NEW>\N{SNOWMAN}</NEW></SOMETHING>"
    strange = requirements("HYPERVISOR = \N{SNOWMAN}\N{GREEK SMALL LETTER ALPHA}\x7f >")
    status, output, messages = call(encoded(action([vm(10), vm(11, user=strange)], [host(1)], more=more)))
    assert status == 0
    assert placed(output) == {10: 1}
    assert messages[-1].startswith("ERROR: 11 Error in SCHED_REQUIREMENTS")


def test_capacity_that_does_not_read_counts_as_none_and_is_said() -> None:
    odd = vm(10).replace("<CPU>1</CPU>", "<CPU>one</CPU>")
    status, output, messages = call(encoded(action([odd], [host(1)])))
    assert (status, placed(output)) == (0, {10: 1})
    assert messages == ["WARN: 10 CPU `one` is no number that can be read, 0 is used"]


def test_configuration_is_found_as_upstream_finds_it(tmp_path: Path) -> None:
    place = tmp_path / "etc" / "schedulers"
    place.mkdir(parents=True)
    (place / "rank.conf").write_text("MAX_HOST = 1\n")
    document = encoded(action([vm(10), vm(11)], [host(1)]))
    _, output, messages = call(document, environment={"ONE_LOCATION": str(tmp_path)})
    assert placed(output) == {10: 1}
    assert messages == ["ERROR: 11 [HOST] Dispatch limit reached on hosts: 1"]
    other = tmp_path / "other.conf"
    other.write_text("MAX_HOST = 2\n")
    _, output, _ = call(document, "--config", str(other), environment={"ONE_LOCATION": str(tmp_path)})
    assert placed(output) == {10: 1, 11: 1}


@pytest.mark.parametrize("content", ["MAX_HOST 1\n", None])
def test_a_bad_configuration(tmp_path: Path, content: str | None) -> None:
    config = tmp_path / "rank.conf"
    if content is not None:
        config.write_text(content)
    status, output, messages = call(encoded(action([vm(10)], [host(1)])), "--config", str(config))
    assert (status, output, messages[-1]) == (255, "", "Error reading configuration file.")
    assert "rank.conf" in messages[0]


def test_an_affined_set_lands_together_when_defects_are_mended(tmp_path: Path) -> None:
    groups = (
        "<VM_GROUP><ID>0</ID><ROLES><ROLE><ID>0</ID><NAME>web</NAME><POLICY>AFFINED</POLICY><VMS>10,11,12</VMS></ROLE>"
        "</ROLES><TEMPLATE/></VM_GROUP>"
    )
    document = encoded(action([vm(10), vm(11), vm(12)], [host(1), host(2)], groups=groups))
    _, output, messages = call(document)
    assert len(placed(output)) == 1
    assert len(messages) == 2
    config = tmp_path / "rank.conf"
    config.write_text('COMPATIBILITY = "NO"\n')
    _, output, messages = call(document, "--config", str(config))
    assert set(placed(output)) == {10, 11, 12}
    assert len(set(placed(output).values())) == 1
    assert messages == []


def test_the_installed_programs(tmp_path: Path) -> None:
    folder = directory(str(tmp_path))
    assert install(folder) == install(folder) == [folder / "place", folder / "optimize"]
    assert sorted(folder.iterdir()) == [folder / "optimize", folder / "place"]
    document = encoded(action([vm(10)], [host(1)]))
    assert call(document, program=[str(folder / "place")]) == call(document)
    status, output, messages = call(document, program=[str(folder / "optimize")])
    assert (status, output) == (255, "")
    assert messages[0].startswith("ERROR: optimize is not supported")


def test_the_command_line_places_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "matchmaker", "opennebula"]
    document = encoded(action([vm(10), vm(11, user=BAD["a broken requirement"])], [host(1)]))
    assert call(document, program=[*command, "place"]) == call(document)
    missing = str(tmp_path / "rank.conf")
    assert call(document, "--config", missing, program=[*command, "place"]) == call(document, "--config", missing)
    status, output, messages = call(b"", program=[*command, "optimize"])
    assert (status, output, len(messages)) == (255, "", 1)
    assert "base64" in call(b"", "--help", program=[*command, "place"])[1]
    folder = tmp_path / "drivers"
    assert call(b"", "--directory", str(folder), program=[*command, "install"])[0] == 0
    assert call(document, program=[str(folder / "place")]) == call(document)
    (tmp_path / "file").write_text("")
    status, _, messages = call(b"", "--directory", str(tmp_path / "file" / "x"), program=[*command, "install"])
    assert status == 2
    assert "cannot write" in messages[0]


def test_where_nothing_can_be_installed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallationError, match="cannot write"):
        install(tmp_path / "file" / "matchmaker")


def test_a_closed_output_is_no_traceback() -> None:
    with subprocess.Popen(MODULE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(encoded(action([vm(10)], [host(1)])))
        process.stdin.close()
        messages = process.stderr.read().decode()
        process.wait(60)
    assert "Traceback" not in messages
    assert messages.startswith("ERROR: no plan could be made")
    assert process.returncode == 255


def test_huge_numbers_in_a_group_cost_nobody_else_the_plan() -> None:
    huge = [vm(number).replace("<CPU>1</CPU>", "<CPU>3.4e38</CPU>") for number in (1, 2, 3)]
    groups = (
        "<VM_GROUP><ID>0</ID><ROLES><ROLE><ID>0</ID><NAME>a</NAME><POLICY>AFFINED</POLICY><VMS>2,3</VMS></ROLE>"
        "<ROLE><ID>1</ID><NAME>b</NAME><POLICY>AFFINED</POLICY><VMS>1,2</VMS></ROLE></ROLES>"
        "<TEMPLATE><AFFINED>a,b</AFFINED></TEMPLATE></VM_GROUP>"
    )
    status, output, messages = call(encoded(action([*huge, vm(10)], [host(1)], groups=groups)))
    assert (status, placed(output)) == (0, {10: 1})
    assert {line.split()[1] for line in messages} == {"1", "2", "3"}


@pytest.mark.parametrize("redirected", ["2>&-", "2>/dev/full"])
def test_a_plan_without_anybody_to_read_the_messages(redirected: str) -> None:
    document = encoded(action([vm(10), vm(11, user=BAD["a broken requirement"])], [host(1)]))
    program = ["bash", "-c", f"exec {sys.executable} -m matchmaker.opennebula.driver {redirected}"]
    status, output, messages = call(document, program=program)
    assert (status, placed(output), messages) == (0, {10: 1}, [])


@pytest.mark.parametrize("redirected", [">&-", "<&-", ">/dev/full"])
def test_without_input_or_output_there_is_no_plan_and_no_traceback(redirected: str) -> None:
    program = ["bash", "-c", f"exec {sys.executable} -m matchmaker.opennebula.driver {redirected}"]
    status, output, messages = call(encoded(action([vm(10)], [host(1)])), program=program)
    assert (status, output, len(messages)) == (255, "", 1)
    assert messages[0].startswith("ERROR: ")


def test_utf_16() -> None:
    document = action([vm(10)], [host(1)]).decode()
    for encoding in ("utf-16", "utf-8-sig"):
        assert placed(call(encoded(document.encode(encoding)))[1]) == {10: 1}


def test_unknown_arguments_cost_no_plan() -> None:
    document = encoded(action([vm(10)], [host(1)]))
    status, output, messages = call(document, "--new", "thing")
    assert (status, placed(output)) == (0, {10: 1})
    assert messages == ["WARN: arguments that are not known are ignored: --new thing"]
    assert call(document, "--config")[0] == 255


def test_unencoded_xml_is_recognised() -> None:
    assert "encoded by `base64`" in call(action([vm(10)], [host(1)]))[2][0]
    assert call(b"")[2] == ["INFO: there is nothing on standard input", "Error parsing XML Document"]


def test_sizes_that_are_not_read_whole_are_said() -> None:
    odd = vm(10).replace("<MEMORY>1024</MEMORY>", "<MEMORY>4 GB</MEMORY>").replace("<CPU>1<", "<CPU>0,5<")
    messages = call(encoded(action([odd], [host(1)])))[2]
    assert messages == ["WARN: 10 CPU `0,5` is read as 0", "WARN: 10 MEMORY `4 GB` is read as 4"]


def test_many_requests_for_devices_and_many_rules_stop_nobody() -> None:
    device = "<PCI><ADDRESS>0000:01:00:0</ADDRESS><SHORT_ADDRESS>01:00.0</SHORT_ADDRESS><VENDOR>10de</VENDOR></PCI>"
    hosts = [
        host(number).replace("<RUNNING_VMS>", f"<PCI_DEVICES>{device}</PCI_DEVICES><RUNNING_VMS>")
        for number in range(300)
    ]
    greedy = vm(9, "<PCI><SHORT_ADDRESS>01:00.0</SHORT_ADDRESS></PCI>" * 10_000 + "<PCI><VENDOR>8086</VENDOR></PCI>")
    roles = "".join(f"<ROLE><ID>{role}</ID><NAME>r{role}</NAME><VMS>10,{100 + role}</VMS></ROLE>" for role in range(32))
    rules = "".join(
        f"<ANTI_AFFINED>{','.join(f'r{role}' for role in range(32) if number >> role & 1)}</ANTI_AFFINED>"
        for number in range(1, 5_000)
    )
    groups = f"<VM_GROUP><ID>0</ID><ROLES>{roles}</ROLES><TEMPLATE>{rules}</TEMPLATE></VM_GROUP>"
    vms = [greedy, vm(10, user=requirements("HYPERVISOR = xen")), vm(11)]
    status, output, messages = call(encoded(action(vms, hosts, groups=groups)))
    assert (status, placed(output)) == (0, {11: 299})
    assert [line.split()[1] for line in messages] == ["9", "10"]
