"""A PostgreSQL of Debian's package for one benchmark: a folder of its own, a Unix socket, never root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = {
    "shared_buffers": "2GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "listen_addresses": "",
}


class NoPostgresError(Exception):
    """PostgreSQL's server programs are not installed."""


def programs() -> Path:
    """Folder of initdb and pg_ctl; raises NoPostgresError."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise NoPostgresError("no PostgreSQL server. On Debian: .ci/install-debian-packages bench")
    return found[-1].parent


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start a server whose data is in a folder; its connection string."""
    data, user = folder / "data", _unprivileged()
    folder.mkdir(parents=True)
    if user is not None:
        shutil.chown(folder, user)
        folder.parent.chmod(0o755)  # a temporary folder is its owner's alone
    settings = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
    _run(user, "initdb", "-D", str(data), "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
    start = f"-k {folder} {settings}"
    _run(user, "pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", start, "start")
    try:
        yield f"host={folder} user=bench dbname=postgres"
    finally:
        _run(user, "pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop")


def _unprivileged() -> str | None:
    """A user to become, where this is root, as whom the server refuses to run."""
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(user: str | None, program: str, *arguments: str) -> None:
    command = [str(programs() / program), *arguments]
    subprocess.run(command, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)
