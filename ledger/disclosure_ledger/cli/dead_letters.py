"""`disclosures dead-letters list|show|replay`."""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.output import JsonFlag, confirmed, print_json, print_table, say
from disclosure_schemas.events.vocabulary import DeadLetterCause

if TYPE_CHECKING:
    from disclosure_consumers.kafka.dead_letters import StoredDeadLetter

dead_letters = App(name="dead-letters", help="List, show and replay what could not be taken in.")

_HEAD_BYTES = 24
LetterId = Annotated[str, Parameter(help="Id of the dead letter, as `list` prints it: partition:offset.")]


@dead_letters.command(name="list")
def list_(
    *,
    cause: Annotated[DeadLetterCause | None, Parameter(help="Only those with this cause.")] = None,
    limit: Annotated[int | None, Parameter(help="Most to print.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List records that could not be taken in, with where they came from and why."""
    from disclosure_consumers.kafka.dead_letters import list_dead_letters  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.connection import kafka_settings  # noqa: PLC0415
    from disclosure_producers.settings import RegistrySettings  # noqa: PLC0415

    letters = [
        stored
        for stored in list_dead_letters(kafka_settings(), RegistrySettings())
        if cause is None or stored.letter.cause is cause
    ]
    letters.sort(key=lambda stored: stored.letter.failed_at)
    shown = letters if limit is None else letters[:limit]
    if as_json:
        print_json([_plain(stored) for stored in shown])
        return
    print_table(
        ("Id", "Failed at", "Cause", "From", "Bytes"),
        [
            (
                stored.id,
                stored.letter.failed_at.isoformat(timespec="seconds"),
                stored.letter.cause.value,
                f"{stored.letter.topic} {stored.letter.partition}:{stored.letter.offset}",
                len(stored.letter.value or b""),
            )
            for stored in shown
        ],
    )
    say(f"{len(letters):,} dead letters" + ("" if len(shown) == len(letters) else f", {len(shown):,} shown"))


@dead_letters.command
def show(
    letter_id: LetterId,
    *,
    save_value: Annotated[Path | None, Parameter(help="Write the original bytes to this file.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one dead letter: the cause in words, its origin, its headers, the first of its bytes.

    The original may hold personal information, so only its first bytes are printed; --save-value writes all.
    """
    stored = _find(letter_id)
    if save_value is not None:
        save_value.write_bytes(stored.letter.value or b"")
    if as_json:
        print_json(_plain(stored))
        return
    letter = stored.letter
    say(f"dead letter {stored.id}: {letter.cause}")
    say(f"  why      {letter.detail}")
    say(f"  from     {letter.topic}, partition {letter.partition}, offset {letter.offset}")
    say(f"  failed   {letter.failed_at.isoformat(timespec='milliseconds')} at {letter.consumer}")
    say(f"  key      {_head(letter.key)}")
    say(f"  value    {_head(letter.value)}")
    for header in letter.headers:
        say(f"  header   {header.name}: {_head(header.value)}")
    if save_value is not None:
        say(f"  saved    {save_value}")


@dead_letters.command
def replay(
    letter_id: LetterId,
    *,
    key: Annotated[uuid.UUID | None, Parameter(help="Subject key to send it with instead.")] = None,
    value_file: Annotated[Path | None, Parameter(help="Repaired bytes to send instead.")] = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"), help="Do not ask.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Send a dead letter to its topic again, as it was or repaired.

    It becomes a new request, which the gate decides as of now; the dead letter stays where it is.
    """
    from disclosure_consumers.kafka.dead_letters import replay as send_again  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.connection import kafka_settings  # noqa: PLC0415

    repaired = None if value_file is None else _bytes_of(value_file)
    stored = _find(letter_id)
    changes = [name for name, given in (("key", key), ("value", value_file)) if given is not None]
    what = f"with another {' and '.join(changes)}" if changes else "as it was"
    if not yes and not confirmed(f"Send dead letter {stored.id} to {stored.letter.topic} again, {what}?"):
        raise UsageError("not sent again: the question was not answered with yes. Pass --yes to skip it.")
    partition, offset = send_again(
        kafka_settings(), stored, key=None if key is None else key.bytes, value=repaired
    )
    if as_json:
        print_json({"id": stored.id, "topic": stored.letter.topic, "partition": partition, "offset": offset})
    else:
        say(
            f"dead letter {stored.id} sent again: {stored.letter.topic}, partition {partition}, "
            f"offset {offset}"
        )


def _find(letter_id: str) -> "StoredDeadLetter":
    from disclosure_consumers.kafka.dead_letters import find_dead_letter  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.connection import kafka_settings  # noqa: PLC0415
    from disclosure_producers.settings import RegistrySettings  # noqa: PLC0415

    return find_dead_letter(kafka_settings(), RegistrySettings(), letter_id)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"--value-file {path} cannot be read: {error.strerror}. Save the original with "
            "`disclosures dead-letters show ID --save-value FILE`, repair it, and name that file."
        ) from error


def _plain(stored: "StoredDeadLetter") -> dict[str, object]:
    letter = stored.letter
    return {
        "id": stored.id,
        "failed_at": letter.failed_at,
        "cause": letter.cause,
        "detail": letter.detail,
        "consumer": letter.consumer,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "key_bytes": None if letter.key is None else len(letter.key),
        "value_bytes": None if letter.value is None else len(letter.value),
        "headers": [header.name for header in letter.headers],
    }


def _head(data: bytes | None) -> str:
    if data is None:
        return "none"
    dots = " ..." if len(data) > _HEAD_BYTES else ""
    return f"{len(data):,} bytes: {data[:_HEAD_BYTES].hex(' ')}{dots}"
