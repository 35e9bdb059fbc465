"""Hypothesis strategies for requirements, ranks and candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.expressions import Rank, Requirement
from matchmaker.testing.extended_trees import extended_rank_trees, extended_requirement_trees
from matchmaker.testing.extended_writing import write_extended
from matchmaker.testing.trees import COMMON, FLOATS, INTEGERS, NAMES, TEXTS, rank_trees, requirement_trees
from matchmaker.testing.writing import write

styles = st.just(0) | st.integers(0, 2**16)
"""Numbers that `write` takes as a style; the canonical one is the simplest."""

_LARGE = (INT32_MAX + 1, INT32_MIN - 1, 3_000_000_000, 2**32 + 5, 2**53 + 1, 2**60 + 1, 10**30, -(10**39), 10**400)
_FRACTIONS = (
    *FLOATS,
    -0.0,
    1e22,
    1e-7,
    1e300,
    2147483647.5,
    -2147483648.5,
    0.1,
    16777217.0,
    float("nan"),
    float("inf"),
)
_WORDS = (
    *(text for text in TEXTS if "*" not in text),
    *("8 cores", "3.7GB", " 7 ", "+7", "-7", "010", "1,2", "1e3", ".5", "5.", "5e", "5e+", "0x10", "- 5", "++5"),
    *("1e40", "1e-50", "3000000000", "-2147483649", "inf", "nan", "abc", "ab", "r12", "a/b", "é", "[a-", "\\", "-0.0"),
)

_common = st.sampled_from((*COMMON, "xen", "5.9", 5.9, True, None))
_scalars: SearchStrategy[Any] = st.one_of(
    _common,
    _common,
    _common,
    st.sampled_from(INTEGERS),
    st.sampled_from(_WORDS),
    st.sampled_from(_FRACTIONS),
    st.sampled_from(_LARGE),
    st.booleans(),
    st.none(),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.text(st.sampled_from("abk059.-+eE x\té"), max_size=8),
)
values: SearchStrategy[Any] = _scalars | st.lists(_scalars, max_size=3) | st.lists(_common, max_size=3)
"""Everything that a plain candidate's attribute may be."""


@st.composite
def _requirements(draw: DrawFn, names: Sequence[str], dialect: str, max_depth: int) -> Requirement:
    if dialect == "extended":
        text = write_extended(draw(extended_requirement_trees(names=names, max_depth=max_depth)), draw(styles))
    else:
        text = write(draw(requirement_trees(names=names, max_depth=max_depth)), draw(styles))
    return Requirement(text, dialect=dialect)


def requirements(
    *, names: Sequence[str] = NAMES, dialect: str = "opennebula", max_depth: int = 4
) -> SearchStrategy[Requirement]:
    """Return a strategy for requirements, over the whole language.

    Literals are often nasty: at the edges of 32 bits, wrapped, globs with sets, the null string. So is the writing: more
    parentheses and blanks than needed, skipped characters, names in quotes.

    Parameters
    ----------
    names : sequence of str
        The attributes to read; those that are no identifiers are written in quotes.
    dialect : str
        The variant of the language; of the extended one all operators and functions are used, and `REQUEST.` attributes.
    max_depth : int
        How many chains and negations may be inside each other.

    Returns
    -------
    SearchStrategy of Requirement
        Draws requirements; `str` gives the text.

    Raises
    ------
    ExtraMissing
        If hypothesis is not installed.
    """
    return _requirements(names, dialect, max_depth)


@st.composite
def _ranks(draw: DrawFn, names: Sequence[str], dialect: str, max_depth: int) -> Rank:
    if dialect == "extended":
        text = write_extended(draw(extended_rank_trees(names=names, max_depth=max_depth)), draw(styles))
    else:
        text = write(draw(rank_trees(names=names, max_depth=max_depth)), draw(styles))
    return Rank(text, dialect=dialect)


def ranks(*, names: Sequence[str] = NAMES, dialect: str = "opennebula", max_depth: int = 4) -> SearchStrategy[Rank]:
    """Return a strategy for ranks, over the whole language.

    Parameters
    ----------
    names : sequence of str
        The attributes to read; those that are no identifiers are written in quotes.
    dialect : str
        The variant of the language; of the extended one all operators and functions are used, and `REQUEST.` attributes.
    max_depth : int
        How many chains and unary minuses may be inside each other.

    Returns
    -------
    SearchStrategy of Rank
        Draws ranks; `str` gives the text.

    Raises
    ------
    ExtraMissing
        If hypothesis is not installed.
    """
    return _ranks(names, dialect, max_depth)


def candidates(*, names: Sequence[str] = NAMES) -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for candidates: plain dicts with values of every supported type.

    Parameters
    ----------
    names : sequence of str
        The attributes that a candidate may have. `A/B` becomes a key of that spelling, or mappings inside each other.

    Returns
    -------
    SearchStrategy of dict
        Draws candidates; any of the attributes may be missing.

    Raises
    ------
    ExtraMissing
        If hypothesis is not installed.
    """
    flat = st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))
    paths = [name.split("/") for name in names if "/" in name and not IDENTIFIER.fullmatch(name)]
    if not paths:
        return flat
    return st.builds(_nested, flat, st.tuples(*(_paths(steps) for steps in paths)))


def _paths(steps: Sequence[str]) -> SearchStrategy[dict[str, Any]]:
    """Draw mappings, and lists of mappings, that lead to values; or nothing."""
    held: SearchStrategy[Any] = values
    for step in reversed(steps):
        one = st.fixed_dictionaries({step: held})
        held = one | st.lists(one | _scalars, max_size=2) if step != steps[0] else one
    return st.just({}) | held


def _nested(flat: dict[str, Any], paths: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    nested = {key: value for path in paths for key, value in path.items()}
    return {**nested, **{name: value for name, value in flat.items() if "/" not in name or not nested}}
