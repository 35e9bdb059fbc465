"""Filters, weighers and balancers: every form that a rule can have."""

import math
import pickle
from collections.abc import Iterable

import pytest

from matchmaker import ExpressionError, Rank, Requirement
from matchmaker.ovirt import Balancer, Call, Cloud, Filter, Migration, Parameter, Relief, Weigher
from matchmaker.ovirt.errors import InventoryError, UnitError
from matchmaker.ovirt.parameters import Arguments

HOSTS = [
    {"ID": "a", "NAME": "one", "FREE": 10, "RUNNING_VMS": 3},
    {"ID": "b", "NAME": "two", "FREE": 30, "RUNNING_VMS": 1},
    {"ID": "c", "NAME": "three", "RUNNING_VMS": 2},
    {"ID": "d", "NAME": "four", "FREE": "20 or so", "RUNNING_VMS": 2},
]
VM = {"ID": "vm", "NEEDS": 15, "limit": 1_000}
LIMIT = Parameter("limit", "[0-9]*", 25)


def asked(hosts: Iterable[str] = "abcd", **arguments: str) -> Call:
    return Call(Cloud(HOSTS, [VM]), tuple(hosts), "vm", arguments)


# --- filters


@pytest.mark.parametrize(
    "rule",
    [
        "FREE >= 20",
        Requirement("FREE >= 20", dialect="extended"),
        Requirement("FREE > 19"),
        lambda call, arguments: [host["ID"] for host in call.hosts if host["NAME"] in ("two", "four")],
        lambda call, arguments: iter(("d", "elsewhere", "b", "b")),
        lambda call, arguments: {"b": 1, "d": 2},
    ],
)
def test_forms_of_filters(rule: object) -> None:
    assert Filter("few", rule).keep(asked()) == ["b", "d"]  # type: ignore[arg-type]


def test_the_order_of_a_call_is_kept() -> None:
    assert Filter("few", "FREE >= 20").keep(asked("dcba")) == ["d", "b"]
    assert Filter("all", "").keep(asked("bxa")) == ["b", "a"]
    assert Filter("all", lambda call, arguments: ["a", "x", "b"]).keep(asked("bxa")) == ["b", "x", "a"]


def test_ids_of_callables_may_be_numbers() -> None:
    call = Call.of([{"ID": 7}, {"ID": 8}])
    assert Filter("one", lambda call, arguments: [7]).keep(call) == ["7"]  # type: ignore[list-item]
    assert Weigher("one", weight=lambda call, arguments: [(7, 1)]).weights(call) == [("7", 1)]  # type: ignore[list-item]
    balancer = Balancer("one", lambda call, arguments: (1, [7]))  # type: ignore[arg-type,return-value]
    assert balancer.balance(call) == ("1", ("7",))


def test_the_dialect_of_a_text() -> None:
    assert Filter("few", "FREE > 19", dialect="opennebula").keep(asked()) == ["b", "d"]
    with pytest.raises(ExpressionError):
        Filter("few", "FREE >= 20", dialect="opennebula")
    assert Weigher("free", weight="FREE", dialect="opennebula").weights(asked("ab")) == [("a", 10), ("b", 30)]


def test_a_broken_text() -> None:
    with pytest.raises(ExpressionError):
        Filter("few", "FREE >=")
    with pytest.raises(ExpressionError):
        Weigher("free", score="FREE +")
    with pytest.raises(ExpressionError):
        Relief(relieve="FREE >=", receive="")


def test_what_is_no_rule() -> None:
    with pytest.raises(UnitError, match=r"^unit 'few': its `rule` is a `Rank`, not a `Requirement` or a callable$"):
        Filter("few", Rank("FREE"))  # type: ignore[arg-type]
    with pytest.raises(UnitError, match=r"^unit 'free': its `weight` is a `Requirement`, not a `Rank` or a callable$"):
        Weigher("free", weight=Requirement("FREE > 1"))  # type: ignore[arg-type]
    with pytest.raises(UnitError, match=r"^unit 'move': its `rule` is a `str`, not a `Relief` or a callable$"):
        Balancer("move", "FREE > 1")  # type: ignore[arg-type]


