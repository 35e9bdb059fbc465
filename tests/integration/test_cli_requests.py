"""`matchmaker match --requests`: many requests, an answer to each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

import matchmaker as mm
from matchmaker.cli.app import app
from matchmaker.opennebula import read_pool

CHECKOUT = Path(__file__).parents[2]
HOSTS = str(CHECKOUT / "examples" / "host_pool.xml")
DATASTORES = str(CHECKOUT / "examples" / "datastore_pool.xml")
THREE = [
    {"NAME": "node1", "HYPERVISOR": "kvm", "FREE_CPU": 400},
    {"NAME": "node2", "HYPERVISOR": "kvm", "FREE_CPU": 40},
    {"NAME": "node3", "HYPERVISOR": "lxc", "FREE_CPU": 800, "ODD": {}},
]


@pytest.fixture
def pool(tmp_path: Path) -> str:
    path = tmp_path / "pool.json"
    path.write_text(json.dumps(THREE))
    return str(path)


def run(*arguments: str, given: str | bytes = "") -> tuple[str, str, int]:
    done = CliRunner().invoke(app, ["match", *arguments], input=given, env={"COLUMNS": "80", "NO_COLOR": "1"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.stderr, done.exit_code


def answers(pool: str, *lines: Any, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return the answers to requests, given as they are or as a line."""
    batch = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    shown, messages, _ = run(pool, "--requests", "-", "--key", "NAME", *options, given=batch)
    assert shown.isascii()
    found = [json.loads(line) for line in shown.splitlines()]
    assert messages.startswith(f"{len(found)} request")
    return found


def keys(answer: dict[str, Any]) -> list[Any]:
    return [match["key"] for match in answer["matches"]]


BATCH = """\
{"id": "web", "requirement": "HYPERVISOR = kvm", "rank": "FREE_CPU"}
{"id": 2, "requirement": "FREE_CPU >= 50"}

{"requirement": "FREE_CPU > 900", "limit": 1}
{"requirement"
{"limit": 1}
"""
ANSWERS = """\
{"line": 1, "id": "web", "considered": 3, "matched": 2, "matches": [{"key": "node1", "score": 400}, {"key": "node2", "score": 40}]}
{"line": 2, "id": 2, "error": {"code": "MM103", "message": "`>=` is not an operator of the opennebula dialect"}, "diagnostics": [{"expression": "requirement", "code": "MM103", "severity": "error", "message": "`>=` is not an operator of the opennebula dialect", "label": "expected `=`, `!=`, `>`, `<` or `@>`", "hints": ["on whole numbers `FREE_CPU > 49` means the same"], "start": 9, "end": 11, "line": 1, "column": 10}]}
{"line": 4, "id": null, "considered": 3, "matched": 0, "matches": []}
{"line": 5, "id": null, "error": {"code": null, "message": "standard input:5:15: expecting ':' delimiter"}}
{"line": 6, "id": null, "considered": 3, "matched": 3, "matches": [{"key": "node1", "score": 0}]}
"""


def test_a_bad_line_costs_no_other_its_answer(pool: str) -> None:
    assert run(pool, "--requests", "-", "--key", "NAME", given=BATCH) == (
        ANSWERS,
        "5 requests: 2 with matches, 1 without, 2 errors\n",
        2,
    )


