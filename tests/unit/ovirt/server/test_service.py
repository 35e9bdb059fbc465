"""The four methods, as the engine's client reads their answers."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from matchmaker.ovirt import Balancer, Call, Cloud, Filter, Migration, Parameter, Relief, Weigher
from matchmaker.ovirt.errors import ConfigurationError, InventoryError
from matchmaker.ovirt.server.answers import BadParameters, Retired
from matchmaker.ovirt.server.service import Service

HOSTS = [
    {"ID": "a", "RUNNING_VMS": 3, "MAX_SCHEDULING_MEMORY": 8_192, "FREE_MEMORY": 100},
    {"ID": "b", "RUNNING_VMS": 1, "MAX_SCHEDULING_MEMORY": 2_048, "FREE_MEMORY": 300},
    {"ID": "c", "RUNNING_VMS": 2, "MAX_SCHEDULING_MEMORY": 4_096, "FREE_MEMORY": 200},
]
VMS = [{"ID": "vm", "MEMORY": 4_096}, {"ID": "v1", "MEMORY": 10, "HOST_ID": "a"}]
COUNT = Parameter("maximum_vm_count", "[0-9]*", 3)


class Memory:
    """An inventory that is a cloud in memory, or that fails."""

    def __init__(self, cloud: Cloud | None) -> None:
        self.cloud = cloud
        self.closed = False

    def snapshot(self) -> Any:
        return self if self.cloud is None else self.cloud

    def close(self) -> None:
        self.closed = True

    def _fail(self, *_: str) -> Any:
        raise InventoryError("the engine does not answer")

    host = vm = hosts = vms = vms_on = _fail


class FromAPlugin:
    """A unit that is none of the library's, as those of plug-ins are."""

    def __init__(self, name: str, answer: Any) -> None:
        self.name, self.description, self.validation = name, "", ""
        self._answer = answer

    def _answered(self, call: Call) -> Any:
        return self._answer(call)

    keep = weights = balance = _answered


FILTERS = [
    Filter("few", "RUNNING_VMS < REQUEST.maximum_vm_count", description="few run", parameters=(COUNT,)),
    Filter("room", "MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY"),
    Filter("broken", lambda call, arguments: [1 / 0]),  # type: ignore[list-item]
]
WEIGHERS = [
    Weigher("even", weight="RUNNING_VMS"),
    Weigher("free", score="FREE_MEMORY"),
    Weigher("twice", weight=lambda call, arguments: [("a", 1), ("a", 2.9)]),
    Weigher("broken", weight=lambda call, arguments: [("a", "x")]),  # type: ignore[list-item]
]
BALANCERS = [
    Balancer("relief", Relief("RUNNING_VMS >= REQUEST.maximum_vm_count", "RUNNING_VMS < 3"), parameters=(COUNT,)),
    Balancer("idle", lambda call, arguments: None),
]


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service(Memory(Cloud(HOSTS, VMS)), filters=FILTERS, weighers=WEIGHERS, balancers=BALANCERS)
    yield made
    made.close(wait=1)


def call(service: Service, name: str, *parameters: Any) -> Any:
    return json.loads(json.dumps(service.methods[name](*parameters).value, default=list))


def test_discover(service: Service) -> None:
    assert call(service, "discover") == {
        "filters": {"few": ["few run", "maximum_vm_count=[0-9]*"], "room": ["", ""], "broken": ["", ""]},
        "scores": {"even": ["", ""], "free": ["", ""], "twice": ["", ""], "broken": ["", ""]},
        "balance": {"relief": ["", "maximum_vm_count=[0-9]*"], "idle": ["", ""]},
    }


@pytest.mark.parametrize(
    ("names", "properties", "kept"),
    [
        (["few"], {}, ["c", "b"]),
        (["few"], {"maximum_vm_count": "2"}, ["b"]),
        (["few"], {"maximum_vm_count": ""}, ["c", "b"]),
        (["room"], {}, ["c", "a"]),
        (["few", "room"], {}, ["c"]),
        ([], {}, ["c", "b", "a"]),
    ],
)
def test_filters(service: Service, names: list[str], properties: dict[str, str], kept: list[str]) -> None:
    answer = call(service, "runFilters", names, ["c", "b", "a"], "vm", properties)
    assert answer == {"result_code": 0, "result": kept, "plugin_errors": {}, "errors": []}


