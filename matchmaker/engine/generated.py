"""Trees turned into Python functions that fuse the loop over many candidates.

The text of a function depends on the tree's shape alone, with invented names: attribute names, literals and tests are passed
in as values, so nothing a user wrote ever becomes code. Compiled code is kept per shape.

There are two forms of a requirement. The *swift* one expects what is usual: every attribute there, and texts whose verdict
is known; whatever else turns up raises an exception, and the closures answer for that candidate. The *careful* one
expects nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CodeType
from typing import Any

from matchmaker.attributes.lookup import IDENTIFIER, PLAIN, Kind
from matchmaker.attributes.values import INTEGERS, rank_reading
from matchmaker.engine.arithmetic import divide
from matchmaker.engine.clauses import Clause
from matchmaker.engine.closures import Predicate, constant
from matchmaker.language.nodes import (
    Attribute,
    Call,
    Chain,
    Choice,
    Comparison,
    Integer,
    Membership,
    Negative,
    Node,
    Not,
    Relation,
    depth,
    walk,
)

LARGEST_SHAPE = 150
"""The most nodes a tree may have to be turned into a function; larger ones stay closures."""
DEEPEST_SHAPE = 40
"""The deepest such tree: Python's own parser nests no further than 200 parentheses."""
KEPT_SHAPES = 256
"""How many shapes' code is kept."""

_codes: dict[str, CodeType] = {}

_INTEGER_TESTS = {
    "=": "{v} == {x}",
    "@>": "{v} == {x}",
    "!=": "{x} != {v} >= -2147483648 and v <= 2147483647",
    ">": "{x} < {v} <= 2147483647",
    "<": "-2147483648 <= {v} < {x}",
}


def fits(tree: Node) -> bool:
    """Tell whether a tree can be turned into a function: it is small enough, and all in it is in the opennebula dialect, too."""
    for count, node in enumerate(walk(tree)):
        if count >= LARGEST_SHAPE or isinstance(node, Relation | Membership | Choice | Call):
            return False
    return depth(tree) <= DEEPEST_SHAPE


class _Condition:
    """Writes the Python expression of a requirement, and gathers the values its invented names stand for."""

    def __init__(self, kind: Kind, clauses: Sequence[Clause], *, swift: bool) -> None:
        self.kind = kind
        self.clauses = iter(clauses)
        self.swift = swift
        self.values: dict[str, Any] = {"integers": INTEGERS.known, "type": type, "int": int}

    def write(self, tree: Node) -> str:
        if isinstance(tree, Comparison):
            return self._clause(next(self.clauses))
        if isinstance(tree, Not):
            return f"(not {self.write(tree.operand)})"
        if isinstance(tree, Chain):
            text, last = self.write(tree.first), ""
            for operator, operand in tree.rest:
                word = " and " if operator == "&" else " or "
                text = f"({text})" if last not in ("", word) else text
                text, last = f"{text}{word}{self.write(operand)}", word
            return f"({text})"
        return "True"

    def _clause(self, clause: Clause) -> str:
        name, literal = clause.comparison.attribute.name, clause.comparison.literal
        number = len(self.values)
        n, x, t, k = f"n{number}", f"x{number}", f"t{number}", f"k{number}"
        self.values[t] = clause.test
        if self.kind is not PLAIN or not IDENTIFIER.fullmatch(name):
            self.values[n] = self.kind.lookup(name)
            return f"{t}({n}(c))"
        self.values[n] = name
        value = f"c[{n}]" if self.swift else f"c.get({n})"
        if isinstance(literal, Integer):
            self.values[x] = literal.value
            template = _INTEGER_TESTS[clause.comparison.operator]
            test = f"{template.format(v='v', x=x)} if type(v := {value}) is int"
            if self.swift:
                return f"({test} else {template.format(v='(v := integers[v])', x=x)})"
            return f"({test} else {t}(v))"
        if clause.known is not None:
            self.values[k] = clause.known
            if self.swift:
                return f"{k}[{value}]"
            return f"(b if type(v := {value}) is str and (b := {k}.get(v)) is not None else {t}(v))"
        return f"{t}({value})"


def predicate(tree: Node, kind: Kind, clauses: Sequence[Clause]) -> Predicate:
    """Return the careful function of one candidate."""
    condition = _Condition(kind, clauses, swift=False)
    body = f"""
        return {condition.write(tree)}
"""
    return _make("c", body, condition.values)  # type: ignore[no-any-return]


def swift_predicate(tree: Node, clauses: Sequence[Clause], unusual: Predicate) -> Predicate:
    """Return the swift function of one dict; `unusual` answers for those that it cannot."""
    condition = _Condition(PLAIN, clauses, swift=True)
    body = f"""
        try:
            return {condition.write(tree)}
        except Exception:
            return unusual(c)
"""
    return _make("c", body, condition.values | {"unusual": unusual})  # type: ignore[no-any-return]


