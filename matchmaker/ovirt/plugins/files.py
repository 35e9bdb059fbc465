"""The plug-in files in a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.errors import PluginError

LARGEST = 1024 * 1024
"""The largest plug-in file, in bytes."""


@dataclass(frozen=True, slots=True)
class PluginFile:
    """A plug-in file, as it was when it was read.

    Parameters
    ----------
    path : Path
        Where it lies, from the root on.
    source : bytes
        What is in it.
    """

    path: Path
    source: bytes = field(repr=False)

    @property
    def shown(self) -> str:
        """Its name, for messages."""
        return shorten(self.path.name, 80)


def read_files(folder: Path) -> tuple[list[PluginFile], list[str]]:
    """Return the plug-in files in a folder, by name, and what is wrong with those that cannot be read.

    All files `*.py` are, but for those whose names begin with `_` or `.`.

    Raises
    ------
    PluginError
        If the folder cannot be read.
    """
    try:
        folder = folder.resolve()
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".py" and path.name[0] not in "_.")
    except OSError as error:
        raise PluginError(
            f"the plug-ins' folder `{shorten(str(folder), 200)}` cannot be read: {error.strerror}"
        ) from None
    files: list[PluginFile] = []
    problems: list[str] = []
    for path in paths:
        try:
            if not path.is_file():
                continue
            with path.open("rb") as opened:
                source = opened.read(LARGEST + 1)
        except OSError as error:
            problems.append(f"`{shorten(path.name, 80)}` cannot be read: {error.strerror}")
            continue
        file = PluginFile(path, source)
        if len(source) > LARGEST:
            problems.append(f"`{file.shown}` is larger than {LARGEST:,} bytes, which a plug-in file may have")
        else:
            files.append(file)
    return files, problems
