"""What a policy answers: order, shares, reasons."""

from pathlib import Path

import pytest

from matchmaker.ovirt import Filter, Parameter, Policy, Weigher
from matchmaker.ovirt.parameters import Arguments
from matchmaker.ovirt.plugins import load_plugins

HOSTS = [
    {"ID": "a", "FREE": 30, "RUNNING_VMS": 4, "STATUS": "up"},
    {"ID": "b", "FREE": 50, "RUNNING_VMS": 9, "STATUS": "up"},
    {"ID": "c", "FREE": 10, "RUNNING_VMS": 1, "STATUS": "maintenance"},
    {"ID": "d", "RUNNING_VMS": 4, "STATUS": "up"},
]
VM = {"ID": "vm", "NEEDS": 40, "TAGS": ["x", "y"]}


def reason(requirement: str, host: str, **parameters: int) -> str:
    unit = Filter(
        "unit", requirement, parameters=[Parameter(name, "[0-9]*", value) for name, value in parameters.items()]
    )
    return Policy("p", filters=[unit]).rank(HOSTS, VM).refusals[host].reason


@pytest.mark.parametrize(
    ("requirement", "host", "expected"),
    [
        ("FREE > 40", "a", "`FREE > 40` is not met: FREE is 30"),
        ("FREE > 40", "d", "`FREE > 40` is not met: FREE is missing"),
        (
            'STATUS = "up" and FREE > 40',
            "c",
            '`STATUS = "up"` is not met: STATUS is maintenance; `FREE > 40` is not met: FREE is 10',
        ),
        ('STATUS = "up" and FREE > 40', "a", "`FREE > 40` is not met: FREE is 30"),
        ("FREE > REQUEST.NEEDS", "a", "`FREE > REQUEST.NEEDS` is not met: FREE is 30, REQUEST.NEEDS is 40"),
        ("FREE > REQUEST.GONE", "a", "`FREE > REQUEST.GONE` is not met: FREE is 30, REQUEST.GONE is missing"),
        ("FREE in [REQUEST.TAGS]", "a", "`FREE in [REQUEST.TAGS]` is not met: FREE is 30, REQUEST.TAGS is x, y"),
        ('!(STATUS = "up")', "a", '`!(STATUS = "up")` is not met: STATUS is up'),
        (
            'STATUS != "up" or FREE > REQUEST.NEEDS',
            "a",
            '`STATUS != "up" | FREE > REQUEST.NEEDS` is not met: STATUS is up, FREE is 30, REQUEST.NEEDS is 40',
        ),
        (
            "FREE > 40 or FREE > 45 or FREE < 5",
            "a",
            "`FREE > 40 | FREE > 45 | FREE < 5` is not met: FREE is 30",
        ),
        (
            "FREE - RUNNING_VMS > 40 and FREE > 0",
            "a",
            "`FREE - RUNNING_VMS > 40` is not met: FREE is 30, RUNNING_VMS is 4",
        ),
        ("1 = 2", "a", "`1 = 2` is not met"),
    ],
)
def test_reasons(requirement: str, host: str, expected: str) -> None:
    assert reason(requirement, host) == expected


def test_reasons_show_arguments() -> None:
    assert (
        reason("FREE > REQUEST.least", "a", least=35)
        == "`FREE > REQUEST.least` is not met: FREE is 30, REQUEST.least is 35"
    )


def test_reasons_of_long_and_strange_values() -> None:
    unit = Filter("unit", 'NAME = "x"')
    host = {"ID": "a", "NAME": "\x1b[31m" + "y" * 10_000}
    found = Policy("p", filters=[unit]).rank([host]).refusals["a"].reason
    assert len(found) < 200
    assert "\x1b" not in found


def test_the_reason_of_a_filter_in_python() -> None:
    ranking = Policy("p", filters=[Filter("mine", lambda call, arguments: ["a"])]).rank(HOSTS)
    assert ranking.refusals["b"].reason == "`mine` does not keep it"


def test_the_first_filter_is_named() -> None:
    filters = [Filter("one", "FREE > 40"), Filter("two", "FREE > 20"), Filter("three", 'STATUS = "up"')]
    ranking = Policy("p", filters=filters).rank(HOSTS)
    assert {key: refusal.filter.name for key, refusal in ranking.refusals.items()} == dict.fromkeys("acd", "one")


def ranking_of(policy: Policy) -> str:
    return policy.rank(HOSTS, VM).render()


WEIGHERS = [(Weigher("free", score="FREE"), 2), (Weigher("vms", weight="RUNNING_VMS"), 10)]


def test_reason_of_each_host() -> None:
    ranking = Policy("p", filters=[Filter("up", 'STATUS = "up"')], weighers=WEIGHERS).rank(HOSTS)
    assert ranking.reason("a") == "place 2 of 3 with 20: free 0, vms 20"
    assert ranking.reason("d") == "place 1 of 3 with 24: free 4, vms 20"
    assert ranking.reason("c") == 'refused by `up`: `STATUS = "up"` is not met: STATUS is maintenance'
    with pytest.raises(KeyError):
        ranking.reason("x")
    assert Policy("p").rank(HOSTS).reason("b") == "place 2 of 4 with 0: no weigher"


def test_rendering() -> None:
    def broken(call: object, arguments: Arguments) -> list[str]:
        raise ValueError("no")

    filters = [Filter("broken", broken), Filter("up", 'STATUS = "up"')]
    assert ranking_of(Policy("p", filters=filters, weighers=WEIGHERS)) == (
        "policy p: 3 of 4 hosts, best first\n"
        "  total  free  vms  host\n"
        "     24     4   20  d\n"
        "     20     0   20  a\n"
        "      4     4    0  b\n"
        "refused\n"
        '  c  up: `STATUS = "up"` is not met: STATUS is maintenance\n'
        "error in broken: ValueError: no"
    )


def test_rendering_some() -> None:
    policy = Policy("p", filters=[Filter("few", "RUNNING_VMS < 4")], weighers=WEIGHERS)
    assert policy.rank(HOSTS).render(most=1).splitlines()[2:] == [
        "      0     0    0  c",
        "refused",
        "  a  few: `RUNNING_VMS < 4` is not met: RUNNING_VMS is 4",
        "  ... and 2 more",
    ]
    assert Policy("p").rank(HOSTS).render(most=2).splitlines()[-1] == "  ... and 2 more"


def test_it_is_a_sequence_that_does_not_change() -> None:
    ranking = Policy("p", weighers=WEIGHERS).rank(HOSTS)
    assert len(ranking) == 4
    assert ranking[0].key == "c"
    assert [host.key for host in ranking[1:3]] == ["d", "a"]
    assert ranking.index(ranking[2]) == 2
    assert repr(ranking) == "<PolicyRanking of 'p': 4 hosts, 0 refused>"
    with pytest.raises(TypeError):
        ranking.errors["x"] = "y"  # type: ignore[index]


def test_plug_ins_are_units_of_policies(tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(
        "class first:\n"
        "    def do_filter(self, hosts, vm, args):\n"
        "        return hosts[:2]\n"
        "    def do_score(self, hosts, vm, args):\n"
        "        return [(hosts[0], 5)]\n"
    )
    plugins = load_plugins(tmp_path, time_limit=60)
    try:
        ranking = Policy("p", filters=plugins.filters, weighers=[(plugins.weighers[0], 2)]).rank(HOSTS, VM)  # type: ignore[arg-type,list-item]
        assert [(host.key, host.total) for host in ranking] == [("b", 2), ("a", 0)]
        assert ranking.reason("c") == "refused by `first`: `first` does not keep it"
    finally:
        plugins.close()
