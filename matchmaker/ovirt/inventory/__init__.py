"""Where the attributes of oVirt's hosts and virtual machines come from: files, or a running engine."""

from matchmaker.ovirt.inventory.credentials import Credentials, read_credentials
from matchmaker.ovirt.inventory.engine import EngineInventory
from matchmaker.ovirt.inventory.static import StaticInventory

__all__ = ["Credentials", "EngineInventory", "StaticInventory", "read_credentials"]
