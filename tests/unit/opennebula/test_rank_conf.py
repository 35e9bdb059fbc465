"""`rank.conf`: each rule of its syntax and of its keys."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import MatchmakerError, Rank
from matchmaker.opennebula.rank_conf import (
    Configuration,
    ConfigurationError,
    parse_configuration,
    read_configuration,
)
from matchmaker.opennebula.rank_conf_syntax import read_statements

EXAMPLE = Path(__file__).parents[3] / "examples" / "rank.conf"
LARGEST = float.fromhex("0x1.fffffep127")


def error_of(text: str | bytes) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration(text)
    assert str(caught.value).isascii()
    return caught.value


# What a text says.


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        (" \t\n\n", {}),
        ("A = 1", {"A": "1"}),
        ("A=1", {"A": "1"}),
        ("\tA\t=\t1\t", {"A": "1"}),
        ("A = 1 B = 2", {"A": "1", "B": "2"}),
        ("A = 1\n\nB = 2\n", {"A": "1", "B": "2"}),
        ("max_Host = 1", {"MAX_HOST": "1"}),
        ("0_a = 1", {"0_A": "1"}),
        ("A = 1\na = 2", {"A": "1"}),
        ("A = 1\nA = [ B = 2 ]", {"A": "1"}),
        ("A = [ b = 1, B = 2, c = 3 ]", {"A": {"B": "1", "C": "3"}}),
        ("A = []", {"A": {}}),
        ("A = [\n\n]", {"A": {}}),
        ("A\n= 1", {"A": "1"}),
        ("A \n \n = [\n\n B\n=1\n,\n\nC=2\n]\nD = 3", {"A": {"B": "1", "C": "2"}, "D": "3"}),
        ("A = [B=1,C=2]D=3", {"A": {"B": "1", "C": "2"}, "D": "3"}),
        ("A =\nB = 1", {"A": "", "B": "1"}),
        ("A = \t\n", {"A": ""}),
        ("A =\n", {"A": ""}),
    ],
)
def test_statements(text: str, values: dict[str, object]) -> None:
    statements = read_statements(text)
    assert statements.values == values
    assert statements.skipped == 0


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('A = "x y"', {"A": "x y"}),
        ('A = ""', {"A": ""}),
        ('A = "x\ny"\nB = 1', {"A": "x\ny", "B": "1"}),
        ('A = "= # [ ] ,"', {"A": "= # [ ] ,"}),
        (r'A = "say \"x\" here"', {"A": 'say "x" here'}),
        (r'A = "\"" B = 1', {"A": '"', "B": "1"}),
        (r'A = "C:\x"', {"A": r"C:\x"}),
        (r'A = "x\"', {"A": "x\\"}),
        ('A = "x"y', {"A": '"x"y'}),
        ('A = "x y"B = 1', {"A": "x y", "B": "1"}),
        ('A = "x', {"A": '"x'}),
        ("A = -5.x;'$é", {"A": "-5.x;'$é"}),
        (r"A = x\"y", {"A": 'x"y'}),
        ('A = [ B = "x y", C = "\n" ]', {"A": {"B": "x y", "C": "\n"}}),
    ],
)
def test_values(text: str, values: dict[str, object]) -> None:
    assert read_statements(text).values == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("# A = 1\n", {}),
        ("#\n \t# B\nA = 1", {"A": "1"}),
        ("A = 1 # B = 2\nC = 3", {"A": "1", "C": "3"}),
        ("A = 1# B = 2\n", {"A": "1"}),
        ("A # x\n= 1", {"A": "1"}),
        ("A = [ # x\n B = 1 # y ]\n , # z,\n C = 2 # =\n ] # end\n", {"A": {"B": "1", "C": "2"}}),
    ],
)
def test_comments(text: str, values: dict[str, object]) -> None:
    assert read_statements(text).values == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A = 1\nB = x]]>y\nC = 2", {"A": "1"}),
        ("A = 1\nB = ]]>\n, = broken [", {"A": "1"}),
        ('A = 1\nB = "x" # ]]>\nC = 2', {"A": "1"}),
        ("A = 1\nB = [ C = 1 ] ]]>\nC = 2", {"A": "1"}),
        ('A = "x]]>\n" B = 2', {"A": "x]]>\n", "B": "2"}),
        ("# ]]>\nA = 1", {"A": "1"}),
    ],
)
def test_the_end_of_a_cdata_section_in_a_value_ends_the_reading(text: str, values: dict[str, object]) -> None:
    assert read_statements(text).values == values


@pytest.mark.parametrize(
    ("text", "values", "skipped", "first"),
    [
        ("$A = 1", {"A": "1"}, 1, 0),
        ("A = 1;\n;;B = 2", {"A": "1;", "B": "2"}, 2, 7),
        ("\ufeffA = 1", {"A": "1"}, 1, 0),
        ("A = = 1", {"A": "1"}, 2, 4),
        ("A = # B", {"A": "B"}, 2, 4),
        ("\rA = 1", {"A": "1"}, 1, 0),
        ("\0A = 1", {"A": "1"}, 1, 0),
    ],
)
def test_other_characters_are_skipped(text: str, values: dict[str, object], skipped: int, first: int) -> None:
    statements = read_statements(text)
    assert statements.values == values
    assert (statements.skipped, statements.first_skipped) == (skipped, first)


@pytest.mark.parametrize(
    ("text", "line", "column", "found"),
    [
        ("DEFAULT_SCHED = [ POLICY = 3, RANK = - RUNNING_VMS ]", 1, 40, "`RUNNING_VMS`"),
        ("A = - B", 1, 8, "the end of the file"),
        ("A = b=c", 1, 6, "`=`"),
        ("A = [ B = 1, ]", 1, 14, "`]`"),
        ("A = [ , ]", 1, 7, "`,`"),
        ("A = [ B = 1 C = 2 ]", 1, 13, "`C`"),
        ("A = [ B = 1", 1, 12, "the end of the file"),
        ("A = [\n B =\n 1 ]", 2, 4, "`=`"),
        ("A = [ B = [ C = 1 ] ]", 1, 11, "`[`"),
        ("A = [\n B = x]]>\n ]", 2, 7, "`]]>`"),
        ("A = 1\nword\nB = 1", 3, 1, "`B`"),
        ("word", 1, 5, "the end of the file"),
        ("= 1", 1, 1, "`=`"),
        ("A =", 1, 4, "the end of the file"),
        ("A = ]\n ]", 2, 3, "the end of the file"),
        ("A = 1, B = 2", 1, 6, "`,`"),
        ("A = 1 ]", 1, 7, "`]`"),
        ("A =\n[ B = 1 ]", 2, 9, "`]`"),
        ("A =\n1\n", 3, 1, "the end of the file"),
        ("A = 1\nB = 2 # end", 2, 7, "newline"),
        ("# A = 1", 1, 1, "newline"),
    ],
)
def test_syntax_errors(text: str, line: int, column: int, found: str) -> None:
    error = error_of(text)
    assert (error.line, error.column) == (line, column)
    assert found in error.message
    assert str(error) == f"rank.conf:{line}:{column}: {error.message}"
    assert error.upstream == "Error reading configuration file."


def test_line_ends_of_other_systems() -> None:
    text = "DIFFERENT_VNETS = YES\r\nMAX_HOST =\r\nDEFAULT_SCHED = [\r\n POLICY = 4 ]\r\n# end\r\n"
    assert parse_configuration(text.encode()) == parse_configuration(text.replace("\r", ""))
    assert parse_configuration("DIFFERENT_VNETS = YES\r\n").different_vnets
    assert not parse_configuration("DIFFERENT_VNETS = YES\rx\r\n").different_vnets
    assert (error_of("A = 1\r\nB C").line, error_of("A = 1\r\nB C").column) == (2, 3)


# What it means.


def test_an_empty_file_gives_the_defaults() -> None:
    found = parse_configuration("")
    assert found == Configuration() == parse_configuration(b"")
    assert (found.max_host, found.different_vnets, found.memory_system_ds_scale) == (0, True, 0.0)
    ranks = (found.host_rank, found.datastore_rank, found.network_rank)
    assert ranks == (Rank("- RUNNING_VMS"), Rank("FREE_MB"), Rank("- USED_LEASES"))
    assert (found.compatibility, found.expression_length, found.expression_time) == (True, 65536, 0.2)
    assert found.warnings == ()


def test_the_sample_holds_every_key_with_its_default() -> None:
    assert read_configuration(EXAMPLE) == Configuration()
    assert set(read_statements(EXAMPLE.read_text("utf-8")).values) == {
        "MAX_HOST",
        "DIFFERENT_VNETS",
        "MEMORY_SYSTEM_DS_SCALE",
        "DEFAULT_SCHED",
        "DEFAULT_DS_SCHED",
        "DEFAULT_NIC_SCHED",
        "LOG",
        "COMPATIBILITY",
        "EXPRESSION_LENGTH",
        "EXPRESSION_TIME",
    }


def test_unknown_keys_are_ignored() -> None:
    assert parse_configuration("PORT = 2633\nX = [ Y = 1 ]\n") == Configuration()


@pytest.mark.parametrize(
    ("text", "number", "warns"),
    [
        ("3", 3, False),
        ('" +3"', 3, False),
        ("007", 7, False),
        ("0", 0, False),
        ("4294967295", 4294967295, False),
        ("4294967296", 0, True),
        ("9" * 10_000, 0, True),
        ("-1", 0, True),
        ("2M", 2, True),
        ("2.9", 2, True),
        ("many", 0, True),
        ('""', 0, True),
        ("[ A = 1 ]", 0, True),
        ("٣", 0, True),
    ],
)
def test_max_host(text: str, number: int, warns: bool) -> None:
    found = parse_configuration(f"MAX_HOST = {text}\n")
    assert found.max_host == number
    assert bool(found.warnings) == warns
    assert all(warning.startswith("rank.conf:1:1: `MAX_HOST`") for warning in found.warnings)


@pytest.mark.parametrize(
    ("text", "value", "warns"),
    [
        ("YES", True, False),
        ("yEs", True, False),
        ("NO", False, False),
        ('""', False, True),
        ("true", False, True),
        ('" YES"', False, True),
        ("\n", False, True),
        ("[ A = YES ]", False, True),
    ],
)
def test_different_vnets(text: str, value: bool, warns: bool) -> None:
    found = parse_configuration(f"DIFFERENT_VNETS ={text}\n")
    assert found.different_vnets is value
    assert bool(found.warnings) == warns


@pytest.mark.parametrize(
    ("text", "number", "warns"),
    [
        ("0.5", 0.5, False),
        ("0.1", 0.10000000149011612, False),
        ("1.5e1", 15.0, False),
        (".5", 0.5, False),
        ("-1", -1.0, False),
        ("2x", 2.0, True),
        ("half", 0.0, True),
        ("5e", 0.0, True),
        ("nan", 0.0, True),
        ("1e-60", 0.0, False),
        ("1e40", LARGEST, True),
        ("-1e40", -LARGEST, True),
    ],
)
def test_memory_system_ds_scale(text: str, number: float, warns: bool) -> None:
    found = parse_configuration(f"MEMORY_SYSTEM_DS_SCALE = {text}\n")
    assert found.memory_system_ds_scale == number
    assert bool(found.warnings) == warns


HOST = ("RUNNING_VMS", "- RUNNING_VMS", "FREE_CPU", None, "PRIORITY", None, None)
DATASTORE = ("- FREE_MB", "FREE_MB", None, "PRIORITY", None, None, None)
NETWORK = ("USED_LEASES", "- USED_LEASES", None, "PRIORITY", None, None, None)
KINDS = {
    "DEFAULT_SCHED": ("host_rank", HOST),
    "DEFAULT_DS_SCHED": ("datastore_rank", DATASTORE),
    "DEFAULT_NIC_SCHED": ("network_rank", NETWORK),
}


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("number", range(7))
def test_policies(key: str, number: int) -> None:
    attribute, texts = KINDS[key]
    found = parse_configuration(f"{key} = [ POLICY = {number} ]")
    text = texts[number]
    assert getattr(found, attribute) == (None if text is None else Rank(text))
    assert bool(found.warnings) == (text is None)
    others = {name for name, _ in KINDS.values()} - {attribute}
    assert all(getattr(found, name) == getattr(Configuration(), name) for name in others)


@pytest.mark.parametrize("key", KINDS)
def test_custom_policies(key: str) -> None:
    attribute, texts = KINDS[key]
    custom = texts.index(None)
    found = parse_configuration(f'{key} = [ rank = "- ID * 2", policy = {custom} ]')
    assert getattr(found, attribute) == Rank("- ID * 2")
    assert found.warnings == ()
    ignored = parse_configuration(f'{key} = [ RANK = "- ID * (", POLICY = 0 ]')
    assert getattr(ignored, attribute) == Rank(texts[0] or "")
    assert ignored.warnings == ()


@pytest.mark.parametrize(
    ("section", "text", "warns"),
    [
        ("[ POLICY = abc ]", "RUNNING_VMS", True),
        ('[ POLICY = " 2 x" ]', "FREE_CPU", True),
        ("[ POLICY = -1 ]", None, True),
        (f"[ POLICY = {'9' * 5000} ]", None, True),
        ("[ POLICY = 4294967297 ]", None, True),
        ("[ POLICY = 3 ]", None, True),
        ("[ ]", "- RUNNING_VMS", False),
        ("[ RANK = ID ]", "- RUNNING_VMS", False),
        ('[ POLICY = "" ]', "- RUNNING_VMS", False),
        ("2", None, True),
        ('""', None, True),
    ],
)
def test_odd_policies(section: str, text: str | None, warns: bool) -> None:
    found = parse_configuration(f"DEFAULT_SCHED = {section}")
    assert found.host_rank == (None if text is None else Rank(text))
    assert bool(found.warnings) == warns


@pytest.mark.parametrize(
    ("rank", "used", "warning"),
    [
        ("FREE_CPU -1", "FREE_CPU", "ranked by `FREE_CPU`"),
        ("ID+ID)", "ID+ID", "ranked by `ID+ID`"),
        ("ID+", None, "ranked by `0`"),
        ("(ID", None, "ranked by `0`"),
        ("ID * FREE'CPU", None, "rank.conf:1:1: RANK of `DEFAULT_SCHED`: "),
        ("ID ?\n * 2", "ID * 2", "rank.conf:1:1: RANK of `DEFAULT_SCHED`: "),
    ],
)
def test_broken_custom_ranks(rank: str, used: str | None, warning: str) -> None:
    found = parse_configuration(f'DEFAULT_SCHED = [ POLICY = 3, RANK = "{rank}" ]')
    if used is None:
        candidate = {"ID": 7, "FREE": 1, "CPU": 1}
        assert found.host_rank is None or found.host_rank.score(candidate) in (0, 7)
    else:
        assert found.host_rank == Rank(used)
    assert len(found.warnings) == 1
    assert warning in found.warnings[0]


@pytest.mark.parametrize("section", ["[ SYSTEM = File, DEBUG_LEVEL = 3x ]", "[ DEBUG_LEVEL = -1, SYSTEM = SYSLOG ]"])
def test_log_sections_that_pass(section: str) -> None:
    assert parse_configuration(f"LOG = {section}") == Configuration()


@pytest.mark.parametrize(
    ("section", "upstream"),
    [
        ("file", "Config doesn't contain 'LOG' section"),
        ("\n", "Config doesn't contain 'LOG' section"),
        ("[ SYSTEM = cerr, DEBUG_LEVEL = 3 ]", "Config contains unknown LOG_SYSTEM."),
        ("[ DEBUG_LEVEL = 3 ]", "Config contains unknown LOG_SYSTEM."),
        ("[ SYSTEM = nowhere ]", "Config contains unknown LOG_SYSTEM."),
        ("[ SYSTEM = std ]", "stoi"),
        ("[ SYSTEM = std, DEBUG_LEVEL = high ]", "stoi"),
        ("[ SYSTEM = std, DEBUG_LEVEL = 3000000000 ]", "stoi"),
    ],
)
def test_log_sections_that_do_not(section: str, upstream: str) -> None:
    error = error_of(f"MAX_HOST = 1\n LOG ={section}\n")
    assert error.upstream == upstream
    assert str(error).startswith("rank.conf:2:2: `LOG` does not say how to log: write it as `LOG = [")


def test_a_name_that_nobody_reads_and_that_looks_like_one_that_is_read() -> None:
    (warning,) = parse_configuration("COMPATIBILTY = NO\nSOMETHING_ELSE = 1\n").warnings
    assert "did you mean `COMPATIBILITY`?" in warning


@pytest.mark.parametrize(
    ("text", "value", "warns"), [("no", False, False), ("YES", True, False), ("off", True, True), ('""', True, True)]
)
def test_compatibility(text: str, value: bool, warns: bool) -> None:
    found = parse_configuration(f"COMPATIBILITY = {text}")
    assert found.compatibility is value
    assert bool(found.warnings) == warns


@pytest.mark.parametrize("text", ["0", "-5", "many", "2M", "1" * 40, '""', "[ ]"])
def test_budgets_that_are_none(text: str) -> None:
    found = parse_configuration(f"EXPRESSION_LENGTH = {text}\nEXPRESSION_TIME = {text}\n")
    assert (found.expression_length, found.expression_time) == (65536, 0.2)
    assert len(found.warnings) == 2


def test_budgets() -> None:
    found = parse_configuration("EXPRESSION_LENGTH = 1000\nEXPRESSION_TIME = 1500\n")
    assert (found.expression_length, found.expression_time, found.warnings) == (1000, 1.5, ())


def test_skipped_characters_give_one_warning() -> None:
    found = parse_configuration("MAX_HOST = 1\n  é$\nDIFFERENT_VNETS = NO\n;", origin="/etc/ö.conf")
    assert (found.max_host, found.different_vnets) == (1, False)
    (warning,) = found.warnings
    assert warning.isascii()
    assert warning.startswith("/etc/\\xf6.conf:2:3: ")
    assert warning.endswith("'\\xe9' and 2 more")


def test_bytes_that_are_no_utf_8() -> None:
    assert parse_configuration(b"MAX_HOST = 1 # \xff\n").max_host == 1
    assert len(parse_configuration(b"\xff MAX_HOST = 1").warnings) == 1
    assert error_of("MAX_HOST = 1".encode("utf-16")).line == 1


# Objects.


def test_configurations_do_not_change() -> None:
    found = parse_configuration("MAX_HOST = 1")
    with pytest.raises(AttributeError):
        found.max_host = 2  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(found)) == found
    assert found != Configuration()
    with pytest.raises(TypeError):
        Configuration(1)  # type: ignore[call-arg]


def test_errors_pickle() -> None:
    error = error_of("A")
    assert isinstance(error, MatchmakerError) and isinstance(error, ValueError)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.line, copy.upstream) == (str(error), error.line, error.upstream)
    with pytest.raises(MatchmakerError, match="expected `=`"):
        read_statements("A")


# Files.


@pytest.fixture
def location(tmp_path: Path) -> Path:
    (tmp_path / "etc" / "schedulers").mkdir(parents=True)
    return tmp_path


def test_the_file_is_found_where_upstream_looks(location: Path) -> None:
    (location / "etc" / "schedulers" / "rank.conf").write_text("MAX_HOST = 7\n")
    assert read_configuration(environment={"ONE_LOCATION": str(location)}).max_host == 7


def test_without_a_file_upstreams_defaults_count(location: Path) -> None:
    assert read_configuration(environment={"ONE_LOCATION": str(location)}) == Configuration()
    assert read_configuration(environment={"ONE_LOCATION": str(EXAMPLE)}) == Configuration()


def test_without_a_location_the_file_lies_in_etc(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def nothing(path: Path, *_: object) -> object:
        opened.append(path.as_posix())
        raise FileNotFoundError

    monkeypatch.setattr(Path, "open", nothing)
    assert read_configuration(environment={}) == Configuration()
    assert opened == ["/etc/one/schedulers/rank.conf"]


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    missing = tmp_path / "missing.conf"
    with pytest.raises(ConfigurationError, match=r"missing\.conf: cannot be read: No such file") as caught:
        read_configuration(missing)
    assert (caught.value.line, caught.value.upstream) == (None, "Error reading configuration file.")


def test_files_that_cannot_be_read(location: Path) -> None:
    place = location / "etc" / "schedulers" / "rank.conf"
    place.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_configuration(environment={"ONE_LOCATION": str(location)})
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_configuration(Path("a\0b"))


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.conf"
    path.write_bytes(b"A = 1\n\nB")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(path)
    assert str(caught.value).startswith(f"{path}:3:2: expected `=` behind `B`")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without an end")
def test_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="longer than"):
        read_configuration(Path("/dev/zero"))


def test_the_environment_is_the_process_s_own(location: Path) -> None:
    (location / "etc" / "schedulers" / "rank.conf").write_text("MAX_HOST = 7\n")
    program = "from matchmaker.opennebula.rank_conf import read_configuration as r; print(r().max_host)"
    environment = {**os.environ, "ONE_LOCATION": str(location)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert ran.stdout.split() == [b"7"]


# Any text.

KEYS = ("MAX_HOST", "DIFFERENT_VNETS", "MEMORY_SYSTEM_DS_SCALE", *KINDS, "COMPATIBILITY", "EXPRESSION_TIME", "LOG")
PIECES = (
    *KEYS,
    "POLICY",
    "RANK",
    "SYSTEM",
    "DEBUG_LEVEL",
    "file",
    "YES",
    *"0123",
    "-1",
    "1e40",
    *'=[],#"\\$ \n\r',
    "]]>",
)
texts = st.one_of(
    st.text(), st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=40).map("".join)
)


@given(texts)
@example('DEFAULT_SCHED = [ POLICY = 3, RANK = "\ud800" ]')
@example('DEFAULT_SCHED = [ POLICY = 3, RANK = "\0" ]')
def test_any_text_gives_a_configuration_or_an_error(text: str) -> None:
    for given_ in (text, text.encode("utf-8", "surrogatepass")):
        try:
            found = parse_configuration(given_, origin=text[:10])
        except ConfigurationError as error:
            lines = [str(error)]
        else:
            lines = list(found.warnings)
            assert 0 <= found.max_host < 2**32
            assert found.expression_length > 0 < found.expression_time
        assert all(line.isascii() and line.isprintable() for line in lines)


@given(st.binary())
def test_any_bytes_give_a_configuration_or_an_error(content: bytes) -> None:
    try:
        parse_configuration(content)
    except ConfigurationError as error:
        assert error.line is not None


class Searched(str):
    """A text that counts how many characters `find` looked at."""

    __slots__ = ("characters",)
    characters: int

    def find(self, *arguments: Any) -> int:
        place = super().find(*arguments)
        self.characters += (len(self) if place < 0 else place) - int(arguments[1])
        return place


@pytest.mark.parametrize(
    "piece", ["A=1 ", 'A="\\"', 'A="x" ', "[", " ", "$", '"', "]]", "A=[B=1]", "A=[B=1,B=1]\n", 'A=\\"', 'A="x"" ']
)
@pytest.mark.parametrize("before", ["", "A=", "A=[B=C\n"])
def test_work_grows_with_the_text(before: str, piece: str) -> None:
    text = Searched(before + piece * 1_000)
    text.characters = 0
    with contextlib.suppress(MatchmakerError):
        read_statements(text)
    assert text.characters <= 4 * len(text)
