"""Keys of machines and one-time logins: how they are made, written down and compared. No I/O, no clock.

A secret has 256 random bits, so a salted SHA-256 cannot be undone by guessing; a slow hash would only slow
down every request.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from disclosure_ledger.access.errors import CredentialsRefusedError
from disclosure_ledger.access.roles import Role

SECRET_BYTES = 32
_ID_BYTES = 6
_KEY = re.compile(r"dlk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_LOGIN = re.compile(r"dll_[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as it is kept: never the secret itself."""

    id: str
    name: str
    roles: frozenset[Role]
    salt: bytes
    digest: bytes
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it may be used at a moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `text` is shown once and kept nowhere."""

    text: str
    stored: StoredKey

    def __repr__(self) -> str:
        return f"<NewKey {self.stored.id}>"


def new_key(name: str, roles: frozenset[Role], now: datetime, expires_at: datetime | None = None) -> NewKey:
    """Make a key with fresh randomness; raises CredentialsRefusedError for a name or roles that do not do."""
    if not _NAME.fullmatch(name):
        raise CredentialsRefusedError(
            "the name of a key has 1 to 64 letters, digits, dots, dashes and underscores, such as crm or "
            f"preference-centre; got {len(name)} characters that do not fit. It is the emitter of what "
            "the key sends."
        )
    if not roles:
        raise CredentialsRefusedError(f"a key needs a role, one or more of {', '.join(Role)}; got none.")
    key_id, secret = secrets.token_hex(_ID_BYTES), _random_text()
    salt = secrets.token_bytes(16)
    stored = StoredKey(key_id, name, roles, salt, digest_of(salt, secret), now, expires_at)
    return NewKey(f"dlk_{key_id}_{secret}", stored)


def split_key(text: str) -> tuple[str, str] | None:
    """Id and secret of a key as sent; None for anything that is not one."""
    found = _KEY.fullmatch(text)
    return (found[1], found[2]) if found else None


def is_secret_of(secret: str, key: StoredKey) -> bool:
    """Whether a secret belongs to a key, in constant time."""
    return hmac.compare_digest(digest_of(key.salt, secret), key.digest)


def digest_of(salt: bytes, secret: str) -> bytes:
    """What is kept of a secret."""
    return hmac.digest(salt, secret.encode(), "sha256")


def new_login_text() -> str:
    """A one-time login, shown once."""
    return f"dll_{_random_text()}"


def is_login_text(text: str) -> bool:
    """Whether a text has the form of a one-time login."""
    return _LOGIN.fullmatch(text) is not None


def login_digest(text: str) -> bytes:
    """What is kept of a one-time login; it is looked up by this."""
    return digest_of(b"one-time login", text)


def _random_text() -> str:
    return urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode()
