"""oVirt's engine calls the server: filters and scores over HTTP, beside a process for each unit and call."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import threading
import uuid
import xmlrpc.client
from ast import literal_eval
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, measure

HOSTS = 500
CLIENTS = 8
CONFIGURATION = """\
listen: 127.0.0.1:{port}
inventory: {{files: cloud.json}}
samples: [filter_by_vm_count, even_vm_distribution]
filters:
- {{name: room, requirement: 'STATUS = "up" and MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY'}}
weighers:
- {{name: roomy, score: FREE_MEMORY - REQUEST.MEMORY}}
"""
PLUGIN = """
import json

class max_vms:
    def do_filter(self, hosts, vm, args):
        known = {host["ID"]: host for host in json.load(open("cloud.json"))["hosts"]}
        print([host for host in hosts if known[host]["RUNNING_VMS"] < int(args.get("maximum_vm_count", 100))])
"""
"""What a plug-in of the old proxy did, with the attributes at hand instead of behind a REST API."""


def serving(settings: Settings) -> list[Row]:
    """Call the server with canned requests whose answers are checked once, by one client and by eight."""
    calls, seconds = (100, 1.0) if settings.quick else (2_000, 8.0)
    cloud, vm = _cloud()
    ids = [host["ID"] for host in cloud["hosts"]]
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cloud.json").write_text(json.dumps(cloud))
        (folder / "max_vms.py").write_text(PLUGIN)
        with _server(folder) as port:
            filters = _canned("runFilters", ["filter_by_vm_count", "room"], ids, vm["ID"], {"maximum_vm_count": "30"})
            scores = _canned("runCostFunctions", [["even_vm_distribution", 1], ["roomy", 2]], ids, vm["ID"], {})
            one = _canned("runFilters", ["filter_by_vm_count"], ids, vm["ID"], {"maximum_vm_count": "30"})
            _check(port, filters, _kept(cloud["hosts"], vm))
            _check(port, scores, _weighed(cloud["hosts"]))
            _check(port, one, [host["ID"] for host in cloud["hosts"] if host["RUNNING_VMS"] < 30])
            rows = []
            for what, request in (("two filters", filters), ("two weighers", scores)):
                rows += [_latency(what, port, request, calls), _throughput(what, port, request, seconds)]
            return [*rows, _beside_processes(folder, port, one, ids, vm["ID"], settings)]


def _cloud() -> tuple[dict[str, Any], dict[str, Any]]:
    def identifier(number: int) -> str:
        return str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128))

    hosts = [
        {
            "ID": identifier(number),
            "NAME": f"host{number}",
            "STATUS": "maintenance" if number % 50 == 7 else "up",
            "RUNNING_VMS": number * 7 % 40,
            "MAX_SCHEDULING_MEMORY": number * 37 % 97 * 1024 * 1024,
            "FREE_MEMORY": number * 53 % 89 * 1024 * 1024,
        }
        for number in range(1, HOSTS + 1)
    ]
    vm = {"ID": identifier(10_001), "NAME": "vm", "MEMORY": 16 * 1024 * 1024}
    return {"hosts": hosts, "vms": [vm]}, vm


def _kept(hosts: Sequence[dict[str, Any]], vm: dict[str, Any]) -> list[str]:
    return [
        host["ID"]
        for host in hosts
        if host["RUNNING_VMS"] < 30 and host["STATUS"] == "up" and host["MAX_SCHEDULING_MEMORY"] >= vm["MEMORY"]
    ]


def _weighed(hosts: Sequence[dict[str, Any]]) -> list[list[Any]]:
    most = max(host["FREE_MEMORY"] for host in hosts)
    even = [[host["ID"], host["RUNNING_VMS"], "even_vm_distribution"] for host in hosts]
    return even + [[host["ID"], most - host["FREE_MEMORY"], "roomy"] for host in hosts]


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    """Run the command as users do; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    (folder / "ovirt.yaml").write_text(CONFIGURATION.format(port=port))
    command = [str(Path(sysconfig.get_path("scripts")) / "matchmaker"), "ovirt", "serve", "--config", "ovirt.yaml"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stderr=log) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = perf_counter() + 30
    while process.poll() is None and perf_counter() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            continue
        return
    raise RuntimeError("the server does not start")


