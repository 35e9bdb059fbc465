"""What looks wrong in a valid expression, comparison by comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.checking.patterns import trap
from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.nodes import (
    Attribute,
    Chain,
    Comparison,
    Float,
    Integer,
    Membership,
    Negative,
    Node,
    Number,
    Text,
    walk,
)
from matchmaker.source import Source, Span

KNOWN_ATTRIBUTES = frozenset({
    "CLUSTER", "CLUSTER_ID", "CPUSPEED", "CPU_USAGE", "CURRENT_VMS", "DISK_USAGE", "DS_MAD", "FREE_CPU", "FREE_DISK",
    "FREE_MB", "FREE_MEM", "FREE_MEMORY", "HOSTNAME", "HYPERVISOR", "IM_MAD", "MAX_CPU", "MAX_DISK", "MAX_MEM",
    "MEM_USAGE", "MODELNAME", "NETRX", "NETTX", "RESERVED_CPU", "RESERVED_MEM", "RUNNING_VMS", "TM_MAD", "TOTAL_CPU",
    "TOTAL_MB", "TOTAL_MEM", "USED_CPU", "USED_DISK", "USED_LEASES", "USED_MB", "USED_MEM", "USED_MEMORY", "VM_MAD",
    "VN_MAD",
})  # fmt: skip
"""Names of OpenNebula's attributes that nobody would write for a text."""
_NULLS = ("null", "nil", "undefined")
_THERE = '"*"'
_NOT_EMPTY = '"?*"'


class _Case(NamedTuple):
    """A comparison, and what its rules want to know."""

    comparison: Comparison
    name: str
    """The attribute as it is written."""
    literal: str
    """The literal as it is written."""
    kind: str
    attributes: frozenset[str]
    """The names that the expression reads."""
    upstream: bool
    """Whether the dialect is OpenNebula's."""

    @property
    def span(self) -> Span:
        return self.comparison.span

    def clause(self, operator: str, literal: str) -> str:
        return f"{shorten(self.name, 24)} {operator} {shorten(literal, 24)}"

    @property
    def written(self) -> str:
        return self.clause(self.comparison.operator, self.literal)


_Rule = Callable[[_Case], Iterator[Diagnostic]]


def comparison_findings(source: Source, tree: Node, kind: str, *, upstream: bool) -> Iterator[Diagnostic]:
    """Yield what looks wrong in the comparisons of an expression.

    Parameters
    ----------
    source : Source
        Its text.
    tree : Node
        Its tree.
    kind : str
        What sort of candidates it is for.
    upstream : bool
        Whether its dialect is OpenNebula's.
    """
    text = source.text
    comparisons = [node for node in walk(tree) if isinstance(node, Comparison)]
    attributes = frozenset(comparison.attribute.name for comparison in comparisons)
    for comparison in comparisons:
        name, literal = text[slice(*comparison.attribute.span)], text[slice(*comparison.literal.span)]
        case = _Case(comparison, name, literal, kind, attributes, upstream)
        for rule in _RULES:
            yield from rule(case)


def rank_findings(tree: Node, kind: str, *, upstream: bool) -> Iterator[Diagnostic]:
    """Yield what looks wrong in a rank.

    Parameters
    ----------
    tree : Node
        Its tree.
    kind : str
        What sort of candidates it is for.
    upstream : bool
        Whether its dialect is OpenNebula's.
    """
    compared = {
        (node.attribute if isinstance(node, Comparison) else node.operand).span
        for node in walk(tree)
        if isinstance(node, Comparison | Membership)
    }
    for node in walk(tree):
        if isinstance(node, Attribute) and node.name == "CURRENT_VMS" and kind == "host" and node.span not in compared:
            label = "0 when VM 0 is on the host, else -1" if upstream else "no number at all"
            hint = "how many VMs run there is `RUNNING_VMS`"
            yield _warning("MM204", node.span, "`CURRENT_VMS` is not the number of VMs", label, hint)
        elif isinstance(node, Chain):
            for operator, operand in node.rest:
                divisor = operand.operand if isinstance(operand, Negative) else operand
                if operator == "/" and isinstance(divisor, Integer | Float) and divisor.value == 0:
                    hint = f"a rank that ends so is {INT32_MIN}, the lowest score"
                    yield _warning("MM212", operand.span, "this divides by zero", "gives infinity or no number", hint)


def _warning(code: str, span: Span, message: str, label: str, *hints: str) -> Diagnostic:
    return Diagnostic(code, "warning", span, message, label, hints)


