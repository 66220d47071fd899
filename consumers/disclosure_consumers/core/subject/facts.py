"""What was said about a subject: preferences, signals and facts, each with the moment it holds from.

A subject's state is the set of its facts and links by event, so taking events in, in any order and however
often, leads to the same state. Keys and event ids are 16 raw bytes, moments microseconds since 1970 UTC.
"""

from collections.abc import Iterator
from typing import NamedTuple

from disclosure_consumers.core.signals.reading import read_signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import LinkAction, PreferenceChannel, PreferenceKind, SubjectType
from disclosure_schemas.moments import microseconds

_NONE: frozenset[str] = frozenset()


class Content(NamedTuple):
    """What a fact says, without its id and moment; the same content is one object for all subjects.

    `effective`: a denial that was documented and told, a verified parent, a platform match that is not all
    exempt; True for every other kind.
    """

    kind: PreferenceKind
    of: frozenset[str] = _NONE
    purposes: frozenset[str] = _NONE
    recipients: frozenset[str] = _NONE
    elements: frozenset[str] = _NONE
    channel: PreferenceChannel = PreferenceChannel.WEB_FORM
    agent_permission: str | None = None
    global_option_offered: bool = True
    method: str | None = None
    prompted: bool = False
    informed_of_signal: bool = False
    effective: bool = True
    transaction: str | None = None
    program: str | None = None
    choice: str | None = None
    action: str | None = None
    band: str | None = None
    willful_disregard: bool = False
    region: str | None = None
    gpc: bool = False
    dnt: bool = False
    opted_out: bool = False
    readable: bool = False
    unreadable: bool = False


class Fact(NamedTuple):
    """One thing said about a subject.

    `other_us`: when our systems took it in (opt-out, limit), or when it lapses (opt-in).
    """

    at_us: int
    event_id: bytes
    content: Content
    other_us: int | None = None


class Tie(NamedTuple):
    """One thing said about two subjects, as seen from one of them."""

    at_us: int
    event_id: bytes
    other: bytes
    action: LinkAction


class SubjectState(NamedTuple):
    """All that was said about one subject, in the order of moments."""

    subject_type: SubjectType
    facts: tuple[Fact, ...] = ()
    ties: tuple[Tie, ...] = ()


class Said(NamedTuple):
    """Something to add to the state of one subject."""

    subject: bytes
    subject_type: SubjectType
    fact: Fact | None = None
    tie: Tie | None = None


# Of several types claimed for one key the one later in this list is believed: an account is what a sender
# says who says nothing.
_TYPES = (
    SubjectType.UNKNOWN,
    SubjectType.ACCOUNT,
    SubjectType.PROFILE,
    SubjectType.DEVICE,
    SubjectType.HOUSEHOLD,
)


def with_said(state: SubjectState | None, said: Said) -> SubjectState:
    """Add what was said; adding it again, or in another order, makes no difference."""
    base = state or SubjectState(said.subject_type)
    facts, ties = base.facts, base.ties
    if said.fact is not None and said.fact not in facts:
        is_collision = any(fact.event_id == said.fact.event_id for fact in facts)
        facts = tuple(sorted((*facts, said.fact), key=_collision_order if is_collision else _fact_order))
    if said.tie is not None and said.tie not in ties:
        ties = tuple(sorted((*ties, said.tie)))
    return SubjectState(max(base.subject_type, said.subject_type, key=_TYPES.index), facts, ties)


def _fact_order(fact: Fact) -> tuple[int, bytes, str]:
    return fact.at_us, fact.event_id, fact.content.kind


def _collision_order(fact: Fact) -> tuple[int, bytes, str, str]:
    """The same order where one event id came with several contents: each counts, in an order of its own."""
    spelled = [sorted(value) if isinstance(value, frozenset) else value for value in fact.content]
    return *_fact_order(fact), repr((spelled, fact.other_us))


