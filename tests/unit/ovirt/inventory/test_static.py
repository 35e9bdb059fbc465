"""An inventory of files: what is read, and that what is wrong is told with its place."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import matchmaker as mm
from matchmaker.errors import ExtraMissing
from matchmaker.ovirt.attributes import HOST_ATTRIBUTES, VM_ATTRIBUTES
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory import StaticInventory


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in, so that messages hold short paths."""
    monkeypatch.chdir(tmp_path)


def write(name: str, content: Any) -> Path:
    path = Path(name)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode())
    return path


def failure(*paths: Path) -> str:
    with pytest.raises(InventoryError) as caught:
        StaticInventory(paths)
    return str(caught.value)


def of_host(**attributes: Any) -> dict[str, Any]:
    """Return a host as it is after it was written and read."""
    return dict(StaticInventory([write("hosts.json", {"hosts": [{"ID": "h1", **attributes}]})]).snapshot().hosts()[0])


YAML = """\
hosts:
- ID: h1
  NAME: node1
  STATUS: up
  RUNNING_VMS: 3
  FREE_MEMORY: 8388608
  CPU_USAGE: 12.5
  SPM: YES
  OS_VERSION: "8.10"
  RACK: 2024-01-01
  LABELS: [ssd, gpu]
- ID: h2
vms:
- ID: v1
  HOST_ID: h1
  PREFERRED_HOSTS: [h1, h2]
"""


@pytest.mark.parametrize("name", ["cloud.yaml", "cloud.yml", "cloud.YAML"])
def test_yaml(name: str) -> None:
    inventory = StaticInventory([write(name, YAML)])
    cloud = inventory.snapshot()
    assert cloud.host("h1") == {
        "ID": "h1",
        "NAME": "node1",
        "STATUS": "up",
        "RUNNING_VMS": 3,
        "FREE_MEMORY": 8388608,
        "CPU_USAGE": 12.5,
        "SPM": "YES",
        "OS_VERSION": "8.10",
        "RACK": "2024-01-01",
        "LABELS": ["ssd", "gpu"],
    }
    assert [host["ID"] for host in cloud.hosts()] == ["h1", "h2"]
    assert cloud.vm("v1") == {"ID": "v1", "HOST_ID": "h1", "PREFERRED_HOSTS": ["h1", "h2"]}
    assert [vm["ID"] for vm in cloud.vms_on("h1")] == ["v1"]
    assert cloud.host("h3") is None
    assert repr(inventory) == "<StaticInventory of 2 hosts and 1 virtual machines>"
    inventory.close()


def test_expressions_read_what_was_written() -> None:
    hosts = StaticInventory([write("cloud.yaml", YAML)]).snapshot().hosts()
    assert mm.Requirement('SPM = "YES" & LABELS @> gpu & RACK = "2024-01-01" & FREE_MEMORY > 1024').matches(hosts[0])
    assert not mm.Requirement('SPM = "YES"').matches(hosts[1])


def test_files_join_in_their_order() -> None:
    vms = write("vms.json", {"vms": [{"ID": "v1", "HOST_ID": "h2"}]})
    more = write("more.yaml", "hosts:\n- ID: h2\nvms:\n")
    hosts = write("hosts.json", {"hosts": [{"ID": "h1"}], "vms": [{"ID": "v2", "HOST_ID": "h2"}]})
    cloud = StaticInventory([vms, more, hosts]).snapshot()
    assert [host["ID"] for host in cloud.hosts()] == ["h2", "h1"]
    assert [vm["ID"] for vm in cloud.vms_on("h2")] == ["v1", "v2"]


@pytest.mark.parametrize("paths", ["a.json", Path("a.json"), ["a.json"], (Path("a.json"),)])
def test_one_file_needs_no_list(paths: Any) -> None:
    write("a.json", {"hosts": [{"ID": "h1"}]})
    assert [host["ID"] for host in StaticInventory(paths).snapshot().hosts()] == ["h1"]


def test_a_file_is_read_once() -> None:
    path = write("hosts.json", {"hosts": [{"ID": "h1"}]})
    inventory = StaticInventory([path])
    path.unlink()
    assert inventory.snapshot() is inventory.snapshot()
    assert inventory.snapshot().host("h1") == {"ID": "h1"}