def _beyond_int32(case: _Case) -> Iterator[Diagnostic]:
    literal, operator = case.comparison.literal, case.comparison.operator
    if not isinstance(literal, Integer) or (operator, literal.value) not in ((">", INT32_MAX), ("<", INT32_MIN)):
        return
    more, side = ("greater", "above") if operator == ">" else ("less", "below")
    yield _warning(
        "MM202",
        case.span,
        f"`{case.written}` is never true",
        f"no whole number is {more}",
        f"to a whole number, attributes {side} {literal.value} are missing",
        f"with a fraction they compare: `{case.clause(operator, case.literal + '.0')}`",
    )


def _current_vms(case: _Case) -> Iterator[Diagnostic]:
    literal, operator = case.comparison.literal, case.comparison.operator
    if case.kind != "host" or case.comparison.attribute.name != "CURRENT_VMS":
        return
    if not case.upstream and isinstance(literal, Number) and literal.value.is_integer():
        literal = Integer(int(literal.value))  # which asks for a VM there, too
    hint = "to ask for VM 7: `CURRENT_VMS = 7`, and `CURRENT_VMS != 7` for its absence"
    message = f"`{case.written}` does not ask which VMs are on the host"
    if operator == "@>":
        yield _warning("MM204", case.span, message, "`@>` reads an ordinary attribute", hint)
    elif operator not in ("=", "!=", "==") or isinstance(literal, Float | Number):
        yield _warning("MM204", case.span, message, "undefined in OpenNebula, false here", hint)
    elif isinstance(literal, Text):
        yield _warning("MM204", case.span, message, "compared with a text, it is the byte FF", hint)
    elif literal.value < 0:
        yield _warning("MM204", case.span, message, "no VM has a negative id; an absent one reads as -1", hint)


def _null_text(case: _Case) -> Iterator[Diagnostic]:
    literal, operator = case.comparison.literal, case.comparison.operator
    if not isinstance(literal, Text) or literal.value or not case.upstream:
        return
    if operator == "=":
        hint = f"missing or empty: `!({case.clause('=', _NOT_EMPTY)})`"
    else:
        hint = f"there and not empty: `{case.clause(operator.replace('!', ''), _NOT_EMPTY)}`"
    label = "nothing compares with an empty text"
    yield _warning("MM210", case.span, f"`{case.written}` is never true", label, hint)


def _presence(case: _Case) -> Iterator[Diagnostic]:
    literal, operator = case.comparison.literal, case.comparison.operator
    if not isinstance(literal, Text) or not literal.value:
        return
    there, missing = f"there: `{case.clause('=', _THERE)}`", f"missing: `!({case.clause('=', _THERE)})`"
    if operator == "!=" and not literal.value.strip("*"):
        label = "where it is missing, every comparison is false"
        yield _warning("MM211", case.span, f"`{case.written}` is never true", label, missing)
    elif case.literal.lower() in _NULLS and operator in ("=", "!="):
        message = f"`{case.literal}` is a text like any other"
        yield _warning(
            "MM211", literal.span, message, "compared letter by letter", there if operator == "!=" else missing
        )


def _attribute_on_the_right(case: _Case) -> Iterator[Diagnostic]:
    literal, name = case.comparison.literal, case.comparison.attribute.name
    if not isinstance(literal, Text) or case.literal.startswith('"') or literal.value == name:
        return
    if literal.value not in KNOWN_ATTRIBUTES and literal.value not in case.attributes:
        return
    label = "the text, not the attribute"
    operator = case.comparison.operator
    if case.name.startswith('"') and "/" not in name:
        hint = f"with its sides exchanged: `{shorten(literal.value, 24)} {operator} {shorten(case.name, 24)}`"
    else:
        hint = f"two attributes are never compared; the text is `{shorten(_quoted(literal.value), 24)}`"
    yield _warning("MM206", literal.span, f"`{shorten(literal.value, 24)}` is compared as a text", label, hint)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _pattern(case: _Case) -> Iterator[Diagnostic]:
    literal = case.comparison.literal
    if isinstance(literal, Text) and case.comparison.operator != "==":
        found = trap(literal.value)
        if found is not None:
            yield _warning("MM207", literal.span, found[0], "", found[1])


_RULES: tuple[_Rule, ...] = (_beyond_int32, _current_vms, _null_text, _presence, _attribute_on_the_right, _pattern)
