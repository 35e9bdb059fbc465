"""Numbers that XPath computes, and CURRENT_VMS."""

import math
import pickle

import pytest

from matchmaker import Rank, Requirement
from matchmaker.attributes.globs import Glob
from matchmaker.opennebula import Document, candidate
from matchmaker.opennebula.special_values import ComputedNumber


@pytest.mark.parametrize(
    ("value", "integer"),
    [
        (5.9, 5),
        (-5.9, -5),
        (2147483647.9, 2147483647),
        (2147483648.0, -2147483648),
        (-2147483648.9, -2147483648),
        (1e300, -2147483648),
        (math.inf, -2147483648),
        (-math.inf, -2147483648),
        (math.nan, -2147483648),
    ],
)
def test_integers(value: float, integer: int) -> None:
    number = ComputedNumber(value)
    assert number.compare("=", integer)
    assert number.compare("@>", integer)
    assert not number.compare("!=", integer)
    assert number.compare("<", integer + 1)
    assert number.compare(">", integer - 1)


def test_floats() -> None:
    assert ComputedNumber(0.1).compare("=", 0.10000000149011612)
    assert ComputedNumber(1e300).compare(">", 3.4028234663852886e38)
    assert ComputedNumber(1e300).number() == math.inf
    for operator, answer in (("=", False), ("@>", False), ("!=", True), ("<", False), (">", False)):
        assert ComputedNumber(math.nan).compare(operator, 1.5) is answer
    assert math.isnan(ComputedNumber(math.nan).number())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (1234567.0, "1.23457e+06"),
        (123456.0, "123456"),
        (0.00001234, "1.234e-05"),
        (2147483648.0, "2.14748e+09"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "-nan"),
    ],
)
def test_texts(value: float, text: str) -> None:
    number = ComputedNumber(value)
    assert number.compare("=", Glob(text))
    assert not number.compare("!=", Glob(text))
    assert number.compare("@>", Glob("*"))
    assert number.compare("!=", Glob("a"))


def host(*ids: object, inside: str = "") -> Document:
    return candidate(f"<HOST><VMS>{''.join(f'<ID>{each}</ID>' for each in ids)}</VMS>{inside}</HOST>")


@pytest.mark.parametrize(
    ("requirement", "answer"),
    [
        ("CURRENT_VMS = 3", True),
        ("CURRENT_VMS = 4", False),
        ("CURRENT_VMS != 3", False),
        ("CURRENT_VMS != 4", True),
        ("CURRENT_VMS = -1", True),
        ("CURRENT_VMS != -1", False),
        ("CURRENT_VMS = 12", True),
        ("CURRENT_VMS = 7", True),
        ('"CURRENT_VMS" = 3', True),
        ("CURRENT_VMS > 0", False),
        ("CURRENT_VMS < 9", False),
        ("CURRENT_VMS = 3.0", False),
        ("CURRENT_VMS != 3.0", False),
        ("CURRENT_VMS < 3.5", False),
        ("CURRENT_VMS > -3.5", False),
        ("CURRENT_VMS @> 3", False),
        ("CURRENT_VMS @> 3.0", False),
        ('CURRENT_VMS @> "*"', False),
        ('CURRENT_VMS = "3"', False),
        ('CURRENT_VMS != "3"', True),
        ('CURRENT_VMS = "-1"', False),
        ('CURRENT_VMS = "*"', True),
        ('CURRENT_VMS = "**"', True),
        ('CURRENT_VMS != "*"', False),
        ('CURRENT_VMS = "?"', True),
        ('CURRENT_VMS = "??"', False),
        ('CURRENT_VMS = "*?*"', True),
        ('CURRENT_VMS = "[!x]"', True),
        ('CURRENT_VMS = "[!é]"', True),
        ('CURRENT_VMS = "[^[:cntrl:][:print:]]"', True),
        ('CURRENT_VMS = "[[:cntrl:]]"', False),
        ('CURRENT_VMS = "[!\x01-é]*"', True),
        ('CURRENT_VMS = "[\x01-é]"', False),
        ('CURRENT_VMS = "é"', False),
        ('CURRENT_VMS = ""', False),
        ('CURRENT_VMS != ""', False),
    ],
)
def test_current_vms(requirement: str, answer: bool) -> None:
    assert Requirement(requirement).matches(host(3, " 12 ", "07", "x", "", 3000000000)) is answer


def test_vm_minus_one() -> None:
    assert not Requirement("CURRENT_VMS = -1").matches(host(-1))
    assert Requirement("CURRENT_VMS != -1").matches(host(-1))


def test_current_vms_as_a_rank() -> None:
    assert [Rank("CURRENT_VMS").score(each) for each in (host(), host(3), host(3, 0))] == [-1, -1, 0]
    assert Rank("CURRENT_VMS * 2 + 1").score(host()) == -1


def test_the_ordinary_attribute_of_that_name() -> None:
    named = host(3, inside="<TEMPLATE><CURRENT_VMS>a</CURRENT_VMS><CURRENT_VMS>5</CURRENT_VMS></TEMPLATE>")
    assert Requirement('CURRENT_VMS @> 5 & CURRENT_VMS @> 5.0 & CURRENT_VMS @> "a" & CURRENT_VMS = 3').matches(named)
    assert not Requirement('CURRENT_VMS @> 3 | CURRENT_VMS @> "b" | CURRENT_VMS = 5').matches(named)
    assert Requirement('"./CURRENT_VMS" = 5').matches(named)


@pytest.mark.parametrize("root", ["DATASTORE", "VNET"])
def test_on_other_documents_it_is_an_ordinary_attribute(root: str) -> None:
    document = candidate(f"<{root}><VMS><ID>3</ID></VMS><CURRENT_VMS>4</CURRENT_VMS></{root}>")
    assert Requirement("CURRENT_VMS = 4 & CURRENT_VMS > 3 & CURRENT_VMS != 3").matches(document)
    assert Requirement("CURRENT_VMS = 4").matches({"CURRENT_VMS": 4})


def test_more_vms() -> None:
    before = host(3, inside="<A>1</A>")
    after = before.with_vms([4]).with_vms(iter([0, 5]))
    assert (before.vms, after.vms) == ({3}, {0, 3, 4, 5})
    assert after.attributes is before.attributes
    for document in (after, pickle.loads(pickle.dumps(after))):
        assert Requirement("CURRENT_VMS = 3 & CURRENT_VMS = 4 & CURRENT_VMS = 5 & CURRENT_VMS != 6 & A = 1").matches(
            document
        )
        assert Rank("CURRENT_VMS").score(document) == 0
    assert not Requirement("CURRENT_VMS = 4").matches(before)
