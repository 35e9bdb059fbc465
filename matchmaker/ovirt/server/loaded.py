"""All that a configuration asks for, made and ready: the inventory, the units, the plug-ins' processes."""

from __future__ import annotations

import logging
from pathlib import Path

from matchmaker.ovirt.cloud import Inventory
from matchmaker.ovirt.errors import ConfigurationError, PluginError
from matchmaker.ovirt.plugins import Plugins, load_plugins
from matchmaker.ovirt.server.configuration import Configuration, made_inventory, read_configuration
from matchmaker.ovirt.server.served_units import ServedBalancer, ServedFilter, ServedWeigher
from matchmaker.ovirt.server.service import Service
from matchmaker.ovirt.units import Balancer, Filter, Weigher

logger = logging.getLogger("matchmaker.ovirt")


class Loaded:
    """A configuration with what it asks for.

    Parameters
    ----------
    path : Path
        The configuration's file.

    Attributes
    ----------
    configuration : Configuration
        What it says.
    inventory : Inventory
        Where hosts and virtual machines are looked up.
    filters, weighers, balancers : list
        The units, those of plug-ins last.
    service : Service
        The methods over all of it.

    Raises
    ------
    ConfigurationError
        If the configuration cannot be used.
    PluginError
        If a plug-in file cannot be taken.
    """

    def __init__(self, path: Path) -> None:
        self.configuration: Configuration = read_configuration(path)
        self.inventory: Inventory = made_inventory(self.configuration)
        self._plugins: Plugins | None = None
        try:
            self._plugins = self._load_plugins()
            self._make()
        except (ConfigurationError, PluginError):
            self._close_plugins(0)
            self.inventory.close()
            raise

    def _load_plugins(self) -> Plugins | None:
        settings = self.configuration.plugins
        if settings is None:
            return None
        plugins = load_plugins(settings.folder, time_limit=settings.time_limit, memory=settings.memory)
        if not (plugins.filters or plugins.weighers or plugins.balancers):
            logger.warning(
                "there is no plug-in in `%s`: no class with `do_filter`, `do_score` or `do_balance`", settings.folder
            )
        return plugins

    def _make(self) -> None:
        units, plugins = self.configuration.units, self._plugins
        self.filters: list[ServedFilter] = [unit for unit in units if isinstance(unit, Filter)]
        self.weighers: list[ServedWeigher] = [unit for unit in units if isinstance(unit, Weigher)]
        self.balancers: list[ServedBalancer] = [unit for unit in units if isinstance(unit, Balancer)]
        if plugins is not None:
            self.filters += plugins.filters
            self.weighers += plugins.weighers
            self.balancers += plugins.balancers
        self.service = Service(
            self.inventory,
            filters=self.filters,
            weighers=self.weighers,
            balancers=self.balancers,
            cumulative=self.configuration.cumulative,
        )

    def close(self, *, wait: float) -> None:
        """Let go of all of it when the calls under way are done, or after so many seconds."""
        self.service.close(wait=wait)
        self._close_plugins(wait)

    def _close_plugins(self, wait: float) -> None:
        if self._plugins is not None:
            self._plugins.close(wait=wait)
