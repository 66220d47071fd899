"""The demo's folder: emptied at every start, so that no run stands on the one before; one run at a time."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disclosure_ledger.demo.errors import ForeignFolderError
from disclosure_ledger.pipeline import run_lock

MARKER = "made-by-the-demo"
_PARTS = ("broker", "ledger", "logs", "outbox")


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """Make the folder or empty it of an earlier run, and keep other runs out until the block ends.

    Only what a demo made is deleted. Raises ForeignFolderError for a folder that holds something else,
    FolderInUseError for one in which another process runs.
    """
    marker = folder / MARKER
    if folder.exists() and not marker.exists() and any(folder.iterdir()):
        raise ForeignFolderError(
            f"{folder} holds something that no demo made, so it is left alone. "
            "Name another folder with --dir."
        )
    with run_lock.held(folder):
        marker.touch()
        for part in _PARTS:
            shutil.rmtree(folder / part, ignore_errors=True)
        yield folder
