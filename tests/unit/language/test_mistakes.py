"""Mistakes are recognised: their code, the characters they are about, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker.diagnostics import Diagnostic, render_all
from matchmaker.errors import ExpressionError
from matchmaker.language import mistakes
from matchmaker.language.codes import CODES
from matchmaker.language.dialects import DIALECTS
from matchmaker.language.lexemes import Lexeme, Unparsable
from matchmaker.language.read import read
from matchmaker.limits import DEFAULT_LIMITS, Limits
from matchmaker.source import Source

OPENNEBULA = DIALECTS["opennebula"]


def diagnostics(
    text: object, expression: str = "requirement", limits: Limits = DEFAULT_LIMITS
) -> tuple[Diagnostic, ...]:
    """Return what reading a text says about it."""
    try:
        return read(text, OPENNEBULA, expression, limits, expression)[1]
    except ExpressionError as error:
        return error.diagnostics


# What is wrong, the code, the characters that are marked, and the hints.
REQUIREMENTS = [
    ("A >= 2.5", "MM103", ">=", ["`(A > 2.5 | A = 2.5)` means the same"]),
    ("A <= 2147483647", "MM103", "<=", ["`(A < 2147483647 | A = 2147483647)` means the same"]),
    ("A >= -2147483648", "MM103", ">=", ["`(A > -2147483648 | A = -2147483648)` means the same"]),
    ("A >= 3000000000", "MM103", ">=", ["beyond 2147483647, with a fraction: `(A > 3000000000.0 | A = 3000000000.0)`"]),
    ('A >= "x"', "MM103", ">=", ["texts have no order: `>` and `<` take numbers"]),
    ("A > = 5", "MM103", "> =", ["on whole numbers `A > 4` means the same"]),
    ("A == 5", "MM103", "==", ["write `A = 5`"]),
    ("A = = 5", "MM103", "= =", ["write `A = 5`"]),
    ("A === 5", "MM103", "===", ["write `A = 5`"]),
    ("A !== 5", "MM103", "!==", ["write `A != 5`"]),
    ("A <> 5", "MM103", "<>", ["write `A != 5`"]),
    ("A => 5", "MM103", "=>", ["on whole numbers `A > 4` means the same"]),
    ("A =< kvm", "MM103", "=<", ["texts have no order: `>` and `<` take numbers"]),
    ("A =! B", "MM103", "=!", ["write `A != B`"]),
    ("A !> 5", "MM103", "!>", ["write `!(A > 5)`"]),
    ("A @ 5", "MM103", "@", ["write `A @> 5`"]),
    ("A ! 5", "MM103", "!", ["write `A != 5`"]),
    ('A @= "x"', "MM103", "@=", ['write `A @> "x"`']),
    ("A !~ x", "MM103", "!~", ["write `A != x`", "`!=` already takes patterns, but no regular expressions"]),
    ("A ≥ 5", "MM103", "≥", ["on whole numbers `A > 4` means the same"]),
    ("A ≠ 5", "MM103", "≠", ["write `A != 5`"]),
    ("A = 1 ∧ B = 2", "MM103", "∧", ["write `&`"]),
    ("A > 5 && B < 3", "MM103", "&&", ["write `&`"]),
    ("A = 1 & & B = 2", "MM103", "& &", ["write `&`"]),
    ("A = 1 || B = 2", "MM103", "||", ["write `|`"]),
    ("A ^ 2 > 1", "MM103", "^", []),
    ("A % 2 = 0", "MM103", "%", ["there is no remainder"]),
    ("A = x AND B = y", "MM104", "AND", ["write `&`"]),
    ("A = x adn B = y", "MM104", "adn", ["if it is meant as `and`: write `&`"]),
    ("not A = 1", "MM104", "not", ["write `!(A = 1)`"]),
    ("A = 1 & NOT (B = 2)", "MM104", "NOT", ["write `!(...)`"]),
    ("A in (1, 2, 3, 4) & B = 2", "MM104", "in", ["write `(A = 1 | A = 2 | A = 3 | ...)`"]),
    ('A not in ["x", "y"]', "MM104", "not", ['write `!(A = "x" | A = "y")`']),
    ('A like "x%"', "MM104", "like", ['write `A = "x*"`']),
    ("A is null", "MM104", "is", ['write `!(A = "*")`']),
    ("A is not null", "MM104", "is", ['write `A = "*"`']),
    ("A is 5", "MM104", "is", ["write `A = 5`"]),
    ("A between 1 and 5", "MM104", "between", ["write `A > 0 & A < 6`"]),
    ("A ge 5", "MM104", "ge", ["write `A > 4`"]),
    ('A contains "x"', "MM104", "contains", ['write `A @> "x"`']),
    ("K = 'kvm-1'", "MM121", "'kvm-1'", ['write `K = "kvm-1"`']),
    ("K = “two words”", "MM121", "“two words”", ['write `K = "two words"`']),
    ("K = 'two words", "MM121", "'", ["texts stand in double quotes"]),
    ("'my name' = 5", "MM121", "'my name'", ['write `"my name"`']),
    ('A = "two words', "MM121", '"', ['write `"two words"`']),
    ('A = "x & B = "y"', "MM121", '"x & B = "', []),
    ('A = x" & B = "y"', "MM121", '" & B = "', []),
    ("FREE_CPU -1 > 5", "MM116", "-", ["compare an attribute with a number; only a rank calculates"]),
    ("FREE_CPU + 10 > 5", "MM116", "+", ["compare an attribute with a number; only a rank calculates"]),
    ("A > 4 * 1024", "MM116", "*", ["write the result: `A > 4096`"]),
    ("A > 4*1024*1024", "MM116", "*", ["write the result: `A > 4194304`"]),
    ("A = 5 - 1", "MM116", "-", ["compare an attribute with a number; only a rank calculates"]),
    ("A.B = 1", "MM106", "A.B", ['a path stands in quotes, with slashes: `"A/B"`']),
    (
        'TEMPLATE.GPU.NAME = "x"',
        "MM106",
        "TEMPLATE.GPU.NAME",
        ['a path stands in quotes, with slashes: `"TEMPLATE/GPU/NAME"`'],
    ),
    ("A-B = 1", "MM106", "A-B", ['a name with other characters stands in quotes: `"A-B"`']),
    ("A/B > 5", "MM106", "A/B", ['a name with other characters stands in quotes: `"A/B"`']),
    ("A[1] = 5", "MM106", "A[1]", ['a name with other characters stands in quotes: `"A[1]"`']),
    ("größe = 5", "MM106", "größe", ['a name with other characters stands in quotes: `"größe"`']),
    ("9A = 1", "MM106", "9A", ['a name with other characters stands in quotes: `"9A"`']),
    ("A = & B = 1", "MM102", "&", ['to ask only whether it is there: `A = "*"`']),
    ("A >", "MM102", "", []),
    ("A = 1 &", "MM102", "", []),
    ("= 5", "MM119", "=", []),
    ("& A = 1", "MM119", "&", []),
    ("A = 1 & | B = 2", "MM119", "|", ["leave one of them out"]),
    ("()", "MM110", "()", ["leave them out, or fill them"]),
    ("A = 1 & ()", "MM110", "()", ["leave them out, or fill them"]),
    ("(", "MM102", "", []),
    ("RUNNING", "MM107", "RUNNING", ['to ask whether it is there: `RUNNING = "*"`']),
    ("(GPU)", "MM107", "GPU", ['to ask whether it is there: `GPU = "*"`']),
    ("!A", "MM107", "A", ['to ask whether it is there: `A = "*"`']),
    ("! 5", "MM107", "5", ["a requirement compares attributes, as in `FREE_CPU > 50`"]),
    ("5", "MM107", "5", ["a requirement compares attributes, as in `FREE_CPU > 50`"]),
    ("TRUE", "MM107", "TRUE", ["an empty requirement is always true"]),
    ("A = 1 & false", "MM107", "false", ["there are no truth values, only comparisons"]),
    ("1 = A", "MM111", "1", ["write `A = 1`"]),
    ("5 > A", "MM111", "5", ["write `A < 5`"]),
    ("5 >= A", "MM111", "5", ["write `A < 6`"]),
    ("0 < A < 10", "MM111", "0", ["write `A > 0 & A < 10`"]),
    ("A < kvm", "MM112", "kvm", ["texts have no order; `=`, `!=` and `@>` take them"]),
    ('A > "5"', "MM112", '"5"', ["numbers stand without quotes: `A > 5`"]),
    ("A < B", "MM112", "B", ["two attributes are never compared with each other"]),
    ('((A = 1) & B = "(" | C = 3', "MM110", "(", ["add a `)` where its part ends"]),
    ("A = 1)", "MM110", ")", ["leave it out, or add a `(` before it"]),
    ("A = 1 & B = 2) & C = 3", "MM110", ")", ["leave it out, or add a `(` before it"]),
    ("A = 1 = 2", "MM124", "=", ["write `A = 1 & A = 2`"]),
    ("A > 1 < 5", "MM124", "<", ["write `A > 1 & A < 5`"]),
    ("A = 1 != 2", "MM124", "!", ["write `A = 1 & A != 2`"]),
    (
        "SCHED_REQUIREMENTS = HYPERVISOR = kvm",
        "MM124",
        "=",
        ["leave out `SCHED_REQUIREMENTS =`: a requirement is what stands behind it"],
    ),
    ("max(A, B) > 5", "MM118", "max(", []),
    ("defined(A)", "MM118", "defined(", ['to ask whether it is there: `A = "*"`']),
    ("A = max(B)", "MM118", "max(", []),
    ("# a comment", "MM122", "# a comment", ["leave it out"]),
    ("A = 1 # here", "MM122", "# here", ["leave it out"]),
    ("A = 1 // here", "MM122", "// here", ["leave it out"]),
    ("A = 1 /* here */ & B = 2", "MM122", "/* here */", ["leave it out"]),
    ("A = 1 -- here", "MM122", "-- here", ["leave it out"]),
    ("A > 4 GB", "MM120", "4 GB", ["write it in the attribute's own unit: `4194304` KiB or `4096` MiB"]),
    ("A > 0.5k", "MM120", "0.5k", ["write it in the attribute's own unit"]),
    ("A > 1e3", "MM120", "1e3", ["write `A > 1000`"]),
    ("A > 1e10", "MM120", "1e10", ["write `A > 10000000000.0`"]),
    ("A > 0x10", "MM120", "0x10", ["write `A > 16`"]),
    ("A > 1,000", "MM120", "1,000", ["write `A > 1000`"]),
    ("A > 1_000", "MM120", "1_000", ["write `A > 1000`"]),
    ("A > 1.2.3", "MM112", "1.2.3", ["`>` takes one number, such as `5` or `2.5`"]),
    ("V = 1.2.3", "MM121", "1.2.3", ['write `V = "1.2.3"`']),
    ("IP = 10.0.0.1", "MM121", "10.0.0.1", ['write `IP = "10.0.0.1"`']),
    ("D = 2024-01-01", "MM121", "2024-01-01", ['write `D = "2024-01-01"`']),
    ("A = *", "MM121", "*", ['write `A = "*"`']),
    ("A = kvm*", "MM121", "kvm*", ['write `A = "kvm*"`']),
    ("A = /dev/sda", "MM121", "/dev/sda", ['write `A = "/dev/sda"`']),
    ("A = node-1.example.com", "MM121", "node-1.example.com", ['write `A = "node-1.example.com"`']),
    ("A != a:b", "MM121", "a:b", ['write `A != "a:b"`']),
    (
        "NAME = my host",
        "MM121",
        "my host",
        ['write `NAME = "my host"`', "for one or the other: `NAME = my | NAME = host`"],
    ),
    ("HYPERVISOR = kvm, xen", "MM125", "xen", ["write `(HYPERVISOR = kvm | HYPERVISOR = xen)`"]),
    ("A = 1, B = 2", "MM123", "B", ["`,` joins nothing: write `&` where both must hold, `|` where one must"]),
    ("A = (1 | 2)", "MM125", "(", ["write `(A = 1 | A = 2)`"]),
    ("A = (B)", "MM125", "(", ["write `A = B`"]),
    ("A 5", "MM123", "5", ["write `A = 5`"]),
    ("A = 1 B = 2", "MM123", "B", ["write `&` where both must hold, `|` where one must"]),
    ("A = 1 (B = 2)", "MM123", "(", ["write `&` where both must hold, `|` where one must"]),
    ("A = - 5", "MM105", "-", ["write `A = -5`"]),
    ("A > +5", "MM105", "+", ["write `A > 5`"]),
    ("A = ?", "MM102", "", ['a pattern needs double quotes: `A = "?"`']),
    ("A > *", "MM101", "*", []),
    ('"" = 5', "MM108", '""', ["write the attribute's name; this one crashes OpenNebula's scheduler"]),
    ('A = 1 & "" == 5', "MM108", '""', ["write the attribute's name"]),
    ('"A[B[C=1]=2]" = 5', "MM109", '"A[B[C=1]=2]"', []),
]
RANKS = [
    ("A-1", "MM105", "-1", ["put a blank behind it: `A - 1`"]),
    ("2-1", "MM105", "-1", ["put a blank behind it: `2 - 1`"]),
    ("(A) -1.5", "MM105", "-1.5", ["put a blank behind it: `- 1.5`"]),
    ("+5", "MM119", "+", ["leave the `+` out"]),
    ("A ^ 2", "MM103", "^", ["write `A * A`"]),
    ("A ** 2", "MM103", "**", ["write `A * A`"]),
    ("A % B", "MM103", "%", ["there is no remainder"]),
    ("A ÷ B", "MM103", "÷", ["write `/`"]),
    (
        "A // B",
        "MM103",
        "//",
        ["write `/`; only the result of a rank is cut to a whole number", "there are no comments"],
    ),
    ("A /* x */ B", "MM122", "/* x */", ["leave it out"]),
    ("A * * B", "MM119", "*", ["leave one of them out"]),
    ("A = 1", "MM117", "=", ["to filter candidates, write it as a requirement"]),
    ("RANK = FREE_CPU", "MM117", "=", ["leave out `RANK =`: a rank is what stands behind it"]),
    ("A & B", "MM117", "&", ["to filter candidates, write it as a requirement"]),
    ("!A", "MM117", "!", ["to filter candidates, write it as a requirement"]),
    ("A +", "MM102", "", []),
    ("* A", "MM119", "*", []),
    ("(A", "MM110", "(", ["add a `)` where its part ends"]),
    ("A)", "MM110", ")", ["leave it out, or add a `(` before it"]),
    ("()", "MM110", "()", ["leave them out, or fill them"]),
    ("max(A, B)", "MM118", "max(", []),
    ("A.B * 2", "MM106", "A.B", ['a path stands in quotes, with slashes: `"A/B"`']),
    ("A B", "MM123", "B", []),
    ("1e3", "MM120", "1e3", ["write `1000`"]),
    ("4G * A", "MM120", "4G", ["write it in the attribute's own unit: `4194304` KiB or `4096` MiB"]),
    ("0x10", "MM120", "0x10", ["write `16`"]),
    ("1,000 * A", "MM120", "1,000", ["write `1000`"]),
    ("1.2.3", "MM123", "3", []),
    ("A and B", "MM104", "and", ["to filter candidates, write it as a requirement"]),
    ("A mod 2", "MM104", "mod", []),
    ("A ? B : C", "MM103", "?", ["there is no choice between two values"]),
    ('""', "MM108", '""', ["write the attribute's name; this one crashes OpenNebula's scheduler"]),
]

RENDERED = [
    (
        "requirement",
        'HYPERVISOR = "kvm" & FREE_MEMORY >= 2097152',
        """\
