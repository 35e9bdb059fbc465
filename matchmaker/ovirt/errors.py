"""What goes wrong with units, inventories, plug-in files and configurations."""

from __future__ import annotations

from matchmaker.diagnostics import shown
from matchmaker.errors import MatchmakerError


class UnitError(MatchmakerError):
    """A filter, weigher or balancer of oVirt fails, or is asked with arguments that it does not take.

    Parameters
    ----------
    unit : str
        Its name.
    message : str
        What is wrong.
    """

    def __init__(self, unit: str, message: str) -> None:
        super().__init__(unit, message)
        self.unit = unit
        self.message = message

    def __str__(self) -> str:
        return f"unit {shown(self.unit)}: {self.message}"


class InventoryError(MatchmakerError):
    """An inventory of hosts and virtual machines cannot be read, or its engine does not answer."""


class PluginError(MatchmakerError, ValueError):
    """Plug-in files cannot be taken: the message names each file, the line, and the change needed."""


class ConfigurationError(MatchmakerError, ValueError):
    """A configuration cannot be used: the message names the file, the line, and what is wrong there."""
