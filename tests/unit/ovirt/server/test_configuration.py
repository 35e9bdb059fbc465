"""What a configuration says, and every line of it that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker.ovirt import Balancer, Call, Filter, Weigher
from matchmaker.ovirt.errors import ConfigurationError
from matchmaker.ovirt.server.configuration import Configuration, made_inventory, read_configuration

SMALL = "inventory: {files: hosts.json}\nsamples: all\n"

FULL = """\
listen: "[::1]:19000"
cumulative: true
inventory:
  files: [hosts.json]
limits: {body: 65536, running: 4, waiting: 5, connections: 32, idle: 60, reading: 2.5}
plugins: {folder: plugins, time_limit: 3, memory: 256}
samples: [filter_by_vm_count]
policies: power_saving
filters:
  - name: room
    description: hosts with room
    requirement: MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY + REQUEST.reserve
    parameters:
      - {name: reserve, pattern: "[0-9]*", default: 512, meaning: what stays free}
  - {name: old, dialect: opennebula, requirement: 'FREE_MEMORY > 5 & STATUS = "up"'}
weighers:
  - {name: roomy, score: FREE_MEMORY}
  - {name: even, weight: RUNNING_VMS}
balancers:
  - name: relieve
    relieve: RUNNING_VMS > 10
    worst: RUNNING_VMS
    receive: RUNNING_VMS < 5 and MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY
    vm: MIGRATABLE != "NO"
    best: -MEMORY
