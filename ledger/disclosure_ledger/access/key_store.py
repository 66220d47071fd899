"""`access.sqlite` in the ledger's folder: keys and one-time logins, for the recorder and the command line.

It is a file of its own so that a key can be made or revoked whether or not the recorder runs; the recorder
sees a change at its next request.
"""

import os
import sqlite3
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

from disclosure_ledger.access.errors import AccessError, CredentialsRefusedError, KeyNotFoundError
from disclosure_ledger.access.keys import (
    StoredKey,
    is_login_text,
    is_secret_of,
    login_digest,
    new_login_text,
    split_key,
)
from disclosure_ledger.access.roles import Principal, Role
from disclosure_ledger.store.queries import split_queries

FILE_NAME = "access.sqlite"
LOGIN_VALID = timedelta(minutes=15)
"""How long a one-time login can be used."""

_BUSY_WAIT_S = 5.0


@cache
def _statements() -> Mapping[str, str]:
    text = resources.files("disclosure_ledger").joinpath("access", "sql", "access.sql").read_text("utf-8")
    return dict(split_queries(text))


class KeyStore:
    """Keys and logins of one ledger; safe from several threads and processes. Raises AccessError."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._lock = threading.Lock()
        self._version: int | None = None
        self._keys: Mapping[str, StoredKey] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._connection = sqlite3.connect(
                self.path, timeout=_BUSY_WAIT_S, isolation_level=None, check_same_thread=False
            )
            for name in ("configure", "create_api_key", "create_login"):
                self._connection.execute(_statements()[name])
        except (OSError, sqlite3.Error) as error:
            raise AccessError(
                f"the keys in {self.path} cannot be opened: {error}. Only the user who runs the "
                "recorder may use them."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def principal(self, text: str, now: datetime) -> Principal:
        """Whose key this is; raises CredentialsRefusedError."""
        parts = split_key(text)
        key = self._current().get(parts[0]) if parts else None
        if parts is None or key is None or not is_secret_of(parts[1], key) or not key.is_valid(now):
            raise CredentialsRefusedError(
                "the key is unknown, expired or revoked. An admin makes one with `disclosures access "
                "create-key`."
            )
        return Principal(key.name, key.roles, "key")

    def add(self, key: StoredKey) -> None:
        """Keep a new key."""
        expires_at = None if key.expires_at is None else key.expires_at.isoformat()
        self._run(
            "add_key",
            (
                key.id,
                key.name,
                _text_of(key.roles),
                key.salt,
                key.digest,
                key.created_at.isoformat(),
                expires_at,
            ),
        )

    def keys(self) -> list[StoredKey]:
        """Every key, oldest first, revoked and expired ones too."""
        return list(self._current().values())

    def revoke(self, key_id: str, now: datetime) -> StoredKey:
        """Let a key work no more; one that was revoked before stays so. Raises KeyNotFoundError."""
        self._run("revoke_key", (now.isoformat(), key_id))
        try:
            return self._current()[key_id]
        except KeyError:
            raise KeyNotFoundError(
                "no key has this id; ids have 12 characters, the second part of a key. See them with "
                "`disclosures access list-keys`."
            ) from None

    def new_login(self, name: str, roles: frozenset[Role], now: datetime) -> str:
        """Make a login that works once, within LOGIN_VALID; it is returned and kept nowhere."""
        text = new_login_text()
        self._run("drop_expired_logins", (now.isoformat(),))
        self._run("add_login", (login_digest(text), name, _text_of(roles), (now + LOGIN_VALID).isoformat()))
        return text

    def use_login(self, text: str, now: datetime) -> Principal:
        """Use up a one-time login; raises CredentialsRefusedError."""
        found = self._run("take_login", (login_digest(text),)) if is_login_text(text) else []
        if not found or datetime.fromisoformat(found[0][2]) <= now:
            raise CredentialsRefusedError(
                "the login was used before, is older than 15 minutes, or never was one. Get another with "
                "`disclosures access login`."
            )
        return Principal(found[0][0], _roles_of(found[0][1]), "session")

    def _current(self) -> Mapping[str, StoredKey]:
        with self._lock:
            try:
                version = self._connection.execute(_statements()["data_version"]).fetchone()[0]
                if version != self._version:
                    rows = self._connection.execute(_statements()["keys"]).fetchall()
                    self._keys = {row[0]: _key(row) for row in rows}
                    self._version = version
            except sqlite3.Error as error:
                raise AccessError(f"the keys in {self.path} cannot be read: {error}.") from error
            return self._keys

    def _run(self, name: str, values: tuple[Any, ...]) -> list[Any]:
        with self._lock:
            try:
                rows = self._connection.execute(_statements()[name], values).fetchall()
            except sqlite3.Error as error:
                raise AccessError(f"the keys in {self.path} cannot be changed: {error}.") from error
            self._version = None  # its own changes do not move the version a connection sees
            return rows


def _key(row: tuple[Any, ...]) -> StoredKey:
    key_id, name, roles, salt, digest, created_at, expires_at, revoked_at = row
    moments = [None if text is None else datetime.fromisoformat(text) for text in (expires_at, revoked_at)]
    return StoredKey(
        key_id,
        name,
        _roles_of(roles),
        salt,
        digest,
        datetime.fromisoformat(created_at),
        moments[0],
        moments[1],
    )


def _text_of(roles: frozenset[Role]) -> str:
    return ",".join(sorted(roles))


def _roles_of(text: str) -> frozenset[Role]:
    return frozenset(Role(word) for word in text.split(","))
