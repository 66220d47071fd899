"""`disclosures worklist list|evidence|send|ack|fail|reopen|counts`."""

import getpass
import uuid
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from disclosure_ledger.cli.asking import asked
from disclosure_ledger.cli.output import JsonFlag, print_json, say, warn
from disclosure_ledger.cli.person import Person
from disclosure_ledger.worklist.vocabulary import Cause, ItemState

if TYPE_CHECKING:
    from disclosure_ledger.worklist.views import ItemStory

worklist = App(name="worklist", help="Recipients to be told of opt-outs, limits and deletions.")

ItemId = Annotated[uuid.UUID, Parameter(help="Id of the item, as `list` prints it.")]
By = Annotated[str | None, Parameter(help="Who acts; the user of this computer if left out.")]
NoteText = Annotated[str, Parameter(name="--note", help="How it is known; never personal information.")]


@worklist.command(name="list")
def list_(
    person: Person | None = None,
    *,
    state: Annotated[tuple[ItemState, ...], Parameter(help="Only those that stand so; repeat.")] = (),
    cause: Annotated[tuple[Cause, ...], Parameter(help="Only for this cause; repeat.")] = (),
    recipient: Annotated[tuple[str, ...], Parameter(help="Only of this recipient; repeat.")] = (),
    overdue: Annotated[bool, Parameter(help="Only those not told in time.")] = False,
    limit: Annotated[int, Parameter(help="Most to print, up to 1000.")] = 100,
    cursor: Annotated[str | None, Parameter(help="Next page: the cursor the last one printed.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List who must be told of what, the nearest last day first.

    After an opt-out or a limit: whoever got data that it stops, between the request and compliance or later.
    After a completed deletion: whoever ever got the person's data by sale, sharing or for a business purpose.
    """
    from disclosure_ledger.cli.worklist_text import print_page  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.worklist.operations import WORKLIST_LIST  # noqa: PLC0415
    from disclosure_ledger.worklist.views import WorklistFilter  # noqa: PLC0415

    _update()
    body = WorklistFilter(
        states=state,
        causes=cause,
        recipients=recipient,
        subject_keys=tuple(subject.key for subject in (person or Person()).subjects()),
        overdue=overdue,
        cursor=cursor,
        limit=limit,
    )
    page = asked(WORKLIST_LIST, body)
    print_json(page.model_dump(mode="json")) if as_json else print_page(page)


@worklist.command
def evidence(item_id: ItemId, *, as_json: JsonFlag = False) -> None:
    """Show one item: the disclosures concerned, the message, each attempt with its evidence."""
    from disclosure_ledger.worklist.operations import WORKLIST_SHOW  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.worklist.views import ItemQuestion  # noqa: PLC0415

    _print_story(asked(WORKLIST_SHOW, ItemQuestion(item_id=item_id)), as_json=as_json)


@worklist.command
def send(*, by: By = None, as_json: JsonFlag = False) -> int:
    """Tell every recipient whose item is due, once; exit code 1 if one was refused or given up.

    How a recipient is told is the key `notify` of the registry: webhook, kafka, csv or email. Webhooks are
    signed with the secret in the environment variable that the registry names. Without a channel an item
    waits for `disclosures worklist ack`.
    """
    import os  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    from disclosure_ledger.cli.failures import CHECK_FAILED  # noqa: PLC0415
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415
    from disclosure_ledger.worklist.channels.choosing import Channels  # noqa: PLC0415
    from disclosure_ledger.worklist.operations import WORKLIST_UPDATE  # noqa: PLC0415
    from disclosure_ledger.worklist.sending import send_round  # noqa: PLC0415
    from disclosure_ledger.worklist.settings import WorklistSettings  # noqa: PLC0415
    from disclosure_ledger.worklist.views import UpdateQuestion  # noqa: PLC0415

    def now() -> datetime:
        return datetime.now(UTC)

    settings = WorklistSettings()
    with (
        open_reader(LedgerSettings().dir, to_change=True) as reader,
        Channels(settings, os.environ, now) as channels,
    ):
        reader.ask(WORKLIST_UPDATE, UpdateQuestion())
        told = send_round(reader, channels, settings.schedule(), now, by=by or getpass.getuser())
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        say(
            f"{told.sent} sent, {told.acknowledged} acknowledged, {told.to_retry} to be tried again, "
            f"{told.failed} failed"
        )
        if told.failed:
            warn("see `disclosures worklist list --state failed` and `disclosures worklist evidence`")
    return CHECK_FAILED if told.failed else 0


@worklist.command
def ack(item_id: ItemId, *, note: NoteText, by: By = None, as_json: JsonFlag = False) -> None:
    """Say that the recipient has acknowledged, or was told in another way."""
    _change(item_id, "acknowledge", note, by, as_json=as_json)


@worklist.command
def fail(item_id: ItemId, *, note: NoteText, by: By = None, as_json: JsonFlag = False) -> None:
    """Give up telling a recipient, such as one that no longer exists."""
    _change(item_id, "fail", note, by, as_json=as_json)


@worklist.command
def reopen(item_id: ItemId, *, note: NoteText = "", by: By = None, as_json: JsonFlag = False) -> None:
    """Have a failed item tried again, or a sent one sent again, whole and under a new id."""
    _change(item_id, "reopen", note, by, as_json=as_json)


@worklist.command
def counts(*, as_json: JsonFlag = False) -> None:
    """Items by state, and how many recipients were not told in time."""
    from disclosure_ledger.worklist.operations import WORKLIST_COUNTS  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.worklist.views import CountsQuestion  # noqa: PLC0415

    _update()
    found = asked(WORKLIST_COUNTS, CountsQuestion())
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    say(", ".join(f"{count:,} {state.value}" for state, count in found.by_state.items()))
    say(f"{found.overdue:,} not told in time; {found.without_channel:,} open without a channel")


def _update() -> None:
    """Look at what was recorded since the last time; the recorder does the same every half minute."""
    from disclosure_ledger.worklist.operations import WORKLIST_UPDATE  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.worklist.views import UpdateQuestion  # noqa: PLC0415

    asked(WORKLIST_UPDATE, UpdateQuestion())


def _change(
    item_id: uuid.UUID,
    change: Literal["acknowledge", "fail", "reopen"],
    note: str,
    by: str | None,
    *,
    as_json: bool,
) -> None:
    from disclosure_ledger.worklist.operations import WORKLIST_CHANGE  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.worklist.views import ItemChange  # noqa: PLC0415

    body = ItemChange(item_id=item_id, change=change, by=by or getpass.getuser(), note=note or None)
    _print_story(asked(WORKLIST_CHANGE, body), as_json=as_json)


def _print_story(story: "ItemStory", *, as_json: bool) -> None:
    from disclosure_ledger.cli.worklist_text import print_story  # noqa: PLC0415 - loads DuckDB

    print_json(story.model_dump(mode="json")) if as_json else print_story(story)
