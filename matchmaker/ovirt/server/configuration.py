"""The configuration of the server: where it listens, what it looks hosts up in, and which units it has."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.cloud import Inventory
from matchmaker.ovirt.errors import ConfigurationError, InventoryError
from matchmaker.ovirt.inventory import EngineInventory, StaticInventory, read_credentials
from matchmaker.ovirt.server.configured_units import units_of
from matchmaker.ovirt.server.sections import Section, read_sections
from matchmaker.ovirt.units import Unit

ADDRESS = "127.0.0.1"
PORT = 18781
"""The port that oVirt's engine calls unless it is told another one."""
_UNITS = ("filters", "weighers", "balancers", "samples", "policies", "plugins")


@dataclass(frozen=True)
class PluginSettings:
    """Where plug-in files are, and what they may use.

    Parameters
    ----------
    folder : Path
        The folder.
    time_limit : float
        Seconds for each call.
    memory : int
        MiB for each call.
    """

    folder: Path
    time_limit: float
    memory: int


@dataclass(frozen=True)
class Configuration:
    """What a configuration says.

    Parameters
    ----------
    path : Path
        The file.
    address, port : str and int
        Where to listen.
    limits : mapping of str to number
        The limits of the server; see `RpcServer`.
    make_inventory : callable
        What makes the inventory.
    units : list of Unit
        The units that are no plug-ins.
    plugins : PluginSettings or None
        Where plug-ins are.
    cumulative : bool
        Whether scores come in the form that old engines read.
    """

    path: Path
    address: str
    port: int
    limits: dict[str, Any]
    make_inventory: Callable[[], Inventory]
    units: list[Unit]
    plugins: PluginSettings | None
    cumulative: bool


def read_configuration(path: Path) -> Configuration:
    """Read a configuration.

    Raises
    ------
    ConfigurationError
        If it cannot be used; the message names every line that is to blame.
    """
    top, problems = read_sections(path)
    address, port = _listen(top)
    configuration = Configuration(
        path,
        address,
        port,
        _limits(top.section("limits")),
        _inventory(top),
        units_of(top),
        _plugins(top.section("plugins")),
        top.flag("cumulative", False),
    )
    if not any(key in top for key in _UNITS):
        top.missing("filters", "nor `weighers`, `balancers`, `samples`, `policies` or `plugins`: there is no unit")
    top.finish()
    problems.raise_any()
    return configuration


def _listen(top: Section) -> tuple[str, int]:
    text = str(top.value("listen", f"{ADDRESS}:{PORT}"))
    address, separator, digits = text.rpartition(":")
    bare = address.removeprefix("[").removesuffix("]")
    try:
        if not separator or not digits.isascii() or not digits.isdigit() or int(digits) > 65_535:
            raise ValueError
        if bare != "localhost":
            ipaddress.ip_address(bare)
    except ValueError:
        top.problem("listen", "must be an address and a port, such as `127.0.0.1:18781` or `[::1]:18781`")
        return ADDRESS, PORT
    return ADDRESS if bare == "localhost" else bare, int(digits)


def _limits(section: Section | None) -> dict[str, Any]:
    if section is None:
        return {}
    limits = {
        "body": section.whole("body", 4 * 1024 * 1024, low=1_024, high=256 * 1024 * 1024),
        "running": section.whole("running", 16, low=1, high=1_024),
        "waiting": section.number("waiting", 30, low=0, high=120),
        "connections": section.whole("connections", 256, low=1, high=10_000),
        "idle": section.number("idle", 300, low=1, high=86_400),
        "reading": section.number("reading", 10, low=0.1, high=120),
    }
    section.finish()
    return limits


def _plugins(section: Section | None) -> PluginSettings | None:
    if section is None:
        return None
    folder = section.path("folder")
    settings = PluginSettings(
        folder or Path(),
        section.number("time_limit", 30, low=0.1, high=110),
        section.whole("memory", 1_024, low=64, high=1024 * 1024),
    )
    if folder is None:
        section.missing("folder", "where are the plug-in files?")
    elif not _is_folder(folder):
        section.problem("folder", f"`{shorten(str(folder), 200)}` is no folder")
    section.finish()
    return settings


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long
        return False


def _inventory(top: Section) -> Callable[[], Inventory]:
    section = top.section("inventory")
    if section is None:
        if "inventory" not in top:
            top.missing("inventory", "where are hosts looked up? `files:` or `engine:`")
        return lambda: StaticInventory([])
    section.has_one_of("files", "engine")
    files, engine = section.paths("files"), section.section("engine")
    section.finish()
    return (lambda: StaticInventory(files)) if engine is None else _engine(engine)


def _engine(section: Section) -> Callable[[], Inventory]:
    url, ca_file, file = section.text("url"), section.path("ca_file"), section.path("credentials_file")
    connect_timeout = section.number("connect_timeout", 5, low=0.1, high=60)
    timeout = section.number("timeout", 20, low=0.1, high=110)
    deadline = section.number("deadline", 60, low=0.1, high=110)
    retries = section.whole("retries", 2, low=0, high=10)
    if not url:
        section.missing("url", "such as `https://engine.example.org/ovirt-engine/api`")
    section.finish()
    return lambda: EngineInventory(
        url=url,
        ca_file=ca_file,
        credentials=read_credentials(file),
        connect_timeout=connect_timeout,
        timeout=timeout,
        deadline=deadline,
        retries=retries,
    )


def made_inventory(configuration: Configuration) -> Inventory:
    """Return the inventory of a configuration.

    Raises
    ------
    ConfigurationError
        If its files cannot be read, or its settings are not right.
    """
    try:
        return configuration.make_inventory()
    except InventoryError as error:
        raise ConfigurationError(f"{configuration.path}: `inventory`: {error}") from None
