"""Brings the tables of hot.duckdb to the newest version: numbered SQL files, one transaction each."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

import duckdb

from disclosure_ledger.store.errors import LedgerVersionError
from disclosure_ledger.store.queries import query

_FILE_NAME = re.compile(r"(?P<version>\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file."""

    version: int
    text: str

    @property
    def sha256(self) -> str:
        """Hash of the text, so that a changed file is noticed."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def packaged_migrations() -> tuple[Migration, ...]:
    """Every packaged migration, oldest first."""
    files = resources.files("disclosure_ledger").joinpath("sql", "migrations").iterdir()
    matched = ((_FILE_NAME.fullmatch(file.name), file) for file in files)
    found = [
        Migration(int(match["version"]), file.read_text(encoding="utf-8")) for match, file in matched if match
    ]
    return tuple(sorted(found, key=lambda migration: migration.version))


def applied_migrations(connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Versions and hashes of what the file has; empty for a new file."""
    if not connection.execute(query("has_migrations")).fetchall():
        return {}
    return dict(connection.execute(query("applied_migrations")).fetchall())


def pending_migrations(connection: duckdb.DuckDBPyConnection) -> list[Migration]:
    """Migrations the file lacks; raises LedgerVersionError if it has one that this program has not."""
    applied = applied_migrations(connection)
    packaged = packaged_migrations()
    known = {migration.version: migration.sha256 for migration in packaged}
    for version, sha256 in sorted(applied.items()):
        if known.get(version) != sha256:
            what = "is newer than this program" if version not in known else "was made by another text"
            raise LedgerVersionError(
                f"migration {version} of the ledger {what} (hash {sha256[:12]}, this program has "
                f"the versions 1 to {packaged[-1].version}). Use a release that knows it."
            )
    return [migration for migration in packaged if migration.version not in applied]


def migrate(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Apply what is pending; a migration that fails leaves the file as it was."""
    for migration in pending_migrations(connection):
        connection.begin()
        try:
            connection.execute(query("create_schema_migration"))
            connection.execute(migration.text)
            connection.execute(
                query("insert_schema_migration"),
                {
                    "version": migration.version,
                    "sha256": migration.sha256,
                    "applied_at": now.replace(tzinfo=None),
                },
            )
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
