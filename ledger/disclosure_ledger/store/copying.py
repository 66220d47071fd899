"""Copies of files that DuckDB has open.

A process that closes any handle of a file loses its POSIX locks on it, DuckDB's too: another process reads.
"""

import os
import subprocess
import sys
from pathlib import Path

from disclosure_ledger.store.errors import LedgerError

_COPY = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"


def copy_open_file(source: Path, target: Path) -> None:
    """Copy a file that does not change meanwhile; raises LedgerError."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _COPY, str(source), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        reason = run.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise LedgerError(
            f"{source} could not be copied to {target}: {reason[0]}. Is there room on the disk?"
        )


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file that never changes a second name, or copy it to another file system."""
    try:
        os.link(source, target)
    except OSError:
        copy_open_file(source, target)
