"""All findings about one expression."""

from __future__ import annotations

from collections.abc import Sequence

from matchmaker.checking.comparisons import comparison_findings, rank_findings
from matchmaker.checking.logic.findings import logic_findings
from matchmaker.checking.pools import PoolFindings
from matchmaker.checking.precedence import precedence_findings
from matchmaker.checking.repairs import with_repairs
from matchmaker.checking.schema import Schema
from matchmaker.checking.unknown import unknown_findings
from matchmaker.collector import paused
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import ExpressionError
from matchmaker.language.dialects import dialect_named
from matchmaker.language.read import read
from matchmaker.limits import DEFAULT_LIMITS, Limits
from matchmaker.matching.pool import Pool
from matchmaker.source import Source

EXPRESSIONS = ("requirement", "rank")
"""The two kinds of expression."""
KINDS = ("plain", "host", "datastore", "network")
"""The kinds of candidates that an expression may be meant for."""
MOST = 100
"""So many diagnostics are reported one by one."""


def check(
    text: object,
    *,
    expression: str = "requirement",
    kind: str = "plain",
    dialect: str = "opennebula",
    limits: Limits = DEFAULT_LIMITS,
    origin: str | None = None,
    schema: Schema | None = None,
    pool: Pool | None = None,
) -> tuple[Diagnostic, ...]:
    """Find what is wrong with an expression, or looks wrong, without raising.

    Parameters
    ----------
    text : str
        The expression; anything else is a finding too.
    expression : {"requirement", "rank"}
        What the text should be.
    kind : {"plain", "host", "datastore", "network"}
        What sort of candidates it is for: `CURRENT_VMS` means something special on hosts.
    dialect : str
        The variant of the language.
    limits : Limits
        What the expression may cost; more is a finding.
    origin : str or None
        What to call the text in messages, such as `SCHED_REQUIREMENTS`.
    schema : Schema or None
        The attributes that there are; others are a finding. None says nothing about names.
    pool : Pool or None
        Candidates; a comparison that none of them meets, or every one, as its value is outside of what they have, is a finding.

    Returns
    -------
    tuple of Diagnostic
        For a valid expression all warnings, in text order. Else what parsing met, the error last. Of very many, the errors
        and the first warnings, and at the end one that says how many more there are.

    Raises
    ------
    ValueError
        If `expression` or `kind` is none of those above.
    DialectError
        If there is no such dialect.

    Examples
    --------
    >>> [diagnostic.code for diagnostic in check('GPU != ""')]
    ['MM210']
    """
    found = examined(
        text, expression=expression, kind=kind, dialect=dialect, limits=limits, origin=origin, schema=schema, pool=pool
    )
    return bounded(found)


def examined(
    text: object,
    *,
    expression: str,
    kind: str,
    dialect: str,
    limits: Limits,
    origin: str | None,
    schema: Schema | None,
    pool: Pool | None,
) -> list[Diagnostic]:
    """Return all that `check` finds, however much it is."""
    if expression not in EXPRESSIONS:
        raise ValueError(f"an expression is one of {', '.join(EXPRESSIONS)}, not {expression!r}")
    if kind not in KINDS:
        raise ValueError(f"a kind is one of {', '.join(KINDS)}, not {kind!r}")
    variant = dialect_named(dialect)
    name = expression if origin is None else origin
    try:
        tree, met = read(text, variant, expression, limits, name)
    except ExpressionError as error:
        return with_repairs(error.diagnostics, error.source.text, expression)
    assert isinstance(text, str)
    source, upstream = Source(str.__str__(text), name), variant.upstream
    with paused(len(source.text) // 4):
        found = list(comparison_findings(source, tree, kind, upstream=upstream))
        if expression == "rank":
            found += rank_findings(tree, kind, upstream=upstream)
        found = logic_findings(source, tree, expression, kind, found, upstream=upstream)
        if upstream and expression == "requirement":
            found += precedence_findings(source)
        if schema is not None:
            found += unknown_findings(tree, schema)
        if pool is not None:
            found += PoolFindings(source, pool, schema).findings(tree)
        found += with_repairs(met, source.text, expression)
    return sorted(found, key=lambda diagnostic: diagnostic.span)


def bounded(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Keep the first ones, errors before warnings, without changing the order of what is kept."""
    if len(diagnostics) <= MOST:
        return tuple(diagnostics)
    by_urgency = sorted(range(len(diagnostics)), key=lambda place: diagnostics[place].severity != "error")
    kept = sorted(by_urgency[:MOST])
    left_out = diagnostics[min(by_urgency[MOST:])]
    message = f"there are {len(diagnostics) - MOST:,} more findings"
    return (*(diagnostics[place] for place in kept), Diagnostic("MM209", "warning", left_out.span, message))
