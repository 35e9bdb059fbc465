"""What plug-ins print or return, and what is made of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.migration import Migration
from tests.unit.ovirt.plugins.conftest import Load

HOSTS = [{"ID": "a"}, {"ID": "b"}, {"ID": "c"}]
CALL = Call.of(HOSTS, {"ID": "v"}, arguments={"limit": "3"})

FILTER = "class A:\n    def do_filter(self, hosts, vm, args): {}\n"
SCORE = "class A:\n    def do_score(self, hosts, vm, args): {}\n"
BALANCE = "class A:\n    def do_balance(self, hosts, args): {}\n"


def kept(load: Load, body: str, call: Call = CALL) -> list[str]:
    return load(a=FILTER.format(body)).filters[0].keep(call)


def weights(load: Load, body: str) -> list[tuple[str, int]]:
    return load(a=SCORE.format(body)).weighers[0].weights(CALL)


def migration(load: Load, body: str) -> Migration | None:
    return load(a=BALANCE.format(body)).balancers[0].balance(CALL)


def failure(load: Load, text: str) -> str:
    plugins = load(a=text)
    asked: Mapping[str, Any] = {
        "filter": plugins.filters and plugins.filters[0].keep,
        "score": plugins.weighers and plugins.weighers[0].weights,
        "balance": plugins.balancers and plugins.balancers[0].balance,
    }
    [ask] = [method for method in asked.values() if method]
    with pytest.raises(UnitError) as caught:
        ask(CALL)
    assert caught.value.unit == "A"
    return caught.value.message


@pytest.mark.parametrize(
    "body",
    [
        "print(['c', 'a'])",
        "return ['c', 'a']",
        "return ('a', 'c')",
        "return {'a', 'c'}",
        "print(('a', 'c', 'a'))",
        "print([]); return ['a', 'c']",
        "import sys; print('  [\"a\",', file=sys.stdout); sys.stdout.write('\"c\"]')",
        "import os; os.write(1, b\"['a', 'c']\")",
        "import subprocess; subprocess.run(['echo', \"['a', 'c']\"])",
        "import sys; print(['a', 'c']); sys.exit(3)",
        "import sys; sys.stdout = open(1, 'w', closefd=False); print(['a', 'c'])",
        "import warnings; warnings.warn('hm'); print(['a', 'c'])",
    ],
)
def test_a_filter_gives_a_list_in_one_way_or_another(load: Load, body: str) -> None:
    assert kept(load, body) == ["a", "c"]


def test_it_is_told_what_it_is_asked(load: Load) -> None:
    plugins = load(
        a="""
        import os
        class A:
            def do_filter(self, hosts, vm, args):
                if [hosts, vm, args] == [["a", "b", "c"], "v", {"limit": "3"}]:
                    print(hosts)
            def do_balance(self, hosts, args):
                if [hosts, args] == [["a", "b", "c"], {"limit": "3"}]:
                    return "v", hosts
        """
    )
    assert plugins.filters[0].keep(CALL) == ["a", "b", "c"]
    assert plugins.balancers[0].balance(CALL) == Migration("v", ("a", "b", "c"))


def test_it_runs_in_its_folder_and_imports_from_there_first(load: Load) -> None:
    plugins = load(
        a="""
        import os, json
        import shlex
        class A:
            def do_filter(self, hosts, vm, args):
                print([shlex.WHO, os.path.basename(os.getcwd()), json.dumps(1)])
        """,
        _unused="",
        shlex="WHO = 'mine'",
    )
    call = Call(CALL.snapshot, ("mine", "plugins", "1"))
    assert plugins.filters[0].keep(call) == ["mine", "plugins", "1"]


def test_hosts_that_nobody_asked_about_are_ignored_and_logged(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    assert kept(load, "return ['a', 'x\\n', 'b', 'x\\n', 'y']") == ["a", "b"]
    assert weights(load, "return [('x', 1), ('b', 2)]") == [("b", 2)]
    assert migration(load, "return 'v', ['x', 'b', 'b']") == Migration("v", ("b",))
    assert migration(load, "return 'v', ['x']") is None
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == (
        "unit `A` answers 2 hosts that were not asked about, such as `x\N{REPLACEMENT CHARACTER}`, `y`; they are ignored"
    )
    assert len(messages) == 4


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("print([('a', 1), ('b', -2)])", [("a", 1), ("b", -2)]),
        ("return [['b', 1.9], ('a', -1.1)]", [("b", 1), ("a", -2)]),
        ("return [('a', 1), ('a', 2)]", [("a", 1), ("a", 2)]),
        (
            "return [('a', 2 ** 31), ('b', -2 ** 40), ('c', float('inf'))]",
            [("a", 2**31 - 1), ("b", -(2**31)), ("c", 2**31 - 1)],
        ),
        ("return [('a', 10 ** 400), ('b', float('-inf'))]", [("a", 2**31 - 1), ("b", -(2**31))]),
        ("from fractions import Fraction; return [('a', Fraction(7, 2))]", [("a", 3)]),
        ("print([])", []),
    ],
)
def test_a_weight_is_a_whole_number_of_32_bits(load: Load, body: str, expected: list[tuple[str, int]]) -> None:
    assert weights(load, body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "print(('v', ['a', 'b']))",
        "print('v', ['a', 'b'])",
        "print(['v', ('a', 'b')])",
        "return 'v', ['a', 'b']",
        "return ['v', {'a': 1, 'b': 2}.keys() and ['a', 'b']]",
    ],
)
def test_a_balancer_names_a_vm_and_hosts(load: Load, body: str) -> None:
    assert migration(load, body) == Migration("v", ("a", "b"))


@pytest.mark.parametrize(
    "body",
    ["pass", "return", "print()", "print(None)", "print([])", "print(('', []))", "print('', [])", "print('v', [])",
     "print(None, [])", "return ('v', [])", "return ()", "import sys; sys.exit()"],
)  # fmt: skip
def test_a_balancer_need_not_find_anything(load: Load, body: str) -> None:
    assert migration(load, body) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FILTER.format("pass"), "`do_filter` neither prints nor returns a list of host ids"),
        (SCORE.format("print()"), "`do_score` neither prints nor returns a list of (host id, number)"),
        (FILTER.format("print('hosts:', hosts)"), "it printed `hosts: ['a', 'b', 'c']`, which is not a list of host ids"),
        (FILTER.format("print(hosts); print(hosts)"), "it printed `['a', 'b', 'c'] ['a', 'b', 'c']`, which is not a list of host ids"),
        (FILTER.format("print(None)"), "its answer is `None`, which is not a list of host ids: it is no list"),
        (FILTER.format("return 'abc'"), "its answer is `'abc'`, which is not a list of host ids: it is no list"),
        (FILTER.format("return [1]"), "its answer is `[1]`, which is not a list of host ids: `1` is no id, a text"),
        (FILTER.format("print('[' * 100_000)"), f"it printed `{'[' * 100}`, which is not a list of host ids"),
        (SCORE.format("return [('a',)]"), "its answer is `[('a',)]`, which is not a list of (host id, number)"),
        (SCORE.format("return [('a', 'x')]"), "its answer is `[('a', 'x')]`, which is not a list of (host id, number): `'x'` is no number"),
        (SCORE.format("return [('a', True)]"), "its answer is `[('a', True)]`, which is not a list of (host id, number): `True` is no number"),
        (SCORE.format("return [('a', float('nan'))]"), "its answer is `[('a', nan)]`, which is not a list of (host id, number): `nan` is no number"),
        (SCORE.format("return {'a': 1}"), "its answer is `{'a': 1}`, which is not a list of (host id, number): it is no list"),
        (SCORE.format("return [10 ** 5000]"), "its answer is `<list>`, which is not a list of (host id, number)"),
        (BALANCE.format("return 'v'"), "its answer is `'v'`, which is not (virtual machine id, list of host ids)"),
        (BALANCE.format("return 'v', 'a'"), "its answer is `('v', 'a')`, which is not (virtual machine id, list of host ids): it is no list"),
        (BALANCE.format("return 3, ['a']"), "its answer is `(3, ['a'])`, which is not (virtual machine id, list of host ids): `3` is no id, a text"),
        (BALANCE.format("print('nothing to do')"), "it printed `nothing to do`, which is not (virtual machine id, list of host ids)"),
    ],
)  # fmt: skip
def test_anything_else_is_no_answer(load: Load, text: str, message: str) -> None:
    assert failure(load, text) == message


def test_standard_error_is_the_message_where_there_is_no_answer(load: Load) -> None:
    body = "import sys; print('no engine', file=sys.stderr); print('  try again\\x1b  ', file=sys.stderr)"
    expected = "it has no answer, and wrote on standard error: `try again\N{REPLACEMENT CHARACTER}`"
    assert failure(load, FILTER.format(body)) == expected
    assert failure(load, BALANCE.format(body)) == expected


def test_else_standard_error_is_logged(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    assert kept(load, "import sys; print('slow\\ntoday', file=sys.stderr); print(hosts)") == ["a", "b", "c"]
    [record] = caplog.records
    assert (record.name, record.levelno) == ("matchmaker.ovirt", logging.WARNING)
    assert record.getMessage() == "unit `A` wrote on standard error: slow today"


def test_many_hosts_are_no_trouble(load: Load) -> None:
    hosts = tuple(f"{number:036}" for number in range(20_000))
    assert kept(load, "print(hosts[::2])", Call(CALL.snapshot, hosts)) == list(hosts[::2])
