"""Folders of plug-in files, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import TypeAlias

import pytest

from matchmaker.ovirt.plugins import Plugins, load_plugins

Load: TypeAlias = Callable[..., Plugins]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write plug-in files, named by the keywords, into a folder."""

    def written(**files: str) -> Path:
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.py").write_text(dedent(text).lstrip())
        return folder

    return written


@pytest.fixture
def load(write: Callable[..., Path]) -> Iterator[Load]:
    """Write plug-in files and load them; in the end all their processes are ended."""
    loaded = []

    def load(*, time_limit: float = 60, memory: int = 1024, **files: str) -> Plugins:
        plugins = load_plugins(write(**files), time_limit=time_limit, memory=memory)
        loaded.append(plugins)
        return plugins

    yield load
    for plugins in loaded:
        plugins.close()
