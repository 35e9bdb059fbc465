"""Joined requirements mean what their parts mean, and no part can leave its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given

from matchmaker import ExpressionError, Rank, Requirement
from matchmaker.language.nodes import Chain
from matchmaker.language.printer import print_tree
from matchmaker.testing import candidates, requirements
from tests.property.hostile import texts


@given(requirements(max_depth=3), requirements(max_depth=3), candidates())
@example(Requirement("A = 1 | B = 1"), Requirement("A = 2 | B = 2"), {"A": 1, "B": 2})
@example(Requirement(""), Requirement("A = 1"), {"A": 2})
def test_joining_is_boolean(one: Requirement, other: Requirement, candidate: dict[str, Any]) -> None:
    left, right = one.matches(candidate), other.matches(candidate)
    assert (one & other).matches(candidate) is (left and right)
    assert (one | other).matches(candidate) is (left or right)
    assert (~one).matches(candidate) is not left
    assert (~(one & other)).matches(candidate) is not (left and right)
    assert (~~one).matches(candidate) is left


@given(requirements(max_depth=2), requirements(max_depth=2))
def test_the_text_of_a_join_is_its_canonical_print(one: Requirement, other: Requirement) -> None:
    for joined in (one & other, one | other, ~one):
        assert str(joined) == print_tree(joined.tree)
        assert Requirement(str(joined)) == joined


@given(texts, candidates())
@example("K = xen) | (A > -1", {"A": 5})
@example("A = 1 | A > -1", {"A": 5})
@example("A = 1\0)", {"A": 5})
@example('A = "', {"A": 5})
def test_a_users_text_never_defeats_what_it_is_joined_to(text: str, candidate: dict[str, Any]) -> None:
    automatic = Requirement("CLUSTER_ID = 100 & !(PUBLIC_CLOUD = YES)")
    try:
        user = Requirement(text)
    except ExpressionError:
        return
    joined = automatic & user
    assert not joined.matches(candidate)
    assert joined.matches(candidate | {"CLUSTER_ID": 100}) is user.matches(candidate | {"CLUSTER_ID": 100})
    if user.tree != Requirement("").tree:
        assert isinstance(joined.tree, Chain)
        assert joined.tree.rest[-1] == ("&", user.tree)


def test_only_requirements_join() -> None:
    for other in (Rank("A"), "A = 1", None, True, 5):
        with pytest.raises(TypeError):
            Requirement("A = 1") & other
        with pytest.raises(TypeError):
            other | Requirement("A = 1")
    with pytest.raises(TypeError):
        ~Rank("A")  # type: ignore[operator]
