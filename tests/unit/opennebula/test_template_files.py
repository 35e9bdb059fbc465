"""Template files change where they are to be changed, and nowhere else, byte for byte."""

from __future__ import annotations

import codecs
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.errors import DocumentError, MatchmakerError
from matchmaker.opennebula.template_expressions import template_expressions
from matchmaker.opennebula.template_files import TemplateFile


def changed(content: bytes, *texts: str) -> bytes:
    file = TemplateFile(content)
    text, left = file.changed(dict(enumerate(texts)))
    assert left == frozenset()
    assert [each.text for each in TemplateFile(file.encoded(text)).expressions] == list(texts)
    return file.encoded(text)


@pytest.mark.parametrize(
    ("content", "new", "expected"),
    [
        (b'SCHED_RANK = "A -1" # kept\r\nX=1', "A - 1", b'SCHED_RANK = "A - 1" # kept\r\nX=1'),
        (b"SCHED_RANK = A-1\n", "A - 1", b'SCHED_RANK = "A - 1"\n'),
        (b"SCHED_RANK = A-1\n", "A--1", b"SCHED_RANK = A--1\n"),
        (b"SCHED_REQUIREMENTS = \"K = 'x'\"", 'K = "x"', b'SCHED_REQUIREMENTS = "K = \\"x\\""'),
        (b'SCHED_REQUIREMENTS = "A = 1\r\n& B = 2"', "A = 1 & B = 2", b'SCHED_REQUIREMENTS = "A = 1 & B = 2"'),
        (
            b"<VM><USER_TEMPLATE><SCHED_REQUIREMENTS>A &#62;= 5 &amp; B = &quot;x&quot;</SCHED_REQUIREMENTS></USER_TEMPLATE></VM>",
            'A > 4 & B = "x"',
            b"<VM><USER_TEMPLATE><SCHED_REQUIREMENTS>A &#62; 4 &amp; B = &quot;x&quot;</SCHED_REQUIREMENTS></USER_TEMPLATE></VM>",
        ),
        (
            b"<VM><USER_TEMPLATE><RANK>A</RANK></USER_TEMPLATE></VM>",
            "A < & >",
            b"<VM><USER_TEMPLATE><RANK>A &lt; &amp; &gt;</RANK></USER_TEMPLATE></VM>",
        ),
        (
            b"<TEMPLATE><RANK><![CDATA[A >= 1 && B]]></RANK></TEMPLATE>",
            "A > 0 & B",
            b"<TEMPLATE><RANK><![CDATA[A > 0 & B]]></RANK></TEMPLATE>",
        ),
    ],
)
def test_changes(content: bytes, new: str, expected: bytes) -> None:
    assert changed(content, new) == expected


@pytest.mark.parametrize(
    "content",
    [
        "RANK = A # é".encode(),
        codecs.BOM_UTF8 + "RANK = A # é".encode(),
        codecs.BOM_UTF16_LE + "RANK = A # é".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "<TEMPLATE>é<RANK>A</RANK></TEMPLATE>".encode("utf-16-be"),
        "<?xml version='1.0' encoding='ISO-8859-1'?><TEMPLATE>é<RANK>A</RANK></TEMPLATE>".encode("latin-1"),
        b"RANK = A # \xff no UTF-8",
    ],
)
def test_encodings(content: bytes) -> None:
    file = TemplateFile(content)
    assert file.encoded(file.text) == content
    text, left = file.changed({0: "B"})
    assert left == frozenset()
    after = file.encoded(text)
    assert after != content
    assert file.encoded(text.replace("RANK = B", "RANK = A").replace("<RANK>B", "<RANK>A")) == content


def test_what_cannot_be_changed_is_told() -> None:
    content = b"<TEMPLATE><RANK>A <!-- c -->-1</RANK><SCHED_RANK>B -1</SCHED_RANK></TEMPLATE>"
    file = TemplateFile(content)
    text, left = file.changed({0: "- 1", 1: "B - 1"})
    assert left == {0}
    assert text == content.decode().replace("B -1", "B - 1")
    text, left = TemplateFile(b'SCHED_RANK = "A"\n').changed({0: "A ]]>"})
    assert left == {0}
    assert text == 'SCHED_RANK = "A"\n'


def test_many_changes_of_which_one_is_impossible() -> None:
    file = TemplateFile(b'SCHED_RANK = "A"\nSCHED_DS_RANK = "B"\nRANK = C')
    text, left = file.changed({0: "A - 1", 1: "B ]]>", 2: "C - 1"})
    assert left == {1}
    assert text == 'SCHED_RANK = "A - 1"\nSCHED_DS_RANK = "B"\nRANK = "C - 1"'


@given(
    st.text(st.sampled_from('AB "\\=&<>\n]#[,é'), max_size=15),
    st.text(st.sampled_from('AB "\\=&<>\n]#[,é'), max_size=15),
)
def test_a_changed_file_holds_the_new_text_or_is_as_it_was(old: str, new: str) -> None:
    for content in (
        f"<TEMPLATE><RANK>{escape(old)}</RANK><X>é</X></TEMPLATE>",
        f'X = y\nRANK = "{old}"\nSCHED_RANK = B',
    ):
        try:
            file = TemplateFile(content.encode())
        except MatchmakerError:
            continue
        if not file.expressions:
            continue
        text, left = file.changed({0: new})
        if left:
            assert text == file.text
        else:
            again = template_expressions(text)
            assert [each.text for each in again] == [new, *(each.text for each in file.expressions[1:])]


@pytest.mark.parametrize("content", [b"<TEMPLATE>\xff</TEMPLATE>", b"<?xml version='1.0' encoding='KOI8-R'?><VM/>"])
def test_encodings_that_are_refused(content: bytes) -> None:
    with pytest.raises(DocumentError):
        TemplateFile(content)
