"""`matchmaker ovirt serve` over the REST API of an engine: the whole way round."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ovirt_engine import PASSWORD, USERNAME, FakeEngine, delay, fail
from tests.integration.ovirt_records import host_record, vm_record
from tests.integration.test_ovirt_server import Server

PLUGIN = '''
from ovirtsdk.xml import params
from ovirtsdk.api import API

class quiet_hosts:
    """keeps hosts with fewer machines than allowed"""
    properties_validation = "maximum_vm_count=[0-9]*"

    def do_filter(self, hosts, vm, args):
        api = API(url="https://engine/ovirt-engine/api", username="admin@internal", password="in the file")
        found = api.hosts.list(query=" or ".join("id=%s" % host for host in hosts))
        print([host.id for host in found if host.summary.active < int(args.get("maximum_vm_count", 100))])
'''
CONFIGURATION = """\
inventory:
  engine: {{url: "{url}", ca_file: "{ca_file}", credentials_file: credentials, timeout: 2, retries: 1}}
samples: all
filters:
- {{name: room, requirement: MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY}}
plugins: {{folder: plugins}}
"""


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    hosts = [host_record("h1", active=2), host_record("h2", active=5)]
    vms = [vm_record("v1", host="h1"), vm_record("v2", host="h2"), vm_record("v3")]
    with FakeEngine(hosts, vms) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, engine: FakeEngine) -> Iterator[Server]:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "quiet.py").write_text(PLUGIN)
    (tmp_path / "credentials").write_text(f"username={USERNAME}\npassword={PASSWORD}\n", "utf-8")
    (tmp_path / "credentials").chmod(0o600)
    with Server(tmp_path, CONFIGURATION.format(url=engine.url, ca_file=engine.ca_file)) as running:
        yield running
        assert PASSWORD not in running.log()


def test_filters_and_scores(server: Server, engine: FakeEngine) -> None:
    with server.proxy as proxy:
        answer: Any = proxy.runFilters(
            ["room", "filter_by_vm_count"], ["h2", "h1", "x"], "v3", {"maximum_vm_count": "3"}
        )
        assert (answer["result_code"], answer["result"]) == (0, ["h1", "x"])
        rows: Any = proxy.runCostFunctions([["even_vm_distribution", 1]], ["h1", "h2"], "v3", {})
        assert rows["result"] == [["h1", 2, "even_vm_distribution"], ["h2", 5, "even_vm_distribution"]]
    # Once for each call, and only what the call needs.
    assert [path.split("?")[0].rsplit("/", 1)[-1] for path in engine.paths].count("hosts") == 2


def test_a_plugin_reads_the_inventory(server: Server, engine: FakeEngine) -> None:
    with server.proxy as proxy:
        answer: Any = proxy.runFilters(["quiet_hosts"], ["h2", "h1"], "v3", {"maximum_vm_count": "3"})
    assert (answer["result_code"], answer["result"], answer["plugin_errors"]) == (0, ["h1"], {})


def test_what_changes_is_seen_by_the_next_call(server: Server, engine: FakeEngine) -> None:
    with server.proxy as proxy:
        arguments = (["filter_by_vm_count"], ["h1", "h2"], "v3", {"maximum_vm_count": "3"})
        assert proxy.runFilters(*arguments)["result"] == ["h1"]  # type: ignore[call-overload,index]
        engine.hosts[1] = host_record("h2", active=1)
        assert proxy.runFilters(*arguments)["result"] == ["h1", "h2"]  # type: ignore[call-overload,index]


def test_an_engine_that_does_not_answer(server: Server, engine: FakeEngine) -> None:
    engine.always = fail(500)
    with server.proxy as proxy:
        answer: Any = proxy.runFilters(["room", "filter_by_vm_count"], ["h2", "h1"], "v3", {})
        assert (answer["result_code"], answer["result"]) == (1, ["h2", "h1"])
        assert set(answer["plugin_errors"]) == {"room", "filter_by_vm_count"}
        assert "500" in answer["plugin_errors"]["room"][0]
        assert PASSWORD not in str(answer)
        answer = proxy.runLoadBalancing("vm_count_balance", ["h2", "h1"], {})
        assert (answer["result_code"], answer["result"]) == (1, ["", []])
        engine.always = delay(30)
        answer = proxy.runCostFunctions([["even_vm_distribution", 1]], ["h2", "h1"], "v3", {})
        assert (answer["result_code"], answer["result"]) == (1, [])
        engine.always = None
        answer = proxy.runFilters(["room"], ["h2", "h1"], "v3", {})
        assert (answer["result_code"], answer["result"]) == (0, ["h2", "h1"])
