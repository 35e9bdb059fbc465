"""One pool in every format that the command line reads: the same answers."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from typer.testing import CliRunner

from matchmaker.cli.app import app

EXAMPLES = Path(__file__).parents[2] / "examples"
HOSTS = (EXAMPLES / "host_pool.xml").read_bytes()
NAMES = ["NAME", "HYPERVISOR", "RACK", "FREE_CPU", "FREE_MEMORY", "RUNNING_VMS", "GPU_TYPE"]


def run(*arguments: str, given: bytes) -> tuple[str, str, int]:
    done = CliRunner().invoke(app, arguments, input=given, env={"COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.stderr, done.exit_code


def ruby_hash(element: Any) -> Any:
    """Write an element as OpenNebula's commands do with `-j`: texts, hashes, and lists for what is there twice."""
    if not len(element):
        return element.text or {}
    below: dict[str, Any] = {}
    for child in element:
        value = ruby_hash(child)
        if child.tag not in below:
            below[child.tag] = value
        elif isinstance(below[child.tag], list):
            below[child.tag].append(value)
        else:
            below[child.tag] = [below[child.tag], value]
    return below


ROOT = etree.fromstring(HOSTS)
TREE = {"HOST_POOL": ruby_hash(ROOT)}
ATTRIBUTES = [
    entry["attributes"]
    for entry in json.loads(run("match", "-", "--json", "--columns", ",".join(NAMES), given=HOSTS)[0])
]
FLAT = [{name: value for name, value in attributes.items() if value is not None} for attributes in ATTRIBUTES]


def as_csv(delimiter: str) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, NAMES, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(FLAT)
    return written.getvalue()


LINES = "\n".join(map(json.dumps, FLAT))
DOCUMENTS = {
    "xml": HOSTS,
    "xml, indented, behind white space": b"\n  " + etree.tostring(ROOT, pretty_print=True, xml_declaration=True),
    "xml in UTF-16": HOSTS.decode().encode("utf-16"),
    "json of OpenNebula": json.dumps(TREE).encode(),
    "json lines of OpenNebula": "\n".join(json.dumps({"HOST": host}) for host in TREE["HOST_POOL"]["HOST"]).encode(),
    "json list of OpenNebula": json.dumps([{"HOST": host} for host in TREE["HOST_POOL"]["HOST"]]).encode(),
    "json of OpenNebula, indented, with a mark": b"\xef\xbb\xbf" + json.dumps(TREE, indent=2).encode(),
}
FLAT_DOCUMENTS = {
    "json": json.dumps(FLAT).encode(),
    "json, indented": json.dumps(FLAT, indent=4).encode(),
    "json in UTF-16": json.dumps(FLAT).encode("utf-16"),
    "json lines": LINES.encode(),
    "json lines with a mark and blank lines": b"\xef\xbb\xbf" + LINES.replace("\n", "\r\n\r\n").encode() + b"\n",
    "csv": as_csv(",").encode(),
    "csv with semicolons": as_csv(";").encode("utf-8-sig"),
    "csv with tabs in UTF-16": as_csv("\t").encode("utf-16"),
}


@pytest.mark.parametrize("form", [*DOCUMENTS, *FLAT_DOCUMENTS])
@pytest.mark.parametrize(
    ("requirement", "rank"),
    [
        ('HYPERVISOR = "kvm" & FREE_MEMORY > 33554432 & !(RACK = "r1?")', "FREE_CPU - 50 * RUNNING_VMS"),
        ("FREE_CPU > 900.5 | GPU_TYPE != none", "FREE_MEMORY / 1024"),
        ('RACK = "r0*" & MISSING != 5', "0"),
    ],
)
def test_all_formats_have_the_same_answers(form: str, requirement: str, rank: str) -> None:
    arguments = ("match", "-", "-r", requirement, "-k", rank, "--json", "--key", "NAME", "--columns", "RACK,GPU_TYPE")
    expected = run(*arguments, given=HOSTS)
    assert run(*arguments, given=(DOCUMENTS | FLAT_DOCUMENTS)[form]) == expected


@pytest.mark.parametrize("form", DOCUMENTS)
def test_documents_have_the_same_search_places(form: str) -> None:
    requirement = '"DS[ID=100]/FREE_MB" > 100000 & "HOST_SHARE/PCI_DEVICES/PCI/CLASS" = "03*"'
    arguments = ("match", "-", "-r", requirement, "-k", '"../ID" + CPU_USAGE', "--json")
    expected = run(*arguments, given=HOSTS)
    assert run(*arguments, given=DOCUMENTS[form]) == expected