def said_by_preference(preference: PreferenceRecorded) -> Iterator[Said]:
    """What a preference says, and about whom.

    A signal counts for the device and, if the visitor was logged in, for the account (11 CCR 7025(c)(1)); a
    visit that names an account links it to the device.
    """
    at_us, event_id = microseconds(preference.occurred_at), preference.event_id.bytes
    subject, account = preference.subject_key.bytes, preference.account_key
    is_opt_in = preference.kind in _OPT_INS
    other = preference.expires_at if is_opt_in else preference.processed_at
    content = content_of(preference)
    fact = Fact(at_us, event_id, content, None if other is None else microseconds(other))
    yield Said(subject, preference.subject_type, fact)
    if preference.kind is not PreferenceKind.SIGNAL or account is None:
        return
    if _says_something(content):
        yield Said(account.bytes, SubjectType.ACCOUNT, fact)
    link = LinkAction.LINK
    yield Said(subject, preference.subject_type, tie=Tie(at_us, event_id, account.bytes, link))
    yield Said(account.bytes, SubjectType.ACCOUNT, tie=Tie(at_us, event_id, subject, link))


def said_by_link(event: IdentityLinked) -> Iterator[Said]:
    """What an identity event says about its two subjects."""
    at_us, event_id = microseconds(event.occurred_at), event.event_id.bytes
    # An action newer than this reader may be a link: protections travel over it (G4).
    action = LinkAction.LINK if event.action is LinkAction.UNKNOWN else event.action
    one, other = event.subject_key.bytes, event.other_subject_key.bytes
    yield Said(one, event.subject_type, tie=Tie(at_us, event_id, other, action))
    yield Said(other, event.other_subject_type, tie=Tie(at_us, event_id, one, action))


def unread(at_us: int, event_id: bytes) -> Fact:
    """What a control record says that cannot be read: not knowing is not consent (G4)."""
    return Fact(at_us, event_id, Content(PreferenceKind.UNKNOWN))


_OPT_INS = frozenset({PreferenceKind.OPT_IN_REQUESTED, PreferenceKind.OPT_IN_CONFIRMED})
_seen: dict[Content, Content] = {}


def content_of(preference: PreferenceRecorded) -> Content:
    """Content of a preference; signals are read here, once."""
    kind = preference.kind
    if kind is PreferenceKind.UNKNOWN:
        return Content(kind)
    content = Content(
        kind=kind,
        of=frozenset(preference.of),
        purposes=frozenset(preference.purposes),
        recipients=frozenset(preference.recipient_ids),
        elements=frozenset(preference.elements),
        channel=preference.channel,
        agent_permission=preference.agent_permission,
        global_option_offered=preference.global_option_offered,
        method=preference.method,
        prompted=preference.prompted,
        informed_of_signal=preference.informed_of_signal,
        effective=_is_effective(preference),
        transaction=preference.transaction_id,
        program=preference.program,
        choice=preference.choice,
        action=preference.action,
        band=preference.age_band,
        willful_disregard=preference.willful_disregard,
        region=preference.region,
    )
    if kind is PreferenceKind.SIGNAL:
        reading = read_signals(preference.signals)
        content = content._replace(
            gpc=reading.gpc,
            dnt=preference.signals.dnt == "1",
            opted_out=reading.opted_out,
            elements=reading.limited_elements,
            readable=reading.readable,
            unreadable=reading.unreadable,
        )
    return interned(content)


def interned(content: Content) -> Content:
    """The one object for this content: five million subjects say a few dozen different things."""
    if len(_seen) > 100_000:  # free texts, such as transactions, must not pile up
        _seen.clear()
    return _seen.setdefault(content, content)


def _is_effective(preference: PreferenceRecorded) -> bool:
    if preference.kind is PreferenceKind.OPT_OUT_DENIED:
        return preference.documented and preference.requestor_told  # 11 CCR 7026(e)
    if preference.kind is PreferenceKind.PARENTAL_AUTHORIZATION:
        return preference.verified  # 11 CCR 7070
    if preference.kind is PreferenceKind.DROP_MATCH:
        return not preference.all_exempt  # Civ. Code 1798.99.80(c)
    return True


def _says_something(content: Content) -> bool:
    said = content.gpc or content.dnt or content.opted_out or content.unreadable
    return said or bool(content.elements)
