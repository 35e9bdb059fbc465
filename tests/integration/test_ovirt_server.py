"""`matchmaker ovirt serve` as oVirt's engine meets it: a process of its own, over real HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sysconfig
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from tests.unit.ovirt.plugins.watching import processes_of

COMMAND = str(Path(sysconfig.get_path("scripts")) / "matchmaker")
HOSTS = [
    {"ID": "a", "NAME": "node1", "RUNNING_VMS": 3, "FREE_MEMORY": 800_000, "MAX_SCHEDULING_MEMORY": 900_000},
    {"ID": "b", "NAME": "node2", "RUNNING_VMS": 1, "FREE_MEMORY": 600_000, "MAX_SCHEDULING_MEMORY": 700_000},
    {"ID": "c", "NAME": "node3", "RUNNING_VMS": 0, "FREE_MEMORY": 100_000, "MAX_SCHEDULING_MEMORY": 200_000},
]
VMS = [
    {"ID": "vm", "NAME": "new", "MEMORY": 500_000, "OS_TYPE": "rhel_9x64"},
    {"ID": "v1", "HOST_ID": "a", "MEMORY": 50_000, "OS_TYPE": "rhel_9x64"},
    {"ID": "v2", "HOST_ID": "a", "MEMORY": 60_000, "OS_TYPE": "windows_2022"},
    {"ID": "v3", "HOST_ID": "a", "MEMORY": 70_000, "OS_TYPE": "windows_2022"},
    {"ID": "v4", "HOST_ID": "b", "MEMORY": 80_000, "OS_TYPE": "rhel_9x64"},
]
UNITS = """\
filters:
- name: room
  description: hosts with room
  requirement: MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY
