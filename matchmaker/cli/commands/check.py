"""`matchmaker check`: all that is wrong, or strange, about expressions."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from matchmaker.checking import check, fixed
from matchmaker.cli.expressions import RANK, REQUIREMENT, DialectName
from matchmaker.cli.findings import CLEAN, FINDINGS, blocks_of, counted, offer, repairs, summary
from matchmaker.cli.knowledge import Knowledge
from matchmaker.cli.reading import STANDARD_INPUT, read_standard_input
from matchmaker.cli.rendering import as_entry
from matchmaker.cli.terminal import Refusal, say, write
from matchmaker.cli.waiting import patiently
from matchmaker.diagnostics import Diagnostic
from matchmaker.expressions import Rank, Requirement
from matchmaker.language.printer import print_tree
from matchmaker.source import Source


class KindName(StrEnum):
    """What an expression may be meant for."""

    PLAIN = "plain"
    HOST = "host"
    DATASTORE = "datastore"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done with expressions.

    Parameters
    ----------
    kind : KindName or None
        What they are meant for; None leaves it to the schema or the pool, or else means `plain`.
    dialect : DialectName
        Their dialect.
    knowledge : Knowledge
        What they are held against.
    fix, canonical : bool
        Whether to print them repaired, or in their canonical form.
    as_document : bool
        Whether to print findings as a JSON document.
    """

    kind: KindName | None = None
    dialect: DialectName = DialectName.OPENNEBULA
    knowledge: Knowledge = field(default_factory=Knowledge)
    fix: bool = False
    canonical: bool = False
    as_document: bool = False

    def found(self, given: Given, text: str) -> tuple[Diagnostic, ...]:
        """Return what is wrong with an expression, with such a text."""
        kind = self.kind_name
        return check(
            text,
            expression=given.expression,
            kind=kind,
            dialect=self.dialect.value,
            origin=given.source.name,
            schema=self.knowledge.schema(kind),
            pool=self.knowledge.pool(kind),
        )

    @property
    def kind_name(self) -> str:
        """What the expressions are meant for."""
        return self.knowledge.kind if self.kind is None else self.kind.value


@dataclass(frozen=True, slots=True)
class Given:
    """An expression of the command line."""

    expression: Literal["requirement", "rank"]
    source: Source


def run_check(texts: Sequence[str], *, requirement: str | None, rank: str | None, wanted: Wanted) -> int:
    """Print what is wrong with a requirement, a rank, or both; or print them repaired, or in canonical form.

    Parameters
    ----------
    texts : sequence of str
        A requirement; `-` reads it from standard input, as it does for the others.
    requirement, rank : str or None
        More expressions.
    wanted : Wanted
        What to do with them.

    Returns
    -------
    int
        0 when there is nothing to say, 1 when there is.

    Raises
    ------
    Refusal
        If there is nothing to check, or options or texts do not go together.
    """
    given = _given(texts, requirement, rank)
    if wanted.as_document and (wanted.fix or wanted.canonical):
        raise Refusal("--json does not go with --fix and --format, which print expressions")
    if wanted.knowledge.pools and wanted.knowledge.pool(wanted.kind_name) is None:
        raise Refusal(f"no pool holds candidates of kind {wanted.kind_name}: name the kind of the pool with --kind")
    if wanted.fix or wanted.canonical:
        return _print_expressions(given, wanted)
    with patiently("checking"):
        checked = [(each, wanted.found(each, each.source.text)) for each in given]
    diagnostics = [diagnostic for _, found in checked for diagnostic in found]
    if wanted.as_document:
        entries = [json.dumps(as_entry(each.expression, one, each.source)) for each, found in checked for one in found]
        write("[\n  " + ",\n  ".join(entries) + "\n]\n" if entries else "[]\n")
        return FINDINGS if entries else CLEAN
    blocks = blocks_of([(each.source, found) for each, found in checked], sys.stdout)
    if blocks:
        write(blocks + "\n")
        if sys.stdout is not None and sys.stdout.isatty():
            say("")
    say(summary(diagnostics) + offer(diagnostics))
    return FINDINGS if diagnostics else CLEAN


def _given(texts: Sequence[str], requirement: str | None, rank: str | None) -> list[Given]:
    if len(texts) > 1:
        raise Refusal(
            "one requirement at a time: quote it for the shell, with `'`; files of templates take --templates"
        )
    named: list[tuple[Literal["requirement", "rank"], str | None, str]] = [
        ("requirement", texts[0] if texts else None, "requirement"),
        ("requirement", requirement, REQUIREMENT),
        ("rank", rank, RANK),
    ]
    given = [(expression, text, origin) for expression, text, origin in named if text is not None]
    if not given:
        raise Refusal("nothing to check: give a requirement, -k RANK, or `-` to read one from standard input")
    if [text for _, text, _ in given].count(STANDARD_INPUT) > 1:
        raise Refusal("only one text can come from standard input")
    return [
        Given(
            expression,
            Source(read_standard_input(), "standard input") if text == STANDARD_INPUT else Source(text, origin),
        )
        for expression, text, origin in given
    ]


def _print_expressions(given: Sequence[Given], wanted: Wanted) -> int:
    """Print expressions repaired, in canonical form, or both; what was repaired, and what is left, is told as a message."""
    lines: list[str] = []
    told: list[str] = []
    left: list[tuple[Source, tuple[Diagnostic, ...]]] = []
    with patiently("checking"):
        for each in given:
            text, expression = each.source.text, each.expression
            if wanted.fix:
                mended = fixed(text, expression=expression, kind=wanted.kind_name, dialect=wanted.dialect.value)
                text = mended.text
                told += repairs(mended.repaired)
            found = wanted.found(each, text)
            broken = any(diagnostic.severity == "error" for diagnostic in found)
            if found and (wanted.fix or broken):
                left.append((Source(text, each.source.name), found))
            if wanted.canonical and not broken:
                make = Rank if expression == "rank" else Requirement
                text = print_tree(make(text, dialect=wanted.dialect.value).tree)
            if wanted.fix or not broken:
                lines.append(text)
    write("".join(f"{line}\n" for line in lines))
    for line in told:
        say(line)
    blocks = blocks_of(left, sys.stderr)
    if blocks:
        say(blocks)
    diagnostics = [diagnostic for _, found in left for diagnostic in found]
    if wanted.fix:
        count = f"{counted(len(told), 'repair')}; " if told else ""
        say(count + (summary(diagnostics) if diagnostics or not told else "nothing is left to report"))
    elif diagnostics:
        say(summary(diagnostics))
    return FINDINGS if diagnostics else CLEAN
