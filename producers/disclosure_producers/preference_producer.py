"""The producer of preferences, signals and facts: one method for each verb of the vocabulary."""

from typing import Any, ClassVar, Unpack
from uuid import UUID

from disclosure_producers import preference_content as verbs
from disclosure_producers.checks import key_bytes
from disclosure_producers.event_producer import EventProducer
from disclosure_producers.receipts import Receipt
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.topics import PREFERENCES, Topic


class PreferenceProducer(EventProducer):
    """Records what subjects ask for, their signals, and facts about them.

    Every verb takes the subject key and the fields of its typed dictionary in `preference_content`;
    `occurred_at` is when the person said it, now where left out: the law counts from there (legal 2.4.3).
    They raise SubjectKeyError, InvalidEventError, BackpressureError, EventRefusedError or
    ClosedProducerError; then nothing was accepted.
    """

    topic: ClassVar[Topic] = PREFERENCES
    record: ClassVar[type[Value]] = PreferenceRecorded

    def record_preference(self, kind: str, subject_key: UUID, **fields: Any) -> Receipt:
        """Record a preference by the name of its verb, such as `opt_out`."""
        occurred_at = fields.pop("occurred_at", None)
        event_id = fields.pop("event_id", None)
        key_bytes(subject_key)
        return self._send(subject_key, verbs.encoded_preference(kind, fields), occurred_at, event_id)

    def opt_out(self, subject_key: UUID, **fields: Unpack[verbs.OptOut]) -> Receipt:
        """Stop selling and sharing, or what `of` names."""
        return self.record_preference(PreferenceKind.OPT_OUT, subject_key, **fields)

    def opt_out_denied(self, subject_key: UUID, **fields: Unpack[verbs.OptOutDenied]) -> Receipt:
        """An opt-out was found fraudulent."""
        return self.record_preference(PreferenceKind.OPT_OUT_DENIED, subject_key, **fields)

    def opt_in_requested(self, subject_key: UUID, **fields: Unpack[verbs.OptIn]) -> Receipt:
        """First step of an opt-in."""
        return self.record_preference(PreferenceKind.OPT_IN_REQUESTED, subject_key, **fields)

    def opt_in_confirmed(self, subject_key: UUID, **fields: Unpack[verbs.OptIn]) -> Receipt:
        """Second, separate step of an opt-in."""
        return self.record_preference(PreferenceKind.OPT_IN_CONFIRMED, subject_key, **fields)

    def opt_in_declined(self, subject_key: UUID, **fields: Unpack[verbs.Common]) -> Receipt:
        """Asked, and refused."""
        return self.record_preference(PreferenceKind.OPT_IN_DECLINED, subject_key, **fields)

    def parental_authorization(
        self, subject_key: UUID, **fields: Unpack[verbs.ParentalAuthorization]
    ) -> Receipt:
        """A parent of a child under 13 consents."""
        return self.record_preference(PreferenceKind.PARENTAL_AUTHORIZATION, subject_key, **fields)

    def limit_sensitive(self, subject_key: UUID, **fields: Unpack[verbs.LimitSensitive]) -> Receipt:
        """Limit use and disclosure of sensitive personal information."""
        return self.record_preference(PreferenceKind.LIMIT_SENSITIVE, subject_key, **fields)

    def complied(self, subject_key: UUID, **fields: Unpack[verbs.Common]) -> Receipt:
        """From now on the business honors what this subject asked before."""
        return self.record_preference(PreferenceKind.COMPLIED, subject_key, **fields)

    def delete(self, subject_key: UUID, **fields: Unpack[verbs.Common]) -> Receipt:
        """A verified deletion request is being worked on."""
        return self.record_preference(PreferenceKind.DELETE, subject_key, **fields)

    def deletion_completed(self, subject_key: UUID, **fields: Unpack[verbs.Common]) -> Receipt:
        """A deletion is done; a suppression key is kept."""
        return self.record_preference(PreferenceKind.DELETION_COMPLETED, subject_key, **fields)

    def cookie_reject(self, subject_key: UUID, **fields: Unpack[verbs.Common]) -> Receipt:
        """ "Reject all" on a cookie banner."""
        return self.record_preference(PreferenceKind.COOKIE_REJECT, subject_key, **fields)

    def program_choice(self, subject_key: UUID, **fields: Unpack[verbs.ProgramChoice]) -> Receipt:
        """A member was asked whether a signal ends the membership."""
        return self.record_preference(PreferenceKind.PROGRAM_CHOICE, subject_key, **fields)

    def direction(self, subject_key: UUID, **fields: Unpack[verbs.Direction]) -> Receipt:
        """The subject directs us to disclose items to a recipient."""
        return self.record_preference(PreferenceKind.DIRECTION, subject_key, **fields)

    def signal(self, subject_key: UUID, **fields: Unpack[verbs.Signal]) -> Receipt:
        """Raw signals of one visit of a device (legal 5)."""
        return self.record_preference(PreferenceKind.SIGNAL, subject_key, **fields)

    def drop_match(self, subject_key: UUID, **fields: Unpack[verbs.DropMatch]) -> Receipt:
        """An entry of the state deletion platform matched this subject."""
        return self.record_preference(PreferenceKind.DROP_MATCH, subject_key, **fields)

    def age(self, subject_key: UUID, **fields: Unpack[verbs.Age]) -> Receipt:
        """What is known of the subject's age from now on."""
        return self.record_preference(PreferenceKind.AGE, subject_key, **fields)

    def residency(self, subject_key: UUID, **fields: Unpack[verbs.Residency]) -> Receipt:
        """Where the subject lives, from now on."""
        return self.record_preference(PreferenceKind.RESIDENCY, subject_key, **fields)
