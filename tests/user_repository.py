"""A repository of a user's, in which pytest runs in a process of its own."""

import os
import re
import shlex
import subprocess
import sys

MINE = """
from sympy import exp
from boundcheck import P, Theorem, iid, mean, rademacher, real

t = real("t", min=0, max=1)
good = Theorem(claim=P(mean(iid(rademacher(), 20)) >= t) <= exp(-10 * t**2))
"""
"""Hoeffding 1963, Theorem 1; by exact laws."""
WRONG = """
wrong = Theorem(claim=P(mean(iid(rademacher(), 20)) >= t) <= exp(-20 * t**2), points=[{"t": "1/2"}])
"""


class Done:
    """What a run of pytest printed, and what it counted."""

    def __init__(self, done):
        self.status = done.returncode
        self.output = done.stdout + done.stderr
        self.text = self.output.partition("= short test summary")[0]  # which repeats messages, whole or cut
        self.counts = {what: int(n) for n, what in re.findall(r"(\d+) (passed|failed|error|warning)", self.output)}

    def fact(self, name):
        """The value of a line `name   value` of the first message."""
        return re.search(rf"^(?:E  )? +{name} +(.*)$", self.text, re.M)[1]

    def statuses(self):
        """PASSED or FAILED by the test's own name, as -rA prints them."""
        return {name: word for word, name in re.findall(r"^(PASSED|FAILED) \S*::(\S+)", self.output, re.M)}


def write(folder, **files):
    """Write files: `proofs__a=...` is proofs/a.py."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(folder, *command):
    """Run a command there, free of what the pytest that runs this test has set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=inherited, timeout=300)


def pytest_in(folder, *arguments, warnings="error"):
    """Run pytest there with its default settings, and warnings as errors."""
    return Done(run(folder, sys.executable, "-m", "pytest", "-W", warnings, *arguments))


def again(folder, command):
    """Run the command that a message gives."""
    program, *arguments = shlex.split(command)
    return run(folder, sys.executable, "-m", program, *arguments)
