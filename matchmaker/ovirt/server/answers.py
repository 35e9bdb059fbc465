"""What a method answers, and how it says that it cannot."""

from __future__ import annotations

from typing import NamedTuple

from matchmaker.errors import MatchmakerError


class Answer(NamedTuple):
    """What a method answers.

    Attributes
    ----------
    value : object
        Texts, whole numbers, truth values, lists and dicts of these.
    summary : str
        What the log says about it.
    """

    value: object
    summary: str = ""


class BadParameters(MatchmakerError, TypeError):
    """The parameters of a call are not of the types that the method takes."""


class Retired(MatchmakerError):
    """The method is closed, and was replaced by another one before: the call belongs to that one."""
