"""The three kinds of unit, by the method that a class of the old proxy's plug-in files has for each."""

from __future__ import annotations

METHODS = {"filter": "do_filter", "score": "do_score", "balance": "do_balance"}
"""The method that makes a class a unit of a kind."""
WANTED = {
    "filter": "a list of host ids",
    "score": "a list of (host id, number)",
    "balance": "(virtual machine id, list of host ids)",
}
"""What each of them answers."""
