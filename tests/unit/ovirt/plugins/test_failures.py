"""Plug-ins that go wrong in every way: the call fails with a message, and the next one works."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from textwrap import dedent, indent

import pytest

from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.plugins import PluginFilter
from tests.unit.ovirt.plugins.conftest import Load
from tests.unit.ovirt.plugins.watching import ended, noted

WELL = Call.of([{"ID": "a"}], {"ID": "well"})
BADLY = Call.of([{"ID": "a"}], {"ID": "badly"})
AGAIN = "the process of `a.py` has ended; the next call gets a new one"


def unit(load: Load, body: str, *, time_limit: float = 60, memory: int = 1024) -> PluginFilter:
    """Return a unit that keeps all hosts for one virtual machine, and does this for another."""
    head = "import os, signal, socket, sys, time\nclass A:\n  def do_filter(self, hosts, vm, args):\n    if vm == 'badly':\n"
    text = head + indent(body, "      ") + "\n    return hosts\n"
    return load(a=text, time_limit=time_limit, memory=memory).filters[0]


def failure(asked: PluginFilter) -> str:
    with pytest.raises(UnitError) as caught:
        asked.keep(BADLY)
    assert caught.value.unit == "A"
    return caught.value.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise KeyError('gone')", "KeyError: 'gone' (`a.py`, line 5)"),
        ("def deep(): deep()\ndeep()", "RecursionError: maximum recursion depth exceeded (`a.py`, line 5)"),
        ("raise BaseException", "BaseException (`a.py`, line 5)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (`a.py`, line 5)"),
        ("sys.exit(3)", "it left by `sys.exit(3)` without an answer"),
        ("sys.exit()", "it left by `sys.exit(None)` without an answer"),
        ("print(hosts)\nos._exit(3)", "it ended without an answer, with exit status 3"),
        ("os._exit(0)", "it ended without an answer, with exit status 0"),
        ("print('oh', file=sys.stderr, flush=True)\nos._exit(4)", "it ended without an answer, with exit status 4; it said `oh`"),
        ("import ctypes\nctypes.string_at(0)", "it was ended by SIGSEGV"),
        ("os.abort()", "it was ended by SIGABRT"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "it was ended by SIGKILL"),
        ("os.killpg(0, signal.SIGTERM)", "it was ended by SIGTERM"),
        ("os.closerange(3, 1000)", "it ended without an answer, with exit status 1"),
        ("os.closerange(0, 1000)", "it ended without an answer, with exit status 1"),
        ("for fd in range(3, 100):\n  try: socket.socket(fileno=fd).shutdown(2)\n  except OSError: pass",
         "it broke the connection to the server"),
        ("for fd in range(3, 100):\n  try: os.write(fd, b'\\xff' * 100)\n  except OSError: pass",
         "it broke the connection to the server"),
        ("for fd in range(3, 100):\n  try: os.write(fd, b'\\0\\0\\0\\2[]')\n  except OSError: pass",
         "it broke the connection to the server"),
        ("print('x' * (1 << 25))", "it printed more than 16 MiB"),
        ("while True: print('x' * 1000)", "it printed more than 16 MiB"),
        ("try:\n  while True: os.write(1, b'x' * 100_000)\nexcept OSError: pass", "it printed more than 16 MiB"),
        ("raise MemoryError", "it ran out of memory: it may have 256 MiB"),
        ("x = bytearray(1 << 40)", "it ran out of memory: it may have 256 MiB"),
        ("x = []\nwhile True: x.append(bytearray(1 << 20))", "it ran out of memory: it may have 256 MiB"),
        ("print('[' + '0,' * 2_000_000 + ']')\nreturn None", "it ran out of memory: it may have 256 MiB"),
    ],
)  # fmt: skip
def test_the_call_fails_and_the_next_one_works(load: Load, body: str, message: str) -> None:
    asked = unit(load, body, memory=256)
    for _ in range(2):
        assert failure(asked) == message
        assert asked.keep(WELL) == ["a"]


@pytest.mark.parametrize(
    "body",
    [
        "time.sleep(600)",
        "while True: pass",
        "signal.alarm(0)\nfor number in range(1, 32):\n  if number not in (9, 19): signal.signal(number, signal.SIG_IGN)\ntime.sleep(600)",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\ntime.sleep(600)",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "import threading\nthreading.Event().wait()",
        "ends = socket.socketpair()\nends[0].recv(1)",
    ],
)
def test_it_is_ended_when_its_time_is_up(load: Load, body: str) -> None:
    asked = unit(load, body, time_limit=1)
    assert failure(asked) == "it took longer than 1 s, and was ended"
    assert asked.keep(WELL) == ["a"]


def test_what_it_has_started_is_ended_with_it(load: Load, tmp_path: Path) -> None:
    note = tmp_path / "children"
    body = f"child = os.fork()\nif child:\n  open({str(note)!r}, 'w').write(f'{{child}}\\n')\n  raise KeyError\ntime.sleep(600)"
    assert failure(unit(load, body)) == "KeyError (`a.py`, line 8)"
    assert all(map(ended, noted(note)))


@pytest.mark.parametrize("how", ["time.sleep(60)", "return hosts"])
def test_a_daemon_that_it_has_started_is_ended_with_it(load: Load, tmp_path: Path, how: str) -> None:
    body = f"""
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                with open({str(tmp_path / "daemon")!r}, "w") as file: print(os.getpid(), file=file)
                time.sleep(60)
            os._exit(0)
        while not os.path.exists({str(tmp_path / "daemon")!r}): time.sleep(0.01)
        {how}
    """
    asked = unit(load, dedent(body), time_limit=3)
    with suppress(UnitError):
        asked.keep(BADLY)
    assert all(map(ended, noted(tmp_path / "daemon")))
    assert asked.keep(WELL) == ["a"]


def test_a_process_that_it_has_started_does_not_answer_in_its_place(load: Load) -> None:
    asked = unit(load, "if os.fork() == 0: return ['b']\nos.wait()\nreturn hosts")
    assert asked.keep(BADLY) == ["a"]


def test_one_that_keeps_its_output_open_is_not_waited_for(load: Load) -> None:
    asked = unit(load, "if os.fork() == 0:\n  os.setsid()\n  time.sleep(3)\n  os._exit(0)\nprint(hosts)\nreturn None")
    assert asked.keep(BADLY) == ["a"]


def test_a_call_cannot_end_the_others_for_good(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    asked = unit(load, "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(600)")
    assert failure(asked) == AGAIN
    assert asked.keep(WELL) == ["a"]
    assert [record.getMessage() for record in caplog.records] == [
        "the process of `a.py` has ended, and is started again"
    ]


def test_a_process_that_hangs_is_replaced(load: Load) -> None:
    asked = unit(load, "os.kill(os.getppid(), signal.SIGSTOP)", time_limit=1)
    assert failure(asked) == "the process of `a.py` does not answer, and is ended; the next call gets a new one"
    assert asked.keep(WELL) == ["a"]


def test_one_that_goes_on_asking_when_nobody_ends_it_is_replaced(load: Load) -> None:
    body = """
        import json, struct
        question = json.dumps({"ask": "hosts"}).encode()
        os.kill(os.getppid(), signal.SIGSTOP)
        while True:
            for fd in range(3, 100):
                try: socket.socket(fileno=os.dup(fd)).sendall(struct.pack(">I", len(question)) + question)
                except OSError: pass
            time.sleep(0.1)
    """
    asked = unit(load, dedent(body), time_limit=1)
    assert "the process of `a.py` does not answer" in failure(asked)
    assert asked.keep(WELL) == ["a"]


def test_an_answer_that_is_forged_is_none(load: Load) -> None:
    body = """
        import json, struct
        verdict = json.dumps({"ended": "exit", "status": "0\\n2026 INFO all is well"}).encode()
        for fd in range(3, 100):
            try: socket.socket(fileno=os.dup(fd)).sendall(struct.pack(">I", len(verdict)) + verdict)
            except OSError: pass
        time.sleep(60)
    """
    asked = unit(load, dedent(body))
    assert "all is well" not in failure(asked)
    assert asked.keep(WELL) == ["a"]


def test_the_calls_of_a_process_end_with_it(load: Load, tmp_path: Path) -> None:
    note = tmp_path / "child"
    body = (
        f"open({str(note)!r}, 'w').write(f'{{os.getpid()}}\\n')\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(600)"
    )
    assert failure(unit(load, body)) == AGAIN
    assert all(map(ended, noted(note)))


def test_a_file_that_can_be_imported_only_once_fails_from_then_on(load: Load) -> None:
    asked = load(
        a="""
        import os, pathlib
        if pathlib.Path("seen").exists(): raise ValueError("a second time")
        pathlib.Path("seen").touch()
        class A:
            def do_filter(self, hosts, vm, args):
                os.kill(os.getppid(), 9)
        """
    ).filters[0]
    assert failure(asked) == AGAIN
    assert failure(asked) == "the process of `a.py` cannot be started again: `a.py` can no longer be imported"


def test_a_file_whose_folder_is_gone_fails(load: Load, tmp_path: Path) -> None:
    asked = unit(load, "os.kill(os.getppid(), 9)")
    assert failure(asked) == AGAIN
    (tmp_path / "plugins").rename(tmp_path / "elsewhere")
    expected = (
        "the process of `a.py` cannot be started again: no process can be started for it: No such file or directory"
    )
    assert failure(asked) == expected