error[MM103]: `>=` is not an operator of the opennebula dialect
 --> requirement:1:34
  |
1 | HYPERVISOR = "kvm" & FREE_MEMORY >= 2097152
  |                                  ^^ expected `=`, `!=`, `>`, `<` or `@>`
  = hint: on whole numbers `FREE_MEMORY > 2097151` means the same""",
    ),
    (
        "requirement",
        "FREE_MEMORY => 2.5",
        """\
error[MM103]: `=>` is not an operator of the opennebula dialect
 --> requirement:1:13
  |
1 | FREE_MEMORY => 2.5
  |             ^^ expected `=`, `!=`, `>`, `<` or `@>`
  = hint: `(FREE_MEMORY > 2.5 | FREE_MEMORY = 2.5)` means the same""",
    ),
    (
        "requirement",
        'HYPERVISOR == "kvm"',
        """\
error[MM103]: `==` is not an operator of the opennebula dialect
 --> requirement:1:12
  |
1 | HYPERVISOR == "kvm"
  |            ^^ expected `=`, `!=`, `>`, `<` or `@>`
  = hint: write `HYPERVISOR = "kvm"`""",
    ),
    (
        "requirement",
        'HYPERVISOR = "kvm" && FREE_CPU > 50',
        """\
error[MM103]: `&&` is not an operator of the opennebula dialect
 --> requirement:1:20
  |
