"""What a run is asked to do, and what every case needs to say."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """How much to time.

    Parameters
    ----------
    quick : bool
        Run every case small, to see that it works; the times mean nothing.
    """

    quick: bool = False

    @property
    def hosts(self) -> int:
        """How many hosts a pool has."""
        return 2_500 if self.quick else 10_000

    def rounds(self, usual: int) -> int:
        """Return how many rounds to time where `usual` are usual."""
        return 3 if self.quick else usual


class WrongAnswer(Exception):
    """A subject does not answer as the lambda does: its time would mean nothing."""


def check(what: str, got: object, wanted: object) -> None:
    """Compare an answer with the right one, before anything is timed."""
    if got != wanted:
        raise WrongAnswer(f"{what} gives another answer")


def progress(message: str) -> None:
    """Tell whoever waits, on standard error."""
    print(message, file=sys.stderr, flush=True)
