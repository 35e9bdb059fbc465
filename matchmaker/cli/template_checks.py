"""The expressions of template files, checked and repaired; equal ones only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from matchmaker.checking import Fixed, check, fixed
from matchmaker.cli.knowledge import Knowledge
from matchmaker.diagnostics import Diagnostic
from matchmaker.opennebula.template_expressions import TemplateExpression
from matchmaker.opennebula.template_files import TemplateFile

_MOST_KEPT = 10_000
"""So many expressions are remembered: in a pool of virtual machines many are the same."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Mended:
    """A file with its expressions repaired.

    Parameters
    ----------
    file : TemplateFile
        The file as it is to be.
    repaired : tuple of (TemplateExpression, Fixed or None)
        The expressions that could be repaired, as they were; None in place of a repair that the file cannot hold.
    """

    file: TemplateFile
    repaired: tuple[tuple[TemplateExpression, Fixed | None], ...] = ()


class TemplateChecks:
    """Checks and repairs expressions.

    Parameters
    ----------
    knowledge : Knowledge
        What they are held against.
    dialect : str
        Their dialect.
    """

    def __init__(self, knowledge: Knowledge, dialect: str) -> None:
        self._knowledge = knowledge
        self._dialect = dialect
        self._found: dict[tuple[str, str, str], tuple[Diagnostic, ...]] = {}
        self._fixed: dict[tuple[str, str, str], Fixed] = {}

    def found(self, expression: TemplateExpression) -> tuple[Diagnostic, ...]:
        """Return what is wrong with an expression."""
        return _remembered(self._found, expression, self._check)

    def mended(self, file: TemplateFile) -> Mended:
        """Return a file with all its expressions repaired, as far as they can be."""
        fixes = [_remembered(self._fixed, expression, self._fix) for expression in file.expressions]
        texts = {
            place: each.text
            for place, (each, expression) in enumerate(zip(fixes, file.expressions, strict=True))
            if each.text != expression.text
        }
        if not texts:
            return Mended(file)
        text, left = file.changed(texts)
        repaired = tuple((file.expressions[place], None if place in left else fixes[place]) for place in texts)
        return Mended(TemplateFile(file.encoded(text)), repaired)

    def _check(self, expression: TemplateExpression) -> tuple[Diagnostic, ...]:
        kind = expression.kind
        return check(
            expression.text,
            expression=expression.expression,
            kind=kind,
            dialect=self._dialect,
            schema=self._knowledge.schema(kind),
            pool=self._knowledge.pool(kind),
        )

    def _fix(self, expression: TemplateExpression) -> Fixed:
        return fixed(expression.text, expression=expression.expression, kind=expression.kind, dialect=self._dialect)


def _remembered(
    known: dict[tuple[str, str, str], Answer],
    expression: TemplateExpression,
    ask: Callable[[TemplateExpression], Answer],
) -> Answer:
    key = expression.expression, expression.kind, expression.text
    if key not in known:
        if len(known) >= _MOST_KEPT:
            known.clear()
        known[key] = ask(expression)
    return known[key]
