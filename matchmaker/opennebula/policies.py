"""OpenNebula's default policies: what it ranks by when a VM has no rank of its own."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Rank


class PolicyError(MatchmakerError, ValueError):
    """No policy has the name that was asked for."""


@dataclass(frozen=True, repr=False)
class Policy:
    """A system-wide default; nothing is parsed before it is used.

    Parameters
    ----------
    name : str
        What users call it.
    host_rank, datastore_rank, network_rank : str or None
        The ranks as texts; None where OpenNebula has none.
    """

    name: str
    host_rank: str | None = None
    datastore_rank: str | None = None
    network_rank: str | None = None

    def __repr__(self) -> str:
        return f"<Policy {self.name}>"

    @property
    def host(self) -> Rank | None:
        """The rank of hosts."""
        return None if self.host_rank is None else Rank(self.host_rank)

    @property
    def datastore(self) -> Rank | None:
        """The rank of system datastores."""
        return None if self.datastore_rank is None else Rank(self.datastore_rank)

    @property
    def network(self) -> Rank | None:
        """The rank of virtual networks."""
        return None if self.network_rank is None else Rank(self.network_rank)


PACKING = Policy("packing", "RUNNING_VMS", "- FREE_MB", "USED_LEASES")
"""Use as few as possible."""
STRIPING = Policy("striping", "- RUNNING_VMS", "FREE_MB", "- USED_LEASES")
"""Spread over all."""
LOAD_AWARE = Policy("load-aware", "FREE_CPU")
"""Take the host with the most free CPU; there is no such policy for datastores and networks."""
FIXED = Policy("fixed", "PRIORITY", "PRIORITY", "PRIORITY")
"""Take what the administrator prefers."""

POLICIES = {policy.name: policy for policy in (PACKING, STRIPING, LOAD_AWARE, FIXED)}
"""All policies, by name."""


def policy(name: str) -> Policy:
    """Return the policy of a name.

    Parameters
    ----------
    name : {"packing", "striping", "load-aware", "fixed"}
        What it is called.

    Raises
    ------
    PolicyError
        If there is none.
    """
    try:
        return POLICIES[name]
    except (KeyError, TypeError):
        raise PolicyError(f"no policy is named {name!r}; there is {', '.join(POLICIES)}") from None
