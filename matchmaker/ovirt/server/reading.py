"""Reads calls in XML-RPC, as oVirt's engine sends them: its client is that of Apache XML-RPC 3, in Java.

That client writes texts as `<value>text</value>`, whole numbers as `<i4>`, and declares a namespace for types of its own. The
format is that of http://xmlrpc.com/spec.md; of its types, dates, floats and base64 have no place in the engine's calls.
"""

from __future__ import annotations

import re
from contextlib import suppress
from xml.parsers.expat import ErrorString, ExpatError

from matchmaker.diagnostics import shorten
from matchmaker.errors import ExtraMissing
from matchmaker.ovirt.server.messages import Fault, FaultCode, MethodCall, Value
from matchmaker.ovirt.server.swift_reading import read_swiftly

try:
    from defusedxml.common import DefusedXmlException
    from defusedxml.xmlrpc import DefusedExpatParser
except ImportError:
    raise ExtraMissing("ovirt", "reading XML-RPC") from None

_DEEPEST = 16  # arrays and structs inside of each other
_PIECE = 64 * 1024
"""How many bytes are parsed at once: expat does not stop in the middle of a piece when one of its handlers raises."""

_SEQUENCES = {
    "": ("methodCall",),
    "methodCall": ("methodName", "params"),
    "param": ("value",),
    "array": ("data",),
    "member": ("name", "value"),
}
"""The elements that have certain elements in them, in this order."""
_NEEDED = {"methodCall": 1, "param": 1, "array": 1, "member": 2}
"""How many of them have to be there."""
_REPEATED = {"params": "param", "data": "value", "struct": "member"}
"""The elements that have any number of one other element in them."""
_WHOLE = {"i4": 32, "int": 32, "i8": 64, "ex:i8": 64}
"""The types of whole numbers, and their bits."""
_TYPES = frozenset({"string", "boolean", "array", "struct", *_WHOLE})
_DIGITS = re.compile(r"[+-]?[0-9]{1,20}")


def read_call(body: bytes) -> MethodCall:
    """Return the call that a request's body holds.

    Parameters
    ----------
    body : bytes
        An XML document, in UTF-8 unless it says otherwise.

    Raises
    ------
    Fault
        If it is no XML, no call, or has a DTD, an entity, or a value of a type that is not read.
    """
    return read_swiftly(body) or read_carefully(body)


def read_carefully(body: bytes) -> MethodCall:
    """Return the call that a request's body holds, whatever its form; see `read_call`."""
    reading = _Reading()
    parser = DefusedExpatParser(reading, forbid_dtd=True)  # type: ignore[arg-type] # it needs no more than `_Reading` has
    try:
        for start in range(0, len(body), _PIECE):
            parser.feed(body[start : start + _PIECE])
        parser.close()
    except ExpatError as error:
        what = f"{ErrorString(error.code)}, line {error.lineno}, column {error.offset + 1}"
        raise Fault(FaultCode.PARSE_ERROR, f"the body is no XML: {what}") from None
    except DefusedXmlException:
        message = "the body has a document type definition or an entity; these are refused"
        raise Fault(FaultCode.INVALID_REQUEST, message) from None
    except (ValueError, LookupError):
        message = "the body is in an encoding that is not read here; send it in UTF-8"
        raise Fault(FaultCode.PARSE_ERROR, message) from None
    finally:
        # The parser refers to itself: without closing it, what was read would stay until the garbage is collected.
        with suppress(ExpatError):
            parser.close()
    return MethodCall(reading.method, tuple(reading.parameters))


