"""The parameters of units: what an administrator may set for them, and which values they take.

oVirt's engine shows them and checks what is entered by `maximum_vm_count=[0-9]*`, several joined by `;`
(SimpleCustomPropertiesUtil of oVirt's engine); it sends the values of all units of a cluster's policy in one map of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.errors import UnitError

ArgumentValue: TypeAlias = str | int | float | bool
Arguments: TypeAlias = Mapping[str, ArgumentValue]
"""The values of a unit's own parameters, each of its default's type."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LONGEST = 1_000  # a value; patterns run on it


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a unit.

    Parameters
    ----------
    name : str
        Its name: a letter, then letters, digits and `_`.
    pattern : str
        The regular expression that a value matches as a whole, such as `[0-9]*`; without `;`. Of truth values the case does not count.
    default : str, int, float or bool
        Its value where none, or an empty one, is set. A value is read as one of the same type.
    meaning : str
        What it is for.

    Raises
    ------
    ValueError
        If the name or the pattern is not of that form.
    """

    name: str
    pattern: str
    default: ArgumentValue
    meaning: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"`{shorten(self.name)}` is no name of a parameter: a letter, then letters, digits and `_`"
            )
        if ";" in self.pattern:
            raise ValueError(f"the pattern of `{self.name}` has a `;`, which ends a parameter")
        try:
            re.compile(self.pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"the pattern of `{self.name}` is no regular expression: {error}") from None

    def read(self, text: str) -> ArgumentValue:
        """Return the value that a text stands for.

        Raises
        ------
        ValueError
            If it does not match the pattern, or is no number where the default is one.
        """
        if text == "":
            return self.default
        flags = re.IGNORECASE if isinstance(self.default, bool) else re.NOFLAG
        if len(text) > _LONGEST or not re.fullmatch(self.pattern, text, flags):
            raise ValueError(f"`{self.name}` is `{shorten(text)}`, which is not of the form `{self.pattern}`")
        if isinstance(self.default, bool):
            return _truth(self.name, text)
        if isinstance(self.default, str):
            return text
        try:
            return type(self.default)(text)
        except ValueError:
            raise ValueError(f"`{self.name}` is `{shorten(text)}`, which is no number") from None


def _truth(name: str, text: str) -> bool:
    lower = text.strip().lower()
    if lower in ("true", "yes", "1"):
        return True
    if lower in ("false", "no", "0"):
        return False
    raise ValueError(f"`{name}` is `{shorten(text)}`, which is neither true nor false")


def validation(parameters: Iterable[Parameter]) -> str:
    """Return what oVirt's engine checks values by: `a=[0-9]*;b=true|false`."""
    return ";".join(f"{parameter.name}={parameter.pattern}" for parameter in parameters)


def read_arguments(unit: str, parameters: Iterable[Parameter], given: Mapping[str, str]) -> Arguments:
    """Return the values of a unit's parameters.

    Parameters
    ----------
    unit : str
        The unit's name, for messages.
    parameters : iterable of Parameter
        Its parameters.
    given : mapping of str to str
        What is set, also for other units.

    Raises
    ------
    UnitError
        If a value is no text, or not of the form that its parameter has.
    """
    values: dict[str, ArgumentValue] = {}
    for parameter in parameters:
        text: object = given.get(parameter.name, "")
        if not isinstance(text, str):
            kind = type(text).__name__
            raise UnitError(
                unit, f"`{parameter.name}` is of type `{kind}`, and arguments are texts, as oVirt's engine sends them"
            )
        try:
            values[parameter.name] = parameter.read(text)
        except ValueError as error:
            raise UnitError(unit, str(error)) from None
    return values