"""


def read(folder: Path, text: str) -> Configuration:
    path = folder / "ovirt.yaml"
    path.write_text(text, "utf-8")
    return read_configuration(path)


def test_a_small_one(tmp_path: Path) -> None:
    configuration = read(tmp_path, SMALL)
    assert (configuration.address, configuration.port) == ("127.0.0.1", 18781)
    assert (configuration.limits, configuration.plugins, configuration.cumulative) == ({}, None, False)
    assert sorted(unit.name for unit in configuration.units) == [
        "even_vm_distribution",
        "filter_by_vm_count",
        "host_memory_balance",
        "ksm_same_os_score",
        "vm_count_balance",
    ]


def test_a_full_one(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    configuration = read(tmp_path, FULL)
    assert (configuration.address, configuration.port, configuration.cumulative) == ("::1", 19000, True)
    assert configuration.limits == {
        "body": 65536,
        "running": 4,
        "waiting": 5,
        "connections": 32,
        "idle": 60,
        "reading": 2.5,
    }
    assert configuration.plugins is not None
    assert configuration.plugins.folder == tmp_path / "plugins"
    assert (configuration.plugins.time_limit, configuration.plugins.memory) == (3, 256)
    named = {(type(unit), unit.name): unit for unit in configuration.units}
    room, relieve = named[Filter, "room"], named[Balancer, "relieve"]
    assert isinstance(room, Filter)
    assert (room.description, room.validation) == ("hosts with room", "reserve=[0-9]*")
    hosts = [{"ID": "a", "MAX_SCHEDULING_MEMORY": 1_000}, {"ID": "b", "MAX_SCHEDULING_MEMORY": 1_512}]
    assert room.keep(Call.of(hosts, {"ID": "vm", "MEMORY": 1_000})) == ["b"]
    assert room.keep(Call.of(hosts, {"ID": "vm", "MEMORY": 1_000}, arguments={"reserve": "0"})) == ["a", "b"]
    assert isinstance(relieve, Balancer)
    hosts = [
        {"ID": "a", "RUNNING_VMS": 11},
        {"ID": "b", "RUNNING_VMS": 12},
        {"ID": "c", "RUNNING_VMS": 1, "MAX_SCHEDULING_MEMORY": 8},
        {"ID": "d", "RUNNING_VMS": 1, "MAX_SCHEDULING_MEMORY": 7},
    ]
    vms = [
        {"ID": "v1", "HOST_ID": "b", "MEMORY": 9, "MIGRATABLE": True},
        {"ID": "v2", "HOST_ID": "b", "MEMORY": 8, "MIGRATABLE": True},
        {"ID": "v3", "HOST_ID": "b", "MEMORY": 7, "MIGRATABLE": False},
    ]
    assert relieve.balance(Call.of(hosts, vms=vms)) == ("v2", ("c",))
    assert (Filter, "old") in named
    assert (Filter, "CPUOverloaded") in named
    assert (Weigher, "OptimalForCpuPowerSaving") in named
    assert (Balancer, "OptimalForPowerSaving") in named


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", [":1: there is no `inventory`", "there is no `filters`"]),
        ("[1, 2]", [":1: must be a mapping"]),
        ("samples: [", [":1: is not YAML"]),
        ("samples: \x00", ["is not YAML"]),
        (SMALL + "sample: all\n", [":3: `sample` is not known: did you mean `samples`?"]),
        (SMALL + "zzz: 1\n", [":3: `zzz` is not known: known are balancers, cumulative"]),
        (SMALL + "samples: all\n", [":3: `samples` stands twice"]),
        (SMALL + "listen: 18781\n", [":3: `listen`: must be an address and a port"]),
        (SMALL + "listen: [1]\n", [":3: `listen`: must be a text"]),
        (SMALL + "listen: example.org:18781\n", [":3: `listen`: must be an address and a port"]),
        (SMALL + "listen: 127.0.0.1:70000\n", [":3: `listen`: must be an address and a port"]),
        (SMALL + "cumulative: maybe\n", [":3: `cumulative`: must be true or false"]),
        (SMALL + "limits: {body: 5}\n", [":3: `limits.body`: 5 is not between 1024 and"]),
        (SMALL + "limits: {running: true}\n", [":3: `limits.running`: must be a whole number"]),
        (SMALL + "limits: {runing: 5}\n", [":3: `runing` is not known in `limits`: did you mean `running`?"]),
        (SMALL + "limits: {body: 0x" + "f" * 5_000 + "}\n", [":3: `limits.body`: <int> is not between 1024 and"]),
        (SMALL + "limits: {idle: 1" + "0" * 400 + "}\n", [":3: `limits.idle`: 1000", "is not between 1 and 86400"]),
        (SMALL + "limits: {idle: 1" + ":59" * 300 + ".5}\n", [":3: `limits.idle`: must be a number"]),
        (SMALL + "limits: {body: !!int ''}\n", [":3: `limits.body`: must be a whole number"]),
        (SMALL + "limits: {idle: !!float ''}\n", [":3: `limits.idle`: must be a number"]),
        (SMALL + "cumulative: !!bool x\n", [":3: `cumulative`: must be true or false"]),
        (SMALL + "listen: !!timestamp x\n", [":3: `listen`: must be a text"]),
        (SMALL + "? [a, b]\n: 1\n", [":3: a key is a text, not a list"]),
        (SMALL + "limits: [5]\n", [":3: `limits`: must be a mapping"]),
        (SMALL + "plugins: {}\n", [":3: `plugins` has no `folder`"]),
        (SMALL + "plugins: {folder: nowhere}\n", ["`plugins.folder`: `", "nowhere` is no folder"]),
        (SMALL + f"plugins: {{folder: {'x' * 5_000}}}\n", ["`plugins.folder`: `", "is no folder"]),
        (
            "inventory: {files: a.json, engine: {url: x}}\nsamples: all\n",
            [":1: `inventory` has both `files` and `engine`: it takes one"],
        ),
        ("inventory: cloud.yaml\nsamples: all\n", [":1: `inventory`: must be a mapping"]),
        (
            SMALL + "weighers:\n- name: x\n  score: A > 3 ? 1 : 0\n",
            [":5: is not YAML: ", "in quotes, or on lines of their own"],
        ),
        (
            SMALL + "filters:\n- name: x\n  requirement: !exists(A)\n",
            [":5: `filters[0].requirement`: must be a text, in quotes"],
        ),
        ("inventory: {}\nsamples: all\n", [":1: `inventory` has neither `files` nor `engine`"]),
        ("inventory: {engine: {}}\nsamples: all\n", [":1: `inventory.engine` has no `url`"]),
        ("inventory: {files: a.json}\nsamples: [evn]\n", [":2: `samples`: there is no `evn`: there are filter_by_vm"]),
        ("inventory: {files: a.json}\npolicies: x\n", [":2: `policies`: there is no `x`: there are none, evenly"]),
        (SMALL + "filters: {}\n", [":3: `filters`: must be a list"]),
        (SMALL + "filters: [5]\n", [":3: `filters`: must be a mapping"]),
        (SMALL + "filters:\n- requirement: A > 1\n", [":4: `filters[0]` has no `name`"]),
        (SMALL + 'filters:\n- {name: "a\\a", requirement: ""}\n', [":4: `filters[0].name`: `a", "do not print"]),
        (SMALL + "filters:\n- name: x\n", [":4: `filters[0]` has no `requirement`"]),
        (SMALL + "filters:\n- name: x\n  requirement: A >\n", [":5: `filters[0].requirement`: error[MM"]),
        (SMALL + "filters:\n- {name: x, requirement: A > 1, dialect: z}\n", [":4: `filters[0].dialect`: "]),
        (
            SMALL + "filters:\n- {name: x, requirement: ''}\n- {name: x, requirement: ''}\n",
            [":5: `filters[1].name`: `x` s"],
        ),
        (
            SMALL + "filters:\n- {name: filter_by_vm_count, requirement: ''}\n",
            [":2: `samples`: they have a unit `filter_by_vm_count`, which is the name of another one here"],
        ),
        (SMALL + "weighers:\n- {name: x}\n", [":4: `weighers[0]` has neither `score` nor `weight`"]),
        (SMALL + "weighers:\n- {name: x, score: A, weight: A}\n", [":4: `weighers[0]` has both `score` and `weight`"]),
        (SMALL + "weighers:\n- {name: x, score: A B}\n", [":4: `weighers[0].score`: error[MM"]),
        (SMALL + "balancers:\n- {name: x, relieve: A > 1}\n", [":4: `balancers[0]` has no `receive`"]),
        (
            SMALL + "filters:\n- name: x\n  requirement: ''\n  parameters:\n  - {name: 9, pattern: '[', default: 1}\n",
            [":7: `filters[0].parameters[0].name`: must be a text, in quotes"],
        ),
        (
            SMALL + "filters:\n- name: x\n  requirement: ''\n  parameters:\n  - {name: a, pattern: '[', default: 1}\n",
            ["parameters[0].pattern`: the pattern of `a` is no regular expression"],
        ),
        (
            SMALL + "filters:\n- name: x\n  requirement: ''\n  parameters:\n  - {name: a, pattern: '.'}\n",
            [":7: `filters[0].parameters[0]` has no `default`"],
        ),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, messages: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    for message in messages:
        assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "ovirt.yaml"))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = "listen: x\ninventory: {files: a.json}\nfilters:\n- {name: x, requirement: A >}\nweighers:\n- {name: y}\n"
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    lines = [line for line in str(caught.value).splitlines() if line.startswith(str(tmp_path))]
    assert [line.removeprefix(str(tmp_path / "ovirt.yaml")).split(":")[1] for line in lines] == ["1", "4", "6"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ovirt\.yaml: cannot be read: No such file"):
        read_configuration(tmp_path / "ovirt.yaml")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is larger than 1024 KiB"):
        read(tmp_path, "#" * 2_000_000)


def test_aliases_in_plenty_end_soon(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 15))
    with pytest.raises(ConfigurationError, match="`a0` is not known"):
        read(tmp_path, bomb)
    with pytest.raises(ConfigurationError, match="a key is a text"):
        read(tmp_path, bomb + "? *a14\n: 1\n")


def test_an_inventory_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ovirt\.yaml: `inventory`: "):
        made_inventory(read(tmp_path, SMALL))
