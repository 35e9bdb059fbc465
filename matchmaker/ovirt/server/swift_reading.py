"""Reads plain calls quickly: as the engine's client writes them, without anything that needs care.

An element of the careful reader costs a call in Python; here the standard library's parser makes the whole tree in C, in less than half of
the time. That parser would follow a document type definition, so that it sees no document that may have one.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, fromstring

from matchmaker.ovirt.server.messages import MethodCall, Value

_LARGEST = 256 * 1024  # bytes: a tree takes many times what was sent
_DEEPEST = 8
_DECLARATION = re.compile(rb"""<\?xml version=["']1\.0["']( encoding=["']([A-Za-z0-9-]{1,20})["'])? *\?>""")
_WHOLE = re.compile(r"-?[0-9]{1,9}")


class _Unusual(Exception):
    """The call is not of the plain form."""


def read_swiftly(body: bytes) -> MethodCall | None:
    """Return the call that a body holds, or None when somebody more careful has to look at it.

    Parameters
    ----------
    body : bytes
        What was sent.
    """
    # In UTF-8 a definition, an entity, a comment and a CDATA section all begin with these two bytes.
    if len(body) > _LARGEST or b"<!" in body or not _is_utf_8(body):
        return None
    try:
        return _call(fromstring(body))  # noqa: S314
    except (ParseError, _Unusual):
        return None


def _is_utf_8(body: bytes) -> bool:
    """Tell whether a body says that it is UTF-8, or says nothing and is not in an encoding that XML parsers guess."""
    declared = _DECLARATION.match(body)
    if declared is None:
        return body.startswith(b"<methodCall")
    return declared[2] is None or declared[2].upper() == b"UTF-8"


def _call(root: Element) -> MethodCall:
    if root.tag != "methodCall" or len(root) != 2:
        raise _Unusual
    name, parameters = root
    if name.tag != "methodName" or len(name) or parameters.tag != "params":
        raise _Unusual
    _blank(root, parameters)
    values = []
    for parameter in parameters:
        if parameter.tag != "param" or len(parameter) != 1:
            raise _Unusual
        _blank(parameter)
        values.append(_value(parameter[0], _DEEPEST))
    return MethodCall((name.text or "").strip(), tuple(values))


def _value(value: Element, depth: int) -> Value:
    if value.tag != "value" or depth == 0:
        raise _Unusual
    if not len(value):
        return value.text or ""
    if len(value) > 1:
        raise _Unusual
    typed = value[0]
    tag, text = typed.tag, typed.text
    for around in (value.text, typed.tail):
        if around and not around.isspace():
            raise _Unusual
    if tag == "string" and not len(typed):
        return text or ""
    if tag in ("i4", "int") and not len(typed) and _WHOLE.fullmatch(text or ""):
        return int(text or "")
    if tag == "array" and len(typed) == 1 and typed[0].tag == "data":
        _blank(typed, typed[0])
        # As the engine writes them, texts have no tag of their own.
        return [
            each.text or "" if not len(each) and each.tag == "value" else _value(each, depth - 1) for each in typed[0]
        ]
    if tag == "struct":
        _blank(typed)
        return _struct(typed, depth)
    raise _Unusual


def _struct(struct: Element, depth: int) -> dict[str, Value]:
    members: dict[str, Value] = {}
    for member in struct:
        if member.tag != "member" or len(member) != 2 or member[0].tag != "name" or len(member[0]):
            raise _Unusual
        _blank(member)
        name = member[0].text or ""
        if name in members:
            raise _Unusual
        members[name] = _value(member[1], depth - 1)
    return members


def _blank(*elements: Element) -> None:
    """Refuse a text where only elements belong: right inside of these elements, and behind what they have."""
    for element in elements:
        texts = [child.tail for child in element if child.tail]
        if element.text:
            texts.append(element.text)
        if texts and not "".join(texts).isspace():
            raise _Unusual