1 | HYPERVISOR = "kvm" && FREE_CPU > 50
  |                    ^^ expected `&`
  = hint: write `&`""",
    ),
    (
        "requirement",
        'HYPERVISOR = "kvm" and FREE_CPU > 50',
        """\
error[MM104]: `and` is not an operator of the opennebula dialect
 --> requirement:1:20
  |
1 | HYPERVISOR = "kvm" and FREE_CPU > 50
  |                    ^^^ expected `&` or `|`
  = hint: write `&`""",
    ),
    (
        "requirement",
        "not CLUSTER_ID = 100",
        """\
error[MM104]: `not` is not an operator of the opennebula dialect
 --> requirement:1:1
  |
1 | not CLUSTER_ID = 100
  | ^^^ expected `!`
  = hint: write `!(CLUSTER_ID = 100)`""",
    ),
    (
        "requirement",
        "CLUSTER_ID in (100, 101)",
        """\
error[MM104]: `in` is not an operator of the opennebula dialect
 --> requirement:1:12
  |
1 | CLUSTER_ID in (100, 101)
  |            ^^ expected `=`, `!=`, `>`, `<` or `@>`
  = hint: write `(CLUSTER_ID = 100 | CLUSTER_ID = 101)`""",
    ),
    (
        "requirement",
        "HYPERVISOR = 'kvm'",
        """\
