"""The story: statement → formula → experiment → verdict."""

from boundcheck.check.run import Outcome, check, check_all
from boundcheck.verdict.decide import Status, Verdict

__all__ = ["Outcome", "Status", "Verdict", "check", "check_all"]
