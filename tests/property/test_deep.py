"""As deep as the parser lets an expression be, and as long: nothing recurses on it, and it answers."""

from __future__ import annotations

import copy
import ctypes
import gc
import pickle
from collections.abc import Callable

import pytest

from matchmaker import ExpressionError, Rank, Requirement, check, match
from matchmaker.language.nodes import Blank, Chain, Negative, Node, Not, depth, walk
from matchmaker.language.printer import print_tree

Expression = type[Requirement] | type[Rank]

# How often each pattern fits on the parser's stack, and what it is worth on A = 5, B = 1.
SHAPES: dict[str, tuple[Expression, Callable[[int], str], int]] = {
    "parentheses": (Requirement, lambda n: "(" * n + "A=5" + ")" * n, 9_995),
    "parentheses, wider": (Requirement, lambda n: "(" * n + "A@>5" + ")" * n, 9_994),
    "negations": (Requirement, lambda n: "!" * n + "A=5", 9_995),
    "right operands": (Requirement, lambda n: "A=5 & (" * n + "A=5" + ")" * n, 3_331),
    "negated chains": (Requirement, lambda n: "!(" * n + "A=5" + " & B=1)" * n, 4_996),
    "rank, parentheses": (Rank, lambda n: "(" * n + "A" + ")" * n, 9_996),
    "rank, minuses": (Rank, lambda n: "- " * n + "A", 9_997),
    "rank, right operands": (Rank, lambda n: "A - (" * n + "A" + ")" * n, 3_332),
    "rank, left operands": (Rank, lambda n: "(" * n + "A" + " + B) * B" * n, 9_995),
    "rank, negated sums": (Rank, lambda n: "- (" * n + "A" + " + B)" * n, 4_997),
    "rank, minuses in products": (Rank, lambda n: "A * - " * n + "B", 3_332),
}
CANDIDATE = {"A": 5, "B": 1}


@pytest.mark.parametrize("name", SHAPES)
def test_the_nesting_limit_is_upstreams(name: str) -> None:
    expression, pattern, most = SHAPES[name]
    expression(pattern(most))
    with pytest.raises(ExpressionError) as caught:
        expression(pattern(most + 1))
    assert [each.code for each in caught.value.diagnostics] == ["MM113"]
    assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize("name", SHAPES)
def test_everything_works_on_deep_expressions(name: str) -> None:
    make, pattern, most = SHAPES[name]
    levels = min(most - 100, 4_500)  # its print may have 100 pairs of parentheses more
    expression = make(pattern(levels))
    answer = expression.matches(CANDIDATE) if isinstance(expression, Requirement) else expression.score(CANDIDATE)
    assert answer == expected(expression.tree)
    assert repr(expression).startswith(make.__name__)
    assert repr(expression.tree).startswith("<")
    assert expression.attributes <= {"A", "B"}
    for again in (pickle.loads(pickle.dumps(expression)), make(print_tree(expression.tree))):
        assert again == expression
        assert hash(again) == hash(expression)
    assert copy.deepcopy(expression.tree) == expression.tree
    assert not any(each.severity == "error" for each in check(str(expression), expression=make._what))
    del expression, again
    gc.collect()


def expected(tree: Node) -> int | bool:
    """Evaluate a tree over CANDIDATE without recursion."""
    done: dict[int, float | bool] = {}
    for node in reversed(list(walk(tree))):
        if isinstance(node, Not):
            done[id(node)] = not done[id(node.operand)]
        elif isinstance(node, Negative):
            done[id(node)] = -done[id(node.operand)]
        elif isinstance(node, Chain):
            value = done[id(node.first)]
            for operator, operand in node.rest:
                other = done[id(operand)]
                if operator == "&":
                    value = value and other
                elif operator == "|":
                    value = value or other
                else:
                    result = {"+": value + other, "-": value - other, "*": value * other}[operator]
                    value = ctypes.c_float(result).value
            done[id(node)] = value
        elif not isinstance(node, Blank) and type(node).__name__ != "Comparison":
            done[id(node)] = float(CANDIDATE.get(getattr(node, "name", ""), 0))
        else:
            done[id(node)] = True
    answer = done[id(tree)]
    return answer if isinstance(answer, bool) else int(answer) if abs(answer) < 2**31 else -(2**31)


@pytest.mark.parametrize("name", ["right operands", "negated chains"])
def test_deep_requirements_join(name: str) -> None:
    make, pattern, _ = SHAPES[name]
    deep = make(pattern(2_000))
    assert isinstance(deep, Requirement)
    for joined in (deep & Requirement("B = 1"), Requirement("B = 1") & deep):
        assert joined.matches(CANDIDATE) is deep.matches(CANDIDATE)
    assert (~deep).matches(CANDIDATE) is not deep.matches(CANDIDATE)


def test_a_join_that_is_too_deep_is_an_expression_error() -> None:
    make, pattern, most = SHAPES["right operands"]
    deep = Requirement("A = 6") & make(pattern(most))  # whose canonical print has a pair of parentheses less
    with pytest.raises(ExpressionError) as caught:
        Requirement("A = 6") & deep
    assert [each.code for each in caught.value.diagnostics] == ["MM113"]


def test_trees_deeper_than_any_text_work_too() -> None:
    """Trees are not only made by the parser."""
    operand = Requirement("A = 5").tree
    tree, same = operand, operand
    for _ in range(6_000):
        tree, same = Not(Chain(tree, (("&", operand),))), Not(Chain(same, (("&", operand),)))
    assert tree == same
    assert hash(tree) == hash(same)
    assert depth(tree) > 12_000
    assert pickle.loads(pickle.dumps(tree)) == tree == copy.deepcopy(tree)
    assert len(print_tree(tree)) > 6_000
    del tree, same
    gc.collect()


def test_a_megabyte_of_clauses() -> None:
    count = 170_000
    text = "B=5" + "&A=5|A=6" * (count // 2)
    assert len(text) <= 1024 * 1024
    requirement = Requirement(text)
    assert isinstance(requirement.tree, Chain)
    assert len(requirement.tree.operands) == count + 1
    assert not requirement.matches(CANDIDATE)
    assert requirement.matches({"A": 6})
    assert len(match([CANDIDATE, {"A": 6}], requirement)) == 1


@pytest.mark.parametrize("operator", ["&", "|"])
def test_a_long_chain(operator: str) -> None:
    requirement = Requirement("A=5" + f"{operator}A=5" * 20_000)
    assert requirement.matches({"A": 5})
    assert not requirement.matches({"A": 6})


def test_a_long_sum() -> None:
    rank = Rank("A" + "+A-A" * 10_000)
    assert rank.score({"A": 7}) == 7
