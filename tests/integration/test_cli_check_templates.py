"""`matchmaker check --templates`: files of VM templates, checked and repaired."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matchmaker.cli.app import app

EXAMPLES = Path(__file__).parents[2] / "examples"

WEB = """\
NAME = web   # a template
SCHED_REQUIREMENTS = "HYPERVISOR = \\"kvm\\" & FREE_CPU >= 50"
SCHED_DS_RANK = "FREE_MB -1"
NIC = [ NETWORK_MODE = "auto", SCHED_REQUIREMENTS = "TRAFFIC_TYPE = public" ]
"""
FIXED = WEB.replace("FREE_CPU >= 50", "FREE_CPU > 49").replace("FREE_MB -1", "FREE_MB - 1")
VMS = """\
<VM_POOL>
  <VM><ID>7</ID><USER_TEMPLATE><SCHED_REQUIREMENTS><![CDATA[A = 1 && B > 5 & B < 3]]></SCHED_REQUIREMENTS></USER_TEMPLATE></VM>
  <VM><ID>8</ID><USER_TEMPLATE><RANK>FREE_CPU &gt; 5</RANK></USER_TEMPLATE></VM>
</VM_POOL>
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "web.tmpl").write_text(WEB, "utf-8")
    (tmp_path / "vms.xml").write_text(VMS, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, given: str | bytes = "") -> tuple[str, str, int]:
    options = {"COLUMNS": "80", "NO_COLOR": "1"}
    done = CliRunner().invoke(app, ["check", "--templates", *arguments], input=given, env=options)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.stderr, done.exit_code


REPORT = """\
web.tmpl:2:55: error[MM103]: `>=` is not an operator of the opennebula dialect
  |
2 | SCHED_REQUIREMENTS = "HYPERVISOR = \\"kvm\\" & FREE_CPU >= 50"
  |                                                       ^^
  |                                         expected `=`, `!=`, `>`, `<` or `@>`
  = hint: on whole numbers `FREE_CPU > 49` means the same

web.tmpl:3:26: error[MM105]: no operator stands before `-1`: the `-` belongs to the number
  |
3 | SCHED_DS_RANK = "FREE_MB -1"
  |                          ^^ expected `+`, `-`, `*` or `/`
  = hint: put a blank behind it: `FREE_MB - 1`

vms.xml:2:67: error[MM103]: `&&` is not an operator of the opennebula dialect
"""


def test_findings_stand_where_they_are_in_the_file() -> None:
    shown, messages, status = run("web.tmpl", "vms.xml")
    assert shown.startswith(REPORT)
    assert "  = note: SCHED_REQUIREMENTS of VM 7\n" in shown
    assert "\nvms.xml:3:47: error[MM117]: `>` has no place in a rank, which only calculates\n" in shown
    assert "^^^^ expected" in shown
    assert (messages, status) == ("4 errors in 5 expressions of 2 files\n", 1)


def test_a_clean_file() -> None:
    Path("web.tmpl").write_text(FIXED, "utf-8")
    assert run("web.tmpl") == ("", "nothing to report in 3 expressions of 1 file\n", 0)
    assert run("-", given="CPU = 1\n") == ("", "nothing to report in 0 expressions of 1 file\n", 0)


def test_each_kind_has_its_schema_and_its_pool() -> None:
    template = 'RANK = FREE_CPU\nSCHED_DS_RANK = FREE_MB\nNIC = [ SCHED_RANK = "- USED_LEASES" ]\n'
    shipped = ("--schema", "host", "--schema", "datastore", "--schema", "network")
    assert run("-", *shipped, given=template)[2] == 0
    assert run("-", *shipped, given=template.replace("FREE_MB", "FREE_CPU"))[2] == 1
    assert run("-", "--schema", "host", given=template.replace("FREE_MB", "FREE_CPU"))[2] == 0
    Path("mine.json").write_text('{"GPU": {}}', "utf-8")
    assert run("-", "--schema", "mine.json", given='SCHED_REQUIREMENTS = "GPU = YES & FREE_CPU > 5"')[2] == 0
    pools = ("--pool", str(EXAMPLES / "host_pool.xml"), "--pool", str(EXAMPLES / "datastore_pool.xml"))
    shown, _, status = run("-", *pools, given='SCHED_REQUIREMENTS = "ID > 7000"\nSCHED_DS_REQUIREMENTS = "ID > 7000"\n')
    assert [line.rpartition(": ")[0] for line in shown.splitlines() if "MM218" in line] == [
        "standard input:1:23: warning[MM218]",
        "standard input:2:26: warning[MM218]",
    ]
    assert status == 1


