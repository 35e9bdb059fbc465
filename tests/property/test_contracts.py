"""What expressions promise as Python objects: equality, hashing, copies, pickles, immutability."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import ExpressionError, Limits, Rank, Requirement
from matchmaker.language.nodes import Node, walk
from matchmaker.language.printer import print_tree
from matchmaker.testing import candidates, ranks, requirements
from matchmaker.testing.strategies import styles
from matchmaker.testing.trees import rank_trees, requirement_trees
from matchmaker.testing.writing import write

Expression = Requirement | Rank

expressions = requirements(max_depth=2) | ranks(max_depth=2)
related = st.one_of(
    st.tuples(expressions, expressions),
    st.tuples(st.just(Requirement), requirement_trees(max_depth=2), styles, styles).map(lambda case: _twice(*case)),
    st.tuples(st.just(Rank), rank_trees(max_depth=2), styles, styles).map(lambda case: _twice(*case)),
)
"""Pairs of expressions, often two texts of one tree."""


def _twice(
    expression: type[Requirement] | type[Rank], tree: Node, one: int, other: int
) -> tuple[Expression, Expression]:
    return expression(write(tree, one)), expression(write(tree, other))


@given(related)
@example((Rank("A + -0.0"), Rank("A + 0.0")))
@example((Requirement("A = 1"), Requirement("A = 1.0")))
@example((Requirement('A = "1"'), Requirement("A = 1")))
@example((Requirement(""), Rank("")))
def test_equal_means_the_same_print(pair: tuple[Expression, Expression]) -> None:
    one, other = pair
    same = type(one) is type(other) and print_tree(one.tree) == print_tree(other.tree)
    assert (one == other) is same
    assert (one != other) is not same
    assert (one.tree == other.tree) is same or type(one) is not type(other)
    if same:
        assert hash(one) == hash(other)
        assert hash(one.tree) == hash(other.tree)


@given(expressions)
def test_an_expression_differs_from_everything_else(expression: Expression) -> None:
    for other in (
        str(expression),
        None,
        expression.tree,
        Rank("A") if isinstance(expression, Requirement) else Requirement("A=1"),
    ):
        assert expression != other


def spans(tree: Node) -> list[tuple[int, int]]:
    return [tuple(node.span) for node in walk(tree)]


@given(expressions, st.sampled_from((copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it)))))
def test_copies_keep_everything(expression: Expression, duplicate: Any) -> None:
    again = duplicate(expression)
    assert type(again) is type(expression)
    assert again == expression
    assert str(again) == str(expression)
    assert again.dialect == expression.dialect
    assert again.diagnostics == expression.diagnostics
    assert again.attributes == expression.attributes
    assert spans(again.tree) == spans(expression.tree)
    tree = duplicate(expression.tree)
    assert tree == expression.tree
    assert spans(tree) == spans(expression.tree)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_works(protocol: int) -> None:
    for expression in (Requirement('A = 1 & !(B = "x" | C @> 0.5)'), Rank("- A * 2 + B / 0.5")):
        assert pickle.loads(pickle.dumps(expression, protocol)) == expression
        assert pickle.loads(pickle.dumps(expression.tree, protocol)) == expression.tree


def test_limits_survive_a_pickle() -> None:
    small = Requirement("A = 1", limits=Limits(length=5))
    again = pickle.loads(pickle.dumps(small))
    with pytest.raises(ExpressionError):
        again & Requirement("B = 1")


@given(expressions)
def test_nothing_about_an_expression_can_be_changed(expression: Expression) -> None:
    for name in ("tree", "dialect", "diagnostics", "attributes", "_text", "anything"):
        with pytest.raises(AttributeError):
            setattr(expression, name, None)
        with pytest.raises(AttributeError):
            delattr(expression, name)
    for node in walk(expression.tree):
        for name in ("span", "name", "value", "operator", "first", "rest", "anything"):
            with pytest.raises((AttributeError, TypeError)):
                setattr(node, name, None)
    assert isinstance(expression.attributes, frozenset)
    assert isinstance(expression.diagnostics, tuple)


@given(expressions)
def test_repr_is_code_that_makes_it_again(expression: Expression) -> None:
    again = eval(repr(expression), {"Requirement": Requirement, "Rank": Rank})
    assert again == expression
    assert str(again) == str(expression)


@given(requirements(), candidates())
def test_attributes_are_all_that_is_read(requirement: Requirement, candidate: dict[str, Any]) -> None:
    read: set[str] = set()

    class Watched(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            read.add(key)
            return super().__getitem__(key)

    requirement.matches(Watched(candidate))
    paths = {step for name in requirement.attributes for step in name.split("/")}
    assert read <= requirement.attributes | paths
