"""Files for people and other systems: a CSV file to upload, or e-mails ready to be sent.

A file appears whole or not at all, and a message that is delivered again writes the same file again.
"""

import csv
import io
import os
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from disclosure_consumers.registry_folder.notify_forms import EmailForm
from disclosure_ledger.worklist.channel import Delivery, Fate
from disclosure_ledger.worklist.item import Evidence
from disclosure_ledger.worklist.message import Notification, payload_of, sha256_of

CSV_COLUMNS = (
    "notification_id", "cause", "subject_key", "requested_at", "due_on", "forward", "event_id", "occurred_at",
    "kind", "items", "transaction_id",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CsvChannel:
    """Writes one CSV file for each message, a line for each disclosure, into `{outbox}/{recipient}/`."""

    name = "csv"

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox

    def deliver(self, notification: Notification) -> Delivery:
        """Write the file."""
        return _written(self._outbox, notification, ".csv", csv_of(notification).encode())


class EmailChannel:
    """Writes one .eml file for each message into `{outbox}/{recipient}/`; the company's mail system sends "
    "it."""

    name = "email"

    def __init__(self, outbox: Path, form: EmailForm) -> None:
        self._outbox = outbox
        self._form = form

    def deliver(self, notification: Notification) -> Delivery:
        """Write the file."""
        content = email_of(notification, self._form.address).as_bytes(policy=SMTP)
        return _written(self._outbox, notification, ".eml", content)


def csv_of(notification: Notification) -> str:
    """A message as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for told in notification.disclosures:
        values = (
            *(notification.id, notification.cause.value, notification.subject_key),
            *(notification.requested_at.isoformat(), notification.due_on, str(notification.forward).lower()),
            *(str(told.event_id), told.occurred_at.isoformat(), told.kind.value, " ".join(told.items)),
            told.transaction_id or "",
        )
        writer.writerow([_no_formula(value) for value in values])
    return text.getvalue()


def email_of(notification: Notification, address: str) -> EmailMessage:
    """A message as an e-mail: directions in words, the disclosures as CSV and JSON."""
    message = EmailMessage()
    message["To"] = address
    message["Subject"] = f"Privacy notification {notification.id}: {notification.cause.value}"
    message["X-Disclosure-Notification"] = notification.id
    lines = [
        *notification.directions,
        "",
        f"Subject key: {notification.subject_key}",
        f"Requested at: {notification.requested_at.isoformat()}",
        f"To be done by: {notification.due_on}",
        "",
        "The disclosures concerned are attached. A repeat of this notification has the same number.",
    ]
    message.set_content("\n".join(lines))
    attachments = (
        (csv_of(notification).encode(), "text", "csv"),
        (payload_of(notification), "application", "json"),
    )
    for content, kind, subtype in attachments:
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=f"notification.{subtype}")
    return message


def _written(outbox: Path, notification: Notification, suffix: str, content: bytes) -> Delivery:
    path = outbox / notification.recipient_id / f"{notification.id}{suffix}"
    evidence = Evidence(message_id=notification.id, payload_sha256=sha256_of(content), place=str(path)[-500:])
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        return Delivery(fate=Fate.RETRY, evidence=evidence, reason=f"{path}: {error.strerror}"[:500])
    return Delivery(fate=Fate.SENT, evidence=evidence)


def _no_formula(value: str) -> str:
    """A spreadsheet must not take a code for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
