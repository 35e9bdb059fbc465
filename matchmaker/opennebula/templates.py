"""Templates of VMs, from OpenNebula's syntax, from documents and from mappings, and the VM documents they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.attributes.values import texts
from matchmaker.diagnostics import shorten
from matchmaker.errors import DocumentError
from matchmaker.opennebula.parsing import Element, checked, lxml_etree, parse, text_of
from matchmaker.opennebula.template_syntax import Attributes, TemplateError, Vector, read_attributes, write_attributes

__all__ = ["Template", "TemplateError", "Vector", "read_template", "vm_document"]

_KNOWN = re.compile(
    "AUTOMATIC_(DS_|NIC_)?REQUIREMENTS|CLONING_TEMPLATE_ID|CONTEXT|CPU(_COST|_MODEL)?|DISK(_COST)?|EMULATOR|FEATURES|GRAPHICS"
    "|HYPERV_OPTIONS|INPUT|MEMORY(_COST|_ENCRYPTION|_MAX|_RESIZE_MODE|_SLOTS)?|NIC(_ALIAS|_DEFAULT)?|NUMA_NODE|OS|PCI|RAW"
    "|SECURITY_GROUP_RULE|SNAPSHOT|SPICE_OPTIONS|SUBMIT_ON_HOLD|TEMPLATE_ID|TM_MAD_SYSTEM|TOPOLOGY|TPM|VCPU(_MAX)?|VIDEO"
    "|VMGROUP|VMID|VROUTER_ID"
)
"""The attributes that OpenNebula keeps in a VM's TEMPLATE; all others go into its USER_TEMPLATE."""
_AUTOMATIC = ("AUTOMATIC_REQUIREMENTS", "AUTOMATIC_DS_REQUIREMENTS", "AUTOMATIC_NIC_REQUIREMENTS")


