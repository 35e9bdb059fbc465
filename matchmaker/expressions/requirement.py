"""Requirements: boolean expressions, which join to others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from matchmaker.attributes.lookup import PLAIN, Kind, kind_of
from matchmaker.diagnostics import Diagnostic
from matchmaker.engine.binding import request_attributes
from matchmaker.engine.programs import RequirementProgram
from matchmaker.errors import ExpressionError
from matchmaker.expressions.expression import Expression
from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Node, Not, Number, Relation, Text
from matchmaker.language.printer import print_tree
from matchmaker.source import Source, Span

if TYPE_CHECKING:
    from matchmaker.engine.columnar import RequirementColumns


class Requirement(Expression[RequirementProgram]):
    """A boolean expression that filters candidates.

    See `Expression` for its parameters and attributes.

    Raises
    ------
    ExpressionError
        If the text is not a requirement of the dialect.

    Examples
    --------
    >>> Requirement('HYPERVISOR = "kvm" & FREE_CPU > 50').matches({"HYPERVISOR": "kvm", "FREE_CPU": 400})
    True
    """

    __slots__ = ()
    _what = "requirement"
    _compiled = RequirementProgram

    def matches(self, candidate: Any) -> bool:
        """Tell whether a candidate meets the requirement.

        Parameters
        ----------
        candidate : mapping or document
            What to look at.

        Raises
        ------
        CandidateError
            If the candidate, or a value of it that is read, is of an unsupported type.
        """
        program = self._program(PLAIN if type(candidate) is dict else kind_of(candidate))
        return (program.promoted or program.matches)(candidate)

    def filter(self, candidates: Iterable[Any]) -> list[Any]:
        """Return the candidates that meet the requirement, in their order."""
        listed = candidates if isinstance(candidates, list) else list(candidates)
        if list(map(type, listed)).count(dict) == len(listed):
            return self._program(PLAIN).filter(listed)
        return [candidate for candidate in listed if self.matches(candidate)]

    @property
    def columns(self) -> RequirementColumns:
        """The requirement, compiled for columns; needs numpy."""
        if self._columns is None:
            from matchmaker.engine.columnar import RequirementColumns

            object.__setattr__(self, "_columns", RequirementColumns(self.tree, self._meaning))
        return self._columns  # type: ignore[no-any-return]

    def positions(self, candidates: Sequence[Any], kind: Kind) -> list[int]:
        """Return the positions of the candidates, all of one kind, that meet the requirement, in order."""
        return self._program(kind).positions(candidates)

    def __and__(self, other: object) -> Requirement:
        return self._join("&", other) if isinstance(other, Requirement) else NotImplemented

    def __or__(self, other: object) -> Requirement:
        return self._join("|", other) if isinstance(other, Requirement) else NotImplemented

    def __invert__(self) -> Requirement:
        """Return the opposite; that of a blank requirement is one that nothing meets."""
        if isinstance(self.tree, Blank):
            if self.dialect == "opennebula":
                return self._of(Comparison(Attribute("ID"), "=", Text("")))
            return self._of(Relation(Number(1.0), "=", Number(0.0)))
        return self._of(self.tree.operand if isinstance(self.tree, Not) else Not(self.tree))

    def _join(self, operator: str, other: Requirement) -> Requirement:
        if self.dialect != other.dialect:
            raise other._unjoinable(
                f"a requirement of the {self.dialect} dialect does not join one of the {other.dialect} dialect"
            )
        mine = request_attributes(self.tree)
        for name, value in request_attributes(other.tree).items():
            if mine.get(name, value) != value:
                raise other._unjoinable(f"`REQUEST.{name}` has another value in the requirement that it is to join")
        if isinstance(self.tree, Blank) or isinstance(other.tree, Blank):
            blank, left = (self, other) if isinstance(self.tree, Blank) else (other, self)
            return self._of((left if operator == "&" else blank).tree, other)
        tree, joined = self.tree, (operator, other.tree)
        # In the extended dialect `&` and `|` do not mix in a chain.
        if isinstance(tree, Chain) and (self.dialect == "opennebula" or tree.rest[0][0] == operator):
            return self._of(Chain(tree.first, (*tree.rest, joined)), other)
        return self._of(Chain(tree, (joined,)), other)

    def _unjoinable(self, message: str) -> ExpressionError:
        return ExpressionError(Source(str(self), self._what), (Diagnostic("MM115", "error", Span(0, 0), message),))

    def _of(self, tree: Node, *others: Requirement) -> Requirement:
        """Make the requirement of a joined tree; its canonical print is its text."""
        joined = type(self)(print_tree(tree), dialect=self.dialect, limits=self._limits)
        bound = [each._request for each in (self, *others) if each._request is not None]
        names = request_attributes(joined.tree) if bound else ()
        request = {name: value for each in bound for name, value in each.items() if name in names}
        return joined._bound(request) if names else joined