@pytest.mark.parametrize("pool", ["datastore_pool.xml", "vnet_pool.xml"])
def test_other_kinds_as_json(pool: str) -> None:
    data = (EXAMPLES / pool).read_bytes()
    root = etree.fromstring(data)
    arguments = ("match", "-", "-k", "- FREE_MB + USED_LEASES", "--json")
    expected = run(*arguments, given=data)
    assert expected[2] == 0
    assert run(*arguments, given=json.dumps({root.tag: ruby_hash(root)}).encode()) == expected


@pytest.mark.parametrize(
    "given",
    [
        b"<HOST><ID>7</ID><TEMPLATE><A>x</A></TEMPLATE></HOST>",
        b'{"HOST": {"ID": 7, "TEMPLATE": {"A": "x"}}}',
        b'{"HOST_POOL": {"HOST": {"ID": "7", "TEMPLATE": {"A": "x"}}}}',
        b'{"HOST_POOL": {"HOST": [{"ID": "7", "TEMPLATE": {"A": "x"}}]}}',
        b'{"ID": 7, "A": "x"}',
        b'[{"ID": 7, "A": "x"}]',
        b"ID,A\n7,x\n",
    ],
)
def test_one_candidate_in_every_format(given: bytes) -> None:
    assert run("eval", "-", "-r", 'A = "x"', "-k", "ID", given=given)[::2] == ("true\n7\n", 0)


@pytest.mark.parametrize("given", [b"<HOST_POOL/>", b'{"HOST_POOL": {}}', b'{"HOST_POOL": ""}', b"[]", b"A,B\n"])
def test_an_empty_pool(given: bytes) -> None:
    assert run("match", "-", given=given) == ("", "0 of 0 candidates match\nhint: the pool holds no candidates\n", 1)
    assert run("match", "-", "--json", given=given) == ("[]\n", "", 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (b"", "standard input: there is nothing in it"),
        (b"not a pool", "standard input: neither OpenNebula XML"),
        (b"<VM_POOL/>", "standard input: `VM_POOL` is no pool"),
        (b"<html><body>", "standard input: not well-formed XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><HOST/>', "standard input: the document has a DOCTYPE"),
        (
            b"<HOST_POOL><HOST><NAME>a</NAME></HOST></HOST_POOL>",
            "the candidate at position 0 has no key: `ID` is missing",
        ),
        (b'{"VM_POOL": {"VM": []}}', "standard input: `VM_POOL` is no pool of hosts, datastores or virtual networks"),
        (b'{"HOST_POOL": {"HOST": 5}}', "standard input: a HOST is an object"),
        (b"[1]", "standard input: candidates are objects, but the one at position 0 is a number"),
        (b'[{"A": 1}, {"B": NaN}]', "standard input:1:18: NaN is no JSON number"),
        (b'{"A": 1}\n{"A": 2\n{"A": 3}', "standard input:2:8: expecting ',' delimiter"),
        (b'{"A": 1}\n"B"\n', "standard input:2: each line is an object, not a text"),
        (b"A,B\n1,2,3\n", "standard input:2: 3 cells instead of 2 as in the first row"),
        (b'[{"A": "\xff"}]', "standard input:1:9: this byte is not UTF-8"),
    ],
)
def test_broken_documents(given: bytes, message: str) -> None:
    shown, messages, status = run("match", "-", given=given)
    assert (shown, status) == ("", 2)
    assert messages.startswith(f"error: {message}")
    assert messages.count("\n") == 1


def test_without_lxml_other_formats_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)
    assert run("match", "-", given=b'[{"A": 1}]')[2] == 0
    assert run("match", "-", given=b"A,B\n1,2\n")[2] == 0
    shown, messages, status = run("match", "-", given=b"<HOST/>")
    assert (shown, status) == ("", 2)
    assert "pip install 'matchmaking-expressions[opennebula]'" in messages


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    assert run("match", "-", "--format", "csv", given=b"A\n1\n")[2] == 0
    assert run("match", "-", "--format", "csv", given=b"[A]\n1\n")[0].startswith("position  [A]\n")
    assert run("match", "-", "--format", "jsonl", given=b"")[1].startswith("0 of 0")
    assert run("match", "-", "--format", "json", given=b"A,B")[1] == "error: standard input:1:1: expecting value\n"
    assert run("match", "-", "--format", "yaml", given=b"A: 1")[2] == 2
    file = tmp_path / "pool.csv"
    file.write_bytes(b"A\n1\n")
    assert run("match", str(file), given=b"")[2] == 0
