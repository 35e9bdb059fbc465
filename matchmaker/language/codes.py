"""All codes of diagnostics, each with an example; `docs/reference/diagnostics.md` is made of this table."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """What the diagnostics of one code have in common.

    Parameters
    ----------
    code : str
        Such as `MM103`.
    severity : {"error", "warning"}
        An error makes the expression unusable.
    title : str
        What is wrong, in a few words.
    explanation : str
        Why, and what to do about it, in Markdown.
    example : object
        An expression that has it; None where one expression alone cannot have it.
    expression : {"requirement", "rank"}
        What the example is.
    kind : str
        The kind of candidates that the example is for.
    """

    code: str
    severity: Severity
    title: str
    explanation: str
    example: object
    expression: str = "requirement"
    kind: str = "plain"


CODES = {
    code.code: code
    for code in (
        Code(
            "MM101",
            "error",
            "something unexpected",
            "The text does not follow the grammar at this place, and none of the more telling codes fits.",
            "FREE_CPU > *",
        ),
        Code(
            "MM102",
            "error",
            "an operator has nothing on its right side",
            "A comparison needs a number or a text behind its operator, and `&`, `|`, `+` and their like need a second "
            'operand. To ask only whether an attribute is there, compare it with the pattern `"*"`.',
            "CLUSTER_ID = ",
        ),
        Code(
            "MM103",
            "error",
            "an operator of another language",
            "The operators of a requirement are `=`, `!=`, `>`, `<`, `@>`, `&`, `|` and `!`, those of a rank `+`, `-`, "
            "`*` and `/`. On whole numbers `A >= 5` is `A > 4`; on others it is `(A > 2.5 | A = 2.5)`. `!(A < 2.5)` is "
            "shorter, but it is also true where `A` is missing.",
            'HYPERVISOR = "kvm" & FREE_MEMORY >= 2097152',
        ),
        Code(
            "MM104",
            "error",
            "a word for an operator",
            "Operators are signs: `&` for and, `|` for or, `!` for not. Several values take several comparisons, and "
            "patterns stand in double quotes behind `=`.",
            'HYPERVISOR = "kvm" and FREE_CPU > 50',
        ),
        Code(
            "MM105",
            "error",
            "a minus at the wrong place",
            "A `-` right before a digit belongs to the number, so that in `FREE_CPU -1` no operator stands between the "
            "two. OpenNebula then ranks by what stands before the mistake. A blank behind the `-` makes it an operator.",
            "FREE_CPU -1",
            "rank",
        ),
        Code(
            "MM106",
            "error",
            "a name with other characters",
            "A name is a letter, then letters, digits and `_`. Any other name stands in double quotes, and is then a path: "
            'OpenNebula reads it as XPath, so that what is `A.B` elsewhere is `"A/B"` here.',
            "TEMPLATE.GPU = 1",
        ),
        Code(
            "MM107",
            "error",
            "a condition that compares nothing",
            "A requirement is made of comparisons; an attribute or a number alone is neither true nor false.",
            "RUNNING & FREE_CPU > 50",
        ),
        Code(
            "MM108",
            "error",
            "an empty name",
            'A comparison with the name `""` crashes OpenNebula\'s scheduler, for everybody. It is refused here.',
            '"" = 5',
        ),
        Code(
            "MM109",
            "error",
            "a path that could be costly",
            "A quoted name is an XPath that every candidate evaluates, and some take hours. Refused are names that are too "
            "long, join too many paths, or go through a document again and again: with too many predicates, a predicate "
            "inside another, a long axis or a way out of the element inside one, or several long axes in one path.",
            '"A[B[C=1]=2]" = 5',
        ),
        Code(
            "MM110",
            "error",
            "parentheses that do not pair",
            "Each `(` needs its `)`, and something between the two.",
            '(HYPERVISOR = "kvm" | FREE_CPU > 50',
        ),
        Code(
            "MM111",
            "error",
            "the sides of a comparison are exchanged",
            "The attribute stands on the left side, the number or text on the right.",
            "5 < FREE_CPU",
        ),
        Code(
            "MM112",
            "error",
            "a text where only numbers are compared",
            "`>` and `<` take a number without quotes. Texts have no order, and two attributes are never compared.",
            'FREE_CPU > "50"',
        ),
        Code(
            "MM113",
            "error",
            "an expression that is too large",
            "Expressions come from users who may not be trusted, so that length, number of parts and depth are limited. "
            "`Limits` sets other limits; those on depth are OpenNebula's own.",
            "(" * 10_000,
        ),
        Code(
            "MM114",
            "error",
            "not a text",
            "An expression is a `str`. Decode bytes first, as UTF-8.",
            5,
        ),
        Code(
            "MM115",
            "error",
            "two dialects in one expression",
            "Requirements that are joined with `&` or `|` in Python must be of one dialect: the same text may mean two "
            "things.",
            None,
        ),
        Code(
            "MM116",
            "error",
            "arithmetic in a requirement",
            "A requirement compares one attribute with one number; only a rank calculates.",
            "FREE_CPU + 10 > 50",
        ),
        Code(
            "MM117",
            "error",
            "a comparison in a rank",
            "A rank is arithmetic: attributes, numbers, `+`, `-`, `*`, `/` and parentheses. To leave candidates out, "
            "write a requirement.",
            "FREE_CPU > 50",
            "rank",
        ),
        Code(
            "MM118",
            "error",
            "a function",
            "There are no functions.",
            "max(FREE_CPU, 50)",
            "rank",
        ),
        Code(
            "MM119",
            "error",
            "an operator has nothing on its left side",
            "An attribute stands before each comparison, and an operand on both sides of every other operator but `!` "
            "and, in a rank, `-`. There is no `+` before a number.",
            "& FREE_CPU > 50",
        ),
        Code(
            "MM120",
            "error",
            "a number of another language",
            "Numbers are decimal digits, if need be with a `-` in front and a fraction behind. There are no exponents, "
            "units, other bases or separators.",
            "FREE_MEMORY > 4G",
        ),
        Code(
            "MM121",
            "error",
            "a text that needs double quotes",
            "On the right side, only a number, or a word of letters, digits and `_` that begins with a letter, stands "
            'without quotes. There is no other quotation mark than `"`, and nothing escapes it.',
            "NAME = 'my host'",
        ),
        Code(
            "MM122",
            "error",
            "a comment",
            "There are no comments.",
            "FREE_CPU > 50 # half a core",
        ),
        Code(
            "MM123",
            "error",
            "an operator is missing",
            "Two operands follow each other. Neither a line end nor `,` or `;` joins them.",
            'HYPERVISOR = "kvm"; FREE_CPU > 50',
        ),
        Code(
            "MM124",
            "error",
            "comparisons in a chain",
            "Each comparison names its attribute: `A > 1 & A < 5`.",
            "FREE_CPU > 1 < 5",
        ),
        Code(
            "MM125",
            "error",
            "several values on the right side",
            "A comparison has one value; write several of them, joined by `|`.",
            "CLUSTER_ID = (100 | 101)",
        ),
        Code(
            "MM201",
            "warning",
            "skipped characters",
            "OpenNebula passes over what it does not know instead of refusing it, and so does this dialect: `K = 'kvm'` "
            "reads as `K = kvm`, and `A = .5` as `A = 5`. OpenNebula also prints these characters on its standard "
            "output, where its scheduler writes the plan, which then cannot be read. Only the space and the tab may "
            "stand anywhere; even a line end is printed.",
            "HYPERVISOR = 'kvm'",
        ),
        Code(
            "MM202",
            "warning",
            "a comparison that 32 bits make pointless",
            "To a whole number, attributes beyond 32 bits are missing, and so no attribute is greater than 2147483647. 3 "
            "TiB in KiB is such an attribute. A number with a fraction, such as `2147483647.0`, has no such limit, but only "
            "about seven digits of it count.",
            "FREE_MEMORY > 2147483647",
        ),
        Code(
            "MM203",
            "warning",
            "a number that does not fit into 32 bits",
            "OpenNebula keeps the lowest 32 bits of a whole number, with their sign, and so does this dialect.",
            "FREE_MEMORY > 4294967297",
        ),
        Code(
            "MM204",
            "warning",
            "`CURRENT_VMS` does not work like this",
            "On hosts, `CURRENT_VMS = 7` asks whether VM 7 is there, and `CURRENT_VMS != 7` whether it is not. Nothing "
            "else tells anything about VMs: `>`, `<` and fractions are undefined in OpenNebula and false here, `@>` "
            "reads an ordinary attribute, to a text the value is one byte FF, and as a rank it is -1 or 0.",
            'CURRENT_VMS = "7"',
            kind="host",
        ),
        Code(
            "MM205",
            "warning",
            "`&` behind `|` without parentheses",
            "`&` and `|` have the same precedence and are read from left to right, so that `A | B & C` is `(A | B) & C`. "
            "Most languages read `A | (B & C)`. Parentheses show which is meant.",
            "QOS = GOLD | QOS = SILVER & FREE_CPU > 50",
        ),
        Code(
            "MM206",
            "warning",
            "an attribute's name on the right side",
            "What stands on the right side is always a text or a number, in quotes or not. Two attributes are never "
            "compared with each other.",
            "USED_CPU = MAX_CPU",
        ),
        Code(
            "MM207",
            "warning",
            "a pattern that cannot match what it seems to",
            "A text behind `=`, `!=` or `@>` is a pattern: `*`, `?`, sets such as `[a-z]` and `[[:digit:]]`, and `\\` "
            "before a character that is meant as such.",
            'NAME = "node[:digit:]"',
        ),
        Code(
            "MM208",
            "warning",
            "text behind a NUL",
            "A NUL character ends the expression, as in OpenNebula.",
            "FREE_CPU > 50\0 & RUNNING_VMS < 5",
        ),
        Code(
            "MM209",
            "warning",
            "more findings",
            "There is so much to say about the expression that only the first part is told.",
            " & ".join(['GPU != ""'] * 102),
        ),
        Code(
            "MM210",
            "warning",
            "a comparison with an empty text",
            'Every comparison with `""` is false, `!=` included. The pattern `"?*"` matches any text that is not empty.',
            'GPU != ""',
        ),
        Code(
            "MM211",
            "warning",
            "a comparison that should ask whether an attribute is there",
            'Where an attribute is missing every comparison is false, `!=` included. `A = "*"` is true where `A` is '
            'there, and `!(A = "*")` where it is missing. `NULL` and its like are ordinary texts.',
            'GPU != "*"',
        ),
        Code(
            "MM212",
            "warning",
            "a division by zero",
            "It gives an infinity or no number at all. A rank that ends so is -2147483648, the lowest score.",
            "FREE_CPU / 0",
            "rank",
        ),
    )
}
"""The codes, in order."""
