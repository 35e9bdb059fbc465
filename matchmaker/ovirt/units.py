"""oVirt's three kinds of unit: a filter keeps hosts, a weigher scores them, a balancer names a virtual machine to migrate.

Each is made of expressions, or of a Python callable. In an expression `REQUEST.` reads the virtual machine's attributes and the
unit's parameters, of which the latter go first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from typing import TypeAlias, TypeVar

from matchmaker.attributes.lookup import PLAIN
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Rank, Requirement
from matchmaker.ovirt.bindings import Bindings, E
from matchmaker.ovirt.cloud import Call, Host
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.migration import Migration
from matchmaker.ovirt.parameters import Arguments, Parameter, read_arguments, validation
from matchmaker.ovirt.relief import Relief
from matchmaker.ovirt.rule_answers import read_ids, read_migration, read_values
from matchmaker.ovirt.weights import weights_of_scores, whole_weight

DIALECT = "extended"
"""The dialect of texts: the one that knows the request."""

Answer = TypeVar("Answer")
FilterRule: TypeAlias = Requirement | str | Callable[[Call, Arguments], Iterable[str]]
WeigherRule: TypeAlias = Rank | str | Callable[[Call, Arguments], Iterable[tuple[str, float | None]]]
BalancerRule: TypeAlias = Relief | Callable[[Call, Arguments], tuple[str, Sequence[str]] | None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Unit:
    """What the three kinds have in common.

    Parameters
    ----------
    name : str
        What it is called by.
    description : str
        What it does, for people who choose it.
    parameters : iterable of Parameter
        What may be set for it.
    """

    name: str = field(kw_only=False)
    description: str = ""
    parameters: Sequence[Parameter] = ()

    def __post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):
            raise UnitError(str(self.name), "a unit has a name")
        object.__setattr__(self, "parameters", tuple(self.parameters))
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) < len(names):
            raise UnitError(self.name, "two of its parameters have the same name")

    @property
    def validation(self) -> str:
        """What oVirt's engine checks values of the parameters by: `a=[0-9]*;b=true|false`."""
        return validation(self.parameters)

    def _arguments(self, call: Call) -> Arguments:
        """Return the values of the parameters.

        Raises
        ------
        UnitError
            If one is not of the form that its parameter has.
        """
        return read_arguments(self.name, self.parameters, call.arguments)

    def _bound(self, bindings: Bindings[E], call: Call, arguments: Arguments) -> E:
        """Return an expression with what `REQUEST.` reads.

        Raises
        ------
        UnitError
            If that is an attribute of a virtual machine that nobody knows.
        """
        wanted = bindings.names - arguments.keys()
        if not wanted:
            return bindings.bind(arguments)
        if call.vm is None:
            message = f"it reads `REQUEST.{min(wanted)}` of the virtual machine, and {call.why_no_vm}"
            raise UnitError(self.name, message)
        return bindings.bind({**call.vm, **arguments})

    def _answer(self, work: Callable[[], Answer]) -> Answer:
        """Return what a rule answers; whatever it raises is an error of this unit."""
        try:
            return work()
        except UnitError:
            raise
        except MatchmakerError as error:
            raise UnitError(self.name, str(error)) from error
        except Exception as error:
            raise UnitError(self.name, f"{type(error).__name__}: {error}") from error


def _met(requirement: Requirement, call: Call) -> list[str]:
    """Return the ids of the hosts that meet a requirement."""
    if _are_dicts(call.hosts):
        return [call.known_ids[position] for position in requirement.positions(call.hosts, PLAIN)]
    return [each for each, host in zip(call.known_ids, call.hosts, strict=True) if requirement.matches(host)]


def _scores(rank: Rank, hosts: list[Host]) -> list[float | None]:
    return rank.scores(hosts, PLAIN) if _are_dicts(hosts) else [rank.score(host) for host in hosts]


def _are_dicts(hosts: list[Host]) -> bool:
    """Tell whether hosts are dicts, as nearly always, which all engines read at once."""
    return list(map(type, hosts)).count(dict) == len(hosts)


def _check_rule(unit: str, name: str, rule: object, kind: type) -> None:
    if not isinstance(rule, kind) and not callable(rule):
        raise UnitError(unit, f"its `{name}` is a `{type(rule).__name__}`, not a `{kind.__name__}` or a callable")


