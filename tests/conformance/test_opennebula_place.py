"""Every recorded plan of OpenNebula's own rank scheduler."""

import base64
import gzip
import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from matchmaker.opennebula import driver
from matchmaker.opennebula.rank_conf import Configuration, parse_configuration
from matchmaker.opennebula.scheduler_action import read_action
from matchmaker.placement import placing

DATA = Path(__file__).parent / "data" / "opennebula-place"
ACCEPTED = {"error_base64_lines", "error_base64_unpadded"}
"""Upstream refuses these inputs; here they are read."""
EMPTY_NAME = "error_empty_string_name"
"""Upstream loses the whole plan; here one VM is refused."""

_ERROR = re.compile(r"ERROR: (-?\d+) (.*)")
_REASON = re.compile(r"(\[(?:HOST|DS|VNET)\] [^:\[]*?)(?:: ([-0-9,]+))?(?=\[|$)")


@pytest.fixture(autouse=True)
def without_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded plans know no budget for time, and the machine may be busy."""
    monkeypatch.setattr(placing, "PATIENCE", 30.0)


@cache
def scenarios() -> list[dict[str, Any]]:
    found = []
    for name in ("scenarios", "more"):
        with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            found += [json.loads(line) for line in file]
    return found


def configuration_text(config: dict[str, Any]) -> str:
    lines = []
    for name, value in config.items():
        if isinstance(value, dict):
            inside = ", ".join(f'{key} = "{each}"' for key, each in value.items())
            lines.append(f"{name} = [ {inside} ]")
        else:
            lines.append(f'{name} = "{value}"')
    return "\n".join(lines) + "\n"


def configuration(scenario: dict[str, Any], more: str = "") -> Configuration:
    return parse_configuration(configuration_text(scenario["config"]) + more)


def run(scenario: dict[str, Any], folder: Path) -> tuple[int, list[dict[str, Any]] | None, list[str]]:
    config = folder / "rank.conf"
    config.write_text(configuration_text(scenario["config"]))
    stdin = scenario["stdin"] if "stdin" in scenario else base64.b64encode(scenario["xml"].encode()).decode() + "\n"
    output, messages = io.StringIO(), io.StringIO()
    status = driver.run(io.BytesIO(stdin.encode()), output, messages, config=config)
    return status, plan_of(output.getvalue()), messages.getvalue().splitlines()


def plan_of(output: str) -> list[dict[str, Any]] | None:
    if not output:
        return None
    root = etree.fromstring(output.encode())
    assert [child.text for child in root.findall("ID")] == ["-1"]
    return [
        {
            "vm": int(action.findtext("VM_ID")),
            "host": int(action.findtext("HOST_ID")),
            "ds": int(action.findtext("DS_ID")),
            "operation": action.findtext("OPERATION"),
            "nics": {nic.findtext("NIC_ID"): int(nic.findtext("NETWORK_ID")) for nic in action.findall("NIC")},
        }
        for action in root.findall("ACTION")
    ]


def refused(messages: list[str]) -> list[int]:
    return [int(found[1]) for found in map(_ERROR.match, messages) if found]


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario["id"])
def test_plan(scenario: dict[str, Any], tmp_path: Path) -> None:
    status, plan, messages = run(scenario, tmp_path)
    features = set(scenario["features"])
    if features & ACCEPTED:
        decoded = run({key: value for key, value in scenario.items() if key != "stdin"}, tmp_path)
        assert (status, plan, messages) == decoded
        assert status == 0
        return
    if EMPTY_NAME in features:
        empty = set(re.findall(r'<VM><ID>(\d+)</ID>(?:(?!</VM>).)*CDATA\[""', scenario["xml"]))
        assert empty
        assert status == 0
        assert plan
        assert empty <= {str(vm) for vm in refused(messages)}
        return
    assert (status, plan) == (scenario["exit"], scenario["plan"])
    assert set(refused(messages)) == set(refused(scenario["stderr"]))
    if status:
        assert messages[-1:] == scenario["stderr"][-1:]
        assert all(line.startswith("INFO: ") for line in messages[:-1])
    assert len(refused(messages)) == len(set(refused(messages)))


@pytest.mark.parametrize(
    "scenario",
    [each for each in scenarios() if each["exit"] == 0 and "error" not in each["features"]],
    ids=lambda scenario: scenario["id"],
)
def test_reasons(scenario: dict[str, Any]) -> None:
    conf = configuration(scenario)
    plan = read_action(scenario["xml"].encode(), conf).plan(conf)
    recorded: dict[int, list[tuple[str, tuple[int, ...]]]] = {}
    for line in filter(_ERROR.match, scenario["stderr"]):
        vm, text = _ERROR.match(line).groups()  # type: ignore[union-attr]
        pieces = [(what, tuple(map(int, ids.split(","))) if ids else ()) for what, ids in _REASON.findall(text)]
        recorded[int(vm)] = pieces
    given = {
        refusal.request.id: [(reason.cause.value, reason.candidates) for reason in refusal.reasons]
        for refusal in plan.refusals
    }
    assert list(given.items()) == list(recorded.items())


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario["id"])
def test_messages(scenario: dict[str, Any], tmp_path: Path) -> None:
    for line in run(scenario, tmp_path)[2]:
        assert line.isascii()
        assert line.isprintable()
        found = re.fullmatch(r"(ERROR|WARN|INFO): (.+)", line)
        if scenario["exit"] == 0:
            assert found
        if found and found[2][0].isdigit():
            assert f"<ID>{found[2].split()[0]}</ID>" in scenario["xml"]


@pytest.mark.parametrize("scenario", [each for each in scenarios() if each["exit"] == 0], ids=lambda each: each["id"])
def test_nobody_is_lost_with_mended_defects(scenario: dict[str, Any]) -> None:
    conf = configuration(scenario, 'COMPATIBILITY = "NO"\n')
    action = read_action(scenario["xml"].encode(), conf)
    plan = action.plan(conf)
    outcomes = [each.request.id for each in (*plan.actions, *plan.refusals)]
    assert sorted(outcomes) == sorted(request.id for request in action.requests)
    assert plan == read_action(scenario["xml"].encode(), conf).plan(conf)
