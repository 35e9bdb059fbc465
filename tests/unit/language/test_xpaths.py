"""Which quoted names are refused, and how an XPath is taken apart."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker import ExpressionError, Requirement
from matchmaker.language.xpaths import refusal, tokens

PREDICATES = "it has more than 2 predicates"
NESTED = "it has a predicate inside a predicate"
INSIDE = "it has `//` or another long axis inside a predicate"
LEAVES = "it has a path inside a predicate that leaves the element"
AXES = "it has more than one `//` or other long axis in a path"
PATHS = "it has more than 10 paths and steps up"
JOINED = "it joins more than 3 paths by `|`"


@pytest.mark.parametrize(
    "name",
    [
        "A B",
        "Intel(R) Xeon(R)",
        "kv(m",
        "A[",
        "]]]",
        "it's",
        "",
        "A" * 256,
        "A/" * 127 + "AA",
        "CLUSTERS/ID",
        "DS[ID=5]/FREE_MB",
        "../CLUSTER_ID",
        "/HOST/VMS/ID",
        "//PCI[VENDOR='10de' and VMID=-1]/ADDRESS",
        "A[1][2]",
        "A['[[//[['][B]",
        "A['ancestor::B']",
        "A[ancestor/descendant]",
        "A[following]",
        "A[B/C]",
        "count(//*)*count(//*)",
        "//A|.//B|C",
        "ancestor::A/B",
        "X|HOST/ID",
        "(//A)[last()]",
        "A[B]//C",
        "//A[B]|//C",
    ],
)
def test_accepted(name: str) -> None:
    assert refusal(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("A" * 257, "it is longer than 256 characters"),
        ("A[1][2][3]", PREDICATES),
        ("A[1]|B[2]|C[3]", PREDICATES),
        ("A[B[1]]", NESTED),
        ("A[B[1", NESTED),
        ("A[count(B[1])]", NESTED),
        ("A[//B]", INSIDE),
        ("A[B//C]", INSIDE),
        ("A[.//B]", INSIDE),
        ("A[ancestor::B]", INSIDE),
        ("A[ ancestor-or-self \t:: B]", INSIDE),
        ("A[descendant::B]", INSIDE),
        ("A[descendant-or-self::node()]", INSIDE),
        ("A[following::B]", INSIDE),
        ("A[preceding-sibling::B]", INSIDE),
        ("//*//*", AXES),
        ("/descendant::*/ancestor::*", AXES),
        ("(//*)//*", AXES),
        ("(//*|A)//*", AXES),
        ("((//*|A)/B|C)//*", AXES),
        ("//*[A]//*", AXES),
        ("//*[A]/B[.=1 or C]/ancestor::*", AXES),
        ("//A[B|C]//*", AXES),
        ("following::*", "it has the axis `following`"),
        ("A/preceding::*", "it has the axis `preceding`"),
        ("A/following-sibling::*", "it has the axis `following-sibling`"),
        ("A/preceding-sibling::*", "it has the axis `preceding-sibling`"),
        ("A[../B]", LEAVES),
        ("A[parent::B]", LEAVES),
        ("A[/HOST]", LEAVES),
        ("A[1 or /HOST]", LEAVES),
        ("A[é or /HOST]", LEAVES),
        ("A[string-length(/)]", LEAVES),
        ("A|B|C|D", JOINED),
        ("//*/..|" + "*/../" * 10, PATHS),
        ("/HOST/ID" + "+count(*)" * 10, PATHS),
    ],
)
def test_refused(name: str, reason: str) -> None:
    assert refusal(name) == reason


@pytest.mark.parametrize("name", ["A+' + //*[//*[//*]] + '+'", "A='[B[C]]|'[D[E]]+'"])
def test_text_that_becomes_code_in_the_next_search_place(name: str) -> None:
    assert refusal(name) is not None
    assert refusal(name.replace("'", "")) is not None


def test_text_stays_text() -> None:
    assert refusal("A=' + //*[//*[//*]] + '") is None


def test_expressions_refuse_it_when_they_are_made() -> None:
    text = 'FREE_CPU > 5 & "A[//B]" = 1'
    with pytest.raises(ExpressionError) as caught:
        Requirement(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "MM109"
    assert text[slice(*diagnostic.span)] == '"A[//B]"'
    assert INSIDE in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("A", ["A:relative"]),
        ("/A/B", ["/:absolute", "A", "/", "B"]),
        ("//A", ["//:absolute", "A"]),
        ("A | ../B", ["A:relative", "|", "..:relative", "/", "B"]),
        ("count(A/*)", ["count", "(", "A:relative", "/", "*", ")"]),
        ("node()|.|@a", ["node:relative", "(", ")", "|", ".:relative", "|", "@:relative", "a"]),
        ("child::A[self::B]", ["child:relative", "::", "A", "[", "self:relative", "::", "B", "]"]),
        ("A*B", ["A:relative", "*", "B:relative"]),
        ("**2", ["*:relative", "*", "2"]),
        ("div div div", ["div:relative", "div", "div:relative"]),
        ("A divB", ["A:relative", "div", "B:relative"]),
        ("-A-B", ["-", "A-B:relative"]),
        ("1.5+.5", ["1.5", "+", ".5"]),
        ("p:A|p:*", ["p:A:relative", "|", "p:*:relative"]),
        ("'a b'=\"c\"", ["'a b'", "=", '"c"']),
        ("/ = 3", ["/:absolute", "=", "3"]),
    ],
)
def test_tokens(expression: str, expected: list[str]) -> None:
    assert [token.text + (token.begins and ":" + token.begins) for token in tokens(expression)] == expected


def test_depth() -> None:
    found = {token.text: token.depth for token in tokens("A[B]/C[D[E]]]/F")}
    assert [found[name] for name in "ABCDEF"] == [0, 1, 0, 1, 2, 0]


@given(st.text(alphabet="AB ./*[]()|'\"=@:-+0<>$,é\t") | st.text())
def test_any_text(name: str) -> None:
    end = 0
    for token in tokens(name):
        assert not name[end : token.start].strip(" \t\r\n")
        assert name.startswith(token.text, token.start)
        end = token.start + len(token.text)
    assert not name[end:].strip(" \t\r\n")
    assert isinstance(refusal(name), str | None)


@pytest.mark.parametrize("unit", ["'", '"', "[", "A ", "//", "A(", " ", "'A'", "::"])
def test_linear(unit: str) -> None:
    def seconds(count: int) -> float:
        started = time.perf_counter()
        for _ in tokens(unit * count):
            pass
        return time.perf_counter() - started

    seconds(1_000)
    assert min(seconds(40_000) for _ in range(3)) < 8 * min(seconds(10_000) for _ in range(3)) + 0.05
