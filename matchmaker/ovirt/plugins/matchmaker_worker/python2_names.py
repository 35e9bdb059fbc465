"""Names that only Python 2 has, in a file that Python 3 can read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec

NAMES = {
    "basestring": "str",
    "cmp": "(a > b) - (a < b)",
    "execfile": "exec(open(...).read())",
    "file": "open",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "reload": "importlib.reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}
"""Functions and types, and what they are now."""
METHODS = {
    "has_key": "`key in mapping`",
    "iteritems": "`items`",
    "iterkeys": "`keys`",
    "itervalues": "`values`",
}
"""Methods of mappings, and what to write instead."""
MODULES = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "StringIO": "io",
    "cPickle": "pickle",
    "cStringIO": "io",
    "commands": "subprocess",
    "httplib": "http.client",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "xmlrpclib": "xmlrpc.client",
}
"""Modules, and where their content is now."""
_VERSION = frozenset(("PY2", "PY3", "hasattr", "version_info"))
_MISSING = frozenset(("AttributeError", "ImportError", "ModuleNotFoundError", "NameError"))


def names_of_python2(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the lines where such names are used, and what to write instead.

    A file may work in both versions: names that it defines or imports, what stands in a `try` that expects them to be missing, and
    what stands below an `if` that asks for the version, are left alone.

    Parameters
    ----------
    tree : Module
        The file.
    """
    defined = set(_defined(tree))
    for node in _unguarded(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in NAMES and name not in defined:
                yield node.lineno, f"write `{NAMES[name]}` in place of `{name}`"
            case ast.Attribute(attr=name) if name in METHODS and name not in defined:
                yield node.lineno, f"write {METHODS[name]} in place of `{name}`"
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield from _module(node.lineno, alias.name)
            case ast.ImportFrom(module=str() as module, level=0):
                yield from _module(node.lineno, module)


def _module(line: int, name: str) -> Iterator[tuple[int, str]]:
    # One of the same name may lie beside the plug-ins, or be installed.
    if name in MODULES and find_spec(name) is None:
        yield line, f"import `{MODULES[name]}` in place of `{name}`"


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name
            case ast.ExceptHandler(name=str() as name):
                yield name


def _unguarded(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that run in any case, without recursion: a tree may be deep."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case ast.Try() if _expects_missing(node):
                waiting += [*node.orelse, *node.finalbody]
            case ast.If(test=test) | ast.IfExp(test=test) if _asks_version(test):
                waiting.append(test)
            case _:
                waiting += ast.iter_child_nodes(node)


def _expects_missing(tried: ast.Try) -> bool:
    if any(handler.type and not _MISSING.isdisjoint(_names(handler.type)) for handler in tried.handlers):
        return True
    imports_alone = all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in tried.body)
    return bool(tried.handlers) and imports_alone


def _asks_version(test: ast.expr) -> bool:
    return not _VERSION.isdisjoint(_names(test))


def _names(tree: ast.expr) -> set[str]:
    nodes = ast.walk(tree)
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in nodes
        if isinstance(node, (ast.Name, ast.Attribute))
    }
