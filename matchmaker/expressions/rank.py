"""Ranks: arithmetic expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from matchmaker.attributes.lookup import PLAIN, Kind, kind_of
from matchmaker.engine.arithmetic import Score
from matchmaker.engine.programs import RankProgram
from matchmaker.errors import ExpressionError, RankError
from matchmaker.expressions.expression import Expression
from matchmaker.language.dialects import dialect_named
from matchmaker.language.parser import complete_prefix
from matchmaker.limits import Limits

if TYPE_CHECKING:
    from matchmaker.engine.columnar import AnyRankColumns


class Rank(Expression[RankProgram]):
    """An arithmetic expression that sorts candidates, the highest score first.

    See `Expression` for its parameters and attributes.

    Raises
    ------
    RankError
        If the text is not a rank of the dialect; in the opennebula dialect it carries what upstream would use instead.

    Examples
    --------
    >>> Rank("FREE_CPU / 100").score({"FREE_CPU": 450})
    4
    """

    __slots__ = ()
    _what = "rank"
    _compiled = RankProgram

    @classmethod
    def _construct(cls, text: str, dialect: str, limits: Limits, origin: str) -> Self:
        try:
            return super()._construct(text, dialect, limits, origin)
        except ExpressionError as error:
            partial = cls._partial(error, dialect, limits)
            raise RankError(error.source, error.diagnostics, partial, dialect) from None

    @classmethod
    def _partial(cls, error: ExpressionError, dialect: str, limits: Limits) -> Self | None:
        variant = dialect_named(dialect)
        if not variant.upstream or any(diagnostic.code == "MM113" for diagnostic in error.diagnostics):
            return None
        prefix = complete_prefix(error.source.text, variant, cls._what, limits.depth)
        try:
            return None if prefix is None else cls(prefix, dialect=dialect, limits=limits)
        except RankError:
            return None

    def score(self, candidate: Any) -> Score:
        """Return a candidate's score.

        It is a signed 32-bit integer, -2147483648 when the rank is infinite or no number; in the extended dialect a float,
        or None when the rank is missing or no number.

        Parameters
        ----------
        candidate : mapping or document
            What to look at.

        Raises
        ------
        CandidateError
            If the candidate, or a value of it that is read, is of an unsupported type.
        """
        return self._program(PLAIN if type(candidate) is dict else kind_of(candidate)).score(candidate)

    @property
    def columns(self) -> AnyRankColumns:
        """The rank, compiled for columns; needs numpy."""
        if self._columns is None:
            from matchmaker.engine.columnar import rank_columns

            object.__setattr__(self, "_columns", rank_columns(self.tree, self._meaning))
        return self._columns  # type: ignore[no-any-return]

    def scores(self, candidates: Sequence[Any], kind: Kind) -> list[Score]:
        """Return the scores of the candidates, all of one kind, in their order."""
        return self._program(kind).scores(candidates)
