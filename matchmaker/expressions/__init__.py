"""Requirements and ranks: immutable objects that construct by parsing, as `re.compile` does."""

from matchmaker.expressions.expression import Expression
from matchmaker.expressions.rank import Rank
from matchmaker.expressions.requirement import Requirement

__all__ = ["Expression", "Rank", "Requirement"]