def test_a_file_of_requests_and_a_pool_from_standard_input(tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text(BATCH)
    shown, messages, status = run("-", "--requests", str(batch), "--key", "NAME", given=json.dumps(THREE))
    assert shown == ANSWERS.replace("standard input", str(batch))
    assert (messages, status) == ("5 requests: 2 with matches, 1 without, 2 errors\n", 2)


@pytest.mark.parametrize(
    ("batch", "summary", "status"),
    [
        ("", "0 requests: 0 with matches, 0 without, 0 errors", 0),
        ("\n \n\r\n", "0 requests: 0 with matches, 0 without, 0 errors", 0),
        ("{}", "1 request: 1 with matches, 0 without, 0 errors", 0),
        ('{"limit": 0}\r\n', "1 request: 1 with matches, 0 without, 0 errors", 0),
        ('{}\n{"requirement": "A = 1"}\n', "2 requests: 1 with matches, 1 without, 0 errors", 1),
        ('{"requirement": "A = 1"}\n[]\n', "2 requests: 0 with matches, 1 without, 1 error", 2),
    ],
)
def test_summary_and_status(pool: str, batch: str, summary: str, status: int) -> None:
    assert run(pool, "--requests", "-", given=batch)[1:] == (summary + "\n", status)


def test_options_hold_for_lines_that_do_not_say_otherwise(pool: str) -> None:
    lines = {}, {"rank": "FREE_CPU"}, {"limit": 3}, {"rank": "FREE_CPU", "limit": 0}, {"limit": 10**4000}
    options = "--limit", "2", "-k", "- FREE_CPU"
    assert [keys(answer) for answer in answers(pool, *lines, options=options)] == [
        ["node2", "node1"],
        ["node3", "node1"],
        ["node2", "node1", "node3"],
        [],
        ["node2", "node1", "node3"],
    ]
    assert [keys(answer) for answer in answers(pool, {}, {"rank": ""}, options=("--policy", "load-aware"))] == [
        ["node3", "node1", "node2"],
        ["node3", "node2", "node1"],
    ]
    assert answers(pool, {}, options=("--json",)) == answers(pool, {})


def test_answers_are_those_of_match() -> None:
    hosts = mm.Pool(read_pool(Path(HOSTS)), key="NAME")
    wishes = [
        {"requirement": requirement, "rank": rank, "limit": limit}
        for requirement in (None, "HYPERVISOR = kvm", "FREE_CPU > 3000 | GPU = YES", "ID = 3", "NONE = 1")
        for rank in (None, "FREE_CPU", "- RUNNING_VMS")
        for limit in (None, 0, 1, 5, 100)
    ]
    for answer, wish in zip(answers(HOSTS, *wishes), wishes, strict=True):
        ranking = mm.match(hosts, **wish)
        assert answer["matches"] == [{"key": match.key, "score": match.score} for match in ranking]
        assert answer["considered"] == ranking.considered == 60
        assert answer["matched"] == ranking.considered - ranking.rejected


def test_duplicates_and_more_requests_than_are_read_at_once(pool: str) -> None:
    lines = [{"requirement": f"FREE_CPU > {number % 3 * 400}", "id": number} for number in range(10_000)]
    found = answers(pool, *lines)
    assert [answer["id"] for answer in found] == [answer["line"] - 1 for answer in found] == list(range(10_000))
    assert [answer["matched"] for answer in found] == [(3, 1, 0)[number % 3] for number in range(10_000)]


def test_a_candidate_fails_only_those_who_read_what_it_holds(pool: str) -> None:
    odd, fine = {"requirement": "ODD = 1"}, {"requirement": "FREE_CPU > 50"}
    found = answers(pool, odd, fine, {"rank": "ODD", "id": 3}, odd, "[]", fine, odd)
    assert ["error" in answer for answer in found] == [True, False, True, True, True, False, True]
    assert [answer["line"] for answer in found] == list(range(1, 8))
    assert found[2]["id"] == 3
    assert found[2]["error"]["code"] is None
    assert found[2]["error"]["message"].startswith("candidate 'node3', attribute `ODD`: a value of type `dict` stands")


def test_after_a_failure_the_others_come_back_into_groups(pool: str) -> None:
    wanted = [number % 50 < 3 for number in range(2000)]
    found = answers(pool, *({"id": n, "rank": "ODD" if odd else "FREE_CPU"} for n, odd in enumerate(wanted)))
    assert [answer["id"] for answer in found] == list(range(2000))
    assert ["error" in answer for answer in found] == wanted
    assert all(keys(answer) == ["node3", "node1", "node2"] for answer in found if "matches" in answer)


def test_what_is_skipped_is_told_with_the_answer(pool: str) -> None:
    [found] = answers(pool, {"requirement": "HYPERVISOR = 'kvm'"})
    assert keys(found) == ["node1", "node2"]
    assert [(each["code"], each["severity"], each["start"]) for each in found["diagnostics"]] == [
        ("MM201", "warning", 13),
        ("MM201", "warning", 17),
    ]


def test_diagnostics_are_those_of_check(pool: str) -> None:
    requirement = "A = 1 &\nB >= 5"
    done = CliRunner().invoke(app, ["check", requirement, "--json"])
    assert answers(pool, {"requirement": requirement})[0]["diagnostics"] == json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((HOSTS, "--requests", "none.jsonl"), "cannot read none.jsonl: No such file or directory"),
        ((HOSTS, "--requests", "/"), "cannot read /: Is a directory"),
        (("none.xml", "--requests", "-"), "cannot read none.xml: No such file or directory"),
        (("-", "--requests", "-"), "only one of the pool and the requests can come from standard input"),
        (
            (HOSTS, "--requests", "-", "-r", "A = 1"),
            "-r does not go with --requests: give each line a `requirement` of its own",
        ),
        (
            (HOSTS, "--requests", "-", "--columns", "A"),
            "--columns does not go with --requests: the answers hold keys and scores",
        ),
        (
            (DATASTORES, "--requests", "-", "--policy", "load-aware"),
            "OpenNebula has no load-aware policy for candidates of kind datastore",
        ),
    ],
)
def test_what_costs_all_their_answers(arguments: tuple[str, ...], message: str) -> None:
    assert run(*arguments, given="{}\n") == ("", f"error: {message}\n", 2)


def test_a_bad_rank_for_all(pool: str) -> None:
    shown, messages, status = run(pool, "--requests", "-", "-k", "FREE_CPU -1", given="{}\n")
    assert (shown, status) == ("", 2)
    assert " --> --rank:1:10\n" in messages