# --- what expressions read


def test_the_virtual_machine_and_parameters() -> None:
    room = Filter("room", "FREE >= REQUEST.NEEDS and FREE < REQUEST.limit", parameters=[LIMIT])
    assert room.keep(asked()) == ["d"]
    assert room.keep(asked(limit="31")) == ["b", "d"]
    assert room.keep(asked(limit="")) == ["d"]


def test_of_equal_names_the_parameter_goes_first() -> None:
    assert Filter("plain", "FREE < REQUEST.limit").keep(asked()) == ["a", "b", "d"]
    assert Filter("own", "FREE < REQUEST.limit", parameters=[LIMIT]).keep(asked()) == ["a", "d"]


def test_arguments_of_other_units() -> None:
    assert Filter("own", "FREE < REQUEST.limit", parameters=[LIMIT]).keep(asked(other="x")) == ["a", "d"]


def test_truth_values_are_yes_and_no() -> None:
    strict = Filter(
        "strict", 'REQUEST.strict = "NO" or FREE > 20', parameters=[Parameter("strict", "true|false", True)]
    )
    assert strict.keep(asked()) == ["b"]
    assert strict.keep(asked(strict="false")) == ["a", "b", "c", "d"]


def test_a_virtual_machine_that_nobody_knows() -> None:
    unknown = Call(Cloud(HOSTS), ("a", "b"), "gone", {})
    nobody = Call(Cloud(HOSTS), ("a", "b"))
    room = Filter("room", "FREE >= REQUEST.NEEDS")
    with pytest.raises(UnitError, match=r"^unit 'room': it reads `REQUEST.NEEDS` of .*, and nobody knows `gone`$"):
        room.keep(unknown)
    with pytest.raises(UnitError, match=r"and there is none$"):
        room.keep(nobody)
    with pytest.raises(UnitError, match=r"`REQUEST.NEEDS`"):
        Weigher("left", score="FREE - REQUEST.NEEDS").weights(unknown)
    assert Filter("few", "FREE > 20").keep(unknown) == ["b"]
    assert Filter("own", "FREE < REQUEST.limit", parameters=[LIMIT]).keep(nobody) == ["a"]
    assert Filter("own", lambda call, arguments: ["a"]).keep(unknown) == ["a"]


def test_callables_get_the_values_of_parameters() -> None:
    found: list[Arguments] = []

    def rule(call: Call, arguments: Arguments) -> list[str]:
        found.append(arguments)
        return []

    Filter("own", rule, parameters=[LIMIT, Parameter("safe", "True|False", False)]).keep(asked(safe="True", x="y"))
    assert found == [{"limit": 25, "safe": True}]


# --- weighers


def test_forms_of_weighers() -> None:
    expected = [("a", 20), ("b", 0), ("d", 10)]
    assert Weigher("free", score="FREE").weights(asked()) == expected
    assert Weigher("free", score=Rank("FREE", dialect="extended")).weights(asked()) == expected
    assert Weigher("free", weight="30 - FREE").weights(asked()) == expected
    assert (
        Weigher("free", score=lambda call, arguments: [("a", 1), ("b", 21.5), ("c", None), ("d", 11)]).weights(asked())
        == expected
    )
    assert (
        Weigher("free", weight=lambda call, arguments: [("a", 20.9), ("b", 0), ("d", 10)]).weights(asked()) == expected
    )


def test_a_rank_of_the_other_dialect_scores_what_is_missing_as_0() -> None:
    assert Weigher("free", score=Rank("FREE")).weights(asked("abc")) == [("a", 20), ("b", 0), ("c", 30)]


def test_hosts_that_were_not_asked_about() -> None:
    free = Weigher("free", score=lambda call, arguments: [("a", 1), ("x", 100), ("b", 2)])
    assert free.weights(asked("ab")) == [("a", 1), ("b", 0)]
    move = Balancer("move", lambda call, arguments: ("vm", ["x", "b", "a", "b"]))
    assert move.balance(asked("ab")) == ("vm", ("b", "a"))
    assert move.balance(asked("cd")) is None


