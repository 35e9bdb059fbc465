"""The expressions in templates: which there are, what they are for, and where each of their characters stands."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker.errors import DocumentError
from matchmaker.opennebula.template_expressions import Owner, TemplateExpression, template_expressions
from matchmaker.opennebula.template_syntax import TemplateError, read_attributes, write_attributes
from matchmaker.source import Span

TEMPLATE = """\
# A comment with "quotes" and SCHED_RANK = no
NAME = web
sched_requirements = "HYPERVISOR = \\"kvm\\" &
  FREE_CPU > 50"   RANK=FREE_CPU
SCHED_RANK =
DISK = [ IMAGE = "x", SCHED_RANK = "not one" ]
NIC = [
  NETWORK_MODE = "auto", # SCHED_RANK = "no"
  SCHED_REQUIREMENTS = "é = 1",
  SCHED_RANK = -USED ]
SCHED_DS_REQUIREMENTS = "TM_MAD = ssh"
SCHED_DS_RANK = FREE_MB
"""


def written(text: str, expression: TemplateExpression, start: int, end: int) -> str:
    return text[slice(*expression.places.span(Span(start, end)))]


def test_what_a_template_holds() -> None:
    assert [(each.attribute, each.expression, each.kind, each.text) for each in template_expressions(TEMPLATE)] == [
        ("SCHED_REQUIREMENTS", "requirement", "host", 'HYPERVISOR = "kvm" &\n  FREE_CPU > 50'),
        ("RANK", "rank", "host", "FREE_CPU"),
        ("NIC/SCHED_REQUIREMENTS", "requirement", "network", "é = 1"),
        ("NIC/SCHED_RANK", "rank", "network", "-USED"),
        ("SCHED_DS_REQUIREMENTS", "requirement", "datastore", "TM_MAD = ssh"),
        ("SCHED_DS_RANK", "rank", "datastore", "FREE_MB"),
    ]


def test_places_in_the_syntax_of_templates() -> None:
    for text in (TEMPLATE, TEMPLATE.replace("\n", "\r\n")):
        first, *others = template_expressions(text)
        assert written(text, first, 0, 10) == "HYPERVISOR"
        assert written(text, first, 13, 18) == '\\"kvm\\"'
        start = first.text.index("FREE_CPU")
        assert written(text, first, start, start + 8) == "FREE_CPU"
        line_end = first.text.index("\n")
        assert written(text, first, line_end, line_end + 1) in ("\n", "\r\n")
        for each in others:
            assert written(text, each, 0, len(each.text)) == each.text
            assert each.owner is None


DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<VM_POOL>
  <VM><ID>7</ID><NAME>é€𝄞</NAME>
    <TEMPLATE><NIC><SCHED_RANK>- USED</SCHED_RANK></NIC><SCHED_RANK><A>vector</A></SCHED_RANK></TEMPLATE>
    <USER_TEMPLATE>
      <SCHED_REQUIREMENTS>A &gt; 5 &#38;&#x20;<![CDATA[B < 3 & C = "𝄞"]]><!-- no --> &amp; D = 1</SCHED_REQUIREMENTS>
      <RANK/>
    </USER_TEMPLATE>
  </VM>
  <VM><USER_TEMPLATE><SCHED_DS_RANK>FREE_MB</SCHED_DS_RANK></USER_TEMPLATE></VM>
</VM_POOL>
"""


