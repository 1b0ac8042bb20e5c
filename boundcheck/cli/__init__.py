"""The command line."""

from boundcheck.cli.main import run

__all__ = ["run"]