def test_hosts_that_nobody_knows_are_not_weighed() -> None:
    free = Weigher("free", score=lambda call, arguments: [("a", 1), ("x", 100), ("b", 2)])
    assert free.weights(asked("axb")) == [("a", 1), ("b", 0)]


def test_several_weights_of_a_host() -> None:
    twice = Weigher("twice", weight=lambda call, arguments: [("a", 1), ("b", 2), ("a", 5)])
    assert twice.weights(asked("ab")) == [("a", 1), ("b", 2), ("a", 5)]


def test_weights_that_are_none() -> None:
    odd = Weigher("odd", weight=lambda call, arguments: [("a", None), ("b", math.nan), ("c", math.inf), ("d", -0.5)])
    assert odd.weights(asked()) == [("c", 2**31 - 1), ("d", -1)]


def test_either_score_or_weight() -> None:
    for rules in ({}, {"score": "FREE", "weight": "FREE"}):
        with pytest.raises(UnitError, match=r"^unit 'free': a weigher has either a `score` or a `weight`$"):
            Weigher("free", **rules)  # type: ignore[arg-type]


# --- balancers


def test_balancers() -> None:
    assert Balancer("move", lambda call, arguments: ("vm", ["b", "c"])).balance(asked()) == Migration("vm", ("b", "c"))
    assert Balancer("move", lambda call, arguments: None).balance(asked()) is None
    assert Balancer("move", lambda call, arguments: ("vm", [])).balance(asked()) is None


def test_a_balancer_of_expressions() -> None:
    vms = [{"ID": "v1", "HOST_ID": "a"}, {"ID": "v2", "HOST_ID": "a"}]
    call = Call.of(HOSTS, vms=vms, arguments={"most": "2"})
    relief = Relief(relieve="RUNNING_VMS > REQUEST.most", receive="RUNNING_VMS < REQUEST.most")
    balancer = Balancer("move", relief, parameters=[Parameter("most", "[0-9]*", 5)])
    assert balancer.balance(call) == ("v1", ("b",))
    assert balancer.balance(Call.of(HOSTS, vms=vms)) is None


# --- errors


@pytest.mark.parametrize("raised", [ValueError("no"), KeyError("no"), RecursionError("no"), AssertionError("no")])
def test_whatever_a_callable_raises_is_an_error_of_its_unit(raised: Exception) -> None:
    def rule(call: Call, arguments: Arguments) -> list[str]:
        raise raised

    for ask in (
        Filter("mine", rule).keep,
        Weigher("mine", score=rule).weights,  # type: ignore[arg-type]
        Weigher("mine", weight=rule).weights,  # type: ignore[arg-type]
        Balancer("mine", rule).balance,  # type: ignore[arg-type]
    ):
        with pytest.raises(UnitError, match=rf"^unit 'mine': {type(raised).__name__}: .*no") as caught:
            ask(asked())
        assert caught.value.unit == "mine"
        assert caught.value.__cause__ is raised


