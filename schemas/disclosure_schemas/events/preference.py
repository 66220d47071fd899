"""PreferenceRecorded: what a subject asked for, a signal, or a fact about the subject."""

from disclosure_schemas.events.base import Code, EventId, Int64, Key, Moment, Value
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import PreferenceChannel, PreferenceKind, SubjectType


class PreferenceRecorded(Value):
    """One preference, signal or fact; fields that do not belong to its kind keep their defaults."""

    event_id: EventId
    subject_key: Key
    producer_id: Key
    occurred_at: Moment
    emitted_at: Moment
    sequence: Int64
    kind: PreferenceKind
    subject_type: SubjectType = SubjectType.ACCOUNT
    of: tuple[Code, ...] = ()
    purposes: tuple[Code, ...] = ()
    recipient_ids: tuple[Code, ...] = ()
    elements: tuple[Code, ...] = ()
    channel: PreferenceChannel = PreferenceChannel.WEB_FORM
    global_option_offered: bool = True
    agent_permission: Code | None = None
    verified: bool = True
    processed_at: Moment | None = None
    expires_at: Moment | None = None
    method: Code | None = None
    prompted: bool = False
    informed_of_signal: bool = False
    documented: bool = True
    requestor_told: bool = True
    transaction_id: Code | None = None
    program: Code | None = None
    choice: Code | None = None
    action: Code | None = None
    signals: Signals = Signals()
    account_key: Key | None = None
    age_band: Code | None = None
    willful_disregard: bool = False
    region: Code | None = None
    drop_list: Code | None = None
    drop_id: Code | None = None
    all_exempt: bool = False
