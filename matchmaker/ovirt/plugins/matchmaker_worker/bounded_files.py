"""Files in memory with a fixed size: what a plug-in prints, however much, takes no more than that."""

from __future__ import annotations

import fcntl
import os

LIMIT = 16 * 1024 * 1024
"""The size of each, in bytes; it takes memory only as it is written."""


class BoundedFile:
    """A file that can be written from its beginning on, by several processes one behind the other, up to `LIMIT` bytes.

    A pipe would need somebody who reads it, and a limit on the size of files would hold for a plug-in's own log too.
    """

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("matchmaker", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, LIMIT)
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)

    @property
    def full(self) -> bool:
        """Whether nothing more can be written: something may have been lost."""
        return self._written() >= LIMIT

    def read(self, *, most: int = LIMIT) -> str:
        """Return what is written, or the end of it.

        Parameters
        ----------
        most : int
            How many bytes at most.
        """
        written = self._written()
        size = min(written, most)
        return os.pread(self.descriptor, size, written - size).decode(errors="backslashreplace")

    def write(self, text: str) -> None:
        """Write a text.

        Raises
        ------
        OSError
            If it does not fit.
        """
        rest = memoryview(text.encode())
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]

    def close(self) -> None:
        """Let go of it here; in other processes it stays."""
        os.close(self.descriptor)

    def _written(self) -> int:
        return min(LIMIT, os.lseek(self.descriptor, 0, os.SEEK_CUR))
