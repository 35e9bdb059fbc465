"""Objects to bytes and back, as Dask does it: functions that no module holds travel, too.

Unpickling runs what the sender likes; a cluster trusts its clients, and they trust it.
"""

from __future__ import annotations

from typing import Any

from distributed.protocol import pickle


def dumps(value: Any) -> bytes:
    """Return an object as bytes.

    Parameters
    ----------
    value : object
        What to send; whatever it raises when it is pickled is raised.
    """
    return bytes(pickle.dumps(value))  # type: ignore[no-untyped-call]


def loads(pickled: bytes) -> Any:
    """Return the object that was made bytes."""
    return pickle.loads(pickled)  # type: ignore[no-untyped-call]
