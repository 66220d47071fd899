"""Telling recipients: rounds of sending against a real HTTP server, retries, leases, files, topic."""

import base64
import csv
import email
import email.policy
import hmac
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import wait_fixed

from answer_rows import event_id
from disclosure_consumers.registry_folder.notify_forms import WebhookForm
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.worklist import operations as ops
from disclosure_ledger.worklist.channels.choosing import Channels
from disclosure_ledger.worklist.channels.files import csv_of
from disclosure_ledger.worklist.channels.topic import PublishError, TopicChannel
from disclosure_ledger.worklist.channels.webhook import secret_of, signature
from disclosure_ledger.worklist.errors import ChannelSettingsError
from disclosure_ledger.worklist.message import payload_of, sha256_of
from disclosure_ledger.worklist.schedule import ATTEMPTS_MIN, Schedule, patient
from disclosure_ledger.worklist.sending import Round, send_round
from disclosure_ledger.worklist.settings import WorklistSettings
from disclosure_ledger.worklist.views import TakeQuestion
from disclosure_ledger.worklist.vocabulary import ItemState
from disclosure_ledger.worklist.worker import WorklistWorker
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.notification import RecipientNotified
from webhook_receiver import Reply, receiver
from worklist_world import OPT_OUT, World, notify, published

SECRET = b"0123456789abcdef0123456789abcdef"
ENVIRONMENT = {"HARBORLIGHT_SECRET": "whsec_" + base64.b64encode(SECRET).decode()}
MINUTE = Schedule(wait_fixed(60), attempts_max=4)
CODEC = EventCodec(RecipientNotified)


class MemoryPublisher:
    """The double of the topic: keeps what is written; `is_away`: the broker does not answer."""

    def __init__(self) -> None:
        self.written: list[tuple[bytes, bytes]] = []
        self.is_away = False

    def publish(self, key: bytes, value: bytes) -> tuple[int, int]:
        if self.is_away:
            raise PublishError("not acknowledged in time")
        self.written.append((key, value))
        return 0, len(self.written) - 1

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One recipient is owed one message."""
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        made = World(ledger)
        made.record(OPT_OUT, notify(3))
        made.update()
        yield made


def webhook(url: str) -> dict[str, Any]:
    """What the registry says of a recipient with a webhook."""
    return {"channel": "webhook", "url": url, "secret_env": "HARBORLIGHT_SECRET", "key_id": "2026-10"}


def sent(
    world: World,
    channel: dict[str, Any],
    *,
    outbox: Path = Path("unused"),
    environment: dict[str, str] = ENVIRONMENT,
    publisher: MemoryPublisher | None = None,
    timeout_s: float = 5.0,
) -> Round:
    """One round of sending to Harborlight."""
    world.registry = published(harborlight=channel)
    settings = WorklistSettings(outbox_dir=outbox, timeout_s=timeout_s)

    def topic() -> TopicChannel:
        assert publisher is not None
        return TopicChannel(publisher, CODEC, lambda: world.now)

    with Channels(settings, environment, lambda: world.now, topic) as channels:
        return send_round(world.reader, channels, MINUTE, lambda: world.now, by="test")


def genuine(headers: dict[str, str], body: bytes, secret: bytes) -> bool:
    """What the documentation tells receivers to check, word for word."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return any(
        hmac.compare_digest(expected, part.removeprefix("v1,"))
        for part in headers["webhook-signature"].split(" ")
    )


