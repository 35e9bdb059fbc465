"""Conditions that are no comparison of an attribute with a literal: they are looked at as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matchmaker.attributes.lookup import Kind
from matchmaker.attributes.values import SpecialValue, Value, doubles
from matchmaker.engine.meanings import Meaning
from matchmaker.engine.programs import RequirementProgram
from matchmaker.engine.tracing import State, is_missing
from matchmaker.errors import CandidateError
from matchmaker.language.nodes import Attribute, Call, Chain, Choice, Membership, Negative, Node, Text, children


class OpaqueCondition:
    """A condition of the extended dialect that reads any number of attributes.

    Parameters
    ----------
    tree : Node
        The condition.
    kind : Kind
        What names mean on the candidates.
    meaning : Meaning
        The dialect's.
    """

    def __init__(self, tree: Node, kind: Kind, meaning: Meaning) -> None:
        self._program = RequirementProgram(tree, kind, meaning)
        self.lookups = {name: kind.lookup(name) for name in dict.fromkeys(attributes_in(tree))}
        needed = () if isinstance(tree, Choice) else _needed(tree)
        self._needed = [(name, kind.lookup(name)) for name in dict.fromkeys(needed)]
        texts = isinstance(tree, Membership) and any(isinstance(item, Text) for item in tree.items)
        self._as_number = not texts and not isinstance(tree, Call)

    def state(self, candidate: Any) -> State:
        """Return whether a candidate passes, and why it does not: the first attribute that it needs and has not."""
        try:
            if self._program.matches(candidate):
                return "pass"
        except CandidateError:
            return "unreadable"
        for name, lookup in self._needed:
            try:
                value = lookup(candidate)
                if is_missing(value):
                    return "missing"
                if self._as_number and not isinstance(value, SpecialValue) and not _is_number(value, name):
                    return "unconverted"
            except CandidateError:  # the program did not read it
                continue
        return "false"


def _is_number(value: Value, name: str) -> bool:
    return next(doubles(value, name), None) is not None


def attributes_in(tree: Node) -> Iterator[str]:
    """Yield the names of the candidate's attributes that a tree reads, in text order."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Attribute):
            yield node.name
        pending.extend(reversed(children(node)))


def _needed(tree: Node) -> Iterator[str]:
    """Yield the names without which a condition cannot be true: arithmetic with a missing attribute is missing."""
    pending = [tree.operand] if isinstance(tree, Membership) else list(children(tree))
    while pending:
        node = pending.pop()
        if isinstance(node, Attribute):
            yield node.name
        elif isinstance(node, Negative) or (isinstance(node, Chain) and node.level):
            pending.extend(reversed(children(node)))
        elif isinstance(node, Call) and node.function not in ("default", "exists"):
            pending.extend(reversed(node.arguments))
