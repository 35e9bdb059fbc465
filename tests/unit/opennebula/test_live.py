"""Reading from a running OpenNebula: a server on this machine that answers as oned does."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

import pytest

from matchmaker.errors import ExtraMissing, MatchmakerError
from matchmaker.opennebula.live import LiveError, read_pools

PASSWORD = "c0rrect-h0rse"
SESSION = f"oneadmin:{PASSWORD}"
TAGS = {
    "vms": "VM_POOL",
    "hosts": "HOST_POOL",
    "datastores": "DATASTORE_POOL",
    "networks": "VNET_POOL",
    "groups": "VM_GROUP_POOL",
    "clusters": "CLUSTER_POOL",
}
METHODS = {
    "one.vmpool.infoextended": "vms",
    "one.hostpool.info": "hosts",
    "one.datastorepool.info": "datastores",
    "one.vnpool.info": "networks",
    "one.vmgrouppool.info": "groups",
    "one.clusterpool.info": "clusters",
}


class Handler(SimpleXMLRPCRequestHandler):
    rpc_paths = ("/RPC2",)


class Oned(SimpleXMLRPCServer):
    """Answers what `answers` holds, and notes the calls."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), requestHandler=Handler, logRequests=False, allow_none=True)
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.answers: dict[str, Any] = {
            method: [True, f"<{TAGS[name]}><A>{name} \N{SNOWMAN} &lt;</A></{TAGS[name]}>", 0, -1, ""]
            for method, name in METHODS.items()
        }

    def _dispatch(self, method: str, params: Any) -> Any:
        self.calls.append((method, tuple(params)))
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/RPC2"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def oned() -> Iterator[Oned]:
    with Oned() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with credentials in it, where OpenNebula's own tools look for them."""
    (tmp_path / ".one").mkdir()
    (tmp_path / ".one" / "one_auth").write_text(SESSION + "\n")
    return tmp_path


def failure(environment: dict[str, str], *names: str, timeout: float = 30.0) -> str:
    """Return what is said, which holds no secret, whatever went wrong."""
    with pytest.raises(LiveError) as caught:
        read_pools(names or ("hosts",), environment=environment, timeout=timeout)
    error: BaseException | None = caught.value
    assert isinstance(error, MatchmakerError)
    assert PASSWORD not in repr(error)
    assert error.__suppress_context__ or error.__context__ is None
    return str(error)


def test_all_pools_are_read_with_the_credentials_and_nothing_is_changed(oned: Oned, home: Path) -> None:
    pools = read_pools(environment={"ONE_XMLRPC": oned.endpoint, "HOME": str(home)})
    assert {name: pool.tag for name, pool in pools.items()} == TAGS
    assert pools["hosts"].findtext("A") == "hosts \N{SNOWMAN} <"
    assert oned.calls == [
        ("one.vmpool.infoextended", (SESSION, -2, -1, -1, -1)),
        ("one.hostpool.info", (SESSION,)),
        ("one.datastorepool.info", (SESSION,)),
        ("one.vnpool.info", (SESSION, -2, -1, -1)),
        ("one.vmgrouppool.info", (SESSION, -2, -1, -1)),
        ("one.clusterpool.info", (SESSION,)),
    ]


def test_only_what_is_asked_for_is_read(oned: Oned, home: Path) -> None:
    pools = read_pools(["networks"], environment={"ONE_XMLRPC": oned.endpoint, "HOME": str(home)})
    assert list(pools) == ["networks"]
    assert [method for method, _ in oned.calls] == ["one.vnpool.info"]


def test_the_endpoint_and_the_credentials_come_from_where_opennebula_has_them(oned: Oned, home: Path) -> None:
    (home / ".one" / "one_endpoint").write_text(f"{oned.endpoint}\n")
    read_pools(["hosts"], environment={"HOME": str(home)})
    other = home / "other_auth"
    other.write_text("guest:guest:with:colons")
    read_pools(["hosts"], environment={"HOME": str(home), "ONE_AUTH": str(other), "ONE_XMLRPC": ""})
    assert [arguments for _, arguments in oned.calls] == [(SESSION,), ("guest:guest:with:colons",)]


