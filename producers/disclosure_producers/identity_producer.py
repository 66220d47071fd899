"""The producer of identity events: which subject keys belong together."""

from datetime import datetime
from typing import ClassVar, TypedDict, Unpack
from uuid import UUID

from disclosure_producers.event_producer import EventProducer
from disclosure_producers.identity_content import encoded_identity
from disclosure_producers.receipts import Receipt
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.vocabulary import LinkAction, SubjectType
from disclosure_schemas.topics import IDENTITIES, Topic


class LinkFields(TypedDict, total=False):
    """What a link says beyond its two subjects: a device and an account, by login, unless told otherwise."""

    subject_type: str
    other_subject_type: str
    cause: str
    occurred_at: datetime | None
    event_id: UUID | None


class IdentityProducer(EventProducer):
    """Records links between subjects, such as a device and the account that logged in on it.

    Methods raise SubjectKeyError, InvalidEventError, BackpressureError, EventRefusedError or
    ClosedProducerError; then nothing was accepted.
    """

    topic: ClassVar[Topic] = IDENTITIES
    record: ClassVar[type[Value]] = IdentityLinked

    def link(self, subject_key: UUID, other_subject_key: UUID, **fields: Unpack[LinkFields]) -> Receipt:
        """They belong together from `occurred_at` on."""
        return self._record(LinkAction.LINK, subject_key, other_subject_key, fields)

    def unlink(self, subject_key: UUID, other_subject_key: UUID, **fields: Unpack[LinkFields]) -> Receipt:
        """They no longer belong together; what has passed between them stays."""
        return self._record(LinkAction.UNLINK, subject_key, other_subject_key, fields)

    def mistaken(self, subject_key: UUID, other_subject_key: UUID, **fields: Unpack[LinkFields]) -> Receipt:
        """They never belonged together."""
        return self._record(LinkAction.MISTAKEN, subject_key, other_subject_key, fields)

    def _record(
        self, action: LinkAction, subject_key: UUID, other_subject_key: UUID, fields: LinkFields
    ) -> Receipt:
        rest = encoded_identity(
            action,
            subject_key,
            other_subject_key,
            subject_type=fields.get("subject_type", SubjectType.DEVICE),
            other_subject_type=fields.get("other_subject_type", SubjectType.ACCOUNT),
            cause=fields.get("cause", "login"),
        )
        return self._send(subject_key, rest, fields.get("occurred_at"), fields.get("event_id"))
