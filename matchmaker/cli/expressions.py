"""The expressions of a command line: compiled, with every mistake in them reported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matchmaker.attributes.lookup import Kind
from matchmaker.cli.formats.json_text import parse, type_name
from matchmaker.cli.rendering import render, render_note
from matchmaker.cli.terminal import Refusal, is_coloured, printable, say
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import ExpressionError, RankError
from matchmaker.expressions import Expression, Rank, Requirement
from matchmaker.language.nodes import Attribute, Node, walk
from matchmaker.source import Source

REQUIREMENT, RANK, REQUEST = "--requirement", "--rank", "--request"
MOST_WARNINGS = 10
"""How many warnings about one expression are told outside of `check`; a text may give rise to a million."""
_LONGEST = 60
"""How much of a user's text is repeated in a message."""


class Policy(StrEnum):
    """OpenNebula's default policies."""

    PACKING = "packing"
    STRIPING = "striping"
    LOAD_AWARE = "load-aware"
    FIXED = "fixed"


class DialectName(StrEnum):
    """The variants of the language."""

    OPENNEBULA = "opennebula"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class Asked:
    """The expressions of a command line.

    Parameters
    ----------
    requirement, rank : str or None
        Their texts.
    dialect : DialectName
        The variant of the language.
    request : str or None
        The request's attributes as a JSON object.
    """

    requirement: str | None = None
    rank: str | None = None
    dialect: DialectName = DialectName.OPENNEBULA
    request: str | None = None

    def attributes(self) -> dict[str, Any] | None:
        """Return the request's attributes, None without a request.

        Raises
        ------
        Refusal, DocumentError
            If they are no JSON object.
        """
        if self.request is None:
            return None
        attributes = parse(self.request, REQUEST)
        if not isinstance(attributes, dict):
            raise Refusal(f"{REQUEST} is a JSON object, not {type_name(attributes)}")
        return attributes


def compiled(asked: Asked) -> tuple[Requirement | None, Rank | None]:
    """Compile a requirement and a rank; what parsing met that is no error is told on standard error.

    Raises
    ------
    Refusal
        If one of them, or both, are not valid.
    DocumentError, BindingError
        If the request is none.
    """
    if asked.request is not None and asked.dialect is DialectName.OPENNEBULA:
        raise Refusal(
            f"{REQUEST} goes with --dialect extended: OpenNebula's dialect reads no attributes of the request"
        )
    requirement, rank, dialect = asked.requirement, asked.rank, asked.dialect.value
    coloured = is_coloured(sys.stderr)
    wanted: Requirement | None = None
    order: Rank | None = None
    mistakes: list[str] = []
    try:
        wanted = None if requirement is None else Requirement(requirement, dialect=dialect, origin=REQUIREMENT)
    except ExpressionError as error:
        mistakes += _rendered(error.diagnostics, error.source, coloured=coloured)
    try:
        order = None if rank is None else Rank(rank, dialect=dialect, origin=RANK)
    except RankError as error:
        mistakes += _rendered(error.diagnostics, error.source, coloured=coloured)
        if asked.dialect is DialectName.OPENNEBULA:
            mistakes[-1] += "\n" + render_note(_instead(error), coloured=coloured)
    if mistakes:
        raise Refusal(rendered="\n\n".join(mistakes))
    _tell_remarks((wanted, REQUIREMENT), (order, RANK), coloured=coloured)
    attributes = asked.attributes()
    if attributes is None:
        return wanted, order
    return None if wanted is None else wanted.bind(attributes), None if order is None else order.bind(attributes)


def policy_rank(policy: Policy, kind: Kind) -> Rank:
    """Return the rank that OpenNebula uses for candidates of a kind when a request has none.

    Raises
    ------
    Refusal
        If the policy has none for that kind.
    """
    from matchmaker.opennebula import policies

    ranks = getattr(policies, policy.name)
    name = "host" if kind.name == "plain" else kind.name
    rank: Rank | None = getattr(ranks, name, None)
    if rank is None:
        raise Refusal(f"OpenNebula has no {policy} policy for candidates of kind {name}")
    return rank


def names_in(*trees: Node) -> list[str]:
    """Return the names that trees read, each once, as they come in the text."""
    return list(dict.fromkeys(node.name for tree in trees for node in walk(tree) if isinstance(node, Attribute)))


def shortened(text: str) -> str:
    """Return a user's text for a message: printable, and not too long."""
    shown = printable(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."


def _rendered(diagnostics: Sequence[Diagnostic], source: Source, *, coloured: bool) -> list[str]:
    """Return the errors, and the first warnings, each ready to be printed."""
    blocks: list[str] = []
    warnings = 0
    for diagnostic in diagnostics:
        warnings += diagnostic.severity == "warning"
        if diagnostic.severity == "error" or warnings <= MOST_WARNINGS:
            blocks.append(render(diagnostic, source, coloured=coloured))
    if warnings > MOST_WARNINGS:
        more = f"{warnings - MOST_WARNINGS} more warnings, which `matchmaker check` shows"
        blocks[-1] += "\n" + render_note(more, coloured=coloured)
    return blocks


def _instead(error: RankError) -> str:
    if error.partial is None:
        return "OpenNebula would score every candidate 0"
    text = str(error.partial).strip() or "0"
    return f"OpenNebula would rank by `{shortened(text)}` all the same"


def _tell_remarks(*expressions: tuple[Expression[Any] | None, str], coloured: bool) -> None:
    blocks: list[str] = []
    for expression, origin in expressions:
        if expression is not None:
            blocks += _rendered(expression.diagnostics, Source(str(expression), origin), coloured=coloured)
    if blocks:
        say("\n\n".join(blocks) + "\n")
