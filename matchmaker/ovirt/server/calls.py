"""Answers the bodies of requests: reads the call, lets the method answer, and writes that down. One line is logged for each."""

from __future__ import annotations

import inspect
import logging
import threading
import traceback
from collections.abc import Callable, Collection, Mapping
from time import perf_counter
from typing import NamedTuple

from matchmaker.diagnostics import shorten, shown
from matchmaker.errors import MatchmakerError
from matchmaker.ovirt.server.answers import Answer, BadParameters, Retired
from matchmaker.ovirt.server.messages import Fault, FaultCode, MethodCall
from matchmaker.ovirt.server.reading import read_call
from matchmaker.ovirt.server.swift_reading import read_swiftly
from matchmaker.ovirt.server.writing import write_answer, write_fault

logger = logging.getLogger("matchmaker.ovirt")

_SHORT = 1_000  # bytes of a call that is read before it has its turn
_LONGEST = 300  # columns of what a line of the log says about a call


class Busy(MatchmakerError):
    """As many calls as may run at once have been running for as long as a further one may wait."""


class Calls:
    """Methods, and how many of them run at once.

    Parameters
    ----------
    methods : mapping of str to callable
        What answers calls, by name; a call's parameters are passed by position. What a `BadParameters` says is told to the
        client, what any other exception says only to the log.
    running : int
        How many calls run at once.
    waiting : float
        How many seconds a call may wait for its turn.
    at_once : collection of str
        The methods that need no turn, as they wait for nobody: what is sent to them is short.
    """

    def __init__(
        self,
        methods: Mapping[str, Callable[..., Answer]],
        *,
        running: int,
        waiting: float,
        at_once: Collection[str] = (),
    ) -> None:
        self.methods = methods
        self._at_once = frozenset(at_once)
        self._turns = threading.BoundedSemaphore(running)
        self._waiting = waiting

    @property
    def methods(self) -> Mapping[str, Callable[..., Answer]]:
        """What answers calls, by name; other methods, when they are set, answer the calls that come from then on."""
        return {name: method.function for name, method in self._methods.items()}

    @methods.setter
    def methods(self, methods: Mapping[str, Callable[..., Answer]]) -> None:
        self._methods = {name: _Method(function, inspect.signature(function)) for name, function in methods.items()}

    def answer(self, body: bytes) -> bytes:
        """Return the body that answers a request's body: what a method answers, or a fault.

        Raises
        ------
        Busy
            If the call does not get its turn.
        """
        start = perf_counter()
        if self._needs_no_turn(body):
            done = self._done(body)
        else:
            done = self._done_in_turn(body)
        logger.log(
            logging.WARNING if done.failed else logging.INFO,
            "%s: %.1f ms, %d bytes, answered with %d: %s",
            shorten(done.name),
            (perf_counter() - start) * 1_000,
            len(body),
            len(done.answer),
            shorten(done.outcome, _LONGEST),
        )
        return done.answer

    def _needs_no_turn(self, body: bytes) -> bool:
        if len(body) > _SHORT or not self._at_once:
            return False
        call = read_swiftly(body)
        return call is not None and call.name in self._at_once

    def _done_in_turn(self, body: bytes) -> _Done:
        if not self._turns.acquire(timeout=self._waiting):
            logger.warning("a call of %d bytes has not got its turn within %g s", len(body), self._waiting)
            raise Busy(f"too many calls are running, and this one has waited for {self._waiting:g} s: try again later")
        try:
            return self._done(body)
        finally:
            self._turns.release()

    def _done(self, body: bytes) -> _Done:
        name = "unread call"
        try:
            call = read_call(body)
            name = call.name
            try:
                answer = self._method(call)(*call.parameters)
            except Retired:  # between looking it up and calling it
                answer = self._method(call)(*call.parameters)
            return _Done(name, write_answer(answer.value), answer.summary or "done")
        except Fault as error:
            return _failed(name, error)
        except BadParameters as error:
            return _failed(name, Fault(FaultCode.INVALID_PARAMETERS, f"`{shorten(name)}`: {error}"))
        except BaseException as error:  # `SystemExit` too: nobody else would answer
            # The frames are lines of programs, but the message of an exception may be a stranger's.
            frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
            logger.error("%s raises %s\n%s", shorten(name), shown(error), frames)
            return _failed(
                name, Fault(FaultCode.INTERNAL_ERROR, f"`{shorten(name)}` failed; the server's log tells why")
            )

    def _method(self, call: MethodCall) -> Callable[..., Answer]:
        methods = self._methods
        method = methods.get(call.name)
        if method is None:
            there = ", ".join(f"`{name}`" for name in methods)
            raise Fault(FaultCode.UNKNOWN_METHOD, f"there is no method `{shorten(call.name)}`; there are {there}")
        try:
            method.signature.bind(*call.parameters)
        except TypeError:
            wanted = f"{call.name}({', '.join(method.signature.parameters)})"
            message = f"`{wanted}` got another number of parameters: {len(call.parameters)}"
            raise Fault(FaultCode.INVALID_PARAMETERS, message) from None
        return method.function


class _Method(NamedTuple):
    function: Callable[..., Answer]
    signature: inspect.Signature


class _Done(NamedTuple):
    """A call that was answered, and what the log says about it."""

    name: str
    answer: bytes
    outcome: str
    failed: bool = False


def _failed(name: str, fault: Fault) -> _Done:
    return _Done(name, write_fault(fault), str(fault), failed=True)