def test_all_documented_attributes_are_taken_as_their_units_say() -> None:
    examples = {"text": "a", "YES or NO": "NO", "list of texts": ["a", "b"]}
    host = {note.name: examples.get(note.unit, 7.5) for note in HOST_ATTRIBUTES}
    vm = {note.name: examples.get(note.unit, 7) for note in VM_ATTRIBUTES}
    cloud = StaticInventory([write("all.json", {"hosts": [host], "vms": [vm]})]).snapshot()
    assert cloud.hosts() == (host,)
    assert cloud.vms() == (vm,)


def test_values_that_have_one_meaning_only_are_taken() -> None:
    assert of_host(NAME=7, SPM=True, OS_TYPE=None, OWN=True, LIST=["a", 1, 1.5, False]) == {
        "ID": "h1",
        "NAME": "7",
        "SPM": "YES",
        "OWN": True,
        "LIST": ["a", 1, 1.5, False],
    }
    assert of_host(SPM=False)["SPM"] == "NO"
    cloud = StaticInventory([write("ids.json", {"hosts": [{"ID": 1}], "vms": [{"ID": 2, "HOST_ID": 1}]})]).snapshot()
    assert cloud.host("1") == {"ID": "1"}
    assert cloud.vms_on("1") == ({"ID": "2", "HOST_ID": "1"},)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"FREE_MEMORY": "16 GiB"}, "`FREE_MEMORY`: expected a number (KiB), not the text `16 GiB`; write the number alone, without quotes"),
        ({"RUNNING_VMS": "3"}, "`RUNNING_VMS`: expected a number, not the text `3`; write the number alone, without quotes"),
        ({"RUNNING_VMS": True}, "`RUNNING_VMS`: expected a number, not `true`"),
        ({"RUNNING_VMS": [3]}, "`RUNNING_VMS`: expected a number, not a list"),
        ({"OS_VERSION": 8.1}, "`OS_VERSION`: expected a text, not `8.1`; put it in quotes"),
        ({"NAME": True}, "`NAME`: expected a text, not `true`; put it in quotes"),
        ({"NAME": {"a": 1}}, "`NAME`: expected a text, not a mapping"),
        ({"SPM": "yes"}, "`SPM`: expected YES or NO, not the text `yes`"),
        ({"SPM": 1}, "`SPM`: expected YES or NO, not `1`"),
        ({"OWN": {"a": 1}}, "`OWN`: a value is a text, a number, true or false, or a list of these, not a mapping"),
        ({"OWN": [["a"]]}, "`OWN`: a value is a text, a number, true or false, or a list of these, not a list"),
        ({"OWN": [None]}, "`OWN`: a value is a text, a number, true or false, or a list of these, not nothing"),
        ({"OWN": 10**40}, "`OWN`: a value is a text, a number, true or false, or a list of these, not a number beyond all bounds"),
    ],
)  # fmt: skip
def test_values_that_nothing_can_read(attributes: dict[str, Any], message: str) -> None:
    path = write("hosts.json", {"hosts": [{"ID": "h0"}, {"ID": "h1", **attributes}]})
    assert failure(path) == f"hosts.json: host 2 `h1`, attribute {message}"


def test_values_of_virtual_machines_have_units_of_their_own() -> None:
    path = write("vms.json", {"vms": [{"ID": "v1", "PREFERRED_HOSTS": "h1"}]})
    assert failure(path) == (
        "vms.json: virtual machine 1 `v1`, attribute `PREFERRED_HOSTS`: expected a list of texts, not the text `h1`"
    )
    path = write("vms.json", {"vms": [{"ID": "v1", "MEMORY": "4G"}]})
    assert "`MEMORY`: expected a number (KiB), not the text `4G`" in failure(path)
    assert of_host(MEMORY="4G")["MEMORY"] == "4G"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_that_are_no_json(word: str) -> None:
    assert (
        failure(write("hosts.json", f'{{"hosts": [{{"ID": "h", "X": {word}}}]}}'))
        == f"hosts.json: `{word}` is no number of JSON"
    )


