"""What must hold for every input: an answer or a `MatchmakerError`, and the same one from every engine."""

from __future__ import annotations

import pickle
from typing import Any
from unittest.mock import patch

from matchmaker import ExpressionError, Limits, MatchmakerError, Pool, Rank, RankError, Requirement, check, match
from matchmaker.engine import programs
from matchmaker.language.printer import print_tree
from matchmaker.opennebula import candidate as document_candidate

LIMIT = 2**31


class Breach(AssertionError):
    """The contract does not hold."""


def obey(text: str, mapping: Any, document: bytes) -> None:
    """Run one case; raise whatever is wrong."""
    subjects = [mapping]
    try:
        subjects.append(document_candidate(document))
    except MatchmakerError as error:
        must(bool(str(error)), "a refused document without a message")
    for make in (Requirement, Rank):
        expression = construct(make, text)
        must_agree_with_check(text, make, expression is not None)
        if expression is not None:
            for subject in subjects:
                evaluate(expression, subject)


def must(holds: bool, what: str) -> None:
    if not holds:
        raise Breach(what)


def construct(make: type[Requirement] | type[Rank], text: str) -> Requirement | Rank | None:
    """Construct an expression and try what can be done with it, or with the error; a partial rank counts as none."""
    try:
        expression = make(text)
    except ExpressionError as error:
        must(any(each.severity == "error" for each in error.diagnostics), "an error without an error")
        for each in error.diagnostics:
            must(0 <= each.span.start <= each.span.end <= max(1, len(text)), "a span outside of the text")
        must(bool(str(error)), "an error without a text")
        must(str(pickle.loads(pickle.dumps(error))) == str(error), "an error that does not survive a pickle")
        if isinstance(error, RankError) and error.partial is not None:
            must(text.startswith(str(error.partial)), "a partial rank from elsewhere")
            must(-LIMIT <= error.partial.score({}) < LIMIT, "a partial rank without a score")
        return None
    must(str(expression) == text, "another text")
    must(pickle.loads(pickle.dumps(expression)) == expression, "another expression after a pickle")
    printed = print_tree(expression.tree)
    try:
        again = make(printed)
    except ExpressionError as error:
        must(error.diagnostics[-1].code == "MM113", "a print that does not parse")
    else:
        must(again == expression and hash(again) == hash(expression), "a print that means something else")
        must(print_tree(again.tree) == printed, "a print that is not canonical")
    return expression


def must_agree_with_check(text: str, make: type[Requirement] | type[Rank], valid: bool) -> None:
    for kind in ("plain", "host", "datastore", "network"):
        found = check(text, expression=make._what, kind=kind)  # type: ignore[arg-type]
        must(valid == all(each.severity != "error" for each in found), "check and construction differ")


def evaluate(expression: Requirement | Rank, subject: Any) -> None:
    """Ask all engines."""
    answers = {"as it is": ask(expression, subject)}
    for patience in (1, 64):
        with patch.object(programs, "PROMOTION", 1), patch.object(programs, "PATIENCE", patience):
            fresh = anew(expression)
            for turn in ("first", "second"):
                answers[f"promoted, patience {patience}, {turn}"] = ask(fresh, subject)
    with patch.object(programs, "DEEPEST_CLOSURE", 0):
        answers["explicit stack"] = ask(anew(expression), subject)
    answers["columns"] = ask_columns(expression, subject)
    must(len(set(answers.values())) == 1, f"engines disagree: {answers}")


def ask_columns(expression: Requirement | Rank, subject: Any) -> Any:
    """Ask the columnar engine, the second time after it has kept what it found."""
    wishes = (expression, None) if isinstance(expression, Requirement) else (None, expression)
    answers = []
    try:
        pool = Pool([subject])
        for _ in range(2):
            ranking = match(pool, *wishes, engine="columnar")  # type: ignore[arg-type]
            answers.append(bool(ranking) if wishes[1] is None else ranking[0].score)
    except MatchmakerError as error:
        must(bool(str(error)), "an error without a text")
        return type(error)
    must(answers[0] == answers[1], "another answer the second time")
    return answers[0]


def anew(expression: Requirement | Rank) -> Requirement | Rank:
    """Return an equal expression that nothing is compiled for yet: with limits of its own it is not kept."""
    return type(expression)(str(expression), limits=Limits(length=2**30))


def ask(expression: Requirement | Rank, subject: Any) -> Any:
    try:
        if isinstance(expression, Requirement):
            answer = expression.matches(subject)
            must(expression.filter([subject]) == ([subject] if answer else []), "filter differs")
            must(len(match([subject], expression)) == int(answer), "match differs")
        else:
            answer = expression.score(subject)
            must(-LIMIT <= answer < LIMIT, "a score outside of 32 bits")
            must(match([subject], None, expression)[0].score == answer, "match differs")
    except MatchmakerError as error:
        must(bool(str(error)), "an error without a text")
        return type(error)
    must(type(answer) in (bool, int), "an answer of another type")
    return answer
