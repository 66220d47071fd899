"""The command table. Commands are import paths: one that is not run is not loaded."""

import os
from collections.abc import Sequence
from pathlib import Path
from traceback import print_exc
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from disclosure_ledger.cli import failures
from disclosure_ledger.cli.output import stderr, stdout, warn
from disclosure_ledger.pipeline import state_file

_CLI = "disclosure_ledger.cli"
_ASK = Group("Ask", sort_key=1)
_SEND = Group("Send", sort_key=2)
_RUN = Group("Run", sort_key=3)
_RULES = Group("Check the rules", sort_key=4)
_CARE = Group("Look after", sort_key=5)
_ABOUT = Group("About this program", sort_key=6)

# Command, where it is, group. What a command does is said where it is; importing one loads nothing heavy.
COMMANDS: tuple[tuple[str, str, Group], ...] = (
    ("to-whom", "to_whom:to_whom", _ASK),
    ("report", "report:report", _ASK),
    ("audit", "audit:audit", _ASK),
    ("explain", "explain:explain", _ASK),
    ("requests", "requests:requests", _ASK),
    ("worklist", "worklist:worklist", _ASK),
    ("export", "export:export", _ASK),
    ("snapshot", "export:snapshot", _ASK),
    ("matrix", "matrix:matrix", _ASK),
    ("policy-tables", "policy_tables:policy_tables", _ASK),
    ("subject-key", "subject_key:subject_key", _ASK),
    ("disclose", "disclose:disclose", _SEND),
    ("bulk", "bulk:bulk", _SEND),
    ("prefer", "prefer:prefer", _SEND),
    ("link", "link:link", _SEND),
    ("unlink", "link:unlink", _SEND),
    ("demo", "demo:demo", _RUN),
    ("up", "up:up", _RUN),
    ("down", "down:down", _RUN),
    ("drill", "drill:drill", _RUN),
    ("gate", "gate:gate", _RUN),
    ("recorder", "recorder:recorder", _RUN),
    ("scenario", "scenario:scenario", _RULES),
    ("registry", "registry:registry", _RULES),
    ("replay", "replay:replay", _RULES),
    ("what-if", "what_if:what_if", _RULES),
    ("deadlines", "deadlines:deadlines", _RULES),
    ("drop", "drop:drop", _RULES),
    ("topics", "topics:topics", _CARE),
    ("dead-letters", "dead_letters:dead_letters", _CARE),
    ("access", "access:access", _CARE),
    ("version", "version:version", _CARE),
)

_OWN_PIPELINE = (("up",), ("down",), ("demo",), ("drill",))
"""Commands that start a pipeline of their own; others use the one of the current folder, if it has one."""

_OVERVIEW = ((), ("--help",), ("-h",))
"""Arguments that are answered with the list of commands."""


def build_app() -> App:
    """The command line as an object; calling it with words runs a command and returns its exit code."""
    app = App(
        name="disclosures",
        help=(
            "To whom did you disclose my data, why, and was it allowed?\n\n"
            "Begin with `disclosures demo`. Settings are environment variables (DISCLOSURE_KAFKA_BOOTSTRAP, "
            "DISCLOSURE_SUBJECT_SECRET, DISCLOSURE_LEDGER_DIR); every command has --help and --json."
        ),
        version_flags=(),
        console=stdout,
        error_console=stderr,
        exit_on_error=False,
        print_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
        help_format="markdown",
        default_parameter=Parameter(negative=(), show_default=_default_text),
    )
    for order, (name, place, group) in enumerate(COMMANDS):
        app.command(f"{_CLI}.{place}", name=name, group=group, sort_key=order)
    app.register_install_completion_command(help="Install completion for your shell.", group=_ABOUT)
    app["--help"].group = (_ABOUT,)
    return app


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command; every failure but a missing library becomes a line on stderr and an exit code."""
    app = build_app()
    if tuple(arguments) in _OVERVIEW:
        for name, *_ in COMMANDS:
            app[name]  # a command says what it does only once it is loaded; others need not be
    verbose = False

    @app.meta.default
    def launch(
        *words: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        with_traceback: Annotated[
            bool,
            Parameter(
                name="--verbose", help="Show the traceback of a failure.", group=_ABOUT, show_default=False
            ),
        ] = False,
    ) -> int:
        nonlocal verbose
        verbose = with_traceback
        if words[:1] not in _OWN_PIPELINE:
            state_file.adopt(os.environ, Path())
        result = app(words)
        return result if isinstance(result, int) else 0

    try:
        return int(app.meta(arguments) or 0)
    except ImportError:
        raise  # a library of an extra is missing: the entry says which
    except CycloptsError as error:
        warn(f"disclosures: {error}\nSee: disclosures {_named_command(arguments)}--help")
        return failures.BAD_INPUT
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last place that can tell a person
        wanted = verbose or os.environ.get("DISCLOSURE_DEBUG", "") not in {"", "0"}
        return failures.report(error, warn, traceback=print_exc if wanted else None)


def _default_text(value: object) -> str | None:
    """A default as help shows it; an empty one and a switch that is off tell a reader nothing."""
    return None if value in (None, False, (), "") else str(value)


def _named_command(arguments: Sequence[str]) -> str:
    """The command of these arguments, with a space after it, where there is one."""
    names = {name for name, *_ in COMMANDS}
    return next((f"{word} " for word in arguments if word in names), "")
