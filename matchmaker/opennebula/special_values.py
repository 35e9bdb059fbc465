"""Values on OpenNebula's documents that are no texts: numbers that an XPath computes, and the VMs on a host."""

from __future__ import annotations

import math
from typing import Any

from matchmaker.attributes.globs import Glob
from matchmaker.attributes.numbers import float32, int32
from matchmaker.attributes.values import SpecialValue, floats, integers, texts
from matchmaker.engine.clauses import HOLDS
from matchmaker.limits import tick


class ComputedNumber(SpecialValue):
    """The number that an XPath computes, such as `count(/HOST/VMS/ID)`.

    Parameters
    ----------
    value : float
        The double that libxml2 returned.
    """

    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"ComputedNumber({self.text})"

    @property
    def text(self) -> str:
        """What a string literal is compared with: six significant digits, as C++ prints a double.

        Upstream's libxml2 makes its NaN by dividing zero by zero, which on x86-64 has the sign bit set.
        """
        return "-nan" if math.isnan(self._value) else f"{self._value:g}"

    def compare(self, operator: str, literal: int | float | Glob) -> bool:
        """Tell whether it compares so with a literal."""
        if isinstance(literal, Glob):
            return literal.matches(self.text) == (operator != "!=")
        value = int32(self._value) if isinstance(literal, int) else self.number()
        return HOLDS[operator](value, literal)

    def number(self) -> float:
        """Return the number as a float32."""
        return float32(self._value)

    def double(self) -> float | None:
        """Return the number that the extended dialect reads."""
        return self._value if math.isfinite(self._value) else None

    def is_text(self, text: str) -> bool:
        """Tell whether its text is this one."""
        return self.text == text


class CurrentVMs(SpecialValue):
    """The pseudo attribute CURRENT_VMS of a host.

    Compared for (in)equality with an integer it is that integer when such a VM is there, else -1. `@>` does not know of it.
    A string literal sees one byte that no text holds. What upstream leaves undefined is false.

    Parameters
    ----------
    document : Document
        The host.
    """

    __slots__ = ("_document",)

    def __init__(self, document: Any) -> None:
        self._document = document

    def __repr__(self) -> str:
        return f"CurrentVMs({sorted(self._document.vms)})"

    @property
    def text(self) -> str:
        """The VMs, for people."""
        return ", ".join(map(str, sorted(self._document.vms)))

    def compare(self, operator: str, literal: int | float | Glob) -> bool:
        """Tell whether it compares so with a literal."""
        if operator == "@>":
            return self._ordinary(literal)
        if isinstance(literal, Glob):
            return literal.matches(_NO_CHARACTER) == (operator == "=")
        if isinstance(literal, float) or operator in "<>":
            return False
        return self._is_there(literal) == (operator == "=")

    def number(self) -> float:
        """Return what a rank reads: 0 when VM 0 is on the host, else -1."""
        return 0.0 if 0 in self._document.vms else -1.0

    def double(self) -> float | None:
        """Return None: the extended dialect only asks for VMs."""
        return None

    def compare_double(self, operator: str, literal: float) -> bool:
        """Tell whether such a VM is there, or for `!=` whether it is not; nothing else can be asked."""
        return operator in ("=", "!=") and self._is_there(literal) == (operator == "=")

    def _is_there(self, vm: float) -> bool:
        """Tell whether a VM is there; `= -1` is how upstream's answer for an absent VM shows, VM -1 itself does not."""
        return (vm in self._document.vms) != (vm == -1)

    def _ordinary(self, literal: int | float | Glob) -> bool:
        """Compare the attribute's own values, should a host have one of that name."""
        tick()
        name = "CURRENT_VMS"
        value = self._document.attributes[name]
        if isinstance(literal, Glob):
            return any(map(literal.matches, texts(value, name)))
        return literal in (integers if isinstance(literal, int) else floats)(value, name)


class _Byte(str):
    """A text of one character that stands in no pattern, for a byte that stands in no text.

    Globs compare the bytes of UTF-8, and 0xFF is none of them: `*`, `?` and negated sets match it, nothing else does.
    """

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the byte."""
        return b"\xff"


_NO_CHARACTER = _Byte("\0")
