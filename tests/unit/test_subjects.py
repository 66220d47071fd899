"""Standing of subjects: what their own opt-outs, signals and links make of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from disclosure_consumers.core.subject.standing import Basis
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import (
    Kind,
    LinkAction,
    PreferenceChannel,
    PreferenceKind,
    SubjectType,
)
from gate_events import NOW, link, preference

ALICE, LAPTOP, TABLET, OAK_STREET, BOB = (UUID(int=n) for n in range(1, 6))
GPC = Signals(gpc=("1",))


def kinds_stopped(subjects: Subjects, key: UUID) -> set[str]:
    """Kinds that something stops for a subject, a Californian."""
    return {kind for stop in subjects.standing(key.bytes).stops for kind in stop.kinds(californian=True)}


def bases(subjects: Subjects, key: UUID) -> set[Basis]:
    """What the stops of a subject rest on."""
    return {stop.basis for stop in subjects.standing(key.bytes).stops}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {Kind.SALE, Kind.SHARE}),
        ({"of": ("sale",)}, {Kind.SALE}),
        ({"of": ("sale",), "global_option_offered": False}, {Kind.SALE, Kind.SHARE}),
        ({"of": ("glba",)}, set()),
    ],
    ids=["both", "one", "one without the global choice", "another law's"],
)
def test_an_opt_out_stops_what_it_names(changes: dict[str, object], expected: set[str]) -> None:
    """A choice of one kind means both unless the choice of all was offered (11 CCR 7026(h))."""
    subjects = Subjects()

    subjects.apply_preference(preference(ALICE, PreferenceKind.OPT_OUT, **changes))

    assert expected == kinds_stopped(subjects, ALICE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"channel": PreferenceChannel.TRANSFEROR}, Basis.INHERITED),
        ({"channel": PreferenceChannel.FORWARDED}, Basis.FORWARDED),
        ({"channel": PreferenceChannel.AGENT}, Basis.PENDING),
        ({"channel": PreferenceChannel.AGENT, "agent_permission": "signed"}, Basis.OPT_OUT),
    ],
    ids=["transferor", "forwarded", "agent", "agent with permission"],
)
def test_an_opt_out_says_how_it_came(changes: dict[str, object], expected: Basis) -> None:
    """The channel decides the reason that is given later."""
    subjects = Subjects()

    subjects.apply_preference(preference(ALICE, PreferenceKind.OPT_OUT, **changes))

    assert {expected} == bases(subjects, ALICE)


def test_a_signal_counts_for_device_and_account() -> None:
    """Sent while logged in, the signal covers this browser and the known consumer (11 CCR 7025(c)(1))."""
    subjects = Subjects()

    subjects.apply_preference(
        preference(
            LAPTOP, PreferenceKind.SIGNAL, subject_type=SubjectType.DEVICE, signals=GPC, account_key=ALICE
        )
    )

    for key in (LAPTOP, ALICE):
        assert [stop.basis for stop in subjects.standing(key.bytes).stops if stop.own] == [Basis.GPC]


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        (Signals(gpc=("0",)), set()),
        (Signals(gpc=("1 ",)), set()),
        (Signals(gpc=("0", "1")), {Basis.GPC}),
        (Signals(usp="1YYN"), {Basis.STRING}),
        (Signals(usp="1YNN"), set()),
        (Signals(usp="what"), {Basis.UNPARSEABLE}),
        (Signals(gpp="DBABBg~x"), {Basis.UNPARSEABLE}),
        (Signals(dnt="1"), {Basis.DNT}),
        (Signals(dnt="0"), set()),
    ],
)
def test_a_signal_is_what_its_specification_says(signals: Signals, expected: set[Basis]) -> None:
    """Sec-GPC counts if a value is exactly 1 (legal 5.1.1); what cannot be read counts as an opt-out.

    Do Not Track is kept apart: a setting says whether it counts.
    """
    subjects = Subjects()

    subjects.apply_preference(
        preference(LAPTOP, PreferenceKind.SIGNAL, subject_type=SubjectType.DEVICE, signals=signals)
    )

    assert expected == bases(subjects, LAPTOP)


def test_a_protection_travels_over_a_link() -> None:
    """The browser's signal reaches the account that logs in on it later [D047]."""
    subjects = Subjects()
    subjects.apply_preference(
        preference(LAPTOP, PreferenceKind.SIGNAL, subject_type=SubjectType.DEVICE, signals=GPC)
    )

    subjects.apply_link(link(LAPTOP, ALICE, occurred_at=NOW))

    (stop,) = subjects.standing(ALICE.bytes).stops
    assert not stop.own
    assert stop.reached_us > stop.received_us


def test_other_users_of_a_shared_device_are_not_reached() -> None:
    """From an account a protection goes to its devices and stops there."""
    subjects = Subjects()
    subjects.apply_link(link(TABLET, ALICE))
    subjects.apply_link(link(TABLET, BOB))

    subjects.apply_preference(preference(ALICE, PreferenceKind.OPT_OUT))

    assert kinds_stopped(subjects, TABLET)
    assert not kinds_stopped(subjects, BOB)


def test_nothing_leaves_a_household() -> None:
    """A member's opt-out reaches the household; the household's own reaches nobody else."""
    subjects = Subjects()
    to_household = {"subject_type": SubjectType.ACCOUNT, "other_subject_type": SubjectType.HOUSEHOLD}
    subjects.apply_link(link(ALICE, OAK_STREET, **to_household))
    subjects.apply_link(link(BOB, OAK_STREET, **to_household))

    subjects.apply_preference(preference(ALICE, PreferenceKind.OPT_OUT))

    assert kinds_stopped(subjects, OAK_STREET)
    assert not kinds_stopped(subjects, BOB)


@pytest.mark.parametrize("action", [LinkAction.UNLINK, LinkAction.MISTAKEN])
def test_an_ended_or_mistaken_link_carries_nothing_new(action: LinkAction) -> None:
    """A protection made after the end of a link, or over one that never existed, does not travel."""
    subjects = Subjects()
    subjects.apply_link(link(LAPTOP, ALICE))
    subjects.apply_link(link(LAPTOP, ALICE, action=action, occurred_at=NOW - timedelta(minutes=90)))

    subjects.apply_preference(preference(ALICE, PreferenceKind.OPT_OUT))

    assert not kinds_stopped(subjects, LAPTOP)


def test_a_preference_newer_than_the_reader_protects() -> None:
    """A kind of preference this version does not know stops sale and sharing (G4)."""
    subjects = Subjects()

    subjects.apply_preference(preference(ALICE, PreferenceKind.UNKNOWN))

    assert {Basis.UNPARSEABLE} == bases(subjects, ALICE)


def test_an_id_with_two_contents_is_the_same_in_any_order() -> None:
    """Two consents sent under one event id both count, and which arrived first makes no difference."""
    sent = [
        preference(ALICE, PreferenceKind.OPT_IN_CONFIRMED, purposes=("marketing",)),
        preference(ALICE, PreferenceKind.OPT_IN_CONFIRMED, purposes=("research",)),
    ]
    collided = [event.model_copy(update={"event_id": sent[0].event_id}) for event in sent]
    standings = []

    for events in (collided, collided[::-1]):
        subjects = Subjects()
        for event in events:
            subjects.apply_preference(event)
        standings.append(subjects.standing(ALICE.bytes))

    assert standings[0] == standings[1]
    assert len(standings[0].permissions) == 2