"""
PLUGINS = '''
import os, sys, time

class all_of_them:
    properties_validation = "color=red|green"
    def do_filter(self, hosts, vm, args):
        """keeps all"""
        print(hosts)
    def do_score(self, hosts, vm, args):
        """weighs all the same"""
        return [(host, 50.9) for host in hosts]
    def do_balance(self, hosts, args):
        """moves the first"""
        print("v1", hosts[1:])

class hangs:
    def do_filter(self, hosts, vm, args):
        while True:
            time.sleep(60)

class dies:
    def do_filter(self, hosts, vm, args):
        os._exit(3)

class prints_nonsense:
    def do_filter(self, hosts, vm, args):
        print("nonsense <&>")
'''
LIMIT = 60


class Server:
    """The command, running."""

    def __init__(self, folder: Path, configuration: str = "", **environment: str) -> None:
        self.folder = folder
        (folder / "cloud.json").write_text(json.dumps({"hosts": HOSTS, "vms": VMS}))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.configure(configuration)
        command = [COMMAND, "ovirt", "serve", "--config", "ovirt.yaml"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stderr=log, env=_environment(environment))

    def configure(self, configuration: str) -> None:
        head = "" if "inventory:" in configuration else "inventory: {files: cloud.json}\nsamples: all\n"
        (self.folder / "ovirt.yaml").write_text(f"listen: 127.0.0.1:{self.port}\n{head}{configuration}")

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def wait_for(self, pattern: str, count: int = 1) -> None:
        give_up = time.monotonic() + LIMIT
        while len(re.findall(pattern, self.log())) < count:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < give_up, self.log()
            time.sleep(0.02)

    @property
    def proxy(self) -> xmlrpc.client.ServerProxy:
        return xmlrpc.client.ServerProxy(f"http://127.0.0.1:{self.port}/")

    def stop(self) -> None:
        self.process.terminate()
        status = self.process.wait(LIMIT)
        assert status == 0, self.log()
        assert "Traceback" not in self.log()

    def __enter__(self) -> Server:
        self.wait_for("serving on ")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **more}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "all.py").write_text(PLUGINS)
    with Server(tmp_path, UNITS + "plugins: {folder: plugins, time_limit: 2}\n") as running:
        yield running


def raw(port: int, data: bytes) -> bytes:
    """Send bytes and return all that comes until the server closes the connection, or has answered."""
    with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
        # It may be refused before all of it was sent; the answer may be there all the same.
        with suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(data)
        received = b""
        with suppress(ConnectionResetError):
            while not _complete(received) and (more := connection.recv(1 << 16)):
                received += more
        return received


def _complete(received: bytes) -> bool:
    head, separator, body = received.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(separator) and found is not None and len(body) >= int(found[1])


def post(body: bytes, length: int | None = None) -> bytes:
    head = (
        f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {length or len(body)}\r\n\r\n"
    )
    return head.encode() + body


def answers(server: Server) -> None:
    """The service answers a call as ever."""
    with server.proxy as proxy:
        answer: Any = proxy.runFilters(["room"], ["a", "b", "c"], "vm", {})
    assert (answer["result_code"], answer["result"]) == (0, ["a", "b"])


def test_discover(server: Server) -> None:
    with server.proxy as proxy:
        found: Any = proxy.discover()
    assert set(found) == {"filters", "scores", "balance"}
    assert found["filters"]["room"] == ["hosts with room", ""]
    assert found["filters"]["filter_by_vm_count"][1] == "maximum_vm_count=[0-9]*"
    assert found["filters"]["all_of_them"] == ["keeps all", "color=red|green"]
    assert found["scores"]["all_of_them"] == ["weighs all the same", "color=red|green"]
    assert found["balance"]["all_of_them"] == ["moves the first", "color=red|green"]
    assert set(found["scores"]) == {"even_vm_distribution", "ksm_same_os_score", "all_of_them"}
    assert set(found["balance"]) == {"vm_count_balance", "host_memory_balance", "all_of_them"}


def test_filters(server: Server) -> None:
    answers(server)
    with server.proxy as proxy:
        both = ["room", "filter_by_vm_count"]
        assert proxy.runFilters(both, ["c", "b", "a"], "vm", {"maximum_vm_count": "3"})["result"] == ["b"]  # type: ignore[call-overload,index]


def test_scores(server: Server) -> None:
    with server.proxy as proxy:
        units = [["even_vm_distribution", 1], ["ksm_same_os_score", 2], ["all_of_them", 3]]
        answer: Any = proxy.runCostFunctions(units, ["a", "b", "x"], "vm", {})
    # 33.3 of the highest score, 100: a has one of three machines with another OS.
    assert answer["result"] == [
        ["a", 3, "even_vm_distribution"],
        ["b", 1, "even_vm_distribution"],
        ["x", 0, "even_vm_distribution"],
        ["a", 66, "ksm_same_os_score"],
        ["b", 0, "ksm_same_os_score"],
        ["x", 0, "ksm_same_os_score"],
        ["a", 50, "all_of_them"],
        ["b", 50, "all_of_them"],
        ["x", 0, "all_of_them"],
    ]
    assert answer["result_code"] == 0
    assert "does not have 1 of the hosts asked about: [x]" in server.log()


def test_balance(server: Server) -> None:
    with server.proxy as proxy:
        ids = ["a", "b", "c"]
        assert proxy.runLoadBalancing("vm_count_balance", ids, {"maximum_vm_count": "2"})["result"] == [
            "v1",
            ["b", "c"],
        ]  # type: ignore[call-overload,index]
        assert proxy.runLoadBalancing("vm_count_balance", ids, {})["result"] == ["", []]  # type: ignore[call-overload,index]
        assert proxy.runLoadBalancing("all_of_them", ids, {})["result"] == ["v1", ["b", "c"]]  # type: ignore[call-overload,index]


@pytest.mark.parametrize(
    ("unit", "message"),
    [("hangs", "2"), ("dies", "3"), ("prints_nonsense", "nonsense"), ("nobody", "no such unit")],
)
def test_a_plugin_that_fails_is_named_and_passed_over(server: Server, unit: str, message: str) -> None:
    with server.proxy as proxy:
        answer: Any = proxy.runFilters([unit, "room"], ["a", "b", "c"], "vm", {})
        assert (answer["result_code"], answer["result"]) == (1, ["a", "b"])
        assert list(answer["plugin_errors"]) == [unit]
        assert message in answer["plugin_errors"][unit][0]
        answer = proxy.runFilters([unit], ["a", "b", "c"], "vm", {})
        assert (answer["result_code"], answer["result"]) == (1, ["a", "b", "c"])
        assert answer["errors"]
    answers(server)


def test_a_hanging_plugin_does_not_hold_up_the_others(server: Server) -> None:
    with server.proxy as slow:
        done = threading.Event()

        def hang() -> None:
            slow.runFilters(["hangs"], ["a"], "vm", {})
            done.set()

        thread = threading.Thread(target=hang)
        thread.start()
        answers(server)
        answers(server)
        assert not done.is_set()
        thread.join(LIMIT)
        assert done.is_set()


APACHE = """<?xml version="1.0" encoding="UTF-8"?>\
<methodCall xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"><methodName>runCostFunctions</methodName><params>\
<param><value><array><data><value><array><data><value>even_vm_distribution</value><value><i4>2</i4></value></data></array></value>\
</data></array></value></param>\
<param><value><array><data><value>a</value><value>b</value></data></array></value></param>\
<param><value>{vm}</value></param><param><value><struct/></value></param></params></methodCall>"""


