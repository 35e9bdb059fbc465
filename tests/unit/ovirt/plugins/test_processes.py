"""The processes that plug-ins run in: what they know, what they share, when they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import matchmaker
from matchmaker.ovirt.cloud import Call, Cloud, Host
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.plugins import PluginFilter, load_plugins
from tests.unit.ovirt.plugins.conftest import Load
from tests.unit.ovirt.plugins.watching import ended, noted, processes_of

PACKAGE = Path(matchmaker.__file__).parent
CLOUD = Cloud([{"ID": "a"}])

EVALUATE = """
    import os, resource, signal, sys, threading
    class A:
        def do_filter(self, hosts, vm, args):
            return [repr(eval(args["what"]))]
"""


def evaluates(asked: PluginFilter, what: str, expected: str) -> None:
    """Check what an expression is in a plug-in: its repr is among those that are asked about."""
    assert asked.keep(Call(CLOUD, (expected,), "v", {"what": what})) == [expected], what


def message(asked: PluginFilter, call: Call) -> str:
    with pytest.raises(UnitError) as caught:
        asked.keep(call)
    return caught.value.message


def test_no_state_of_a_call_reaches_another(load: Load) -> None:
    asked = load(
        a="""
        import random
        counted = []
        class A:
            cache = {}
            def do_filter(self, hosts, vm, args):
                counted.append(vm)
                self.cache[vm] = len(self.cache)
                open("seen", "a").write(f"{random.random()}\\n")
                return [f"{len(counted)} {self.cache}"]
        """
    ).filters[0]
    for name in "xyx":
        assert asked.keep(Call(CLOUD, (f"1 {{'{name}': 0}}",), name)) != []


def test_random_numbers_differ_from_call_to_call(load: Load, tmp_path: Path) -> None:
    body = "import random\nclass A:\n  def do_filter(self, *_):\n    open('seen', 'a').write(f'{random.random()} ')\n    return []\n"
    asked = load(a=body).filters[0]
    for _ in range(5):
        asked.keep(Call(CLOUD, ()))
    assert len(set((tmp_path / "plugins" / "seen").read_text().split())) == 5


def test_sixty_four_at_once_lose_nothing(load: Load) -> None:
    asked = load(
        a="""
        from ovirtsdk.api import API
        class A:
            def do_filter(self, hosts, vm, args):
                there = {host.id for host in API().hosts.list()}
                print([host for host in hosts if host in there and host.endswith(vm)])
        """
    ).filters[0]
    cloud = Cloud([{"ID": f"{number}"} for number in range(200)])
    hosts = tuple(f"{number}" for number in range(220))

    def ask(number: int) -> bool:
        digit = str(number % 10)
        call = Call(cloud, hosts, digit)
        return asked.keep(call) == [host for host in hosts[:200] if host.endswith(digit)]

    with ThreadPoolExecutor(64) as pool:
        assert all(pool.map(ask, range(400)))


def test_only_some_run_at_once(load: Load, tmp_path: Path) -> None:
    asked = load(
        a="""
        import os, time
        class A:
            def do_filter(self, hosts, vm, args):
                path = f"running.{os.getpid()}"
                open(path, "w").close()
                time.sleep(0.05)
                print([str(sum(name.startswith("running.") for name in os.listdir())), "a"])
                os.unlink(path)
        """
    ).filters[0]
    counts = tuple(str(number) for number in range(100))
    with ThreadPoolExecutor(30) as pool:
        seen = list(pool.map(lambda _: int(asked.keep(Call(CLOUD, counts))[0]), range(60)))
    assert 2 <= max(seen) <= 8


def test_one_that_gets_no_turn_says_so(load: Load) -> None:
    class Slow(Cloud):
        """Answers when it is told to."""

        waiting = threading.Semaphore(0)
        go_on = threading.Event()

        def hosts(self) -> Sequence[Host]:
            self.waiting.release()
            assert self.go_on.wait(60)
            return super().hosts()

    asked = load(
        a="from ovirtsdk.api import API\nclass A:\n  def do_filter(self, hosts, vm, args):\n    if vm: API().hosts.list()\n    return hosts\n",
        time_limit=1,
    ).filters[0]
    slow = Slow([{"ID": "a"}])
    with ThreadPoolExecutor(8) as pool:
        under_way = [pool.submit(message, asked, Call(slow, ("a",), "v")) for _ in range(8)]
        for _ in under_way:
            assert slow.waiting.acquire(timeout=60)
        no_turn = message(asked, Call(CLOUD, ("a",)))
        slow.go_on.set()
        assert {each.result() for each in under_way} == {"it took longer than 1 s, and was ended"}
    assert no_turn == "it had no turn within 1 s: 8 calls of `a.py` are under way"
    assert asked.keep(Call(CLOUD, ("a",))) == ["a"]


def test_a_file_that_hangs_does_not_hold_up_another(load: Load) -> None:
    body = "import time\nclass {0}:\n  def do_filter(self, hosts, vm, args):\n    time.sleep({1})\n    return hosts\n"
    plugins = load(a=body.format("A", 600), b=body.format("B", 0))
    with ThreadPoolExecutor(10) as pool:
        hanging = [pool.submit(message, plugins.filters[0], Call(CLOUD, ("a",))) for _ in range(10)]
        assert plugins.filters[1].keep(Call(CLOUD, ("a",))) == ["a"]
        assert not any(each.done() for each in hanging)
        plugins.close()


def test_calls_under_way_may_finish_when_all_is_closed(load: Load, tmp_path: Path) -> None:
    started = tmp_path / "plugins" / "started"
    plugins = load(
        a="""
        import time
        class A:
            def do_filter(self, hosts, vm, args):
                open("started", "w").write("1\\n")
                time.sleep(0.3)
                return hosts
        """
    )
    [asked], call = plugins.filters, Call(CLOUD, ("a",))
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(asked.keep, call)
        noted(started)
        plugins.close(wait=60)
        assert under_way.result() == ["a"]
    assert message(asked, call) == "the plug-ins are closed"
    assert processes_of(started.parent) == []
    plugins.close(wait=60)


def test_they_need_not_finish(load: Load, tmp_path: Path) -> None:
    started = tmp_path / "plugins" / "started"
    plugins = load(
        a="""
        import os, time
        class A:
            def do_filter(self, hosts, vm, args):
                open("started", "w").write(f"{os.getpid()}\\n")
                time.sleep(600)
        """
    )
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(message, plugins.filters[0], Call(CLOUD, ("a",)))
        [child] = noted(started)
        plugins.close()
        assert under_way.result() == "the plug-ins are closed"
    assert ended(child)
    assert processes_of(started.parent) == []


def test_refused_files_leave_no_process(write: Callable[..., Path]) -> None:
    folder = write(a="class A:\n  def do_filter(*_): return []\n", b="print x", c="import time; time.sleep(600)")
    with pytest.raises(ValueError, match="refused"):
        load_plugins(folder, time_limit=2)
    assert processes_of(folder) == []


def test_what_a_file_starts_while_it_is_imported_ends_with_its_process(load: Load, tmp_path: Path) -> None:
    plugins = load(
        a="""
        import subprocess
        started = subprocess.Popen(["sleep", "600"])
        open("started", "w").write(f"{started.pid}\\n")
        class A:
            def do_filter(self, hosts, vm, args): return hosts
        """
    )
    [sleeping] = noted(tmp_path / "plugins" / "started")
    assert plugins.filters[0].keep(Call(CLOUD, ("a",))) == ["a"]
    plugins.close()
    assert ended(sleeping)


def test_a_server_that_dies_leaves_no_process(write: Callable[..., Path]) -> None:
    folder = write(
        a="""
        import os, time
        class A:
            def do_filter(self, hosts, vm, args):
                open("started", "w").write(f"{os.getpid()} {os.getppid()}\\n")
                time.sleep(600)
        """
    )
    serve = (
        "import sys\nfrom pathlib import Path\nfrom matchmaker.ovirt.cloud import Call\n"
        "from matchmaker.ovirt.plugins import load_plugins\n"
        "load_plugins(Path(sys.argv[1])).filters[0].keep(Call.of([]))\n"
    )
    with subprocess.Popen([sys.executable, "-c", serve, str(folder)], cwd=PACKAGE.parent) as server:
        child, process = noted(folder / "started")
        server.kill()
    assert ended(child)
    assert ended(process)


def test_an_import_that_hangs_ends_when_the_server_is_dead(write: Callable[..., Path]) -> None:
    folder = write(a="import os, time\nopen('started', 'w').write(f'{os.getpid()}\\n')\ntime.sleep(600)\n")
    serve = (
        "import sys\nfrom pathlib import Path\nfrom matchmaker.ovirt.plugins import load_plugins\n"
        "load_plugins(Path(sys.argv[1]), time_limit=2)\n"
    )
    with subprocess.Popen([sys.executable, "-c", serve, str(folder)], cwd=PACKAGE.parent) as server:
        [process] = noted(folder / "started")
        server.kill()
    assert ended(process)


@contextmanager
def blocked(*numbers: int) -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_what_the_server_does_with_signals_is_not_passed_on(load: Load) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with blocked(signal.SIGTERM, signal.SIGUSR1):
            asked = load(a=EVALUATE).filters[0]
    finally:
        signal.signal(signal.SIGTERM, before)
    evaluates(asked, "signal.pthread_sigmask(signal.SIG_BLOCK, [])", "set()")
    evaluates(asked, "signal.getsignal(signal.SIGTERM) is signal.SIG_DFL", "True")
    evaluates(asked, "signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL", "True")


def test_neither_credentials_nor_open_files_get_there(
    load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MATCHMAKER_OVIRT_PASSWORD", "c0rrect-h0rse")
    monkeypatch.setenv("OF_THE_PLUGIN", "yes")
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        asked = load(a=EVALUATE).filters[0]
    evaluates(asked, "'c0rrect-h0rse' in str(os.environ)", "False")
    evaluates(asked, "os.environ['OF_THE_PLUGIN']", "'yes'")
    evaluates(asked, "[fd for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}') and 'secret' in os.readlink(f'/proc/self/fd/{fd}')]", "[]")  # fmt: skip
    evaluates(asked, "sys.stdin.read()", "''")


def test_limits_hold(load: Load) -> None:
    asked = load(a=EVALUATE, memory=300).filters[0]
    evaluates(asked, "resource.getrlimit(resource.RLIMIT_AS)[1] >> 20", "300")
    evaluates(asked, "resource.getrlimit(resource.RLIMIT_CORE)", "(0, 0)")
    evaluates(asked, "os.getsid(0) == os.getpgid(0) == os.getpid()", "True")


def test_a_process_imports_little_and_writes_nothing(load: Load, tmp_path: Path) -> None:
    asked = load(a=EVALUATE, _beside="").filters[0]
    evaluates(asked, "sorted({'matchmaker', 'lark', 'lxml', 'numpy', 'httpx', 'yaml'} & set(sys.modules))", "[]")
    evaluates(asked, "(sys.flags.isolated, sys.argv, sys.path[0] == os.getcwd(), threading.active_count())", "(1, ['-c'], True, 1)")  # fmt: skip
    evaluates(asked, "__import__('_beside').__name__", "'_beside'")
    assert sorted(path.name for path in (tmp_path / "plugins").iterdir()) == ["_beside.py", "a.py"]


def test_it_works_out_of_an_archive(write: Callable[..., Path], tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in PACKAGE.rglob("*.py"):
            packed.write(path, path.relative_to(PACKAGE.parent))
    folder = write(a="class A:\n  def do_filter(self, hosts, vm, args): print(hosts)\n")
    serve = (
        "import sys\nsys.path.insert(0, sys.argv[1])\nfrom pathlib import Path\n"
        "from matchmaker.ovirt.cloud import Call\nfrom matchmaker.ovirt import plugins\n"
        "assert plugins.__file__.startswith(sys.argv[1])\n"
        "with plugins.load_plugins(Path(sys.argv[2])) as loaded:\n    print(loaded.filters[0].keep(Call.of([{'ID': 'a'}])))\n"
    )
    command = [sys.executable, "-I", "-c", serve, str(archive), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("['a']\n", "")


def test_closing_belongs_to_a_with_block(write: Callable[..., Path]) -> None:
    folder = write(a=EVALUATE)
    with load_plugins(folder) as plugins:
        asked: Any = plugins.filters[0]
        evaluates(asked, "1 + 1", "2")
    assert processes_of(folder) == []
