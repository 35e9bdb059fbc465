"""What follows for the clauses and groups of a requirement from those they are joined with.

A member of a group matters only where those beside it leave the answer open: beside `&` only where they are true, beside `|`
only where they are false, and so on outwards. What a clause says is held against these facts, by subject, once for every clause.
So the work grows with the size of the requirement, not with its square. Every conclusion holds for all candidates; not every one
that holds is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from matchmaker.checking.logic.constraints import Subject
from matchmaker.checking.logic.facts import Fact, Facts, facts_about
from matchmaker.checking.logic.groups import Clause, Group
from matchmaker.checking.logic.patterns import Patterns
from matchmaker.limits import tick


class Conclusion(NamedTuple):
    """Something that follows for a clause.

    Parameters
    ----------
    clause : Clause
        What it is about.
    group : Group
        The group that it is in.
    facts : tuple of Fact
        What it follows from.
    decides : bool
        Whether it decides the whole group: with `&` the clause is never true, with `|` always. Else the clause changes
        nothing: with `&` it is always true where the facts hold, with `|` never.
    but_missing : bool
        Whether that is so only where the attribute is not missing.
    """

    clause: Clause
    group: Group
    facts: tuple[Fact, ...]
    decides: bool
    but_missing: bool = False


class Repetition(NamedTuple):
    """A group that stands beside an equal one, the first."""

    group: Group
    first: Group


class Verdict(NamedTuple):
    """That something is always true, or never, and what makes it so; None when there are several reasons."""

    always: bool
    cause: Conclusion | Clause | None


class Reasoning:
    """All that follows for a requirement.

    Parameters
    ----------
    root : Group
        The requirement.
    patterns : Patterns
        What compares patterns.

    Attributes
    ----------
    conclusions : list of Conclusion
        What follows for clauses.
    repetitions : list of Repetition
        The groups that stand beside an equal one.
    alone : list of Clause
        The clauses that are always or never true by themselves.
    verdict : Verdict or None
        Whether the whole requirement is always or never true, where that can be told.
    """

    def __init__(self, root: Group, patterns: Patterns) -> None:
        self.conclusions: list[Conclusion] = []
        self.repetitions: list[Repetition] = []
        self.alone: list[Clause] = []
        self._patterns = patterns
        self._facts: dict[Subject, Facts] = {}
        self._met = 0
        self._identities: dict[Any, int] = {}
        self.verdict = self._walk(root)

    def _walk(self, root: Group) -> Verdict | None:
        visits = [self._entered(root)]
        while True:
            visit = visits[-1]
            below = next(visit.groups_below, None)
            if below is not None:
                visits.append(self._entered(below))
                continue
            visits.pop()
            for facts, saved in reversed(visit.added):
                facts.restore(saved)
            verdict = visit.verdict
            if not visits:
                return verdict
            self._left(visits[-1], visit, verdict)

    def _left(self, above: _Visit, visit: _Visit, verdict: Verdict | None) -> None:
        """Tell the group above what one of its members turned out to be."""
        identity = self._identity((visit.group.operator, visit.group.negated, *visit.identities))
        above.identities.append(identity)
        if verdict is not None:
            above.note(verdict)
        elif identity in above.seen:
            self.repetitions.append(Repetition(visit.group, above.seen[identity]))
        above.seen.setdefault(identity, visit.group)

    def _entered(self, group: Group) -> _Visit:
        """Take the clauses of a group for facts, and hold each against the others."""
        tick()
        visit = _Visit(group)
        taken = self._taken(visit)
        outside = [facts.implying(fact) for fact, facts in taken]  # before those of this group are added
        own: set[int] = set()
        kept: list[tuple[Fact, Facts, Fact | None]] = []
        for (fact, facts), implying in zip(taken, outside, strict=True):
            against = facts.conflict(fact)
            if against:
                visit.note(Verdict(not visit.conjunctive, self._concluded(fact, group, against, decides=True)))
                continue
            if not visit.conjunctive:
                self._look_for_missing(visit, fact, facts, own)
            own.add(fact.order)
            visit.added.append((facts, facts.add(fact)))
            kept.append((fact, facts, implying))
        for fact, facts, implying in kept:
            found = implying or facts.implying(fact)
            if found is not None:
                conclusion = self._concluded(fact, group, (found,), decides=False)
                if implying is not None:
                    visit.note(Verdict(visit.conjunctive, conclusion))
        return visit

    def _taken(self, visit: _Visit) -> list[tuple[Fact, Facts]]:
        """Return the clauses of a group as the facts that they are for each other, and those about the same subjects."""
        taken: list[tuple[Fact, Facts]] = []
        for clause in visit.group.members:
            if isinstance(clause, Group):
                continue
            constraint = clause.constraint
            visit.identities.append(self._identity((clause.subject, constraint)))
            if constraint.never or constraint.always:
                self.alone.append(clause)
                visit.note(Verdict(constraint.always, clause))
                continue
            self._met += 1
            fact = Fact(clause, visit.conjunctive, constraint if visit.conjunctive else constraint.opposite, self._met)
            facts = self._facts.get(clause.subject)
            if facts is None:
                facts = self._facts[clause.subject] = facts_about(constraint, self._patterns)
            taken.append((fact, facts))
        return taken

    def _look_for_missing(self, visit: _Visit, fact: Fact, facts: Facts, own: set[int]) -> None:
        """Find clauses joined by `|` of which one is true wherever the attribute is not missing."""
        if fact.clause.subject in visit.but_missing or fact.constraint.only_missing:
            return
        against = facts.conflict(fact, present=True)
        if against and all(each.order in own and not each.constraint.only_missing for each in against):
            visit.but_missing.add(fact.clause.subject)
            self.conclusions.append(Conclusion(fact.clause, visit.group, against, decides=True, but_missing=True))

    def _concluded(self, fact: Fact, group: Group, facts: tuple[Fact, ...], *, decides: bool) -> Conclusion:
        conclusion = Conclusion(fact.clause, group, facts, decides)
        self.conclusions.append(conclusion)
        return conclusion

    def _identity(self, what: tuple[Any, ...]) -> int:
        """Return a number that equal things have in common."""
        return self._identities.setdefault(what, len(self._identities))


class _Visit:
    """A group that is being looked at."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.conjunctive = group.operator == "&"
        self.groups_below: Iterator[Group] = (member for member in group.members if isinstance(member, Group))
        self.added: list[tuple[Facts, Any]] = []
        self.identities: list[int] = []
        self.seen: dict[int, Group] = {}
        self.but_missing: set[Subject] = set()
        self._decided: Verdict | None = None
        self._neutral: list[Verdict] = []

    def note(self, member: Verdict) -> None:
        """Note that a member is always or never true."""
        if member.always == self.conjunctive:
            self._neutral.append(member)
        elif self._decided is None:
            self._decided = member

    @property
    def verdict(self) -> Verdict | None:
        """Whether the group is always or never true, its negation included; None when that cannot be told."""
        members = self.group.members
        if self._decided is not None:
            found = self._decided
        elif members and len(self._neutral) == len(members):
            found = Verdict(self.conjunctive, self._neutral[0].cause if len(members) == 1 else None)
        else:
            return None
        return Verdict(found.always != self.group.negated, found.cause)