def test_another_encoding_is_refused(pool: str) -> None:
    assert run(pool, "--requests", "-", given="\ufeff{}\n".encode("utf-16-le")) == (
        "",
        "error: standard input: requests are UTF-8, but the byte order mark says UTF-16-LE\n",
        2,
    )
    assert run(pool, "--requests", "-", given="\ufeff{}\n".encode())[2] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "' + b"x" * 9_000_000 + b'"}', "standard input:2: the line is longer than 8 MiB"),
        (b'{"id": "\xff"}', "standard input:2:9: this byte is not UTF-8"),
        (b"\0\0", "standard input:2:1: expecting value"),
        (b'{"id":' * 100_000, "standard input:2:599995: nested too deep, 100000 levels"),
        (b'{"limit": ' + b"9" * 5000 + b"}", "standard input:2:11: a whole number of 5000 digits is too long"),
        (b'{"id": 1e999}', "standard input:2:8: the number is too large"),
    ],
)
def test_a_hostile_line(pool: str, line: bytes, message: str) -> None:
    shown, messages, status = run(pool, "--requests", "-", given=b'{"id": 1}\n' + line + b'\n{"id": 3}')
    first, second, third = map(json.loads, shown.splitlines())
    assert (first["id"], third["id"], third["line"]) == (1, 3, 3)
    assert second == {"line": 2, "id": None, "error": {"code": None, "message": message}}
    assert (messages, status) == ("3 requests: 2 with matches, 0 without, 1 error\n", 2)


members = st.dictionaries(
    st.sampled_from(["requirement", "rank", "limit", "id", "\x1b[2J"]),
    st.sampled_from(["A = x", "B > 1", "B", "A = 'x", "C = 1", "A >=", "", None, 0, 2, -1, 1.5, True, [], {}])
    | st.text("AB=><()&|+-* 1'\"\n\x00\x1b", max_size=12),
    max_size=4,
).map(lambda request: json.dumps(request).encode())


@pytest.fixture(scope="module")
def odd_pool(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("odd") / "pool.json"
    path.write_text('[{"A": "x", "B": 5, "C": {}}, {"A": 1.5, "B": true}]')
    return str(path)


@given(lines=st.lists(members | st.binary(max_size=12), max_size=6))
@example(lines=[b"[" * 100_000, b'{"id": ' + b"9" * 4300 + b"}", b'{"limit": ' + b"9" * 4300 + b"}"])
@example(lines=[b"\xff\xfe"])
@example(lines=[b"", b"\xef\xbb\xbf{}", b"\r"])
def test_any_lines_are_answered(odd_pool: str, lines: list[bytes]) -> None:
    shown, messages, status = run(odd_pool, "--requests", "-", given=b"\n".join(lines))
    assert "\x1b" not in shown + messages
    if messages.startswith("error: standard input: requests are UTF-8"):
        return
    physical = b"\n".join(lines).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    asked = [number for number, line in enumerate(physical, 1) if line.strip(b" \t\r")]
    found = [json.loads(line) for line in shown.splitlines()]
    assert [answer["line"] for answer in found] == asked
    assert status == (2 if any("error" in answer for answer in found) else int(not all(a["matched"] for a in found)))


def test_lines_have_dialects_and_requests_of_their_own(pool: str) -> None:
    fits = {"requirement": "FREE_CPU >= REQUEST.CPU", "rank": "FREE_CPU / 1000", "dialect": "extended"}
    found = answers(
        pool,
        {**fits, "request": {"CPU": 100}},
        fits,
        {**fits, "request": {"CPU": [None, "800x"]}},
        {**fits, "request": {"CPU": {}}},
        {"rank": "NONE", "dialect": "extended", "limit": 1},
        {"requirement": "FREE_CPU >= 100"},
        {"dialect": "condor"},
        {"request": []},
        {"requirement": "FREE_CPU > 100", "rank": None, "request": {"CPU": 1}, "dialect": None},
    )
    assert [each.get("matches") for each in found] == [
        [{"key": "node3", "score": 0.8}, {"key": "node1", "score": 0.4}],
        [],
        [{"key": "node3", "score": 0.8}],
        None,
        [{"key": "node3", "score": None}],
        None,
        None,
        None,
        [{"key": "node1", "score": 0}, {"key": "node3", "score": 0}],
    ]
    assert [each["error"] for each in found if "error" in each and each["line"] != 6] == [
        {
            "code": None,
            "message": "request, attribute `CPU`: a value of type `dict` stands for nothing: "
            "use a str, an int, a float, a bool, None or a list of these",
        },
        {"code": None, "message": "standard input:7: `dialect` is opennebula or extended, not condor"},
        {"code": None, "message": "standard input:8: `request` is an object, not a list"},
    ]


def test_the_dialect_and_the_request_of_the_command_hold_for_the_others(pool: str) -> None:
    found = answers(
        pool,
        {"requirement": "FREE_CPU >= 400"},
        {"request": {"CPU": 100}, "limit": 1},
        {"dialect": "opennebula", "requirement": "FREE_CPU > 400"},
        {"dialect": "opennebula", "rank": "FREE_CPU / 3", "limit": 1},
        options=("--dialect", "extended", "-k", "FREE_CPU / REQUEST.CPU", "--request", '{"CPU": 1000}'),
    )
    assert [[(match["key"], match["score"]) for match in each["matches"]] for each in found] == [
        [("node3", 0.8), ("node1", 0.4)],
        [("node3", 8.0)],
        [("node3", 0.8)],
        [("node3", 266)],
    ]
