"""The command line as a process: what users and their scripts see."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
HOSTS = "examples/host_pool.xml"
MATCHMAKER = [sys.executable, "-m", "matchmaker"]
NO_COLOUR = re.compile(r"\A[^\x1b]*\Z")


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    return kept | {"PYTHONPATH": str(CHECKOUT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", "TERM": "xterm"} | more


def run(*arguments: str, given: str = "", shell: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command; with `shell`, in bash, where `$MATCHMAKER` is the command."""
    program = ["bash", "-c", shell] if shell else [*MATCHMAKER, *arguments]
    return subprocess.run(
        program,
        input=given,
        capture_output=True,
        encoding="utf-8",
        cwd=CHECKOUT,
        env=environment(MATCHMAKER=" ".join(MATCHMAKER), **more),
        timeout=60,
        check=False,
    )


def on_terminal(*arguments: str, **more: str) -> tuple[str, int]:
    """Run the command on a terminal of its own, and return what it shows, and its status."""
    shown = b""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*MATCHMAKER, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, cwd=CHECKOUT, env=environment(**more)
    ) as process:
        os.close(theirs)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    shown += os.read(ours, 65536)
                except OSError:
                    break
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.returncode


TABLE = """\
ID  NAME      score  HYPERVISOR  FREE_MEMORY  RACK  FREE_CPU  RUNNING_VMS
──  ────────  ─────  ──────────  ───────────  ────  ────────  ───────────
 6  node0006   5450  kvm           206935959  r06       6300           17
 2  node0002   3950  kvm           231093318  r02       4000            1
43  node0043   3450  kvm            95804508  r03       3500            1
 8  node0008   3250  kvm           320886601  r08       3700            9
"""


def test_a_table_of_eighty_columns() -> None:
    requirement = 'HYPERVISOR = "kvm" & FREE_MEMORY > 33554432 & !(RACK = "r1?")'
    done = run("match", HOSTS, "-r", requirement, "-k", "FREE_CPU - 50 * RUNNING_VMS", "--limit", "4")
    assert done.stdout == TABLE
    assert done.stderr == "19 of 60 candidates match; the best 4 are shown\n"
    assert done.returncode == 0


NARROW = """\
ID  score  MODELNAME    IM_MAD    HYPERVISOR  KVM_CPU_MO…  KVM_MACHINES  CLUSTER
──  ─────  ───────────  ────────  ──────────  ───────────  ────────────  ───────
43     -1  Intel(R) X…  kvm, kvm  kvm         486 pentiu…  pc-i440fx-j…  c3
 9     -1  Intel(R) X…  kvm, kvm  lxc         486 pentiu…  pc-i440fx-j…  c9
"""


def test_what_does_not_fit_is_cut_and_left_out() -> None:
    columns = "MODELNAME,IM_MAD,HYPERVISOR,KVM_CPU_MODELS,KVM_MACHINES,CLUSTER,ARCH,HOSTNAME"
    done = run("match", HOSTS, "-k", "- RUNNING_VMS", "--limit", "2", "--columns", columns)
    assert done.stdout == NARROW
    assert done.stderr.splitlines() == [
        "60 of 60 candidates match; the best 2 are shown",
        "no room for ARCH, HOSTNAME: choose with --columns, or use --json",
    ]


def test_a_terminal_has_colours() -> None:
    shown, status = on_terminal("match", HOSTS, "-r", 'RACK = "r1*" & GPU = YES | ID = 3', "-k", "FREE_CPU")
    assert "\x1b[1mscore\x1b[0m" in shown
    assert status == 0
    shown, status = on_terminal("check", "FREE_CPU >= 5")
    assert "\x1b[1;31merror[MM103]\x1b[0m\x1b[1m: `>=` is not" in shown
    assert status == 1
    shown, status = on_terminal("match", HOSTS, "-r", "FREE_CPU >= 5")
    assert "\x1b[1;31merror[MM103]\x1b[0m" in shown
    assert status == 2


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours(setting: dict[str, str]) -> None:
    for arguments in (("match", HOSTS, "-k", "GPU_COUNT"), ("check", "A >= 5"), ("eval", HOSTS, "-r", "A = 1")):
        shown, _ = on_terminal(*arguments, **setting)
        assert NO_COLOUR.match(shown)


def test_a_pipe_has_no_colours_unless_forced() -> None:
    done = run("match", HOSTS, "-r", "MISSING = 1 | ID = 1")
    assert NO_COLOUR.match(done.stdout + done.stderr)
    done = run("match", HOSTS, "-r", "MISSING = 1 | ID = 1", FORCE_COLOR="1")
    assert "\x1b[2m-" in done.stdout


def test_nothing_that_a_terminal_would_obey_is_printed() -> None:
    candidate = json.dumps({"NAME": "[red]x\x1b[31m\n", "\x1b[2J": 1})
    done = run("match", "-", given=candidate)
    assert NO_COLOUR.match(done.stdout)
    assert "[red]x\\x1b[31m\\n" in done.stdout
    for arguments in (("match", "\x1b[31m"), ("match", "-", "--key", "\x1b[31m"), ("eval", "-", "-r", '"\x1b[2J" = 1')):
        done = run(*arguments, given=candidate)
        assert NO_COLOUR.match(done.stdout + done.stderr)


