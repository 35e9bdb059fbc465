"""Numbers are read and rounded as the C library reads them, in one step, and as exact fractions say."""

from __future__ import annotations

import ctypes
import errno
import math
import platform
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker.attributes.numbers import float32, float_of_integer, float_reading, int32, integer_reading
from matchmaker.language.opennebula_trees import wrapped
from tests.property import naive

needs_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="compares with glibc")

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
blanks = st.text(st.sampled_from(" \t\n\v\f\r"), max_size=2)
signs = st.sampled_from(("", "", "+", "-", "--", "+-", "- "))
digits = st.text(st.sampled_from("0123456789"), max_size=25)
tails = st.sampled_from(("", " ", "abc", ",5", ".", "-", "e", "x10", "\u0665", "_0", "\0", " 7"))
edges = st.sampled_from(
    (INT_MAX, INT_MIN, INT_MAX + 1, INT_MIN - 1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**32)
).map(str)
integer_texts = st.one_of(
    st.tuples(blanks, signs, digits, tails).map("".join), st.tuples(blanks, edges, tails).map("".join)
)
exponents = st.one_of(
    st.just(""),
    st.tuples(st.sampled_from("eE"), st.sampled_from(("", "+", "-")), st.integers(0, 60).map(str) | st.just("")).map(
        "".join
    ),
    st.sampled_from(("e999999999999999999999", "e-999999999999999999999", "e38", "e-46", "e+", "e-", "e")),
)
points = st.sampled_from(("", "."))
decimal_texts = st.tuples(blanks, signs, digits, points, digits, exponents, tails).map("".join)
singles = st.floats(width=32, allow_nan=False, allow_infinity=False)


@needs_glibc
@given(integer_texts)
@example("0x10")
@example(" 007 cores")
def test_integers_are_read_as_strtol_reads_them(text: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.strtol.restype = ctypes.c_long
    given_text = text.partition("\0")[0].encode()
    buffer = ctypes.create_string_buffer(given_text)
    end = ctypes.c_char_p()
    ctypes.set_errno(0)
    number = libc.strtol(buffer, ctypes.byref(end), 10)
    nothing = end.value == given_text and not number
    fits = not nothing and ctypes.get_errno() != errno.ERANGE and INT_MIN <= number <= INT_MAX
    assert integer_reading(text) == (number if fits else None)


@given(integer_texts)
def test_integers_are_read_as_the_language_says(text: str) -> None:
    assert integer_reading(text) == naive.integer(text)


@needs_glibc
@given(decimal_texts)
@example("3.4028235677973366e38")
@example("3.4028235677973362e38")
@example("1e-50")
@example("5.e3")
@example("0e0e")
def test_decimals_are_read_as_strtof_reads_them(text: str) -> None:
    if "x" in text:
        return  # strtof reads hexadecimal numbers, streams do not
    libc = ctypes.CDLL(None, use_errno=True)
    libc.strtof.restype = ctypes.c_float
    given_text = text.partition("\0")[0].encode()
    buffer = ctypes.create_string_buffer(given_text)
    end = ctypes.c_char_p()
    number = libc.strtof(buffer, ctypes.byref(end))
    rest = end.value or b""
    nothing = rest == given_text and not number
    without_digits = rest[:1] in (b"e", b"E") and b"e" not in given_text[: -len(rest)].lower()
    expected = None if nothing or without_digits or math.isinf(number) else number
    assert float_reading(text) == expected


@given(decimal_texts)
def test_decimals_are_read_as_the_language_says(text: str) -> None:
    assert float_reading(text) == naive.single(text)


@given(singles, st.booleans(), st.sampled_from((-1, 0, 1)), st.integers(1, 60))
@example(float.fromhex("0x1.fffffep127"), True, 0, 1)
@example(float.fromhex("0x1.fffffep127"), True, -1, 60)
@example(0.0, True, 1, 60)
def test_a_text_near_the_middle_of_two_floats_is_rounded_once(single: float, up: bool, side: int, far: int) -> None:
    middle = Fraction(single) + (1 if up else -1) * naive_unit(single) / 2
    exact = decimal_digits(middle + Fraction(side, 10 ** (150 + far)))
    assert float_reading(exact) == naive.single(exact)


def naive_unit(single: float) -> Fraction:
    """Return how far apart float32 numbers of this size are."""
    exponent = max(math.frexp(single)[1] - 1, -126) if single else -126
    return Fraction(2) ** (exponent - 23)


def decimal_digits(number: Fraction) -> str:
    """Write a fraction whose denominator divides a power of ten, exactly."""
    places = 0
    while (number * 10**places).denominator != 1:
        places += 50
    whole = abs(number * 10**places).numerator
    text = str(whole).rjust(places + 1, "0")
    return ("-" if number < 0 else "") + (f"{text[:-places]}.{text[-places:]}" if places else text)


@given(
    st.integers()
    | st.integers(-(2**130), 2**130)
    | st.builds(
        lambda base, power, off: base * 2**power + off, st.integers(1, 2**25), st.integers(0, 104), st.integers(-1, 1)
    )
)
@example(2**24 + 1)
@example(2**60 + 2**36)
@example(2**60 + 2**36 + 1)
@example(2**128 - 2**103)
@example(2**128 - 2**103 - 1)
@example(10**400)
def test_integers_become_floats_in_one_step(number: int) -> None:
    expected = naive.rounded(Fraction(number))
    assert float_of_integer(number) == (None if math.isinf(expected) else expected)


@given(st.floats() | singles)
def test_float32_rounds_as_the_hardware_does(number: float) -> None:
    ours, theirs = float32(number), ctypes.c_float(number).value
    assert (
        math.isnan(ours) if math.isnan(theirs) else (ours, math.copysign(1, ours)) == (theirs, math.copysign(1, theirs))
    )


@given(st.floats(width=32))
def test_int32_cuts_toward_zero(number: float) -> None:
    whole = INT_MIN if math.isnan(number) or math.isinf(number) else math.trunc(number)
    assert int32(number) == (whole if INT_MIN <= whole <= INT_MAX else INT_MIN)


@needs_glibc
@given(
    st.tuples(st.sampled_from(("", "-")), st.text(st.sampled_from("0123456789"), min_size=1, max_size=30)).map("".join)
    | edges
)
@example("2147483648")
@example("4294967297")
@example("99999999999999999999")
@example("-00000000000000000000000000001")
def test_literals_wrap_as_a_cut_strtoll(text: str) -> None:
    libc = ctypes.CDLL(None)
    libc.strtoll.restype = ctypes.c_longlong
    saturated = libc.strtoll(text.encode(), None, 10)
    assert wrapped(text) == ctypes.c_int32(saturated & 0xFFFFFFFF).value
