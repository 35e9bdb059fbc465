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
    dialect : str
        The dialect that the example is in.
    """

    code: str
    severity: Severity
    title: str
    explanation: str
    example: object
    expression: str = "requirement"
    kind: str = "plain"
    dialect: str = "opennebula"


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
            'operand. To ask only whether an attribute is there, compare it with the pattern `"*"`, or in the extended '
            "dialect write `exists(A)`.",
            "CLUSTER_ID = ",
        ),
        Code(
            "MM103",
            "error",
            "an operator of another language",
            "The operators of a requirement are `=`, `!=`, `>`, `<`, `@>`, `&`, `|` and `!`, those of a rank `+`, `-`, "
            "`*` and `/`. On whole numbers `A >= 5` is `A > 4`; on others it is `(A > 2.5 | A = 2.5)`. `!(A < 2.5)` is "
            "shorter, but it is also true where `A` is missing. The extended dialect has all of these everywhere, and "
            "`>=`, `<=`, `==`, `&&`, `||` and `? :` besides.",
            'HYPERVISOR = "kvm" & FREE_MEMORY >= 2097152',
        ),
        Code(
            "MM104",
            "error",
            "a word for an operator",
            "Operators are signs: `&` for and, `|` for or, `!` for not. Several values take several comparisons, and "
            "patterns stand in double quotes behind `=`. The only words of the extended dialect are `and`, `or`, `not` and "
            "`in`, in lower case.",
            'HYPERVISOR = "kvm" and FREE_CPU > 50',
        ),
        Code(
            "MM105",
            "error",
            "a minus at the wrong place",
            "In the opennebula dialect a `-` right before a digit belongs to the number, so that in `FREE_CPU -1` no operator stands between the "
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
            "A requirement is made of comparisons; an attribute or a number alone is neither true nor false. In the extended "
            "dialect a condition stands for 1 or 0 where a number is wanted, but not the other way round.",
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
            "Each `(` needs its `)`, and something between the two; so does each `[` of the extended dialect.",
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
            "`>` and `<` take a number without quotes: texts have no order. The opennebula dialect never compares two "
            "attributes. The extended one does, and there quotes on the right side make a text, and an attribute only in "
            'parentheses: `A < ("B/C")`.',
            'FREE_CPU > "50"',
        ),
        Code(
            "MM113",
            "error",
            "an expression that is too large",
            "Expressions come from users who may not be trusted, so that length, number of parts and depth are limited. "
            "`Limits` sets other limits; those on depth are OpenNebula's own. Trees of the extended dialect have at most 100 "
            "levels.",
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
            "A requirement of the opennebula dialect compares one attribute with one number; only a rank calculates.",
            "FREE_CPU + 10 > 50",
        ),
        Code(
            "MM117",
            "error",
            "a comparison in a rank",
            "A rank of the opennebula dialect is arithmetic: attributes, numbers, `+`, `-`, `*`, `/` and parentheses. To leave candidates out, "
            "write a requirement.",
            "FREE_CPU > 50",
            "rank",
        ),
        Code(
            "MM118",
            "error",
            "a function",
            "The opennebula dialect has no functions. Those of the extended one are `exists`, `default`, `min`, `max`, `abs` "
            "and `round`.",
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
            "Numbers are decimal digits, if need be with a `-` in front and a fraction behind. There are no units, other bases "
            "or separators, and exponents, such as `1e6`, only in the extended dialect.",
            "FREE_MEMORY > 4G",
        ),
        Code(
            "MM121",
            "error",
            "a text that needs double quotes",
            "On the right side, only a number, or a word of letters, digits and `_` that begins with a letter, stands "
            'without quotes; in the extended dialect such a word is an attribute. There is no other quotation mark than `"`, '
            "and nothing escapes it.",
            "NAME = 'my host'",
        ),
        Code(
            "MM122",
            "error",
            "a comment",
            "The opennebula dialect has no comments. In the extended one they begin with `#`, and end with the line.",
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
            "A comparison has one value; write several of them, joined by `|`, or in the extended dialect `A in [1, 2]`.",
            "CLUSTER_ID = (100 | 101)",
        ),
        Code(
            "MM126",
            "error",
            "a character that is no part of the language",
            "The extended dialect skips nothing but blanks, tabs, line ends and comments.",
            "FREE_CPU > 50; RUNNING_VMS < 5",
            dialect="extended",
        ),
        Code(
            "MM127",
            "error",
            "a function that takes something else",
            "`exists` takes one attribute, `default` two numbers, `abs` and `round` one number, `min` and `max` one or more.",
            "default(PRIORITY) + 10",
            "rank",
            dialect="extended",
        ),
        Code(
            "MM128",
            "error",
            "a number that is too large",
            "Numbers of the extended dialect are doubles, which end at about 1.8e308.",
            "FREE_CPU < 1e999",
            dialect="extended",
        ),
        Code(
            "MM129",
            "error",
            "a choice that is not complete",
            "A choice has three parts: a condition, and what it stands for when that is true, and when it is not: `A ? B : C`.",
            'QOS = "gold" ? 100',
            "rank",
            dialect="extended",
        ),
        Code(
            "MM130",
            "error",
            "`in` and lists belong together",
            "Behind `in` stands a list in brackets, of one item or more, and a list stands nowhere else.",
            "CLUSTER_ID in (100, 101)",
            dialect="extended",
        ),
        Code(
            "MM131",
            "error",
            "`@>` between other things than an attribute and a literal",
            "`@>` asks whether any of an attribute's values is equal to a number or a text.",
            "CLUSTERS @> MY_CLUSTER",
            dialect="extended",
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
        Code(
            "MM213",
            "warning",
            "clauses that contradict each other",
            "Both have to hold, and no candidate meets both. Clauses are compared that read the same attribute in the same way: "
            "as a whole number, as a number with a fraction, or as a text. Of several values each of these may find one of its "
            'own, so that nothing is said about `A = 5 & A = "x"`.',
            "FREE_CPU > 400 & FREE_CPU < 100",
        ),
        Code(
            "MM214",
            "warning",
            "a condition that is never true",
            "No candidate can meet it, whatever its attributes are.",
            'RACK = "r1" & (RACK = "r2" | RACK = "r3")',
        ),
        Code(
            "MM215",
            "warning",
            "a condition that is always true",
            "It holds for every candidate, also for one without the attribute, so that it asks for nothing.",
            'HYPERVISOR = "kvm" | !(HYPERVISOR = "kvm")',
        ),
        Code(
            "MM216",
            "warning",
            "a clause that stands there twice",
            "Leaving one of them out changes no answer. `matchmaker check --fix` does so.",
            "GPU = YES & FREE_CPU > 50 & GPU = YES",
        ),
        Code(
            "MM217",
            "warning",
            "a clause that adds nothing to another one",
            "It follows from the other one, or the other one from it, so that leaving it out changes no answer. Where clauses "
            "are joined by `&` and by `|`, a whole part may be without effect.",
            "FREE_CPU > 50 & FREE_CPU > 100",
        ),
        Code(
            "MM218",
            "warning",
            "a value outside of what the pool has",
            "A pool was given, and the threshold lies outside of what its candidates have: no one of them meets the comparison, "
            "or every one that has the attribute does. Often the unit is another one. `FREE_MEMORY > 4096` holds on every host, "
            "since `FREE_MEMORY` is in KiB.",
            None,
        ),
        Code(
            "MM219",
            "warning",
            "an attribute that is not in the schema",
            "A schema was given, and the name is not among those that it knows. What is missing makes every comparison false. "
            "Names in other letters are other names: `hypervisor` is not `HYPERVISOR`. Attributes of your own belong into [a "
            "schema of your own](../how-to/check.md#unknown-attributes).",
            None,
        ),
        Code(
            "MM220",
            "warning",
            "alternatives that leave out only what is missing",
            "Whatever the attribute is, one of them is true: each text differs from one of two texts. What should differ from both "
            "takes `&`. Where the attribute is missing, or no number where one is compared, both are false.",
            'HYPERVISOR != "kvm" | HYPERVISOR != "lxc"',
        ),
        Code(
            "MM401",
            "error",
            "a clause that OpenNebula cannot say",
            "`to` translates comparisons of one attribute: with numbers, also where arithmetic computes with it, and with texts. "
            "Comparisons of several attributes have no counterpart, nor has arithmetic that goes on with a condition or a choice. "
            "An attribute that holds what is computed, on the candidates, can be compared.",
            None,
        ),
        Code(
            "MM402",
            "error",
            "an attribute of the request that is not bound",
            "OpenNebula's expressions know nothing of the request. `expression.bind(request)` puts its values in, and then "
            "the expression can be translated.",
            None,
        ),
        Code(
            "MM403",
            "error",
            "a translation that is too large",
            "Expressions come from users who may not be trusted, so that what a translation may cost, and its length, are "
            "limited.",
            None,
        ),
        Code(
            "MM404",
            "error",
            "a rank that OpenNebula computes otherwise",
            "OpenNebula's ranks know attributes, whole numbers, `+`, `-` and `*`, and cut scores to whole numbers. What else "
            "the rank computes with would be another order there.",
            None,
            "rank",
        ),
        Code(
            "MM405",
            "error",
            "a dialect that nothing is translated to",
            "Expressions of the extended dialect are translated to the opennebula dialect, and not the other way.",
            None,
        ),
    )
}
"""The codes, in order."""