def _canned(method: str, *parameters: Any) -> bytes:
    """Return a request as the engine's client writes it: no blanks, and texts without a tag."""
    params = "".join(f"<param>{_value(each)}</param>" for each in parameters)
    extensions = "http://ws.apache.org/xmlrpc/namespaces/extensions"
    call = (
        f'<methodCall xmlns:ex="{extensions}"><methodName>{method}</methodName><params>{params}</params></methodCall>'
    )
    body = ('<?xml version="1.0" encoding="UTF-8"?>' + call).encode()
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"<value><array><data>{''.join(map(_value, value))}</data></array></value>"
    if isinstance(value, dict):
        members = (f"<member><name>{name}</name>{_value(each)}</member>" for name, each in value.items())
        return f"<value><struct>{''.join(members)}</struct></value>"
    return f"<value><i4>{value}</i4></value>" if isinstance(value, int) else f"<value>{value}</value>"


class _Client:
    """A connection that sends canned requests and reads answers."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        wanted = int(fields[b"content-length"])
        while len(body) < wanted:
            body += self._more()
        return body

    def _more(self) -> bytes:
        data = self._socket.recv(1 << 18)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data

    def close(self) -> None:
        self._socket.close()


def _check(port: int, request: bytes, wanted: object) -> None:
    client = _Client(port)
    (answer,), _ = xmlrpc.client.loads(client.call(request))
    client.close()
    assert isinstance(answer, dict)
    check("the server", (answer["result_code"], answer["result"]), (0, wanted))


def _latency(what: str, port: int, request: bytes, calls: int) -> Row:
    client = _Client(port)
    answer = client.call(request)
    for _ in range(50):
        client.call(request)
    times = []
    for _ in range(calls):
        begin = perf_counter()
        same = client.call(request) == answer
        times.append(perf_counter() - begin)
        check(what, same, True)
    client.close()
    slowest = sorted(times)[int(len(times) * 0.99)]
    return Row(
        f"{what} on {HOSTS} hosts, one client, 99th percentile",
        slowest,
        "call",
        f"median {duration(median(times))}",
        target="under 5 ms",
        reached=slowest < 0.005,
    )


def _throughput(what: str, port: int, request: bytes, seconds: float) -> Row:
    counts = [0] * CLIENTS
    stop = threading.Event()

    def work(number: int) -> None:
        client = _Client(port)
        answer = client.call(request)
        while not stop.is_set():
            if client.call(request) != answer:
                counts[number] = -1_000_000_000
            counts[number] += 1
        client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    begin = perf_counter()
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    rate = sum(counts) / (perf_counter() - begin)
    check(what, min(counts) > 0, True)
    return Row(
        f"{what} on {HOSTS} hosts, {CLIENTS} clients",
        1 / rate,
        "call",
        amount=f"{rate:,.0f} calls per second",
        target="300 calls per second",
        reached=rate >= 300,
        note=f"{os.cpu_count()} cores, which the clients share",
    )


def _beside_processes(folder: Path, port: int, request: bytes, ids: list[str], vm: str, settings: Settings) -> Row:
    arguments = repr((ids, vm, {"maximum_vm_count": "30"}))
    script = f"import max_vms; max_vms.max_vms().do_filter(*{arguments})"
    client = _Client(port)
    (answer,), _ = xmlrpc.client.loads(client.call(request))
    check("a plug-in", literal_eval(_output(folder, script)), answer["result"])  # type: ignore[index,call-overload]
    subjects = [
        Subject("server", lambda: client.call(request), warm=5, clock=perf_counter),
        Subject("plug-in", lambda: _output(folder, script), warm=0, clock=perf_counter),
        Subject("nothing", lambda: _output(folder, "pass"), warm=0, clock=perf_counter),
    ]
    times = measure(subjects, settings.rounds(41))
    client.close()
    ratio = times.ratio("plug-in", "server")
    return Row(
        "one filter as a Python process for each call, as the old proxy had it",
        times.median("plug-in"),
        "call",
        f"the server, {duration(times.median('server'))}; `python3 -c pass`, {duration(times.median('nothing'))}",
        ratio,
        "the server at least 10 times better",
        ratio >= 10,
    )


def _output(folder: Path, script: str) -> str:
    # The old proxy gave the script on the command line, too.
    return subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, capture_output=True, text=True).stdout
