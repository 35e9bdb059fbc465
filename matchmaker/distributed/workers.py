"""The workers of a cluster, and tasks that run on one of them: Dask itself repeats nothing and moves nothing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from typing import Any

from distributed import KilledWorker, wait

from matchmaker.diagnostics import shown
from matchmaker.errors import PoolError

_POLL = 0.5
"""After how many seconds without an answer to look whether the worker is still there."""
_FETCH = 5.0
"""How many seconds fetching a result may take before it is looked whether the worker is still there."""
_RESTART = 3.0
"""For how many seconds to wait for a nanny to start a worker again, when others could take its shards in addition to theirs."""
_LARGE = 1_000_000
"""How many bytes a call may have to be part of the task; larger ones go to the worker on a way of their own."""


class Workers:
    """The workers of a cluster, as a client sees them.

    Parameters
    ----------
    client : distributed.Client
        A synchronous client.
    patience : float
        For how many seconds to wait for a worker when there is none.

    Raises
    ------
    PoolError
        If that is no such client.
    """

    def __init__(self, client: Any, patience: float) -> None:
        if getattr(client, "asynchronous", None) is not False:
            raise PoolError("a DaskPool needs a synchronous `distributed.Client`")
        self.client = client
        self._patience = patience

    def addresses(self) -> list[str]:
        """Return the addresses of all workers.

        Raises
        ------
        PoolError
            If the scheduler does not answer.
        """
        if self.client.status in ("closing", "closed"):
            raise PoolError("the client is closed, and with it all that its pools can be asked")
        try:
            return list(self.client.nthreads())
        except Exception as error:  # which of many depends on what the connection was doing
            raise PoolError(f"the scheduler does not answer: {shown(error)}") from error

    def some(self, what: str, wanted: int = 1) -> list[str]:
        """Return the addresses of all workers, at least one; a nanny may be about to start it.

        Parameters
        ----------
        what : str
            What messages begin with.
        wanted : int
            For how many it is worth waiting for a while.

        Raises
        ------
        PoolError
            If there is none for too long.
        """
        begin = time.monotonic()
        while True:
            found = self.addresses()
            waited = time.monotonic() - begin
            if len(found) >= wanted or (found and waited > min(_RESTART, self._patience)):
                return found
            if waited > self._patience:
                raise PoolError(f"{what}: the cluster has no worker; start one, and ask again")
            time.sleep(0.05)

    def number(self, shards: int | None) -> int:
        """Return how many shards to make when so many are asked for; one per worker when that is left open."""
        if shards is None:
            return len(self.some("a pool needs workers"))
        if shards < 1:
            raise ValueError(f"a pool has at least 1 shard, not {shards}")
        return shards

    def send(self, address: str, function: Callable[..., Any], payload: bytes) -> Any:
        """Start a task on one worker, and return its future; None when the worker is gone."""
        try:
            argument: Any = payload
            if len(payload) > _LARGE:
                if address not in self.addresses():
                    return None
                (argument,) = self.client.scatter([payload], workers=[address], hash=False)
            return self.client.submit(
                function,
                argument,
                workers=[address],
                allow_other_workers=False,
                pure=False,
                key=f"matchmaker-{uuid.uuid4().hex}",
            )
        except PoolError:
            raise
        except Exception as error:
            if address not in self.addresses():
                return None
            raise PoolError(f"the worker {address} cannot be asked: {shown(error)}") from error

    def quickly(self, futures: Sequence[Any]) -> Sequence[Any] | None:
        """Return the results of several tasks together, which saves journeys; None when that does not work at once."""
        if any(future is None for future in futures):
            return None
        try:
            wait(futures, timeout=_POLL)  # type: ignore[no-untyped-call]
            if any(future.status != "finished" for future in futures):
                return None
            found: Sequence[Any] = self.client.sync(self.client.gather, list(futures), callback_timeout=_FETCH)
            return found
        except Exception:  # waiting for one after the other tells what is the matter
            return None

    def result(self, future: Any, address: str) -> Any:
        """Wait for a task, and return its result, None when the worker is gone.

        Raises
        ------
        PoolError
            If the worker cannot run it, or the scheduler does not answer.
        """
        if future is None:
            return None
        patience = _FETCH
        while True:
            try:
                wait([future], timeout=_POLL)  # type: ignore[no-untyped-call]
                return future.result(timeout=patience)
            except KilledWorker:
                return None
            except CancelledError:  # also when the data it needs went away, or the cluster was restarted
                self.addresses()
                return None
            except TimeoutError as error:
                if future.status == "error":
                    raise PoolError(f"the worker {address} failed: {shown(error)}") from error
                if address not in self.addresses():
                    future.cancel()  # Dask would let it wait for a worker of that address for ever
                    return None
                if future.done():  # the result is large, or the way to it slow
                    patience *= 2
            except Exception as error:
                raise PoolError(f"the worker {address} failed: {shown(error)}") from error
