"""Parameters of units, and how their values are read."""

import math
from types import MappingProxyType

import pytest

from matchmaker.ovirt import Parameter
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.parameters import read_arguments, validation

COUNT = Parameter("count", "[0-9]*", 100)
SAFE = Parameter("safe", "True|False", True)
RATIO = Parameter("ratio", r"[0-9]+(\.[0-9]+)?", 1.5)
WHERE = Parameter("where", "[a-z ]*", "here")


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (COUNT, "", 100),
        (COUNT, "0", 0),
        (COUNT, "007", 7),
        (COUNT, "9" * 1000, int("9" * 1000)),
        (SAFE, "", True),
        (SAFE, "True", True),
        (SAFE, "False", False),
        (SAFE, "false", False),
        (SAFE, "FALSE", False),
        (RATIO, "2", 2.0),
        (RATIO, "0.5", 0.5),
        (WHERE, "", "here"),
        (WHERE, " there ", " there "),
    ],
)
def test_values(parameter: Parameter, text: str, value: object) -> None:
    read = parameter.read(text)
    assert read == value
    assert type(read) is type(parameter.default)


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (COUNT, "-1"),
        (COUNT, "5 "),
        (COUNT, "5\n"),
        (COUNT, "9" * 1001),
        (SAFE, "yes"),
        (SAFE, "TrueFalse"),
        (RATIO, "1e5"),
        (WHERE, "HERE"),
    ],
)
def test_what_does_not_match(parameter: Parameter, text: str) -> None:
    with pytest.raises(ValueError, match=f"`{parameter.name}` is `.*`, which is not of the form `"):
        parameter.read(text)


def test_what_matches_and_is_no_value() -> None:
    with pytest.raises(ValueError, match="`n` is `x`, which is no number"):
        Parameter("n", ".*", 5).read("x")
    with pytest.raises(ValueError, match=r"`n` is `1.5`, which is no number"):
        Parameter("n", ".*", 5).read("1.5")
    with pytest.raises(ValueError, match="`t` is `maybe`, which is neither true nor false"):
        Parameter("t", ".*", False).read("maybe")


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(ValueError, match="count") as caught:
        COUNT.read("x" * 10_000 + "\x1b[31m")
    assert len(str(caught.value)) < 200
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "1a", "a b", "a=b", "ä", "a;b", "a\n"])
def test_names(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a parameter"):
        Parameter(name, "[0-9]*", 1)


def test_patterns() -> None:
    with pytest.raises(ValueError, match="has a `;`"):
        Parameter("a", "[;]", 1)
    with pytest.raises(ValueError, match="is no regular expression"):
        Parameter("a", "[0-9", 1)


def test_an_anchored_pattern() -> None:
    assert Parameter("high", "^([5-9][0-9])$", math.inf).read("80") == 80.0


def test_validation() -> None:
    assert validation([COUNT, SAFE]) == "count=[0-9]*;safe=True|False"
    assert validation([]) == ""


def test_arguments() -> None:
    given = MappingProxyType({"count": "5", "safe": "", "somebody": "else's"})
    assert read_arguments("unit", [COUNT, SAFE, WHERE], given) == {"count": 5, "safe": True, "where": "here"}


def test_a_bad_argument_names_the_unit() -> None:
    with pytest.raises(UnitError, match=r"^unit 'mine': `count` is `x`, which is not of the form") as caught:
        read_arguments("mine", [COUNT], {"count": "x"})
    assert caught.value.unit == "mine"


def test_arguments_are_texts() -> None:
    with pytest.raises(UnitError) as caught:
        read_arguments("mine", [COUNT], {"count": 5})  # type: ignore[dict-item]
    assert caught.value.message == "`count` is of type `int`, and arguments are texts, as oVirt's engine sends them"


def test_it_does_not_change() -> None:
    with pytest.raises(AttributeError):
        COUNT.default = 1  # type: ignore[misc]
