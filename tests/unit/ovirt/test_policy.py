"""Policies: filters, weighers with factors, and how weights become an order."""

import pytest

from matchmaker.ovirt import Balancer, Call, Cloud, Filter, Parameter, Policy, Weigher
from matchmaker.ovirt.errors import InventoryError, UnitError
from matchmaker.ovirt.parameters import Arguments

HOSTS = [
    {"ID": "a", "FREE": 30, "RUNNING_VMS": 4, "LOAD": 5},
    {"ID": "b", "FREE": 50, "RUNNING_VMS": 9, "LOAD": 5},
    {"ID": "c", "FREE": 10, "RUNNING_VMS": 1, "LOAD": 1},
    {"ID": "d", "FREE": 40, "RUNNING_VMS": 4, "LOAD": 9},
]
FREE = Weigher("free", score="FREE")
VMS = Weigher("vms", weight="RUNNING_VMS")
LOAD = Weigher("load", weight="LOAD")


def fails(call: Call, arguments: Arguments) -> list[str]:
    raise ValueError("broken")


def keys(policy: Policy, **given: object) -> list[str]:
    return [host.key for host in policy.rank(HOSTS, **given)]  # type: ignore[arg-type]


def test_ranks() -> None:
    ranking = Policy("p", weighers=[(FREE, 2), (VMS, 1)]).rank(HOSTS)
    assert [(host.key, host.total) for host in ranking] == [("b", 6), ("d", 6), ("a", 4), ("c", 3)]
    assert ranking[1].shares == (("free", 2, 10, 4), ("vms", 1, 4, 2))
    assert [share.points for share in ranking[2].shares] == [2, 2]


def test_basic() -> None:
    ranking = Policy("p", weighers=[(FREE, 2), (VMS, 10)], combination="basic").rank(HOSTS)
    assert [(host.key, host.total) for host in ranking] == [("d", 60), ("a", 80), ("b", 90), ("c", 90)]
    assert ranking[0].shares == (("free", 2, 10, 20), ("vms", 10, 4, 40))


def test_ties_go_to_the_host_that_was_listed_first() -> None:
    assert keys(Policy("p")) == ["a", "b", "c", "d"]
    assert keys(Policy("p", weighers=[(LOAD, 1)])) == ["c", "a", "b", "d"]
    assert keys(Policy("p", weighers=[(LOAD, 1)], combination="basic")) == ["c", "a", "b", "d"]
    ranking = Policy("p", weighers=[(LOAD, 1)]).rank(reversed(HOSTS))
    assert [host.key for host in ranking] == ["c", "b", "a", "d"]


@pytest.mark.parametrize(
    ("factor", "expected"), [(1, ["c", "a", "b", "d"]), (0, ["a", "b", "c", "d"]), (-1, ["d", "a", "b", "c"])]
)
def test_factors(factor: int, expected: list[str]) -> None:
    assert keys(Policy("p", weighers=[(LOAD, factor)])) == expected
    assert keys(Policy("p", weighers=[(LOAD, factor)], combination="basic")) == expected


def test_several_weights_of_a_host_add_up() -> None:
    twice = Weigher("twice", weight=lambda call, arguments: [("a", 2), ("b", 3), ("a", 2)])
    ranking = Policy("p", weighers=[(twice, 1)]).rank(HOSTS[:2])
    assert [(host.key, host.shares[0].weight, host.total) for host in ranking] == [("b", 3, 1), ("a", 4, 0)]


def test_hosts_that_a_weigher_leaves_out_weigh_0() -> None:
    some = Weigher("some", weight=lambda call, arguments: [("a", 1), ("b", -1)])
    ranking = Policy("p", weighers=[(some, 1)]).rank(HOSTS)
    assert [(host.key, host.shares[0].weight) for host in ranking] == [("b", -1), ("c", 0), ("d", 0), ("a", 1)]


def test_all_filters_have_to_keep_a_host() -> None:
    policy = Policy("p", filters=[Filter("some", "FREE > 20"), Filter("few", "RUNNING_VMS < 9")])
    ranking = policy.rank(HOSTS)
    assert [host.key for host in ranking] == ["a", "d"]
    assert {key: refusal.filter.name for key, refusal in ranking.refusals.items()} == {"b": "few", "c": "some"}


def test_weighers_are_asked_about_hosts_that_are_left() -> None:
    asked: list[tuple[str, ...]] = []

    def weigh(call: Call, arguments: Arguments) -> list[tuple[str, float]]:
        asked.append(call.host_ids)
        return []

    Policy("p", filters=[Filter("some", "FREE > 20")], weighers=[(Weigher("w", weight=weigh), 1)]).rank(HOSTS)
    assert asked == [("a", "b", "d")]
    # The best of the hosts that are left weighs 0.
    left = Policy("p", filters=[Filter("some", "FREE < 45")], weighers=[(FREE, 1)]).rank(HOSTS)
    assert [(host.key, host.shares[0].weight) for host in left] == [("d", 0), ("a", 10), ("c", 30)]


def test_a_filter_is_asked_about_all_hosts() -> None:
    first = Filter("first", lambda call, arguments: call.host_ids[:2])
    ranking = Policy("p", filters=[Filter("some", "FREE > 30"), first]).rank(HOSTS)
    assert [host.key for host in ranking] == ["b"]


def test_a_failing_unit_changes_nothing_else() -> None:
    good = Policy("p", filters=[Filter("some", "FREE > 20")], weighers=[(VMS, 1)])
    bad = Policy(
        "p",
        filters=[Filter("broken filter", fails), *good.filters],
        weighers=[(Weigher("broken weigher", score=fails), 99), *good.weighers],  # type: ignore[arg-type]
    )
    assert list(bad.rank(HOSTS)) == list(good.rank(HOSTS))
    assert bad.rank(HOSTS).errors == {
        "broken filter": "ValueError: broken",
        "broken weigher": "ValueError: broken",
    }


