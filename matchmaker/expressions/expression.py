"""What requirements and ranks have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar

from matchmaker.attributes.lookup import Kind
from matchmaker.diagnostics import Diagnostic
from matchmaker.engine.binding import put_in, read_request, request_attributes
from matchmaker.engine.meanings import MEANINGS, Meaning
from matchmaker.engine.programs import RankProgram, RequirementProgram
from matchmaker.errors import ExpressionError
from matchmaker.expressions.kept import Cache
from matchmaker.language.dialects import dialect_named
from matchmaker.language.nodes import Attribute, Comparison, Node, leaves
from matchmaker.language.printer import print_tree
from matchmaker.language.read import read
from matchmaker.limits import DEFAULT_LIMITS, Limits
from matchmaker.source import Source

_cache = Cache()

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

    __slots__ = (
        "_columns",
        "_limits",
        "_programs",
        "_request",
        "_text",
        "attributes",
        "diagnostics",
        "dialect",
        "tree",
    )

    _what: ClassVar[str]
    _compiled: ClassVar[type[Any]]
    _text: str
    _limits: Limits
    _programs: dict[Kind, Program]
    _request: dict[str, Any] | None
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
        return cls._made(
            _text=str.__str__(text),
            _limits=limits,
            _request=None,
            tree=tree,
            dialect=dialect,
            diagnostics=diagnostics,
            attributes=frozenset(_names(tree)),
        )

    @classmethod
    def _made(cls, **fields: Any) -> Self:
        self = object.__new__(cls)
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_programs", {})
        object.__setattr__(self, "_columns", None)
        return self

    @property
    def request(self) -> Mapping[str, Any] | None:
        """What is bound to the request's attributes that the expression reads, by name; None before anything is bound."""
        if self._request is None:
            return None
        return MappingProxyType(
            {name: list(value) if isinstance(value, tuple) else value for name, value in self._request.items()}
        )

    def bind(self, request: Mapping[str, Any]) -> Self:
        """Return the expression with the attributes of a request, which `REQUEST.` reads; until then these are missing.

        What was bound before is there no longer. An expression that reads no attribute of the request stays as it is.

        Parameters
        ----------
        request : mapping of str to value
            The attributes by name; a value is a str, int, float, bool, None, or a list of these.

        Raises
        ------
        BindingError
            If it is no mapping, or an attribute that the expression reads is of another type.

        Examples
        --------
        >>> fits = Requirement("FREE_MEMORY >= REQUEST.MEMORY", dialect="extended")
        >>> fits.bind({"MEMORY": 2048}).matches({"FREE_MEMORY": 4096})
        True
        """
        names = request_attributes(self.tree)
        found = read_request(request, names)
        return self._bound(found) if names else self

    def _bound(self, request: dict[str, Any]) -> Self:
        return self._made(
            _text=self._text,
            _limits=self._limits,
            _request=request,
            tree=put_in(self.tree, request),
            dialect=self.dialect,
            diagnostics=self.diagnostics,
            attributes=self.attributes,
        )

    def to(self, dialect: str) -> Self:
        """Return the expression in another dialect: an extended one in the opennebula dialect, as far as that can say it.

        A requirement means the same on candidates whose attributes are missing, whole numbers in 32 bits where they are
        compared with numbers, and texts where they are compared with texts. A rank gives the same scores where it computes
        with whole numbers up to 16777216 and nothing is missing. Attributes of the request must be bound.

        Parameters
        ----------
        dialect : str
            The variant of the language; an expression of that dialect is returned as it is.

        Raises
        ------
        TranslationError
            If the other dialect cannot say it; it names every clause that is to blame.
        DialectError
            If there is no such dialect.

        Examples
        --------
        >>> str(Requirement("FREE_CPU >= 50 and CLUSTER_ID in [100, 101]", dialect="extended").to("opennebula"))
        'FREE_CPU > 49 & (CLUSTER_ID = 100 | CLUSTER_ID = 101)'
        """
        if dialect_named(dialect).name == self.dialect:
            return self
        from matchmaker.translation import refused, translate

        source = Source(self._text, self._what)
        if dialect != "opennebula":
            message = f"nothing is translated from the {self.dialect} dialect to the {dialect} one"
            raise refused(
                source, "MM405", message, f"write it anew: `{self._what.capitalize()}(..., dialect={dialect!r})`"
            )
        tree = translate(self.tree, source, self._what, bound=self._request is not None)
        try:
            # Twice, since a chain that begins with another one is one chain there.
            parsed = type(self)(print_tree(tree), dialect=dialect, limits=self._limits)
            return type(self)(print_tree(parsed.tree), dialect=dialect, limits=self._limits)
        except ExpressionError as error:  # the limits
            message = f"in the {dialect} dialect {error.diagnostics[0].message}"
            raise refused(
                source, "MM403", message, "the limits of an expression are those of its translation"
            ) from None

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
        return _load, (type(self), self._text, self.dialect, self._limits, self._request)

    def _program(self, kind: Kind) -> Program:
        """Return the program for candidates of a kind, compiled when it is first asked for."""
        program = self._programs.get(kind)
        if program is None:
            program = self._programs[kind] = self._compiled(self.tree, kind, self._meaning)
        return program

    @property
    def _meaning(self) -> Meaning:
        return MEANINGS[self.dialect]


def _names(tree: Node) -> Iterator[str]:
    """Yield the names that a tree reads."""
    for leaf in leaves(tree):
        if isinstance(leaf, Comparison):
            yield leaf.attribute.name
        elif isinstance(leaf, Attribute):
            yield leaf.name


def _load(
    cls: type[Expression[Any]], text: str, dialect: str, limits: Limits, request: dict[str, Any] | None = None
) -> Expression[Any]:
    expression = cls(text, dialect=dialect, limits=DEFAULT_LIMITS if limits == DEFAULT_LIMITS else limits)
    return expression if request is None else expression._bound(request)