def test_json() -> None:
    shown, messages, status = run("web.tmpl", "vms.xml", "--json")
    assert (messages, status) == ("", 1)
    found = json.loads(shown)
    assert [
        (each["file"], each["line"], each["column"], each["attribute"], each["vm"], each["code"]) for each in found
    ] == [
        ("web.tmpl", 2, 55, "SCHED_REQUIREMENTS", None, "MM103"),
        ("web.tmpl", 3, 26, "SCHED_DS_RANK", None, "MM105"),
        ("vms.xml", 2, 67, "SCHED_REQUIREMENTS", 7, "MM103"),
        ("vms.xml", 3, 47, "RANK", 8, "MM117"),
    ]
    texts = {"web.tmpl": WEB, "vms.xml": VMS}
    assert [texts[each["file"]][each["start"] : each["end"]] for each in found] == [">=", "-1", "&&", "&gt;"]
    assert {each["expression"] for each in found} == {"requirement", "rank"}
    assert run("-", "--json", given="CPU = 1") == ("[]\n", "", 0)


def test_a_bad_file_does_not_stop_the_others() -> None:
    Path("broken.tmpl").write_text("NAME = x\nSCHED_RANK = [\n", "utf-8")
    Path("hosts.xml").write_text("<HOST_POOL/>", "utf-8")
    Path("broken.xml").write_text("<VM>\n<ID>", "utf-8")
    shown, messages, status = run("none.tmpl", "broken.tmpl", "hosts.xml", "broken.xml", "web.tmpl")
    assert shown.count("error[") == 2
    assert messages.splitlines() == [
        "error: cannot read none.tmpl: No such file or directory",
        "error: broken.tmpl:3:1: expected the name of an attribute, not the end of the text",
        "error: hosts.xml: `HOST_POOL` holds no templates: the root element is one of VM, VM_POOL, VMTEMPLATE, "
        "VMTEMPLATE_POOL, TEMPLATE",
        "error: broken.xml:2:5: not well-formed XML: no element found",
        "2 errors in 3 expressions of 1 file",
    ]
    assert status == 2


def test_fix() -> None:
    Path("web.tmpl").chmod(0o640)
    Path("link.tmpl").symlink_to("web.tmpl")
    shown, messages, status = run("--fix", "link.tmpl", "vms.xml")
    assert Path("web.tmpl").read_text("utf-8") == FIXED
    assert Path("link.tmpl").is_symlink()
    assert stat.S_IMODE(Path("web.tmpl").stat().st_mode) == 0o640
    assert Path("vms.xml").read_text("utf-8") == VMS.replace("&&", "&")
    assert sorted(path.name for path in Path().iterdir()) == ["link.tmpl", "vms.xml", "web.tmpl"]
    assert messages.splitlines() == [
        "link.tmpl:2:23: repaired MM103: `>= 50` becomes `> 49`",
        "link.tmpl:3:18: repaired MM105: `-1` becomes `- 1`",
        "vms.xml:2:61: repaired MM103: `&&` becomes `&`",
        "3 repairs in 2 files; 1 error, 1 warning left to report",
    ]
    assert [line.partition(" ")[0] for line in shown.splitlines() if "[MM" in line] == [
        "vms.xml:2:77:",
        "vms.xml:3:47:",
    ]
    assert status == 1
    assert run("--fix", "web.tmpl") == ("", "nothing to report in 3 expressions of 1 file\n", 0)


