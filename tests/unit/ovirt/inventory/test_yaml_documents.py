"""YAML as plain data: what plain values stand for, and what is refused, in bounded time and memory."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest
import yaml

from matchmaker.errors import ExtraMissing
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.yaml_documents import read_yaml


def read(text: str) -> Any:
    return read_yaml(text, "hosts.yaml")


def failure(text: str) -> str:
    with pytest.raises(InventoryError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_block_and_flow_collections(monkeypatch: pytest.MonkeyPatch, loader: str) -> None:
    if loader == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    text = """\
# two hosts
hosts:
  - ID: h1
    LABELS: [ssd, 'gpu', ""]
  - {ID: h2, FREE_MEMORY: 1024}
vms: []
empty: {}
"""
    assert read(text) == {
        "hosts": [{"ID": "h1", "LABELS": ["ssd", "gpu", ""]}, {"ID": "h2", "FREE_MEMORY": 1024}],
        "vms": [],
        "empty": {},
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("0", 0),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("2.", 2.0),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("null", None),
        # These are other things in YAML 1.1, and would be read as what nobody meant.
        ("YES", "YES"),
        ("no", "no"),
        ("on", "on"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("52:54:00:12:34:56", "52:54:00:12:34:56"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01 12:00:00", "2024-01-01 12:00:00"),
        ("8.10-2", "8.10-2"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("<<", "<<"),
        ("=", "="),
        # Quotes and tags make texts.
        ("'7'", "7"),
        ('"true"', "true"),
        ("! 7", "7"),
        ("!!str 8.10", "8.10"),
        ("|\n    two\n    lines\n", "two\nlines\n"),
        ("&anchor 7", 7),
    ],
)
def test_what_values_stand_for(text: str, value: object) -> None:
    found = read(f"A: {text}")["A"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_texts() -> None:
    assert read("7: a\ntrue: b\n~: c\n2024-01-01: d") == {"7": "a", "true": "b", "~": "c", "2024-01-01": "d"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "--- ~"])
def test_a_document_that_holds_nothing(text: str) -> None:
    assert read(text) is None


def test_json_is_yaml() -> None:
    data = {"hosts": [{"ID": "h1", "FREE_MEMORY": 1024, "LABELS": ["a"], "NOTE": 'a "b"\n', "X": None}]}
    assert read(json.dumps(data)) == data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: &x [1]\nc: *x", "hosts.yaml, line 3: aliases such as `*name` are not read; write the value itself"),
        ("a: 1\na: 2", "hosts.yaml, line 2: `a` is there twice in one mapping"),
        (
            "a: !!timestamp 2024-01-01",
            "hosts.yaml, line 1: tags such as `tag:yaml.org,2002:timestamp` are not read; write",
        ),
        (
            "a: !!python/object/apply:os.system [id]",
            "hosts.yaml, line 1: tags such as `tag:yaml.org,2002:python/object/",
        ),
        ("!mine {}", "hosts.yaml, line 1: tags such as `!mine` are not read"),
        ("? [a]\n: b", "hosts.yaml, line 1: a key is a single value"),
        ("{{}: b}", "hosts.yaml, line 1: a key is a single value"),
        ("a: 1\n---\nb: 2", "hosts.yaml, line 2: a second document begins; a file holds one"),
        ("a: 1\nb: [1, 2", "hosts.yaml, line 2: not valid YAML: "),
        ("a: 1\n\tb: 2", "hosts.yaml, line 2: not valid YAML: "),
        ("a: 1\nb: \0", "hosts.yaml, line 2: not valid YAML: "),
        ("a: '", "hosts.yaml, line 1: not valid YAML: "),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    assert failure(text).startswith(message)


@pytest.mark.parametrize("text", ["[" * 200_000, "{a: " * 200_000, "- " * 200_000, "? - " * 200_000])
def test_deep_nesting_ends_neither_the_process_nor_patience(text: str) -> None:
    """PyYAML's own constructor, written in C, has no bound on that, and crashes."""
    assert re.fullmatch("hosts.yaml, line 1: (nested more than 16 levels deep|a key is a single value)", failure(text))


def test_many_digits_are_no_work() -> None:
    assert read("A: " + "9" * 100_000)["A"] == float("inf")


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(
        ExtraMissing, match=r"^reading YAML needs an extra: pip install 'matchmaking-expressions\[ovirt\]'"
    ):
        read("a: 1")
