"""The verbs of preferences: one table, held to the vocabulary and to the methods."""

import inspect
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disclosure_producers.client import PreferenceProducer
from disclosure_producers.errors import SubjectKeyError
from disclosure_producers.preference_content import VERBS
from disclosure_producers.testing import RecordingPreferenceProducer
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind

ALICE, LAPTOP = uuid.UUID(int=1), uuid.UUID(int=2)
PAST = datetime(2026, 1, 2, tzinfo=UTC)

# Verb: what is passed, and fields of the event that must come of it, defaults included.
SAID: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "opt_out": (
        {"of": ["sale"], "global_option_offered": False, "agent_permission": "signed", "processed_at": PAST},
        {"of": ("sale",), "global_option_offered": False, "agent_permission": "signed", "processed_at": PAST},
    ),
    "opt_out_denied": ({"documented": False}, {"documented": False, "requestor_told": True}),
    "opt_in_requested": (
        {
            "purposes": ["marketing"],
            "recipient_ids": ["harborlight"],
            "transaction_id": "t",
            "prompted": True,
        },
        {
            "method": "web_form",
            "purposes": ("marketing",),
            "recipient_ids": ("harborlight",),
            "prompted": True,
        },
    ),
    "opt_in_confirmed": (
        {"of": ["sensitive"], "method": "phone", "expires_at": PAST + timedelta(days=36500)},
        {"method": "phone", "expires_at": PAST + timedelta(days=36500)},
    ),
    "opt_in_declined": ({}, {"channel": "web_form"}),
    "parental_authorization": ({"verified": False, "of": ["collection"]}, {"verified": False}),
    "limit_sensitive": ({"elements": ["health"]}, {"elements": ("health",)}),
    "complied": ({}, {"channel": "system"}),
    "delete": ({"occurred_at": PAST}, {"occurred_at": PAST}),
    "deletion_completed": ({}, {"channel": "system"}),
    "cookie_reject": ({}, {"channel": "browser", "subject_type": "device"}),
    "program_choice": ({"program": "gold", "choice": "stays"}, {"program": "gold", "choice": "stays"}),
    "direction": (
        {"to": "harborlight"},
        {"recipient_ids": ("harborlight",), "elements": ("identifiers",), "action": "click"},
    ),
    "signal": ({"gpc": ["0", "1"], "account_key": ALICE}, {"account_key": ALICE, "channel": "browser"}),
    "drop_match": (
        {"drop_list": "email", "drop_id": "7", "all_exempt": True},
        {"drop_list": "email", "drop_id": "7", "all_exempt": True, "channel": "system"},
    ),
    "age": (
        {"band": "unknown", "willful_disregard": True},
        {"age_band": "unknown", "willful_disregard": True},
    ),
    "residency": ({"region": "US-OR"}, {"region": "US-OR"}),
}


def recorded(verb: str, **fields: Any) -> PreferenceRecorded:
    """The event that a verb makes."""
    producer = RecordingPreferenceProducer()
    getattr(producer, verb)(LAPTOP, **fields)
    [event] = producer.events
    return event


def test_every_kind_of_the_vocabulary_is_a_verb_with_a_method() -> None:
    """The table, the producer's methods and this test name the same verbs as PreferenceKind."""
    kinds = {kind.value for kind in PreferenceKind} - {"unknown"}

    assert set(VERBS) == kinds
    assert set(SAID) == kinds
    for kind in kinds:
        method = getattr(PreferenceProducer, kind)
        [fields] = [
            parameter
            for parameter in inspect.signature(method).parameters.values()
            if parameter.kind is inspect.Parameter.VAR_KEYWORD
        ]
        assert fields.annotation.__args__ == (VERBS[PreferenceKind(kind)],)


@pytest.mark.parametrize("verb", SAID)
def test_a_verb_records_its_fields(verb: str) -> None:
    """What is passed is in the event, and what is left out has the verb's default."""
    passed, expected = SAID[verb]

    event = recorded(verb, **passed)

    assert event.kind == verb
    assert {name: getattr(event, name) for name in expected} == expected


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "a field of another verb": ("opt_out", {"band": "adult"}),
    "a required field left out": ("program_choice", {"program": "gold"}),
    "a required field without value": ("residency", {"region": None}),
    "a word outside the list": ("opt_out", {"of": ["everything"]}),
    "a choice that does not exist": ("program_choice", {"program": "gold", "choice": "maybe"}),
    "an age band that does not exist": ("age", {"band": "12"}),
    "one text for a list": ("opt_out", {"of": "sale"}),
    "a text for a list without words": ("limit_sensitive", {"elements": "health"}),
    "a naive moment": ("opt_out", {"processed_at": datetime(2026, 1, 1)}),  # noqa: DTZ001
    "an identifier as a word": ("program_choice", {"program": "alice@example.com", "choice": "stays"}),
    "a channel that does not exist": ("opt_out", {"channel": "pigeon"}),
    "the channel kept for newer words": ("opt_out", {"channel": "unknown"}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_call_is_refused(name: str) -> None:
    """Each is InvalidEventError, repeats no identifier, and nothing is recorded."""
    verb, fields = BAD[name]
    producer = RecordingPreferenceProducer()

    with pytest.raises(InvalidEventError) as refused:
        getattr(producer, verb)(ALICE, **fields)

    assert "alice" not in str(refused.value)
    assert producer.events == []


def test_a_raw_identifier_is_no_key() -> None:
    """Neither the subject nor the account of a signal may be given as text."""
    producer = RecordingPreferenceProducer()
    identifier: Any = "alice@example.com"

    with pytest.raises(SubjectKeyError, match="subject_key"):
        producer.opt_out(identifier)
    with pytest.raises(SubjectKeyError, match="account_key"):
        producer.signal(LAPTOP, gpc="1", account_key=identifier)


def test_a_visit_without_signals_is_recorded() -> None:
    """That a device came without a signal is known too."""
    event = recorded("signal", gpc=None, account_key=ALICE)

    assert (event.signals.gpc, event.signals.gpp, event.account_key) == ((), None, ALICE)


def test_an_unknown_verb_is_refused() -> None:
    """record_preference names the verbs there are."""
    with pytest.raises(InvalidEventError, match="opt_out, opt_out_denied"):
        RecordingPreferenceProducer().record_preference("forget_me", ALICE)


def test_a_preference_of_the_future_is_refused() -> None:
    """What a person asks for has been asked."""
    with pytest.raises(InvalidEventError, match="in the future"):
        RecordingPreferenceProducer().opt_out(ALICE, occurred_at=datetime.now(UTC) + timedelta(hours=1))
