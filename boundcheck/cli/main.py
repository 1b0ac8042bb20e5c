"""The command line: one module for the commands that belong together, loaded when one is called."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from boundcheck.check.options import package_version
from boundcheck.cli.common import BAD_INPUT, complain
from boundcheck.errors import BoundcheckError

BROKEN_PIPE = 128 + 13

COMMANDS = {
    "check": ("check", "check", "Check theorems: yours, or those that ship."),
    "list": ("theorems", "list_theorems", "List theorems with their claims."),
    "show": ("theorems", "show", "Show one theorem, also as LaTeX, MathML or Python."),
    "bound": ("bounds", "bound", "Derive and evaluate a bound for a network."),
    "solve": ("bounds", "solve", "Solve a bound for a width, an amount, delta or epsilon."),
    "run": ("campaign", "run_command", "Run a campaign: many points, kept in a store."),
    "results": ("results", "results", "List, filter and export the verdicts of a campaign or record."),
    "report": ("report", "report", "Write a report of results: a page, Markdown or LaTeX."),
    "plot": ("plot", "plot", "Draw what a store or a record holds, as PNG, SVG or PDF."),
    "verify": ("verify", "verify", "Re-check the certificates of a record."),
}
"""Name -> module, function and summary, in the order in which they are listed."""


class _Commands(click.Group):
    """Imports a command's module when the command is called; its summary is known before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, function, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"boundcheck.cli.{module}"), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_version(), prog_name="boundcheck")
@click.pass_context
def cli(context: click.Context) -> None:
    """Verify bounds: does a theorem hold, how is that known, and how loose is it?

    Theorem files are Python code and are run when they are loaded, like test files: name only files that you trust.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status; mistakes of the user's are one line on stderr and status 2."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show ‖ or ≤ gets an escape instead of an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(
            cli.main(list(arguments) if arguments is not None else None, "boundcheck", standalone_mode=False) or 0
        )
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        complain(f"{' '.join(error.format_message().split())} See boundcheck --help.")
        return BAD_INPUT
    except BoundcheckError as error:
        complain(str(error))
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        complain("stopped")
        return 130
    except (BrokenPipeError, SystemExit):
        # The reader of our output left, as `head` does (rich turns that into SystemExit).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        complain(f"output failed: {error.strerror}; write to a place with room")
        return BAD_INPUT
