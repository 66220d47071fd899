"""From an exception to one line on stderr and an exit code.

0 fine; 1 a check failed; 2 bad input or usage; 3 the broker or the ledger cannot be reached; 130 Ctrl-C;
70 (EX_SOFTWARE) a fault of this program.
"""

from collections.abc import Callable

from pydantic import ValidationError

from disclosure_schemas.errors import DisclosureError

CHECK_FAILED = 1
BAD_INPUT = 2
UNREACHABLE = 3
UNEXPECTED = 70
INTERRUPTED = 130

# By name, so that printing a key need not load a database to know how its errors are called.
UNREACHABLE_ERRORS = frozenset(
    {
        "disclosure_consumers.ports.StateUnreadableError",
        "disclosure_ledger.audit.errors.AuditBrokerError",
        "disclosure_ledger.brokers.local.BrokerError",
        "disclosure_ledger.door.errors.DoorError",
        "disclosure_ledger.store.errors.LedgerFullError",
        "disclosure_ledger.store.errors.LedgerHaltedError",
        "disclosure_ledger.store.errors.LedgerLockedError",
        "disclosure_ledger.store.errors.LedgerMissingError",
        "disclosure_ledger.pipeline.errors.PipelineError",
        "disclosure_producers.errors.NotAcknowledgedError",
        "disclosure_producers.errors.RegistryUnavailableError",
    }
)


class CheckFailedError(DisclosureError):
    """A check that the command was asked to make has failed."""


class UsageError(DisclosureError):
    """The arguments of a command do not go together."""


def exit_code_of(error: BaseException) -> int:
    """Exit code that tells a script what kind of failure this is."""
    if is_interrupt(error):
        return INTERRUPTED
    if isinstance(error, CheckFailedError):
        return CHECK_FAILED
    if any(f"{kind.__module__}.{kind.__qualname__}" in UNREACHABLE_ERRORS for kind in type(error).__mro__):
        return UNREACHABLE
    if isinstance(error, DisclosureError | ValidationError):
        return BAD_INPUT
    return UNEXPECTED


def is_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C is behind an error: a C library that was called then may turn it into a SystemError."""
    return isinstance(error, KeyboardInterrupt) or (
        isinstance(error, SystemError) and isinstance(error.__cause__, KeyboardInterrupt)
    )


def text_of(error: BaseException) -> str:
    """What to tell a person about a failure, without a traceback."""
    if is_interrupt(error):
        return "interrupted"
    if isinstance(error, ValidationError):
        return _settings_text(error)
    if exit_code_of(error) != UNEXPECTED:
        return str(error)
    return (
        f"an unexpected {type(error).__name__} happened: {error}. This is a fault of the program: run the "
        "same command with --verbose (or DISCLOSURE_DEBUG=1) for the traceback and report it."
    )


def report(
    error: BaseException, write: Callable[[str], object], *, traceback: Callable[[], object] | None
) -> int:
    """Write a failure, with its traceback where one is wanted, and return the exit code."""
    code = exit_code_of(error)
    if traceback is not None and code != INTERRUPTED:
        traceback()
    write(f"disclosures: {text_of(error)}")
    return code


def _settings_text(error: ValidationError) -> str:
    """Name the fields that are wrong; values stay out, for a setting may be a secret."""
    problems = "; ".join(
        f"{'.'.join(str(part) for part in entry['loc']) or 'value'}: {entry['msg']}"
        for entry in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return f"{error.title} has invalid content: {problems}. Correct the option or environment variable."
