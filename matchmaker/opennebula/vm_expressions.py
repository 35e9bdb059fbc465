"""The expressions of virtual machines: strangers' texts, which may be too long, broken, or costly."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from matchmaker.diagnostics import shorten
from matchmaker.errors import ExpressionError, LimitError, MatchmakerError, RankError
from matchmaker.expressions import Rank, Requirement
from matchmaker.limits import Budget
from matchmaker.placement.reasons import of_error

LENGTH = 65_536
"""The longest text that one expression of a virtual machine may have, in bytes of UTF-8."""

EMPTY_NAME = "MM108"
"""The diagnostic of an empty text as a name, which makes OpenNebula crash: of such a rank nothing can be used."""

Read = TypeVar("Read", Requirement, Rank)


class VmExpressions:
    """Reads expressions, and collects what their owner should know.

    Parameters
    ----------
    longest : int
        The longest text, in bytes of UTF-8.
    budget : Budget or None
        The time that reading them may take.

    Attributes
    ----------
    notes : list of str
        What is odd about the expressions, one line each.
    error : MatchmakerError or None
        Why one of them cannot be used.
    """

    def __init__(self, longest: int = LENGTH, budget: Budget | None = None) -> None:
        self._longest = longest
        self._budget: AbstractContextManager[object] = nullcontext() if budget is None else budget
        self.notes: list[str] = []
        self.error: MatchmakerError | None = None

    def requirement(self, text: str | None, origin: str) -> tuple[Requirement, ...]:
        """Return a requirement, none when there is no text; a broken one is noted as the error.

        Parameters
        ----------
        text : str or None
            The expression.
        origin : str
            What it is called in messages, such as `SCHED_REQUIREMENTS`.
        """
        if text is None:
            return ()
        requirement = self._read(Requirement, text, origin, self._refuse)
        return () if requirement is None else (requirement,)

    def rank(self, text: str | None, origin: str) -> Rank | None:
        """Return a rank, None when there is no text; for a broken one, what OpenNebula ranks by all the same."""
        if not text:
            return None
        return self._read(Rank, text, origin, self._partial)

    def _read(
        self, kind: type[Read], text: str, origin: str, broken: Callable[[ExpressionError], Read | None]
    ) -> Read | None:
        if len(text) > self._longest or len(text.encode("utf-8", "surrogatepass")) > self._longest:
            self.error = self.error or LimitError(f"{origin} is longer than {self._longest} bytes")
            return None
        try:
            with self._budget:
                expression = kind(text, origin=origin)
        except ExpressionError as error:
            return broken(error)
        except MatchmakerError as error:
            self.error = self.error or error
            return None
        self.notes += dict.fromkeys(f"{origin}: {diagnostic.message}" for diagnostic in expression.diagnostics)
        return expression

    def _refuse(self, error: ExpressionError) -> None:
        self.error = self.error or error

    def _partial(self, error: ExpressionError) -> Rank | None:
        assert isinstance(error, RankError)
        if any(diagnostic.code == EMPTY_NAME for diagnostic in error.diagnostics):
            self.error = self.error or error
            return None
        used = error.partial
        text = "0" if used is None else shorten(str(used).strip()) or "0"
        self.notes.append(f"{of_error(error)}; ranked by `{text}`, as OpenNebula does")
        return Rank("0") if used is None else used
