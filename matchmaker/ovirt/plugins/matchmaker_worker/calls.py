"""One call of a plug-in, in a process of its own."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from .bounded_files import LIMIT, BoundedFile
from .kinds import METHODS
from .plugin_file import Plugin, described, line_of
from .results import Nonsense, answer, printed_value

Outcome: TypeAlias = dict[str, Any]
"""`result` with `strangers`, or `failure` with `line`, or `silent` where there is neither."""


def outcome(plugin: Plugin, request: Mapping[str, Any], output: BoundedFile) -> Outcome:
    """Call a plug-in, and return what came of it.

    Parameters
    ----------
    plugin : Plugin
        The imported file.
    request : mapping
        Its `kind`, `class`, `hosts`, `vm` and `arguments`.
    output : BoundedFile
        Where standard output goes.
    """
    try:
        return _outcome(plugin, request, output)
    except MemoryError:
        return {"failure": "memory"}
    except Nonsense as error:
        return {"failure": str(error)}


def _outcome(plugin: Plugin, request: Mapping[str, Any], output: BoundedFile) -> Outcome:
    kind, hosts = request["kind"], request["hosts"]
    arguments = (
        [list(hosts), request["arguments"]] if kind == "balance" else [list(hosts), request["vm"], request["arguments"]]
    )
    value, left = None, None
    try:
        value = getattr(getattr(plugin.module, request["class"])(), METHODS[kind])(*arguments)
    except MemoryError:
        raise
    except SystemExit as leaving:  # what it printed before counts, as it always did
        if kind != "balance" or leaving.code:  # a balancer need not find anything
            left = f"it left by `sys.exit({leaving.code!r:.100})` without an answer"
    except BaseException as error:
        if not output.full:
            with suppress(Exception):  # it may have closed standard error
                traceback.print_exc()
            return {"failure": described(error), "line": line_of(error, plugin.path)}
    flush()
    if output.full:
        return {"failure": f"it printed more than {LIMIT >> 20} MiB"}
    if value is None:
        printed = output.read()
        if not printed.strip():
            return {"failure": left} if left else {"silent": True}
        value = printed_value(kind, printed)
    return answer(kind, value, hosts)


def flush() -> None:
    """Write what was printed and is not written yet."""
    for stream in (sys.stdout, sys.__stdout__, sys.stderr, sys.__stderr__):
        with suppress(OSError, ValueError, AttributeError):  # it is full, or the plug-in closed or replaced it
            stream.flush()  # type: ignore[union-attr]
