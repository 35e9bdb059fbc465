"""oVirt: filters, weighers and balancers, policies made of them, inventories, and a server for its engine to call."""

from matchmaker.ovirt.cloud import Call, Cloud
from matchmaker.ovirt.migration import Migration
from matchmaker.ovirt.parameters import Parameter
from matchmaker.ovirt.policy import Policy
from matchmaker.ovirt.policy_ranking import PolicyRanking
from matchmaker.ovirt.relief import Relief
from matchmaker.ovirt.units import Balancer, Filter, Weigher

__all__ = [
    "Balancer",
    "Call",
    "Cloud",
    "Filter",
    "Migration",
    "Parameter",
    "Policy",
    "PolicyRanking",
    "Relief",
    "Weigher",
]
