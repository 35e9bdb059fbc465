"""Giving each of several requests a thing of its own: a maximum matching of requests and what would do for them."""

from __future__ import annotations

from collections.abc import Sequence


def matching(choices: Sequence[Sequence[int]]) -> list[int] | None:
    """Return one choice for each request, all different; None when there is no way.

    Requests with the fewest choices are served first, and each takes its first choice that is left. When none is left,
    others move along a shortest chain of choices until one finds what is free (an augmenting path), so that a way is found
    whenever there is one. Equal requests may share one sequence: it is then walked once per chain. The work is at most the
    number of requests times the number of all choices in different sequences.

    Parameters
    ----------
    choices : sequence of sequence of int
        For each request what would do, the preferred first.
    """
    owner: dict[int, int] = {}
    order = sorted(range(len(choices)), key=lambda request: len(choices[request]))
    begun: dict[int, int] = {}
    for request in order:
        shared = choices[request]
        # What was owned once stays owned, so that equal requests go on where the one before ended.
        place = begun.get(id(shared), 0)
        while place < len(shared) and shared[place] in owner:
            place += 1
        begun[id(shared)] = place
        if place < len(shared):
            owner[shared[place]] = request
        elif not _moved(request, choices, owner):
            return None
    assigned = [0] * len(choices)
    for choice, request in owner.items():
        assigned[request] = choice
    return assigned


def _moved(request: int, choices: Sequence[Sequence[int]], owner: dict[int, int]) -> bool:
    """Make room for a request whose choices are all owned, if others can move."""
    reached: dict[int, int] = {}
    walked: set[int] = set()
    waiting = [request]
    for asking in waiting:
        if id(choices[asking]) in walked:
            continue
        walked.add(id(choices[asking]))
        for choice in choices[asking]:
            if choice in reached:
                continue
            reached[choice] = asking
            if choice in owner:
                waiting.append(owner[choice])
                continue
            _shift(choice, request, reached, owner)
            return True
    return False


def _shift(choice: int, request: int, reached: dict[int, int], owner: dict[int, int]) -> None:
    """Hand on what is owned along the chain that leads from a request to something free."""
    held = {who: what for what, who in owner.items()}
    while True:
        asking = reached[choice]
        owner[choice] = asking
        if asking == request:
            return
        choice = held[asking]
