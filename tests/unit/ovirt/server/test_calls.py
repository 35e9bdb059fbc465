"""What calls are answered, and what is logged about them."""

from __future__ import annotations

import logging
import sys
import threading
from typing import NoReturn

import pytest

from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.server.answers import Answer, Retired
from matchmaker.ovirt.server.http import RpcServer
from tests.unit.ovirt.server.wire import PATIENCE, Wire, call, comes_true, fault_of, post, proxy, serving, works


def ask(server: RpcServer, body: bytes) -> tuple[int, str]:
    """Return the fault that a body is answered with; a call after it works."""
    with Wire(server) as wire:
        fault = fault_of(wire.ask(post(body)))
    assert works(server)
    return fault


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        f"{record.levelname} {record.getMessage()}" for record in caplog.records if record.name == "matchmaker.ovirt"
    ]


def test_methods_get_what_was_sent_and_their_answers_arrive(server: RpcServer) -> None:
    with proxy(server) as client:
        for value in ("", "\N{SNOWMAN} <&>", 7, True, [["a", 1], []], {"a": {"b": ["c"]}}):
            assert client.echo(value) == value


def test_an_unknown_method_is_a_fault_that_names_those_there_are(server: RpcServer) -> None:
    assert ask(server, call("system.listMethods")) == (
        -32601,
        "there is no method `system.listMethods`; there are `echo`, `texts`",
    )
    assert ask(server, call("__class__"))[0] == -32601
    code, message = ask(server, call("x" * 1_000_000))
    assert code == -32601
    assert len(message) < 200


def test_parameters_that_are_too_few_or_too_many_are_a_fault(server: RpcServer) -> None:
    assert ask(server, call("echo"))[0] == -32602
    code, message = ask(server, call("echo", 1, 2, 3))
    assert code == -32602
    assert message == "`echo(value)` got another number of parameters: 3"


def test_parameters_that_a_method_does_not_take_are_a_fault(server: RpcServer) -> None:
    assert ask(server, call("texts", 1)) == (-32602, "`texts`: the texts must be an array of strings")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"no xml", -32700),
        (b"<!DOCTYPE a><methodCall/>", -32600),
        (b"<methodResponse/>", -32600),
        (call("echo").replace(b"<params>", b"<params><param><value><nil/></value></param>"), -32602),
    ],
)
def test_what_cannot_be_read_is_a_fault(server: RpcServer, body: bytes, code: int) -> None:
    assert ask(server, body)[0] == code


def raises_value_error() -> NoReturn:
    raise ValueError("secret\n2025-01-01 INFO forged line\x1b[31m")


def raises_library_error() -> NoReturn:
    raise InventoryError("secret")


def exits() -> NoReturn:
    sys.exit("secret")


def recurses() -> Answer:
    return recurses()


def answers_a_float() -> Answer:
    return Answer([1.5])


def answers_a_large_number() -> Answer:
    return Answer({"a": 2**31})


def answers_itself() -> Answer:
    value: list[object] = []
    value.append(value)
    return Answer(value)


@pytest.mark.parametrize(
    "method",
    [
        raises_value_error,
        raises_library_error,
        exits,
        recurses,
        answers_a_float,
        answers_a_large_number,
        answers_itself,
        lambda: 1,
    ],
)
def test_a_method_that_fails_is_a_fault_and_the_connection_goes_on(
    method: object, caplog: pytest.LogCaptureFixture
) -> None:
    with serving({"fail": method, "echo": Answer}) as server, Wire(server) as wire:
        fault = fault_of(wire.ask(post(call("fail"))))
        assert fault == (-32603, "`fail` failed; the server's log tells why")
        assert wire.ask(post(call("echo", "still here"))).value == "still here"
    (error,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert error.getMessage().startswith("fail raises ")
    assert "calls.py" in error.getMessage()


def test_what_an_exception_says_cannot_forge_lines_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with serving({"fail": raises_value_error}) as server, Wire(server) as wire:
        wire.ask(post(call("fail")))
    (error,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    lines = error.splitlines()
    assert lines[0].startswith("fail raises ValueError('secret\\n2025-01-01 INFO forged line\\x1b[31m')")
    assert all(line.startswith("  ") for line in lines[1:])


def test_one_line_is_logged_for_each_call(server: RpcServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "matchmaker.ovirt")
    body = call("echo", "a")
    with Wire(server) as wire:
        answer = wire.ask(post(body))
        wire.ask(post(call("texts", [])))
        wire.ask(post(call("none")))
        wire.ask(post(b"<"))
    assert comes_true(lambda: len(messages(caplog)) == 4)
    first, second, third, fourth = messages(caplog)
    assert first.startswith("INFO echo: ")
    assert f" ms, {len(body)} bytes, answered with {len(answer.body)}: echoed a" in first
    assert second.endswith(": done")
    assert third.startswith("WARNING none: ")
    assert "fault -32601: there is no method `none`" in third
    assert fourth.startswith("WARNING unread call: ")
    assert "fault -32700" in fourth


def test_what_strangers_write_is_one_short_line_in_the_log(server: RpcServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "matchmaker.ovirt")
    hostile = "a\nINFO forged\r\x1b[31m\u2028\u202e" + "x" * 10_000
    with Wire(server) as wire:
        wire.ask(post(call("echo", hostile)))
        wire.ask(post(call(hostile)))
        wire.ask(post(b"<methodCall>" + hostile.encode().replace(b"\x1b", b"") + b"<a/></methodCall>"))
    assert comes_true(lambda: len(messages(caplog)) == 3)
    for line in messages(caplog):
        assert line.isprintable()
        assert len(line) < 500


def test_methods_can_be_changed_between_calls(server: RpcServer) -> None:
    with Wire(server) as wire:
        assert wire.ask(post(call("echo", "a"))).value == "a"
        server.methods = {"double": lambda value: Answer(value + value)}
        assert wire.ask(post(call("double", "a"))).value == "aa"
        assert fault_of(wire.ask(post(call("echo", "a"))))[0] == -32601
    assert list(server.methods) == ["double"]


def test_a_call_whose_method_is_closed_before_it_begins_gets_the_one_that_replaces_it() -> None:
    def closed() -> NoReturn:
        server.methods = {"closed": lambda: Answer("new")}
        raise Retired

    with serving({"closed": closed}) as server, proxy(server) as client:
        assert client.closed() == "new"


def test_a_call_under_way_is_answered_by_the_method_it_came_for() -> None:
    entered, free = threading.Event(), threading.Event()

    def slow() -> Answer:
        entered.set()
        assert free.wait(PATIENCE)
        return Answer("old")

    with serving({"slow": slow}) as server, Wire(server) as first, Wire(server) as second:
        first.send(post(call("slow")))
        assert entered.wait(PATIENCE)
        server.methods = {"slow": lambda: Answer("new")}
        assert second.ask(post(call("slow"))).value == "new"
        free.set()
        assert first.receive().value == "old"
