from typing import Any

import pytest

from matchmaker.errors import DocumentError
from matchmaker.opennebula import candidate_lists
from matchmaker.opennebula.candidate_lists import cut, parsed
from matchmaker.opennebula.parsing import parse
from tests.conformance.test_opennebula_place import scenarios

ENTRY = "<VM><ID>7</ID><HOSTS><ID>3</ID><ID>1</ID></HOSTS><DATASTORES><ID>0</ID></DATASTORES></VM>"
OTHER = ENTRY.replace("<ID>3</ID>", "<ID>4</ID>")


def document(section: str, before: str = "", after: str = "") -> bytes:
    return f"<SCHEDULER_DRIVER_ACTION>{before}{section}{after}</SCHEDULER_DRIVER_ACTION>".encode()


def section(*entries: str) -> str:
    return f"<REQUIREMENTS>{''.join(entries)}</REQUIREMENTS>"


def whole(content: bytes) -> Any:
    return candidate_lists._parsed_whole(content)[1]


def test_recorded_documents_are_cut_and_say_the_same() -> None:
    seen = 0
    for scenario in scenarios():
        if scenario["exit"] == 0:
            content = scenario["xml"].encode()
            assert cut(content) is not None
            lists, expected = parsed(content)[1], whole(content)
            for number in range(180, 260):
                assert lists.of(number) == expected.of(number)
                seen += bool(expected.of(number).hosts)
    assert seen > 1_000


def test_equal_lists_are_read_once() -> None:
    found = cut(document(section(*(ENTRY.replace(">7<", f">{number}<") for number in range(50)))))
    assert found is not None
    assert len(found.entries) == 50
    assert len({id(entry) for entries in found.entries.values() for entry in entries}) == 1


def test_entries_of_one_virtual_machine_are_joined() -> None:
    lists = parsed(document(section(ENTRY, OTHER)))[1]
    assert lists.of(7).hosts == (3, 1, 4, 1)
    assert lists.of(8).hosts == ()


FAKE = section(OTHER)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"<![CDATA[{FAKE}]]>", ""),
        ("", f"<![CDATA[{FAKE}]]>"),
        ("", f"<!-- {FAKE} -->"),
        ("", f"<A>{FAKE}</A>"),
        ("", FAKE),
        ("", "<A><![CDATA[<REQUIREMENTS>]]></A>"),
        ("", "<![CDATA[<REQUIREMENTS><VM><ID>7</ID></VM>]]><B/><![CDATA[</REQUIREMENTS>]]>"),
        ("<A><REQUIREMENTS>x &amp; y</REQUIREMENTS></A>", ""),
    ],
)
def test_only_the_section_itself_counts(before: str, after: str) -> None:
    content = document(section(ENTRY), before, after)
    root, lists = parsed(content)
    assert lists.of(7).hosts == whole(content).of(7).hosts == (3, 1)
    assert [child.tag for child in root if child.tag == "REQUIREMENTS"]


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY.replace("<HOSTS>", "<HOSTS> "),
        ENTRY.replace("<ID>3</ID>", "<ID>&#51;</ID>"),
        ENTRY.replace("<ID>3</ID>", "<ID><![CDATA[3]]></ID>"),
        ENTRY.replace("<ID>7</ID>", "<ID> 7</ID><ID>7</ID>"),
        ENTRY.replace("</DATASTORES>", "</DATASTORES><ID>9</ID>"),
        f" {ENTRY}",
    ],
)
def test_what_is_written_otherwise_is_parsed_whole(entry: str) -> None:
    content = document(section(entry))
    assert cut(content) is None
    assert parsed(content)[1].of(7).hosts == (3, 1)


@pytest.mark.parametrize(
    "content",
    [
        document(section(ENTRY))[:-5],
        document(section(ENTRY.replace("</HOSTS>", ""))),
        document(section(ENTRY), "<A>"),
        document(f"<REQUIREMENTS>{'<VM>' * 1_000}</REQUIREMENTS>"),
    ],
)
def test_what_is_wrong_is_said_of_the_whole_document(content: bytes) -> None:
    with pytest.raises(DocumentError) as expected:
        parse(content)
    with pytest.raises(DocumentError) as raised:
        parsed(content)
    assert str(raised.value) == str(expected.value)


def test_no_section_at_all() -> None:
    assert parsed(document(""))[1].of(7).hosts == ()
