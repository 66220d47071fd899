"""`disclosures explain`."""

import uuid
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from disclosure_ledger.cli.failures import UsageError
from disclosure_ledger.cli.moment import KnownAt, moment
from disclosure_ledger.cli.output import JsonFlag, print_json, show
from disclosure_schemas.errors import DisclosureError

if TYPE_CHECKING:
    from disclosure_ledger.answers.explaining import Explained


class UnknownEventError(DisclosureError):
    """The ledger has no decision about an event."""


def explain(
    event_id: Annotated[
        str, Parameter(help="Id of the event that was asked or reported: a UUID, as `disclose` prints it.")
    ],
    /,
    *,
    known_at: KnownAt = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell the whole story of one decision, step by step, in words and with the rule behind each.

    What was asked or reported, by whom, about whom and to whom; what kind of disclosure it was found to be;
    which of the twelve steps decided and what each looked at; what the person had said; for a report, the
    time to comply, and how it was decided before something became known later; with which rules, registry,
    notice and state it was decided; and what came before and after it.

    Example: `disclosures explain 019ab0c4-5c00-7aaa-8aaa-aaaaaaaaaaaa`. Asks the running recorder, or opens
    the ledger (DISCLOSURE_LEDGER_DIR) where none runs.
    """
    from disclosure_ledger.answers.explaining import EXPLAIN_SCHEMA  # noqa: PLC0415
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    wanted = _event_id(event_id)
    known = None if known_at is None else moment(known_at, "--known-at")
    with open_reader(LedgerSettings().dir) as reader:
        found = reader.explain(wanted, known)
    if found.explanation is None:
        raise UnknownEventError(_nothing(found))
    if as_json:
        print_json({"schema": EXPLAIN_SCHEMA, **found.explanation.model_dump(mode="json")})
    else:
        show(_view(found))


def _view(found: "Explained") -> Group:
    from disclosure_consumers.core.telling.explained_lines import sections_of, sentence  # noqa: PLC0415
    from disclosure_ledger.answers.known_at import known_note  # noqa: PLC0415

    explanation = found.explanation
    assert explanation is not None, "an event without a decision is an error"
    parts: list[Text | Padding] = [
        Text(explanation.headline, style="bold"),
        Text(sentence(explanation.reason)),
        Text(f"event {explanation.event_id}", style="dim"),
    ]
    if found.known_at is not None:
        parts.append(Text(known_note(found.known_at), style="yellow"))
    for section in sections_of(explanation):
        parts += [Text(), Text(section.title, style="bold")]
        for line in section.lines:
            text = line.lstrip()
            # What is told of a step or an item stands below it, also where a line is folded.
            parts.append(Padding(Text(text), (0, 0, 0, 2 + len(line) - len(text)), expand=False))
    return Group(*parts)


def _event_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise UsageError(
            "an event id is a UUID such as 019ab0c4-5c00-7aaa-8aaa-aaaaaaaaaaaa; what was given is none. "
            "`disclosures disclose` prints the id of what it sends."
        ) from None


def _nothing(found: "Explained") -> str:
    """Why there is nothing to tell, and what to do."""
    from disclosure_schemas.event_ids import unix_ms_of  # noqa: PLC0415
    from disclosure_schemas.moments import from_microseconds  # noqa: PLC0415

    if found.is_preference or found.is_link:
        what = "a preference" if found.is_preference else "an identity link"
        return (
            f"{found.event_id} is the id of {what}, and only disclosures are decided. Ask for the id of a "
            "disclosure; its explanation names the preferences that stopped it."
        )
    if found.event_id.version != 7:
        return (
            f"no decision is recorded about {found.event_id}, and it is no event id: event ids are UUIDs of "
            f"version 7, this one is of version {found.event_id.version}. Copy the id from the event."
        )
    last = found.last_decided_at
    made_at = from_microseconds(unix_ms_of(found.event_id) * 1000)
    if last is None or made_at > last:
        newest = "it has none at all" if last is None else f"its newest one is of {last.isoformat()}"
        return (
            f"no decision is recorded about {found.event_id} yet: the event was made at {made_at.isoformat()}"
            f", and the ledger is not so far ({newest}). Ask again when gate and recorder have caught up; "
            "`disclosures audit` says what is on its way."
        )
    return (
        f"no decision is recorded about {found.event_id}, though the ledger has newer ones. Either it was "
        "never sent, or it waits in an outbox, or it could not be read: see `disclosures dead-letters list`, "
        "and `disclosures audit` for what is on its way."
    )
