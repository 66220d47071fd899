"""`disclosures prefer`."""

import uuid
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

from cyclopts import Group, Parameter

from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.moment import moment
from disclosure_ledger.cli.output import JsonFlag, print_json, say
from disclosure_ledger.cli.person import Person, Subject, exactly_one
from disclosure_schemas.events.vocabulary import PreferenceChannel, PreferenceKind, SubjectType


class Verb(Enum):
    """What a person asks for, as the command line calls it."""

    OPT_OUT = "opt-out"
    OPT_OUT_DENIED = "opt-out-denied"
    OPT_IN_REQUEST = "opt-in-request"
    OPT_IN_CONFIRM = "opt-in-confirm"
    OPT_IN_DECLINE = "opt-in-decline"
    LIMIT = "limit"
    DELETE = "delete"
    DELETED = "deleted"
    COMPLIED = "complied"
    GPC = "gpc"
    SIGNAL = "signal"
    COOKIE_REJECT = "cookie-reject"
    PARENT_CONSENTS = "parent-consents"
    DIRECT = "direct"
    PROGRAM = "program"
    AGE = "age"
    RESIDENCY = "residency"
    DROP_MATCH = "drop-match"


_KINDS: Mapping[Verb, PreferenceKind] = {
    Verb.OPT_OUT: PreferenceKind.OPT_OUT,
    Verb.OPT_OUT_DENIED: PreferenceKind.OPT_OUT_DENIED,
    Verb.OPT_IN_REQUEST: PreferenceKind.OPT_IN_REQUESTED,
    Verb.OPT_IN_CONFIRM: PreferenceKind.OPT_IN_CONFIRMED,
    Verb.OPT_IN_DECLINE: PreferenceKind.OPT_IN_DECLINED,
    Verb.LIMIT: PreferenceKind.LIMIT_SENSITIVE,
    Verb.DELETE: PreferenceKind.DELETE,
    Verb.DELETED: PreferenceKind.DELETION_COMPLETED,
    Verb.COMPLIED: PreferenceKind.COMPLIED,
    Verb.GPC: PreferenceKind.SIGNAL,
    Verb.SIGNAL: PreferenceKind.SIGNAL,
    Verb.COOKIE_REJECT: PreferenceKind.COOKIE_REJECT,
    Verb.PARENT_CONSENTS: PreferenceKind.PARENTAL_AUTHORIZATION,
    Verb.DIRECT: PreferenceKind.DIRECTION,
    Verb.PROGRAM: PreferenceKind.PROGRAM_CHOICE,
    Verb.AGE: PreferenceKind.AGE,
    Verb.RESIDENCY: PreferenceKind.RESIDENCY,
    Verb.DROP_MATCH: PreferenceKind.DROP_MATCH,
}

_DETAILS = Group("Details, where they apply", sort_key=1)


def _detail(text: str, **more: Any) -> Parameter:
    return Parameter(help=text, group=_DETAILS, **more)


def prefer(
    verb: Verb,
    person: Person | None = None,
    *,
    of: Annotated[tuple[str, ...], _detail("sale, share, sensitive, ...: what it covers; repeat.")] = (),
    channel: Annotated[PreferenceChannel | None, _detail("How it came.")] = None,
    agent_permission: Annotated[str | None, _detail("opt-out by an agent: signed or none.")] = None,
    element: Annotated[tuple[str, ...], _detail("limit: elements it covers; repeat.")] = (),
    purpose: Annotated[tuple[str, ...], _detail("opt-in: purposes it covers; repeat.")] = (),
    recipient: Annotated[tuple[str, ...], _detail("opt-in: recipients it covers; repeat.")] = (),
    method: Annotated[str | None, _detail("opt-in: how consent was given, such as web_form.")] = None,
    to: Annotated[str | None, _detail("direct: recipient the person chose.")] = None,
    item: Annotated[tuple[str, ...], _detail("direct: items the person chose; repeat.")] = (),
    gpc: Annotated[str | None, _detail("signal: Sec-GPC header as received.")] = None,
    gpp: Annotated[str | None, _detail("signal: GPP string as received.")] = None,
    usp: Annotated[str | None, _detail("signal: US Privacy string as received.")] = None,
    program: Annotated[str | None, _detail("program: name of the incentive program.")] = None,
    choice: Annotated[str | None, _detail("program: stays or withdraws.")] = None,
    band: Annotated[str | None, _detail("age: under_13, 13_to_15, 16_to_17, adult, unknown.")] = None,
    region: Annotated[str | None, _detail("residency: such as US-CA, FR, unknown.")] = None,
    drop_list: Annotated[str | None, _detail("drop-match: email, phone, maid, ctvid, ndz, name_vin.")] = None,
    drop_id: Annotated[str | None, _detail("drop-match: id of the entry.")] = None,
    occurred_at: Annotated[str | None, _detail("When the person said it; now if left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Record what a person asked for: opt-out, opt-in, limit, deletion, signals, facts.

    Examples: `disclosures prefer opt-out --email a@example.com`; an opt-in takes two steps, `opt-in-request`
    and then `opt-in-confirm`; a browser's Global Privacy Control, of a person who was logged in:
    `disclosures prefer gpc --device D --account A`.

    Once the event is acknowledged, every disclosure the gate takes afterwards obeys it. Details that do not
    belong to the verb are refused with the list of those that do.
    """
    from disclosure_ledger.cli.connection import delivery_settings, kafka_settings  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.sending import in_words, send  # noqa: PLC0415
    from disclosure_producers.client import PreferenceProducer  # noqa: PLC0415
    from disclosure_schemas.topics import PREFERENCES  # noqa: PLC0415

    subject, account_key = _subjects(verb, person or Person())
    fields: dict[str, object] = {
        "subject_type": subject.type,
        "of": of,
        "channel": channel,
        "agent_permission": agent_permission,
        "elements": element,
        "purposes": purpose,
        "recipient_ids": recipient,
        "method": method,
        "to": to,
        "items": item,
        "gpc": "1" if verb is Verb.GPC and gpc is None else gpc,
        "gpp": gpp,
        "usp": usp,
        "program": program,
        "choice": choice,
        "band": band,
        "region": region,
        "drop_list": drop_list,
        "drop_id": drop_id,
        "account_key": account_key,
        "occurred_at": None if occurred_at is None else moment(occurred_at, "--occurred-at"),
    }
    given = {name: value for name, value in fields.items() if value not in (None, ())}
    kafka = kafka_settings()
    with PreferenceProducer(kafka=kafka, delivery=delivery_settings()) as producer:
        place = send(
            producer,
            lambda: producer.record_preference(_KINDS[verb], subject.key, **given),
            kafka.topic(PREFERENCES),
        )
    print_json(place.as_json()) if as_json else say(in_words(place))


def _subjects(verb: Verb, person: Person) -> tuple[Subject, uuid.UUID | None]:
    """The subject of the event and, for a signal of a logged-in visitor, the account."""
    if verb not in {Verb.GPC, Verb.SIGNAL}:
        return exactly_one(person), None
    subjects = person.subjects()
    devices = [subject for subject in subjects if subject.type is SubjectType.DEVICE]
    accounts = [subject for subject in subjects if subject.type is SubjectType.ACCOUNT]
    if len(devices) == 1 and len(accounts) <= 1 and len(subjects) == len(devices) + len(accounts):
        return devices[0], accounts[0].key if accounts else None
    if len(subjects) == 1:
        return subjects[0], None
    raise UsageError(
        "a signal comes from one --device, with the account that was logged in where there was one "
        f"(--account, --email, --phone or --key); got {len(subjects)} identifiers."
    )
