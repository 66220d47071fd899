"""`disclosures bulk send|status|permitted|list`."""

import time
import uuid
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter, validators

from disclosure_ledger.cli.bulk_options import AsType, ColumnName, FileFormat, Items, options_of
from disclosure_ledger.cli.bulk_printing import plain, print_permitted, print_sent, print_state
from disclosure_ledger.cli.failures import CHECK_FAILED, UNREACHABLE, CheckFailedError
from disclosure_ledger.cli.files import refuse_same, whole_file
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, progress_bar, say, warn
from disclosure_schemas.events.vocabulary import Consideration, Kind

if TYPE_CHECKING:
    from disclosure_ledger.bulk.progress import BulkState
    from disclosure_ledger.door.reader import LedgerReader

bulk = App(name="bulk", help="One disclosure of many people to one recipient: sent, followed, handed out.")

BulkId = Annotated[uuid.UUID, Parameter(name="ID", help="Id of the bulk, as `bulk send` printed it.")]

_POLL_S = 0.5


@bulk.command
def send(
    file: Annotated[Path, Parameter(name="FILE", help="CSV, NDJSON or Parquet with one person a record.")],
    /,
    *,
    to: Annotated[str, Parameter(help="Id of the recipient in the registry.")],
    kind: Annotated[Kind, Parameter(help="What kind of disclosure it is.")],
    item: Items,
    column: ColumnName = None,
    as_type: AsType = None,
    file_format: FileFormat = None,
    purpose: Annotated[str | None, Parameter(help="What it is for; the usual one of the kind.")] = None,
    consideration: Annotated[
        Consideration | None, Parameter(help="What is got for it; money for a sale.")
    ] = None,
    emitter: Annotated[str, Parameter(help="Name of the application that discloses.")] = "cli",
    resume: Annotated[
        uuid.UUID | None, Parameter(help="Id of a bulk of this file that was sent in part.")
    ] = None,
    rejects: Annotated[
        Path | None, Parameter(help="Where lines go that name nobody; FILE.rejects.csv if left out.")
    ] = None,
    skip_rejects: Annotated[bool, Parameter(help="Leave records out that name nobody.", negative="")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Ask for everybody in a file whether their data may go to a recipient.

    Example: `disclosures bulk send list.csv --to harborlight --kind sale --item identifiers.email_hash`.
    Identifiers are hashed here, as they are read, and written nowhere. A file with records that name nobody,
    or somebody again, is not sent; they are listed by line in the file of rejects. Stopped half-way, it goes
    on with --resume: what was sent already is recognised.
    """
    from disclosure_ledger.bulk.preparing import prepared as prepared_of  # noqa: PLC0415
    from disclosure_ledger.bulk.records import opened  # noqa: PLC0415
    from disclosure_ledger.bulk.rejects import RejectsFile  # noqa: PLC0415
    from disclosure_ledger.cli.connection import delivery_settings, kafka_settings  # noqa: PLC0415
    from disclosure_producers.bulk import BulkProducer  # noqa: PLC0415 - loads Kafka

    rejects_path = rejects or file.parent / f"{file.name}.rejects.csv"
    refuse_same(rejects_path, file, "--rejects")
    with (
        opened(file, file_format) as source,
        RejectsFile(rejects_path) as rejected,
        BulkProducer(emitter, kafka=kafka_settings(), delivery=delivery_settings()) as producer,
    ):
        options = options_of(source, column, as_type)
        prepare = partial(
            producer.prepare,
            to=to,
            kind=kind,
            items=item,
            resume=resume,
            purpose=purpose,
            consideration=consideration,
            subject_type=options.subject_type,
        )
        prepared = prepared_of(
            prepare, source, options.column, options.secret, rejected, skip_rejects=skip_rejects
        )
        warn(
            f"bulk {prepared.id}: {prepared.rows:,} people. If this stops, run it again with --resume "
            f"{prepared.id}"
        )
        with progress_bar("sent", prepared.rows) as bar:
            sent = producer.send(prepared, bar.reach)
    print_sent(sent, rejected, as_json=as_json)


@bulk.command
def status(
    bulk_id: BulkId,
    /,
    *,
    wait: Annotated[
        float, Parameter(help="Longest wait for the last row, seconds.", validator=validators.Number(gte=0))
    ] = 0.0,
    as_json: JsonFlag = False,
) -> int:
    """Tell how far a bulk is: how many rows were decided, how, and how many may go.

    With --wait it waits for the last row; exit code 3 when it has not come by then.
    """
    with _reader() as reader:
        state = _waited(reader, bulk_id, wait) if wait else _state(reader, bulk_id)
    if as_json:
        print_json(plain(state))
    else:
        print_state(state)
    if wait and not state.is_complete:
        warn(
            f"disclosures: {state.waiting:,} rows have no decision after {wait:g} s. Expected a running gate "
            "and recorder, and a sender that has sent all: `bulk send --resume` goes on with what is missing."
        )
        return UNREACHABLE
    return 0


@bulk.command
def permitted(
    bulk_id: BulkId,
    /,
    *,
    out: Annotated[Path, Parameter(help="File to write, whole or not at all.")],
    people_of: Annotated[
        Path | None, Parameter(name="--input", help="The file the bulk was made of: write its records.")
    ] = None,
    column: ColumnName = None,
    as_type: AsType = None,
    file_format: FileFormat = None,
    incomplete: Annotated[bool, Parameter(help="Also while rows have no decision yet.")] = False,
    as_json: JsonFlag = False,
) -> int:
    """Write who of a bulk may go: subject keys, or with --input the records of the file itself.

    Only rows whose decision permits every item and is still an answer. The list holds until the moment that
    is printed; upload before it, or ask anew. Exit code 1 where rows were left out because their decision
    has run out.
    """
    from disclosure_ledger.bulk.handing_out import PermittedPages, write_keys, write_records  # noqa: PLC0415
    from disclosure_ledger.bulk.people import people  # noqa: PLC0415
    from disclosure_ledger.bulk.records import opened  # noqa: PLC0415

    if people_of is not None:
        refuse_same(out, people_of, "--out")
    with _reader() as reader:
        state = _state(reader, bulk_id)
        if not state.is_complete and not incomplete:
            raise CheckFailedError(
                f"{state.waiting:,} of {state.announced.rows:,} rows have no decision yet, so the list would "
                "not be whole. Wait with `disclosures bulk status --wait`, or pass --incomplete."
            )
        pages = PermittedPages(reader, bulk_id)
        with whole_file(out) as target:
            if people_of is None:
                write_keys(target, pages)
            else:
                with opened(people_of, file_format) as source:
                    options = options_of(source, column, as_type)
                    found = people(source, options.column, options.secret, lambda _: None)
                    write_records(target, pages, source, found, state.announced)
            _refuse_what_ran_out(pages.valid_until)
    print_permitted(state, pages.rows, pages.valid_until, out, as_json=as_json)
    left_out = state.permitted + state.expired - pages.rows
    if left_out > 0:
        warn(
            f"disclosures: {left_out:,} rows were permitted and are left out, for their decision is an "
            "answer no longer. Ask for them anew with `disclosures bulk send`."
        )
        return CHECK_FAILED
    return 0


@bulk.command(name="list")
def list_(*, as_json: JsonFlag = False) -> None:
    """List every bulk, the latest first, and how far each is."""
    from disclosure_ledger.bulk.progress import BULKS, BulksQuestion  # noqa: PLC0415

    with _reader() as reader:
        found = reader.ask(BULKS, BulksQuestion()).bulks
    if as_json:
        print_json([plain(state) for state in found])
        return
    if not found:
        say("no bulk was announced")
        return
    columns = ("bulk", "announced", "recipient", "kind", "rows", "decided", "waiting", "permitted")
    print_table(
        columns,
        [
            (
                state.announced.bulk_id,
                state.announced.announced_at.isoformat(timespec="seconds"),
                state.announced.recipient_id,
                state.announced.kind.replace("_", " "),
                state.announced.rows,
                state.decided,
                state.waiting,
                state.permitted,
            )
            for state in found
        ],
    )


def _reader() -> "LedgerReader":
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    return open_reader(LedgerSettings().dir)


def _state(reader: "LedgerReader", bulk_id: uuid.UUID) -> "BulkState":
    from disclosure_ledger.bulk.errors import UnknownBulkError  # noqa: PLC0415
    from disclosure_ledger.bulk.progress import BULK, BulkQuestion  # noqa: PLC0415

    state = reader.ask(BULK, BulkQuestion(bulk_id=bulk_id)).state
    if state is None:
        raise UnknownBulkError(
            f"no bulk {bulk_id} was announced, or the recorder has not read of it yet. `disclosures bulk "
            "list` names those there are."
        )
    return state


def _waited(reader: "LedgerReader", bulk_id: uuid.UUID, wait_s: float) -> "BulkState":
    """The state once every row is decided, or when the time is over; its announcement is waited for too."""
    from disclosure_ledger.bulk.errors import UnknownBulkError  # noqa: PLC0415

    give_up_s = time.monotonic() + wait_s
    while True:
        try:
            state = _state(reader, bulk_id)
            break
        except UnknownBulkError:
            if time.monotonic() >= give_up_s:
                raise
            time.sleep(_POLL_S)
    with progress_bar("decided", state.announced.rows) as bar:
        while not state.is_complete and time.monotonic() < give_up_s:
            bar.reach(state.announced.rows - state.waiting)
            time.sleep(_POLL_S)
            state = _state(reader, bulk_id)
        bar.reach(state.announced.rows - state.waiting)
    return state


def _refuse_what_ran_out(valid_until: datetime | None) -> None:
    if valid_until is not None and valid_until <= datetime.now(UTC):
        raise CheckFailedError(
            f"the first of the permits ended at {valid_until.isoformat()}, while the list was written. "
            "Nothing was written; run the command again, which leaves those out."
        )
