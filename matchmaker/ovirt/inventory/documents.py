"""Files of an inventory: JSON or YAML, told by the suffix."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.yaml_documents import read_yaml

_LARGEST = 64 * 1024 * 1024
_YAML = (".yaml", ".yml")


def read_document(path: Path) -> Any:
    """Return what a JSON or YAML file holds.

    Parameters
    ----------
    path : Path
        A file that ends in `.json`, `.yaml` or `.yml`.

    Raises
    ------
    InventoryError
        If it cannot be read, is larger than 64 MiB, or is not valid; with the file, and the line where there is one.
    ExtraMissing
        If it is YAML, and PyYAML is not installed.
    """
    name = file_name(path)
    suffix = path.suffix.lower()
    if suffix != ".json" and suffix not in _YAML:
        raise InventoryError(f"{name}: an inventory's file ends in `.json`, `.yaml` or `.yml`")
    text = _text(path, name)
    return read_yaml(text, name) if suffix in _YAML else _read_json(text, name)


def file_name(path: Path) -> str:
    """Return a file's path as it is shown in a message."""
    return shorten(str(path), 200)


def _text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "there can be no such file"
        raise InventoryError(f"cannot read {name}: {reason}") from None
    if len(content) > _LARGEST:
        raise InventoryError(f"{name}: the file is larger than {_LARGEST // 1024**2} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InventoryError(f"{name}, line {line}: not UTF-8") from None


def _read_json(text: str, name: str) -> Any:
    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(key for key, number in Counter(key for key, _ in pairs).items() if number > 1)
            raise InventoryError(f"{name}: `{shorten(twice)}` is there twice in one mapping")
        return found

    def constant(word: str) -> NoReturn:
        raise InventoryError(f"{name}: `{word}` is no number of JSON")

    try:
        return json.loads(text, object_pairs_hook=mapping, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise InventoryError(f"{name}, line {error.lineno}: not valid JSON: {error.msg}") from None
    except ValueError:
        raise InventoryError(f"{name}: a number has too many digits") from None
    except RecursionError:
        raise InventoryError(f"{name}: nested too deep") from None
