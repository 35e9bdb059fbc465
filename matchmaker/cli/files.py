"""Writing files: all of a file, or nothing of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from matchmaker.cli.terminal import Refusal, printable


def write_file(path: Path, content: str | bytes) -> None:
    """Write bytes, or a text as UTF-8, to a file; what was there is replaced when all is written.

    Raises
    ------
    Refusal
        If the file cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary: Path | None = None
    try:
        if path.exists() and not path.is_file():  # such as /dev/stdout, which cannot be replaced
            path.write_bytes(data)
            return
        target = path.resolve()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        temporary.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_mask())
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise Refusal(f"cannot write {printable(str(path))}: {error.strerror or error}") from None


def _mask() -> int:
    """Return the process's file mode creation mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
