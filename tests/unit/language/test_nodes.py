"""Nodes: dumb, frozen, compared without their spans."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import pytest

from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Float,
    Integer,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
    at_level,
    children,
    depth,
    is_condition,
    walk,
)
from matchmaker.source import Span

A = Attribute("A", Span(0, 1))
FIVE = Integer(5, Span(4, 5))
CLAUSE = Comparison(A, "=", FIVE, Span(0, 5))
NODES: list[Node] = [
    Blank(),
    A,
    FIVE,
    Float(5.0),
    Text("5"),
    CLAUSE,
    Not(CLAUSE),
    Negative(A),
    Chain(CLAUSE, (("&", CLAUSE),)),
    Chain(CLAUSE, (("|", CLAUSE),)),
    Chain(A, (("+", FIVE), ("-", A))),
    Number(5.0),
    RequestAttribute("A"),
    RequestAttribute("A", 5, Span(0, 9)),
    RequestAttribute("A", (5, "x")),
    Relation(A, "=", FIVE, Span(0, 5)),
    Relation(A, "<", FIVE),
    Relation(FIVE, "<", A),
    Membership(A, (FIVE,), Span(0, 8)),
    Membership(A, (FIVE, Text("5"))),
    Choice(CLAUSE, A, FIVE, Span(0, 20)),
    Choice(CLAUSE, FIVE, A),
    Call("min", (A, FIVE), Span(0, 9)),
    Call("max", (A, FIVE)),
    Call("max", ()),
]


@pytest.mark.parametrize("node", NODES, ids=repr)
def test_a_node_is_equal_to_itself_alone(node: Node) -> None:
    assert [other for other in NODES if other == node] == [node]
    assert hash(node) == hash(pickle.loads(pickle.dumps(node)))
    assert node != "A"
    assert node is not None


def test_spans_do_not_count() -> None:
    assert Attribute("A", Span(7, 8)) == A
    assert hash(Attribute("A", Span(7, 8))) == hash(A)


def test_types_of_literals_count() -> None:
    assert Integer(5) != Float(5.0)
    assert Comparison(A, "=", Integer(5)) != Comparison(A, "=", Text("5"))


@pytest.mark.parametrize("node", NODES, ids=repr)
def test_nodes_are_frozen_and_slotted(node: Node) -> None:
    with pytest.raises(FrozenInstanceError):
        node.span = Span(1, 2)
    assert not hasattr(node, "__dict__")


@pytest.mark.parametrize("node", NODES, ids=repr)
def test_a_pickle_keeps_spans(node: Node) -> None:
    again = pickle.loads(pickle.dumps(node))
    assert again == node
    assert [part.span for part in walk(again)] == [part.span for part in walk(node)]


def test_children_are_in_text_order() -> None:
    chain = Chain(A, (("+", FIVE), ("-", Negative(A))))
    assert children(chain) == chain.operands == (A, FIVE, Negative(A))
    assert children(CLAUSE) == (A, FIVE)
    assert children(Not(CLAUSE)) == (CLAUSE,)
    assert children(A) == ()
    assert [type(node).__name__ for node in walk(chain)] == ["Chain", "Attribute", "Integer", "Negative", "Attribute"]
    assert chain.level == 1


def test_children_of_the_extended_dialects_nodes() -> None:
    assert children(Relation(A, "<", FIVE)) == (A, FIVE)
    assert children(Membership(A, (FIVE, Text("5")))) == (A, FIVE, Text("5"))
    assert children(Choice(CLAUSE, A, FIVE)) == (CLAUSE, A, FIVE)
    assert children(Call("min", (A, FIVE))) == (A, FIVE)
    assert children(RequestAttribute("A")) == ()


def test_nodes_of_a_level() -> None:
    tree = Chain(CLAUSE, (("&", Not(CLAUSE)),))
    assert [list(at_level(tree, level)) for level in range(1, 6)] == [
        [tree],
        [CLAUSE, Not(CLAUSE)],
        [A, FIVE, CLAUSE],
        [A, FIVE],
        [],
    ]


@pytest.mark.parametrize(
    ("node", "condition"),
    [
        (Blank(), True),
        (CLAUSE, True),
        (Not(CLAUSE), True),
        (Relation(A, "<", A), True),
        (Membership(A, (FIVE,)), True),
        (Call("exists", (A,)), True),
        (Chain(CLAUSE, (("|", CLAUSE),)), True),
        (Choice(CLAUSE, CLAUSE, Choice(CLAUSE, CLAUSE, CLAUSE)), True),
        (Choice(CLAUSE, CLAUSE, Choice(CLAUSE, CLAUSE, A)), False),
        (Choice(CLAUSE, FIVE, CLAUSE), False),
        (Chain(CLAUSE, (("+", CLAUSE),)), False),
        (Negative(CLAUSE), False),
        (Call("min", (CLAUSE,)), False),
        (RequestAttribute("A", True), False),
        (A, False),
    ],
)
def test_conditions(node: Node, condition: bool) -> None:
    assert is_condition(node) is condition


@pytest.mark.parametrize(
    ("node", "levels"), [(Blank(), 1), (CLAUSE, 2), (Not(CLAUSE), 3), (Chain(CLAUSE, (("&", Not(CLAUSE)),)), 4)]
)
def test_depth(node: Node, levels: int) -> None:
    assert depth(node) == levels


def test_repr_shows_the_text() -> None:
    assert repr(Not(CLAUSE)) == "<Not !(A = 5)>"
    assert repr(Blank()) == "<Blank >"
