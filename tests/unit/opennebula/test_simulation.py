"""Dry runs: where virtual machines would go, and why the others would not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from matchmaker.errors import DocumentError, MatchmakerError
from matchmaker.opennebula.rank_conf import Configuration, parse_configuration
from matchmaker.opennebula.scheduler_action import read_action
from matchmaker.opennebula.simulation import SHORT, Outcome, Simulation, simulate
from matchmaker.placement import Cause
from tests.conformance.test_opennebula_place import configuration, scenarios

CHECKOUT = Path(__file__).parents[3]


def pool(tag: str, *inside: str) -> str:
    return f"<{tag}_POOL>{''.join(f'<{tag}>{each}</{tag}>' for each in inside)}</{tag}_POOL>"


def host(id_: int, cpu: int = 400, *, state: int = 2, cluster: int = 0, template: str = "") -> str:
    return (
        f"<ID>{id_}</ID><NAME>node{id_}</NAME><STATE>{state}</STATE><CLUSTER_ID>{cluster}</CLUSTER_ID><HOST_SHARE>"
        f"<MAX_CPU>{cpu}</MAX_CPU><CPU_USAGE>0</CPU_USAGE><MAX_MEM>8388608</MAX_MEM><MEM_USAGE>0</MEM_USAGE>"
        f"<RUNNING_VMS>{id_}</RUNNING_VMS></HOST_SHARE><TEMPLATE>{template}</TEMPLATE>"
    )


def datastore(id_: int, *, free: int = 5000, type_: int = 1, template: str = "") -> str:
    return (
        f"<ID>{id_}</ID><NAME>ds{id_}</NAME><TYPE>{type_}</TYPE><STATE>0</STATE><CLUSTERS><ID>0</ID></CLUSTERS>"
        f"<TOTAL_MB>{free}</TOTAL_MB><FREE_MB>{free}</FREE_MB><USED_MB>0</USED_MB><TEMPLATE>{template}</TEMPLATE>"
    )


def network(id_: int, *, leases: int = 10, template: str = "") -> str:
    return (
        f"<ID>{id_}</ID><NAME>net{id_}</NAME><CLUSTERS><ID>0</ID></CLUSTERS><USED_LEASES>0</USED_LEASES>"
        f"<AR_POOL><AR><SIZE>{leases}</SIZE></AR></AR_POOL><TEMPLATE>{template}</TEMPLATE>"
    )


def vm(id_: int | str, *, cpu: float = 1, template: str = "", user: str = "", more: str = "<STATE>1</STATE>") -> str:
    return (
        f"<ID>{id_}</ID><NAME>vm{id_}</NAME>{more}<TEMPLATE><CPU>{cpu}</CPU><MEMORY>1024</MEMORY>{template}</TEMPLATE>"
        f"<USER_TEMPLATE>{user}</USER_TEMPLATE><HISTORY_RECORDS/>"
    )


def wants(text: str, name: str = "SCHED_REQUIREMENTS") -> str:
    return f"<{name}><![CDATA[{text}]]></{name}>"


HOSTS = pool("HOST", host(1), host(2, template="<GPU>YES</GPU>"))
DATASTORES = pool("DATASTORE", datastore(100), datastore(101, free=4000, template="<SSD>YES</SSD>"))
NETWORKS = pool("VNET", network(5), network(6, template="<TYPE>public</TYPE>"))


def run(
    *vms: str, hosts: Any = HOSTS, datastores: Any = DATASTORES, networks: Any = NETWORKS, **more: Any
) -> Simulation:
    return simulate(pool("VM", *vms), hosts, datastores, networks, **more)


def only(simulation: Simulation) -> Outcome:
    (outcome,) = simulation.outcomes
    return outcome


def places(simulation: Simulation) -> dict[int, tuple[int, int, dict[int, int]]]:
    found = ((each.vm, each.action) for each in simulation.outcomes)
    return {id_: (got.host, got.datastore, dict(got.networks)) for id_, got in found if got is not None}


def example(name: str) -> bytes:
    return (CHECKOUT / "examples" / f"{name}_pool.xml").read_bytes()


def test_the_example_cloud() -> None:
    simulation = simulate(example("vm"), example("host"), example("datastore"), example("vnet"))
    assert places(simulation) == {200: (52, 100, {0: 4, 1: 0})}
    first, second = simulation.outcomes
    assert (first.vm, first.name, first.score, first.messages, first.reasons) == (200, "vm200", -1350, (), ())
    assert (second.vm, second.action, second.score) == (201, None, None)
    assert second.messages == ("No host meets SCHED_REQUIREMENTS",)
    assert [(reason.cause, reason.candidates) for reason in second.reasons] == [(Cause.REQUIREMENT, tuple(range(60)))]
    assert (simulation.placed, simulation.others, simulation.notes) == (1, 0, ())


def test_opennebulas_own_answer_when_all_datastores_and_networks_are_candidates() -> None:
    # OpenNebula 7.4 was given VM 200 with the datastores and networks of its clusters, whatever else it requires of them.
    root = etree.fromstring(example("vm"))
    for path in (".//USER_TEMPLATE/SCHED_DS_REQUIREMENTS", ".//NIC/SCHED_REQUIREMENTS"):
        for element in root.findall(path):
            element.getparent().remove(element)
    simulation = simulate(root, example("host"), example("datastore"), example("vnet"))
    assert places(simulation) == {200: (52, 0, {0: 0, 1: 4})}


def test_recorded_plans_where_the_recorded_candidates_are_those_that_meet_the_requirements() -> None:
    agreeing = 0
    for scenario in scenarios():
        if scenario["plan"] is None:
            continue
        settings = configuration(scenario)
        root = etree.fromstring(scenario["xml"].encode())
        vms, hosts, datastores, networks, groups = (
            etree.tostring(root.find(f"{name}_POOL")) for name in ("VM", "HOST", "DATASTORE", "VNET", "VM_GROUP")
        )
        simulation = simulate(vms, hosts, datastores, networks, groups=groups, configuration=settings)
        listed = {each.id: each for each in read_action(scenario["xml"].encode(), settings).requests}
        ours = {each.vm: each.request for each in simulation.outcomes if each.request is not None}
        assert ours.keys() == listed.keys()
        if all(
            (ours[id_].hosts, ours[id_].datastores, [nic.networks for nic in ours[id_].nics])
            == (each.hosts, each.datastores, [nic.networks for nic in each.nics])
            for id_, each in listed.items()
        ):
            agreeing += 1
            plan = [
                {
                    "vm": action.request.id,
                    "host": action.host,
                    "ds": action.datastore,
                    "operation": action.operation,
                    "nics": {str(nic): id_ for nic, id_ in action.networks.items()},
                }
                for action in simulation.plan.actions
            ]
            assert plan == scenario["plan"], scenario["id"]
    assert agreeing > 80


def test_capacity_is_debited_from_one_to_the_next() -> None:
    simulation = run(*(vm(id_, cpu=3) for id_ in (12, 10, 11)))
    assert places(simulation) == {10: (1, 100, {}), 11: (2, 100, {})}
    refused = simulation.outcomes[2]
    assert refused.vm == 12
    assert refused.message == "[HOST] Not enough CPU on hosts: 1,2"
    assert [(reason.cause, reason.candidates) for reason in refused.reasons] == [(Cause.CPU, (1, 2))]


def test_a_refusal_names_those_that_were_left_out_before_too() -> None:
    outcome = only(run(vm(7, cpu=99, user=wants("GPU = YES"))))
    assert [(reason.cause, reason.candidates) for reason in outcome.reasons] == [
        (Cause.REQUIREMENT, (1,)),
        (Cause.CPU, (2,)),
    ]


@pytest.mark.parametrize(
    ("machine", "message", "reasons"),
    [
        (
            vm(7, user=wants("GPU = NO")),
            "No host meets SCHED_REQUIREMENTS",
            [(Cause.REQUIREMENT, (1, 2))],
        ),
        (
            vm(7, user=wants("SSD = NO", "SCHED_DS_REQUIREMENTS")),
            "No system datastore meets SCHED_DS_REQUIREMENTS",
            [(Cause.UNSUITABLE_DATASTORE, (100, 101))],
        ),
        (
            vm(7, template=f"<NIC><NIC_ID>3</NIC_ID><NETWORK_MODE>auto</NETWORK_MODE>{wants('TYPE = none')}</NIC>"),
            "No virtual network meets SCHED_NIC_REQUIREMENTS for NIC 3",
            [(Cause.UNSUITABLE_NETWORK, (5, 6))],
        ),
        (
            vm(7, user=wants("GPU >= YES")),
            "Error in SCHED_REQUIREMENTS: 'GPU >= YES', error: `>=` is not an operator of the opennebula dialect",
            [],
        ),
    ],
)
def test_what_the_core_says(machine: str, message: str, reasons: list[tuple[Cause, tuple[int, ...]]]) -> None:
    outcome = only(run(machine))
    assert outcome.action is None
    assert outcome.message == message
    assert [(reason.cause, reason.candidates) for reason in outcome.reasons] == reasons


def test_empty_pools() -> None:
    assert only(run(vm(7), hosts="<HOST_POOL/>")).message == "No hosts enabled to run VMs"
    assert only(run(vm(7), datastores="<DATASTORE_POOL/>")).message == "No system datastores found to run VMs"
    assert run().outcomes == ()


def test_single_documents_are_pools_of_one() -> None:
    single = f"<VM>{vm(7)}</VM>", f"<HOST>{host(3)}</HOST>", f"<DATASTORE>{datastore(9)}</DATASTORE>"
    simulation = simulate(*single, f"<VNET>{network(1)}</VNET>")
    assert places(simulation) == {7: (3, 9, {})}


def test_text_bytes_and_elements_are_alike_and_elements_stay_as_they_are() -> None:
    texts = [pool("VM", vm(7)), HOSTS, DATASTORES, NETWORKS]
    clusters = pool("CLUSTER", "<ID>0</ID><TEMPLATE><A>1</A></TEMPLATE>")
    elements = [etree.fromstring(each) for each in (*texts, clusters)]
    before = [etree.tostring(each) for each in elements]
    expected = places(simulate(*texts, clusters=clusters))
    assert expected == {7: (1, 100, {})}
    assert places(simulate(*map(str.encode, texts))) == expected
    assert places(simulate(*elements[:4], clusters=elements[4])) == expected
    assert [etree.tostring(each) for each in elements] == before


def test_hosts_have_the_attributes_of_their_clusters() -> None:
    machine = vm(7, user=wants("TIER = gold"))
    hosts = pool("HOST", host(1), host(2, cluster=5))
    clusters = pool("CLUSTER", "<NAME>no id</NAME>", "<ID>5</ID><TEMPLATE><TIER>gold</TIER></TEMPLATE>")
    stores = pool("DATASTORE", datastore(100).replace("<ID>0</ID>", "<ID>5</ID>"))
    assert only(run(machine, hosts=hosts)).message == "No host meets SCHED_REQUIREMENTS"
    found = run(machine, hosts=hosts, datastores=stores, clusters=clusters)
    assert places(found) == {7: (2, 100, {})}
    assert found.notes == ("without an ID, hence left out: 1 element of the CLUSTER_POOL",)


def test_groups_hold_members_apart_that_run_and_that_wait() -> None:
    running = "<STATE>3</STATE><LCM_STATE>3</LCM_STATE>"
    member = "<VMGROUP><ROLE>web</ROLE><VMGROUP_ID>0</VMGROUP_ID></VMGROUP>"
    here = vm(6, template=member, more=running).replace(
        "<HISTORY_RECORDS/>", "<HISTORY_RECORDS><HISTORY><HID>1</HID></HISTORY></HISTORY_RECORDS>"
    )
    group = (
        "<ID>0</ID><ROLES><ROLE><ID>0</ID><NAME>web</NAME><POLICY>ANTI_AFFINED</POLICY><VMS>6,7,8</VMS></ROLE></ROLES>"
        "<TEMPLATE/>"
    )
    hosts = pool("HOST", host(1) + "<VMS><ID>6</ID></VMS>", host(2))
    machines = here, vm(7, template=member), vm(8, template=member)
    simulation = run(*machines, hosts=hosts, groups=pool("VM_GROUP", group))
    assert places(simulation) == {7: (2, 100, {})}
    assert simulation.others == 1
    alone = run(*machines, hosts=hosts)
    assert places(alone) == {7: (1, 100, {}), 8: (1, 100, {})}


def test_a_machine_that_is_to_move_keeps_its_datastore_and_leaves_its_host() -> None:
    moving = "<STATE>3</STATE><LCM_STATE>3</LCM_STATE><RESCHED>1</RESCHED>"
    machine = vm(7, more=moving, user=wants("SSD >= NO", "SCHED_DS_REQUIREMENTS"))
    history = "<HISTORY_RECORDS><HISTORY><HID>1</HID><DS_ID>101</DS_ID></HISTORY></HISTORY_RECORDS>"
    outcome = only(run(machine.replace("<HISTORY_RECORDS/>", history)))
    assert outcome.action is not None
    assert (outcome.action.operation, outcome.action.host, outcome.action.datastore) == ("migrate", 2, 101)
    lost = only(run(machine))
    assert lost.action is None
    assert lost.message == "the history of the VM does not say which datastore it is in, and it is to keep it"


def test_machines_that_do_not_wait_are_counted() -> None:
    simulation = run(vm(7), vm(8, more="<STATE>3</STATE>"), vm(9, more="<STATE>2</STATE>"))
    assert list(places(simulation)) == [7]
    assert simulation.others == 2


def test_the_short_list_is_placed_by_what_it_has_and_says_what_it_lacks() -> None:
    short = "<LAST_POLL>0</LAST_POLL><STATE>1</STATE><LCM_STATE>0</LCM_STATE><RESCHED>0</RESCHED>"
    whole = f"<PERMISSIONS><OWNER_U>1</OWNER_U></PERMISSIONS>{short}<PREV_STATE>1</PREV_STATE>"
    simulation = run(vm(7, more=short), vm(8, more=whole), vm(9))
    assert list(places(simulation)) == [7, 8, 9]
    assert [outcome.notes for outcome in simulation.outcomes] == [(SHORT,), (), ()]
    assert "`onevm list --extended -x`" in SHORT


def test_the_configuration_counts() -> None:
    packing = parse_configuration("DEFAULT_SCHED = [ POLICY = 0 ]\nMAX_HOST = 1\n")
    simulation = run(vm(7), vm(8), vm(9), configuration=packing)
    assert places(simulation) == {7: (2, 100, {}), 8: (1, 100, {})}
    assert [outcome.score for outcome in simulation.outcomes] == [2, 1, None]
    assert simulation.outcomes[2].message == "[HOST] Dispatch limit reached on hosts: 1,2"


def test_one_bad_machine_costs_no_other_its_place() -> None:
    broken = [
        vm(1, user=wants('"" = 1')),
        vm(2, user=wants("A = = 1")),
        vm(3, user=wants("A = 1 & " * 20_000 + "B = 1")),
        vm("x"),
        vm("y"),
        vm(7, cpu=2),
        vm(8, user=wants("FREE_CPU +", "SCHED_RANK")),
        "",
    ]
    simulation = run(vm(7), *broken)
    found = {(outcome.vm, outcome.name): outcome for outcome in simulation.outcomes}
    assert (len(found), len(simulation.outcomes)) == (7, 8)
    assert places(simulation).keys() == {-1, 7, 8}
    assert found[1, "vm1"].message.startswith("Error in SCHED_REQUIREMENTS: '\"\" = 1'")
    assert found[2, "vm2"].message.startswith("Error in SCHED_REQUIREMENTS: 'A = = 1'")
    assert found[3, "vm3"].message.startswith("Error in SCHED_REQUIREMENTS: 'A = 1")
    assert found[-1, "vmy"].message == "another VM has no id either"
    assert [each.message for each in simulation.outcomes if each.vm == 7] == ["", "another VM that waits has the id 7"]
    (note,) = found[8, "vm8"].notes
    assert note.startswith("Error in SCHED_RANK at character 11: ")
    assert note.endswith("; ranked by `0`, as OpenNebula does")
    assert simulation.notes == ("empty, or no VM, hence left out: 1 element of the VM_POOL",)


def test_a_machine_whose_expressions_take_too_long_costs_no_other_its_place() -> None:
    endless = vm(1, user=wants(" | ".join(f'A = "{"*a" * 50}{number}"' for number in range(500))))
    slow = [host(number, template=f"<A>{'a' * 3000}{number}</A>") for number in range(1, 2000)]
    simulation = run(endless, vm(2), hosts=pool("HOST", *slow), configuration=Configuration(expression_time=0.4))
    assert simulation.outcomes[0].message.endswith("error: the expressions take more than 400 ms of CPU time")
    assert places(simulation).keys() == {2}


def test_bad_candidates_are_left_out_and_told() -> None:
    hosts = pool("HOST", host(1), host(1, cpu=99), "<NAME>no id</NAME>", "", host(3, state=4), host(4, state=3))
    hosts = hosts.replace("</HOST_POOL>", "<VM><ID>1</ID></VM></HOST_POOL>")
    simulation = run(vm(7), hosts=hosts)
    assert places(simulation) == {7: (1, 100, {})}
    assert simulation.notes == (
        "empty, or no HOST, hence left out: 2 elements of the HOST_POOL",
        "without an ID, hence left out: 1 element of the HOST_POOL",
        "there several times, and the first counts: HOST 1",
        "not enabled, hence left out: HOST 3, 4",
    )


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize(
    "text", ["", "<A", "<A/>", "<IMAGE_POOL/>", "<!DOCTYPE a []><HOST_POOL/>", "\0", b"\xff\xfe\xff", 7]
)
def test_documents_that_are_none(place: int, text: Any) -> None:
    given: list[Any] = [pool("VM", vm(7)), HOSTS, DATASTORES, NETWORKS, "<VM_GROUP_POOL/>", "<CLUSTER_POOL/>"]
    given[place] = text
    with pytest.raises(DocumentError) as caught:
        simulate(*given[:4], groups=given[4], clusters=given[5])
    assert isinstance(caught.value, MatchmakerError)
