"""The scheduler driver agrees with an oracle written from RULES.md alone.

`python -m tests.property.test_place_oracle SECONDS [SEED [recorded]]` runs for as long as it is told, and prints what differs, made small.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import sys
import tempfile
import time
from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from lxml import etree

from matchmaker.opennebula import driver
from tests.property import naive_place
from tests.property.scheduler_documents import Scenario, disturbed, scenario, scenarios

DATA = Path(__file__).parents[1] / "conformance" / "data" / "opennebula-place"
OPEN = {
    "a follower may follow a leader to where it is itself",
    "the leader placed last comes first",
    "ID of group pieces is the host's attribute",
}
"""Readings of the rules on which the driver is known to differ; to be emptied."""
MENDED = {"error_base64_lines", "error_base64_unpadded", "error_empty_string_name"}
Answer = tuple[int, list[dict[str, Any]] | None, set[int]]


def driver_answer(stdin: bytes, config: str, folder: Path) -> Answer:
    """Run the driver: exit status, plan, the VMs that it says cannot be placed."""
    path = folder / "rank.conf"
    path.write_text(config)
    output, errors = io.StringIO(), io.StringIO()
    status = driver.run(io.BytesIO(stdin), output, errors, config=path)
    refused = {int(one) for one in re.findall(r"^ERROR: (-?\d+)", errors.getvalue(), re.MULTILINE)}
    if not output.getvalue():
        return status, None, refused
    plan = []
    for action in etree.fromstring(output.getvalue().encode()).findall("ACTION"):
        nics = {nic.findtext("NIC_ID"): int(nic.findtext("NETWORK_ID")) for nic in action.findall("NIC")}
        numbers = {name: int(action.findtext(f"{name.upper()}_ID")) for name in ("vm", "host", "ds")}
        plan.append({**numbers, "operation": action.findtext("OPERATION"), "nics": nics})
    return status, plan, refused


def test_oracle_reproduces_the_records() -> None:
    for record in records():
        if MENDED.isdisjoint(record["features"]):
            stdin = record["stdin"].encode() if "stdin" in record else base64.b64encode(record["xml"].encode())
            errors = "\n".join(record["stderr"])
            refused = {int(one) for one in re.findall(r"^ERROR: (-?\d+)", errors, re.MULTILINE)}
            assert naive_place.answer(stdin, record["config"]) == (record["exit"], record["plan"], refused), record[
                "id"
            ]


@settings(max_examples=300)
@given(scenarios())
def test_driver_agrees_with_the_oracle(made: Scenario) -> None:
    with tempfile.TemporaryDirectory() as folder:
        theirs = driver_answer(made.stdin, made.config_text, Path(folder))
        ours = naive_place.answer(made.stdin, made.config)
        if theirs != ours:
            readings = explained(made.xml, made.config, made.config_text, Path(folder))
            assert readings and OPEN.issuperset(readings), (theirs, ours)


# --- the long run


def both(xml: str, config: dict[str, Any], text: str, folder: Path) -> tuple[Any, Any]:
    stdin = base64.b64encode(xml.encode())
    answers: list[Any] = []
    for ask in (lambda: naive_place.answer(stdin, config), lambda: driver_answer(stdin, text, folder)):
        try:
            answers.append(ask())
        except Exception as error:  # a crash is a difference too
            answers.append(f"{type(error).__name__}: {error}")
    return answers[0], answers[1]


def explained(xml: str, config: dict[str, Any], text: str, folder: Path) -> list[str]:
    """The readings that, flipped, make the two agree."""
    names = list(naive_place.READINGS)
    for count in (1, 2):
        for chosen in combinations(names, count):
            for name in chosen:
                naive_place.READINGS[name] = not naive_place.READINGS[name]
            one, other = both(xml, config, text, folder)
            for name in chosen:
                naive_place.READINGS[name] = not naive_place.READINGS[name]
            if one == other:
                return list(chosen)
    return []


def shrunk(xml: str, config: dict[str, Any], text: str, folder: Path) -> str:
    """Leave out elements, then children's texts, as long as the two still differ."""

    def differ(candidate: str) -> bool:
        one, other = both(candidate, config, text, folder)
        if one == other or isinstance(one, str) or one[0] == 255:
            return False
        return not explained(candidate, config, text, folder)

    again = True
    while again:
        again = False
        root = etree.fromstring(xml, etree.XMLParser(strip_cdata=False))
        for position in range(len(list(root.iter())) - 1, 0, -1):
            root = etree.fromstring(xml, etree.XMLParser(strip_cdata=False))
            every = list(root.iter())
            if position >= len(every):
                continue
            element = every[position]
            if element.getparent() is None or element.getparent() is root:
                continue
            element.getparent().remove(element)
            smaller = etree.tostring(root, encoding="unicode")
            if differ(smaller):
                xml, again = smaller, True
    return xml


def simplest_config(xml: str, config: dict[str, Any], folder: Path) -> dict[str, Any]:
    for key in list(config):
        fewer = {name: value for name, value in config.items() if name != key}
        one, other = both(xml, fewer, written(fewer), folder)
        if one != other:
            config = fewer
    return config


def written(config: dict[str, Any]) -> str:
    lines = []
    for key, value in config.items():
        if isinstance(value, dict):
            lines.append(f"{key} = [ " + ", ".join(f'{name} = "{one}"' for name, one in value.items()) + " ]")
        else:
            lines.append(f'{key} = "{value}"')
    return "\n".join(lines) + "\n"


def records() -> list[dict[str, Any]]:
    found = []
    for name in ("scenarios", "more"):
        with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            found += [json.loads(line) for line in file]
    return found


def made_from(records: list[dict[str, Any]], seed: int) -> Scenario:
    """A recorded document, disturbed, or a random one."""
    random = Random(seed)
    if not records:
        return scenario(random)
    record = random.choice(records)
    return Scenario(disturbed(record["xml"], random), record["config"], written(record["config"]))


def long_run(seconds: float, seed: int, *, recorded: bool = False, most: int = 10) -> int:
    end = time.monotonic() + seconds
    count = different = placed = refused = 0
    base = [record for record in records() if record["exit"] == 0 and "stdin" not in record] if recorded else []
    explanations: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() < end and different < most:
            made = made_from(base, seed)
            one, other = both(made.xml, made.config, made.config_text, folder)
            count += 1
            if isinstance(one, tuple) and one[1]:
                placed += len(one[1])
            if isinstance(one, tuple):
                refused += len(one[2])
            if one != other:
                known = explained(made.xml, made.config, made.config_text, folder)
                if known:
                    explanations.update(known)
                    seed += 1
                    continue
                different += 1
                print(f"=== seed {seed}")
                if isinstance(one, str) or isinstance(other, str):
                    print("  oracle", one)
                    print("  driver", other, flush=True)
                    seed += 1
                    continue
                config = simplest_config(made.xml, made.config, folder)
                text = written(config)
                if both(made.xml, config, text, folder)[0] == both(made.xml, config, text, folder)[1]:
                    config, text = made.config, made.config_text  # it is how the configuration is written
                xml = shrunk(made.xml, config, text, folder)
                one, other = both(xml, config, text, folder)
                print(xml)
                print(text)
                print("  oracle", one)
                print("  driver", other, flush=True)
            seed += 1
    print(f"{count} documents, {placed} VMs placed, {refused} refused, {different} differ")
    print(dict(explanations))
    return different


if __name__ == "__main__":
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    sys.exit(bool(long_run(float(sys.argv[1]), start, recorded=sys.argv[3:] == ["recorded"])))