def test_unknown_hosts_are_kept_and_weigh_0() -> None:
    policy = Policy("p", filters=[Filter("some", "FREE > 20")], weighers=[(VMS, 1)])
    ranking = policy.rank_call(Call(Cloud(HOSTS), ("a", "x", "c", "b")))
    assert [(host.key, host.shares[0].weight) for host in ranking] == [("x", 0), ("a", 4), ("b", 9)]
    assert list(ranking.refusals) == ["c"]
    penalty = Weigher("penalty", weight=lambda call, arguments: [(host, 7) for host in call.host_ids])
    ranking = Policy("p", weighers=[(penalty, 1)]).rank_call(Call(Cloud(HOSTS), ("a", "x")))
    assert [(host.key, host.shares[0].weight) for host in ranking] == [("x", 0), ("a", 7)]


def test_the_virtual_machine_and_arguments() -> None:
    room = Filter("room", "FREE >= REQUEST.NEEDS + REQUEST.more", parameters=[Parameter("more", "[0-9]*", 0)])
    policy = Policy("p", filters=[room], arguments={"more": "5"})
    vm = {"ID": "vm", "NEEDS": 30}
    assert keys(policy, vm=vm) == ["b", "d"]
    assert keys(policy, vm=vm, arguments={"more": "0"}) == ["a", "b", "d"]
    assert keys(policy, vm=vm, arguments={"other": "0"}) == ["b", "d"]
    # An empty value is the parameter's own default, not the policy's.
    assert keys(policy, vm=vm, arguments={"more": ""}) == ["a", "b", "d"]


def test_a_bad_argument_is_an_error_of_its_unit() -> None:
    room = Filter("room", "FREE >= REQUEST.more", parameters=[Parameter("more", "[0-9]*", 0)])
    ranking = Policy("p", filters=[room]).rank(HOSTS, arguments={"more": "x"})
    assert len(ranking) == 4
    assert list(ranking.errors) == ["room"]


def test_no_hosts() -> None:
    ranking = Policy("p", filters=[Filter("some", "FREE > 20")], weighers=[(VMS, 1), (FREE, 1)]).rank([])
    assert list(ranking) == []
    assert ranking.render() == "policy p: 0 of 0 hosts, best first"


def test_balance() -> None:
    vms = [{"ID": "v", "HOST_ID": "b"}]
    move = Balancer(
        "move",
        lambda call, arguments: ("v", [str(arguments["to"])]),
        parameters=[Parameter("to", "[a-z]*", "a")],
    )
    policy = Policy("p", balancer=move, arguments={"to": "c"})
    assert policy.balance(HOSTS, vms) == ("v", ("c",))
    assert policy.balance(HOSTS, vms, arguments={"to": "d"}) == ("v", ("d",))
    assert Policy("p").balance(HOSTS, vms) is None


def test_a_failing_balancer() -> None:
    with pytest.raises(UnitError, match=r"^unit 'move': ValueError: broken$"):
        Policy("p", balancer=Balancer("move", fails)).balance(HOSTS, [])  # type: ignore[arg-type]


def test_inventories_that_are_none() -> None:
    with pytest.raises(InventoryError, match="two are the host `a`"):
        Policy("p").rank([HOSTS[0], HOSTS[0]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"combination": "best"}, "^policy `p`: weights are combined by `rank` or `basic`, not `best`$"),
        ({"weighers": [(FREE, 1.5)]}, "^policy `p`: the factor of `free` is no whole number$"),
        ({"weighers": [(FREE, True)]}, "is no whole number"),
        ({"weighers": [(FREE, 1), (FREE, 2)]}, "^policy `p`: two of its weighers have the same name$"),
        ({"filters": [Filter("a", ""), Filter("a", "")]}, "^policy `p`: two of its filters have the same name$"),
    ],
)
def test_what_is_no_policy(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Policy("p", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"filters": Filter("a", "")}, "^policy `p`: its filters are no list$"),
        ({"filters": ["FREE > 20"]}, "^policy `p`: filter 1 is a `str`, not a `Filter`$"),
        ({"filters": [Filter("a", ""), FREE]}, "^policy `p`: filter 2 is a `Weigher`, not a `Filter`$"),
        ({"weighers": FREE}, "^policy `p`: its weighers are no list$"),
        ({"weighers": [FREE]}, "^policy `p`: weigher 1 is no pair of a `Weigher` and its factor$"),
        (
            {"weighers": [(FREE, 1), (Filter("a", ""), 1)]},
            "^policy `p`: weigher 2 is no pair of a `Weigher` and its factor$",
        ),
        ({"balancer": [Balancer("b", fails)]}, "^policy `p`: its balancer is a `list`, not a `Balancer`$"),
    ],
)
def test_units_of_another_kind(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Policy("p", **wrong)  # type: ignore[arg-type]


def test_a_filter_and_a_weigher_may_share_a_name() -> None:
    policy = Policy("p", filters=[Filter("free", "FREE > 20")], weighers=[(FREE, 1)])
    assert keys(policy) == ["b", "d", "a"]


def test_it_does_not_change() -> None:
    weighers = [(FREE, 1)]
    policy = Policy("p", weighers=weighers)
    weighers.clear()
    assert policy.weighers == ((FREE, 1),)
    with pytest.raises(AttributeError):
        policy.name = "q"  # type: ignore[misc]
    with pytest.raises(TypeError):
        policy.arguments["more"] = "5"  # type: ignore[index]
