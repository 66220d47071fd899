"""The folder of one gate's state: held by a locked file, so that two gates never share it.

The lock goes with the process, however it ends.
"""

import fcntl
from pathlib import Path
from typing import IO

from disclosure_consumers.state.errors import StateFolderInUseError

LOCK_FILE = "lock"


def held(folder: Path) -> IO[bytes]:
    """Hold the folder, which is made if need be, until the file is closed; raises StateFolderInUseError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (folder / LOCK_FILE).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StateFolderInUseError(
            f"another process keeps its preference state in {folder.absolute()}. Expected a folder that no "
            "other gate uses: set DISCLOSURE_GATE_STATE to one of its own for each gate, or stop the other."
        ) from None
    return file