def test_a_request_as_apaches_client_writes_it(server: Server) -> None:
    received = raw(server.port, post(APACHE.format(vm="vm").encode()))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    (answer,), _ = xmlrpc.client.loads(body)
    assert answer["result"] == [["a", 3, "even_vm_distribution"], ["b", 1, "even_vm_distribution"]]  # type: ignore[index,call-overload]
    with pytest.raises(xmlrpc.client.Fault, match="nil"):
        xmlrpc.client.loads(raw(server.port, post(APACHE.format(vm="<ex:nil/>").encode())).partition(b"\r\n\r\n")[2])
    answers(server)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE: dict[str, bytes] = {
    "not XML": post(b"hello"),
    "empty": post(b""),
    "cut off": post(b"<methodCall><methodName>discover"),
    "billion laughs": post(
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><methodCall><methodName>&l9;</methodName></methodCall>'.encode()
    ),
    "external entity": post(
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><methodCall><methodName>&e;</methodName></methodCall>'
    ),
    "deep": post(b"<methodCall><methodName>discover</methodName>" + b"<params>" * 50_000),
    "oversized": post(b"x" * 100, 5_000_000_000),
    "too large": post(b"<" * (5 << 20)),
    "wrong types": post(b"<methodCall><methodName>runFilters</methodName><params/></methodCall>"),
    "unknown method": post(b"<methodCall><methodName>rm</methodName></methodCall>"),
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "another verb": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no length": b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
    "many headers": b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    "a long line": b"POST /" + b"x" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_after_a_hostile_body_the_next_call_is_answered(server: Server, what: str) -> None:
    received = raw(server.port, HOSTILE[what])
    assert b"root:" not in received
    if received.startswith(b"HTTP/1.1 200"):
        with pytest.raises(xmlrpc.client.Fault):
            xmlrpc.client.loads(received.partition(b"\r\n\r\n")[2])
    else:
        assert re.match(rb"HTTP/1\.[01] [45]\d\d |$", received), received[:200]
    answers(server)


def test_64_clients_for_ten_seconds_lose_nothing(server: Server) -> None:
    stop = time.monotonic() + 10
    wrong: list[object] = []
    counts: list[int] = []

    def work(number: int) -> None:
        count = 0
        try:
            with server.proxy as proxy:
                while time.monotonic() < stop:
                    kept = proxy.runFilters(["room"], ["a", "b", "c", f"x{number}"], "vm", {})["result"]  # type: ignore[call-overload,index]
                    if kept != ["a", "b", f"x{number}"]:
                        wrong.append(kept)
                    count += 1
        except Exception as error:
            wrong.append(error)
        counts.append(count)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert wrong == []
    assert len(counts) == 64
    assert min(counts) > 0
    assert len(re.findall(r"INFO runFilters: ", server.log())) == sum(counts)


def test_a_line_is_logged_for_each_call(server: Server) -> None:
    answers(server)
    server.wait_for(r"runFilters")
    lines = [line for line in server.log().splitlines() if "runFilters" in line]
    assert len(lines) == 1
    assert "filters=[room] hosts=3 kept=2" in lines[0]
    assert re.search(r"\d+(\.\d+)? ms", lines[0])


def test_sighup_reads_the_configuration_again(server: Server) -> None:
    server.configure("filters:\n- {name: other, requirement: RUNNING_VMS > 1}\n")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("again: ")
    with server.proxy as proxy:
        answer: Any = proxy.runFilters(["other"], ["a", "b", "c"], "vm", {})
        assert (answer["result_code"], answer["result"]) == (0, ["a"])
        assert "room" not in proxy.discover()["filters"]  # type: ignore[call-overload,index,operator]
    server.configure("filters:\n- {name: room, requirement: RUNNING_VMS >}\n")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("the configuration stays as it was: ")
    with server.proxy as proxy:
        assert proxy.runFilters(["other"], ["a", "b", "c"], "vm", {})["result"] == ["a"]  # type: ignore[call-overload,index]
    server.configure(UNITS)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("again: ", 2)
    answers(server)


def test_sighup_reads_static_inventories_again(server: Server) -> None:
    answers(server)
    (server.folder / "cloud.json").write_text(
        json.dumps({"hosts": [{**host, "MAX_SCHEDULING_MEMORY": 500_000} for host in HOSTS], "vms": VMS})
    )
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("again: ")
    with server.proxy as proxy:
        assert proxy.runFilters(["room"], ["a", "b", "c"], "vm", {})["result"] == ["a", "b", "c"]  # type: ignore[call-overload,index]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_call_under_way_is_answered_when_the_server_ends(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "slow.py").write_text(
        "import time\nclass slow:\n def do_filter(self, hosts, vm, args):\n  open('begun', 'w').close()\n"
        "  time.sleep(1)\n  return hosts[:1]\n"
    )
    with Server(tmp_path, "plugins: {folder: plugins}\n") as server:
        kept: list[Any] = []

        def call() -> None:
            with server.proxy as proxy:
                kept.append(proxy.runFilters(["slow"], ["a", "b"], "vm", {})["result"])  # type: ignore[call-overload,index]

        thread = threading.Thread(target=call)
        thread.start()
        give_up = time.monotonic() + LIMIT
        while not (tmp_path / "plugins" / "begun").exists():
            assert time.monotonic() < give_up
            time.sleep(0.02)
        server.process.send_signal(number)
        thread.join(LIMIT)
        assert kept == [["a"]]
        assert server.process.wait(LIMIT) == 0
        assert f"{number.name}: ending" in server.log()


