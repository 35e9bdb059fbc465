"""`matchmaker opennebula simulate`: dry runs from the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

import pytest
from typer.testing import CliRunner

from matchmaker.cli.app import app

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = {
    "--vms": EXAMPLES / "vm_pool.xml",
    "--hosts": EXAMPLES / "host_pool.xml",
    "--datastores": EXAMPLES / "datastore_pool.xml",
    "--networks": EXAMPLES / "vnet_pool.xml",
}
TABLE = """\
VM   name   outcome
───  ─────  ───────────────────────────────────────────────────────────────────
200  vm200  host 52 node0052, datastore 100, NIC 0: network 4, NIC 1: network 0
201  vm201  No host meets SCHED_REQUIREMENTS
"""


def run(*arguments: str, given: str | bytes = "", **environment: str) -> tuple[str, str, int]:
    environment = {"COLUMNS": "80", "NO_COLOR": "1", "ONE_LOCATION": "/nowhere"} | environment
    done = CliRunner().invoke(app, ["opennebula", "simulate", *arguments], input=given, env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.stderr, done.exit_code


def files(**changed: Path | str | None) -> list[str]:
    """Return the options that name the example files, or others in their place."""
    named = FILES | {f"--{name}": path for name, path in changed.items()}
    return [text for option, path in named.items() if path is not None for text in (option, str(path))]


def test_a_table_of_eighty_columns() -> None:
    assert run(*files()) == (TABLE, "1 of 2 waiting VMs has a place\n", 1)


def test_each_document_may_come_from_standard_input() -> None:
    for option, path in FILES.items():
        assert run(*files(**{option[2:]: "-"}), given=path.read_bytes())[0] == TABLE


def test_status_0_when_all_that_are_shown_have_a_place() -> None:
    shown, messages, status = run(*files(), "--vm", "200")
    assert (shown.splitlines()[2:], messages, status) == (
        TABLE.splitlines()[2:3],
        "1 of 1 waiting VM has a place\n",
        0,
    )


def test_why_names_each_candidate_and_what_it_does_not_meet() -> None:
    shown, _, status = run(*files(), "--why")
    assert shown.startswith(TABLE)
    lines = shown[len(TABLE) :].splitlines()
    assert lines[:6] == [
        "",
        "VM 201 vm201: No host meets SCHED_REQUIREMENTS",
        'hint: none has an attribute `QOS`; without `QOS = "gold"` and `FREE_CPU >',
        "100000`, 24 would match",
        "",
        "candidate  ID  name      why not",
    ]
    assert lines[7] == 'host        0  node0000  not met: QOS = "gold"'
    assert lines[11].startswith("host        4  node0004  not met: CLUSTER_ID = 0 | CLUSTER_ID = 1 ")
    assert len(lines) == 7 + 60
    assert max(map(len, lines)) <= 80
    assert status == 1
    alone, _, _ = run(*files(), "--vm", "201")
    assert alone.splitlines()[-60:] == lines[-60:]


def test_json_for_programs() -> None:
    shown, messages, status = run(*files(), "--json")
    document = json.loads(shown)
    assert document == {
        "vms": [
            {
                "id": 200,
                "name": "vm200",
                "placed": True,
                "operation": "deploy",
                "host": 52,
                "host_name": "node0052",
                "score": -1350,
                "datastore": 100,
                "networks": {"0": 4, "1": 0},
                "notes": [],
            },
            {
                "id": 201,
                "name": "vm201",
                "placed": False,
                "messages": ["No host meets SCHED_REQUIREMENTS"],
                "reasons": [{"kind": "host", "cause": "Requirements not met", "candidates": list(range(60))}],
                "notes": [],
            },
        ],
        "not_waiting": 0,
        "notes": [],
    }
    assert (messages, status) == ("", 1)
    assert json.loads(run(*files(), "--json", "--vm", "200")[0])["vms"] == document["vms"][:1]


def test_no_machines(tmp_path: Path) -> None:
    empty = tmp_path / "vms.xml"
    empty.write_text("<VM_POOL/>")
    assert run(*files(vms=empty)) == ("", "0 of 0 waiting VMs have a place\n", 0)
    assert json.loads(run(*files(vms=empty), "--json")[0]) == {"vms": [], "not_waiting": 0, "notes": []}


def test_a_long_outcome_goes_on_below(tmp_path: Path) -> None:
    nics = "".join(f"<NIC><NIC_ID>{nic}</NIC_ID><NETWORK_MODE>auto</NETWORK_MODE></NIC>" for nic in range(4))
    vms = tmp_path / "vms.xml"
    vms.write_text(f"<VM><ID>7</ID><NAME>{'x' * 30}</NAME><STATE>1</STATE><TEMPLATE>{nics}</TEMPLATE></VM>")
    config = tmp_path / "rank.conf"
    config.write_text("DIFFERENT_VNETS = NO\n")
    shown, _, status = run(*files(vms=vms), "--config", str(config))
    lines = shown.splitlines()
    assert lines[2].startswith(f"7   {'x' * 19}…  host ")
    assert lines[3].startswith(" " * 26 + "NIC ")
    assert "NIC 3: network " in lines[3]
    assert max(map(len, lines)) <= 80
    assert status == 0


SHORT = (
    "<VM_POOL><VM><ID>{}</ID><NAME>a</NAME><LAST_POLL>0</LAST_POLL><STATE>1</STATE><RESCHED>0</RESCHED><TEMPLATE>"
    "<CPU>1</CPU><MEMORY>64</MEMORY></TEMPLATE><USER_TEMPLATE/><HISTORY_RECORDS/></VM></VM_POOL>"
)


def test_the_short_list_is_told_once_for_all() -> None:
    machines = "".join(SHORT.format(number).removeprefix("<VM_POOL>").removesuffix("</VM_POOL>") for number in range(8))
    running = "<VM><ID>9</ID><STATE>3</STATE></VM>"
    shown, messages, status = run(*files(vms="-"), given=f"<VM_POOL>{machines}{running}</VM_POOL>")
    assert len(shown.splitlines()) == 10
    assert messages.splitlines()[0].startswith(
        "note: VM 0, 1, 2, 3, 4 and 3 more: the short list of `onevm list -x` holds"
    )
    assert "`onevm list --extended -x`" in messages
    assert messages.splitlines()[1:] == ["8 of 8 waiting VMs have a place; 1 more does not wait"]
    assert status == 0


TEMPLATE = """\
NAME = "web"
CPU = 2
MEMORY = 4096
{}NIC = [ NETWORK_MODE = "auto", SCHED_REQUIREMENTS = "TRAFFIC_TYPE = \\"public\\"" ]
SCHED_REQUIREMENTS = "GPU = YES & CLUSTER_ID = 2"
"""


def test_a_template_in_place_of_machines(tmp_path: Path) -> None:
    template = tmp_path / "web.tmpl"
    template.write_text(TEMPLATE.format(""))
    shown, messages, status = run(*files(vms=None, template=template))
    assert shown.splitlines()[2].startswith("0   web   host ")
    assert shown.splitlines()[2].endswith("NIC 0: network 4")
    assert (messages, status) == ("1 of 1 waiting VM has a place\n", 0)
    template.write_text(TEMPLATE.format("DISK = [ IMAGE_ID = 7 ]\n"))
    assert run(*files(vms=None, template=template)) == (
        shown,
        f"note: {template}: there are no images here, so disks, kernels and their datastores do not count\n" + messages,
        0,
    )
    template.write_text("NAME = [")
    _, messages, status = run(*files(vms=None, template=template))
    assert messages.startswith(f"error: {template}:1:9: ")
    assert status == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--vms, --hosts, --datastores and --networks are missing; name the files, or read all from"),
        (files(hosts=None), "--hosts is missing; name the files"),
        (files(vms="-", hosts="-"), "only one of the documents can come from standard input"),
        ([*files(), "--template", "-"], "--vms and --template do not go together"),
        (files(hosts="nowhere.xml"), "cannot read nowhere.xml: No such file or directory"),
        (files(hosts=FILES["--vms"]), f"{FILES['--vms']}: `VM_POOL` is no HOST_POOL, and no HOST"),
        ([*files(), "--config", "nowhere.conf"], "nowhere.conf: cannot be read: No such file or directory"),
        ([*files(), "--vm", "7", "--vm", "9"], "VM 7 and 9 are not there, or do not wait for a place"),
        (files(vms="-"), "standard input: not well-formed XML"),
    ],
)
def test_bad_input_is_status_2(arguments: list[str], said: str) -> None:
    shown, messages, status = run(*arguments)
    assert shown == ""
    assert messages.startswith(f"error: {said}")
    assert status == 2


def test_json_documents_are_asked_for_as_xml() -> None:
    _, messages, status = run(*files(hosts="-"), given='{"HOST_POOL": {}}')
    assert messages == "error: standard input: JSON; print it as XML, with -x in place of -j\n"
    assert status == 2


def test_control_characters_do_not_reach_the_terminal() -> None:
    machine = SHORT.format(7).replace("<NAME>a", "<NAME>&#x9b;2J&#x202e;")
    shown, messages, _ = run(*files(vms="-"), given=machine.encode())
    assert "\x9b" not in shown + messages
    assert "\u202e" not in shown + messages
    assert "\\x9b2J" in shown


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An OpenNebula that has the pools of the examples, and the environment that leads to it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    auth = tmp_path / "auth"
    auth.write_text("oneadmin:c0rrect-h0rse\n")
    documents = {
        "one.vmpool.infoextended": FILES["--vms"].read_text(),
        "one.hostpool.info": FILES["--hosts"].read_text(),
        "one.datastorepool.info": FILES["--datastores"].read_text(),
        "one.vnpool.info": FILES["--networks"].read_text(),
        "one.vmgrouppool.info": "<VM_GROUP_POOL/>",
        "one.clusterpool.info": "<CLUSTER_POOL/>",
    }

    class Oned(SimpleXMLRPCServer):
        def _dispatch(self: SimpleXMLRPCDispatcher, method: str, params: Any) -> Any:
            if params[0] != "oneadmin:c0rrect-h0rse":
                return [False, f"[{method}] User couldn't be authenticated, aborting.", 256]
            return [True, documents[method], 0]

    class Handler(SimpleXMLRPCRequestHandler):
        rpc_paths = ("/RPC2",)

    with Oned(("127.0.0.1", 0), requestHandler=Handler, logRequests=False) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}/RPC2"
        yield {"ONE_XMLRPC": endpoint, "ONE_AUTH": str(auth), "HOME": str(tmp_path)}
        server.shutdown()
        thread.join()


def test_live(cloud: dict[str, str], tmp_path: Path) -> None:
    assert run("--live", **cloud) == (TABLE, "1 of 2 waiting VMs has a place\n", 1)
    other = tmp_path / "vms.xml"
    other.write_text("<VM_POOL/>")
    assert run("--live", "--vms", str(other), **cloud)[1:] == ("0 of 0 waiting VMs have a place\n", 0)


def test_live_with_wrong_credentials(cloud: dict[str, str], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("oneadmin:battery-staple")
    shown, messages, status = run("--live", **cloud | {"ONE_AUTH": str(wrong)})
    assert (shown, status) == ("", 2)
    assert messages.startswith("error: OpenNebula refuses one.vmpool.infoextended: ")
    assert "battery" not in messages