warning[MM201]: `'` is skipped: it is no part of the language
 --> requirement:1:14
  |
1 | HYPERVISOR = 'kvm'
  |              ^ OpenNebula prints it into its plan
  = hint: write `"kvm"`

warning[MM201]: `'` is skipped: it is no part of the language
 --> requirement:1:18
  |
1 | HYPERVISOR = 'kvm'
  |                  ^ OpenNebula prints it into its plan
  = hint: write `"kvm"`""",
    ),
    (
        "requirement",
        "NAME = 'my host'",
        """\
warning[MM201]: `'` is skipped: it is no part of the language
 --> requirement:1:8
  |
1 | NAME = 'my host'
  |        ^ OpenNebula prints it into its plan
  = hint: write `"my host"`

error[MM121]: `'` quotes nothing; only double quotes do
 --> requirement:1:8
  |
1 | NAME = 'my host'
  |        ^^^^^^^^^
  = hint: write `NAME = "my host"`""",
    ),
    (
        "requirement",
        'NAME = "my host & FREE_CPU > 50',
        """\
warning[MM201]: `"` is skipped: it is no part of the language
 --> requirement:1:8
  |
1 | NAME = "my host & FREE_CPU > 50
  |        ^ OpenNebula prints it into its plan
  = hint: this `"` has no partner, so that it quotes nothing

error[MM121]: this `"` has no partner
 --> requirement:1:8
  |