HANGING = "import time\nopen('begun', 'a').write('x')\ntime.sleep(600)\n"
HANGS = f"class hangs:\n    def do_filter(self, hosts, vm, args):\n{indent(HANGING, ' ' * 8)}"


def wait_for_begun(folder: Path, count: int = 1) -> None:
    """Wait until plug-ins hang."""
    begun, give_up = folder / "plugins" / "begun", time.monotonic() + LIMIT
    while not begun.exists() or len(begun.read_text()) < count:
        assert time.monotonic() < give_up, (folder / "log").read_text()
        time.sleep(0.02)


def test_an_import_that_hangs_does_not_keep_the_server_from_ending(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "all.py").write_text(PLUGINS)
    server = Server(tmp_path, f"{UNITS}plugins: {{folder: plugins, time_limit: {LIMIT + 40}}}\n")
    server.wait_for("serving on ")
    (tmp_path / "plugins" / "hangs.py").write_text(HANGING)
    server.process.send_signal(signal.SIGHUP)
    wait_for_begun(tmp_path)
    answers(server)
    server.stop()
    server = Server(tmp_path, f"plugins: {{folder: plugins, time_limit: {LIMIT + 40}}}\n")
    wait_for_begun(tmp_path, 2)
    server.process.terminate()
    assert server.process.wait(LIMIT) == -signal.SIGTERM
    give_up = time.monotonic() + LIMIT / 2
    while processes_of(tmp_path / "plugins"):
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_calls_on_what_was_replaced_do_not_keep_the_server_from_ending(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "hangs.py").write_text(HANGS)
    with Server(tmp_path, f"plugins: {{folder: plugins, time_limit: {LIMIT + 40}}}\n") as server:
        ended: list[Exception] = []

        def call() -> None:
            try:
                with server.proxy as proxy:
                    proxy.runFilters(["hangs"], ["a"], "vm", {})
            except (OSError, xmlrpc.client.Error, HTTPException) as error:
                ended.append(error)

        threads = []
        for number in range(1, 4):
            threads.append(threading.Thread(target=call))
            threads[-1].start()
            wait_for_begun(tmp_path, number)
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("again: ", number)
        assert ended == []
        server.process.terminate()
        assert server.process.wait(LIMIT / 2) == 0
        for thread in threads:
            thread.join(LIMIT)


def test_the_engine_discovers_while_all_calls_hang(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "hangs.py").write_text(HANGS)
    plugins = f"plugins: {{folder: plugins, time_limit: {LIMIT + 40}}}\nlimits: {{running: 1, waiting: {LIMIT}}}\n"
    server = Server(tmp_path, plugins)
    server.wait_for("serving on ")
    with socket.create_connection(("127.0.0.1", server.port)) as hanging:
        hanging.sendall(post(xmlrpc.client.dumps((["hangs"], ["a"], "vm", {}), "runFilters").encode()))
        wait_for_begun(tmp_path)
        with server.proxy as proxy:
            assert "hangs" in proxy.discover()["filters"]  # type: ignore[index,operator]
    server.process.kill()
    server.process.wait(LIMIT)


