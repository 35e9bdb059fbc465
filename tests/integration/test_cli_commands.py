"""What the commands answer, with typer's runner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from matchmaker.cli.app import app

HOSTS = str(Path(__file__).parents[2] / "examples" / "host_pool.xml")
DATASTORES = str(Path(__file__).parents[2] / "examples" / "datastore_pool.xml")
THREE = json.dumps(
    [
        {"NAME": "node1", "HYPERVISOR": "kvm", "FREE_CPU": 400},
        {"NAME": "node2", "HYPERVISOR": "kvm", "FREE_CPU": 40},
        {"NAME": "node3", "HYPERVISOR": "lxc", "FREE_CPU": 800},
    ]
)


def run(*arguments: str, given: str | bytes = THREE) -> tuple[str, str, int]:
    done = CliRunner().invoke(app, arguments, input=given, env={"COLUMNS": "80", "NO_COLOR": "1"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.stderr, done.exit_code


def answer(*arguments: str, given: str | bytes = THREE) -> Any:
    shown, messages, _ = run(*arguments, "--json", given=given)
    assert messages == ""
    assert shown.isascii()
    return json.loads(shown)


def test_match_as_a_table() -> None:
    assert run("match", "-", "-r", "HYPERVISOR = kvm", "-k", "FREE_CPU", "--key", "NAME") == (
        "NAME   score  HYPERVISOR  FREE_CPU\n"
        "─────  ─────  ──────────  ────────\n"
        "node1    400  kvm              400\n"
        "node2     40  kvm               40\n",
        "2 of 3 candidates match\n",
        0,
    )


def test_match_without_expressions_shows_what_there_is() -> None:
    shown, messages, status = run("match", "-")
    assert shown.splitlines()[0] == "position  NAME   HYPERVISOR  FREE_CPU"
    assert len(shown.splitlines()) == 5
    assert (messages, status) == ("3 of 3 candidates match\n", 0)


def test_match_as_json() -> None:
    assert answer("match", "-", "-r", "HYPERVISOR = kvm", "-k", "FREE_CPU + NONE", "--key", "NAME") == [
        {"key": "node1", "score": 400, "attributes": {"HYPERVISOR": "kvm", "FREE_CPU": 400, "NONE": None}},
        {"key": "node2", "score": 40, "attributes": {"HYPERVISOR": "kvm", "FREE_CPU": 40, "NONE": None}},
    ]
    assert answer("match", "-", "-r", "HYPERVISOR = none") == []
    assert answer("match", "-", "--columns", "NAME", "--limit", "1") == [
        {"key": 0, "score": 0, "attributes": {"NAME": "node1"}}
    ]


def test_the_key_is_not_shown_twice() -> None:
    assert run("match", HOSTS, "-r", "ID = 3 & NAME = node0003")[0].splitlines()[0] == "ID  NAME"
    assert (
        run("match", HOSTS, "--key", "NAME", "--columns", "NAME,ID", "--limit", "1")[0].splitlines()[0]
        == "NAME      ID"
    )
    assert run("match", "-", given='[{"position": "x"}]')[0].splitlines()[0] == "position  position"
    assert answer("match", HOSTS, "-r", "ID = 3") == [
        {"key": 3, "score": 0, "attributes": {"NAME": "node0003", "ID": "3"}}
    ]


@pytest.mark.parametrize(
    ("arguments", "summary"),
    [
        (("--limit", "0"), "3 of 3 candidates match; none is shown"),
        (("--limit", "1"), "3 of 3 candidates match; the first one is shown"),
        (("--limit", "2"), "3 of 3 candidates match; the first 2 are shown"),
        (("--limit", "2", "-k", "FREE_CPU"), "3 of 3 candidates match; the best 2 are shown"),
        (("--limit", "3"), "3 of 3 candidates match"),
        (("-r", "HYPERVISOR = lxc"), "1 of 3 candidates matches"),
        (
            ("-r", "FREE_CPU > 999"),
            "0 of 3 candidates match\nhint: with `FREE_CPU > 799`, one would match; `matchmaker explain` tells more",
        ),
        (
            ("-r", "FREECPU > 9"),
            "0 of 3 candidates match\n"
            "hint: none has an attribute `FREECPU` (is `FREE_CPU` meant?); `matchmaker explain` tells more",
        ),
    ],
)
def test_the_summary(arguments: tuple[str, ...], summary: str) -> None:
    assert run("match", "-", *arguments)[1] == summary + "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-k", "- FREE_CPU"),
        ("-k", "-(FREE_CPU + 0)"),
        ("-k", "-FREE_CPU"),
        ("-k-FREE_CPU",),
        ("-k=-FREE_CPU",),
        ("--rank", "-FREE_CPU"),
        ("--rank=-FREE_CPU",),
    ],
)
def test_a_rank_may_begin_with_a_minus(arguments: tuple[str, ...]) -> None:
    assert [entry["score"] for entry in answer("match", "-", *arguments)] == [-40, -400, -800]


def test_policies() -> None:
    by_policy = answer("match", HOSTS, "--policy", "striping", "--limit", "5")
    assert by_policy == answer("match", HOSTS, "-k", "- RUNNING_VMS", "--limit", "5")
    assert answer("match", HOSTS, "--policy", "striping", "-k", "FREE_CPU") == answer("match", HOSTS, "-k", "FREE_CPU")
    assert [entry["key"] for entry in answer("match", "-", "--policy", "load-aware")] == [2, 0, 1]
    assert run("match", DATASTORES, "--policy", "load-aware") == (
        "",
        "error: OpenNebula has no load-aware policy for candidates of kind datastore\n",
        2,
    )


def test_current_vms_are_shown_as_what_they_are() -> None:
    host = "<HOST><ID>1</ID><NAME>a</NAME><VMS><ID>12</ID><ID>3</ID></VMS></HOST>"
    assert run("match", "-", "-r", "CURRENT_VMS = 3", given=host)[0].splitlines()[2] == " 1  a     3, 12"
    assert answer("match", "-", "-r", "CURRENT_VMS = 3", given=host) == [
        {"key": 1, "score": 0, "attributes": {"NAME": "a", "CURRENT_VMS": [3, 12]}}
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('[{"N": 1}, {"N": 1}]', "error: two candidates have the key 1: those at positions 0 and 1\n"),
        ('[{"N": 1}, {"M": 1}]', "error: the candidate at position 1 has no key: `N` is missing\n"),
        ('[{"N": [1, 2]}]', "error: a value of type `list` at position 0 cannot be a key\n"),
    ],
)
def test_bad_keys(given: str, message: str) -> None:
    assert run("match", "-", "--key", "N", given=given) == ("", message, 2)


def test_a_value_that_stands_for_nothing() -> None:
    _, messages, status = run("match", "-", "-r", "A = 1", given='[{"A": 1}, {"A": {}}]')
    assert status == 2
    assert messages.startswith("error: candidate 1, attribute `A`: a value of type `dict` stands for nothing")


def test_both_expressions_are_reported() -> None:
    shown, messages, status = run("match", "-", "-r", "A >= 5", "-k", "FREE_CPU -1")
    assert (shown, status) == ("", 2)
    assert "--> --requirement:1:3" in messages
    assert "--> --rank:1:10" in messages
    assert messages.endswith("= note: OpenNebula would rank by `FREE_CPU` all the same\n")


@pytest.mark.parametrize(
    ("rank", "note"),
    [("A+", "OpenNebula would score every candidate 0"), ("*A", "OpenNebula would rank by `0` all the same")],
)
def test_what_a_bad_rank_stands_for(rank: str, note: str) -> None:
    assert run("match", "-", "-k", rank)[1].endswith(f"= note: {note}\n")


def test_what_is_skipped_is_told() -> None:
    _, messages, status = run("match", "-", "-r", "HYPERVISOR = 'kvm'")
    assert status == 0
    assert messages.count("warning[MM201]") == 2
    assert messages.endswith("\n\n2 of 3 candidates match\n")


def test_very_many_warnings_are_not_all_told() -> None:
    _, messages, status = run("match", "-", "-r", "HYPERVISOR = " + "' " * 100 + "kvm")
    assert status == 0
    assert messages.count("warning[") == 10
    assert "= note: 90 more warnings, which `matchmaker check` shows\n" in messages
    _, messages, status = run("match", "-", "-r", "HYPERVISOR == " + "' " * 100 + "kvm")
    assert status == 2
    assert messages.count("error[") == 1


def test_deep_nesting_is_shown_or_refused() -> None:
    for depth in (100, 400, 900, 980):
        given = f'[{{"A": {"[" * depth}{"]" * depth}}}]'
        assert run("match", "-", given=given)[2] in {0, 2}
        assert run("match", "-", "--json", given=given)[2] in {0, 2}


def test_bad_columns() -> None:
    assert run("match", "-", "--columns", "A,,B") == ("", "error: --columns wants names, with commas between them\n", 2)


def test_check() -> None:
    shown, messages, status = run("check", "FREE_CPU >= 5", "-k", "A -1")
    assert "error[MM103]" in shown
    assert " --> requirement:1:10\n" in shown
    assert " --> --rank:1:3\n" in shown
    assert (messages, status) == ("2 errors\n", 1)
    assert run("check", "A = 1", "-r", "B = 1", "-k", "C") == ("", "nothing to report\n", 0)


def test_check_reads_standard_input() -> None:
    assert run("check", "-", given="A = 1\r\n") == ("", "nothing to report\n", 0)
    shown, messages, status = run("check", "-k", "-", given="A -1\n")
    assert " --> standard input:1:3\n" in shown
    assert (messages, status) == ("1 error\n", 1)
    assert run("check", "-", "-k", "-")[1:] == ("error: only one text can come from standard input\n", 2)
    assert run("check", "-", given=b"A = \xff")[1:] == ("error: standard input:1:5: this byte is not UTF-8\n", 2)


def test_check_as_json() -> None:
    [found] = answer("check", "A = 1 &\nB >= 5")[-1:]
    assert found["hints"]
    del found["message"], found["label"], found["hints"]
    assert found == {
        "expression": "requirement",
        "code": "MM103",
        "severity": "error",
        "start": 10,
        "end": 12,
        "line": 2,
        "column": 3,
    }
    assert answer("check", "A = 1") == []


def test_check_knows_kinds() -> None:
    assert run("check", "CURRENT_VMS > 3", "--kind", "plain")[2] == 0
    assert run("check", "CURRENT_VMS > 3", "--kind", "host")[2] == 1
    assert run("check", "A = 1", "--kind", "vm")[2] == 2


def test_check_needs_something() -> None:
    shown, messages, status = run("check")
    assert (shown, status) == ("", 2)
    assert messages.startswith("error: nothing to check")


ONE = '{"HYPERVISOR": "kvm", "FREE_CPU": 40}'


def test_eval() -> None:
    assert run("eval", "-", "-r", "HYPERVISOR = kvm & X = 1", "-k", "- FREE_CPU", given=ONE) == (
        "false\n-40\n",
        "  HYPERVISOR  kvm\n  X           -\n  FREE_CPU    40\n",
        1,
    )
    assert run("eval", "-", "-r", "FREE_CPU > 5", given=ONE) == ("true\n", "  FREE_CPU  40\n", 0)
    assert run("eval", "-", "-k", "- FREE_CPU", given=ONE)[::2] == ("-40\n", 0)


def test_eval_as_json() -> None:
    assert answer("eval", "-", "-r", "X = 1", "-k", "FREE_CPU", given=ONE) == {
        "key": 0,
        "matches": False,
        "score": 40,
        "attributes": {"X": None, "FREE_CPU": 40},
    }
    assert answer("eval", HOSTS, "--candidate", "7", "-k", "RUNNING_VMS")["matches"] is None


def test_eval_picks_one_candidate() -> None:
    assert run("eval", "-", "--key", "NAME", "--candidate", "node2", "-k", "FREE_CPU")[0] == "40\n"
    assert run("eval", "-", "--candidate", "2", "-k", "FREE_CPU")[0] == "800\n"
    assert run("eval", "-", "-k", "A") == (
        "",
        "error: there are 3 candidates, not one: --candidate KEY picks one; the keys are 0, 1, 2\n",
        2,
    )
    assert run("eval", "-", "-k", "A", "--candidate", "9") == (
        "",
        "error: no candidate has the key `9`; the keys are 0, 1, 2\n",
        2,
    )
    assert run("eval", "-", "-k", "A", given="[]") == ("", "error: there are 0 candidates, not one\n", 2)


def test_eval_needs_an_expression() -> None:
    shown, messages, status = run("eval", "-")
    assert (shown, status) == ("", 2)
    assert messages.startswith("error: nothing to evaluate")


# The extended dialect.

EXTENDED = ("--dialect", "extended")


def test_a_table_of_scores_that_are_no_integers() -> None:
    given = json.dumps([{"A": 1}, {"A": "x"}, {"A": 4}, {"A": 0}])
    shown, messages, status = run("match", "-", *EXTENDED, "-k", "1 / A", given=given)
    assert shown.splitlines()[2:] == [
        "       3  inf    0",
        "       0  1      1",
        "       2  0.25   4",
        "       1  -      x",
    ]
    assert (messages, status) == ("4 of 4 candidates match; 1 without a score\n", 0)
    assert [each["score"] for each in answer("match", "-", *EXTENDED, "-k", "1 / A", given=given)] == [
        None,
        1.0,
        0.25,
        None,
    ]


def test_the_attributes_of_a_request_are_bound() -> None:
    fits = (*EXTENDED, "-r", "FREE_CPU >= REQUEST.CPU * 100", "-k", "FREE_CPU / REQUEST.CPU", "--key", "NAME")
    found = answer("match", "-", *fits, "--request", '{"CPU": "4 cores", "NAME": null}')
    assert [(each["key"], each["score"]) for each in found] == [("node3", 200.0), ("node1", 100.0)]
    assert answer("match", "-", *fits) == []
    found = answer("eval", "-", *fits, "--candidate", "node3", "--request", '{"CPU": 2.5}')
    assert (found["matches"], found["score"]) == (True, 320.0)
    assert run("eval", "-", *fits, "--candidate", "node2", "--request", "{}")[::2] == ("false\n-\n", 1)
    assert run("eval", "-", *EXTENDED, "-k", "default(NONE, 0.5) + FREE_CPU", "--key", "NAME", "--candidate", "node2")[
        0
    ] == ("40.5\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--request", "{}"), "--request goes with --dialect extended"),
        ((*EXTENDED, "--request", "[]"), "--request is a JSON object, not a list"),
        ((*EXTENDED, "--request", "{"), "--request:1:2: "),
        ((*EXTENDED, "--request", '{"CPU": {}}'), "request, attribute `CPU`: a value of type `dict`"),
    ],
)
def test_what_is_no_request(options: tuple[str, ...], message: str) -> None:
    for command in ("match", "eval"):
        shown, messages, status = run(
            command, "-", "-k", "FREE_CPU + REQUEST.CPU" if options[0] != "--request" else "1", *options
        )
        assert (shown, status) == ("", 2)
        assert message in messages


def test_a_mistake_in_the_extended_dialect_is_none_of_opennebulas() -> None:
    shown, messages, status = run("match", "-", *EXTENDED, "-r", "FREE_CPU == ", "-k", "FREE_CPU +")
    assert (shown, status) == ("", 2)
    assert "--requirement:1:" in messages
    assert "--rank:1:" in messages
    assert "OpenNebula" not in messages
    assert run("match", "-", "--dialect", "condor")[2] == 2
