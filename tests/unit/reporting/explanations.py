"""Explanations to show, in the shape of `Explanation.to_json`, whose counts are those of their candidates.

They are computed here by a few lines that know comparisons of one attribute with one literal, and not by the library: what the
page shows can then be told from what the library finds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Attributes = Mapping[str, str]

STATES = ("pass", "false", "missing", "unconverted", "unreadable")
UNREADABLE = "\0unreadable"
"""The value of an attribute that cannot be read."""


class Clause(NamedTuple):
    """A comparison of an attribute with a literal: a text, or a whole number."""

    attribute: str
    operator: str
    literal: str | int
    part: str = "user"

    @property
    def text(self) -> str:
        literal = self.literal if isinstance(self.literal, int) else f'"{self.literal}"'
        return f"{self.attribute} {self.operator} {literal}"

    def verdict(self, attributes: Attributes) -> dict[str, Any]:
        value = attributes.get(self.attribute)
        read_as, note = None, ""
        number = re.match(r"\s*[+-]?\d+", value or "")
        if value is None:
            state = "missing"
        elif value == UNREADABLE:
            state, value, note = "unreadable", None, "a nested list cannot be read"
        elif isinstance(self.literal, str):
            state = "pass" if (value == self.literal) == (self.operator == "=") else "false"
        elif number is None:
            state, note = "unconverted", "no whole number"
        else:
            read_as = str(int(number.group()))
            note = "" if read_as == value else f"read as {read_as}"
            holds = {">": int(read_as) > self.literal, "<": int(read_as) < self.literal}
            state = "pass" if holds.get(self.operator, int(read_as) == self.literal) else "false"
        reading = {"comparison": self.text, "attribute": self.attribute, "value": value, "read_as": read_as}
        return {"state": state, "readings": [reading | {"note": note, "state": state}]}


class Term(NamedTuple):
    """A term of a rank: a factor times an attribute."""

    factor: int
    attribute: str

    def text(self, first: bool) -> str:
        factor = "" if abs(self.factor) == 1 else f"{abs(self.factor)} * "
        sign = ("-" if self.factor < 0 else "") if first else ("- " if self.factor < 0 else "+ ")
        return f"{sign}{factor}{self.attribute}"

    def contribution(self, attributes: Attributes) -> float:
        number = re.match(r"\s*[+-]?\d+", attributes.get(self.attribute, ""))
        return float(self.factor * int(number.group())) if number else 0.0


def explanation(
    clauses: Sequence[Clause],
    candidates: Sequence[tuple[int | str, str | None, Attributes]],
    terms: Sequence[Term] = (),
    *,
    joined_by: str = "&",
    **others: Any,
) -> dict[str, Any]:
    """Return what is explained about candidates, each a key, a name and attributes; `others` replaces parts of it."""
    rows = [_candidate(position, *each, clauses, terms, joined_by) for position, each in enumerate(candidates)]
    _rank(rows)
    columns = [_column(number, clause, rows) for number, clause in enumerate(clauses)]
    text = f" {joined_by} ".join(clause.text for clause in clauses)
    matching = sum(row["matches"] for row in rows)
    if joined_by == "|":
        tallies = dict.fromkeys(STATES[1:], 0) | {"false": len(rows) - matching}
        whole = {"number": 1, "text": text, "part": "user", "passing": matching, "passing_so_far": matching}
        columns = [whole | tallies | {"only_obstacle": len(rows) - matching, "alternatives": columns, "nearest": []}]
    rank = " ".join(term.text(number == 0) for number, term in enumerate(terms))
    return {
        "format": 1,
        "requirement": text,
        "rank": rank or None,
        "dialect": "opennebula",
        "kind": "host",
        "considered": len(rows),
        "matching": matching,
        "unscored": 0,
        "summary": f"{matching:,} of {len(rows):,} hosts match" if rows else "There are no hosts to choose from",
        "paragraph": _paragraph(columns, matching, len(rows)),
        "joined_by": joined_by,
        "clauses": columns,
        "changes": {"complete": True, "sets": []},
        "unknown": [],
        "terms": [{"number": n + 1, "text": term.text(n == 0)} for n, term in enumerate(terms)],
        "candidates": rows,
    } | others


def _candidate(
    position: int,
    key: int | str,
    name: str | None,
    attributes: Attributes,
    clauses: Sequence[Clause],
    terms: Sequence[Term],
    joined_by: str,
) -> dict[str, Any]:
    verdicts = [clause.verdict(attributes) for clause in clauses]
    failing = [number for number, verdict in enumerate(verdicts, 1) if verdict["state"] != "pass"]
    if joined_by == "|":
        failing = [1] if len(failing) == len(clauses) else []
    contributions = [term.contribution(attributes) for term in terms] if not failing else []
    return {
        "key": key,
        "name": name,
        "position": position,
        "matches": not failing,
        "place": None,
        "score": None if failing else int(sum(contributions)),
        "failing": failing,
        "verdicts": verdicts,
        "contributions": contributions,
        "ahead_of": None,
    }


def _rank(rows: Sequence[dict[str, Any]]) -> None:
    ranking = sorted((row for row in rows if row["matches"]), key=lambda row: (-row["score"], -row["position"]))
    for place, row in enumerate(ranking, 1):
        row["place"] = place
    for row, other in pairwise(ranking):
        difference = row["score"] - other["score"]
        why = f"the score is {difference:,} higher" if difference else "it comes later in the pool"
        row["ahead_of"] = {"key": other["key"], "term": None, "difference": None, "tie": not difference, "why": why}


def _column(number: int, clause: Clause, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    states = [row["verdicts"][number]["state"] for row in rows]
    return {
        "number": number + 1,
        "text": clause.text,
        "part": clause.part,
        "passing": states.count("pass"),
        "passing_so_far": sum(not any(n <= number + 1 for n in row["failing"]) for row in rows),
        "only_obstacle": sum(row["failing"] == [number + 1] for row in rows),
        "alternatives": [],
        "nearest": _nearest(number, clause, rows),
    } | {state: states.count(state) for state in STATES[1:]}


def _nearest(number: int, clause: Clause, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if clause.operator != ">" or not isinstance(clause.literal, int):
        return []
    alone = [row["verdicts"][number]["readings"][0]["read_as"] for row in rows if row["failing"] == [number + 1]]
    values = sorted((int(value) for value in alone if value is not None), reverse=True)
    matching = sum(row["matches"] for row in rows)
    nearest = {}
    for wanted in (1, 3, 10):
        if len(values) >= wanted:
            literal = values[wanted - 1] - 1
            admits = sum(value > literal for value in values)
            text = f"{clause.attribute} > {literal}"
            nearest[literal] = {"admits": admits, "matching": matching + admits, "literal": str(literal), "text": text}
    return list(nearest.values())


def _paragraph(columns: Sequence[Mapping[str, Any]], matching: int, considered: int) -> str:
    if not columns or not considered:
        return "There is nothing to compare."
    tightest = min(columns, key=lambda column: column["passing"])
    return (
        f"{matching:,} of {considered:,} hosts pass every clause. Clause {tightest['number']}, {tightest['text']}, is the "
        f"tightest: {tightest['passing']:,} hosts pass it alone, and for {tightest['only_obstacle']:,} it is the only obstacle."
    )


HOST_CLAUSES = (
    Clause("HYPERVISOR", "=", "kvm"),
    Clause("FREE_CPU", ">", 1200),
    Clause("FREE_MEMORY", ">", 33554432),
    Clause("TIER", "=", "gold"),
    Clause("CLUSTER_ID", "<", 8, part="automatic"),
)
HOST_TERMS = (Term(1, "FREE_CPU"), Term(-50, "RUNNING_VMS"), Term(2, "PRIORITY"))


def hosts(count: int, clauses: Sequence[Clause] = HOST_CLAUSES, **others: Any) -> dict[str, Any]:
    """Return what is explained about hosts such as a cloud has."""
    chance = random.Random(7)
    pool = [(number, f"node{number:04}", _host(chance)) for number in range(count)]
    return explanation(clauses, pool, HOST_TERMS, **others)


def _host(chance: random.Random) -> dict[str, str]:
    attributes = {
        "HYPERVISOR": chance.choice(["kvm", "kvm", "kvm", "kvm", "lxc"]),
        "FREE_CPU": str(chance.randrange(0, 6400, 100)),
        "FREE_MEMORY": str(chance.randrange(1 << 22, 1 << 28)),
        "TIER": chance.choice(["gold", "gold", "gold", "silver"]),
        "CLUSTER_ID": str(chance.randrange(10)),
        "RUNNING_VMS": str(chance.randrange(30)),
        "PRIORITY": str(chance.randrange(100)),
    }
    for number in range(30):
        attributes[f"METRIC_{number}"] = str(chance.randrange(1_000_000))
    odd = chance.random()
    if odd < 0.06:
        del attributes["TIER"]
    elif odd < 0.1:
        attributes["FREE_CPU"] = "unlimited"
    elif odd < 0.13:
        attributes["FREE_CPU"] += " cores"
    elif odd < 0.15:
        attributes["FREE_MEMORY"] = UNREADABLE
    return attributes


def wide_hosts(count: int = 2_500, columns: int = 30) -> dict[str, Any]:
    """Return an explanation of many clauses, most of whose values no two hosts share."""
    metrics = [
        Clause(f"METRIC_{number}", ">", 20_000 + 1_500 * number) for number in range(columns - len(HOST_CLAUSES))
    ]
    return hosts(count, [*HOST_CLAUSES, *metrics])


HOSTILE = (
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "--><!--<script",
    "\"' onfocus='window.hacked = 1' autofocus='",
    "{{7*7}} ${7*7} $summary %s {0} &lt;b&gt; &#x41;",
    "\u202egold\u202c \u2066left\u2069",
    "שלום עולם gold",
    "nul \0 bell \a escape \x1b[31m delete \x7f line\u2028paragraph\u2029",
    "half \ud83d a pair \udc00",
    "two\nlines\tand a tab",
    "long " * 3_000,
    "😀 café ﷽ Z̷̡a̴l̵g̸o",
    "__proto__",
    "",
)
"""Texts that must stay texts."""


def hostile() -> dict[str, Any]:
    """Return an explanation with such texts wherever a stranger may write one."""
    clauses = [Clause(f"A{number}", "=", text) for number, text in enumerate(HOSTILE[:6])]
    pool = [
        (f"{number} {text}", text, {f"A{column}": HOSTILE[(number + column) % len(HOSTILE)] for column in range(6)})
        for number, text in enumerate(HOSTILE)
    ]
    made = explanation(clauses, pool, [Term(1, "A0")])
    whole = " ".join(HOSTILE)
    made |= {
        "requirement": whole,
        "rank": whole,
        "summary": whole[:100],
        "paragraph": whole,
        "changes": {"complete": False, "sets": [{"clauses": [1, 2, 3], "admits": 5}]},
        "terms": [{"number": 1, "text": whole}],
    }
    for text in HOSTILE:
        made["unknown"].append({"clause": 1, "attribute": text, "nearest": text})
        seen = [{"value": each, "count": 2} for each in HOSTILE]
        texts = {"clause": 2, "attribute": text, "text": text, "nearest": text, "distinct": 99, "seen": seen}
        made["unknown"].append(texts)
    for clause, text in zip(made["clauses"], HOSTILE, strict=False):
        clause["nearest"] = [{"admits": 1, "matching": 1, "literal": text, "text": text}]
    for candidate, text in zip(made["candidates"], HOSTILE, strict=True):
        candidate["contributions"] = [1.5]
        candidate["ahead_of"] = {"key": text, "term": 1, "difference": 1.0, "tie": False, "why": text}
        for verdict in candidate["verdicts"]:
            verdict["readings"][0]["note"] = text
    return made