def test_standard_input() -> None:
    done = run(shell=f"$MATCHMAKER match - -k FREE_CPU --limit 1 --json < {HOSTS}")
    assert json.loads(done.stdout)[0]["attributes"] == {"NAME": "node0006", "FREE_CPU": "6300"}
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("match examples/host_pool.xml -r 'FREE_CPU > 0'", 0),
        ("match examples/host_pool.xml -r 'FREE_CPU > 99999'", 1),
        ("match examples/host_pool.xml -r 'FREE_CPU >= 0'", 2),
        ("match examples/host_pool.xml --limit 0", 0),
        ("match examples/host_pool.xml --limit -1", 2),
        ("match examples/host_pool.xml --policy best", 2),
        ("match examples/missing.xml", 2),
        ("match examples", 2),
        ("match /dev/null", 2),
        ("match", 2),
        ("match - <&-", 2),
        ("match examples/host_pool.xml >&-", 2),
        ("match examples/host_pool.xml 2>&-", 0),
        ("match examples/host_pool.xml -r 'FREE_CPU >= 0' 2>&-", 2),
        ("match examples/host_pool.xml >/dev/full", 2),
        ("check A=1 >&-", 0),
        ("check 'A >= 1' >/dev/full", 2),
        ("--help >/dev/full", 2),
        ("--version >/dev/full", 2),
        ("--version >&-", 2),
        ("check 'A = 1'", 0),
        ("check 'A >= 1'", 1),
        ("check", 2),
        ("eval examples/host_pool.xml --candidate 3 -r 'ID = 3'", 0),
        ("eval examples/host_pool.xml --candidate 3 -r 'ID = 4'", 1),
        ("eval examples/host_pool.xml --candidate 3 -k 'ID - 3'", 0),
        ("eval examples/host_pool.xml -k ID", 2),
        ("eval examples/host_pool.xml --candidate 3", 2),
        ("nonsense", 2),
        ("--nonsense", 2),
        ("--help", 0),
        ("match --help", 0),
        ("--version", 0),
    ],
)
def test_exit_status(command: str, status: int) -> None:
    done = run(shell=f"$MATCHMAKER {command}")
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_a_reader_that_has_seen_enough() -> None:
    many = "A,B\n" + "".join(f"{n},{n}\n" for n in range(50_000))
    done = run(shell="{ $MATCHMAKER match - -k A; echo status $? >&2; } | head -2", given=many)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.splitlines() == ["50000 of 50000 candidates match", "status 0"]
    done = run(shell="{ $MATCHMAKER match - -k 'A >='; } 2>&1 | true")
    assert done.stderr == ""
    done = run(shell="$MATCHMAKER --help | true")
    assert done.stderr == ""


def test_an_interruption_is_quiet() -> None:
    with subprocess.Popen(
        [*MATCHMAKER, "match", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=CHECKOUT,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"A,B\n" * 100_000)  # more than the pipe holds: it is being read when this returns
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        shown = process.communicate(timeout=60)
    assert process.returncode == 130
    assert shown == (b"", b"")


def test_a_progress_bar_appears_when_reading_takes_long() -> None:
    ours, theirs = pty.openpty()
    shown = b""
    with subprocess.Popen(
        [*MATCHMAKER, "match", "-", "-r", "A > 0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        cwd=CHECKOUT,
        env=environment(),
    ) as process:
        os.close(theirs)
        assert process.stdin is not None
        process.stdin.write(b"A,B\n1,2\n")
        process.stdin.flush()
        while b"reading standard input" not in shown:
            assert select.select([ours], [], [], 30)[0]
            shown += os.read(ours, 65536)
        process.stdin.close()
        while b"1 of 1 candidate matches" not in shown:
            assert select.select([ours], [], [], 30)[0]
            shown += os.read(ours, 65536)
    os.close(ours)
    assert process.returncode == 0


def test_version() -> None:
    done = run("--version")
    assert re.fullmatch(r"matchmaker (\d+\.\d+\.\d+\S*|\(not installed\))\n", done.stdout)
    again = run("--version", "match")
    assert again.stdout == done.stdout


def test_version_needs_no_optional_dependency() -> None:
    program = (
        "import sys, matchmaker.cli\nsys.argv[1:] = ['--version']\ntry: matchmaker.cli.main()\nexcept SystemExit: pass\n"
        "print(*sorted({'typer', 'rich', 'lxml', 'click'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout.startswith("matchmaker ")
    assert done.stderr == "\n"


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_a_missing_library_is_one_line(library: str) -> None:
    program = f"import sys; sys.modules[{library!r}] = None; sys.argv[1:] = ['match', '-']; from matchmaker.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "matchmaker: the command line needs an extra: pip install 'matchmaking-expressions[cli]'\n"


def test_a_mistake_of_our_own_is_not_an_answer() -> None:
    program = (
        "import sys; sys.argv[1:] = ['match', '-']; import matchmaker.cli.commands.match as m\n"
        "m.compiled = None; from matchmaker.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    assert "please report it" in done.stderr


def test_shell_completion() -> None:
    asked = {"_MATCHMAKER_COMPLETE": "complete_bash"}
    commands = run(COMP_WORDS="matchmaker ", COMP_CWORD="1", **asked).stdout.split()
    assert commands == ["match", "check", "eval", "explain", "opennebula", "ovirt"]
    policies = run(COMP_WORDS="matchmaker match x --policy ", COMP_CWORD="4", **asked).stdout.split()
    assert policies == ["packing", "striping", "load-aware", "fixed"]
    script = run("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1").stdout
    assert "_MATCHMAKER_COMPLETE=complete_bash" in script


def test_help_shows_examples() -> None:
    for command in ("match", "check", "eval", "opennebula simulate", "opennebula place", "opennebula install"):
        shown = run(*command.split(), "--help").stdout
        assert f"matchmaker {command}" in shown
        assert "Exit status: 0" in shown
        assert all(len(line) <= 80 for line in shown.splitlines())
