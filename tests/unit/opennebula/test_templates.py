"""Templates: OpenNebula's syntax, its quoting, what is refused, and the VM documents that templates stand for."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from matchmaker import MatchmakerError
from matchmaker.opennebula.templates import Template, TemplateError, Vector, read_template, vm_document

EXAMPLE = r"""
# A virtual machine
name   = test-vm          # its name
MEMORY = 128
CPU    = 0.5
DISK = [ IMAGE  = "Arch Linux" ]
DISK = [ TYPE = swap,
         SIZE = 1024 ]    # volatile

SCHED_REQUIREMENTS = "HYPERVISOR = \"kvm\" &
  FREE_CPU > 50"
NIC = [
  NETWORK_MODE       = "auto",   # chosen by the scheduler
  SCHED_REQUIREMENTS = "TRAFFIC_TYPE = \"public\""
]
EMPTY =
"""


def value(text: str) -> object:
    """Return the only value in a text."""
    ((_, only),) = read_template(text).attributes
    return only


def xml(element: object) -> str:
    return etree.tostring(element, encoding="unicode")


def refused(text: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        read_template(text)
    return caught.value


def test_a_file_is_read_in_order() -> None:
    template = read_template(EXAMPLE)
    assert [name for name, _ in template.attributes] == [
        *("NAME", "MEMORY", "CPU", "DISK", "DISK", "SCHED_REQUIREMENTS", "NIC", "EMPTY")
    ]
    assert template.get("NAME") == "test-vm"
    assert template.get("SCHED_REQUIREMENTS") == 'HYPERVISOR = "kvm" &\n  FREE_CPU > 50'
    assert template.get("EMPTY") == ""
    assert template.vectors("DISK") == ({"IMAGE": "Arch Linux"}, {"TYPE": "swap", "SIZE": "1024"})
    nic = template.vector("NIC")
    assert nic is not None
    assert nic["SCHED_REQUIREMENTS"] == 'TRAFFIC_TYPE = "public"'


def test_a_plain_value_and_a_vector_are_not_taken_for_each_other() -> None:
    template = read_template("A = [ B = 1 ] A = 2 A = 3")
    assert template.get("A") == "2"
    assert template.vectors("A") == ({"B": "1"},)
    assert template.get("B") is None
    assert template.get("B", "0") == "0"
    assert template.vector("B") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A = x", "x"),
        ("A=x.y/z:1", "x.y/z:1"),
        ('A = ""', ""),
        ('A = "a # b, c = [d]"', "a # b, c = [d]"),
        ('A = "two\n\nlines"', "two\n\nlines"),
        (r'A = "say \"x\""', 'say "x"'),
        (r'A = "\\n \t"', r"\\n \t"),  # no other escapes
        (r'A = "a\\"b"', r"a\"b"),
        (r"A = a\"b", 'a"b'),
        ('A = "a"b', '"a"b'),  # the longer reading is bare
        ('A = "open', '"open'),
        (r'A = "C:\"', "C:\\"),  # the only quote there is closes
        ("A =\n", ""),
        ("A =", ""),
        ("A\n = 5", "5"),
        ("A = 5#remark", "5"),
        ("A = 5 # remark", "5"),
        ("\ufeff$A = 5", "5"),  # what begins nothing is skipped
        ("A = 5\r\n", "5"),
        ('A = "x\n]]>"', "x\n]]>"),
        ("A = [ B = 1, b = 2 ]", {"B": "1"}),  # the first of namesakes
        ('A\n=\t[\n\nB = "x"\n,\nC\n=y\n]\n', {"B": "x", "C": "y"}),
        ("A = [ # first\n B = 1, # second\n C = 2 # third\n]", {"B": "1", "C": "2"}),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["", "\n \t\n", "# nothing", "# nothing\n"])
def test_an_empty_template(text: str) -> None:
    assert read_template(text) == Template()


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("A", (1, 2), "expected `=`, not the end of the text"),
        ("A = foo bar", (1, 12), "expected `=`, not the end of the text"),
        ("A = 1\nB = - C", (2, 8), "expected `=`, not the end of the text"),
        ("A = b=c", (1, 6), "expected the name of an attribute, not `=`"),
        ("A = 1, B = 2", (1, 6), "expected the name of an attribute, not `,`"),
        ("A = # later", (1, 5), "expected a value, not `#`"),
        ("A = [ ]", (1, 7), "expected the name of an attribute, not `]`"),
        ("A = [ B = 1, ]", (1, 14), "expected the name of an attribute, not `]`"),
        ("A = [ B = 1 C = 2 ]", (1, 13), "expected `,` or `]`, not `C`"),
        ("A = [ B = 1", (1, 12), "expected `,` or `]`, not the end of the text"),
        ("A = [ B =\n 1 ]", (1, 10), "expected a value, not the end of the line"),
        ("A = [ B = [ C = 1 ] ]", (1, 11), "expected a value, not `[`"),
        ('A = "x]]>"', (1, 7), "expected a value without `]]>`"),
        ('A = "x" # ]]>', (1, 11), "expected a value without `]]>`"),
        ('A = "x\0"', (1, 7), "expected a text without NUL characters"),
    ],
)
def test_what_is_no_template_is_refused_where_it_goes_wrong(text: str, position: object, message: str) -> None:
    error = refused(text)
    assert (error.position, error.message) == (position, message)


def test_an_error_shows_the_line() -> None:
    assert str(refused("A = 1\nDISK = [ A = 1 B = 2 ]")) == (
        "error: expected `,` or `]`, not `B`\n --> template:2:16\n  |\n2 | DISK = [ A = 1 B = 2 ]\n  |                ^"
    )
    assert isinstance(refused("A"), MatchmakerError)
    assert isinstance(refused("A"), ValueError)
    assert str(pickle.loads(pickle.dumps(refused("A")))) == str(refused("A"))


def test_something_else_than_a_text_is_refused() -> None:
    with pytest.raises(TemplateError, match="not a value of type `int`"):
        read_template(5)  # type: ignore[arg-type]


def test_the_work_grows_with_the_text() -> None:
    """Long texts of every awkward kind are read, or refused, at once."""
    many = 100_000
    assert len(read_template("A = [" + ",".join(f"N{n} = {n}" for n in range(2_000)) + "]").attributes) == 1
    assert len(read_template('A = "x" ' * many).attributes) == many
    assert len(read_template("A = x # y\n" * many).attributes) == many
    for hostile in ('A = "' + '\\"' * many, "A = " + '"\\' * many, "A = [ " * many, "#" * many, "A=" * many):
        try:
            read_template(hostile)
        except TemplateError as error:
            assert len(str(error)) < 1_000


TEMPLATES = st.lists(
    st.tuples(
        st.from_regex(r"[A-Z0-9_]{1,8}", fullmatch=True),
        st.text() | st.dictionaries(st.from_regex(r"[A-Z_]{1,5}", fullmatch=True), st.text(), min_size=1, max_size=3),
    ),
    max_size=5,
)


@given(st.text() | st.text("AB01_=[],#\"\\ \n\t]>$'"))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        template = read_template(text)
    except TemplateError as error:
        assert str(error).startswith("error: expected ")
        return
    assert read_template(template.to_text()) == template if writable(template) else True


@given(TEMPLATES)
def test_what_is_written_reads_as_it_was(attributes: list[tuple[str, str | dict[str, str]]]) -> None:
    template = Template(
        tuple((name, held if isinstance(held, str) else Vector(tuple(held.items()))) for name, held in attributes)
    )
    if writable(template):
        assert read_template(template.to_text()) == template


def writable(template: Template) -> bool:
    try:
        template.to_text()
    except TemplateError:
        return False
    return True


@pytest.mark.parametrize("text", ["a b\\", "]]>", "a\r\nb", "\0"])
def test_what_the_syntax_cannot_hold_is_not_written(text: str) -> None:
    with pytest.raises(TemplateError, match="the value of `A` cannot be written"):
        Template((("A", text),)).to_text()


def test_a_name_or_a_vector_that_the_syntax_cannot_hold_is_not_written() -> None:
    for template in (Template((("a b", "x"),)), Template((("A", Vector()),))):
        with pytest.raises(TemplateError, match="written in a template"):
            template.to_text()


def test_an_element_makes_the_same_template() -> None:
    template = read_template(EXAMPLE)
    assert Template.of_element(template.to_element()) == template
    element = etree.fromstring(
        "<VM><ID>3</ID><TEMPLATE><CPU><![CDATA[1]]></CPU><!-- x --><disk><A>1</A><A>2</A><B/></disk></TEMPLATE></VM>"
    )
    assert Template.of_element(element).attributes == (("CPU", "1"), ("DISK", {"A": "2", "B": ""}))
    assert Template.of_element(etree.fromstring("<VM/>")) == Template()


def test_whatever_stands_for_a_template() -> None:
    expected = read_template("CPU = 1 NIC = [ ID = 0 ] NIC = [ ID = 1 ]")
    document = "<TEMPLATE><CPU>1</CPU><NIC><ID>0</ID></NIC><NIC><ID>1</ID></NIC></TEMPLATE>"
    mapping = {"CPU": 1, "NIC": [{"ID": 0}, {"id": "1"}], "NONE": None}
    for source in (expected, document, document.encode(), etree.fromstring(document), expected.to_text(), mapping):
        assert Template.of(source) == expected
    assert Template.of({"VMTEMPLATE": {"ID": 3, "TEMPLATE": mapping}}) == expected
    for wrong in ({10**5000: 1}, {"A": {5: 1}}, {"A": [[1, [2]]]}, {"A": object()}, b"A", "<A"):
        with pytest.raises(MatchmakerError):
            Template.of(wrong)  # type: ignore[arg-type]
    for wrong in (5, None):
        with pytest.raises(MatchmakerError, match="a template is"):
            Template.of(wrong)  # type: ignore[arg-type]


def test_templates_can_be_keys_and_sent() -> None:
    template = read_template(EXAMPLE)
    assert pickle.loads(pickle.dumps(template)) == template
    assert len({template, read_template(EXAMPLE)}) == 1
    with pytest.raises(AttributeError):
        template.attributes = ()  # type: ignore[misc]


def test_a_vm_document_has_what_opennebula_knows_in_its_template() -> None:
    vm = vm_document(read_template(EXAMPLE), id=7)
    assert xml(vm) == (
        "<VM><ID>7</ID><NAME>test-vm</NAME><STATE>1</STATE><LCM_STATE>0</LCM_STATE><RESCHED>0</RESCHED>"
        "<TEMPLATE><MEMORY>128</MEMORY><CPU>0.5</CPU><DISK><IMAGE>Arch Linux</IMAGE><DISK_ID>0</DISK_ID></DISK>"
        "<DISK><TYPE>swap</TYPE><SIZE>1024</SIZE><DISK_ID>1</DISK_ID></DISK><NIC><NETWORK_MODE>auto</NETWORK_MODE>"
        '<SCHED_REQUIREMENTS>TRAFFIC_TYPE = "public"</SCHED_REQUIREMENTS><NIC_ID>0</NIC_ID></NIC></TEMPLATE>'
        '<USER_TEMPLATE><SCHED_REQUIREMENTS>HYPERVISOR = "kvm" &amp;\n  FREE_CPU &gt; 50</SCHED_REQUIREMENTS>'
        "<EMPTY></EMPTY></USER_TEMPLATE><HISTORY_RECORDS/></VM>"
    )
    assert vm_document(Template(), id=3).findtext("NAME") == "one-3"


def test_a_vm_document_can_have_automatic_requirements() -> None:
    template = read_template("AUTOMATIC_REQUIREMENTS = old AUTOMATIC_NIC_REQUIREMENTS = old")
    vm = vm_document(template, id=1, automatic=("A = 1", "B = 2", ""))
    assert xml(vm.find("TEMPLATE")) == (
        "<TEMPLATE><AUTOMATIC_REQUIREMENTS>A = 1</AUTOMATIC_REQUIREMENTS>"
        "<AUTOMATIC_DS_REQUIREMENTS>B = 2</AUTOMATIC_DS_REQUIREMENTS></TEMPLATE>"
    )


@pytest.mark.parametrize("text", ["1A = 5", 'A = "\x01"', 'A = [ 1B = "x" ]', "A = \ud800"])
def test_what_xml_cannot_hold_makes_no_document(text: str) -> None:
    with pytest.raises(TemplateError, match="cannot stand in XML"):
        vm_document(read_template(text), id=0)
