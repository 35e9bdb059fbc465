"""Where a plug-in file's process begins: it imports the file, tells what it found, and serves calls.

The server sends what to do over a socket, whose number is the first argument: settings in JSON, then the file's content.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

from . import calls, stand_in
from .bounded_files import BoundedFile
from .frames import BrokenFrame, read_frame, write_frame
from .plugin_file import Plugin, described, import_file, line_of, units
from .python2 import MOST, findings
from .serving import MOST_SAID, PR_SET_PDEATHSIG, Server, prctl

_MIB = 1024 * 1024
_FIXED = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}
"""Signals that nobody can handle, or that Python always ignores."""


def main() -> None:
    """Serve calls of one plug-in file until the server is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        settings = json.loads(read_frame(control))
        source = read_frame(control)
        _prepare(settings)
        inventory = stand_in.Inventory()
        stand_in.install(inventory)
        report, plugin = _load(settings, source)
        write_frame(control, json.dumps(report).encode())
        if plugin is not None:
            _serve(control, plugin, inventory)
    except (BrokenFrame, OSError):  # the server is gone
        pass
    if os.getpgrp() == os.getpid():  # processes that the file has started while it was imported end too
        os.killpg(0, signal.SIGKILL)
    os._exit(0)  # and its threads keep nobody waiting


def _prepare(settings: Mapping[str, Any]) -> None:
    # What the server ignores or blocks would be passed on to all that plug-ins start.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in signal.valid_signals() - _FIXED:
        signal.signal(number, signal.SIG_DFL)
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    memory = settings["memory"] * _MIB
    if allowed != resource.RLIM_INFINITY:
        memory = min(memory, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # If the server dies meanwhile, nobody else ends an import that hangs. Its thread waits for as long as the import takes.
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)()
    signal.setitimer(signal.ITIMER_REAL, settings["seconds"] + 1)
    sys.argv[:] = ["-c"]
    sys.path.insert(0, settings["folder"])


def _load(settings: Mapping[str, Any], source: bytes) -> tuple[dict[str, Any], Plugin | None]:
    """Return what to tell about the file, and the file itself where it can be taken."""
    path = settings["path"]
    try:
        old = findings(source, path)
        if old:
            return {"changes": [found._asdict() for found in old[:MOST]], "more": max(0, len(old) - MOST)}, None
        said = BoundedFile()
        _write_to(said.descriptor)
        try:
            plugin = import_file(path, settings["module"], source)
        except BaseException as error:
            failure = "memory" if isinstance(error, MemoryError) else described(error)
            return {"failure": failure, "line": line_of(error, path)}, None
        calls.flush()
        report = {"units": list(units(plugin)), "said": said.read(most=MOST_SAID)}
        said.close()
    except MemoryError:
        return {"failure": "memory"}, None
    signal.setitimer(signal.ITIMER_REAL, 0)
    prctl(PR_SET_PDEATHSIG, 0)()
    return report, plugin


def _write_to(descriptor: int) -> None:
    """Let standard output and standard error go to a file, whatever the environment says of encodings."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        os.dup2(descriptor, number)
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _serve(control: socket.socket, plugin: Plugin, inventory: stand_in.Inventory) -> None:
    def run(connection: socket.socket, output: BoundedFile) -> dict[str, Any]:
        request = json.loads(read_frame(connection))

        def ask(question: Mapping[str, str]) -> Any:
            write_frame(connection, json.dumps(question).encode())
            return json.loads(read_frame(connection))

        inventory.connect(ask)
        return calls.outcome(plugin, request, output)

    # Children share what is there now; the collector must not write to it in each of them.
    gc.collect()
    gc.freeze()
    Server(control, run).serve()
