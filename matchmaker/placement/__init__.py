"""Placing many requests on hosts, datastores and networks; free of any cloud's documents."""

from matchmaker.placement.groups import Group, Role
from matchmaker.placement.numa import Core, Cpu, HostNode, HostTopology, HugePages, Topology, VirtualNode
from matchmaker.placement.pci import PciDevice, PciRequest
from matchmaker.placement.placing import place
from matchmaker.placement.plans import Action, Plan, Refusal
from matchmaker.placement.reasons import Cause, Reason
from matchmaker.placement.requests import Nic, Request, RequestError
from matchmaker.placement.resources import Datastore, Host, ImageDatastore, Network

__all__ = [
    "Action",
    "Cause",
    "Core",
    "Cpu",
    "Datastore",
    "Group",
    "Host",
    "HostNode",
    "HostTopology",
    "HugePages",
    "ImageDatastore",
    "Network",
    "Nic",
    "PciDevice",
    "PciRequest",
    "Plan",
    "Reason",
    "Refusal",
    "Request",
    "RequestError",
    "Role",
    "Topology",
    "VirtualNode",
    "place",
]