def test_a_file_without_repairs_is_not_written() -> None:
    Path("web.tmpl").write_text(FIXED, "utf-8")
    before = Path("web.tmpl").stat()
    run("--fix", "web.tmpl")
    after = Path("web.tmpl").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_difference() -> None:
    shown, messages, status = run("--diff", "web.tmpl")
    assert shown == (
        "--- web.tmpl\n+++ web.tmpl\n@@ -1,4 +1,4 @@\n NAME = web   # a template\n"
        '-SCHED_REQUIREMENTS = "HYPERVISOR = \\"kvm\\" & FREE_CPU >= 50"\n'
        '-SCHED_DS_RANK = "FREE_MB -1"\n'
        '+SCHED_REQUIREMENTS = "HYPERVISOR = \\"kvm\\" & FREE_CPU > 49"\n'
        '+SCHED_DS_RANK = "FREE_MB - 1"\n'
        ' NIC = [ NETWORK_MODE = "auto", SCHED_REQUIREMENTS = "TRAFFIC_TYPE = public" ]\n'
    )
    assert (messages, status) == ("2 repairs would be made in 1 file; nothing left to report\n", 1)
    assert Path("web.tmpl").read_text("utf-8") == WEB
    Path("web.tmpl").write_text(FIXED, "utf-8")
    assert run("--diff", "web.tmpl") == ("", "nothing to report in 3 expressions of 1 file\n", 0)
    shown = run("--diff", "-", given='RANK = "A -1"')[0]
    assert shown.endswith(
        '-RANK = "A -1"\n\\ No newline at end of file\n+RANK = "A - 1"\n\\ No newline at end of file\n'
    )


def test_standard_input_is_repaired_to_standard_output() -> None:
    shown, messages, status = run("--fix", "-", given=WEB + "RANK = 'A\n")
    assert shown == FIXED + "RANK = 'A\n"
    assert "warning[MM201]" in messages
    assert status == 1
    assert run("--fix", "-", given=b"# \xff\n")[1:] == ("error: standard input is not UTF-8: repair it as a file\n", 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no files: name those that hold the templates, or `-` for standard input"),
        (("-", "-"), "standard input can only be read once"),
        (
            ("--fix", "-", "web.tmpl"),
            "`-` with --fix prints what it repaired, so that neither other files nor --json go with it",
        ),
        (("web.tmpl", "--diff", "--json"), "--json does not go with --diff"),
        (("web.tmpl", "-k", "A"), "-k does not go with --templates, whose files say what there is to check"),
        (("web.tmpl", "--kind", "host"), "--kind does not go with --templates, whose files say what there is to check"),
        (("web.tmpl", "--format"), "--format does not go with --templates, whose files say what there is to check"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], message: str) -> None:
    assert run(*arguments) == ("", f"error: {message}\n", 2)


def test_a_plain_pool_says_nothing_about_kinds() -> None:
    Path("pool.json").write_text('[{"A": 1}]', "utf-8")
    assert run("web.tmpl", "--pool", "pool.json")[1:] == (
        "error: --pool with --templates is a document of OpenNebula, which says what its candidates are\n",
        2,
    )


def test_a_file_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    shown, messages, status = run("--fix", "web.tmpl", "vms.xml")
    assert "error: cannot write web.tmpl: Permission denied\n" in messages
    assert "error: cannot write vms.xml: Permission denied\n" in messages
    assert (shown, status) == ("", 2)
    assert (folder / "web.tmpl").read_text("utf-8") == WEB


def test_the_extended_dialect() -> None:
    given = 'SCHED_REQUIREMENTS = "FREE_CPU >= 50 and FREE_CPU < 50"\n'
    shown, _, status = run("-", "--dialect", "extended", given=given)
    assert "standard input:1:42: warning[MM213]: `FREE_CPU < 50` contradicts `FREE_CPU >= 50`\n" in shown
    assert status == 1