class _Reading:
    """Makes values of what the parser finds, and refuses what has no place there as soon as it comes.

    Nothing recurses, and what is kept is in proportion to what was sent: there is no tree of elements.
    """

    def __init__(self) -> None:
        self.method = ""
        self.parameters: list[Value] = []
        self._open = [""]  # the elements around the place that is read
        self._counts = [0]  # how many elements each of these has had so far
        self._texts: list[str] = []  # the text since the last tag
        self._containers: list[list[Value] | dict[str, Value]] = [self.parameters]
        self._names: list[str] = []  # of members whose values are not complete
        self._value: Value = ""  # of the last element that says its type
        self.data = self._texts.append

    def xml(self, encoding: str | None, standalone: str | None) -> None:
        """Pass over the document's declaration."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an element's beginning."""
        if self._texts:
            self._take_blanks()
        parent = self._open[-1]
        if tag != _REPEATED.get(parent):
            self._check_place(tag, parent)
        self._counts[-1] += 1
        self._open.append(tag)
        self._counts.append(0)
        if tag == "array":
            self._enter([])
        elif tag == "struct":
            self._enter({})

    def end(self, tag: str) -> None:
        """Take an element's end."""
        if tag != "value":
            self._end(tag)
        elif self._counts[-1]:
            self._take_blanks()
            self._add(self._value)
        else:
            self._add("".join(self._texts))
            self._texts.clear()
        self._open.pop()
        self._counts.pop()

    def _end(self, tag: str) -> None:
        if tag in ("string", "name", "methodName", "boolean") or tag in _WHOLE:
            text = "".join(self._texts)
            self._texts.clear()
            if tag == "name":
                self._name(text)
            elif tag == "methodName":
                self.method = text.strip()
            else:
                self._value = text if tag == "string" else self._parsed(tag, text.strip())
            return
        self._take_blanks()
        if self._counts[-1] < _NEEDED.get(tag, 0):
            raise self._malformed(f"`<{tag}>` has no `<{_SEQUENCES[tag][self._counts[-1]]}>`")
        if tag in ("array", "struct"):
            self._value = self._containers.pop()

    def _enter(self, container: list[Value] | dict[str, Value]) -> None:
        if len(self._containers) > _DEEPEST:
            raise self._malformed(f"arrays and structs are nested more than {_DEEPEST} deep")
        self._containers.append(container)

    def _add(self, value: Value) -> None:
        container = self._containers[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            container[self._names.pop()] = value

    def _name(self, name: str) -> None:
        if name in self._containers[-1]:
            raise self._malformed(f"the member `{shorten(name)}` is there twice")
        self._names.append(name)

    def _parsed(self, tag: str, text: str) -> int | bool:
        """Return the number or the truth value that a text stands for."""
        if tag == "boolean":
            if text not in ("0", "1"):
                raise self._unread(f"`<boolean>` holds `{shorten(text)}`, neither 0 nor 1")
            return text == "1"
        number = int(text) if _DIGITS.fullmatch(text) else None
        if number is None:
            raise self._unread(f"`<{tag}>` holds `{shorten(text)}`, which is no whole number")
        most = 1 << (_WHOLE[tag] - 1)
        if not -most <= number < most:
            raise self._unread(f"`<{tag}>` holds {number}, which does not fit in {_WHOLE[tag]} bits")
        return number

    def _check_place(self, tag: str, parent: str) -> None:
        """Refuse an element that does not belong here."""
        count = self._counts[-1]
        if parent == "value" and count == 0:
            if tag not in _TYPES:
                raise self._unread(
                    f"the type `<{shorten(tag)}>` is not read here; texts are, and `i4`, `i8`, `boolean`, `array`, `struct`"
                )
            return
        sequence = _SEQUENCES.get(parent, ())
        expected = sequence[count] if count < len(sequence) else _REPEATED.get(parent)
        if tag != expected:
            place = f"in `<{parent}>`" if parent else "at the top"
            instead = f"where `<{expected}>` belongs" if expected else "where no element belongs"
            raise self._malformed(f"`<{shorten(tag)}>` stands {place}, {instead}")

    def _take_blanks(self) -> None:
        """Refuse a text where there is to be none."""
        text = "".join(self._texts)
        self._texts.clear()
        if text and not text.isspace():
            raise self._malformed(f"the text `{shorten(text.strip())}` stands where only elements belong")

    def _malformed(self, message: str) -> Fault:
        return Fault(FaultCode.INVALID_REQUEST, self._where() + message)

    def _unread(self, message: str) -> Fault:
        return Fault(FaultCode.INVALID_PARAMETERS, self._where() + message)

    def _where(self) -> str:
        """Return the place that is read as the start of a message, such as `parameter 2, item 3: `."""
        names = iter(self._names)
        steps = []
        for tag, count in zip(self._open, self._counts, strict=True):
            if tag == "params" and count:
                steps.append(f"parameter {count}")
            elif tag == "data" and count:
                steps.append(f"item {count}")
            elif tag == "member":
                name = next(names, None)
                steps.append("a member" if name is None else f"member `{shorten(name)}`")
        return ", ".join(steps) + ": " if steps else ""