def test_what_opennebula_refuses_is_told_without_the_credentials(oned: Oned, home: Path) -> None:
    text = f"[one.hostpool.info] User couldn't be authenticated, aborting.\n{SESSION} {PASSWORD}"
    oned.answers["one.hostpool.info"] = [False, text, 0x0100, -1]
    said = failure({"ONE_XMLRPC": oned.endpoint, "HOME": str(home)})
    assert said == (
        "OpenNebula refuses one.hostpool.info: [one.hostpool.info] User couldn't be authenticated, aborting. *** ***"
        "; is the password in the file that ONE_AUTH names right?"
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("a text", "something that is not OpenNebula's"),
        ([True], "something that is not OpenNebula's"),
        ([True, 7, 0], "something that is not OpenNebula's"),
        ([1, "<HOST_POOL/>", 0], "OpenNebula refuses"),
        ([True, "<HOST_POOL>", 0], "a document that cannot be read: not well-formed XML"),
        ([True, "", 0], "a document that cannot be read: not well-formed XML"),
        (
            [True, "<!DOCTYPE HOST_POOL []><HOST_POOL/>", 0],
            "a document that cannot be read: the document has a DOCTYPE",
        ),
        (RuntimeError(f"boom {SESSION}"), "something that is not XML-RPC"),
    ],
)
def test_answers_that_are_not_opennebulas(oned: Oned, home: Path, answer: Any, said: str) -> None:
    oned.answers["one.hostpool.info"] = answer
    assert said in failure({"ONE_XMLRPC": oned.endpoint, "HOME": str(home)})


def test_an_address_where_there_is_no_xml_rpc(oned: Oned, home: Path) -> None:
    elsewhere = oned.endpoint.replace("RPC2", "elsewhere").replace("//", f"//user:{PASSWORD}@")
    said = failure({"ONE_XMLRPC": elsewhere, "HOME": str(home)})
    port = oned.server_address[1]
    assert said.startswith(f"http://127.0.0.1:{port}/elsewhere answers one.hostpool.info with HTTP status 404")


def test_nobody_listens(home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = failure({"ONE_XMLRPC": f"http://127.0.0.1:{port}/RPC2", "HOME": str(home)})
    assert said == f"no connection to http://127.0.0.1:{port}/RPC2; is oned running, and ONE_XMLRPC right?"


def test_who_never_answers_is_not_waited_for(home: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/RPC2"
        said = failure({"ONE_XMLRPC": endpoint, "HOME": str(home)}, timeout=0.2)
        assert said == f"{endpoint} has not answered one.hostpool.info within 0.2 s"
    assert socket.getdefaulttimeout() is None


@pytest.mark.parametrize("endpoint", ["nonsense", "ftp://host/RPC2", "http://", "http://[half/RPC2", "http://a b\n/"])
def test_an_endpoint_that_is_none(home: Path, endpoint: str) -> None:
    said = failure({"ONE_XMLRPC": endpoint, "HOME": str(home)})
    assert said.startswith("the endpoint is no address such as `http://localhost:2633/RPC2`")


@pytest.mark.parametrize("content", [b"", b"nobody", f"a\n{SESSION}".encode(), f"{SESSION}\0".encode()])
def test_credentials_that_are_none(home: Path, content: bytes) -> None:
    place = home / "auth"
    place.write_bytes(content)
    said = failure({"HOME": str(home), "ONE_AUTH": str(place)})
    assert said == f"{place} does not hold `user:password` in one line, as OpenNebula's own tools have it"


def test_credentials_that_cannot_be_read(home: Path) -> None:
    absent = home / "absent"
    said = failure({"HOME": str(home), "ONE_AUTH": str(absent)})
    assert (
        said == f"cannot read {absent}: No such file or directory; ONE_AUTH names the file that holds `user:password`"
    )
    assert "no such file" in failure({"HOME": str(home), "ONE_AUTH": "a\0b"})
    absent.write_bytes(b"\xff\xfe")
    assert failure({"HOME": str(home), "ONE_AUTH": str(absent)}) == f"{absent} is no text"


def test_without_pyone_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyone", None)
    with pytest.raises(ExtraMissing, match=r"matchmaking-expressions\[live\]"):
        read_pools()


def test_a_redirect_is_not_followed_with_the_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[bytes] = []

    class Thief(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Redirecting(Thief):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{thief.server_port}/RPC2")
            self.end_headers()

    thief, front = (HTTPServer(("127.0.0.1", 0), each) for each in (Thief, Redirecting))
    for server in (thief, front):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    auth = tmp_path / "one_auth"
    auth.write_text(SESSION)
    environment = {"ONE_XMLRPC": f"http://127.0.0.1:{front.server_port}/RPC2", "ONE_AUTH": str(auth)}
    try:
        with pytest.raises(LiveError, match="redirects to another address"):
            read_pools(["hosts"], environment=environment)
    finally:
        for server in (thief, front):
            server.shutdown()
            server.server_close()
    assert seen == []
