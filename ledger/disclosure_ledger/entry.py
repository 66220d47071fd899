"""Console script `disclosures`: says what to install where the command line's libraries are missing."""

import sys
from collections.abc import Sequence

BAD_INPUT = 2
_OWN = "disclosure_"
_LIBRARIES_OF_EXTRAS = {
    "noida_db": "embedded",
}
"""Libraries that belong to another extra than `ledger`, by import name."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `arguments` default to those of the process."""
    try:
        from disclosure_ledger.cli.app import run_command_line  # noqa: PLC0415 - its libraries are optional

        return run_command_line(sys.argv[1:] if arguments is None else arguments)
    except ImportError as error:
        root = _missing_library(error)
        if not root:
            raise
        extra = _LIBRARIES_OF_EXTRAS.get(root, "ledger")
        sys.stderr.write(
            f"disclosures: the library {root} is not installed; this command needs it.\n"
            f'Install it with: pip install "disclosure-ledger[{extra}]"\n'
        )
        return BAD_INPUT


def _missing_library(error: BaseException | None) -> str:
    """Import name of the library whose absence is behind an error; empty if it is another fault."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            root = (error.name or "").partition(".")[0]
            return "" if root.startswith(_OWN) else root
        error = error.__cause__
    return ""


def main() -> None:
    """Run the command of this process and end it with the exit code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
