"""Documents from strangers: whatever they hold, there is an answer or a `DocumentError`, soon."""

import codecs
import gc
import pickle
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from matchmaker import DocumentError, ExtraMissing, MatchmakerError, Rank, Requirement
from matchmaker.opennebula import candidate, parsing, read_pool
from matchmaker.opennebula.parsing import DEEPEST

LAUGHS = '<!DOCTYPE HOST [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
REQUIREMENT = Requirement('A = "x*" | B > 1 | "A/A" = 3 | "//A" = 7 | CURRENT_VMS = 7')

DOCTYPES = {
    "billion laughs in text": LAUGHS + "]><HOST><A>&i;</A></HOST>",
    "billion laughs in an attribute": LAUGHS + ']><HOST A="&i;"/>',
    "quadratic blowup": f'<!DOCTYPE HOST [<!ENTITY a "{"a" * 100_000}">]><HOST>{"&a;" * 10_000}</HOST>',
    "external entity": '<!DOCTYPE HOST [<!ENTITY a SYSTEM "file:///etc/hostname">]><HOST><A>&a;</A></HOST>',
    "parameter entity": '<!DOCTYPE HOST [<!ENTITY % a SYSTEM "http://localhost:9/"> %a;]><HOST/>',
    "external DTD": '<!DOCTYPE HOST SYSTEM "http://localhost:9/a.dtd"><HOST/>',
    "harmless": "<!DOCTYPE HOST><HOST/>",
    "behind a declaration": '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HOST><HOST/>',
    "behind comments": "<!-- <HOST/> --><!----><?pi <HOST/> ?>\r\n\t<!DOCTYPE HOST><HOST/>",
    "behind a mark": "\ufeff<!DOCTYPE HOST><HOST/>",
}

MALFORMED = {
    "empty": "",
    "blank": " \n",
    "text": "HOST",
    "truncated": "<HOST><ID>1</ID>",
    "truncated tag": "<HO",
    "truncated comment": "<!-- ",
    "truncated instruction": "<?pi ",
    "rest": "<HOST/>x",
    "two roots": "<HOST/><HOST/>",
    "crossed tags": "<HOST><A></HOST></A>",
    "unknown entity": "<HOST>&nbsp;</HOST>",
    "same attribute twice": '<HOST A="1" A="2"/>',
    "NUL": "<HOST><A>a\0b</A></HOST>",
    "NUL behind": "<HOST/>\0",
    "NUL reference": "<HOST>&#0;</HOST>",
    "control character": "<HOST>\x01</HOST>",
    "half a surrogate pair": "<HOST>\ud800</HOST>",
    "declaration": "<?xml foo?><HOST/>",
    "late declaration": ' <?xml version="1.0"?><HOST/>',
    "lower case doctype": "<!doctype HOST><HOST/>",
    "never closed": "<HOST>" + "<A>" * 100_000,
}

UNREADABLE = {
    "not UTF-8": b"<HOST>\xff</HOST>",
    "overlong": b"<HOST>\xc0\xbc</HOST>",
    "UTF-16 without a mark": "<HOST/>".encode("utf-16-le"),
    "UTF-16 cut off": codecs.BOM_UTF16_LE + b"<",
    "UTF-32": "<HOST/>".encode("utf-32"),
    "UTF-7": b'<?xml version="1.0" encoding="utf-7"?>+ADw-HOST/+AD4-',
    "EBCDIC": '<?xml version="1.0" encoding="cp037"?><HOST/>'.encode("cp037"),
    "unknown": b'<?xml version="1.0" encoding="martian"?><HOST/>',
    "compressed": b"\x1f\x8b\x08\x00",
}

STRANGE = {
    "wrong root": "<VM/>",
    "lower case": "<host/>",
    "name space": '<HOST xmlns="urn:x"/>',
    "prefix": '<h:HOST xmlns:h="urn:x"/>',
    "pool": "<HOST_POOL/>",
}


@pytest.mark.parametrize("document", DOCTYPES.values(), ids=DOCTYPES)
@pytest.mark.parametrize("encoding", [None, "utf-8", "utf-16"])
def test_doctype(document: str, encoding: str | None) -> None:
    source = document if encoding is None else document.encode(encoding)
    with pytest.raises(DocumentError, match="DOCTYPE"):
        candidate(source)


def test_doctype_in_an_ascii_compatible_encoding() -> None:
    with pytest.raises(DocumentError, match="DOCTYPE"):
        candidate(b'<?xml version="1.0" encoding="ISO-8859-1"?><!--\xe9--><!DOCTYPE HOST><HOST/>')


def test_doctype_of_a_foreign_element() -> None:
    with pytest.raises(DocumentError, match="DOCTYPE"):
        candidate(etree.fromstring(DOCTYPES["harmless"]))


