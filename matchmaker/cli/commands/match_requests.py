"""`matchmaker match --requests`: many requests to one pool, an answer to each on a line of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matchmaker.cli.expressions import Asked, Policy, compiled, policy_rank
from matchmaker.cli.formats.arriving import arriving_lines
from matchmaker.cli.formats.recognise import Format
from matchmaker.cli.progress import metered
from matchmaker.cli.reading import STANDARD_INPUT, opened, read_pool
from matchmaker.cli.request_lines import BadRequest, Request, Usual, read_request
from matchmaker.cli.running import BAD_INPUT
from matchmaker.cli.terminal import Refusal, say, write
from matchmaker.cli.values import as_json
from matchmaker.errors import MatchmakerError
from matchmaker.matching.matcher import match_many
from matchmaker.matching.pool import Pool
from matchmaker.matching.ranking import Ranking

ALL_MATCH, SOME_WITHOUT = 0, 1


def run_requests(
    path: Path,
    requests: Path,
    *,
    asked: Asked,
    policy: Policy | None = None,
    limit: int | None = None,
    key: str | None = None,
    columns: Sequence[str] | None = None,
    form: Format | None = None,
) -> int:
    """Print what each request of a batch finds, as JSON Lines; a line that is bad costs no other its answer.

    Parameters
    ----------
    path, requests : Path
        The pool's file, and that with a request on each line; one of them may be `-`.
    asked : Asked
        What holds for requests that do not say otherwise; a requirement is refused, as each has its own.
    columns : sequence of str or None
        Refused, as answers have no columns.
    policy, limit : Policy or None, int or None
        What holds for requests that do not say otherwise.
    key : str or None
        The attribute that identifies a candidate.
    form : Format or None
        The pool's format, if it is not to be recognised.

    Returns
    -------
    int
        0 when all requests have matches, 1 when some have none, 2 when some were bad.

    Raises
    ------
    Refusal, MatchmakerError
        If something is wrong with what holds for all requests, or the pool, or there is no reading the requests.
    """
    if asked.requirement is not None:
        raise Refusal("-r does not go with --requests: give each line a `requirement` of its own")
    if columns is not None:
        raise Refusal("--columns does not go with --requests: the answers hold keys and scores")
    if str(path) == str(requests) == STANDARD_INPUT:
        raise Refusal("only one of the pool and the requests can come from standard input")
    _, order = compiled(replace(asked, request=None))
    attributes = asked.attributes()
    counts = _Counts()
    with opened(requests) as (stream, name):
        pool = read_pool(path, key=key, form=form)
        if order is None and policy is not None:
            order = policy_rank(policy, pool.kind)
        with metered(stream, name) as meter:
            for lines in arriving_lines(stream, name):
                ends = {line.number: line.end for line in lines}
                usual = Usual(order, limit, asked.dialect.value, attributes)
                read = (read_request(line, name, usual) for line in lines)
                for answer in _answers(pool, [each for each in read if each is not None]):
                    counts.add(answer)
                    if not write(json.dumps(answer, allow_nan=False) + "\n"):
                        return counts.status  # nobody reads the rest
                    meter.count = ends[answer["line"]]
    say(counts.summary)
    return counts.status


@dataclass
class _Counts:
    """How many requests were answered, and how."""

    matching: int = 0
    without: int = 0
    bad: int = 0

    def add(self, answer: dict[str, Any]) -> None:
        if "error" in answer:
            self.bad += 1
        elif answer["matched"]:
            self.matching += 1
        else:
            self.without += 1

    @property
    def status(self) -> int:
        return BAD_INPUT if self.bad else SOME_WITHOUT if self.without else ALL_MATCH

    @property
    def summary(self) -> str:
        count = self.matching + self.without + self.bad
        requests = "request" if count == 1 else "requests"
        errors = "error" if self.bad == 1 else "errors"
        return f"{count} {requests}: {self.matching} with matches, {self.without} without, {self.bad} {errors}"


def _answers(pool: Pool, batch: Sequence[Request | BadRequest]) -> Iterator[dict[str, Any]]:
    """Yield the answers to some requests, in order."""
    found = _found(pool, [each for each in batch if isinstance(each, Request)])
    for each in batch:
        yield next(found) if isinstance(each, Request) else _refused(each)


def _found(pool: Pool, requests: Sequence[Request]) -> Iterator[dict[str, Any]]:
    """Yield the answers to requests that are all right, or what their candidates have against them."""
    # Each answer is cut to its own limit. No limit is above the pool's size, as a stranger may write any number.
    limits = [len(pool) if each.limit is None else min(each.limit, len(pool)) for each in requests]
    most = max(limits, default=0)
    place, count = 0, len(requests)
    while place < len(requests):
        group = requests[place : place + count]
        wishes = [(each.requirement, each.rank) for each in group]
        rankings = match_many(pool, wishes, limit=most if most < len(pool) else None)
        try:
            for request, ranking in zip(group, rankings, strict=True):
                answer = _answer(request, ranking, limits[place])
                place += 1
                yield answer
            count *= 2
        except MatchmakerError as error:  # which has ended the rankings: those behind it are asked for again
            request = requests[place]
            place += 1
            yield _refused(BadRequest(request.line, request.id, str(error), None, request.diagnostics))
            count = 1  # if the next fails too, as is likely, nothing was prepared for others in vain


def _answer(request: Request, ranking: Ranking, limit: int) -> dict[str, Any]:
    answer = {
        "line": request.line,
        "id": request.id,
        "considered": ranking.considered,
        "matched": ranking.considered - ranking.rejected,
        "matches": [{"key": as_json(match.key), "score": as_json(match.score)} for match in ranking[:limit]],
    }
    return answer | ({"diagnostics": request.diagnostics} if request.diagnostics else {})


def _refused(request: BadRequest) -> dict[str, Any]:
    answer = {"line": request.line, "id": request.id, "error": {"code": request.code, "message": request.message}}
    return answer | ({"diagnostics": request.diagnostics} if request.diagnostics else {})
