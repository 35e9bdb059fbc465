"""The scheduling examples give the answers that the tutorial promises, through library, command line and script.

Also: what the documentation copies from other files is what is in them.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import matchmaker as mm
from matchmaker.opennebula import policies, read_pool

CHECKOUT = Path(__file__).parents[2]
SCHEDULING = CHECKOUT / "examples" / "scheduling"

# Document, requirement, rank, and the names of what matches, best first.
ANSWERS = [
    ("hosts", None, None, ["host01", "host02", "host03"]),
    ("hosts", "QOS = GOLD", None, ["host01", "host02"]),
    ("hosts", "QOS = GOLD", "FREE_CPU", ["host02", "host01"]),
    ("hosts", "QOS != GOLD & HYPERVISOR = kvm", None, ["host03"]),
    ("hosts", "CLUSTER = cluster_a", "- FREE_CPU", ["host01", "host02"]),
    ("hosts", None, "FREE_CPU", ["host02", "host03", "host01"]),
    ("hosts", "QOS = PLATINUM", None, []),
    ("datastores", "MODE = Production", "- FREE_MB", ["production-2", "production-1"]),
    ("datastores", "MODE = Production", "FREE_MB", ["production-1", "production-2"]),
    ("datastores", "MODE != Production", None, ["testing"]),
    ("datastores", "!(MODE = Production)", None, ["system", "testing"]),
    ("networks", 'TRAFFIC_TYPE = "public"', "- USED_LEASES", ["public-2", "public-1"]),
    ("networks", 'TRAFFIC_TYPE = "private"', None, ["private-1"]),
]

# Policy, kind of candidate, document, and the names, best first.
DEFAULTS = [
    ("PACKING", "host", "hosts", ["host02", "host01", "host03"]),
    ("STRIPING", "host", "hosts", ["host03", "host01", "host02"]),
    ("LOAD_AWARE", "host", "hosts", ["host02", "host03", "host01"]),
    ("FIXED", "host", "hosts", ["host03", "host02", "host01"]),  # nobody has a PRIORITY: all score 0
    ("PACKING", "datastore", "datastores", ["system", "production-2", "testing", "production-1"]),
    ("STRIPING", "datastore", "datastores", ["production-1", "testing", "production-2", "system"]),
    ("PACKING", "network", "networks", ["public-1", "private-1", "public-2", "backup"]),
    ("STRIPING", "network", "networks", ["backup", "public-2", "private-1", "public-1"]),
]


def names_by_library(document: str, requirement: str | None, rank: mm.Rank | str | None) -> list[str]:
    pool = mm.Pool(read_pool(SCHEDULING / f"{document}.xml"), key="NAME")
    return [match.key for match in mm.match(pool, requirement, rank)]


def names_by_command(document: str, requirement: str | None, rank: str | None) -> list[str]:
    options = [*(["-r", requirement] if requirement else []), *(["-k", rank] if rank else [])]
    command = [
        sys.executable,
        "-m",
        "matchmaker",
        "match",
        str(SCHEDULING / f"{document}.xml"),
        "--key",
        "NAME",
        "--json",
    ]
    done = subprocess.run([*command, *options], capture_output=True, encoding="utf-8", check=False)
    names = [match["key"] for match in json.loads(done.stdout)]
    assert done.returncode == (0 if names else 1), done.stderr
    return names


@pytest.mark.parametrize(("document", "requirement", "rank", "names"), ANSWERS)
def test_answers(document: str, requirement: str | None, rank: str | None, names: list[str]) -> None:
    assert names_by_library(document, requirement, rank) == names
    assert names_by_command(document, requirement, rank) == names


@pytest.mark.parametrize(("policy", "kind", "document", "names"), DEFAULTS)
def test_defaults(policy: str, kind: str, document: str, names: list[str]) -> None:
    rank = getattr(getattr(policies, policy), kind)
    assert names_by_library(document, None, rank) == names
    assert names_by_command(document, None, str(rank)) == names


def test_load_aware_is_for_hosts_alone() -> None:
    assert policies.LOAD_AWARE.datastore is None
    assert policies.LOAD_AWARE.network is None


def test_the_scheduler() -> None:
    done = subprocess.run(
        [sys.executable, str(SCHEDULING / "schedule.py")], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines()[:5] == [
        "shop: host host02, datastore production-2, nic 0 public-2, nic 1 private-1",
        "batch: host host03, datastore production-1",
        "huge: not placed: no host",
        "wrong: not placed",
        "error[MM103]: `>=` is not an operator of the opennebula dialect",
    ]


def code_blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (CHECKOUT / "docs" / page).read_text("utf-8"), re.M | re.S)


def test_the_language_page_shows_the_grammar_files() -> None:
    files = ["lexical.lark", "requirement.lark", "rank.lark"]
    for name, shown in zip(files, code_blocks("reference/language.md", "lark"), strict=True):
        assert shown == (CHECKOUT / "grammar" / name).read_text("utf-8"), (
            f"docs/reference/language.md shows another {name}"
        )


def test_the_page_about_testing_shows_the_example() -> None:
    example = (CHECKOUT / "examples" / "testing" / "test_expressions.py").read_text("utf-8")
    assert example in code_blocks("how-to/test-expressions.md", "python")


def table_rows(page: str) -> list[list[str]]:
    """Return the cells of the tables' rows, those in code without their marks."""
    rows = re.findall(r"^\| (.*) \|$", (CHECKOUT / "docs" / page).read_text("utf-8"), re.M)
    return [[html.unescape(re.sub(r"</?code>|`", "", cell)) for cell in row.split(" | ")] for row in rows]


MISTAKES = [row for row in table_rows("how-to/errors.md") if row[1].startswith("MM")]


@pytest.mark.parametrize(("written", "code", "instead"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_the_page_about_errors_is_right(written: str, code: str, instead: str) -> None:
    text, in_a_rank, _ = written.partition(" in a rank")
    expression = "rank" if in_a_rank else "requirement"
    assert code[:5] in [finding.code for finding in mm.check(text, expression=expression)]
    if code.startswith("MM1"):
        assert mm.check(instead, expression=expression) == ()


def test_the_readme_quotes_measured_numbers() -> None:
    quoted = re.findall(r"[0-9.]+ (?:ns|us|ms)\b", (CHECKOUT / "README.md").read_text("utf-8"))
    measured = (CHECKOUT / "docs" / "explanation" / "performance.md").read_text("utf-8")
    assert quoted
    assert [number for number in quoted if f" {number}" not in measured] == []
