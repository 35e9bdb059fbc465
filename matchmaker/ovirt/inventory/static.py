"""An inventory that people write, or a script of theirs: hosts and virtual machines in JSON or YAML files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.attributes import HOST_ATTRIBUTES, VM_ATTRIBUTES
from matchmaker.ovirt.cloud import Cloud
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.documents import file_name, read_document
from matchmaker.ovirt.inventory.written_attributes import checked_attributes, units_of

_HOST_UNITS = units_of(HOST_ATTRIBUTES)
_VM_UNITS = units_of(VM_ATTRIBUTES)


class StaticInventory:
    """Hosts and virtual machines from files, which are read once: to read them again, make another inventory.

    Each file holds a mapping with the lists `hosts`, `vms` or both, of mappings of attributes. `matchmaker.ovirt.attributes`
    says which there are; others are taken as they are.

    Parameters
    ----------
    paths : Path or str, or a sequence of these
        The file or files, `.json`, `.yaml` or `.yml`. What they hold is joined in their order.

    Raises
    ------
    InventoryError
        If a file cannot be read, or holds something else; with the file, and the line or the host and attribute.
    ExtraMissing
        If a file is YAML, and PyYAML is not installed.
    """

    __slots__ = ("_cloud",)

    def __init__(self, paths: Path | str | Sequence[Path | str]) -> None:
        files = [paths] if isinstance(paths, (str, Path)) else list(paths)
        if not files:
            raise InventoryError("an inventory of files names at least one")
        hosts = _Records("host", _HOST_UNITS)
        vms = _Records("virtual machine", _VM_UNITS)
        for path in map(Path, files):
            name = file_name(path)
            document = read_document(path)
            if not isinstance(document, dict) or not document or document.keys() - {"hosts", "vms"}:
                raise InventoryError(f"{name}: expected a mapping with `hosts`, `vms` or both, and nothing else")
            hosts.add(document.get("hosts"), name, "hosts")
            vms.add(document.get("vms"), name, "vms")
        self._cloud = Cloud(hosts.records, vms.records)

    def __repr__(self) -> str:
        return f"<StaticInventory of {len(self._cloud.hosts())} hosts and {len(self._cloud.vms())} virtual machines>"

    def snapshot(self) -> Cloud:
        """Return what was read."""
        return self._cloud

    def close(self) -> None:
        """Do nothing: no file is open."""


class _Records:
    """The hosts or the virtual machines of several files."""

    def __init__(self, what: str, units: dict[str, str]) -> None:
        self.records: list[dict[str, Any]] = []
        self._what = what
        self._units = units
        self._files: dict[str, str] = {}

    def add(self, written: object, name: str, key: str) -> None:
        """Add those of one file."""
        if written is None:
            return
        if not isinstance(written, list):
            raise InventoryError(f"{name}: `{key}` is a list of mappings, each with the attributes of a {self._what}")
        for number, each in enumerate(written, 1):
            attributes = checked_attributes(each, self._units, f"{name}: {self._what} {number}")
            identifier = attributes["ID"]
            if identifier in self._files:
                raise InventoryError(
                    f"{name}: {self._what} {number} `{shorten(identifier)}` is there already, in {self._files[identifier]}"
                )
            self._files[identifier] = name
            self.records.append(attributes)
