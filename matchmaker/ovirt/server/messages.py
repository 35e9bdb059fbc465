"""What XML-RPC calls are made of, and the faults that answer those that cannot be met."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, TypeAlias

from matchmaker.errors import MatchmakerError

Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value]"
"""What is read from a call."""


class MethodCall(NamedTuple):
    """A call that was read.

    Attributes
    ----------
    name : str
        The method's name.
    parameters : tuple
        Its parameters.
    """

    name: str
    parameters: tuple[Value, ...]


class FaultCode(IntEnum):
    """The codes of faults, as the list "Specification for Fault Code Interoperability" of the year 2001 has them."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    UNKNOWN_METHOD = -32601
    INVALID_PARAMETERS = -32602
    INTERNAL_ERROR = -32603


class Fault(MatchmakerError):
    """A call that cannot be met.

    Parameters
    ----------
    code : FaultCode
        What kind of fault it is.
    message : str
        What is wrong, where, and what to do; the client gets to see it.
    """

    def __init__(self, code: FaultCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"fault {self.code:d}: {self.message}"