def test_a_plugin_file_that_tells_lies_about_itself_does_not_end_the_server(server: Server) -> None:
    lie = b'{"units": 5}'
    (server.folder / "plugins" / "lies.py").write_text(
        f"import socket\nfor fd in range(3, 100):\n    try: socket.socket(fileno=fd).sendall({len(lie).to_bytes(4)!r} + {lie!r})\n"
        "    except OSError: pass\n"
    )
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("the configuration stays as it was")
    answers(server)


def test_systemd_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(LIMIT)
        with Server(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify")) as server:
            assert receiver.recv(100) == b"READY=1"
            server.process.send_signal(signal.SIGHUP)
            assert [receiver.recv(100), receiver.recv(100)] == [b"RELOADING=1", b"READY=1"]
        assert receiver.recv(100) == b"STOPPING=1"


def run(folder: Path, configuration: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "cloud.json").write_text(json.dumps({"hosts": HOSTS, "vms": VMS}))
    (folder / "ovirt.yaml").write_text(configuration)
    command = [COMMAND, "ovirt", "serve", "--config", "ovirt.yaml", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT)


BROKEN: list[tuple[str, Callable[[Path], str], str]] = [
    ("configuration", lambda folder: "sample: all\n", r"ovirt\.yaml:2: `sample` is not known: did you mean `samples`"),
    ("expression", lambda folder: "filters:\n- {name: x, requirement: A >}\n", r"ovirt\.yaml:3: `filters\[0\]\.requ"),
]


@pytest.mark.parametrize(("what", "configuration", "message"), BROKEN, ids=[each[0] for each in BROKEN])
@pytest.mark.parametrize("options", [(), ("--check",)])
def test_a_configuration_that_is_wrong(
    tmp_path: Path, what: str, configuration: Callable[[Path], str], message: str, options: tuple[str, ...]
) -> None:
    done = run(tmp_path, "inventory: {files: cloud.json}\n" + configuration(tmp_path), *options)
    assert done.returncode == 2
    assert re.search(message, done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_a_plugin_of_python_2_is_refused_at_start(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "old.py").write_text(
        "class old:\n    def do_filter(self, hosts, vm, args):\n        print hosts\n"
    )
    done = run(tmp_path, "inventory: {files: cloud.json}\nplugins: {folder: plugins}\n", *options)
    assert done.returncode == 2
    assert re.search(r"`old\.py`, line 3", done.stderr)
    assert "print(" in done.stderr


def test_an_address_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, f"listen: 127.0.0.1:{port}\ninventory: {{files: cloud.json}}\nsamples: all\n")
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "in use" in done.stderr


def test_check_runs_each_unit_once(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "all.py").write_text(PLUGINS)
    head = "inventory: {files: cloud.json}\nsamples: all\n"
    done = run(tmp_path, head + UNITS, "--check")
    assert done.returncode == 0, done.stderr
    assert re.search(r"room +filter +[\d.]+ +keeps 2 of 3", done.stdout)
    assert re.search(r"even_vm_distribution +weigher +[\d.]+ +weighs 3, from 0 to 3", done.stdout)
    assert re.search(r"host_memory_balance +balancer +[\d.]+ +nothing to do", done.stdout)
    assert "6 units, 0 failing; asked about 3 hosts and the virtual machine new" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    done = run(tmp_path, head + UNITS + "plugins: {folder: plugins, time_limit: 1}\n", "--check")
    assert done.returncode == 1
    assert re.search(r"hangs +filter +[\d.]+ +fails", done.stdout)
    assert re.search(r"^prints_nonsense: .*nonsense", done.stdout, re.MULTILINE)
    done = run(tmp_path, head + "filters:\n- {name: few, requirement: RUNING_VMS < 5}\n", "--check")
    assert done.returncode == 0
    assert "note: few: no host has `RUNING_VMS`; did you mean `RUNNING_VMS`?" in done.stdout


def test_the_systemd_unit(tmp_path: Path) -> None:
    command = [COMMAND, "ovirt", "systemd-unit", "--config", "/etc/x.yaml"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=LIMIT).stdout
    assert f"ExecStart={COMMAND} ovirt serve --config /etc/x.yaml\n" in text
    assert "ExecReload=/bin/kill -HUP $MAINPID\n" in text
    assert "@" not in text
    command[-1] = '/a b%n$x/"c".yaml'
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=LIMIT).stdout
    assert f'ExecStart={COMMAND} ovirt serve --config "/a b%%n$$x/\\"c\\".yaml"\n' in text
