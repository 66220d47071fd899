"""`disclosures disclose`."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from disclosure_ledger.cli.failures import UNREACHABLE, UsageError
from disclosure_ledger.cli.moment import moment
from disclosure_ledger.cli.output import JsonFlag, print_json, say, warn
from disclosure_ledger.cli.person import Person, exactly_one
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import Consideration, DisclosureChannel, Kind

if TYPE_CHECKING:
    from disclosure_ledger.cli.sending import Place
    from disclosure_producers.receipts import Receipt
    from disclosure_schemas.events.decision import DisclosureDecided

_WHAT = Group("What", sort_key=1)
_ANSWER = Group("Answer", sort_key=2)


def disclose(
    person: Person | None = None,
    *,
    to: Annotated[str, Parameter(help="Id of the recipient in the registry.", group=_WHAT)],
    kind: Annotated[Kind, Parameter(help="What kind of disclosure it is.", group=_WHAT)],
    item: Annotated[
        tuple[str, ...], Parameter(help="category or category.element; repeat for more.", group=_WHAT)
    ],
    purpose: Annotated[
        str | None, Parameter(help="What it is for; the usual one of the kind if left out.", group=_WHAT)
    ] = None,
    consideration: Annotated[
        Consideration | None, Parameter(help="What is got for it; money for a sale.", group=_WHAT)
    ] = None,
    channel: Annotated[DisclosureChannel, Parameter(help="How it travels.", group=_WHAT)] = (
        DisclosureChannel.SERVER
    ),
    gpc: Annotated[
        str | None, Parameter(help="Sec-GPC header of the visit it belongs to.", group=_WHAT)
    ] = None,
    emitter: Annotated[str, Parameter(help="Name of the application that discloses.", group=_WHAT)] = "cli",
    report: Annotated[
        bool, Parameter(help="Tell of a disclosure that was made already.", group=_WHAT)
    ] = False,
    occurred_at: Annotated[
        str | None, Parameter(help="When it was made, with time zone; with --report.", group=_WHAT)
    ] = None,
    wait_decision: Annotated[
        bool, Parameter(help="Wait for the gate and print its decision.", group=_ANSWER)
    ] = False,
    wait: Annotated[float, Parameter(help="Longest wait for the decision, seconds.", group=_ANSWER)] = 10.0,
    as_json: JsonFlag = False,
) -> int:
    """Ask whether a disclosure may be made, or report one made.

    Example: `disclosures disclose --email a@example.com --to harborlight --kind sale --item identifiers.email
    --wait-decision`. Prints the event's id and where it is once the broker has it. Exit code 3 when no
    decision came in time.
    """
    from disclosure_ledger.cli.connection import delivery_settings, kafka_settings  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.sending import in_words, send  # noqa: PLC0415
    from disclosure_ledger.pipeline.decision_watch import DecisionWatch  # noqa: PLC0415
    from disclosure_producers.client import DisclosureProducer  # noqa: PLC0415
    from disclosure_producers.disclosure_content import Details  # noqa: PLC0415
    from disclosure_schemas.topics import REQUESTED  # noqa: PLC0415

    subject = exactly_one(person or Person())
    if report != (occurred_at is not None):
        raise UsageError("--report and --occurred-at go together: a report says when it happened.")
    details = Details(
        purpose=purpose,
        consideration=consideration,
        subject_type=subject.type,
        channel=channel,
        signals=None if gpc is None else Signals(gpc=(gpc,)),
    )
    kafka = kafka_settings()
    watch = DecisionWatch(kafka) if wait_decision else None
    happened_at = None if occurred_at is None else moment(occurred_at, "--occurred-at")
    with DisclosureProducer(emitter, kafka=kafka, delivery=delivery_settings()) as producer:

        def event() -> "Receipt":
            if happened_at is None:
                return producer.disclose(subject.key, to=to, kind=kind, items=item, **details)
            return producer.report(
                subject.key, to=to, kind=kind, items=item, occurred_at=happened_at, **details
            )

        place = send(producer, event, kafka.topic(REQUESTED))
    if watch is None:
        print_json(place.as_json()) if as_json else say(in_words(place))
        return 0
    if not as_json:
        say(in_words(place))
    coordinates = place.coordinates
    decided = None if coordinates is None else watch.decision_of(*coordinates, wait)
    return _print_decision(decided, place, wait, as_json=as_json)


def _print_decision(
    decided: "DisclosureDecided | None", place: "Place", wait_s: float, *, as_json: bool
) -> int:
    if as_json:
        print_json({**place.as_json(), "decision": None if decided is None else _plain(decided)})
    elif decided is not None:
        for line in _in_words(decided):
            say(line)
    if decided is None:
        warn(
            f"disclosures: no decision came within {wait_s:g} s. Expected a running gate that reads this "
            "broker; start one with `disclosures gate` or `disclosures up`. The event is not lost."
        )
        return UNREACHABLE
    return 0


def _in_words(decided: "DisclosureDecided") -> list[str]:
    from disclosure_ledger.answers.wording import explain  # noqa: PLC0415

    reason = explain(decided.reason)
    citation = f" [{reason.citation}]" if reason.citation else ""
    recipient = decided.recipient_name or decided.request.disclosure.recipient_id
    what = f"{decided.outcome.replace('_', ' ').upper()}: {decided.kind.replace('_', ' ')} to {recipient}"
    decided_at = decided.decided_at.isoformat(timespec="milliseconds")
    valid_until = decided.valid_until.isoformat(timespec="seconds")
    lines = [
        f"{what}, decided {decided_at}, an answer until {valid_until}",
        f"Why: {reason.sentence}{citation} ({reason.code})",
    ]
    items = decided.request.disclosure.items
    lines += [
        f"  {items[item.item]}: {item.outcome} ({explain(item.reason).sentence})" for item in decided.items
    ]
    if decided.flags:
        lines.append(f"Worth knowing: {', '.join(decided.flags)}")
    return lines


def _plain(decided: "DisclosureDecided") -> dict[str, object]:
    return {
        "outcome": decided.outcome,
        "kind": decided.kind,
        "reason": decided.reason,
        "flags": decided.flags,
        "items": [item.model_dump() for item in decided.items],
        "recipient_name": decided.recipient_name,
        "recipient_category": decided.recipient_category,
        "recipient_role": decided.recipient_role,
        "notice_id": decided.notice_id,
        "contract_id": decided.contract_id,
        "decided_at": decided.decided_at,
        "valid_until": decided.valid_until,
        "rule_version": decided.rule_version,
        "registry_hash": decided.registry_hash,
    }
