"""`matchmaker check --templates`: the expressions in files of VM templates, each where it stands."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matchmaker.cli.files import write_file
from matchmaker.cli.findings import CLEAN, FINDINGS, counted, offer, repairs, summary
from matchmaker.cli.knowledge import PLAIN, Knowledge
from matchmaker.cli.places import FilePlaces
from matchmaker.cli.reading import STANDARD_INPUT, read_bytes
from matchmaker.cli.rendering import as_entry
from matchmaker.cli.running import BAD_INPUT
from matchmaker.cli.template_checks import Mended, TemplateChecks
from matchmaker.cli.terminal import Refusal, is_coloured, printable, printable_lines, say, say_error, write
from matchmaker.cli.waiting import patiently
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import MatchmakerError
from matchmaker.opennebula.template_expressions import TemplateExpression
from matchmaker.opennebula.template_files import TemplateFile
from matchmaker.opennebula.template_syntax import TemplateError
from matchmaker.source import Source, Span

_STANDARD_INPUT_NAME = "standard input"


@dataclass(frozen=True, slots=True)
class TemplateOptions:
    """What is to be done with files of templates.

    Parameters
    ----------
    knowledge : Knowledge
        What the expressions are held against.
    dialect : str
        The dialect of the expressions.
    fix : bool
        Whether to repair them.
    difference : bool
        Whether to print what repairing would change, and change nothing.
    as_document : bool
        Whether to print findings as a JSON document.
    """

    knowledge: Knowledge
    dialect: str = "opennebula"
    fix: bool = False
    difference: bool = False
    as_document: bool = False


def run_check_templates(paths: Sequence[str], options: TemplateOptions) -> int:
    """Print what is wrong with the expressions in files of templates, or repair them.

    Parameters
    ----------
    paths : sequence of str
        The files; `-` is standard input.
    options : TemplateOptions
        What to do.

    Returns
    -------
    int
        0 when there is nothing to say, 1 when there is, 2 when a file cannot be read; the others are checked all the same.

    Raises
    ------
    Refusal
        If there are no files, or options do not go together.
    """
    if not paths:
        raise Refusal("no files: name those that hold the templates, or `-` for standard input")
    if list(paths).count(STANDARD_INPUT) > 1:
        raise Refusal("standard input can only be read once")
    if options.difference and options.as_document:
        raise Refusal("--json does not go with --diff")
    if options.fix and not options.difference and STANDARD_INPUT in paths and (len(paths) > 1 or options.as_document):
        raise Refusal("`-` with --fix prints what it repaired, so that neither other files nor --json go with it")
    if PLAIN in options.knowledge.pools:
        raise Refusal("--pool with --templates is a document of OpenNebula, which says what its candidates are")
    run = _Run(options)
    for path in paths:
        run.file(Path(path))
    return run.finish()


def refuse_with_templates(*, requirement: object, rank: object, kind: object, canonical: bool) -> None:
    """Refuse options that are about expressions on the command line.

    Raises
    ------
    Refusal
        If there is one.
    """
    given = {"-r": requirement is not None, "-k": rank is not None, "--kind": kind is not None, "--format": canonical}
    for name, there in given.items():
        if there:
            raise Refusal(f"{name} does not go with --templates, whose files say what there is to check")


class _Run:
    """Goes through the files, and counts."""

    def __init__(self, options: TemplateOptions) -> None:
        self._options = options
        self._checks = TemplateChecks(options.knowledge, options.dialect)
        self._entries: list[str] = []
        self._found: list[Diagnostic] = []
        self._blocks = self._files = self._expressions = self._repairs = self._changed = 0
        self._bad = False

    def file(self, path: Path) -> None:
        """Check one file; that it cannot be read, or written, is told, and does not stop the others."""
        name = _STANDARD_INPUT_NAME if str(path) == STANDARD_INPUT else str(path)
        try:
            content = read_bytes(path)
            with patiently(f"checking {printable(name)}"):
                file = TemplateFile(content)
                mended = self._checks.mended(file) if self._options.fix or self._options.difference else Mended(file)
                found = [(expression, self._checks.found(expression)) for expression in mended.file.expressions]
            self._put_back(path, name, file, mended.file)
        except Refusal as refusal:
            self._bad = True
            say_error(refusal.message)
            return
        except MatchmakerError as error:
            self._bad = True
            say_error(printable_lines(_message(name, error)))
            return
        self._files += 1
        self._expressions += len(found)
        self._tell_repairs(FilePlaces(name, file.text), mended)
        self._report(FilePlaces(name, mended.file.text), found)

    def finish(self) -> int:
        """Print what is left to print, and return the exit status."""
        if self._options.as_document:
            write("[\n  " + ",\n  ".join(self._entries) + "\n]\n" if self._entries else "[]\n")
        elif self._blocks and sys.stdout is not None and sys.stdout.isatty():
            say("")
        if self._files and not self._options.as_document:
            say(self._summary())
        if self._bad:
            return BAD_INPUT
        return FINDINGS if self._found or (self._options.difference and self._changed) else CLEAN

    def _put_back(self, path: Path, name: str, file: TemplateFile, mended: TemplateFile) -> None:
        """Write a repaired file, or print what would be written, or print standard input repaired."""
        changed = mended.text != file.text
        self._changed += changed
        if self._options.difference:
            write("".join(_difference(printable(name), file.text, mended.text)))
        elif self._options.fix and name == _STANDARD_INPUT_NAME:
            try:
                write(mended.encoded(mended.text).decode())
            except UnicodeDecodeError:
                raise Refusal("standard input is not UTF-8: repair it as a file") from None
        elif changed:
            write_file(path, mended.encoded(mended.text))

    def _tell_repairs(self, places: FilePlaces, mended: Mended) -> None:
        for expression, result in mended.repaired:
            line, column = places.position(expression.places.span(Span(0, 0)).start)
            where = f"{places.name}:{line}:{column}: "
            if result is None:
                say(f"{where}cannot be repaired, as the file holds {expression.attribute} in several pieces")
                continue
            lines = repairs(result.repaired, where=where)
            self._repairs += len(lines)
            for each in lines if not self._options.difference else ():
                say(each)

    def _report(self, places: FilePlaces, found: Sequence[tuple[TemplateExpression, tuple[Diagnostic, ...]]]) -> None:
        messages = self._options.fix and places.name == _STANDARD_INPUT_NAME
        coloured = is_coloured(sys.stderr if messages else sys.stdout)
        for expression, diagnostics in found:
            self._found += diagnostics
            for diagnostic in diagnostics:
                there = replace(diagnostic, span=expression.places.span(diagnostic.span), repair=None)
                if self._options.as_document:
                    self._entries.append(json.dumps(_entry(places, expression, there)))
                elif not self._options.difference:
                    block = places.block(there, _notes(expression), coloured=coloured)
                    block = f"\n{block}" if self._blocks else block
                    self._blocks += 1
                    if messages:
                        say(block)
                    else:
                        write(f"{block}\n")

    def _summary(self) -> str:
        if not self._repairs:
            where = f" in {counted(self._expressions, 'expression')} of {counted(self._files, 'file')}"
            return summary(self._found) + where + ("" if self._options.fix else offer(self._found))
        said = " would be made" if self._options.difference else ""
        left = summary(self._found) if self._found else "nothing"
        return f"{counted(self._repairs, 'repair')}{said} in {counted(self._changed, 'file')}; {left} left to report"


def _message(name: str, error: MatchmakerError) -> str:
    if not isinstance(error, TemplateError):
        return f"{name}: {error}"
    where = "" if error.position is None else ":{}:{}".format(*error.position)
    return f"{name}{where}: {error.message}"


def _difference(name: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified difference, each with its end; a last line without one is marked as `diff` does."""
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, name)
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _notes(expression: TemplateExpression) -> tuple[str, ...]:
    owner = expression.owner
    if owner is None or owner.id is None:
        return ()
    return (f"{expression.attribute} of {'VM' if owner.tag == 'VM' else 'template'} {owner.id}",)


def _entry(places: FilePlaces, expression: TemplateExpression, diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a finding for a JSON document; places are those in the file."""
    line, column = places.position(diagnostic.span.start)
    owner = expression.owner
    ids = {tag: owner.id if owner is not None and owner.tag == tag else None for tag in ("VM", "VMTEMPLATE")}
    about = {"file": places.name, "attribute": expression.attribute, "vm": ids["VM"], "template": ids["VMTEMPLATE"]}
    entry = as_entry(expression.expression, diagnostic, Source(""))
    return {**about, **entry, "line": line, "column": column}
