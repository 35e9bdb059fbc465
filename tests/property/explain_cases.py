"""Requirements, ranks and pools to be explained: texts of every shape, and values that convert, or do not, or cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from matchmaker import Pool, Rank, Requirement
from matchmaker.opennebula import read_pool
from matchmaker.testing import ranks, requirements
from matchmaker.testing.strategies import values

NAMES = ("A", "B", "CPU", "SHARE/FREE")
HOSTS = Path(__file__).parents[2] / "examples" / "host_pool.xml"


# Requirements

_names = st.sampled_from(("A", "A", "B", "B", "CPU", '"SHARE/FREE"', "NONE", "a"))
_wholes = st.integers(-2, 14) | st.sampled_from((2147483647, -2147483648, 2147483646, 3000000000, 400))
_fractions = st.sampled_from(("0.0", "2.5", "5.0", "7.9", "-0.5", "16777217.0", "3.0", "0.1", f"{10**39}.0", "9.99"))
_texts = st.sampled_from(('"kvm"', '"k*"', "kvmm", '"8 cores"', '"5"', '""', '"[a-x]*"', "YES", '"nowhere"', '"x\ty"'))


def _comparison(name: str, operator: str, literal: object) -> str:
    return f"{name} {operator} {literal}"


_leaves: SearchStrategy[str] = st.one_of(
    st.builds(_comparison, _names, st.sampled_from("><"), _wholes),
    st.builds(_comparison, _names, st.sampled_from("><"), _fractions),
    st.builds(_comparison, _names, st.sampled_from(("=", "!=", "@>")), _wholes | _fractions | _texts),
)


def chained(first: str, others: Sequence[tuple[str, str]]) -> str:
    return first + "".join(f" {operator} {other}" for operator, other in others)


def _nested(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    links = st.lists(st.tuples(st.sampled_from("&|"), inner), min_size=1, max_size=3)
    return st.builds(chained, inner, links).map("({})".format) | inner.map("!({})".format)


operands = st.recursive(_leaves, _nested, max_leaves=6) | _leaves
operators = st.sampled_from("&&&|")
texts: SearchStrategy[str] = st.one_of(
    st.builds(chained, operands, st.lists(st.tuples(operators, operands), max_size=4)),
    st.lists(operands, min_size=1, max_size=5).map(" & ".join),
    st.lists(_leaves, min_size=1, max_size=5).map(" | ".join),
    st.just(""),
)
"""Requirements of the opennebula dialect, with chains that mix operators."""
opennebula = texts.map(Requirement) | requirements(names=NAMES, max_depth=3)

_numbers = st.sampled_from(("A", "B", "CPU", "NONE", "5", "0.1", "7", "A + B", "- A", "2 * B", "max(A, B)", "CPU / 0"))
_extended_leaves: SearchStrategy[str] = st.one_of(
    st.builds(_comparison, _names, st.sampled_from(("<", ">", "<=", ">=")), _wholes | _fractions),
    st.builds(_comparison, _names, st.sampled_from(("=", "!=", "==", "@>")), _wholes | _fractions),
    st.builds(_comparison, _names, st.sampled_from(("=", "!=", "==", "@>")), st.sampled_from(('"kvm"', '"k*"', '""'))),
    st.builds(_comparison, _numbers, st.sampled_from(("<", ">", "<=", ">=", "=", "!=")), _numbers),
    st.sampled_from(('A in [1, 2.5, "k*"]', "A + B in [3, 4]", "exists(B)", "B in [CPU, 5]", "default(NONE, 5) > A")),
    st.sampled_from(("A > 5 ? B > 3 : CPU <= 2", 'CPU = "kvm" or B < 3 ? A > 1 : exists(CPU)', "REQUEST.N <= A")),
)


def _extended_nested(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    links = st.lists(st.tuples(st.sampled_from(("&", "|", "and", "or")), inner), min_size=1, max_size=3)
    return st.builds(chained, inner, links).map("({})".format) | inner.map("!({})".format)


_extended_operands = st.recursive(_extended_leaves, _extended_nested, max_leaves=6).map("({})".format)
extended_texts: SearchStrategy[str] = st.one_of(
    st.builds(chained, _extended_operands, st.lists(st.tuples(operators, _extended_operands), max_size=4)),
    st.lists(_extended_operands, min_size=1, max_size=5).map(" and ".join),
    st.just("# nothing"),
)
extended = extended_texts.map(lambda text: Requirement(text, dialect="extended").bind({"N": "5"}))


# Ranks

_terms = st.sampled_from(
    ("A", "B", "CPU", "NONE", "5", "0.1", "50 * A", "A / B", "(A + 1)", "16777217.0", "3000000000.0", "A / 0", "(- B)")
)


def _sum(first: str, others: Sequence[tuple[str, str]]) -> str:
    return first + "".join(f" {operator} {other}" for operator, other in others)


sums = st.builds(_sum, _terms | st.just("- A"), st.lists(st.tuples(st.sampled_from("+-"), _terms), max_size=4))
opennebula_ranks = st.none() | sums.map(Rank) | ranks(names=NAMES, max_depth=3)
extended_ranks = st.none() | sums.map(lambda text: Rank(text, dialect="extended"))


# Pools


class Odd:
    """Something that stands for nothing."""


_scalars: SearchStrategy[Any] = st.one_of(
    st.integers(-1, 13),
    st.integers(-1, 13),
    st.sampled_from(
        ("kvm", "xen", "k", "5", "7", "8 cores", "3.7GB", "3000000000", " 6 ", "+4", "abc", "", "1e3", "x\ty")
    ),
    st.sampled_from((2.5, 5.0, -0.0, 7.9, 0.1, 1e39, float("nan"), float("inf"), True, False, None)),
    st.sampled_from((2147483647, -2147483648, 3_000_000_000, 16777217, 10**30)),
)
_values = st.one_of(
    *[_scalars] * 8,
    st.lists(_scalars, max_size=3),
    values,
    st.sampled_from((Odd(), {}, b"5", [5, Odd()], ["x", Odd()], 10**5000)),
)
_flat = st.fixed_dictionaries({}, optional=dict.fromkeys((*NAMES, "AB", "NAME"), _values))
candidates = st.one_of(
    _flat,
    _flat,
    st.builds(lambda flat, inner: {**flat, "SHARE": inner}, _flat, st.fixed_dictionaries({"FREE": _values})),
)
listed = st.lists(candidates, max_size=8) | st.lists(candidates, min_size=5, max_size=30)
numbers_only = st.lists(
    st.fixed_dictionaries({"A": st.integers(0, 9), "B": st.integers(0, 9), "CPU": st.integers(0, 9)}), max_size=30
)
keys = st.sampled_from(
    (
        lambda place: place,
        lambda place: f"node-{place}",
        lambda place: (place, "rack"),
        lambda place: place + 0.5,
        lambda place: place if place % 2 else f"node {place}",
        lambda place: frozenset((place,)),
    )
)


def pool_of(candidates: Sequence[Any], key_at: Any) -> Pool:
    places = iter(range(len(candidates)))
    return Pool(candidates, key=lambda _: key_at(next(places)))


_edges = st.builds(
    _comparison,
    st.sampled_from(("A", "B", "CPU")),
    st.sampled_from("><"),
    st.integers(-1, 10) | st.sampled_from(("0.5", "8.5", "9.0", "3000000000.0")),
)
thresholds = (
    _edges | _edges.map("!({})".format) | st.lists(_edges, min_size=2, max_size=3).map(" | ".join).map("({})".format)
)
_near = st.one_of(
    *[st.integers(0, 9)] * 6, st.sampled_from(("8 cores", "3.7GB", "", 2.5, 8.5, None, [4, 5], 2**40, "1e3"))
)
crowds = st.lists(st.fixed_dictionaries({"A": _near, "B": _near, "CPU": _near}), min_size=8, max_size=30)

numbers_or_more = st.dictionaries(st.sampled_from(("A", "B", "CPU")), _scalars)

_host_leaves = st.one_of(
    st.builds(
        _comparison,
        st.sampled_from(
            ("FREE_CPU", "RUNNING_VMS", "TOTAL_MEM", "FREE_MEMORY", "ID", "CPU_USAGE", '"HOST_SHARE/MAX_CPU"')
        ),
        st.sampled_from("><"),
        st.sampled_from((0, 3, 7, 300, 400, 6400, 67108864, 3000000, "300.0", "6400.5")),
    ),
    st.builds(
        _comparison,
        st.sampled_from(('"DATASTORES/DS[ID=100]/FREE_MB"', '"../ID"', '"VMS/ID"')),
        st.sampled_from("><"),
        st.sampled_from((0, 3, 20, 10000, "3.5")),
    ),
    st.sampled_from(
        (
            'HYPERVISOR = "kvm"',
            "CLUSTER_ID = 0",
            '"CLUSTERS/ID" @> 100',
            "NAME = node0000",
            'NAME = "*7"',
            "HYPERVISR = kvm",
        )
    ),
    st.sampled_from(
        ("CURRENT_VMS = 3", "CURRENT_VMS != 3", "CURRENT_VMS @> 3", 'IM_MAD = "kvmm"', "STATE = 2", "ID > 57")
    ),
)
host_operands = st.recursive(_host_leaves, _nested, max_leaves=4)


def hosts() -> Pool:
    if not _kept:
        _kept.append(read_pool(HOSTS))
    return _kept[0]


_kept: list[Pool] = []
