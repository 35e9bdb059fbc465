"""The server as a process: it serves until SIGTERM or SIGINT, and reads its configuration again at SIGHUP."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
import traceback
from pathlib import Path

from matchmaker.diagnostics import shorten, shown
from matchmaker.errors import MatchmakerError
from matchmaker.ovirt.server.http import RpcServer
from matchmaker.ovirt.server.loaded import Loaded

logger = logging.getLogger("matchmaker.ovirt")

_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGTERM})
_FINISHING = 10.0  # seconds for calls under way when the server ends
_RETIRING = 120.0  # seconds for calls under way on what a reload replaced: the engine waits no longer


def serve(path: Path) -> None:
    """Serve as a configuration says, until SIGTERM or SIGINT.

    It has to be called in the main thread.

    Parameters
    ----------
    path : Path
        The configuration's file, read again at SIGHUP; when it cannot be used then, all stays as it was.

    Raises
    ------
    ConfigurationError
        If the configuration cannot be used, or its address is taken.
    PluginError
        If a plug-in file cannot be taken.
    """
    # Until it serves, SIGTERM and SIGINT do what they always do: importing plug-in files may take long.
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        server = _Server(path)
        # Blocked before any thread starts, the signals reach nobody but `sigwait`.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        server.run()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)


class _Server:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._loaded = Loaded(path)
        configuration = self._loaded.configuration
        try:
            self._http = RpcServer(
                configuration.address,
                configuration.port,
                self._loaded.service.methods,
                at_once=["discover"],  # the engine asks once, when it starts: other calls must not hold that up
                **configuration.limits,
            )
        except MatchmakerError:
            self._loaded.close(wait=0)
            raise
        self._retiring: dict[Loaded, threading.Thread] = {}
        self._asked = threading.Event()

    def run(self) -> None:
        _settle()
        self._http.start()
        # In a thread of its own, so that a plug-in file whose import hangs does not keep the server from ending.
        threading.Thread(target=self._reload_when_asked, name="reloading", daemon=True).start()
        logger.info("serving on %s: %s", self._http.address, self._units())
        notify("READY=1")
        try:
            while (number := signal.sigwait(_SIGNALS)) == signal.SIGHUP:
                self._asked.set()
            logger.info("%s: ending", signal.Signals(number).name)
        finally:
            notify("STOPPING=1")
            self._http.stop(_FINISHING)
            for loaded in (self._loaded, *self._retiring):  # nobody is left to read an answer
                loaded.close(wait=0)

    def _reload_when_asked(self) -> None:
        while self._asked.wait():
            self._asked.clear()
            notify("RELOADING=1")
            self._reload()
            notify("READY=1")

    def _reload(self) -> None:
        try:
            loaded = Loaded(self._path)
        except MatchmakerError as error:
            logger.error("the configuration stays as it was: %s", shorten(str(error), 2_000))
            return
        except Exception as error:  # whatever is wrong, the engine goes on being served
            frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
            logger.error("the configuration stays as it was: reading it fails by %s\n%s", shown(error), frames)
            return
        before, self._loaded = self._loaded, loaded
        self._http.methods = loaded.service.methods
        old, new = before.configuration, loaded.configuration
        if (old.address, old.port, old.limits) != (new.address, new.port, new.limits):
            logger.warning("`listen` and `limits` changed: that takes effect when the server is started again")
        thread = threading.Thread(target=before.close, kwargs={"wait": _RETIRING}, name="retiring", daemon=True)
        still = {each: closing for each, closing in self._retiring.items() if closing.is_alive()}
        self._retiring = {**still, before: thread}
        thread.start()
        _settle()
        logger.info("read %s again: %s", self._path, self._units())

    def _units(self) -> str:
        loaded = self._loaded
        return f"{len(loaded.filters)} filters, {len(loaded.weighers)} weighers, {len(loaded.balancers)} balancers"


def _settle() -> None:
    """Keep the garbage collector from looking through all that stays, such as a large inventory, during calls."""
    gc.collect()
    gc.freeze()


def notify(state: str) -> None:
    """Tell systemd how far the server is, where it asks to be told (sd_notify(3))."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.sendto(state.encode(), "\0" + place[1:] if place.startswith("@") else place)
        except OSError as error:
            logger.warning("systemd cannot be told: %s", error)