1 | NAME = "my host & FREE_CPU > 50
  |        ^
  = hint: write `"my host"`""",
    ),
    (
        "requirement",
        "TEMPLATE.GPU = 1",
        """\
warning[MM201]: `.` is skipped: it is no part of the language
 --> requirement:1:9
  |
1 | TEMPLATE.GPU = 1
  |         ^ OpenNebula prints it into its plan
  = hint: a text or name with `.` in it stands in double quotes

error[MM106]: `TEMPLATE.GPU` is not a name
 --> requirement:1:1
  |
1 | TEMPLATE.GPU = 1
  | ^^^^^^^^^^^^ expected `=`, `!=`, `>`, `<` or `@>`
  = hint: a path stands in quotes, with slashes: `"TEMPLATE/GPU"`""",
    ),
    (
        "requirement",
        "CLUSTER_ID = ",
        """\
error[MM102]: `=` has nothing on its right side
 --> requirement:1:14
  |
1 | CLUSTER_ID =
  |              ^ expected a number or a text
  = hint: to ask only whether it is there: `CLUSTER_ID = "*"`""",
    ),
    (
        "requirement",
        'HYPERVISOR = "kvm" &',
        """\
error[MM102]: `&` has nothing on its right side
 --> requirement:1:21
  |
1 | HYPERVISOR = "kvm" &
  |                     ^ expected a comparison, `!` or `(`""",
    ),
    (
        "requirement",
        "RUNNING & FREE_CPU > 50",
        """\
error[MM107]: `RUNNING` alone is not a condition
 --> requirement:1:1
  |
1 | RUNNING & FREE_CPU > 50
  | ^^^^^^^ expected `=`, `!=`, `>`, `<` or `@>` behind it
  = hint: to ask whether it is there: `RUNNING = "*"`""",
    ),
    (
        "requirement",
        "50 < FREE_CPU",
        """\
error[MM111]: the attribute stands on the left
 --> requirement:1:1
  |
1 | 50 < FREE_CPU
  | ^^ expected the attribute here, and the number on the right
  = hint: write `FREE_CPU > 50`""",
    ),
    (
        "requirement",
        'FREE_CPU > "50"',
        """\
error[MM112]: `>` compares numbers only
 --> requirement:1:12
  |
1 | FREE_CPU > "50"
  |            ^^^^ expected a number
  = hint: numbers stand without quotes: `FREE_CPU > 50`""",
    ),
    (
        "requirement",
        '(HYPERVISOR = "kvm" | FREE_CPU > 50',
        """\
error[MM110]: this `(` is never closed
 --> requirement:1:1
  |
1 | (HYPERVISOR = "kvm" | FREE_CPU > 50
  | ^
  = hint: add a `)` where its part ends""",
    ),
    (
        "requirement",
        "FREE_CPU > 50)",
        """\
error[MM110]: this `)` closes no `(`
 --> requirement:1:14
  |
1 | FREE_CPU > 50)
  |              ^
  = hint: leave it out, or add a `(` before it""",
    ),
    (
        "requirement",
        "FREE_CPU + 10 > 50",
        """\
error[MM116]: `+` has no place in a requirement, which only compares
 --> requirement:1:10
  |
1 | FREE_CPU + 10 > 50
  |          ^ expected `=`, `!=`, `>`, `<` or `@>`
  = hint: compare an attribute with a number; only a rank calculates""",
    ),
    (
        "requirement",
        "FREE_MEMORY > 4G",
        """\
error[MM120]: a number has no unit: `4G`
 --> requirement:1:15
  |