@pytest.mark.parametrize("document", MALFORMED.values(), ids=MALFORMED)
def test_malformed(document: str) -> None:
    with pytest.raises(DocumentError):
        candidate(document)
    with pytest.raises(DocumentError):
        read_pool(document.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("document", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(document: bytes) -> None:
    with pytest.raises(DocumentError):
        candidate(document)


@pytest.mark.parametrize("document", STRANGE.values(), ids=STRANGE)
def test_strange(document: str) -> None:
    with pytest.raises(DocumentError, match="is no candidate"):
        candidate(document)


@pytest.mark.parametrize(
    "source", [None, 5, bytearray(b"<HOST/>"), {"ID": 1}, etree.ElementTree(etree.Element("HOST"))]
)
def test_no_document(source: object) -> None:
    with pytest.raises(DocumentError, match="not a value of type"):
        candidate(source)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [etree.Comment("HOST"), etree.ProcessingInstruction("HOST"), etree.Element("VM")])
def test_no_element_of_a_candidate(source: object) -> None:
    with pytest.raises(DocumentError, match="is no candidate"):
        candidate(source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source",
    [
        "<HOST><A>é</A></HOST>",
        "\ufeff<HOST><A>é</A></HOST>",
        '<?xml version="1.0" encoding="martian"?><HOST><A>é</A></HOST>',
        '<?xml version="1.0" encoding="UTF-16" standalone="yes" ?><HOST><A>é</A></HOST>',
        "<?xml version='1.1'?>\n<!-- a --><?b?><HOST><A>é</A></HOST><!-- c -->",
        "<HOST><A>é</A></HOST>".encode(),
        codecs.BOM_UTF8 + b'<?xml version="1.0" encoding="latin1"?><HOST><A>\xc3\xa9</A></HOST>',
        "<HOST><A>é</A></HOST>".encode("utf-16"),
        codecs.BOM_UTF16_BE + "<HOST><A>é</A></HOST>".encode("utf-16-be"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?><HOST><A>\xe9</A></HOST>',
        b"<HOST><A>&#233;</A></HOST>",
        etree.fromstring("<HOST><A>é</A></HOST>"),
        "<HOST><A><![CDATA[é]]></A><B><![CDATA[<!DOCTYPE HOST>]]></B></HOST>",
    ],
)
def test_readable(source: str | bytes) -> None:
    assert Requirement('A = "é"').matches(candidate(source))


def nested(depth: int) -> str:
    return "<HOST>" + "<A>" * depth + "</A>" * depth + "</HOST>"


def test_nesting() -> None:
    deepest = candidate(nested(DEEPEST - 1))
    assert not REQUIREMENT.matches(pickle.loads(pickle.dumps(deepest)))
    for depth in (DEEPEST, 300, 100_000, 1_000_000):
        with pytest.raises(DocumentError):
            candidate(nested(depth))
        gc.collect()


def test_nesting_of_a_foreign_element() -> None:
    element = top = etree.Element("HOST")
    for _ in range(DEEPEST):
        element = etree.SubElement(element, "A")
    with pytest.raises(DocumentError, match="nested"):
        candidate(top)


def test_huge_texts() -> None:
    host = candidate(f"<HOST><!--{'c' * 11_000_000}--><A>{'x' * 11_000_000}</A></HOST>")
    assert REQUIREMENT.matches(host)
    assert len(host.attributes["A"]) == 11_000_000


def test_many_elements() -> None:
    count = 50_000
    host = candidate(f"<HOST>{'<A>1</A>' * count}<TEMPLATE>{'<A>2</A>' * count}</TEMPLATE>{'<A>3</A>' * count}</HOST>")
    assert host.attributes["A"] == ["1"] * count + ["2"] * count + ["3"] * count
    assert Rank("A").score(host) == 1
    assert Requirement("A @> 3").matches(host)


def test_nothing_is_included() -> None:
    host = candidate(
        '<HOST xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/hostname"/></HOST>'
    )
    assert host.attributes["include"] is None


def test_without_lxml(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("lxml", "lxml.etree"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ExtraMissing) as caught:
        candidate("<HOST/>")
    assert caught.value.extra == "opennebula"
    assert isinstance(caught.value, MatchmakerError)


def test_lxml_is_not_imported_early() -> None:
    program = "import sys, matchmaker.opennebula; from matchmaker import policies; sys.exit('lxml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


PIECES = [
    *(
        "<HOST>",
        "</HOST>",
        "<HOST",
        "<ID>1</ID>",
        "<TEMPLATE>",
        "</TEMPLATE>",
        "<A>",
        "</A>",
        " ",
        "x",
        "7",
        ">",
        "<",
        "é",
    ),
    *("<![CDATA[", "]]>", "<!--", "-->", "<?pi", "?>", "<?xml version='1.0'?>", "<!DOCTYPE ", "&", "&amp;", "&#65;"),
    *("\0", "\ud800"),
]
XML = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(XML | st.text())
@example("<HOST><A>" + "</A></HOST>")
def test_any_text(text: str) -> None:
    read_or_refused(text)
    read_or_refused("<HOST>" + text + "</HOST>")


@given(st.binary() | XML.map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_any_bytes(source: bytes) -> None:
    read_or_refused(source)


def read_or_refused(source: str | bytes) -> None:
    try:
        host = candidate(source)
    except DocumentError as error:
        assert str(error)
        return
    answer = REQUIREMENT.matches(host)
    assert REQUIREMENT.matches(pickle.loads(pickle.dumps(host))) is answer


def test_declared_encodings_agree_on_ascii() -> None:
    ascii_bytes = bytes(range(128))
    assert {ascii_bytes.decode(name) for name in parsing._ENCODINGS} == {ascii_bytes.decode("ascii")}