@dataclass(frozen=True, eq=False)
class Filter(Unit):
    """A unit that keeps hosts.

    Parameters
    ----------
    name : str
        What it is called by.
    rule : Requirement, str or callable
        What hosts have to meet. A callable takes a `Call` and the values of the parameters, and returns the ids of the hosts it keeps.
    description, parameters
        As for `Unit`.
    dialect : str
        The dialect of a text.

    Examples
    --------
    >>> room = Filter("room", "MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY")
    >>> hosts = [{"ID": "a", "MAX_SCHEDULING_MEMORY": 1024}, {"ID": "b", "MAX_SCHEDULING_MEMORY": 8192}]
    >>> room.keep(Call.of(hosts, {"ID": "vm", "MEMORY": 4096}))
    ['b']
    """

    rule: FilterRule
    dialect: InitVar[str] = DIALECT
    _bindings: Bindings[Requirement] = field(init=False, repr=False)

    def __post_init__(self, dialect: str) -> None:
        super().__post_init__()
        if isinstance(self.rule, str):
            object.__setattr__(self, "rule", Requirement(self.rule, dialect=dialect))
        _check_rule(self.name, "rule", self.rule, Requirement)
        if isinstance(self.rule, Requirement):
            object.__setattr__(self, "_bindings", Bindings(self.rule))

    def keep(self, call: Call) -> list[str]:
        """Return the ids of the known hosts that it keeps, in their order.

        Raises
        ------
        UnitError
            If it fails, or an argument is not right.
        """
        return self._answer(lambda: self._keep(call, self._arguments(call)))

    def _keep(self, call: Call, arguments: Arguments) -> list[str]:
        if isinstance(self.rule, Requirement):
            return _met(self.requirement(call), call)
        assert callable(self.rule)
        kept = frozenset(read_ids(self.name, self.rule(call, arguments)))
        return [identifier for identifier in call.host_ids if identifier in kept]

    def requirement(self, call: Call) -> Requirement:
        """Return the requirement with what the call binds to it; only where the rule is an expression.

        Raises
        ------
        UnitError
            If it reads a virtual machine that nobody knows, or an argument is not right.
        """
        return self._bound(self._bindings, call, self._arguments(call))


@dataclass(frozen=True, eq=False, kw_only=True)
class Weigher(Unit):
    """A unit that scores hosts, or weighs them.

    Parameters
    ----------
    name : str
        What it is called by.
    score : Rank, str or callable, optional
        What hosts are scored by, higher is better. A callable takes a `Call` and the values of the parameters, and returns pairs of a
        host's id and its score.
    weight : Rank, str or callable, optional
        What they are weighed by instead, lower is better: for those who know what weight oVirt is to see.
    description, parameters
        As for `Unit`.
    dialect : str
        The dialect of a text.

    Raises
    ------
    UnitError
        If both are given, or none is.

    Examples
    --------
    >>> roomy = Weigher("roomy", score="FREE_MEMORY - REQUEST.MEMORY")
    >>> hosts = [{"ID": "a", "FREE_MEMORY": 1024}, {"ID": "b", "FREE_MEMORY": 8192}]
    >>> roomy.weights(Call.of(hosts, {"ID": "vm", "MEMORY": 512}))
    [('a', 7168), ('b', 0)]
    """

    score: WeigherRule | None = None
    weight: WeigherRule | None = None
    dialect: InitVar[str] = DIALECT
    _bindings: Bindings[Rank] = field(init=False, repr=False)

    def __post_init__(self, dialect: str) -> None:
        super().__post_init__()
        if (self.score is None) == (self.weight is None):
            raise UnitError(self.name, "a weigher has either a `score` or a `weight`")
        name, rule = ("weight", self.weight) if self.score is None else ("score", self.score)
        if isinstance(rule, str):
            rule = Rank(rule, dialect=dialect)
            object.__setattr__(self, name, rule)
        _check_rule(self.name, name, rule, Rank)
        if isinstance(rule, Rank):
            object.__setattr__(self, "_bindings", Bindings(rule))

    def weights(self, call: Call) -> list[tuple[str, int]]:
        """Return known hosts and their weights, lower is better; whom it leaves out is not there, and a host may be there twice.

        Raises
        ------
        UnitError
            If it fails, or an argument is not right.
        """
        return self._answer(lambda: self._weights(call, self._arguments(call)))

    def _weights(self, call: Call, arguments: Arguments) -> list[tuple[str, int]]:
        if self.score is not None:
            return weights_of_scores(self._valued(self.score, call, arguments))
        assert self.weight is not None
        valued = self._valued(self.weight, call, arguments)
        return [(host, whole_weight(value)) for host, value in valued if value is not None and value == value]

    def _valued(self, rule: WeigherRule, call: Call, arguments: Arguments) -> list[tuple[str, float | None]]:
        if isinstance(rule, Rank):
            scores = _scores(self._bound(self._bindings, call, arguments), call.hosts)
            return list(zip(call.known_ids, scores, strict=True))
        assert callable(rule)
        known = frozenset(call.known_ids)
        return [(host, value) for host, value in read_values(self.name, rule(call, arguments)) if host in known]


@dataclass(frozen=True, eq=False)
class Balancer(Unit):
    """A unit that names a virtual machine to migrate, and the hosts it may go to.

    Parameters
    ----------
    name : str
        What it is called by.
    rule : Relief or callable
        Expressions that say which host is relieved, and which hosts receive. A callable takes a `Call` and the values of the
        parameters, and returns the id of a virtual machine and those of the hosts it may go to, or None when there is nothing to do.
    description, parameters
        As for `Unit`.
    """

    rule: BalancerRule

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_rule(self.name, "rule", self.rule, Relief)

    def balance(self, call: Call) -> Migration | None:
        """Return what to migrate, or None when there is nothing to do.

        Raises
        ------
        UnitError
            If it fails, or an argument is not right.
        """
        return self._answer(lambda: self._balance(call, self._arguments(call)))

    def _balance(self, call: Call, arguments: Arguments) -> Migration | None:
        if isinstance(self.rule, Relief):
            return self.rule.migration(call, arguments)
        return read_migration(self.name, self.rule(call, arguments), call.host_ids)