1 | FREE_MEMORY > 4G
  |               ^^
  = hint: write it in the attribute's own unit: `4194304` KiB or `4096` MiB""",
    ),
    (
        "requirement",
        'HYPERVISOR = "kvm"; FREE_CPU > 50',
        """\
warning[MM201]: `;` is skipped: it is no part of the language
 --> requirement:1:19
  |
1 | HYPERVISOR = "kvm"; FREE_CPU > 50
  |                   ^ OpenNebula prints it into its plan
  = hint: leave it out, or write an operator

error[MM123]: an operator is missing between `"kvm"` and `FREE_CPU`
 --> requirement:1:21
  |
1 | HYPERVISOR = "kvm"; FREE_CPU > 50
  |                     ^^^^^^^^ expected `&` or `|`
  = hint: `;` joins nothing: write `&` where both must hold, `|` where one must""",
    ),
    (
        "requirement",
        'HYPERVISOR = "kvm"\nFREE_CPU > 50',
        """\
warning[MM201]: a line end is skipped: it is no part of the language
 --> requirement:1:19
  |
1 | HYPERVISOR = "kvm"
  |                   ^ OpenNebula prints it into its plan
  = hint: write the expression on one line

error[MM123]: an operator is missing between `"kvm"` and `FREE_CPU`
 --> requirement:2:1
  |
2 | FREE_CPU > 50
  | ^^^^^^^^ expected `&` or `|`
  = hint: lines do not join: write `&` where both must hold, `|` where one must""",
    ),
    (
        "requirement",
        "NAME = node-1.example.com",
        """\
error[MM121]: `node-1.example.com` needs quotes
 --> requirement:1:8
  |
1 | NAME = node-1.example.com
  |        ^^^^^^^^^^^^^^^^^^
  = hint: write `NAME = "node-1.example.com"`""",
    ),
    (
        "requirement",
        "FREE_CPU > 50 # half a core",
        """\
warning[MM201]: `#` is skipped: it is no part of the language
 --> requirement:1:15
  |
1 | FREE_CPU > 50 # half a core
  |               ^ OpenNebula prints it into its plan
  = hint: there are no comments: leave it out

error[MM122]: there are no comments in an expression
 --> requirement:1:15
  |
1 | FREE_CPU > 50 # half a core
  |               ^^^^^^^^^^^^^
  = hint: leave it out""",
    ),
    (
        "requirement",
        '"" = 5',
        """\
error[MM108]: an empty text is not a name
 --> requirement:1:1
  |
1 | "" = 5
  | ^^ expected a name
  = hint: write the attribute's name; this one crashes OpenNebula's scheduler""",
    ),
    (
        "rank",
        "FREE_CPU -1",
        """\
error[MM105]: no operator stands before `-1`: the `-` belongs to the number
 --> rank:1:10
  |
1 | FREE_CPU -1
  |          ^^ expected `+`, `-`, `*` or `/`
  = hint: put a blank behind it: `FREE_CPU - 1`""",
    ),
    (
        "rank",
        "FREE_CPU > 50",
        """\
error[MM117]: `>` has no place in a rank, which only calculates
 --> rank:1:10
  |
1 | FREE_CPU > 50
  |          ^ expected `+`, `-`, `*` or `/`
  = hint: to filter candidates, write it as a requirement""",
    ),
    (
        "rank",
        "max(FREE_CPU, 50)",
        """\
error[MM118]: there are no functions in the opennebula dialect
 --> rank:1:1
  |
1 | max(FREE_CPU, 50)
  | ^^^^ expected `+`, `-`, `*` or `/`""",
    ),
    (
        "rank",
        "FREE_CPU % 10",
        """\
warning[MM201]: `%` is skipped: it is no part of the language
 --> rank:1:10
  |
1 | FREE_CPU % 10
  |          ^ OpenNebula prints it into its plan
  = hint: there is no remainder; in patterns `*` stands for any text

error[MM103]: `%` is not an operator of the opennebula dialect
 --> rank:1:10
  |
1 | FREE_CPU % 10
  |          ^ expected `+`, `-`, `*` or `/`
  = hint: there is no remainder""",
    ),
    (
        "rank",
        "+FREE_CPU",
        """\
error[MM119]: a number or attribute has no `+` before it
 --> rank:1:1
  |
1 | +FREE_CPU
  | ^ expected an attribute, a number, `-` or `(`
  = hint: leave the `+` out""",
    ),
]


@pytest.mark.parametrize(("text", "code", "marked", "hints"), REQUIREMENTS)
def test_mistake_in_a_requirement(text: str, code: str, marked: str, hints: list[str]) -> None:
    found = diagnostics(text)[-1]
    assert (found.code, text[slice(*found.span)], list(found.hints)) == (code, marked, hints)
    assert found.severity == "error"


@pytest.mark.parametrize(("text", "code", "marked", "hints"), RANKS)
def test_mistake_in_a_rank(text: str, code: str, marked: str, hints: list[str]) -> None:
    found = diagnostics(text, "rank")[-1]
    assert (found.code, text[slice(*found.span)], list(found.hints)) == (code, marked, hints)
    assert found.severity == "error"


@pytest.mark.parametrize(("expression", "text", "rendered"), RENDERED)
def test_rendered(expression: str, text: str, rendered: str) -> None:
    assert render_all(diagnostics(text, expression), Source(text, expression)) == rendered


@pytest.mark.parametrize("expression", ["requirement", "rank"])
def test_what_hints_say_to_write_is_valid(expression: str) -> None:
    for text, *_ in REQUIREMENTS if expression == "requirement" else RANKS:
        for hint in diagnostics(text, expression)[-1].hints:
            for written in re.findall("(?:^|write |fraction: |there: )`([^`]*)`", hint):
                if re.search("[A-Za-z] [=<>!@*-]", written) and "..." not in written:
                    assert diagnostics(written, expression) == (), hint


def test_the_expected_tokens_are_told_in_words() -> None:
    labels = {diagnostics(text)[-1].label for text in ("&", "A", "A =", "A >", "A = 1 B = 2", "A ! 5", "A @ 5")}
    assert labels == {
        "expected a comparison, `!` or `(`",
        "expected `=`, `!=`, `>`, `<` or `@>` behind it",
        "expected a number or a text",
        "expected a number",
        "expected `&` or `|`",
        "expected `=`",
        "expected `>`",
    }
    assert diagnostics("*", "rank")[-1].label == "expected an attribute, a number, `-` or `(`"
    assert diagnostics("A B", "rank")[-1].label == "expected `+`, `-`, `*` or `/`"