Sieve = Callable[[Iterator[Any], Callable[[Any], None]], None]
"""Takes candidates from an iterator and hands those that match to a function."""


def sieve(tree: Node, kind: Kind, clauses: Sequence[Clause], *, numbered: bool) -> Sieve:
    """Return the careful loop; when `numbered`, over pairs of a number and a candidate, and it hands on the number."""
    condition = _Condition(kind, clauses, swift=False)
    body = f"""
        for {"i, c" if numbered else "c"} in candidates:
            if {condition.write(tree)}:
                select({"i" if numbered else "c"})
"""
    return _make("candidates, select", body, condition.values)  # type: ignore[no-any-return]


def swift_sieve(
    tree: Node, clauses: Sequence[Clause], closure: Predicate, *, numbered: bool
) -> Callable[[Iterator[Any], Callable[[Any], None], int], bool]:
    """Return the swift loop over dicts.

    It stops once it met as many unusual ones as its third argument says, and tells whether it did.
    """
    condition = _Condition(PLAIN, clauses, swift=True)
    chosen = "i" if numbered else "c"
    body = f"""
        for {"i, c" if numbered else "c"} in candidates:
            try:
                if {condition.write(tree)}:
                    select({chosen})
            except Exception:
                if closure(c):
                    select({chosen})
                patience -= 1
                if patience <= 0:
                    return True
        return False
"""
    return _make("candidates, select, patience", body, condition.values | {"closure": closure})  # type: ignore[no-any-return]


class _Rank:
    """Writes the statements that compute a rank, one per step, and gathers the values its invented names stand for."""

    def __init__(self, kind: Kind, indent: str) -> None:
        self.kind = kind
        self.indent = indent
        self.lines: list[str] = []
        self.values: dict[str, Any] = {"reading": rank_reading, "divide": divide, "array": array}
        self.count = 0

    def write(self, tree: Node) -> str:
        """Emit the steps of a tree and return the name that holds its value."""
        if isinstance(tree, Attribute):
            return self._attribute(tree)
        if isinstance(tree, Negative):
            return self._step(f"-{self.write(tree.operand)}")
        if isinstance(tree, Chain):
            left = self.write(tree.first)
            for operator, operand in tree.rest:
                right = self.write(operand)
                if operator == "/":
                    left = self._step(f"{left} / {right} if {right} else divide({left}, {right})", round_it=True)
                else:
                    left = self._step(f"{left} {operator} {right}", round_it=True)
            return left
        name = self._name("l")
        self.values[name] = constant(tree)
        return name

    def _attribute(self, attribute: Attribute) -> str:
        name, target = self._name("n"), self._name("x")
        label = self._name("a")
        self.values[label] = attribute.name
        if self.kind is not PLAIN or not IDENTIFIER.fullmatch(attribute.name):
            self.values[name] = self.kind.lookup(attribute.name)
            self._emit(f"{target} = reading({name}(c), {label})")
            return target
        self.values[name] = attribute.name
        self._emit(f"v = c.get({name})")
        self._emit("if type(v) is int and -9007199254740992 <= v <= 9007199254740992:")
        self._emit(f"    cell[0] = v; {target} = cell[0]")
        self._emit("else:")
        self._emit(f"    {target} = reading(v, {label})")
        return target

    def _step(self, expression: str, *, round_it: bool = False) -> str:
        target = self._name("x")
        if round_it:
            self._emit(f"cell[0] = {expression}; {target} = cell[0]")
        else:
            self._emit(f"{target} = {expression}")
        return target

    def _emit(self, line: str) -> None:
        self.lines.append(self.indent + line)

    def _name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"


def scorer(tree: Node, kind: Kind) -> Callable[[Iterable[Any]], list[int]]:
    """Return a function that lists the scores of candidates."""
    writer = _Rank(kind, " " * 12)
    result = writer.write(tree)
    steps = "\n".join(writer.lines)
    body = f"""
        cell = array("f", (0.0,))
        scores = []
        for c in candidates:
{steps}
            scores.append(int({result}) if -2147483649.0 < {result} < 2147483648.0 else -2147483648)
        return scores
"""
    return _make("candidates", body, writer.values)  # type: ignore[no-any-return]


def _make(arguments: str, body: str, values: dict[str, Any]) -> Any:
    """Define a function of `arguments`, and bind the invented names in its body to their values, as fast local variables."""
    names = ", ".join(values)
    bound = ", ".join(f"{name}={name}" for name in values)
    shape = f"def make({names}):\n    def run({arguments}, {bound}):{body}    return run\n"
    code = _codes.get(shape)
    if code is None:
        code = compile(shape, "<matchmaker>", "exec")
        if len(_codes) >= KEPT_SHAPES:
            _codes.clear()
        _codes[shape] = code
    namespace: dict[str, Any] = {}
    exec(code, namespace)  # noqa: S102  the text holds invented names alone
    return namespace["make"](*values.values())
