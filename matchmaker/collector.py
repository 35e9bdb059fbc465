"""Python's garbage collector, and when it is not wanted."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 2_000
"""So many tokens or nodes are a lot of work."""


@contextmanager
def paused(work: int) -> Iterator[None]:
    """Stop the collector while a large tree is made, which holds no cycles.

    It would go through all that is there whenever that has grown by a quarter, and so make linear work a good deal longer, by
    an amount that jumps. Other threads' cycles wait for the second or two that the largest texts take.

    Parameters
    ----------
    work : int
        How much there is to do; little work does not stop it.
    """
    if work < LARGE or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
