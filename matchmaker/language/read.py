"""Text to a tree that may run: parsing, limits, and the refusal of what would be dangerous."""

from __future__ import annotations

from matchmaker.collector import paused
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import ExpressionError
from matchmaker.language import mistakes
from matchmaker.language.dialects import Dialect
from matchmaker.language.lexemes import Unparsable
from matchmaker.language.nodes import Node, at_level, walk
from matchmaker.language.parser import parse
from matchmaker.limits import Limits
from matchmaker.source import Source, Span


def read(
    text: object, dialect: Dialect, expression: str, limits: Limits, origin: str
) -> tuple[Node, tuple[Diagnostic, ...]]:
    """Read an expression.

    Parameters
    ----------
    text : object
        The expression; anything but a str is refused.
    dialect : Dialect
        Its dialect.
    expression : {"requirement", "rank"}
        What it is.
    limits : Limits
        What it may cost.
    origin : str
        What to call the text in messages.

    Returns
    -------
    tuple of Node and tuple of Diagnostic
        The tree, and what parsing met that is no error: skipped characters, integers that wrapped.

    Raises
    ------
    ExpressionError
        If it is not in the language, too large, or refused.
    """
    if not issubclass(type(text), str):
        kind = type(text).__name__
        raise _refused(Source("", origin), Span(0, 0), "MM114", f"an expression is a str, not a value of type `{kind}`")
    text = str.__str__(text)  # of a subclass, what it holds
    source = Source(text, origin)
    size = len(text) if len(text) * 4 <= limits.length else len(text.encode("utf-8", "surrogatepass"))
    if size > limits.length:
        message = f"the text has {size:,} bytes; at most {limits.length:,} are allowed"
        raise _refused(source, Span(0, 1), "MM113", message)
    with paused(len(text) // 4):
        return _tree(source, dialect, expression, limits)


def _tree(source: Source, dialect: Dialect, expression: str, limits: Limits) -> tuple[Node, tuple[Diagnostic, ...]]:
    nul = -1 if dialect.upstream else source.text.find("\0")
    if nul >= 0:
        raise _refused(source, Span(nul, nul + 1), "MM126", "a NUL is no part of the language", "leave it out")
    try:
        parsed = parse(source.text, dialect, expression, limits.depth)
    except Unparsable as error:
        problem = mistakes.explain_syntax(source, error, expression, dialect)
        raise ExpressionError(source, (*mistakes.skipped(source, error.skipped), problem)) from None
    # No text has more than two parts per character: of most nothing needs to be counted.
    if 2 * len(source.text) > limits.nodes and (count := sum(1 for _ in walk(parsed.tree))) > limits.nodes:
        message = f"the expression has {count:,} parts; at most {limits.nodes:,} are allowed"
        raise _refused(source, Span(0, 1), "MM113", message)
    # Nor has it more levels than characters.
    if dialect.deepest is not None and len(source.text) > dialect.deepest:
        below = next(at_level(parsed.tree, dialect.deepest + 1), None)
        if below is not None:
            message = f"the expression has more than {dialect.deepest} levels here"
            raise _refused(source, below.span, "MM113", message, mistakes.FLAT)
    remarks = (*mistakes.skipped(source, parsed.skipped), *mistakes.remarks(source, parsed.tree, dialect))
    errors = tuple(mistakes.refusals(source, parsed.tree, expression, dialect))
    if errors:
        raise ExpressionError(source, (*remarks, *errors))
    return parsed.tree, remarks


def _refused(source: Source, span: Span, code: str, message: str, *hints: str) -> ExpressionError:
    return ExpressionError(source, (Diagnostic(code, "error", span, message, "", hints),))
