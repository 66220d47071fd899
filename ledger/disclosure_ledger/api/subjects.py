"""From what callers name to subject keys: identifiers are hashed here and go no further."""

from collections.abc import Iterable
from uuid import UUID

from disclosure_ledger.api.bodies import Subject
from disclosure_ledger.api.services import Services
from disclosure_producers.settings import SettingsError
from disclosure_schemas.subject_keys import subject_key


def key_of(services: Services, subject: Subject) -> UUID:
    """The key of one subject; raises InvalidIdentifierError, SettingsError, which never repeat it."""
    if subject.key is not None:
        return subject.key
    if services.subject_secret is None:
        raise SettingsError(
            "this service makes no keys of identifiers: DISCLOSURE_SUBJECT_SECRET is not set for it. "
            "Send the subject's key."
        )
    assert subject.type is not None, "checked when it was made"
    assert subject.value is not None, "checked when it was made"
    return subject_key(services.subject_secret, subject.type, subject.value.get_secret_value())


def keys_of(services: Services, subjects: Iterable[Subject]) -> tuple[UUID, ...]:
    """The keys of one person, each once, in the order given."""
    return tuple(dict.fromkeys(key_of(services, subject) for subject in subjects))
