"""The one base error of boundcheck: every message names the argument, its value and the remedy."""

from __future__ import annotations

import traceback


class BoundcheckError(Exception):
    """A mistake in what boundcheck was given; its message is one line that a user can act on."""


class InvalidArgument(BoundcheckError, ValueError):
    """An argument outside its range.

    Parameters
    ----------
    name
        The argument as the user wrote it.
    value
        What was given.
    problem
        What is wrong with it, as the end of the sentence "name=value …".
    remedy
        What to do instead.

    Examples
    --------
    >>> raise InvalidArgument("delta", 2, "is not a probability", "pass a number between 0 and 1")
    Traceback (most recent call last):
        ...
    boundcheck.errors.InvalidArgument: delta=2 is not a probability; pass a number between 0 and 1
    """

    def __init__(self, name: str, value: object, problem: str, remedy: str) -> None:
        super().__init__(f"{name}={value!r} {problem}; {remedy}")
        self._given = (name, value, problem, remedy)

    def __reduce__(self) -> tuple[type[InvalidArgument], tuple[str, object, str, str]]:
        # Errors travel between processes.
        return InvalidArgument, self._given


class InternalError(BoundcheckError):
    """A defect of boundcheck itself."""

    @classmethod
    def of(cls, error: Exception) -> InternalError:
        """In one line, with the place where it was raised."""
        frames = traceback.extract_tb(error.__traceback__)
        where = f" at {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return cls(f"boundcheck has a defect ({what}{where}); please report it with this theorem")


class TheoremFileError(BoundcheckError):
    """A theorem file that cannot be read, raises, or holds no theorem."""


class UnsupportedClaim(BoundcheckError):
    """A claim that this version can state but has no means to check or derive."""


class InvalidDerivation(BoundcheckError):
    """A step of a derivation that does not follow from those before it, or rests on what does not hold."""


class StoreError(BoundcheckError):
    """A store of a campaign that cannot be used as asked; what it holds is left as it is.

    Parameters
    ----------
    path
        The file.
    problem
        What is wrong with it, as the end of the sentence "store 'path' …".
    remedy
        What to do.
    """

    def __init__(self, path: object, problem: str, remedy: str) -> None:
        super().__init__(f"store {str(path)!r} {problem}; {remedy}")
        self._given = (path, problem, remedy)

    def __reduce__(self) -> tuple[type[StoreError], tuple[object, str, str]]:
        return type(self), self._given


class StoreExists(StoreError):
    """A store that was to be made, where there is something already."""
