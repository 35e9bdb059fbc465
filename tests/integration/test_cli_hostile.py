"""Whatever a file holds, and whatever an expression says: an answer or a message, and never a traceback."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from matchmaker.cli.app import app

SAMPLES = [
    b"<HOST_POOL><HOST><ID>1</ID><TEMPLATE><A>x</A><B>5</B></TEMPLATE></HOST><HOST><ID>2</ID></HOST></HOST_POOL>",
    b'{"HOST_POOL": {"HOST": [{"ID": "1", "TEMPLATE": {"A": "x", "B": "5"}}, {"ID": 2}]}}',
    b'[{"A": "x", "B": 5, "C": [1, null, {}]}, {"A": 1.5, "B": true}]',
    b'{"A": "x", "B": 5}\n{"A": null}\n\n{"B": {"C": []}}\n',
    b'A,B\nx,5\n"y ""z""\n",\n',
    "\ufeffA;B\n1;2\n".encode("utf-16"),
]
PIECES = [
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"\n",
    b"{",
    b"}",
    b"[" * 3000,
    b"<",
    b"<!DOCTYPE a>",
    b"&a;",
    b"NaN",
    b"1e999",
]
PIECES += [
    b"9" * 5000,
    b"\\ud800",
    b',"A":1',
    b",",
    b"\x1b[31m",
    "\N{LATIN SMALL LETTER E WITH ACUTE}".encode("latin-1"),
    b"_POOL",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a good document with pieces cut out and others put in."""
    document = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(document)))
        end = draw(st.integers(start, min(len(document), start + 8)))
        document = document[:start] + draw(st.sampled_from(PIECES) | st.binary(max_size=4)) + document[end:]
    return document


def run(*arguments: str, document: bytes) -> tuple[str, int]:
    done = CliRunner().invoke(app, arguments, input=document, env={"COLUMNS": "80", "NO_COLOR": "1"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in {0, 1, 2}
    assert "\x1b" not in done.stdout + done.stderr
    assert (done.exit_code == 2) <= (not done.stdout)
    return done.stdout, done.exit_code


@given(
    st.binary() | damaged(),
    st.sampled_from([(), ("-r", "A = x & B > 1", "-k", "B"), ("--key", "A"), ("--columns", "A,C/D")]),
)
@example(b"[" * 100_000, ())
@example(b'{"A":' * 100_000, ())
@example(b"\x1f\x8b", ())
def test_any_bytes_are_a_pool_or_refused(document: bytes, arguments: tuple[str, ...]) -> None:
    _, status = run("match", "-", *arguments, document=document)
    shown, same = run("match", "-", *arguments, "--json", document=document)
    assert same == status
    if status != 2:
        assert shown.isascii()
        assert isinstance(json.loads(shown), list)


@given(st.binary() | damaged(), st.sampled_from(["xml", "json", "jsonl", "csv"]))
@settings(max_examples=100)
def test_any_bytes_in_any_format(document: bytes, form: str) -> None:
    run("eval", "-", "-r", "A = x", "-k", "B", "--format", form, document=document)


expressions = st.text(max_size=30) | st.text("ABkvm\"=!@><()&|+-*/ 0159.\n'\x1b[]", max_size=30)


@given(expressions, expressions)
def test_any_expression_is_used_or_refused(requirement: str, rank: str) -> None:
    document = SAMPLES[4]
    _, status = run("match", "-", f"--requirement={requirement}", f"--rank={rank}", document=document)
    _, same = run("eval", "-", f"-r={requirement}", f"-k={rank}", "--candidate", "0", document=document)
    assert (same == 2) == (status == 2)
    _, found = run("check", f"--requirement={requirement}", f"--rank={rank}", document=b"")
    assert found == 1 or status != 2 or requirement == "-" or rank == "-"
