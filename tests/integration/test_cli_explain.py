"""`matchmaker explain`, from the command line to what is printed and written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matchmaker.cli.app import app

EXAMPLES = Path(__file__).parents[2] / "examples"
HOSTS = str(EXAMPLES / "host_pool.xml")
REQUIREMENT = 'HYPERVISOR = "kvm" & FREE_MEMORY > 99000000 & RACK = "r05" & FREE_CPU > 4000'
NODES = [
    {"NAME": "a", "CPU": "8 cores", "LABEL": "x"},
    {"NAME": "b", "CPU": 3_000_000_000, "LABEL": "y"},
    {"NAME": "c", "LABEL": "<script>alert(1)</script>"},
]


def run(*arguments: str, given: str = "") -> tuple[str, str, int]:
    done = CliRunner().invoke(app, ["explain", *arguments], input=given, env={"COLUMNS": "80", "NO_COLOR": "1"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.stderr, done.exit_code


def nodes(*arguments: str) -> tuple[str, str, int]:
    return run("-", "--key", "NAME", *arguments, given=json.dumps(NODES))


def test_counts_changes_and_literals() -> None:
    shown, messages, status = run(HOSTS, "-r", REQUIREMENT)
    assert (messages, status) == ("", 0)
    lines = shown.splitlines()
    assert lines[0] == 'None of the 60 hosts meets the requirement. Without `RACK = "r05"`, 3 would'
    assert '3  RACK = "r05"               3       1     3' in lines
    assert "     nearest literals: 99 for 1" in lines
    assert lines[-3:] == ["smallest changes that help", "  without clause 3: 3 match", "  without clause 4: 1 matches"]
    assert max(map(len, lines)) <= 80


def test_candidates_by_their_keys() -> None:
    shown, _, status = nodes("-r", "CPU > 9 & LABEL = x", "--candidate", "b", "--candidate", "c")
    assert status == 0
    assert shown.splitlines() == [
        "b does not match: it fails clauses 1, 2",
        "1  unconverted  CPU > 9      3000000000 (beyond 32 bits, and so missing to a",
        "                             whole number)",
        '2  false        LABEL = "x"  y',
        "",
        "c does not match: it fails clauses 1, 2",
        "1  missing  CPU > 9      -",
        '2  false    LABEL = "x"  <script>alert(1)</script>',
    ]


def test_a_rank_tells_which_term_decides() -> None:
    shown, _, _ = run(HOSTS, "-k", "FREE_CPU - 50 * RUNNING_VMS")
    assert "     before node0051: `FREE_CPU` contributes 6300, against 5600" in shown.splitlines()


def test_json_for_programs() -> None:
    shown, _, status = nodes("-r", "CPU > 9", "--json")
    document = json.loads(shown)
    assert status == 0
    assert [clause["text"] for clause in document["clauses"]] == ["CPU > 9"]
    assert [found["verdicts"][0]["state"] for found in document["candidates"]] == ["false", "unconverted", "missing"]
    shown, _, _ = nodes("-r", "CPU > 9", "--json", "--candidate", "c")
    assert [found["key"] for found in json.loads(shown)["candidates"]] == ["c"]


def test_a_page_to_look_at(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    shown, messages, status = nodes("-r", "CPU > 9", "--html", str(page))
    assert status == 0
    assert shown.startswith("None of the 3 candidates meets the requirement.")
    assert messages == f"the page is in {page}\n"
    text = page.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "<script>alert" not in text
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    page = tmp_path / "missing" / "report.html"
    shown, messages, status = nodes("-r", "CPU > 9", "--html", str(page))
    assert (shown, status) == ("", 2)
    assert messages == f"error: cannot write {page}: No such file or directory\n"


def test_the_extended_dialect() -> None:
    shown, _, status = nodes(
        "--dialect", "extended", "-r", "CPU >= REQUEST.CPU & exists(CPU)", "--request", '{"CPU": 9}'
    )
    assert status == 0
    assert "1  CPU >= REQUEST.CPU     1       1     1" in shown.splitlines()


VM = """<VM><ID>9</ID><TEMPLATE><CPU>2</CPU><MEMORY>1024</MEMORY>
<AUTOMATIC_REQUIREMENTS>(CLUSTER_ID = 0) &amp; !(PIN_POLICY = PINNED)</AUTOMATIC_REQUIREMENTS></TEMPLATE>
<USER_TEMPLATE><SCHED_REQUIREMENTS>HYPERVISOR = lxc</SCHED_REQUIREMENTS><SCHED_RANK>FREE_CPU</SCHED_RANK></USER_TEMPLATE></VM>"""
GROUPS = """<VM_GROUP_POOL><VM_GROUP><ID>0</ID><NAME>g</NAME><ROLES>
<ROLE><ID>0</ID><NAME>db</NAME><VMS>9,77</VMS><POLICY>ANTI_AFFINED</POLICY><HOST_ANTI_AFFINED>3</HOST_ANTI_AFFINED></ROLE>
</ROLES></VM_GROUP></VM_GROUP_POOL>"""


def test_a_virtual_machine(tmp_path: Path) -> None:
    groups = tmp_path / "groups.xml"
    groups.write_text(GROUPS)
    shown, messages, status = run(HOSTS, "--vm", "-", "--groups", str(groups), "--json", given=VM)
    assert (messages, status) == ("", 0)
    document = json.loads(shown)
    assert [(clause["part"], clause["text"]) for clause in document["clauses"]] == [
        ("automatic", "CLUSTER_ID = 0"),
        ("automatic", '!(PIN_POLICY = "PINNED")'),
        ("user", 'HYPERVISOR = "lxc"'),
        ("affinity", "!(ID = 3)"),
        ("affinity", "CURRENT_VMS != 77"),
        ("capacity", "MAX_CPU - CPU_USAGE >= 200"),
        ("capacity", "MAX_MEM - MEM_USAGE >= 1048576"),
    ]
    assert document["rank"] == "FREE_CPU"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-r", "CPU >"), "error[MM102]"),
        (("-r", "CPU > 1", "--candidate", "z"), "no candidate has the key `z`; the keys are a, b, c"),
        (("--groups", "x"), "--groups goes with --vm"),
        (("--vm", "x", "-r", "CPU > 1"), "--vm brings its own expressions: leave -r, -k, --dialect and --request out"),
        (("--vm", "x"), "--vm explains hosts, not candidates of kind plain"),
        (("--request", "{}", "-r", "CPU > 1"), "--request goes with --dialect extended"),
    ],
)
def test_what_cannot_be_explained(arguments: tuple[str, ...], message: str) -> None:
    shown, messages, status = nodes(*arguments)
    assert (shown, status) == ("", 2)
    assert message in messages
    assert "Traceback" not in messages


def test_a_document_that_is_no_virtual_machine(tmp_path: Path) -> None:
    path = tmp_path / "vm.xml"
    path.write_text("<IMAGE/>")
    shown, messages, status = run(HOSTS, "--vm", str(path))
    assert (shown, messages, status) == (
        "",
        "error: `IMAGE` is no virtual machine: the root element is VM\n",
        2,
    )