def test_numbers_without_bounds() -> None:
    text = '{"hosts": [{"ID": "h", "FREE_CPU": 1e999}]}'
    assert failure(write("hosts.json", text)).endswith(
        "attribute `FREE_CPU`: expected a number (hundredths of a core), not a number beyond all bounds"
    )
    assert failure(write("hosts.json", f'{{"hosts": {"9" * 5000}}}')) == "hosts.json: a number has too many digits"
    assert "a number beyond all bounds" in failure(write("h.yaml", "hosts: [{ID: h, X: " + "9" * 5000 + "}]"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"hosts": [{"NAME": "a"}]}, "hosts.json: host 1: attribute `ID` is missing"),
        ({"hosts": [{"ID": None}]}, "hosts.json: host 1: attribute `ID` is missing"),
        ({"hosts": [{"ID": ""}]}, "hosts.json: host 1 ``: attribute `ID` is missing"),
        ({"hosts": [{"ID": ["a"]}]}, "hosts.json: host 1, attribute `ID`: expected a text, not a list"),
        ({"hosts": ["h1"]}, "hosts.json: host 1: expected a mapping of attributes, not the text `h1`"),
        ({"vms": [7]}, "hosts.json: virtual machine 1: expected a mapping of attributes, not `7`"),
        ({"hosts": {"h1": {}}}, "hosts.json: `hosts` is a list of mappings, each with the attributes of a host"),
        ({"vms": "v1"}, "hosts.json: `vms` is a list of mappings, each with the attributes of a virtual machine"),
        ({}, "hosts.json: expected a mapping with `hosts`, `vms` or both, and nothing else"),
        ([], "hosts.json: expected a mapping with `hosts`, `vms` or both, and nothing else"),
        ({"hosts": [], "host": []}, "hosts.json: expected a mapping with `hosts`, `vms` or both, and nothing else"),
    ],
)
def test_files_of_another_form(content: Any, message: str) -> None:
    assert failure(write("hosts.json", content)) == message


def test_an_id_that_is_there_twice() -> None:
    first = write("a.json", {"hosts": [{"ID": "h1"}], "vms": [{"ID": "h1"}]})
    assert failure(first, write("b.json", {"hosts": [{"ID": "h2"}, {"ID": "h1"}]})) == (
        "b.json: host 2 `h1` is there already, in a.json"
    )
    assert failure(write("c.json", {"vms": [{"ID": 1}, {"ID": "1"}]})) == (
        "c.json: virtual machine 2 `1` is there already, in c.json"
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '{\n"hosts": [\n', "a.json, line 3: not valid JSON: Expecting value"),
        ("a.json", "", "a.json, line 1: not valid JSON: Expecting value"),
        ("a.json", '{"hosts": [{"ID": "h", "X": 1, "X": 2}]}', "a.json: `X` is there twice in one mapping"),
        ("a.json", '{"hosts": ' + "[" * 100_000, "a.json: nested too deep"),
        ("a.yaml", "hosts:\n- ID: h\n  X: [", "a.yaml, line 3: not valid YAML: "),
        ("a.yaml", "hosts: [{ID: &x h}, {ID: *x}]", "a.yaml, line 1: aliases such as `*name` are not read"),
        ("a.yaml", "", "a.yaml: expected a mapping with `hosts`, `vms` or both"),
        ("a.xml", "<hosts/>", "a.xml: an inventory's file ends in `.json`, `.yaml` or `.yml`"),
        ("hosts", "", "hosts: an inventory's file ends in `.json`, `.yaml` or `.yml`"),
    ],
)
def test_files_that_cannot_be_read(name: str, text: str, message: str) -> None:
    assert failure(write(name, text)).startswith(message)


def test_aliases_do_not_make_a_small_file_large() -> None:
    """Each line would hold nine times the one before it: a billion values at the end."""
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10))]
    assert failure(write("laughs.yaml", "\n".join(lines))).startswith("laughs.yaml, line 2: aliases")


def test_files_that_are_not_there_or_no_text() -> None:
    assert failure(Path("absent.json")) == "cannot read absent.json: No such file or directory"
    assert failure(Path("a\0b.json")).endswith("there can be no such file")
    Path("folder.json").mkdir()
    assert failure(Path("folder.json")) == "cannot read folder.json: Is a directory"
    Path("latin.json").write_bytes(b'{"hosts":\n"\xff"}')
    assert failure(Path("latin.json")) == "latin.json, line 2: not UTF-8"


def test_a_file_without_end() -> None:
    with Path("large.json").open("wb") as file:
        os.truncate(file.fileno(), 65 * 1024 * 1024)
    assert failure(Path("large.json")) == "large.json: the file is larger than 64 MiB"


def test_a_byte_order_mark_does_not_count() -> None:
    Path("bom.json").write_bytes(b'\xef\xbb\xbf{"hosts": []}')
    assert StaticInventory([Path("bom.json")]).snapshot().hosts() == ()


def test_no_file_is_a_mistake() -> None:
    assert failure() == "an inventory of files names at least one"


def test_json_needs_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert of_host() == {"ID": "h1"}
    with pytest.raises(ExtraMissing, match=r"\[ovirt\]"):
        StaticInventory([write("hosts.yaml", "hosts: []")])
