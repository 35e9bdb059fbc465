"""What a balancer answers."""

from __future__ import annotations

from typing import NamedTuple


class Migration(NamedTuple):
    """A virtual machine to migrate, and the hosts that it may go to.

    Attributes
    ----------
    vm : str
        Its id.
    hosts : tuple of str
        The ids of the hosts, at least one.
    """

    vm: str
    hosts: tuple[str, ...]
