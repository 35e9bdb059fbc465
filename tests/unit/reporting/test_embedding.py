from __future__ import annotations

import json
import math
from typing import Any

from matchmaker.reporting.embedding import STATES, embedded
from tests.unit.reporting.explanations import Clause, explanation, hostile, hosts, wide_hosts


def test_every_verdict_can_be_read_back() -> None:
    explained = hosts(60)
    data = json.loads(embedded(explained))
    states = [name for name, _ in data["states"]]
    for candidate, row in zip(explained["candidates"], data["rows"], strict=True):
        key, name, place, score, matches, letters, cells, contributions, ahead = row
        assert (key, data["texts"][name], place, score) == tuple(
            candidate[k] for k in ("key", "name", "place", "score")
        )
        assert bool(matches) == candidate["matches"]
        assert contributions == candidate["contributions"]
        assert (ahead and data["texts"][ahead[0]]) == (
            candidate["ahead_of"] and f"node{candidate['ahead_of']['key']:04}"
        )
        for verdict, letter, cell in zip(candidate["verdicts"], letters, cells, strict=True):
            assert states[int(letter)] == verdict["state"]
            for reading, number in zip(verdict["readings"], data["cells"][cell], strict=True):
                *texts, state = data["readings"][number]
                shown = [None if text < 0 else data["texts"][text] for text in texts]
                assert shown == [reading[k] for k in ("comparison", "attribute", "value", "read_as", "note")]
                assert states[state] == reading["state"]


def test_columns_are_clauses_or_the_alternatives_of_the_only_one() -> None:
    clauses = [Clause("A", "=", "x"), Clause("B", ">", 1)]
    pool = [(1, None, {"A": "x"}), (2, None, {"B": "0"})]
    data = json.loads(embedded(explanation(clauses, pool)))
    assert data["column"] == "clause"
    assert data["columns"] == [[1, 'A = "x"', 1], [2, "B > 1", 0]]
    data = json.loads(embedded(explanation(clauses, pool, joined_by="|")))
    assert data["column"] == "alternative"
    assert data["columns"] == [[1, 'A = "x"', 1], [2, "B > 1", 0]]
    assert [row[5] for row in data["rows"]] == ["02", "21"]


def test_nothing_in_it_means_anything_to_html() -> None:
    text = embedded(hostile())
    assert text.isascii()
    assert not set("<>&") & set(text)
    json.loads(text)


def test_equal_texts_readings_and_cells_are_embedded_once() -> None:
    data = json.loads(embedded(hosts(60)))
    for kind in ("texts", "readings", "cells"):
        assert len(data[kind]) == len({json.dumps(each) for each in data[kind]})
    assert len(data["texts"]) < 60 * 5


def test_2500_hosts_by_30_clauses_take_less_than_4_megabytes() -> None:
    assert len(embedded(wide_hosts())) < 4_000_000


def test_numbers_that_json_or_scripts_do_not_know_are_texts() -> None:
    explained = explanation([], [(key, None, {}) for key in (1, 2**53, "7", 1.5, True)])
    scores = [1, 2**63, -math.inf, math.nan, 0.1]
    for candidate, score in zip(explained["candidates"], scores, strict=True):
        candidate["score"] = score
        candidate["contributions"] = [score, None]
    rows: list[Any] = json.loads(embedded(explained))["rows"]
    assert [row[0] for row in rows] == [1, "9007199254740992", "7", "1.5", "True"]
    sent: list[Any] = [1, "9223372036854775808", "-Infinity", "NaN", 0.1]
    assert [row[3] for row in rows] == sent
    assert [row[7] for row in rows] == [[each, None] for each in sent]


def test_states_are_numbered_from_good_to_bad() -> None:
    assert list(STATES) == ["pass", "false", "missing", "unconverted", "unreadable"]