def test_a_signature_is_that_of_the_standard_webhooks_specification() -> None:
    """The specification's own example, so that libraries of others can verify ours."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    message_id, timestamp = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, message_id, timestamp, b'{"test": 2432232314}') == expected


def test_a_webhook_tells_once_and_keeps_evidence(world: World) -> None:
    """Signed, with what recipient and sender have in common; sent, and not sent again."""
    with receiver() as hook:
        assert sent(world, webhook(hook.url + "?token=s3cret")).sent == 1
        world.later(days=1)
        assert sent(world, webhook(hook.url)).messages == 0
    (request,) = hook.received
    item = world.item()
    message = json.loads(request.body)

    assert genuine(request.headers, request.body, SECRET)
    assert not genuine(request.headers, request.body + b" ", SECRET)
    assert request.headers["webhook-id"] == request.headers["idempotency-key"] == item.message_id
    assert message["subject_key"] == str(item.subject_key)
    assert message["disclosures"][0]["transaction_id"] == "order-3"
    assert message["disclosures"][0]["event_id"] == str(event_id(3))
    assert item.state is ItemState.SENT
    evidence = world.story(item.id).history[-1].evidence
    assert evidence is not None
    assert (evidence.status, evidence.key_id, evidence.payload_sha256) == (
        200,
        "2026-10",
        sha256_of(request.body),
    )
    assert evidence.place is not None
    assert "s3cret" not in evidence.place


def test_a_recipient_may_acknowledge_at_once(world: World) -> None:
    """A 2xx answer whose body says so; any other body is kept, and means sent."""
    with receiver(Reply(202, b'{"acknowledged": true}')) as hook:
        assert sent(world, webhook(hook.url)).acknowledged == 1
    assert world.item().state is ItemState.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("reply", "state", "reason"),
    [
        (Reply(500), ItemState.OPEN, "HTTP 500"),
        (Reply(429), ItemState.OPEN, "HTTP 429"),
        (Reply(408), ItemState.OPEN, "HTTP 408"),
        (Reply(404), ItemState.FAILED, "HTTP 404"),
        (Reply(401), ItemState.FAILED, "HTTP 401"),
        (Reply(302, headers=(("location", "http://127.0.0.1:1/other"),)), ItemState.FAILED, "not followed"),
        (Reply(hold=True), ItemState.OPEN, "Timeout"),
    ],
)
def test_other_answers_are_tried_again_or_refused(
    world: World, reply: Reply, state: ItemState, reason: str
) -> None:
    """What may pass is tried again, what somebody has to mend has failed; a redirect is never followed."""
    with receiver(reply) as hook:
        done = sent(world, webhook(hook.url), timeout_s=0.2)
        assert len(hook.received) == 1
    item = world.item()
    assert item.state is state
    assert reason in (item.note or "")
    assert (done.to_retry, done.failed) == ((1, 0) if state is ItemState.OPEN else (0, 1))


def test_nobody_listening_is_tried_again_after_a_while_under_the_same_key(world: World) -> None:
    """The back-off is kept in the ledger: no earlier attempt, whoever asks; then the same message again."""
    with receiver() as closed:
        address = closed.url
    assert sent(world, webhook(address)).to_retry == 1
    world.later(seconds=30)
    assert sent(world, webhook(address)).messages == 0
    world.later(seconds=31)
    with receiver(Reply(503), Reply()) as hook:
        assert sent(world, webhook(hook.url)).to_retry == 1
        world.later(minutes=2)
        assert sent(world, webhook(hook.url)).sent == 1
    first, second = hook.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert world.item().attempts == 3


def test_a_recipient_may_ask_for_more_time(world: World) -> None:
    """Retry-After is heeded where it is longer than the back-off."""
    with receiver(Reply(429, headers=(("retry-after", "600"),))) as hook:
        sent(world, webhook(hook.url))
    assert world.item().next_attempt_at == world.now + timedelta(seconds=600)


def test_what_is_never_delivered_fails_and_can_be_reopened(world: World) -> None:
    """After the last attempt it is for people to look into; reopened it is tried again."""
    with receiver(Reply(500)) as hook:
        for _ in range(4):
            sent(world, webhook(hook.url))
            world.later(minutes=2)
        assert world.item().state is ItemState.FAILED
        assert sent(world, webhook(hook.url)).messages == 0
        world.change(world.item(), "reopen")
        assert sent(world, webhook(hook.url)).to_retry == 1
        assert len({request.headers["webhook-id"] for request in hook.received}) == 1


def test_a_missing_secret_is_named_and_waits(world: World) -> None:
    """The message waits for the setting; the secret is never in the ledger or the registry."""
    with receiver() as hook:
        assert sent(world, webhook(hook.url), environment={}).to_retry == 1
        assert hook.received == []
    assert "HARBORLIGHT_SECRET" in (world.item().note or "")


@pytest.mark.parametrize("text", ["", "whsec_", "not base64!", base64.b64encode(b"short").decode()])
def test_a_secret_must_be_a_secret(text: str) -> None:
    """Base64 of 24 bytes or more."""
    form = WebhookForm(channel="webhook", url="https://a.example", secret_env="S")
    with pytest.raises(ChannelSettingsError, match="environment variable S must hold"):
        secret_of(form, {"S": text})


@pytest.mark.parametrize("url", ["http://a.example/hook", "https://user:pw@a.example", "ftp://a.example"])
def test_an_address_must_be_safe(url: str) -> None:
    """Plain HTTP is for this machine alone, and no password belongs into a registry."""
    with pytest.raises(ValueError, match="url"):
        published(harborlight=webhook(url))


def test_two_senders_do_not_send_the_same(world: World) -> None:
    """What one has taken is not given to another, until its lease ends."""
    world.registry = published(harborlight={"channel": "csv"})
    take = TakeQuestion(by="one", lease_s=60)
    (task,) = world.reader.ask(ops.WORKLIST_TAKE, take).tasks
    assert world.reader.ask(ops.WORKLIST_TAKE, take).tasks == ()
    world.later(seconds=61)
    (again,) = world.reader.ask(ops.WORKLIST_TAKE, take).tasks
    assert again.notification == task.notification


def test_what_comes_to_light_while_a_message_is_under_way_is_told_next(world: World) -> None:
    """The first message counts for what it said; the item stays open for the rest, under another key."""

    class Slow(MemoryPublisher):
        def publish(self, key: bytes, value: bytes) -> tuple[int, int]:
            if not self.written:
                world.record(notify(4))
                world.update()
            return super().publish(key, value)

    publisher = Slow()
    sent(world, {"channel": "kafka"}, publisher=publisher)
    assert world.item().told == (event_id(3),)
    assert world.item().state is ItemState.OPEN
    sent(world, {"channel": "kafka"}, publisher=publisher)
    events = [CODEC.decode(value) for _, value in publisher.written]
    assert [[told.event_id for told in event.disclosures] for event in events] == [
        [event_id(3)],
        [event_id(4)],
    ]
    assert events[0].notification_id != events[1].notification_id
    assert world.item().state is ItemState.SENT


def test_the_topic_gets_an_event_keyed_by_the_subject(world: World) -> None:
    """A broker that is away is tried again; the event says what the message says."""
    publisher = MemoryPublisher()
    publisher.is_away = True
    assert sent(world, {"channel": "kafka"}, publisher=publisher).to_retry == 1
    publisher.is_away = False
    world.later(minutes=2)
    assert sent(world, {"channel": "kafka"}, publisher=publisher).sent == 1
    ((key, value),) = publisher.written
    event, item = CODEC.decode(value), world.item()
    assert key == item.subject_key.bytes
    assert (event.recipient_id, event.due_on, event.item_id) == ("harborlight", "2026-10-16", item.id)
    evidence = world.story(item.id).history[-1].evidence
    assert evidence is not None
    assert evidence.place == "privacy.notifications 0:0"


def test_a_csv_file_to_upload(world: World, tmp_path: Path) -> None:
    """One line for each disclosure; a code that looks like a formula does not become one."""
    world.record(notify(4, transaction_id="=cmd()"))
    world.update()
    assert sent(world, {"channel": "csv"}, outbox=tmp_path).sent == 1
    (path,) = (tmp_path / "harborlight").iterdir()
    lines = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [line["event_id"] for line in lines] == [str(event_id(3)), str(event_id(4))]
    assert [line["transaction_id"] for line in lines] == ["order-3", "'=cmd()"]


def test_an_email_lies_ready(world: World, tmp_path: Path) -> None:
    """Directions in words, the disclosures attached as CSV and JSON."""
    channel = {"channel": "email", "address": "privacy@harborlight.example"}
    assert sent(world, channel, outbox=tmp_path).sent == 1
    (path,) = (tmp_path / "harborlight").iterdir()
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    notification = world.story(world.item().id).message
    assert message["To"] == "privacy@harborlight.example"
    body = message.get_body()
    assert body is not None
    assert "opted out" in body.get_content()
    assert [part.get_filename() for part in message.iter_attachments()] == [
        "notification.csv",
        "notification.json",
    ]
    assert notification.id in str(message["Subject"])


def test_a_folder_that_cannot_be_written_is_tried_again(world: World, tmp_path: Path) -> None:
    """The outbox is a file: the reason names it."""
    (tmp_path / "outbox").write_text("")
    assert sent(world, {"channel": "csv"}, outbox=tmp_path / "outbox").to_retry == 1
    assert "outbox" in (world.item().note or "")


def test_a_message_made_again_is_the_same(world: World) -> None:
    """Equal bytes, so that a repeat can be told from something new."""
    message = world.story(world.item().id).message
    again = type(message).model_validate_json(payload_of(message))
    assert payload_of(again) == payload_of(message)
    assert csv_of(again) == csv_of(message)


SENDER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.worklist import sending
from disclosure_ledger.worklist.channels.choosing import Channels
from disclosure_ledger.worklist.settings import WorklistSettings
from worklist_world import World, published
folder, url, now = Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])
channel = {"channel": "webhook", "url": url, "secret_env": "HARBORLIGHT_SECRET"}
with Ledger.open(folder) as ledger:
    world = World(ledger, published(harborlight=channel), now)
    told = sending._attempt
    def die(*arguments):
        told(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    sending._attempt = die
    schedule = WorklistSettings().schedule()
    with Channels(WorklistSettings(), os.environ, lambda: now) as channels:
        sending.send_round(world.reader, channels, schedule, lambda: now)
"""


