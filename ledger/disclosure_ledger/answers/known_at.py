"""The moment of knowledge an answer is asked as of: what we would have said then."""

from datetime import datetime

from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.rows import utc
from disclosure_schemas.errors import DisclosureError


class InvalidKnownAtError(DisclosureError):
    """A moment of knowledge lies in the future, or before the ledger's first record."""


def checked_known_at(known_at: datetime | None, snapshot: Snapshot, now: datetime) -> datetime | None:
    """The moment, if the ledger knew anything by then; raises InvalidKnownAtError. None stands for now."""
    if known_at is None:
        return None
    if known_at > now:
        raise InvalidKnownAtError(
            f"{known_at.isoformat()} is in the future (now is {now.isoformat()}): nobody can tell what "
            "will be known then. Give an earlier moment, or none for all that is known now."
        )
    first = utc(snapshot.fetch("first_recorded_at")[0]["first_recorded_at"])
    if first is None or known_at < first:
        began = "has no record at all" if first is None else f"has its first record from {first.isoformat()}"
        raise InvalidKnownAtError(
            f"nothing was known at {known_at.isoformat()}: the ledger {began}. Give a later moment, or none "
            "for all that is known now."
        )
    return known_at


def known_note(known_at: datetime) -> str:
    """What an answer says of its moment of knowledge."""
    return f"As known at {known_at.isoformat()}: what was recorded later is left out."
