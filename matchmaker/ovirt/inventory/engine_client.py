"""GET requests to oVirt's engine, in JSON over HTTPS, with a bound on everything: time, size, repetitions.

The protocol: version 4 of the API, https://ovirt.github.io/ovirt-engine-api-model/4.5/. With `Prefer: persistent-auth` the engine
keeps a session, whose cookie spares it to check the password each time.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from matchmaker.errors import ExtraMissing
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.credentials import Credentials
from matchmaker.ovirt.inventory.engine_failures import PassingFailure, not_json, refusal, untrusted, untrusted_message
from matchmaker.ovirt.inventory.engine_settings import checked_url, trusted

if TYPE_CHECKING:
    import httpx

_LOGGER = logging.getLogger("matchmaker.ovirt")
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # so that what comes over the wire is as large as what is kept
    "Prefer": "persistent-auth",
    "User-Agent": "matchmaker",
    "Version": "4",
}
_CONNECTIONS = 16
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_LARGEST_REFUSAL = 64 * 1024


class EngineClient:
    """A client of one engine; threads may share it. For the parameters see `EngineInventory`."""

    def __init__(
        self,
        *,
        url: str,
        credentials: Credentials,
        ca_file: Path | None,
        connect_timeout: float,
        timeout: float,
        retries: int,
        largest: int,
        proxy_from_environment: bool,
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise ExtraMissing("ovirt", "reading from an oVirt engine") from None
        self.url = checked_url(url)
        self._connect_timeout = connect_timeout
        self._timeout = timeout
        self._retries = retries
        self._largest = largest
        self._closed = threading.Event()
        logging.getLogger("httpcore.http11").addFilter(_WITHOUT_COOKIES)
        self._http = httpx.Client(
            auth=httpx.BasicAuth(credentials.username, credentials.password),
            headers=_HEADERS,
            verify=trusted(ca_file),
            trust_env=proxy_from_environment and self.url.startswith("https:"),
            follow_redirects=False,
            limits=httpx.Limits(max_connections=_CONNECTIONS),
        )

    def get(self, path: str, *, deadline: float, may_be_missing: bool = False) -> Any:
        """Return what the engine answers.

        Parameters
        ----------
        path : str
            What to ask for, below the API's address.
        deadline : float
            Until when, in seconds of `time.monotonic`.
        may_be_missing : bool
            Whether to return None where there is nothing (HTTP status 404).

        Raises
        ------
        InventoryError
            If it cannot be asked, or does not answer as it should.
        """
        repetition = 0
        while True:
            try:
                return self._answer(path, deadline, may_be_missing)
            except PassingFailure as failure:
                pause = min(_FIRST_PAUSE * 2 ** min(repetition, 10), _LONGEST_PAUSE)
                if repetition >= self._retries or monotonic() + pause >= deadline:
                    raise InventoryError(str(failure)) from None
                _LOGGER.info("%s; asking again", failure)
            except RuntimeError:  # of httpx, which is closed
                if not self._closed.is_set():
                    raise
                raise InventoryError(f"{self.url}/{path} is not asked: the inventory is closed") from None
            repetition += 1
            self._closed.wait(pause)

    def close(self) -> None:
        """Close the connections."""
        self._closed.set()
        self._http.close()

    def _answer(self, path: str, deadline: float, may_be_missing: bool) -> Any:
        import httpx

        address = f"{self.url}/{path}"
        now = monotonic()
        seconds = max(min(self._timeout, deadline - now), 0.001)
        connecting = min(self._connect_timeout, seconds)
        try:
            timeout = httpx.Timeout(seconds, connect=connecting)
            with self._http.stream("GET", address, timeout=timeout) as response:
                return self._content(response, address, now + seconds, may_be_missing)
        except httpx.ConnectTimeout:
            raise PassingFailure(
                f"no connection to {address} within {connecting:.3g} s; is the url right, and is the engine running?"
            ) from None
        except (httpx.TimeoutException, TimeoutError):
            raise PassingFailure(
                f"{address} has not answered within {seconds:.3g} s; `timeout` says how long to wait"
            ) from None
        except httpx.ConnectError as error:
            certificate = untrusted(error)
            if certificate is not None:
                raise InventoryError(untrusted_message(address, certificate)) from None
            raise PassingFailure(f"no connection to {address}; is the url right, and is the engine running?") from None
        except httpx.TransportError:
            raise PassingFailure(f"the connection to {address} breaks before the answer is complete") from None

    def _content(self, response: httpx.Response, address: str, until: float, may_be_missing: bool) -> Any:
        if response.status_code == 404 and may_be_missing:
            return None
        if response.status_code != 200:
            body = self._body(response.iter_raw(), address, until, _LARGEST_REFUSAL, cut=True)
            raise refusal(address, response.status_code, response.headers.get("Location", ""), body)
        body = self._body(response.iter_raw(), address, until, self._largest)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise not_json(address, body) from None

    def _body(self, chunks: Iterable[bytes], address: str, until: float, largest: int, *, cut: bool = False) -> bytes:
        """Return a body; httpx bounds only the time between two pieces of it."""
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > largest:
                if cut:
                    break
                raise InventoryError(
                    f"{address} answers with more than {largest:,} bytes; `largest` says how many are taken"
                )
            if monotonic() > until:
                raise TimeoutError
        return bytes(body)


class _WithoutCookies(logging.Filter):
    """Keeps sessions out of httpcore's debug log, which has the headers of all answers: the engine names its session in two."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record holds neither."""
        said = record.getMessage().lower()
        return "set-cookie" not in said and "jsessionid" not in said


_WITHOUT_COOKIES = _WithoutCookies()
