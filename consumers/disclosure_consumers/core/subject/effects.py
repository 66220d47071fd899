"""What one fact does at the subject it was said of: what it stops, limits, and since when it is honored."""

from collections.abc import Iterator

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.facts import Content, Fact, SubjectState
from disclosure_consumers.core.subject.standing import SALE_AND_SHARE, Basis, Limit, Stop
from disclosure_schemas.events.vocabulary import Kind, PreferenceChannel, PreferenceKind, SubjectType

_TAKEN_IN = frozenset({PreferenceKind.OPT_OUT, PreferenceKind.LIMIT_SENSITIVE})
_OPT_OUT_WORDS = frozenset({"sale", "share", "glba", "sensitive", "collection"})


def stops_made(
    state: SubjectState, fact: Fact, devices: tuple[SubjectState, ...], policy: Policy
) -> Iterator[Stop]:
    """What a fact stops at its own subject.

    `devices`: where a signal may have been sent from.
    """
    forgets = not policy.anonymous_device_opt_out_persists and state.subject_type is SubjectType.DEVICE
    for basis, named in _bases(fact.content):
        yield Stop(
            reached_us=fact.at_us,
            received_us=fact.at_us,
            event_id=fact.event_id,
            basis=basis,
            named=named,
            global_option_offered=fact.content.global_option_offered,
            complied_us=_complied_us(state, fact),
            denied_us=None if basis.is_signal else _denied_us(state, fact),
            ended_us=_readable_us(fact, devices) if basis is Basis.UNPARSEABLE else None,
            unsent_us=_unsent_us(state, fact, policy) if basis.is_gpc and forgets else None,
        )


def financial_stop(state: SubjectState, fact: Fact) -> Stop | None:
    """The separate opt-out for financial information (legal 4.17)."""
    if fact.content.kind is not PreferenceKind.OPT_OUT or "glba" not in fact.content.of:
        return None
    denied_us = _denied_us(state, fact)
    return Stop(fact.at_us, fact.at_us, fact.event_id, Basis.OPT_OUT, denied_us=denied_us)


def limit_made(state: SubjectState, fact: Fact) -> Limit | None:
    """What a fact limits: a limit lists elements, or none for all; a signal limits those it names."""
    is_signal = fact.content.kind is PreferenceKind.SIGNAL
    if not (fact.content.kind is PreferenceKind.LIMIT_SENSITIVE or (is_signal and fact.content.elements)):
        return None
    return Limit(
        reached_us=fact.at_us,
        received_us=fact.at_us,
        event_id=fact.event_id,
        elements=fact.content.elements or None,
        is_signal=is_signal,
        complied_us=_complied_us(state, fact),
    )


def _bases(content: Content) -> Iterator[tuple[Basis, frozenset[Kind]]]:
    """What a fact stops, and on which basis."""
    if content.kind is PreferenceKind.OPT_OUT:
        named = _kinds_named(content)
        if named:
            yield _opt_out_basis(content), named
    elif content.kind is PreferenceKind.PROGRAM_CHOICE:
        if content.choice == "withdraws":  # 11 CCR 7025(c)(4), legal 2.3.5
            yield Basis.OPT_OUT, SALE_AND_SHARE
    elif content.kind is PreferenceKind.COOKIE_REJECT:
        yield Basis.COOKIE, SALE_AND_SHARE
    elif content.kind is PreferenceKind.UNKNOWN:
        yield Basis.UNPARSEABLE, SALE_AND_SHARE  # newer than this reader: not knowing is not consent (G4)
    elif content.kind is PreferenceKind.SIGNAL:
        said = (
            (Basis.GPC, content.gpc),
            (Basis.DNT, content.dnt),
            (Basis.STRING, content.opted_out),
            (Basis.UNPARSEABLE, content.unreadable),
        )
        for basis, is_said in said:
            if is_said:
                yield basis, SALE_AND_SHARE


def _kinds_named(content: Content) -> frozenset[Kind]:
    """Kinds an opt-out names; both if none, or if it names something newer than this reader (G4)."""
    if not content.of or content.of - _OPT_OUT_WORDS:
        return SALE_AND_SHARE
    return frozenset(Kind(word) for word in content.of if word in SALE_AND_SHARE)


def _opt_out_basis(content: Content) -> Basis:
    if content.channel is PreferenceChannel.TRANSFEROR:
        return Basis.INHERITED  # Civ. Code 1798.120(a)(2)
    if content.channel is PreferenceChannel.FORWARDED:
        return Basis.FORWARDED  # 11 CCR 7026(f)(2)
    if content.channel is PreferenceChannel.AGENT and content.agent_permission != "signed":
        return Basis.PENDING  # 11 CCR 7026(j)
    return Basis.OPT_OUT


def _complied_us(state: SubjectState, fact: Fact) -> int | None:
    """When the subject's wish was honored: the first such mark, else when our systems took it in."""
    marks = (
        f.at_us for f in state.facts if f.content.kind is PreferenceKind.COMPLIED and f.at_us >= fact.at_us
    )
    taken_in_us = fact.other_us if fact.content.kind in _TAKEN_IN else None
    return min(marks, default=taken_in_us)


def _denied_us(state: SubjectState, fact: Fact) -> int | None:
    """When an opt-out was denied as fraud, documented and told (11 CCR 7026(e)); at one instant it stands."""
    denials = (
        f.at_us
        for f in state.facts
        if f.content.kind is PreferenceKind.OPT_OUT_DENIED and f.content.effective and f.at_us > fact.at_us
    )
    return min(denials, default=None)


def _unsent_us(state: SubjectState, fact: Fact, policy: Policy) -> int | None:
    """The device's next visit without the signal."""
    dnt_counts = policy.treat_dnt_as_opt_out
    visits = (
        f.at_us
        for f in state.facts
        if f.content.kind is PreferenceKind.SIGNAL
        and not (f.content.gpc or (f.content.dnt and dnt_counts))
        and f.at_us > fact.at_us
    )
    return min(visits, default=None)


def _readable_us(fact: Fact, devices: tuple[SubjectState, ...]) -> int | None:
    """Next visit, with a string that can be read, of the device that sent one that cannot."""
    visits = (
        later.at_us
        for device in devices
        if any(sent.event_id == fact.event_id for sent in device.facts)
        for later in device.facts
        if later.content.readable and later.at_us > fact.at_us
    )
    return min(visits, default=None)