@dataclass(frozen=True, slots=True)
class Template:
    """The attributes of a template, in order.

    Parameters
    ----------
    attributes : tuple of (str, str or Vector)
        Each name, in capitals, with its value; one name may stand there several times.

    Examples
    --------
    >>> template = read_template('CPU = 2  DISK = [ IMAGE_ID = 7, TARGET = "vda" ]')
    >>> template.get("CPU"), template.vectors("DISK")[0]["TARGET"]
    ('2', 'vda')
    """

    attributes: Attributes = ()

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the first plain value of a name, the default when there is none."""
        return next((value for known, value in self.attributes if known == name and isinstance(value, str)), default)

    def vectors(self, name: str) -> tuple[Vector, ...]:
        """Return all vectors of a name, in order."""
        return tuple(value for known, value in self.attributes if known == name and isinstance(value, Vector))

    def vector(self, name: str) -> Vector | None:
        """Return the first vector of a name, None when there is none."""
        return next(iter(self.vectors(name)), None)

    def to_text(self) -> str:
        """Return the template in OpenNebula's syntax: `read_template` makes this template of it again.

        Raises
        ------
        TemplateError
            If a value cannot be written: for one, the syntax has no way to end a text with blanks in it by a backslash.
        """
        return write_attributes(self.attributes)

    def to_element(self, tag: str = "TEMPLATE") -> Element:
        """Return the template as an element of lxml.

        Raises
        ------
        TemplateError
            If a name or a text cannot stand in XML, as a name that begins with a digit and a control character cannot.
        """
        element = lxml_etree().Element(tag)
        for name, value in self.attributes:
            child = _added(element, name, value if isinstance(value, str) else None)
            for key, text in () if isinstance(value, str) else value.pairs:
                _added(child, key, text)
        return element

    @classmethod
    def of_element(cls, element: Element) -> Template:
        """Make a template of a TEMPLATE element, or of the one in a VM or VMTEMPLATE.

        An element with elements in it is a vector, of whose namesakes the last counts, as in OpenNebula's reading of XML.
        """
        if element.tag in ("VM", "VMTEMPLATE"):
            element = next(element.iterchildren("TEMPLATE"), ())
        return cls(tuple((child.tag.upper(), _value_of(child)) for child in _children(element)))

    @classmethod
    def of(cls, source: Template | str | bytes | Element | Mapping[str, Any]) -> Template:
        """Make a template of whatever stands for one.

        Parameters
        ----------
        source : Template, str, bytes, Element or mapping
            A text that begins with `<` is a TEMPLATE, VM or VMTEMPLATE document, any other is in OpenNebula's syntax. In a mapping,
            a mapping is a vector, a list holds several of a name, and the key TEMPLATE leads to all of it, as in JSON.

        Raises
        ------
        TemplateError, DocumentError
            If it cannot be read.
        """
        if isinstance(source, Template):
            return source
        if isinstance(source, bytes):
            if source.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
                return cls.of_element(parse(source))
            return read_template(source.decode("utf-8", "surrogateescape"))
        if isinstance(source, str):
            if source.lstrip("\ufeff \t\r\n").startswith("<"):
                return cls.of_element(parse(source))
            return read_template(source)
        if isinstance(source, Mapping):
            return _of_mapping(source)
        if isinstance(source, lxml_etree()._Element):
            return cls.of_element(checked(source))
        raise DocumentError(
            f"a template is a text, an element or a mapping, not a value of type `{type(source).__name__}`"
        )


def read_template(text: str) -> Template:
    """Read a template in OpenNebula's syntax.

    Parameters
    ----------
    text : str
        What stands in a VM template file.

    Raises
    ------
    TemplateError
        If it is no template; it says where, and what was expected.
    """
    if not isinstance(text, str):
        raise TemplateError(f"a template is a text, not a value of type `{type(text).__name__}`")
    return Template(read_attributes(text))


def vm_document(
    template: Template,
    *,
    id: int,  # noqa: A002 - what OpenNebula calls it
    automatic: Sequence[object] | None = None,
) -> Element:
    """Return the VM document that OpenNebula would make of a template, pending and not placed yet.

    Known attributes go into TEMPLATE, all others, such as those that begin with SCHED_, into USER_TEMPLATE. Disks and NICs
    are numbered in their order. Images and networks are not looked up.

    Parameters
    ----------
    template : Template
        What the VM is to be.
    id : int
        The VM's ID; its name is `one-<ID>` unless the template has a NAME.
    automatic : AutomaticRequirements or None
        The requirements of hosts, datastores and networks to add to it, in this order; their `str` counts.

    Raises
    ------
    TemplateError
        If a name or a text cannot stand in XML.
    """
    vm = lxml_etree().Element("VM")
    values = {
        "ID": str(id),
        "NAME": template.get("NAME") or f"one-{id}",
        "STATE": "1",
        "LCM_STATE": "0",
        "RESCHED": "0",
    }
    for name, text in values.items():
        _added(vm, name, text)
    known = Template(tuple(pair for pair in template.attributes if _KNOWN.fullmatch(pair[0]))).to_element()
    for name, requirement in zip(_AUTOMATIC, automatic or (), strict=False):
        for before in [*known.iterchildren(name)]:
            known.remove(before)
        if str(requirement):
            _added(known, name, str(requirement))
    for name, key in (("DISK", "DISK_ID"), ("NIC", "NIC_ID")):
        for number, element in enumerate(known.iterchildren(name)):
            if element.find(key) is None:
                _added(element, key, str(number))
    others = tuple(pair for pair in template.attributes if not _KNOWN.fullmatch(pair[0]) and pair[0] != "NAME")
    vm.extend([known, Template(others).to_element("USER_TEMPLATE")])
    _added(vm, "HISTORY_RECORDS", None)
    return vm


def _added(parent: Element, name: str, text: str | None) -> Element:
    try:
        element = lxml_etree().SubElement(parent, name)
        element.text = text
    except ValueError:
        raise TemplateError(f"`{shorten(name)}`: its name or its text cannot stand in XML") from None
    return element


def _children(element: Any) -> list[Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _value_of(element: Element) -> str | Vector:
    inner = _children(element)
    if not inner:
        return text_of(element)
    return Vector(tuple({child.tag.upper(): text_of(child) for child in inner}.items()))


def _of_mapping(source: Mapping[str, Any]) -> Template:
    for name in ("VM", "VMTEMPLATE", "TEMPLATE"):
        if isinstance(source.get(name), Mapping):
            source = source[name]
    attributes: list[tuple[str, str | Vector]] = []
    for name, value in _named(source):
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, Mapping):
                pairs = {key: text for key, inner in _named(each) for text in texts(inner, key)}
                attributes.append((name, Vector(tuple(pairs.items()))))
            else:
                attributes.extend((name, text) for text in texts(each, name))
    return Template(tuple(attributes))


def _named(source: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in source.items():
        if not isinstance(name, str):
            raise TemplateError(f"the names in a template are texts, not of type `{type(name).__name__}`")
        yield name.upper(), value
