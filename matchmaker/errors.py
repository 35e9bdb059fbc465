"""The exceptions of the package: everything a user can meet descends from `MatchmakerError`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matchmaker.diagnostics import Diagnostic, render_all, shorten, shown

if TYPE_CHECKING:
    from matchmaker.source import Source


class MatchmakerError(Exception):
    """The root of all errors that matchmaker raises."""


class DialectError(MatchmakerError, ValueError):
    """No dialect has the name that was asked for."""


class ExtraMissing(MatchmakerError, ImportError):
    """An optional dependency is not installed.

    Parameters
    ----------
    extra : str
        The extra that brings it.
    purpose : str
        What needs it, as the start of a sentence.
    """

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(extra, purpose)
        self.extra = extra
        self.purpose = purpose

    def __str__(self) -> str:
        return f"{self.purpose} needs an extra: pip install 'matchmaking-expressions[{self.extra}]'"


class ExpressionError(MatchmakerError, ValueError):
    """An expression is not valid in its dialect.

    Parameters
    ----------
    source : Source
        The text that was read.
    diagnostics : tuple of Diagnostic
        What is wrong with it, in text order; at least one is an error.
    """

    def __init__(self, source: Source, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(source, diagnostics)
        self.source = source
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return render_all(self.diagnostics, self.source)


class RankError(ExpressionError):
    """A rank is not valid; `partial` is what OpenNebula would rank by all the same.

    Parameters
    ----------
    source, diagnostics
        As for `ExpressionError`.
    partial : Rank or None
        The rank made of the text before the offending token, when that is a complete rank.
    dialect : str
        The variant of the language; OpenNebula ranks by no other than its own.
    """

    def __init__(
        self, source: Source, diagnostics: tuple[Diagnostic, ...], partial: Any = None, dialect: str = "opennebula"
    ) -> None:
        super().__init__(source, diagnostics)
        self.args = (source, diagnostics, partial, dialect)
        self.partial = partial
        self.dialect = dialect

    def __str__(self) -> str:
        if not self.source.text or self.dialect != "opennebula":
            return super().__str__()
        used = "0" if self.partial is None else shorten(str(self.partial).strip()) or "0"
        return f"{super().__str__()}\nnote: OpenNebula ranks by `{used}` all the same"


class TranslationError(ExpressionError):
    """An expression says what the other dialect cannot say; its diagnostics name each clause that is to blame."""


class CandidateError(MatchmakerError, TypeError):
    """A candidate holds something that is not a value.

    Parameters
    ----------
    message : str
        What is wrong with the value.
    attribute : str or None
        The attribute that was read.
    key : object
        The candidate's key in its pool, or None outside of a pool.
    """

    def __init__(self, message: str, *, attribute: str | None = None, key: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.attribute = attribute
        self.key = key

    def __reduce__(self) -> tuple[Any, ...]:
        return _candidate_error, (type(self), self.message, self.attribute, self.key)

    def __str__(self) -> str:
        where = "candidate" if self.key is None else f"candidate {shown(self.key)}"
        if self.attribute is not None:
            where += f", attribute `{self.attribute}`"
        return f"{where}: {self.message}"


def _candidate_error(cls: type[CandidateError], message: str, attribute: str | None, key: object) -> CandidateError:
    return cls(message, attribute=attribute, key=key)


class BindingError(MatchmakerError, TypeError):
    """What is bound to an expression is no request, or holds something that is not a value.

    Parameters
    ----------
    message : str
        What is wrong with it.
    attribute : str or None
        The attribute of the request.
    """

    def __init__(self, message: str, *, attribute: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.attribute = attribute

    def __reduce__(self) -> tuple[Any, ...]:
        return _binding_error, (type(self), self.message, self.attribute)

    def __str__(self) -> str:
        return self.message if self.attribute is None else f"request, attribute `{self.attribute}`: {self.message}"


def _binding_error(cls: type[BindingError], message: str, attribute: str | None) -> BindingError:
    return cls(message, attribute=attribute)


class DocumentError(MatchmakerError, ValueError):
    """A document cannot be read: malformed, of an unknown kind, or refused for safety."""


class PoolError(MatchmakerError, LookupError):
    """A pool's keys are missing, duplicate or unknown."""


class LimitError(MatchmakerError, ValueError):
    """A budget for time or memory is used up."""
