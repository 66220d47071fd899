"""An API over a real ledger, with doubles of Kafka, for tests: one call makes it."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import ControllerRouterHandler

from answer_rows import NOW, PERSON, batch_of, report, row
from audit_doubles import HandMadeLedger, broker_of
from disclosure_consumers.checking.checker import Checker
from disclosure_consumers.checking.replica import PreferenceReplica
from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.kafka.dead_letters import DeadLetterNotFoundError, StoredDeadLetter
from disclosure_consumers.memory import MemoryControlLog, MemoryLog
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.registry_watch import RegistryWatch
from disclosure_ledger.access.key_store import KeyStore
from disclosure_ledger.access.keys import new_key
from disclosure_ledger.access.lookups import AccessLog
from disclosure_ledger.access.provider import OpenIdProvider
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.app import api_app
from disclosure_ledger.api.dead_letters import DeadLetters
from disclosure_ledger.api.emission import Emission
from disclosure_ledger.api.readiness import Readiness
from disclosure_ledger.api.sent_events import SentEvents
from disclosure_ledger.api.services import Services
from disclosure_ledger.api.settings import ApiSettings
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import audit
from disclosure_ledger.door.questions import AuditQuestion
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.store.ledger import Clock, Ledger
from disclosure_producers.client import PreferenceProducer
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_producers.testing import RecordingCarrier, RecordingProducer
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import DeadLetterCause

SECRET = bytes(range(32))
ROWS = (report(1), row(2, outcome="suppress", reason="gpc_device"), row(3, kind="business_purpose"))
PREFERENCES, IDENTITIES = "preferences", "identities"


class ArrivingPreferences(RecordingCarrier[PreferenceRecorded]):
    """Preferences that arrive in a topic in memory, where the replica reads them."""

    def __init__(self, log: MemoryLog) -> None:
        super().__init__(PreferenceRecorded)
        self._log = log
        self._encoder = EventCodec(PreferenceRecorded)

    def _arrive(self, subject_key: bytes, event: PreferenceRecorded) -> None:
        super()._arrive(subject_key, event)
        self._log.append(PREFERENCES, 0, subject_key, self._encoder.encode(event))


class HeldDeadLetters(DeadLetters):
    """Dead letters held here instead of in Kafka; replays are noted."""

    letters: ClassVar[dict[str, StoredDeadLetter]] = {}
    replayed: ClassVar[list[tuple[str, bytes | None, bytes | None]]] = []

    def find(self, letter_id: str) -> StoredDeadLetter:
        """The letter of an id."""
        if letter_id not in self.letters:
            raise DeadLetterNotFoundError(f"no dead letter has the id {letter_id!r}.")
        return self.letters[letter_id]

    def replay(self, letter_id: str, *, key: bytes | None, value: bytes | None) -> tuple[str, int, int]:
        """Note what would be sent."""
        stored = self.find(letter_id)
        self.replayed.append((letter_id, key, value))
        return stored.letter.topic, 0, 99


LETTER = StoredDeadLetter(
    2,
    7,
    DeadLetter(
        failed_at=NOW,
        cause=DeadLetterCause.MALFORMED,
        detail="no Avro framing",
        consumer="gate",
        topic="disclosures.requested",
        partition=0,
        offset=4,
        key=PERSON.bytes,
        value=b"garbage",
    ),
)


@dataclass
class ApiWorld:
    """What a test needs of the API: the application, a client, keys by role, and what arrived behind it."""

    services: Services
    app: Litestar
    client: TestClient[Litestar]
    ledger: Ledger
    disclosures: RecordingProducer
    preferences: ArrivingPreferences
    control_log: MemoryLog
    keys: dict[Role, str]
    ages: dict[str, float | None] = field(default_factory=dict)

    def headers(self, role: Role | None, **more: str) -> dict[str, str]:
        """Headers of somebody with a role, and why they ask."""
        sent = {"Lookup-Purpose": "a test of the API", **more}
        if role is not None:
            sent["Authorization"] = f"Bearer {self.keys[role]}"
        return sent

    def post(self, path: str, body: Any, role: Role | None = Role.ADMIN, **headers: str) -> Any:
        """POST JSON as a role."""
        return self.client.post(path, json=body, headers=self.headers(role, **headers))

    def get(self, path: str, role: Role | None = Role.ADMIN, **headers: str) -> Any:
        """GET as a role."""
        return self.client.get(path, headers=self.headers(role, **headers), follow_redirects=False)

    def access_rows(self) -> list[dict[str, Any]]:
        """Every row of the access log, the newest first."""
        wanted = ("who", "result", "subject_key", "from_at", "until_at", "before_at", "before_id")
        return self.ledger.fetch("access_page", {**dict.fromkeys(wanted), "most": 1_000})


@contextmanager
def api_world(
    folder: Path,
    *,
    rows: Sequence[Any] = ROWS,
    more: Sequence[ControllerRouterHandler] = (),
    without: Sequence[str] = (),
    provider: OpenIdProvider | None = None,
    clock: Clock | None = None,
    published: Sequence[str] | None = ("neutral",),
    **settings: Any,
) -> Iterator[ApiWorld]:
    """An API over a ledger of three rows of PERSON; `settings` are those of the API.

    `without` names services that are not there: subject_secret. `provider`: whose tokens are taken. `clock`:
    of answers, NOW unless given. `published`: notices in force; None for those of the registry.
    """
    with ExitStack() as open_things:
        ledger = open_things.enter_context(Ledger.open(folder / "ledger", create=True))
        ledger.record_batch(batch_of(list(rows)))
        chosen = ApiSettings(**{"port": 0, "rate_limit_anonymous": "100000/second", **settings})
        keys = KeyStore(folder / "ledger")
        open_things.callback(keys.close)
        access_log = AccessLog(ledger)
        open_things.callback(access_log.close)
        control_log = MemoryLog()
        control_log.create(PREFERENCES, 1)
        control_log.create(IDENTITIES, 1)
        replica = open_things.enter_context(_replica(control_log))
        disclosures, arriving = RecordingProducer("api"), ArrivingPreferences(control_log)
        sent = SentEvents(folder / "sent.sqlite")
        emission = Emission(
            disclosures, PreferenceProducer(carrier=arriving), sent, accept_wait_s=chosen.accept_wait_s
        )
        open_things.callback(emission.close)
        ages: dict[str, float | None] = {"state": 0.0, "recorder": 0.0}
        reader = LocalReader(ledger, clock=clock or (lambda: NOW))
        services = Services(
            settings=chosen,
            reader=reader,
            keys=keys,
            access_log=access_log,
            emission=emission,
            checker=Checker(
                replica,
                RegistryWatch(example_registry(), published),
                staleness_max_s=chosen.staleness_max_ms / 1000,
                permit_ttl_s=300,
            ),
            dead_letters=_dead_letters(),
            readiness=Readiness(
                state_age_s=lambda: ages["state"],
                recorder_lag_s=lambda: ages["recorder"],
                state_age_max_s=1,
                lag_max_s=60,
            ),
            run_audit=_audit_of(reader, open_things.enter_context(HandMadeLedger(folder / "audited"))),
            subject_secret=None if "subject_secret" in without else SECRET,
            provider=provider,
        )
        app = api_app(services, more)
        made = {role: _key(keys, role) for role in Role}
        client = open_things.enter_context(TestClient(app, raise_server_exceptions=False))
        replica.seen_fresh(10)
        yield ApiWorld(services, app, client, ledger, disclosures, arriving, control_log, made, ages)


def _replica(log: MemoryLog) -> PreferenceReplica:
    def open_control(applying: AbstractContextManager[Any]) -> ControlTables:
        return ControlTables(
            MemoryControlLog(log, [PREFERENCES, IDENTITIES]),
            preferences_topic=PREFERENCES,
            identities_topic=IDENTITIES,
            preferences=EventCodec(PreferenceRecorded),
            identities=EventCodec(IdentityLinked),
            applying=applying,
        )

    return PreferenceReplica(open_control, refresh_s=0.02)


def _dead_letters() -> HeldDeadLetters:
    held = HeldDeadLetters(KafkaSettings(), RegistrySettings())
    held.letters[LETTER.id] = LETTER
    held.replayed.clear()
    return held


def _audit_of(reader: LocalReader, audited: HandMadeLedger) -> Any:
    broker = broker_of(audited, {0: 0})

    def run(question: AuditQuestion) -> AuditResult:
        return audit(reader, broker, wait_s=0, verify_limit=question.verify_limit, deep=question.deep)

    return run


def _key(store: KeyStore, role: Role) -> str:
    made = new_key(f"{role}-key", frozenset({role}), datetime.now(UTC))
    store.add(made.stored)
    return made.text


def fresh_event_id() -> str:
    """An event id that a caller chooses."""
    from disclosure_schemas.event_ids import new_event_id

    return str(new_event_id(int(datetime.now(UTC).timestamp() * 1000)))


SALE: dict[str, Any] = {
    "subject": {"type": "email", "value": "alice@example.com"},
    "to": "harborlight",
    "kind": "sale",
    "items": ["identifiers.email"],
}
"""A sale of Alice's address."""

DEVICE = {"type": "device", "value": str(uuid.UUID(int=0xD))}