def test_a_failing_filter_is_passed_over(service: Service) -> None:
    answer = call(service, "runFilters", ["broken", "room"], ["a", "b"], "vm", {})
    assert answer["result_code"] == 1
    assert answer["result"] == ["a"]
    assert answer["plugin_errors"] == {"broken": ["ZeroDivisionError: division by zero"]}
    assert answer["errors"] == []


def test_an_argument_that_is_not_right_fails_its_filter(service: Service) -> None:
    answer = call(service, "runFilters", ["few", "room"], ["a", "b"], "vm", {"maximum_vm_count": "many"})
    assert answer["result"] == ["a"]
    assert "`maximum_vm_count` is `many`" in answer["plugin_errors"]["few"][0]


@pytest.mark.parametrize("names", [["broken"], ["nobody"], ["nobody", "broken"]])
def test_all_filters_failing_keeps_all_hosts(service: Service, names: list[str]) -> None:
    answer = call(service, "runFilters", names, ["b", "a"], "vm", {})
    assert answer["result_code"] == 1
    assert answer["result"] == ["b", "a"]
    assert set(answer["plugin_errors"]) == set(names)
    assert answer["errors"] == ["all filters failed: all hosts are kept"]


def test_an_unknown_unit_is_told_with_those_there_are(service: Service) -> None:
    answer = call(service, "runFilters", ["nobody", "few"], ["a"], "vm", {})
    assert answer["plugin_errors"] == {"nobody": ["no such unit: there are [few,room,broken]"]}
    assert answer["result"] == []


