"""What is wrong with an expression, or looks wrong, and how to mend it: everything that can be told without matching."""

from matchmaker.checking.checks import EXPRESSIONS, KINDS, MOST, check
from matchmaker.checking.fixing import Fixed, fixed
from matchmaker.checking.schema import AttributeInfo, Schema
from matchmaker.checking.schemas import DATASTORES, HOSTS, NETWORKS, SCHEMAS

__all__ = [
    "DATASTORES",
    "EXPRESSIONS",
    "HOSTS",
    "KINDS",
    "MOST",
    "NETWORKS",
    "SCHEMAS",
    "AttributeInfo",
    "Fixed",
    "Schema",
    "check",
    "fixed",
]
