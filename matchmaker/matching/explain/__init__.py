"""Why candidates match or do not, and why they come in this order."""

from matchmaker.matching.explain.clauses import by_part
from matchmaker.matching.explain.explaining import PoolCounts, counted, explain, explained, of_parts
from matchmaker.matching.explain.explanation import Explanation

__all__ = ["Explanation", "PoolCounts", "by_part", "counted", "explain", "explained", "of_parts"]
