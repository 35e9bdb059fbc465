"""What is wrong with an expression, or looks wrong: everything that can be told without candidates."""

from __future__ import annotations

from collections.abc import Sequence

from matchmaker.checking.comparisons import comparison_findings, rank_findings
from matchmaker.checking.precedence import precedence_findings
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import ExpressionError
from matchmaker.language.dialects import dialect_named
from matchmaker.language.read import read
from matchmaker.limits import DEFAULT_LIMITS, Limits
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
    if expression not in EXPRESSIONS:
        raise ValueError(f"an expression is one of {', '.join(EXPRESSIONS)}, not {expression!r}")
    if kind not in KINDS:
        raise ValueError(f"a kind is one of {', '.join(KINDS)}, not {kind!r}")
    name = expression if origin is None else origin
    try:
        tree, met = read(text, dialect_named(dialect), expression, limits, name)
    except ExpressionError as error:
        return _bounded(error.diagnostics)
    assert isinstance(text, str)
    source = Source(str.__str__(text), name)
    if expression == "rank":
        found = list(rank_findings(tree, kind))
    else:
        found = [*comparison_findings(source, tree, kind), *precedence_findings(source)]
    return _bounded(sorted([*met, *found], key=lambda diagnostic: diagnostic.span))


def _bounded(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Keep the first ones, errors before warnings, without changing the order of what is kept."""
    if len(diagnostics) <= MOST:
        return tuple(diagnostics)
    by_urgency = sorted(range(len(diagnostics)), key=lambda place: diagnostics[place].severity != "error")
    kept = sorted(by_urgency[:MOST])
    left_out = diagnostics[min(by_urgency[MOST:])]
    message = f"there are {len(diagnostics) - MOST:,} more findings"
    return (*(diagnostics[place] for place in kept), Diagnostic("MM209", "warning", left_out.span, message))
