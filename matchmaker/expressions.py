"""Requirements and ranks: immutable objects that construct by parsing, as `re.compile` does."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar

from matchmaker.attributes.lookup import PLAIN, Kind, kind_of
from matchmaker.diagnostics import Diagnostic
from matchmaker.engine.programs import RankProgram, RequirementProgram
from matchmaker.errors import ExpressionError, RankError
from matchmaker.language.dialects import dialect_named
from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Node, Not, Text, leaves
from matchmaker.language.parser import complete_prefix
from matchmaker.language.printer import print_tree
from matchmaker.language.read import read
from matchmaker.limits import DEFAULT_LIMITS, Limits
from matchmaker.source import Source, Span

if TYPE_CHECKING:
    from matchmaker.engine.columnar import RankColumns, RequirementColumns

_KEPT_BYTES = 16 * 1024 * 1024
"""How many bytes of users' texts the cache of expressions may hold; one text takes at most a sixteenth of it."""
_OVERHEAD = 8 * 1024
"""What a kept expression weighs besides its text."""
_PER_CHARACTER = 400
"""What a character of a dense text weighs, once it is parsed and compiled."""


class _Cache:
    """Expressions by their text, the oldest out first; bounded in bytes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type, str, str], Any] = {}
        self._bytes = 0
        self._lock = threading.Lock()
        self.get = self._kept.get

    def put(self, key: tuple[type, str, str], expression: Any) -> None:
        """Keep an expression, and drop the oldest ones where room is needed."""
        weight = self._weight(key)
        if weight > _KEPT_BYTES // 16:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = expression
            self._bytes += weight
            while self._bytes > _KEPT_BYTES:
                oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._bytes -= self._weight(oldest)

    @staticmethod
    def _weight(key: tuple[type, str, str]) -> int:
        return _OVERHEAD + _PER_CHARACTER * len(key[1])


_cache = _Cache()


Program = TypeVar("Program", RequirementProgram, RankProgram)


class Expression(Generic[Program]):
    """What requirements and ranks have in common.

    Parameters
    ----------
    text : str
        The expression.
    dialect : str
        The variant of the language.
    limits : Limits
        What the expression may cost; more is an `ExpressionError`.
    origin : str or None
        What to call the text in messages, such as `SCHED_REQUIREMENTS`.

    Attributes
    ----------
    tree : Node
        What the text means.
    dialect : str
        The dialect's name.
    diagnostics : tuple of Diagnostic
        What parsing met that is no error: skipped characters, integers that wrapped. `check` finds more.
    attributes : frozenset of str
        The names that are read, without quotes.
    """

    __slots__ = ("_columns", "_limits", "_programs", "_text", "attributes", "diagnostics", "dialect", "tree")

    _what: ClassVar[str]
    _compiled: ClassVar[type[Any]]
    _text: str
    _limits: Limits
    _programs: dict[Kind, Program]
    _columns: Any
    tree: Node
    dialect: str
    diagnostics: tuple[Diagnostic, ...]
    attributes: frozenset[str]

    def __new__(
        cls,
        text: str,
        *,
        dialect: str = "opennebula",
        limits: Limits = DEFAULT_LIMITS,
        origin: str | None = None,
    ) -> Self:
        """Construct an expression, or return the one that is kept of the same text."""
        usual = type(text) is str and type(dialect) is str and limits is DEFAULT_LIMITS
        if usual:
            kept: Self | None = _cache.get((cls, text, dialect))
            if kept is not None:
                return kept
        self = cls._construct(text, dialect, limits, cls._what if origin is None else origin)
        if usual:
            _cache.put((cls, text, dialect), self)
        return self

    @classmethod
    def _construct(cls, text: str, dialect: str, limits: Limits, origin: str) -> Self:
        tree, diagnostics = read(text, dialect_named(dialect), cls._what, limits, origin)
        self = object.__new__(cls)
        for name, value in (
            ("_text", str.__str__(text)),
            ("_limits", limits),
            ("_programs", {}),
            ("_columns", None),
            ("tree", tree),
            ("dialect", dialect),
            ("diagnostics", diagnostics),
            ("attributes", frozenset(_names(tree))),
        ):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} objects cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} objects cannot be changed")

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._text!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Expression):
            return NotImplemented
        return self is other or (
            self._what == other._what and self.dialect == other.dialect and self.tree == other.tree
        )

    def __hash__(self) -> int:
        return hash((self._what, self.dialect, self.tree))

    def __reduce__(self) -> tuple[Any, ...]:
        return _load, (type(self), self._text, self.dialect, self._limits)

    def _program(self, kind: Kind) -> Program:
        """Return the program for candidates of a kind, compiled when it is first asked for."""
        program = self._programs.get(kind)
        if program is None:
            program = self._programs[kind] = self._compiled(self.tree, kind)
        return program


def _names(tree: Node) -> Iterator[str]:
    """Yield the names that a tree reads."""
    for leaf in leaves(tree):
        if isinstance(leaf, Comparison):
            yield leaf.attribute.name
        elif isinstance(leaf, Attribute):
            yield leaf.name


def _load(cls: type[Expression[Any]], text: str, dialect: str, limits: Limits) -> Expression[Any]:
    return cls(text, dialect=dialect, limits=DEFAULT_LIMITS if limits == DEFAULT_LIMITS else limits)


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

            object.__setattr__(self, "_columns", RequirementColumns(self.tree))
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
            return self._of(Comparison(Attribute("ID"), "=", Text("")))
        return self._of(self.tree.operand if isinstance(self.tree, Not) else Not(self.tree))

    def _join(self, operator: str, other: Requirement) -> Requirement:
        if self.dialect != other.dialect:
            message = f"a requirement of the {self.dialect} dialect does not join one of the {other.dialect} dialect"
            raise ExpressionError(
                Source(str(other), "requirement"), (Diagnostic("MM115", "error", Span(0, 0), message),)
            )
        if isinstance(self.tree, Blank) or isinstance(other.tree, Blank):
            blank, left = (self, other) if isinstance(self.tree, Blank) else (other, self)
            return self._of((left if operator == "&" else blank).tree)
        first, rest = (self.tree.first, self.tree.rest) if isinstance(self.tree, Chain) else (self.tree, ())
        return self._of(Chain(first, (*rest, (operator, other.tree))))

    def _of(self, tree: Node) -> Requirement:
        """Make the requirement of a joined tree; its canonical print is its text."""
        return type(self)(print_tree(tree), dialect=self.dialect, limits=self._limits)


class Rank(Expression[RankProgram]):
    """An arithmetic expression that sorts candidates, the highest score first.

    See `Expression` for its parameters and attributes.

    Raises
    ------
    RankError
        If the text is not a rank of the dialect; it carries what upstream would use instead.

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
            raise RankError(error.source, error.diagnostics, cls._partial(error, dialect, limits)) from None

    @classmethod
    def _partial(cls, error: ExpressionError, dialect: str, limits: Limits) -> Self | None:
        if any(diagnostic.code == "MM113" for diagnostic in error.diagnostics):
            return None
        prefix = complete_prefix(error.source.text, dialect_named(dialect), cls._what, limits.depth)
        try:
            return None if prefix is None else cls(prefix, dialect=dialect, limits=limits)
        except RankError:
            return None

    def score(self, candidate: Any) -> int:
        """Return a candidate's score, a signed 32-bit integer; -2147483648 when the rank is infinite or no number.

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
    def columns(self) -> RankColumns:
        """The rank, compiled for columns; needs numpy."""
        if self._columns is None:
            from matchmaker.engine.columnar import RankColumns

            object.__setattr__(self, "_columns", RankColumns(self.tree))
        return self._columns  # type: ignore[no-any-return]

    def scores(self, candidates: Sequence[Any], kind: Kind) -> list[int]:
        """Return the scores of the candidates, all of one kind, in their order."""
        return self._program(kind).scores(candidates)
