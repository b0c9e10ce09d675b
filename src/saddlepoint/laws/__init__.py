"""What everything of a kind must keep, for what stands on the shelves and for what is written outside."""

from saddlepoint.laws.checking import check
from saddlepoint.laws.law import Verdict

__all__ = ["Verdict", "check"]