def test_what_a_document_holds() -> None:
    found = template_expressions(DOCUMENT)
    assert [(each.attribute, each.kind, each.text, each.owner) for each in found] == [
        ("NIC/SCHED_RANK", "network", "- USED", Owner("VM", 7)),
        ("SCHED_REQUIREMENTS", "host", 'A > 5 & B < 3 & C = "𝄞" & D = 1', Owner("VM", 7)),
        ("RANK", "host", "", Owner("VM", 7)),
        ("SCHED_DS_RANK", "datastore", "FREE_MB", Owner("VM", None)),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_places_in_documents(line_end: str) -> None:
    text = DOCUMENT.replace(" &amp; D", "\n&amp; D").replace("\n", line_end)
    expression = template_expressions(text)[1]
    pieces = [written(text, expression, place, place + 1) for place in range(len(expression.text))]
    different = {
        place: piece for place, (piece, one) in enumerate(zip(pieces, expression.text, strict=True)) if piece != one
    }
    assert expression.text == 'A > 5 & B < 3 & C = "𝄞"\n& D = 1'
    expected = {2: "&gt;", 6: "&#38;", 7: "&#x20;", 23: line_end, 24: "&amp;"}
    assert different == {place: piece for place, piece in expected.items() if piece != "\n"}
    assert written(text, expression, 0, 7) == "A &gt; 5 &#38;"
    end = len(expression.text)
    assert text[expression.places.span(Span(end, end)).start :].startswith("</SCHED_REQUIREMENTS>")


@pytest.mark.parametrize("root", ["VM", "VMTEMPLATE", "TEMPLATE", "VMTEMPLATE_POOL"])
def test_other_documents(root: str) -> None:
    inner = "<NIC><SCHED_RANK>A</SCHED_RANK></NIC><sched_rank>B</sched_rank><OTHER><RANK>C</RANK></OTHER>"
    text = {
        "VM": f"<VM><ID>3</ID><USER_TEMPLATE>{inner}</USER_TEMPLATE></VM>",
        "VMTEMPLATE": f"<VMTEMPLATE><TEMPLATE>{inner}</TEMPLATE><ID>3</ID></VMTEMPLATE>",
        "TEMPLATE": f"<TEMPLATE>{inner}</TEMPLATE>",
        "VMTEMPLATE_POOL": f"<VMTEMPLATE_POOL><VMTEMPLATE><ID>3</ID><TEMPLATE>{inner}</TEMPLATE></VMTEMPLATE></VMTEMPLATE_POOL>",
    }[root]
    found = template_expressions(text)
    assert [(each.attribute, each.text) for each in found] == [("NIC/SCHED_RANK", "A"), ("SCHED_RANK", "B")]
    assert {each.owner and each.owner.id for each in found} == ({None} if root == "TEMPLATE" else {3})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<HOST_POOL/>", "`HOST_POOL` holds no templates"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><VM/>', "DOCTYPE"),
        ("<VM>" * 200, "more than 128 elements"),
        ("<VM>\ud800</VM>", "surrogate"),
    ],
)
def test_documents_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        template_expressions(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("<VM><ID>é</VM>", (1, 12)),
        ("<VM>\n<ID>&nothing;</ID></VM>", (2, 5)),
        ("<VM", (1, 1)),
        ("NAME = x\nNIC = [ A", (2, 10)),
    ],
)
def test_texts_that_cannot_be_read_are_told_with_their_place(text: str, position: tuple[int, int]) -> None:
    with pytest.raises(TemplateError) as caught:
        template_expressions(text)
    assert caught.value.position == position


VALUES = st.text(st.sampled_from('A "\\=&<>\né#[],x'), max_size=12)


@given(st.lists(st.tuples(st.sampled_from(["SCHED_RANK", "NAME", "SCHED_REQUIREMENTS"]), VALUES), max_size=4), VALUES)
@example([("SCHED_RANK", '"')], "A")
def test_a_template_holds_what_it_is_read_as(pairs: list[tuple[str, str]], new: str) -> None:
    try:
        text = write_attributes(tuple(pairs))
    except TemplateError:
        return
    wanted = [(name, value) for name, value in read_attributes(text) if name != "NAME" and value != ""]
    found = template_expressions(text)
    assert [(each.attribute, each.text) for each in found if each.text] == wanted
    for each in found:
        edit = each.places.change(each.text, new)
        if edit is not None and new:
            changed = text[: edit.span.start] + edit.text + text[edit.span.end :]
            try:
                again = template_expressions(changed)
            except TemplateError:
                continue
            assert (
                len(again) != len(found)
                or sum(one.text != other.text for one, other in zip(again, found, strict=True)) <= 1
            )
