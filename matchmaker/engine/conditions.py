"""Conditions of the extended dialect that look at the value of one attribute and compute nothing: tests of that value."""

from __future__ import annotations

from matchmaker.attributes.values import Value, is_there
from matchmaker.engine.clauses import Test, compile_clause
from matchmaker.engine.meanings import Meaning
from matchmaker.language.nodes import (
    Attribute,
    Call,
    Chain,
    Comparison,
    Membership,
    Node,
    Number,
    Relation,
    RequestAttribute,
    Text,
)


def subject_of(condition: Node) -> Attribute | RequestAttribute | None:
    """Return the attribute whose value alone a condition looks at; None where something has to be computed."""
    subject: Node | None = None
    if isinstance(condition, Comparison):
        subject = condition.attribute
    elif isinstance(condition, Relation):
        subject = condition.left if isinstance(condition.right, Number | Text) else None
    elif isinstance(condition, Membership):
        subject = condition.operand if all(isinstance(item, Number | Text) for item in condition.items) else None
    elif isinstance(condition, Call) and condition.function == "exists":
        subject = condition.arguments[0]
    return subject if isinstance(subject, Attribute | RequestAttribute) else None


def compile_test(condition: Node, meaning: Meaning) -> Test:
    """Compile a condition that has a subject to a test of that attribute's value."""
    subject = subject_of(condition)
    assert subject is not None
    name = subject.name
    if isinstance(condition, Comparison):
        return compile_clause(condition, meaning).test
    if isinstance(condition, Relation):
        return _literal_test(name, condition.operator, condition.right, meaning)
    if isinstance(condition, Membership):
        tests = tuple(_literal_test(name, "=", item, meaning) for item in condition.items)

        def among(value: Value) -> bool:
            for test in tests:
                if test(value):
                    return True
            return False

        return among
    return lambda value: is_there(value, name)


def alternatives(membership: Membership) -> Node:
    """Return what says the same of an attribute: one relation or another."""
    first, *rest = (Relation(membership.operand, "=", item) for item in membership.items)
    return Chain(first, tuple(("|", relation) for relation in rest)) if rest else first


def request_value(attribute: RequestAttribute) -> Value:
    """Return what the request has as an attribute, as lookups return it."""
    return list(attribute.value) if isinstance(attribute.value, tuple) else attribute.value


def _literal_test(name: str, operator: str, literal: Node, meaning: Meaning) -> Test:
    assert isinstance(literal, Number | Text)
    return compile_clause(Comparison(Attribute(name), operator, literal), meaning).test