def test_a_dialect_with_other_tokens_is_explained_by_what_was_expected() -> None:
    error = Unparsable(Lexeme("NAME", "B", 2, 3), frozenset({"SEMICOLON", "COMMA"}), [])
    found = mistakes.explain_syntax(Source("A B"), error, "requirement", replace(OPENNEBULA, name="other"))
    assert (found.code, found.message) == ("MM101", "`B` cannot stand here")
    assert found.label == "expected `COMMA` or `SEMICOLON`"


def test_an_unclosed_parenthesis_is_found_across_long_texts() -> None:
    groups = '(A = 1 & B = ")(") & ' * 2000
    text = f"{groups}(C = 1 & {groups}D = 1"
    found = diagnostics(text)[-1]
    assert (found.code, found.span) == ("MM110", (len(groups), len(groups) + 1))


def test_an_unpaired_quote_does_not_hide_parentheses() -> None:
    found = diagnostics('("A" = 1 & (B = 2) & C = "x')[-1]
    assert (found.code, found.span) == ("MM110", (0, 1))


@pytest.mark.parametrize("filler", ["B = 1 & ", "(B = 1) & ", 'B = "x & y" & ', "BCD=12.5|", "!(B=-1)&"])
def test_tokens_before_the_error_are_read_right_from_the_middle_of_a_long_text(filler: str) -> None:
    near = diagnostics("A >= 5")[-1]
    for length in range(2000, 2020):
        text = " " * (length % 20) + filler * (length // len(filler)) + "A >= 5"
        found = diagnostics(text)[-1]
        assert (found.code, found.hints) == (near.code, near.hints)
        assert text[slice(*found.span)] == ">="


def test_a_string_longer_than_what_is_looked_at() -> None:
    long = '"' + "x & (" * 1000 + '"'
    found = diagnostics(f"A = {long} and B = 1")[-1]
    assert (found.code, found.hints) == ("MM104", ("write `&`",))
    assert diagnostics(f"A >= {long}")[-1].code == "MM103"
    assert diagnostics(f"{long} >= 5")[-1].hints[0].startswith('on whole numbers `"x & (x & (')


def test_too_deep() -> None:
    text = "(" * 20 + "A = 1" + ")" * 20
    found = diagnostics(text, limits=Limits(depth=10))[-1]
    assert (found.code, found.span) == ("MM113", (10, 11))


def test_length_and_parts_are_limited() -> None:
    assert diagnostics("A = 1", limits=Limits(length=4))[-1].code == "MM113"
    assert diagnostics("A = 1 & B = 2", limits=Limits(nodes=3))[-1].code == "MM113"
    assert diagnostics(b"A = 1")[-1].code == "MM114"


SKIPPED = [
    ("A='x'", "'", 'write `"x"`'),
    ("A='x'&B='y z'", "'", 'write `"x"`'),
    ("A = don't", "'", "only double quotes quote"),
    ('A = "x', '"', 'this `"` has no partner, so that it quotes nothing'),
    ("A = 1\n", "\n", "write the expression on one line"),
    ("A = 1;", ";", "leave it out, or write an operator"),
    ("A = 1,", ",", "leave it out, or write an operator"),
    ("A = .5", ".", "this reads as `5`; write `0.5`"),
    ("A = 5.", ".", "leave it out"),
    ("A = x.", ".", "leave it out"),
    ("A = 1.5.", ".", "leave it out"),
    ("#A = 1", "#", "there are no comments: leave it out"),
    ("A ~= 1", "~", '`=` already takes patterns, such as `"node*"`'),
    ("A = 5%", "%", "a number has no unit"),
    ("A = %x", "%", "there is no remainder; in patterns `*` stands for any text"),
    ("A = x?", "?", 'a pattern stands in double quotes: `"node?"`'),
    ("_A = 1", "_", 'this reads as `A`; write `"_A"`'),
    ("A = _", "_", "a name begins with a letter"),
    ("$A = 1", "$", "leave it out: a name stands for itself"),
    ("{A = 1}", "{", "group with `(` and `)`"),
    ("A:= 1", ":", "a text or name with `:` in it stands in double quotes"),
    ("A\u00a0= 1", "\u00a0", "only the space and the tab separate words"),
    ("\ufeffA = 1", "\ufeff", "only the space and the tab separate words"),
    ("A = 1\ud800", "\ud800", "only the space and the tab separate words"),
    ("A = kvmß", "ß", "a text or name with such letters stands in double quotes"),
    ("A = 5\N{MINUS SIGN}", "\N{MINUS SIGN}", "it stands for no operator; `-` is written in ASCII"),
    ("A = \\x", "\\", "a pattern stands in double quotes"),
    ("A = 1\N{SNOWMAN}", "\N{SNOWMAN}", "leave it out"),
]


@pytest.mark.parametrize(("text", "character", "hint"), SKIPPED)
def test_skipped_characters(text: str, character: str, hint: str) -> None:
    found = next(each for each in diagnostics(text) if each.code == "MM201")
    assert (text[slice(*found.span)], found.hints[0], found.severity) == (character, hint, "warning")


def test_skipped_characters_are_named() -> None:
    messages = [
        diagnostics(text)[0].message.split(" is skipped")[0] for text in ("A=1;", "A=1\r\n", "A=1\u00a0", "A=1;\n")
    ]
    assert messages == ["`;`", "a line end", "U+00A0", "`;\N{REPLACEMENT CHARACTER}`"]


def test_each_run_of_skipped_characters_has_one_warning_with_exactly_its_span() -> None:
    text = "A;=1;;&'B'=\n2." + "; " * 300
    found = diagnostics(text)
    assert {each.code for each in found} == {"MM201"}
    assert "".join(text[slice(*each.span)] for each in found) == ";;;''\n." + ";" * 300
    assert [text[slice(*each.span)] for each in found[:4]] == [";", ";;", "'", "'"]


def test_warnings_come_before_the_error() -> None:
    assert [each.code for each in diagnostics("A.B = 1")] == ["MM201", "MM106"]
    assert [each.code for each in diagnostics('A = 4294967297 & "" = 1;')] == ["MM201", "MM203", "MM108"]


@pytest.mark.parametrize(
    ("literal", "value"),
    [("2147483648", -2147483648), ("4294967297", 1), ("99999999999999999999", -1), ("-2147483649", 2147483647),
     ("4294967296", 0), ("9" * 5000, -1)],
)  # fmt: skip
def test_integers_that_wrap(literal: str, value: int) -> None:
    text = f"A = {literal}"
    (found,) = diagnostics(text)
    assert (found.code, found.span, found.label) == ("MM203", (4, len(text)), f"read as {value}")
    assert diagnostics(literal, "rank")[0].label == f"read as {value}"


@pytest.mark.parametrize(
    "literal", ["2147483647", "-2147483648", "0000000000005", "-0", "-0000000000000", '"99999999999"']
)
def test_integers_that_fit(literal: str) -> None:
    assert diagnostics(f"A = {literal}") == ()


def test_text_behind_a_nul() -> None:
    (found,) = diagnostics("A = 1\0 &&")
    assert (found.code, found.span) == ("MM208", (5, 6))
    assert found.message == "the text ends at this NUL: 3 characters behind it are ignored"
    assert diagnostics("A = 1\0")[0].message == "the text ends at this NUL"
    assert diagnostics("A = \0 1")[-1].code == "MM102"


def test_refused_names_are_all_told() -> None:
    found = diagnostics('"" = 1 & "A[B[C]]" = 2 & A = 3 & "" = 4')
    assert [(each.code, each.span) for each in found] == [("MM108", (0, 2)), ("MM109", (9, 18)), ("MM108", (33, 35))]


@pytest.mark.parametrize(
    "text",
    ['"" = 5', 'A = "=" & "" = "x"', 'A = "x" & "">5', 'A="="&""="="', 'A = \'""=1', 'A = x" & "" = "=" & B = "x"'],
)
def test_empty_names_are_found_beside_quoted_texts(text: str) -> None:
    quoted_names = {each.code for each in diagnostics(text)} & {"MM108", "MM121"}
    assert quoted_names


PARTS = st.sampled_from(
    [
        "A",
        "FREE_CPU",
        "kvm",
        "not",
        "and",
        "in",
        "like",
        "max",
        "1",
        "-1",
        "2.5",
        "-0.5",
        "99999999999",
        '"x"',
        '""',
        '"A/B"',
        '"[a-"',
        "'",
        '"',
        ";",
        ",",
        ".",
        "#",
        "~",
        "%",
        "?",
        "_",
        "$",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\\",
        "ö",
        "≥",
        "≠",
        "=",
        "!",
        ">",
        "<",
        "@",
        "&",
        "|",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "^",
        "==",
        ">=",
        "<=",
        "&&",
        "||",
        "//",
        "/*",
        "--",
        "4G",
        "1e3",
        "0x10",
        "1,000",
        "1.2.3",
    ]
)
TEXTS = st.one_of(st.lists(PARTS | st.sampled_from([" ", "\n", "\t", "\0"])).map("".join), st.text())


@given(TEXTS, st.sampled_from(["requirement", "rank"]))
@example("A" * 100_000 + " B", "requirement")
@example("A" + ";" * 100_000 + "B", "requirement")
@example("A > " + "9*" * 50_000 + "9", "requirement")
@example("#" * 1000 + " x y", "requirement")
def test_any_text_is_explained(text: str, expression: str) -> None:
    found = diagnostics(text, expression)
    for each in found:
        assert 0 <= each.span.start <= each.span.end <= len(text)
        assert CODES[each.code].severity == each.severity
        assert each.message == each.message.strip().removesuffix(".")
        for line in (each.message, each.label, *each.hints):
            assert line.isprintable()
            assert len(line) < 160
        assert each.render(Source(text)).startswith(f"{each.severity}[{each.code}]: ")
    assert [each.severity for each in found[:-1]].count("error") == 0 or found[-1].code in ("MM108", "MM109")
