"""`python -m boundcheck`, and the console script: the command line, which Ctrl-C ends with exit status 130."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any


def main() -> None:
    """Run the command line and exit; mistakes of the user's are one line on stderr and exit status 2."""
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, interrupt)
        sys.unraisablehook = _interrupt_again
    try:
        from boundcheck.cli import run  # which may be interrupted as well

        status = run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done, but the interpreter takes a while to end
    except BaseException as error:
        # In the middle of an import an interrupt may come out as another error.
        if not (interrupted or isinstance(error, KeyboardInterrupt)):
            raise
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("\nboundcheck: stopped", file=sys.stderr)
        status = 128 + signal.SIGINT
    # An interrupt on its way out of code in a string, such as a dataclass is made of, has Python kill itself in the
    # end although it was handled, unless other code in a string has run since.
    exec("")
    sys.exit(status)


def _interrupt_again(lost: Any) -> None:
    """Repeat an interrupt shortly that Python drops, for it came in one of its callbacks, as imports have many."""
    if lost.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        sys.__unraisablehook__(lost)


if __name__ == "__main__":
    main()
