"""Errors descend from one root, say what is wrong, and survive a pickle."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from matchmaker import (
    BindingError,
    CandidateError,
    Diagnostic,
    DialectError,
    DocumentError,
    ExpressionError,
    ExtraMissing,
    LimitError,
    MatchmakerError,
    PoolError,
    Rank,
    RankError,
    Source,
    Span,
)

DIAGNOSTIC = Diagnostic("MM101", "error", Span(2, 3), "syntax error")


@pytest.mark.parametrize(
    ("error", "bases"),
    [
        (DialectError("x"), ValueError),
        (ExtraMissing("cli", "the command line"), ImportError),
        (ExpressionError(Source("A B"), (DIAGNOSTIC,)), ValueError),
        (RankError(Source("A B"), (DIAGNOSTIC,), Rank("A")), ExpressionError),
        (CandidateError("x", attribute="A", key=5), TypeError),
        (BindingError("x", attribute="A"), TypeError),
        (DocumentError("x"), ValueError),
        (PoolError("x"), LookupError),
        (LimitError("x"), ValueError),
    ],
)
def test_every_error_is_a_matchmaker_error(error: Exception, bases: type[Exception]) -> None:
    assert isinstance(error, MatchmakerError)
    assert isinstance(error, bases)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_an_extra_is_named_with_the_command_that_brings_it() -> None:
    assert str(ExtraMissing("cli", "The command line")) == (
        "The command line needs an extra: pip install 'matchmaking-expressions[cli]'"
    )


def test_an_expression_error_shows_all_its_diagnostics() -> None:
    error = ExpressionError(Source("A B", "SCHED_RANK"), (DIAGNOSTIC, DIAGNOSTIC))
    shown = DIAGNOSTIC.render(error.source)
    assert str(error) == f"{shown}\n\n{shown}"
    assert " --> SCHED_RANK:1:3" in shown


@pytest.mark.parametrize(
    ("details", "shown"),
    [
        ({}, "candidate: no value"),
        ({"attribute": "A"}, "candidate, attribute `A`: no value"),
        ({"attribute": "A", "key": "node1"}, "candidate 'node1', attribute `A`: no value"),
        ({"key": 0}, "candidate 0: no value"),
    ],
)
def test_a_candidate_error_names_key_and_attribute(details: dict[str, Any], shown: str) -> None:
    assert str(CandidateError("no value", **details)) == shown
