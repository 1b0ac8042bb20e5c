"""The story: statement → formula → experiment → verdict."""

from boundcheck.check.run import Outcome, check, check_all

__all__ = ["Outcome", "check", "check_all"]
