"""`disclosures link` and `disclosures unlink`."""

from typing import Annotated

from cyclopts import Parameter

from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.output import JsonFlag, print_json, say
from disclosure_ledger.cli.person import Person
from disclosure_schemas.events.vocabulary import LinkAction

Cause = Annotated[str, Parameter(help="Why it is known, such as login or merge.")]


def link(person: Person | None = None, *, cause: Cause = "login", as_json: JsonFlag = False) -> None:
    """Record that two identifiers belong to one person.

    From now on an opt-out made at one reaches the other. Example:
    `disclosures link --account 4711 --device 0f8fad5b-d9cb-469f-a165-70867728950e`.
    """
    _record(LinkAction.LINK, person or Person(), cause, as_json=as_json)


def unlink(
    person: Person | None = None,
    *,
    mistaken: Annotated[bool, Parameter(help="They never belonged together.")] = False,
    cause: Cause = "unlink",
    as_json: JsonFlag = False,
) -> None:
    """Record that two identifiers no longer belong together.

    What has passed between them stays, for instance an opt-out; with --mistaken it never did.
    """
    action = LinkAction.MISTAKEN if mistaken else LinkAction.UNLINK
    _record(action, person or Person(), cause, as_json=as_json)


def _record(action: LinkAction, person: Person, cause: str, *, as_json: bool) -> None:
    from disclosure_ledger.cli.connection import delivery_settings, kafka_settings  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.sending import in_words, send  # noqa: PLC0415
    from disclosure_producers.client import IdentityProducer  # noqa: PLC0415
    from disclosure_schemas.topics import IDENTITIES  # noqa: PLC0415

    subjects = person.subjects()
    if len(subjects) != 2:
        raise UsageError(
            f"a link joins exactly two identifiers, got {len(subjects)}. Give two of --email, --phone, "
            "--account, --device, --profile, --household, --key."
        )
    one, other = subjects
    kafka = kafka_settings()
    with IdentityProducer(kafka=kafka, delivery=delivery_settings()) as producer:
        record = {
            LinkAction.LINK: producer.link,
            LinkAction.UNLINK: producer.unlink,
            LinkAction.MISTAKEN: producer.mistaken,
        }[action]
        place = send(
            producer,
            lambda: record(
                one.key, other.key, subject_type=one.type, other_subject_type=other.type, cause=cause
            ),
            kafka.topic(IDENTITIES),
        )
    print_json(place.as_json()) if as_json else say(in_words(place))
