"""`disclosures drop match`."""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

from cyclopts import App, Parameter

from disclosure_consumers.core.days import calendars
from disclosure_consumers.core.days.deadlines import california_day, start_of_day_us
from disclosure_consumers.core.drop.hashing import DropList
from disclosure_consumers.core.drop.matching import (
    STATUS_HEADER,
    DropStatus,
    ListFile,
    MalformedRowError,
    Match,
    RecordCount,
    holders_of,
    list_file,
    matches,
    read_entries,
    read_records,
    status_file_name,
)
from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.moment import moment
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, say, warn
from disclosure_producers.settings import SubjectSettings
from disclosure_schemas.moments import from_microseconds, microseconds
from disclosure_schemas.subject_keys import IdentifierType, subject_key

drop = App(name="drop", help="Match the state's deletion lists (DROP, Delete Act) with your own records.")

T = TypeVar("T")

_BROKER_ID = re.compile(r"[A-Za-z0-9]{1,32}")


class _Plan(NamedTuple):
    """What is read, and where the answer goes."""

    deletion_list: Path
    records: Path
    out: Path
    received_at: datetime | None


class _Answered(NamedTuple):
    """Every entry with its answer, and how many records it was looked for in."""

    matches: list[Match]
    records: RecordCount


@drop.command
def match(
    deletion_list: Annotated[
        Path,
        Parameter(name="LIST", help="One downloaded list, taken out of its ZIP archive: columns ID,Hash."),
    ],
    *,
    list_type: Annotated[DropList, Parameter(help="Which of the six lists it is.")],
    records: Annotated[
        Path,
        Parameter(help="Your own records as CSV: a column account, and the identifiers of the list."),
    ],
    exempt: Annotated[
        Path | None, Parameter(help="Accounts of which everything held is exempt, one a line.")
    ] = None,
    out: Annotated[Path | None, Parameter(help="File of statuses to write.")] = None,
    broker_id: Annotated[
        str | None, Parameter(help="Your id at the platform, for the name of the status file.")
    ] = None,
    received: Annotated[
        str | None,
        Parameter(help="When the list was downloaded, with time zone; else the day in its file name."),
    ] = None,
    send: Annotated[bool, Parameter(help="Send a preference drop_match for each subject found.")] = False,
    skip_unusable: Annotated[
        bool, Parameter(help="Count records whose identifier is of no use instead of stopping.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Answer a deletion list: who of your records is on it, and the file of statuses to upload.

    Example: `disclosures drop match 20260801_4821_Email.csv --list-type email --records crm.csv --send`.

    The records need a column *account*, of which subject keys are made, and by list: *email*; *phone*;
    *maid*; *ctvid*; for ndz *first_name*, *last_name*, *birth_date* (YYYY-MM-DD) and *zip*; for name_vin
    *first_name*, *last_name* and *vin*. Several rows may have one account. Identifiers are hashed here, as
    the platform hashes them, and never printed or sent.

    Each entry gets a status: 5 not found; 2 exempted, if all its subjects are in --exempt; 3 deleted for one
    subject; 4 opted out for several who share the identifier. The file says what you must have done when you
    upload it: this command deletes nothing. With --send the gate stops sales of these subjects as a broker,
    from the moment of the list on.

    Keep the lists: an entry that is not found stays a request, and whoever enters your records later must be
    looked for again. For that, run the same command again. Events have the same ids every time, so only new
    matches change anything.
    """
    plan = _plan(deletion_list, list_type, records, out=out, broker_id=broker_id, received=received)
    if plan.out.resolve() in {path.resolve() for path in (deletion_list, records, exempt) if path}:
        raise UsageError("the file of statuses would take the place of a file that is read. Change --out.")
    if send and plan.received_at is None:
        raise UsageError(
            "--send needs the moment from which the matches count, and the name of the list does not say its "
            "day. Add --received with the moment of the download."
        )
    answered = _answer(plan, list_type, exempt, skip_unusable=skip_unusable)
    sent = None
    if send and plan.received_at is not None:
        sent = _send([found for found in answered.matches if found.subject_keys], list_type, plan.received_at)
    # Only now: a status is not claimed before its subjects are protected.
    _write_statuses(plan.out, answered.matches)
    _report(list_type, plan, answered, sent, as_json=as_json)


def _plan(
    deletion_list: Path,
    list_type: DropList,
    records: Path,
    *,
    out: Path | None,
    broker_id: str | None,
    received: str | None,
) -> _Plan:
    named = list_file(deletion_list.name)
    if named is not None and named.drop_list is not list_type:
        raise UsageError(
            f"--list-type is {list_type}, and by its name the file is the list {named.drop_list}. "
            "Matched with the wrong identifiers nobody would be found; correct one of them."
        )
    if broker_id is not None and not _BROKER_ID.fullmatch(broker_id):
        raise UsageError("--broker-id takes the letters and digits of your id at the platform, such as 4821.")
    received_at = None
    if received is not None:
        received_at = moment(received, "--received")
    elif named is not None:
        received_at = from_microseconds(start_of_day_us(named.day))
    status_file = out or _default_name(named, list_type, broker_id, received_at)
    return _Plan(deletion_list, records, status_file, received_at)


def _default_name(
    named: ListFile | None, list_type: DropList, broker_id: str | None, received_at: datetime | None
) -> Path:
    """Name by the rule of the platform (legal 3.6), in the current folder."""
    day = named.day if named else _day_of(received_at)
    broker = broker_id or (named.broker_id if named else None)
    if broker is None or day is None:
        raise UsageError(
            "the name of the list does not say whose it is or of which day, so the file of statuses has no "
            "name. Pass --out, or --broker-id and --received."
        )
    return Path(status_file_name(ListFile(day, broker, list_type)))


def _day_of(moment_: datetime | None) -> date | None:
    return None if moment_ is None else california_day(microseconds(moment_))


def _answer(plan: _Plan, list_type: DropList, exempt: Path | None, *, skip_unusable: bool) -> _Answered:
    secret = SubjectSettings().secret_bytes()

    def key_of(account: str) -> bytes:
        return subject_key(secret, IdentifierType.ACCOUNT, account).bytes

    # The list is held, for it has far fewer entries than there are records, which are streamed.
    entries = list(_in_file(plan.deletion_list, read_entries(_rows(plan.deletion_list))))
    wanted = frozenset(entry.hash for entry in entries)
    exempt_keys = frozenset(key_of(account) for account in _accounts(exempt))
    count = RecordCount()
    records = read_records(_rows(plan.records), list_type, count, skip_unusable=skip_unusable)
    holders = holders_of(
        (record.hash, key_of(record.account))
        for record in _in_file(plan.records, records)
        if record.hash in wanted
    )
    return _Answered(list(matches(entries, holders, exempt_keys)), count)


def _in_file(path: Path, read: Iterator[T]) -> Iterator[T]:
    """What is read of a file; raises UsageError that names the file where a row is malformed."""
    try:
        yield from read
    except MalformedRowError as error:
        raise UsageError(f"{path}, {error}") from None


def _rows(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows of a CSV file with their line numbers; raises UsageError where it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for row in reader:
                yield reader.line_num, row
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Correct the path.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        # Neither error is repeated: the first one quotes the file.
        what = "text in UTF-8" if isinstance(error, UnicodeDecodeError) else "CSV with commas and quotes"
        raise UsageError(f"{path} is not {what}. Save it again in that form.") from None


def _accounts(path: Path | None) -> list[str]:
    """Account identifiers of a file, one a line."""
    return [] if path is None else [row[0] for _, row in _rows(path) if row and row[0].strip()]


def _send(matched: list[Match], list_type: DropList, received_at: datetime) -> dict[str, int]:
    if not matched:
        return {"delivered": 0, "stored": 0}
    from disclosure_ledger.cli.connection import delivery_settings, kafka_settings  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.drop_sending import send_matches  # noqa: PLC0415
    from disclosure_producers.client import PreferenceProducer  # noqa: PLC0415

    with PreferenceProducer(kafka=kafka_settings(), delivery=delivery_settings()) as producer:
        return send_matches(producer, list_type, matched, received_at)._asdict()


def _write_statuses(path: Path, matched: list[Match]) -> None:
    """Write the file to upload as a whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(STATUS_HEADER)
            writer.writerows((answer.id, answer.status.code) for answer in matched)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}. Change --out.") from error


def _report(
    list_type: DropList,
    plan: _Plan,
    answered: _Answered,
    sent: dict[str, int] | None,
    *,
    as_json: bool,
) -> None:
    by_status = Counter(answer.status for answer in answered.matches)
    subjects = len({key for answer in answered.matches for key in answer.subject_keys})
    count = answered.records
    if count.unusable:
        lines = ", ".join(map(str, count.first_unusable_lines))
        warn(
            f"disclosures: {count.unusable:,} records have an identifier that cannot be hashed and were not "
            f"looked for, the first in line {lines} of the records. Correct them and run this again."
        )
    if as_json:
        print_json(
            {
                "list_type": list_type,
                "entries": len(answered.matches),
                "statuses": {status.value: by_status[status] for status in DropStatus},
                "subjects": subjects,
                "records": count.records,
                "records_without_identifier": count.without,
                "records_unusable": count.unusable,
                "status_file": str(plan.out),
                "sent": sent,
                "next_download_by": _next_download(plan),
            }
        )
        return
    say(
        f"{len(answered.matches):,} entries of the list {list_type}, looked for in {count.records:,} records "
        f"({count.without:,} without such an identifier). Subjects found: {subjects:,}"
    )
    print_table(("Status", "Code", "Entries"), [(s, s.code, by_status[s]) for s in DropStatus])
    if sent is not None:
        say(f"sent: {sent['delivered']:,} events delivered, {sent['stored']:,} stored in the outbox")
    say(f"to upload, once everything in it is done: {plan.out}")
    if (by := _next_download(plan)) is not None:
        say(f"next download by {by} (Civ. Code 1798.99.86)")


def _next_download(plan: _Plan) -> str | None:
    """Last day of the next download; a list whose day is not known says nothing about it."""
    day = _day_of(plan.received_at)
    return None if day is None else str(calendars.calendar_day_after(day, calendars.DROP_ACCESS_DAYS))
