"""A plug-in file, imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NamedTuple

from .kinds import METHODS

_LONGEST = 4_000  # of a description, or of a validation


class Plugin(NamedTuple):
    """An imported file.

    Attributes
    ----------
    module : ModuleType
        What it defines.
    path : str
        Where it lies.
    """

    module: ModuleType
    path: str


def import_file(path: str, name: str, source: bytes) -> Plugin:
    """Import a file, as `import` does.

    Parameters
    ----------
    path, name : str
        Where it lies, and the module's name.
    source : bytes
        What is in it: as it was when the server started, also when a new process has to import it later.

    Raises
    ------
    BaseException
        Whatever comes up in it.
    """
    module = ModuleType(name)
    module.__file__ = path
    module.__spec__ = ModuleSpec(name, None, origin=path)
    sys.modules[name] = module
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - which is what a plug-in is for
    return Plugin(module, path)


def units(plugin: Plugin) -> Iterator[dict[str, str]]:
    """Yield the `class`, `kind`, `description` and `validation` of each unit that a file's own classes are.

    Parameters
    ----------
    plugin : Plugin
        The imported file.
    """
    module = plugin.module
    for name, value in list(vars(module).items()):
        if not isinstance(value, type) or value.__module__ != module.__name__:
            continue
        if value.__name__ != name or not name.isidentifier():  # another name for it, or one that nobody can write
            continue
        for kind, method_name in METHODS.items():
            method = getattr(value, method_name, None)
            if callable(method):
                yield {
                    "class": name,
                    "kind": kind,
                    "description": _text(getattr(method, "__doc__", None)) or _text(value.__doc__),
                    "validation": _text(getattr(value, "properties_validation", None)),
                }


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def line_of(error: BaseException, path: str) -> int | None:
    """Return the last line of the file at a path that an error came through, or None."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def described(error: BaseException) -> str:
    """Return an error's kind and text, cut where it is long."""
    kind = type(error).__name__
    try:
        text = str(error)[:1000]
    except Exception:  # a stranger's error need not have one
        text = ""
    return f"{kind}: {text}" if text else kind
