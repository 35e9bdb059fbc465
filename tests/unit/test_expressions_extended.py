"""Expressions of the extended dialect as objects: answers, binding, joining."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from matchmaker import CandidateError, ExpressionError, MatchmakerError, Rank, RankError, Requirement
from matchmaker.errors import BindingError


def requirement(text: str) -> Requirement:
    return Requirement(text, dialect="extended")


def rank(text: str) -> Rank:
    return Rank(text, dialect="extended")


NODE = {"HYPERVISOR": "kvm", "FREE_CPU": 400, "FREE_MEMORY": "2048 MB", "RACK": ["r1", "r2"], "LABEL": ""}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('HYPERVISOR = "kv?" & FREE_CPU >= 400', True),
        ("FREE_CPU / 1000 = 0.4", True),
        ("FREE_MEMORY - FREE_CPU * 5 > 40", True),
        ("not exists(GPU) and default(GPU, 0) = 0", True),
        ("GPU != 1", False),
        ("!(GPU = 1)", True),
        ('LABEL = "" & exists(LABEL) & LABEL != "x"', True),
        ('GPU = "" | GPU != ""', False),
        ('RACK = "r2"', False),
        ('RACK @> "r2"', True),
        ('RACK in ["x", "r1"] & FREE_CPU in [1, 2 * 200]', True),
        ('HYPERVISOR == "kv?"', False),
        ('exists(GPU) ? GPU > 1 : HYPERVISOR = "kvm"', True),
        ("1 / 0 > FREE_CPU", True),
        ("0 / 0 != 0 / 0", True),
        ("REQUEST.CPU <= FREE_CPU", False),
        ("", True),
    ],
)
def test_requirements(text: str, answer: bool) -> None:
    assert requirement(text).matches(NODE) is answer
    assert requirement(text).filter([NODE, {}, NODE]).count(NODE) == 2 * answer


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("FREE_CPU / 1000", 0.4),
        ("FREE_CPU", 400.0),
        ("- FREE_MEMORY", -2048.0),
        ('(HYPERVISOR = "kvm") * 100 + FREE_CPU', 500.0),
        ('HYPERVISOR = "kvm"', 1.0),
        ("GPU", None),
        ("GPU * 0", None),
        ("default(GPU, 7)", 7.0),
        ("0 / 0", None),
        ("1 / 0", math.inf),
        ("max(FREE_CPU, 500, 1) + min(2, 3) + abs(0 - 1) + round(2.5)", 505.0),
        ("max(1, GPU)", None),
        ("exists(GPU) ? GPU : round(3.5)", 4.0),
        ("", 0.0),
    ],
)
def test_scores_are_floats_or_none(text: str, score: float | None) -> None:
    found = rank(text).score(NODE)
    assert (found, type(found)) == (score, type(score))


def test_values_that_are_not_needed_are_not_read() -> None:
    odd = {"A": object(), "B": 5}
    for text in ("B = 5 | A = 1", "B = 4 & A = 1", "B in [5, A]", "B = 5 ? B = 5 : A = 1", "default(B, A) = 5"):
        requirement(text).matches(odd)
    for text in ("A = 1 | B = 5", "B in [4, A]", "default(C, A) = 5", "C + A = 1", "exists(A)"):
        with pytest.raises(CandidateError, match="`A`"):
            requirement(text).matches(odd)


def test_what_is_wrong_with_a_rank_has_nothing_to_do_with_opennebula() -> None:
    with pytest.raises(RankError) as caught:
        rank("FREE_CPU)")
    assert caught.value.partial is None
    assert "OpenNebula" not in str(caught.value)


# Binding.

FITS = "FREE_MEMORY >= REQUEST.MEMORY & RACK in [REQUEST.RACK, 5]"


def test_bound_values_are_read() -> None:
    fits = requirement("FREE_MEMORY >= REQUEST.MEMORY & exists(REQUEST.RACK)")
    assert fits.request is None
    assert not fits.matches({"FREE_MEMORY": 4096})
    bound = fits.bind({"MEMORY": "2 GiB", "RACK": [None, "r1"], "OTHER": object()})
    assert bound.request == {"MEMORY": "2 GiB", "RACK": [None, "r1"]}
    assert (bound.matches({"FREE_MEMORY": 2}), bound.matches({"FREE_MEMORY": 1.5})) == (True, False)
    assert bound.filter([{"FREE_MEMORY": 2}, {}]) == [{"FREE_MEMORY": 2}]
    assert not fits.matches({"FREE_MEMORY": 4096})
    assert rank("REQUEST.X * 2").bind({"X": 1.25}).score({}) == 2.5
    assert requirement('REQUEST.X = "Y*"').bind({"X": True}).matches({})
    assert requirement('REQUEST.X == "2.0"').bind({"X": 2.0}).matches({})


def test_a_later_request_takes_the_place_of_the_first() -> None:
    both = rank("default(REQUEST.A, 0) + default(REQUEST.B, 0)")
    assert both.bind({"A": 1}).bind({"B": 2}).score({}) == 2.0
    assert both.bind({"A": 1}).bind({}) == both


def test_binding_makes_another_object_and_keeps_what_was_given() -> None:
    values = ["r1"]
    bound = requirement(FITS).bind({"RACK": values, "MEMORY": 1})
    values.append("r2")
    assert bound.request == {"RACK": ["r1"], "MEMORY": 1}
    assert requirement(FITS).request is None
    request: Any = bound.request
    with pytest.raises(TypeError):
        request["MEMORY"] = 2
    with pytest.raises(AttributeError, match="cannot be changed"):
        bound.request = {}  # type: ignore[misc]


def test_equality_and_hash_know_what_is_bound() -> None:
    fits = requirement("A > REQUEST.A")
    assert fits.bind({"A": 1}) == fits.bind({"A": 1, "B": 2})
    assert hash(fits.bind({"A": 1})) == hash(fits.bind({"A": 1}))
    assert fits.bind({"A": 1}) != fits.bind({"A": True})
    assert fits.bind({"A": 1}) != fits.bind({"A": [1, 2]})
    assert fits.bind({"A": 1}) != fits
    assert fits.bind({"A": math.nan}) == fits.bind({"A": math.nan})


def test_bound_expressions_pickle() -> None:
    for bound in (
        requirement("A in [REQUEST.A, 5]").bind({"A": ["1", 2.5, None]}),
        rank("REQUEST.A + REQUEST.B").bind({"A": 10**400, "B": True}),
    ):
        again = pickle.loads(pickle.dumps(bound))
        assert (again, again.request, str(again)) == (bound, bound.request, str(bound))
        assert hash(again) == hash(bound)
    assert pickle.loads(pickle.dumps(requirement(FITS))) is requirement(FITS)


class Hostile(Mapping[str, Any]):
    """A request that cannot be read."""

    def __getitem__(self, name: str) -> Any:
        raise RuntimeError("no")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("value", [object(), {}, (1,), [[1]], [1, {}], b"x"])
def test_values_of_other_types_are_refused(value: Any) -> None:
    with pytest.raises(BindingError, match="request, attribute `A`: a value of type") as caught:
        requirement("A = REQUEST.A").bind({"A": value})
    assert isinstance(caught.value, MatchmakerError)
    assert caught.value.attribute == "A"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.attribute) == (str(caught.value), "A")


def test_what_is_no_request_is_refused() -> None:
    for text in ("A = REQUEST.A", "A = 1"):
        for request in (5, None, [("A", 1)]):
            with pytest.raises(BindingError, match="a request is a mapping"):
                requirement(text).bind(request)  # type: ignore[arg-type]
    with pytest.raises(BindingError, match="`A`"):
        requirement("A = REQUEST.A").bind(Hostile())
    with pytest.raises(BindingError, match="so many digits"):
        requirement("A = REQUEST.A").bind({"A": 10**10_000})


def test_what_reads_no_request_stays_as_it_is() -> None:
    for expression in (requirement("A = 1"), rank("A"), Requirement("A = 1"), Rank("A")):
        assert expression.bind({"A": 1}) is expression


# Joining.


def test_joining_keeps_the_meaning() -> None:
    one, two, three = requirement("A = 1"), requirement("B = 2 or C = 3"), requirement("D = 4 ? E = 5 : F = 6")
    for joined, text in (
        (one & two & three, "A = 1 & (B = 2 | C = 3) & (D = 4 ? E = 5 : F = 6)"),
        (one | two, "A = 1 | (B = 2 | C = 3)"),
        (two | one | two, "B = 2 | C = 3 | A = 1 | (B = 2 | C = 3)"),
        ((two & one) | three, "(B = 2 | C = 3) & A = 1 | (D = 4 ? E = 5 : F = 6)"),
        (~(one & two), "!(A = 1 & (B = 2 | C = 3))"),
        (~three, "!(D = 4 ? E = 5 : F = 6)"),
    ):
        assert joined == requirement(text)
        assert requirement(str(joined)).tree == joined.tree
        assert joined.dialect == "extended"
    assert ~~one == one


def test_joining_by_turns_keeps_the_order() -> None:
    joined = requirement("A0 = 1")
    for number in range(1, 80):
        other = requirement(f"A{number} = 1")
        joined = joined & other if number % 2 else joined | other
    for seed in range(50):
        candidate = {f"A{number}": (seed * number * number + seed) % 7 % 2 for number in range(80)}
        verdict = candidate["A0"] == 1
        for number in range(1, 80):
            met = candidate[f"A{number}"] == 1
            verdict = (verdict and met) if number % 2 else (verdict or met)
        assert joined.matches(candidate) is verdict


def test_blank_requirements_join() -> None:
    blank, one = requirement(" # nothing"), requirement("A = 1")
    assert blank & one == one & blank == one
    for joined in (blank | one, one | blank, blank & blank, ~~blank):
        assert joined.matches({})
    for candidate in ({}, {"ID": ""}, {"ID": "1"}):
        assert not (~blank).matches(candidate)
        assert not (~blank & one).matches({"A": 1} | candidate)


def test_joining_keeps_what_is_bound() -> None:
    one, two = requirement("A = REQUEST.A").bind({"A": [1, "x"]}), requirement("B = REQUEST.B").bind({"B": 2})
    for joined in (one & two, two & one, ~(~one | ~two), one & requirement("B = 2")):
        assert joined.matches({"A": 1, "B": 2})
        assert not joined.matches({"A": 2, "B": 2})
    assert (one & two).request == {"A": [1, "x"], "B": 2}
    assert (one & requirement("")).request == {"A": [1, "x"]}
    assert (one & two & one).request == {"A": [1, "x"], "B": 2}
    assert (one | requirement("")).request is None


def test_different_bindings_do_not_join() -> None:
    one = requirement("A = REQUEST.A")
    for other in (one.bind({"A": 2}), one, requirement("REQUEST.A = 5").bind({"A": "1 "})):
        with pytest.raises(ExpressionError, match=r"`REQUEST\.A`") as caught:
            one.bind({"A": 1}) & other
        assert [each.code for each in caught.value.diagnostics] == ["MM115"]
    assert (one.bind({"A": 1}) & one.bind({"A": "1"})).matches({"A": 1})


def test_joins_that_nest_too_deep_are_refused() -> None:
    deep = one = requirement("A = 1")
    with pytest.raises(ExpressionError, match="levels") as caught:
        for _ in range(100):
            deep = (deep & one) | one
    assert [each.code for each in caught.value.diagnostics] == ["MM113"]