def test_units_that_there_are_not_are_logged_in_one_line(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    names = [f"nobody{number}" for number in range(1_000)]
    with caplog.at_level(logging.WARNING, "matchmaker.ovirt"):
        answer = call(service, "runFilters", [*names, "few"], ["a", "b"], "vm", {})
    assert (answer["result"], list(answer["plugin_errors"])) == (["b"], names)
    assert len(caplog.records) == 1
    assert "1000 in all" in caplog.text


def test_a_filter_that_is_named_twice_is_asked_once() -> None:
    asked = []
    unit = FromAPlugin("unit", lambda call: asked.append(call) or [])
    service = Service(Memory(Cloud(HOSTS, VMS)), filters=[unit])
    assert call(service, "runFilters", ["unit"] * 1_000, ["a"], "vm", {})["result_code"] == 0
    assert len(asked) == 1
    service.close(wait=0)


@pytest.mark.parametrize("method", ["runFilters", "runCostFunctions", "runLoadBalancing"])
def test_a_unit_that_fails_in_an_unheard_of_way_leaves_the_others(method: str) -> None:
    units: dict[str, Any] = {
        "odd": FromAPlugin("odd", lambda call: {}["x"]),
        "even": FromAPlugin("even", lambda call: []),
    }
    service = Service(
        Memory(Cloud(HOSTS, VMS)), filters=units.values(), weighers=units.values(), balancers=units.values()
    )
    names: dict[str, Any] = {"runFilters": list(units), "runCostFunctions": [[name, 1] for name in units]}
    vm = () if method == "runLoadBalancing" else ("vm",)
    answer = call(service, method, names.get(method, "odd"), ["a"], *vm, {})
    assert answer["plugin_errors"] == {"odd": ["it fails by KeyError('x')"]}
    assert answer["result"] == {"runFilters": [], "runCostFunctions": [["a", 0, "even"]]}.get(method, ["", []])
    service.close(wait=0)


def test_what_is_told_of_a_failing_unit_is_not_as_long_as_what_was_sent(service: Service) -> None:
    answer = call(service, "runFilters", ["room"], ["a"], "x" * 1_000_000, {})
    assert len(answer["plugin_errors"]["room"][0]) == 2_000


def test_an_unknown_host_is_kept_and_weighs_nothing(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "matchmaker.ovirt"):
        assert call(service, "runFilters", ["few", "room"], ["x", "c"], "vm", {})["result"] == ["x", "c"]
        rows = call(service, "runCostFunctions", [["even", 1]], ["x", "c"], "vm", {})["result"]
    assert rows == [["x", 0, "even"], ["c", 2, "even"]]
    assert "does not have 1 of the hosts asked about: [x]" in caplog.text


def test_an_unknown_host_takes_no_part_in_a_balance(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "matchmaker.ovirt"):
        assert call(service, "runLoadBalancing", "relief", ["a", "x", "b"], {})["result"] == ["v1", ["b"]]
    assert "does not have 1 of the hosts asked about: [x]" in caplog.text


def test_a_plugin_does_not_weigh_an_unknown_host() -> None:
    weigher = FromAPlugin("plugin", lambda call: [("x", 5), ("x", 7), ("a", 3)])
    service = Service(Memory(Cloud(HOSTS, VMS)), weighers=[weigher])
    try:
        answer = call(service, "runCostFunctions", [["plugin", 1]], ["x", "a", "b"], "vm", {})
        assert answer["result"] == [["x", 0, "plugin"], ["a", 3, "plugin"], ["b", 0, "plugin"]]
    finally:
        service.close(wait=1)


def test_an_unknown_vm_fails_the_units_that_read_it(service: Service) -> None:
    answer = call(service, "runFilters", ["few", "room"], ["a", "b"], "nobody", {})
    assert answer["result"] == ["b"]
    assert "nobody knows `nobody`" in answer["plugin_errors"]["room"][0]


def test_weights(service: Service) -> None:
    answer = call(service, "runCostFunctions", [["even", 2], ["free", 1]], ["a", "b", "c"], "vm", {})
    assert answer == {
        "result_code": 0,
        "result": [
            ["a", 3, "even"],
            ["b", 1, "even"],
            ["c", 2, "even"],
            ["a", 200, "free"],
            ["b", 0, "free"],
            ["c", 100, "free"],
        ],
        "plugin_errors": {},
        "errors": [],
    }


def test_several_weights_and_hosts_left_out(service: Service) -> None:
    rows = call(service, "runCostFunctions", [["twice", 1]], ["b", "a"], "vm", {})["result"]
    assert rows == [["b", 0, "twice"], ["a", 1, "twice"], ["a", 2, "twice"]]


def test_a_failing_weigher_leaves_the_others(service: Service) -> None:
    answer = call(service, "runCostFunctions", [["broken", 1], ["even", 1]], ["a"], "vm", {})
    assert answer["result"] == [["a", 3, "even"]]
    assert list(answer["plugin_errors"]) == ["broken"]
    answer = call(service, "runCostFunctions", [["broken", 1]], ["a"], "vm", {})
    assert (answer["result_code"], answer["result"]) == (1, [])
    assert answer["errors"] == ["all weighers failed: no host has a weight"]


def test_cumulative_weights() -> None:
    service = Service(Memory(Cloud(HOSTS, VMS)), weighers=WEIGHERS, cumulative=True)
    try:
        functions = [["even", 2], ["free", 10], ["twice", 1], ["broken", 1]]
        answer = call(service, "runCostFunctions", functions, ["a", "b", "x"], "vm", {})
        assert answer["result"] == [["a", 6 + 2_000 + 3], ["b", 2], ["x", 0]]
        answer = call(service, "runCostFunctions", [["even", 2**31 - 1]], ["a"], "vm", {})
        assert answer["result"] == [["a", 2**31 - 1]]
    finally:
        service.close(wait=1)


def test_balance(service: Service) -> None:
    answer = call(service, "runLoadBalancing", "relief", ["a", "b", "c"], {})
    assert answer == {"result_code": 0, "result": ["v1", ["b", "c"]], "plugin_errors": {}, "errors": []}
    nothing = {"result_code": 0, "result": ["", []], "plugin_errors": {}, "errors": []}
    assert call(service, "runLoadBalancing", "relief", ["b", "c"], {}) == nothing
    assert call(service, "runLoadBalancing", "idle", ["a", "b", "c"], {}) == nothing
    answer = call(service, "runLoadBalancing", "nobody", ["a"], {})
    assert (answer["result_code"], answer["result"], list(answer["plugin_errors"])) == (1, ["", []], ["nobody"])


def test_an_inventory_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    inventory = Memory(None)
    plugin = FromAPlugin("plugin", lambda call: list(call.host_ids[:1]))
    service = Service(inventory, filters=[*FILTERS, plugin], weighers=WEIGHERS, balancers=BALANCERS)
    with caplog.at_level(logging.WARNING, "matchmaker.ovirt"):
        answer = call(service, "runFilters", ["few", "plugin"], ["a", "b"], "vm", {})
        assert answer["result"] == ["a"]
        assert answer["plugin_errors"] == {"few": ["the engine does not answer"]}
        assert call(service, "runFilters", ["few"], ["a", "b"], "vm", {})["result"] == ["a", "b"]
        assert call(service, "runLoadBalancing", "relief", ["a"], {})["result"] == ["", []]
    assert "hosts cannot be looked up" in caplog.text
    service.close(wait=1)
    assert inventory.closed


def test_plugins_work_beside_each_other() -> None:
    both = threading.Barrier(2, timeout=20)  # broken when the first is waited for before the second is asked

    def answer(call: Call) -> list[str]:
        both.wait()
        return ["a"]

    service = Service(Memory(Cloud(HOSTS)), filters=[FromAPlugin("one", answer), FromAPlugin("other", answer)])
    try:
        answered = call(service, "runFilters", ["one", "other"], ["a", "b"], "vm", {})
        assert answered["result"] == ["a"]
    finally:
        service.close(wait=1)


def test_closing_waits_for_calls_under_way() -> None:
    inventory = Memory(Cloud(HOSTS))
    begun, go = threading.Event(), threading.Event()

    def answer(call: Call) -> Migration:
        begun.set()
        go.wait(20)
        assert not inventory.closed
        return Migration("v1", ("b",))

    service = Service(inventory, balancers=[FromAPlugin("slow", answer)])
    answers: list[Any] = []
    calling = threading.Thread(target=lambda: answers.append(call(service, "runLoadBalancing", "slow", ["a", "b"], {})))
    calling.start()
    assert begun.wait(20)
    closing = threading.Thread(target=service.close, kwargs={"wait": 20})
    closing.start()
    go.set()
    calling.join(20)
    closing.join(20)
    assert answers[0]["result"] == ["v1", ["b"]]
    assert inventory.closed
    with pytest.raises(Retired):
        service.methods["discover"]()


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("runFilters", ("few", ["a"], "vm", {})),
        ("runFilters", ([1], ["a"], "vm", {})),
        ("runFilters", (["few"], "a", "vm", {})),
        ("runFilters", (["few"], [1], "vm", {})),
        ("runFilters", (["few"], ["a"], 5, {})),
        ("runFilters", (["few"], ["a"], "vm", [])),
        ("runFilters", (["few"], ["a"], "vm", {"x": 1})),
        ("runCostFunctions", (["even"], ["a"], "vm", {})),
        ("runCostFunctions", ([["even"]], ["a"], "vm", {})),
        ("runCostFunctions", ([["even", "1"]], ["a"], "vm", {})),
        ("runCostFunctions", ([["even", True]], ["a"], "vm", {})),
        ("runCostFunctions", ([[1, 1]], ["a"], "vm", {})),
        ("runLoadBalancing", (["relief"], ["a"], {})),
    ],
)
def test_parameters_of_other_types(service: Service, method: str, parameters: tuple[Any, ...]) -> None:
    with pytest.raises(BadParameters, match="must be"):
        service.methods[method](*parameters)


def test_two_units_of_a_kind_with_one_name() -> None:
    with pytest.raises(ConfigurationError, match="two of the filters have the name `few`"):
        Service(Memory(Cloud(HOSTS)), filters=[FILTERS[0], FILTERS[0]])
