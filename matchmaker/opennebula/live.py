"""The pools of a running OpenNebula, read over XML-RPC with pyone; nothing is changed there."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from xmlrpc.client import ProtocolError

from matchmaker.errors import DocumentError, ExtraMissing, MatchmakerError
from matchmaker.opennebula.parsing import Element, parse

TIMEOUT = 60.0
"""How many seconds an answer may take."""
ENDPOINT = "http://localhost:2633/RPC2"
"""Where OpenNebula listens unless it is told otherwise."""

_EVERYTHING = -2
_WHOLE = (_EVERYTHING, -1, -1)
_CALLS: dict[str, tuple[str, tuple[int, ...]]] = {
    "vms": ("one.vmpool.infoextended", (*_WHOLE, -1)),
    "hosts": ("one.hostpool.info", ()),
    "datastores": ("one.datastorepool.info", ()),
    "networks": ("one.vnpool.info", _WHOLE),
    "groups": ("one.vmgrouppool.info", _WHOLE),
    "clusters": ("one.clusterpool.info", ()),
}
"""The call for each pool, and its arguments: all that the user may see, all pages, and of VMs all that are not done."""
_AUTHENTICATION = 0x0100
_LARGEST_FILE = 64 * 1024


class LiveError(MatchmakerError):
    """A running OpenNebula cannot be asked, or does not answer as it should; what it says names no secret."""


def read_pools(
    names: Iterable[str] = tuple(_CALLS), *, environment: Mapping[str, str] = os.environ, timeout: float = TIMEOUT
) -> dict[str, Element]:
    """Read pools from a running OpenNebula.

    The endpoint is that of ONE_XMLRPC, else of the file `~/.one/one_endpoint`, else OpenNebula's default. The credentials,
    `user:password`, are in the file that ONE_AUTH names, else in `~/.one/one_auth`.

    Parameters
    ----------
    names : iterable of str
        Which: `vms`, `hosts`, `datastores`, `networks`, `groups`, `clusters`; all unless told otherwise.
    environment : mapping of str to str
        Where ONE_XMLRPC, ONE_AUTH and HOME are looked up.
    timeout : float
        How many seconds one answer may take.

    Returns
    -------
    dict of str to Element
        The pools by name, as `simulate` takes them.

    Raises
    ------
    LiveError
        If OpenNebula cannot be asked, or refuses to answer.
    ExtraMissing
        If pyone is not installed.
    """
    try:
        import pyone  # type: ignore[import-untyped]
    except ImportError:
        raise ExtraMissing("live", "reading from a running OpenNebula") from None
    endpoint = _endpoint(environment)
    session = _session(environment)
    server = pyone.OneServer(endpoint, session=session, protocol="xmlrpc")
    transport = server("transport")
    transport.request = functools.partial(_post, transport, timeout)
    return {name: _pool(server, session, *_CALLS[name], endpoint=_shown(endpoint), timeout=timeout) for name in names}


def _pool(
    server: Any, session: str, method: str, arguments: tuple[int, ...], *, endpoint: str, timeout: float
) -> Element:
    """Return the pool that a call brings."""
    answer = _answer(server, method, (session, *arguments), endpoint, timeout)
    if not isinstance(answer, list | tuple) or len(answer) < 2 or not isinstance(answer[1], str):
        raise LiveError(f"{endpoint} answers {method} with something that is not OpenNebula's")
    succeeded, body, code = answer[0], answer[1], answer[2] if len(answer) > 2 else 0
    if succeeded is not True:
        hint = "; is the password in the file that ONE_AUTH names right?" if code == _AUTHENTICATION else ""
        raise LiveError(f"OpenNebula refuses {method}: {_without(session, body)}{hint}")
    try:
        return parse(body, large=True)
    except DocumentError as error:
        raise LiveError(f"{endpoint} answers {method} with a document that cannot be read: {error}") from None


def _post(
    transport: Any, timeout: float, host: str, handler: str, body: bytes, verbose: bool = False, **others: Any
) -> Any:
    """Make a request as pyone does, but for redirects: the password, which is in it, is for nobody else."""
    import requests

    url = transport._build_url(host, handler)
    with requests.post(
        url, data=body, headers=transport.headers, verify=transport.https_verify, timeout=timeout, allow_redirects=False
    ) as answer:
        if answer.status_code != requests.codes.ok:
            raise ProtocolError(url, answer.status_code, "", {})
        return transport.parse_response(answer)


def _answer(server: Any, method: str, arguments: tuple[Any, ...], endpoint: str, timeout: float) -> Any:
    """Return what a call is answered, as it comes.

    pyone sets no time limit on its requests, and what it makes of XML keeps neither the order of elements nor their texts. So
    the call is made in a thread that is not waited for any longer, and by the method whose answer pyone would translate.
    """
    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(server._do_request(method, arguments))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=ask, name=method, daemon=True)
    thread.start()
    thread.join(timeout)
    if not found:
        raise LiveError(f"{endpoint} has not answered {method} within {timeout:g} s")
    if isinstance(found[0], Exception):
        raise LiveError(_failure(found[0], endpoint, method))
    return found[0]


def _failure(error: Exception, endpoint: str, method: str) -> str:
    """Say what went wrong, without the words of a library: they may hold the whole request."""
    status = getattr(error, "errcode", None)
    if isinstance(status, int) and 300 <= status < 400:
        return f"{endpoint} redirects to another address, which is not followed; set ONE_XMLRPC to where OpenNebula is"
    if isinstance(status, int):
        return f"{endpoint} answers {method} with HTTP status {status}; is it OpenNebula's XML-RPC endpoint?"
    if "SSL" in type(error).__name__:
        return f"the certificate of {endpoint} is not trusted; REQUESTS_CA_BUNDLE may name the file of its authority"
    if isinstance(error, OSError):
        return f"no connection to {endpoint}; is oned running, and ONE_XMLRPC right?"
    return f"{endpoint} answers {method} with something that is not XML-RPC"


def _endpoint(environment: Mapping[str, str]) -> str:
    text = environment.get("ONE_XMLRPC", "").strip()
    if not text:
        place = _home(environment) / "one_endpoint"
        text = (_content(place).strip() if place.is_file() else "") or ENDPOINT
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()
    except ValueError:
        usable = False
    if not usable:
        raise LiveError(f"the endpoint is no address such as `{ENDPOINT}`; ONE_XMLRPC or ~/.one/one_endpoint sets it")
    return text


def _session(environment: Mapping[str, str]) -> str:
    named = environment.get("ONE_AUTH", "")
    place = Path(named) if named else _home(environment) / "one_auth"
    text = _content(place).strip()
    if ":" not in text or not text.isprintable():
        raise LiveError(f"{place} does not hold `user:password` in one line, as OpenNebula's own tools have it")
    return text


def _content(place: Path) -> str:
    try:
        with place.open("rb") as file:
            return file.read(_LARGEST_FILE).decode()
    except UnicodeDecodeError:
        raise LiveError(f"{place} is no text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "there can be no such file"
        raise LiveError(f"cannot read {place}: {reason}; ONE_AUTH names the file that holds `user:password`") from None


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home(), ".one")


def _shown(endpoint: str) -> str:
    """Return an endpoint without what may be secret in it."""
    parts = urlsplit(endpoint)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _without(session: str, text: str) -> str:
    """Return what OpenNebula says, in one line and without the credentials, should it repeat them."""
    for secret in (session, session.partition(":")[2]):
        text = text.replace(secret, "***") if secret else text
    return " ".join(text.split())[:300]