def test_our_own_errors_are_told_as_they_are() -> None:
    def rule(call: Call, arguments: Arguments) -> list[str]:
        raise InventoryError("the engine does not answer")

    with pytest.raises(UnitError, match=r"^unit 'mine': the engine does not answer$"):
        Filter("mine", rule).keep(asked())


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "it answers with `None`, not with the ids of hosts"),
        (5, "it answers with an object of type `int`, not with the ids of hosts"),
        ("a", "it answers with an object of type `str`, not with the ids of hosts"),
        (HOSTS[:1], "it answers with a whole record where an id is wanted: its `ID`"),
        ([None], "it answers with `None`, not with the id of a host"),
        ([True], "it answers with an object of type `bool`, not with the id of a host"),
        ([["a"]], "it answers with an object of type `list`, not with the id of a host"),
    ],
)
def test_answers_that_are_no_ids(answer: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        Filter("mine", lambda call, arguments: answer).keep(asked())  # type: ignore[arg-type,return-value]
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (5, "it answers with an object of type `int`, not with pairs of a host's id and a number"),
        ({"a": 5}, "it answers with an object of type `dict`, not with pairs of a host's id and a number"),
        ([5], "it answers with an object of type `int`, not with a pair of a host's id and a number"),
        (["ab"], "it answers with an object of type `str`, not with a pair of a host's id and a number"),
        ([("a",)], "it answers with an object of type `tuple`, not with a pair of a host's id and a number"),
        ([("a", 1, 2)], "it answers with an object of type `tuple`, not with a pair of a host's id and a number"),
        ([("a", "5")], "it answers with an object of type `str`, not with a number for `a`"),
        ([(HOSTS[0], 5)], "it answers with a whole record where an id is wanted: its `ID`"),
    ],
)
def test_answers_that_are_no_weights(answer: object, message: str) -> None:
    for rule in ("weight", "score"):
        with pytest.raises(UnitError) as caught:
            Weigher("mine", **{rule: lambda call, arguments: answer}).weights(asked())  # type: ignore[arg-type]
        assert caught.value.message == message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (5, "it answers with an object of type `int`, not with a virtual machine's id and the ids of hosts"),
        (("vm",), "it answers with an object of type `tuple`, not with a virtual machine's id and the ids of hosts"),
        ("vm", "it answers with an object of type `str`, not with a virtual machine's id and the ids of hosts"),
        (
            ("vm", ["a"], 3),
            "it answers with an object of type `tuple`, not with a virtual machine's id and the ids of hosts",
        ),
        (("vm", 7), "it answers with an object of type `int`, not with the ids of hosts"),
        (("vm", "a"), "it answers with an object of type `str`, not with the ids of hosts"),
        ((None, ["a"]), "it answers with `None`, not with the id of a virtual machine"),
        (({"ID": "vm"}, ["a"]), "it answers with a whole record where an id is wanted: its `ID`"),
        (("vm", [HOSTS[0]]), "it answers with a whole record where an id is wanted: its `ID`"),
    ],
)
def test_answers_that_are_no_migration(answer: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        Balancer("mine", lambda call, arguments: answer).balance(asked())  # type: ignore[arg-type,return-value]
    assert caught.value.message == message


@pytest.mark.parametrize("answer", [None, ("vm", []), ("", []), (None, ())])
def test_an_answer_without_a_migration(answer: tuple[str, list[str]] | None) -> None:
    assert Balancer("mine", lambda call, arguments: answer).balance(asked()) is None


def test_a_bad_argument() -> None:
    for ask in (
        Filter("mine", "FREE < REQUEST.limit", parameters=[LIMIT]).keep,
        Weigher("mine", score="FREE - REQUEST.limit", parameters=[LIMIT]).weights,
        Balancer("mine", lambda call, arguments: None, parameters=[LIMIT]).balance,
    ):
        with pytest.raises(UnitError, match=r"^unit 'mine': `limit` is `-1`, which is not of the form"):
            ask(asked(limit="-1"))


def test_a_value_that_an_expression_cannot_read() -> None:
    with pytest.raises(UnitError, match=r"^unit 'few': .*`FREE`.*`dict`"):
        Filter("few", "FREE > 1").keep(Call.of([{"ID": "a", "FREE": {}}]))


# --- what units are


def test_names() -> None:
    with pytest.raises(UnitError, match="a unit has a name"):
        Filter("", "")
    with pytest.raises(UnitError, match="a unit has a name"):
        Filter(None, "")  # type: ignore[arg-type]
    with pytest.raises(UnitError, match="two of its parameters have the same name"):
        Filter("few", "", parameters=[LIMIT, LIMIT])


def test_validation() -> None:
    unit = Filter("few", "", description="keeps few", parameters=[LIMIT, Parameter("safe", "True|False", True)])
    assert unit.validation == "limit=[0-9]*;safe=True|False"
    assert unit.description == "keeps few"


def test_they_do_not_change() -> None:
    unit = Filter("few", "FREE > 1", parameters=[LIMIT])
    for name in ("name", "rule", "parameters", "description"):
        with pytest.raises(AttributeError):
            setattr(unit, name, None)
    assert unit.parameters == (LIMIT,)


def test_pickling() -> None:
    unit = pickle.loads(pickle.dumps(Filter("few", "FREE < REQUEST.limit", parameters=[LIMIT])))
    assert unit.keep(asked()) == ["a", "d"]
