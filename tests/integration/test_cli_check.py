"""`matchmaker check`: expressions held against schemas and pools, repaired, and in their canonical form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matchmaker.cli.app import app

EXAMPLES = Path(__file__).parents[2] / "examples"
HOSTS = str(EXAMPLES / "host_pool.xml")


def run(*arguments: str, given: str | bytes = "") -> tuple[str, str, int]:
    done = CliRunner().invoke(app, ["check", *arguments], input=given, env={"COLUMNS": "80", "NO_COLOR": "1"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.stderr, done.exit_code


def codes(*arguments: str, given: str = "") -> list[str]:
    shown, messages, status = run(*arguments, "--json", given=given)
    found = [each["code"] for each in json.loads(shown)]
    assert (messages, status) == ("", 1 if found else 0)
    return found


def test_findings_beyond_syntax() -> None:
    shown, messages, status = run('HYPERVISOR = "kvm" & FREE_CPU > 400 & FREE_CPU < 100')
    assert shown.startswith("warning[MM213]: `FREE_CPU < 100` contradicts `FREE_CPU > 400`\n --> requirement:1:39\n")
    assert (messages, status) == ("1 warning\n", 1)
    assert codes("A > 5 & A > 3 & A > 5") == ["MM217", "MM216"]
    assert codes("A != 1 | A != 2") == ["MM220"]


def test_schemas(tmp_path: Path) -> None:
    assert codes("FREE_CPU > 5 & GPU = YES") == []
    assert codes("FREE_CPU > 5 & GPU = YES", "--schema", "host") == ["MM219"]
    assert codes("FREE_MB > 5", "--schema", "host") == ["MM219"]
    assert codes("FREE_MB > 5", "--schema", "host", "--schema", "datastore") == []
    mine = tmp_path / "mine.json"
    mine.write_text('{"GPU": {"type": "text"}}', "utf-8")
    assert codes("FREE_CPU > 5 & GPU = YES", "--schema", str(mine)) == ["MM219"]
    assert codes("FREE_CPU > 5 & GPU = YES", "--schema", str(mine), "--kind", "host") == []
    assert codes("FREE_CPU > 5 & GPU = YES", "--schema", str(mine), "--schema", "host") == []
    assert codes("FREE_MB > 5 & GPU = YES", "--schema", str(mine), "--kind", "datastore") == []


def test_a_schema_or_a_pool_tells_the_kind() -> None:
    assert codes("CURRENT_VMS > 5") == []
    assert codes("CURRENT_VMS > 5", "--schema", "host") == ["MM204"]
    assert codes("CURRENT_VMS > 5", "--pool", HOSTS) == ["MM204"]
    assert codes("CURRENT_VMS > 5", "--schema", "host", "--kind", "plain") == []


def test_pools() -> None:
    assert codes("FREE_CPU > 200", "--pool", HOSTS) == []
    assert codes("FREE_CPU > 9000", "--pool", HOSTS) == ["MM218"]
    assert codes("FREE_MEMORY > 4096", "--pool", HOSTS) == ["MM218"]
    assert codes("A > 5", "--pool", "-", given='[{"A": 1}, {"A": 2}]') == ["MM218"]
    assert codes("A > 5", "--pool", "-", "--kind", "host", given='[{"A": 1}, {"A": 2}]') == ["MM218"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("A = 1", "--schema", "vm"),
            "no schema is named `vm`: there is host, datastore, network, or the name of a JSON file",
        ),
        (("A = 1", "--schema", "none.json"), "cannot read none.json: No such file or directory"),
        (("A = 1", "--pool", "none.xml"), "cannot read none.xml: No such file or directory"),
        (("A = 1", "--pool", HOSTS, "--pool", HOSTS), "two pools of kind host: give one of each"),
        (
            ("A = 1", "--pool", HOSTS, "--kind", "network"),
            "no pool holds candidates of kind network: name the kind of the pool with --kind",
        ),
        (
            ("A", "=", "1"),
            "one requirement at a time: quote it for the shell, with `'`; files of templates take --templates",
        ),
        (("A = 1", "--diff"), "--diff goes with --templates; --fix prints a repaired expression"),
        (("A = 1", "--fix", "--json"), "--json does not go with --fix and --format, which print expressions"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], message: str) -> None:
    assert run(*arguments) == ("", f"error: {message}\n", 2)


def test_fix() -> None:
    shown, messages, status = run("--fix", "FREE_CPU >= 50 && HYPERVISOR == 'kvm'", "-k", "FREE_CPU -1")
    assert shown == 'FREE_CPU > 49 & HYPERVISOR = "kvm"\nFREE_CPU - 1\n'
    assert messages.splitlines() == [
        "repaired MM103: `>= 50` becomes `> 49`",
        "repaired MM103: `&&` becomes `&`",
        "repaired MM103: `==` becomes `=`",
        "repaired MM201: `'kvm'` becomes `\"kvm\"`",
        "repaired MM105: `-1` becomes `- 1`",
        "5 repairs; nothing is left to report",
    ]
    assert status == 0


def test_what_fix_leaves() -> None:
    shown, messages, status = run("--fix", "A = 1 | B = 2 & C = 3 & C > 5")
    assert shown == "(A = 1 | B = 2) & C = 3 & C > 5\n"
    assert messages.splitlines() == [
        "repaired MM205: `(` is put in, `)` is put in",
        "warning[MM213]: `C > 5` contradicts `C = 3`",
        " --> requirement:1:27",
        "  |",
        "1 | (A = 1 | B = 2) & C = 3 & C > 5",
        "  |                           ^^^^^ never true where `C = 3` is",
        "  = hint: so the whole requirement is never true",
        "1 repair; 1 warning",
    ]
    assert status == 1
    assert run("--fix", "A = 1") == ("A = 1\n", "nothing to report\n", 0)
    shown, messages, status = run("--fix", "-", given="A = 1 or B = 2 and C = 3\n")
    assert (shown, status) == ("A = 1 or B = 2 and C = 3\n", 1)
    assert messages.endswith("\n1 error\n")


def test_fix_holds_against_the_schema() -> None:
    shown, messages, status = run("--fix", "A == 1", "--schema", "host")
    assert (shown, status) == ("A = 1\n", 1)
    assert "warning[MM219]" in messages


def test_format() -> None:
    assert run("--format", "A=1|B=2&(C=3)", "-k", "A*(B)") == ("(A = 1 | B = 2) & C = 3\nA * B\n", "", 0)
    shown, messages, status = run("--format", "A >= 1", "-k", "(A)")
    assert (shown, status) == ("A\n", 1)
    assert messages.startswith("error[MM103]")
    assert messages.endswith("\n1 error\n")
    shown, messages, status = run("--format", "--fix", "A>=1&A>-5")
    assert (shown, status) == ("A > 0\n", 0)


def test_dialects() -> None:
    assert codes("A >= 5 and B = 1", "--dialect", "extended") == []
    assert codes("A >= 5 and A < 5", "--dialect", "extended") == ["MM213"]
    assert run("--format", "1<A&&B in[1,2]", "--dialect", "extended") == ("A > 1 & B in [1, 2]\n", "", 0)
    assert run("A = 1", "--dialect", "sql")[2] == 2
