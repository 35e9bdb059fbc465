"""`matchmaker match --requests` as a process: what those see who talk to it."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
MATCHMAKER = [sys.executable, "-m", "matchmaker"]


@pytest.fixture
def pool(tmp_path: Path) -> str:
    path = tmp_path / "pool.json"
    path.write_text('[{"FREE_CPU": 400}, {"FREE_CPU": 40}, {"FREE_CPU": 800}]')
    return str(path)


def process(*arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    environment = kept | {"PYTHONPATH": str(CHECKOUT), "COLUMNS": "80", "TERM": "xterm"}
    return subprocess.Popen([*MATCHMAKER, "match", *arguments], stdin=subprocess.PIPE, env=environment, **more)


def test_who_writes_a_request_can_wait_for_its_answer(pool: str) -> None:
    with process(pool, "--requests", "-", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        for number in range(3):
            asked.stdin.write(b'{"id": %d}\n' % number)
            asked.stdin.flush()
            assert select.select([asked.stdout], [], [], 60)[0]
            assert json.loads(asked.stdout.readline())["id"] == number
        assert asked.communicate(timeout=60)[1] == b"3 requests: 3 with matches, 0 without, 0 errors\n"
    assert asked.returncode == 0


def test_a_reader_that_has_seen_enough(pool: str) -> None:
    with process(pool, "--requests", "-", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        asked.stdin.write(b"{}\n")
        asked.stdin.flush()
        asked.stdout.readline()
        asked.stdout.close()
        asked.stdin.write(b'{"requirement": "A = 1"}\n' * 2)  # and without an end of the input it leaves
        asked.stdin.flush()
        assert asked.wait(60) == 1
        assert asked.stderr is not None
        assert asked.stderr.read() == b""


def test_a_progress_bar_appears_when_it_takes_long(pool: str) -> None:
    ours, theirs = pty.openpty()
    shown = b""
    with process(pool, "--requests", "-", stdout=subprocess.PIPE, stderr=theirs) as asked:
        os.close(theirs)
        assert asked.stdin is not None
        while b"answering standard input" not in shown:
            assert select.select([ours], [], [], 30)[0]
            shown += os.read(ours, 65536)
        answered = asked.communicate(b"{}\n", timeout=60)[0]
        while b"1 request: 1 with matches" not in shown:
            assert select.select([ours], [], [], 30)[0]
            shown += os.read(ours, 65536)
    os.close(ours)
    assert json.loads(answered)["matched"] == 3  # and nothing of it went to where the bar is
    assert b"considered" not in shown
    assert asked.returncode == 0
