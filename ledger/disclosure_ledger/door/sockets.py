"""The door's socket file: made private before anybody can see it, and told alive from dead."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disclosure_ledger.door.errors import DoorError, DoorInUseError

SOCKET_FILE = "door.sock"

_ADDRESS_BYTES_MAX = 100
"""Longest socket address that every system takes; Linux takes 107 bytes, macOS 103."""

_CONNECT_TIMEOUT_S = 5.0


def connected(path: Path) -> socket.socket | None:
    """Connect to a socket file; None where there is none or nobody listens behind it (left by kill -9)."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(_CONNECT_TIMEOUT_S)
    try:
        with _address(path) as address:
            link.connect(address)
    except (FileNotFoundError, ConnectionRefusedError):
        link.close()
        return None
    except OSError as error:
        link.close()
        raise DoorError(
            f"the socket {path} cannot be used: {error}. Only the user who runs the recorder may ask "
            "through it."
        ) from error
    return link


def listening(path: Path) -> socket.socket:
    """Listen at a socket file with mode 0600, in place of a dead one; raises DoorInUseError, DoorError."""
    if (other := connected(path)) is not None:
        other.close()
        raise DoorInUseError(
            f"another process answers at {path}. One recorder at a time serves a ledger: stop the other one."
        )
    # Bound in a folder nobody else can enter, then moved: the file is never open to others, and a dead
    # one is replaced in one step.
    private = Path(tempfile.mkdtemp(prefix=".door-", dir=path.parent))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        draft = private / path.name
        with _address(draft) as address:
            listener.bind(address)
        draft.chmod(0o600)
        listener.listen()
        draft.replace(path)
    except OSError as error:
        listener.close()
        raise DoorError(f"the door cannot listen at {path}: {error}.") from error
    finally:
        shutil.rmtree(private, ignore_errors=True)
    return listener


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """Address of a socket file; one that is too long for the system goes by way of its open folder."""
    if len(os.fsencode(path)) <= _ADDRESS_BYTES_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
