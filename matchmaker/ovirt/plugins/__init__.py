"""Plug-in files written for oVirt's external scheduler proxy, run unchanged.

Each file has a process of its own, which imports it once and forks for every call; credentials never enter it. How the proxy
called them is told in its PLUGINS.txt (https://github.com/oVirt/ovirt-scheduler-proxy).
"""

from __future__ import annotations

from matchmaker.ovirt.plugins.loading import Plugins, load_plugins
from matchmaker.ovirt.plugins.units import PluginBalancer, PluginFilter, PluginWeigher

__all__ = ["PluginBalancer", "PluginFilter", "PluginWeigher", "Plugins", "load_plugins"]
