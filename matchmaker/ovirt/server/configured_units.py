"""The units that a configuration asks for: expressions of its own, the published samples, and oVirt's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from matchmaker.diagnostics import shorten
from matchmaker.errors import DialectError, ExpressionError
from matchmaker.expressions import Rank, Requirement
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.parameters import Parameter
from matchmaker.ovirt.policies import POLICIES
from matchmaker.ovirt.relief import Relief
from matchmaker.ovirt.samples import SAMPLES
from matchmaker.ovirt.server.sections import Section, each_name
from matchmaker.ovirt.units import DIALECT, Balancer, Filter, Unit, Weigher

Made = TypeVar("Made")
Read = TypeVar("Read", Requirement, Rank)


def units_of(top: Section) -> list[Unit]:
    """Return the units that a configuration asks for; what is wrong with it is noted there.

    Parameters
    ----------
    top : Section
        The configuration.
    """
    chosen = (
        ("filters", _own(top, "filters", _filter)),
        ("weighers", _own(top, "weighers", _weigher)),
        ("balancers", _own(top, "balancers", _balancer)),
        ("samples", _chosen(top, "samples", _samples())),
        ("policies", _chosen(top, "policies", _units_of_policies())),
    )
    named: dict[tuple[type[Unit], str], Unit] = {}
    for key, units in chosen:
        for unit in units:
            known = named.setdefault((type(unit), unit.name), unit)
            if known is not unit and key in ("samples", "policies"):
                top.problem(key, f"they have a unit `{shorten(unit.name)}`, which is the name of another one here")
    return list(named.values())


def _samples() -> dict[str, tuple[Unit, ...]]:
    return {name: (unit,) for name, unit in SAMPLES.items()}


def _units_of_policies() -> dict[str, tuple[Unit, ...]]:
    return {name: policy.units for name, policy in POLICIES.items()}


def _chosen(top: Section, key: str, there: Mapping[str, tuple[Unit, ...]]) -> Iterable[Unit]:
    names = top.texts(key)
    for name in list(there) if names == ["all"] else names:
        if name in there:
            yield from there[name]
        else:
            top.problem(key, f"there is no `{shorten(name)}`: there are {', '.join(there)}, and `all`")


def _own(top: Section, key: str, make: Callable[[str, Section], Unit | None]) -> Iterable[Unit]:
    for name, section in each_name(top.sections(key)):
        unit = make(name, section) if name else None
        if name:
            section.finish()
        if unit is not None:
            yield unit


def _filter(name: str, section: Section) -> Unit | None:
    description, parameters, dialect = _described(section)
    rule = _expression(section, "requirement", Requirement, dialect, needed=True)
    if rule is None:
        return None
    return _made(section, "name", lambda: Filter(name, rule, description=description, parameters=parameters))


def _weigher(name: str, section: Section) -> Unit | None:
    description, parameters, dialect = _described(section)
    score = _expression(section, "score", Rank, dialect)
    weight = _expression(section, "weight", Rank, dialect)
    if (score is None and "score" in section) or (weight is None and "weight" in section):
        return None
    if not section.has_one_of("score", "weight"):
        return None
    return _made(
        section,
        "name",
        lambda: Weigher(name, score=score, weight=weight, description=description, parameters=parameters),
    )


def _balancer(name: str, section: Section) -> Unit | None:
    description, parameters, dialect = _described(section)
    relieve = _expression(section, "relieve", Requirement, dialect, needed=True)
    receive = _expression(section, "receive", Requirement, dialect, needed=True)
    worst, best = (_expression(section, key, Rank, dialect) for key in ("worst", "best"))
    vm = _expression(section, "vm", Requirement, dialect)
    if relieve is None or receive is None:
        return None
    relief = Relief(relieve, receive, worst or "", vm or "", best or "")
    return _made(section, "name", lambda: Balancer(name, relief, description=description, parameters=parameters))


def _described(section: Section) -> tuple[str, list[Parameter], str]:
    """Return a unit's description and parameters, and the dialect of its expressions."""
    read = (_parameter(each) for each in section.sections("parameters"))
    parameters = [parameter for parameter in read if parameter is not None]
    return section.text("description"), parameters, section.text("dialect", DIALECT)


def _parameter(section: Section) -> Parameter | None:
    name, pattern, meaning = section.text("name"), section.text("pattern"), section.text("meaning")
    default = section.value("default", "")
    if "default" not in section:
        section.missing("default", "what is the value where none is set?")
    section.finish()
    return _made(section, "pattern" if name else "name", lambda: Parameter(name, pattern, default, meaning))


def _expression(section: Section, key: str, kind: type[Read], dialect: str, *, needed: bool = False) -> Read | None:
    text = section.text(key)
    if key not in section:
        if needed:
            section.missing(key, "what do hosts have to meet?")
        return None
    try:
        return kind(text, dialect=dialect, origin=key)
    except ExpressionError as error:
        section.problem(key, str(error))
    except DialectError as error:
        section.problem("dialect", str(error))
    return None


def _made(section: Section, key: str, make: Callable[[], Made]) -> Made | None:
    """Return what is made; what is wrong with it is noted, at a key."""
    try:
        return make()
    except UnitError as error:
        section.problem(key, error.message)
    except ValueError as error:
        section.problem(key, str(error))
    return None