def test_a_sender_killed_between_sending_and_writing_sends_the_same_again(
    tmp_path: Path,
) -> None:
    """kill -9 after the recipient was told: the lease ends, the same bytes go out under the same key."""
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        world = World(ledger)
        world.record(OPT_OUT, notify(3))
        world.update()
        now = world.now
    with receiver() as hook:
        arguments = [str(tmp_path / "ledger"), hook.url, now.isoformat(), *sys.path]
        killed = subprocess.run(
            [sys.executable, "-c", SENDER, *arguments], env={**os.environ, **ENVIRONMENT}, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        with Ledger.open(tmp_path / "ledger") as ledger:
            world = World(ledger)
            assert world.item().attempts == 1
            assert sent(world, webhook(hook.url)).messages == 0
            world.later(hours=1)
            assert sent(world, webhook(hook.url)).sent == 1
    first, second = hook.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_the_recorder_sends_where_it_is_told_to(world: World, tmp_path: Path) -> None:
    """A turn brings the worklist up to date; it sends only with the setting, which is off by default."""
    world.registry = published(harborlight={"channel": "csv"}, copperkite={"channel": "csv"})
    world.record(notify(4, recipient_id="copperkite"))
    WorklistWorker(world.reader, WorklistSettings(outbox_dir=tmp_path / "outbox")).turn()
    assert [item.state for item in world.items()] == [ItemState.OPEN, ItemState.OPEN]
    WorklistWorker(world.reader, WorklistSettings(outbox_dir=tmp_path / "outbox", send=True)).turn()
    assert [item.state for item in world.items()] == [ItemState.SENT, ItemState.SENT]


def test_the_worker_stops_when_it_is_told_to(world: World) -> None:
    """Its thread ends with the block, however long its interval is."""
    with WorklistWorker(world.reader, WorklistSettings(interval_s=3600)) as worker:
        assert worker._thread.is_alive()
    assert not worker._thread.is_alive()


@given(
    attempts=st.integers(1, 40),
    days=st.integers(-30, 30),
    asked_s=st.none() | st.floats(0, 1e9),
)
def test_a_schedule_waits_longer_and_longer_and_ends(attempts: int, days: int, asked_s: float | None) -> None:
    """Never at once, never for over a day, never after the last attempt; before the last day it goes on."""
    now = datetime.fromisoformat("2026-10-08T18:00:00+00:00")
    due_on = date(2026, 10, 8) + timedelta(days=days)
    at = patient(60, 21_600, 30).next_attempt_at(now, attempts, due_on, asked_s)
    if attempts >= 30:
        assert at is None
    elif attempts < ATTEMPTS_MIN or days > 2:
        assert at is not None
    if at is not None:
        assert timedelta(seconds=60) <= at - now <= timedelta(days=1, seconds=60)
