"""A ledger full enough to look at, behind a console: invented people, decided by the rules themselves."""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from answer_rows import decisions_table, row
from api_world import SECRET, ApiWorld, api_world
from audit_doubles import ToldBroker
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.standing import NOBODY as UNSAID
from disclosure_consumers.core.subject.standing import Standing
from disclosure_consumers.decision_records import judge
from disclosure_ledger.audit.facts import Extent
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import audit
from disclosure_ledger.console.routes import console_routes
from disclosure_ledger.decoding import Records
from disclosure_ledger.demo.catalogue import HABITS, SALE, Habit
from disclosure_ledger.door.questions import AuditQuestion
from disclosure_ledger.published_registry import read_published
from disclosure_ledger.recorder_batches import BatchMaker
from disclosure_ledger.recorder_source import Received
from disclosure_ledger.requests.operations import REQUESTS_ADD, REQUESTS_CHANGE, REQUESTS_LIST
from disclosure_ledger.requests.views import NewRequest, RequestChange, RequestFilter
from disclosure_ledger.requests.vocabulary import Basis, Change, Manner, Nature, Verification
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.ledger import utc_now
from disclosure_ledger.store.rows import DecisionRow
from disclosure_ledger.worklist.operations import WORKLIST_UPDATE
from disclosure_ledger.worklist.views import UpdateQuestion
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.decision import ItemDecision
from disclosure_schemas.events.vocabulary import Mode, PreferenceKind
from disclosure_schemas.moments import microseconds
from disclosure_schemas.subject_keys import IdentifierType, subject_key
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, PREFERENCES, REQUESTED
from recorder_samples import CODECS, dead_letter_value

ALICE, NOBODY = "alice@example.com", "nobody@example.com"
PEOPLE, EVENTS, DAYS, LETTERS = 80, 900, 85, 3
OPTED_OUT_SHARE = 0.2
Planned = tuple[datetime, str, Habit, str, tuple[str, ...], Mode]
_DISCLOSURE = PartWriter("DisclosureRequested", "disclosure", "disclosure")


@cache
def key_of(email: str) -> uuid.UUID:
    """Key of an e-mail address under the secret of the tests."""
    return subject_key(SECRET, IdentifierType.EMAIL, email)


@dataclass
class ConsoleWorld:
    """A console over a seeded ledger. `overdue`: a request that is late; `begun_at`: when it was seeded."""

    api: ApiWorld
    begun_at: datetime
    overdue: uuid.UUID

    def record_preferences(self) -> None:
        """Record what arrived in the topic of preferences since, as a recorder would."""
        arrived = self.api.preferences.arrived
        first = self.api.ledger.stats().next_offsets.get((PREFERENCES.name, 0), 0)
        values = [CODECS.preferences.encode(event) for event in arrived[first:]]
        self.api.ledger.record_batch(_batch(PREFERENCES.name, values, first))


@contextmanager
def console_world(folder: Path, **settings: Any) -> Iterator[ConsoleWorld]:
    """An API with its console over the seeded ledger; the clock is the real one."""
    now = utc_now()
    with api_world(folder, rows=(), more=console_routes(), clock=utc_now, published=None, **settings) as api:
        world = ConsoleWorld(api, now, uuid.UUID(int=0))
        chance = random.Random(7)
        chosen_at = _choose(api, chance, now)
        world.record_preferences()
        rows = _rows(api, chance, now, chosen_at)
        api.ledger.record_batch(_decisions(rows, now))
        letters = [dead_letter_value(len(rows) + number) for number in range(LETTERS)]
        api.ledger.record_batch(_batch(DEAD_LETTER.name, letters, 0))
        _audited(api, len(rows))
        api.services.reader.ask(WORKLIST_UPDATE, UpdateQuestion())
        world.overdue = _requests(api, now)
        yield world


def _audited(api: ApiWorld, decisions: int) -> None:
    """Audits ask a broker that has just what was recorded."""
    ends = {REQUESTED: decisions + LETTERS, DECIDED: decisions, DEAD_LETTER: LETTERS}
    broker = ToldBroker({topic.name: {0: Extent(low=0, high=high)} for topic, high in ends.items()})

    def run(question: AuditQuestion) -> AuditResult:
        return audit(api.services.reader, broker, wait_s=0, verify_limit=question.verify_limit)

    object.__setattr__(api.services, "run_audit", run)


def _batch(topic: str, values: list[bytes], first: int) -> Batch:
    records = Records()
    for offset, value in enumerate(values, start=first):
        records.append(0, offset, b"k", value)
    received = Received({topic: records}, {(topic, 0): first + len(values)})
    return BatchMaker(CODECS).batch(received, utc_now())


def _choose(api: ApiWorld, chance: random.Random, now: datetime) -> dict[str, datetime]:
    """Opt-outs and limits over the last weeks, Alice's two weeks ago; who chose when."""
    preferences, chosen_at = api.services.emission.preferences, {ALICE: now - timedelta(days=14)}
    preferences.opt_out(key_of(ALICE), of=("sale",), channel="phone", occurred_at=chosen_at[ALICE])
    for person in range(PEOPLE):
        if chance.random() < OPTED_OUT_SHARE:
            at = now - timedelta(days=chance.randrange(1, 70), minutes=chance.randrange(1440))
            kind = chance.choice(
                (PreferenceKind.OPT_OUT, PreferenceKind.OPT_OUT, PreferenceKind.LIMIT_SENSITIVE)
            )
            chosen_at[f"p{person}@example.com"] = at
            preferences.record_preference(kind, key_of(f"p{person}@example.com"), occurred_at=at)
    api.services.checker.replica.seen_fresh(10)
    return chosen_at


def _rows(
    api: ApiWorld, chance: random.Random, now: datetime, chosen_at: dict[str, datetime]
) -> list[DecisionRow]:
    registry = read_published().registry
    weights = [habit.weight for habit in HABITS]
    planned: list[Planned] = []
    for _ in range(EVENTS):
        back = timedelta(days=chance.random() ** 1.3 * DAYS, seconds=chance.randrange(3600))
        (habit,) = chance.choices(HABITS, weights)
        person = f"p{chance.randrange(PEOPLE)}@example.com"
        mode = Mode.REPORT if chance.random() < 0.12 else Mode.REQUEST
        planned.append(
            (now - back, person, habit, chance.choice(habit.recipients), chance.choice(habit.item_sets), mode)
        )
    for days, habit, mode in _ALICES:
        planned.append(
            (now - timedelta(days=days, hours=2), ALICE, habit, habit.recipients[0], habit.item_sets[0], mode)
        )
    planned.sort(key=lambda entry: entry[0])
    standings = {email: api.services.checker.replica.standing(key_of(email).bytes) for email in chosen_at}
    rows = []
    for number, entry in enumerate(planned):
        at, person, *_ = entry
        has_chosen = person in chosen_at and at >= chosen_at[person]
        rows.append(_row(standings[person] if has_chosen else UNSAID, registry, number, entry))
    return rows


_ALICES = (
    *((days, habit, Mode.REQUEST) for days in (330, 210, 76, 41, 20, 9, 2) for habit in HABITS[:4]),
    (11, SALE, Mode.REPORT),
    (5, HABITS[6], Mode.REQUEST),
)


def _row(standing: Standing, registry: Registry, number: int, planned: Planned) -> DecisionRow:
    at, person, habit, recipient, items, mode = planned
    disclosure = habit.disclosure(recipient, items, mode=mode)
    verdict = judge(
        disclosure,
        Occurrence(at_us=microseconds(at), emitted_us=microseconds(at)),
        standing,
        registry,
        is_current=True,
    )
    return row(
        number,
        event_id=new_event_id(int(at.timestamp() * 1000)),
        subject_key=key_of(person),
        mode=mode.value,
        recipient_id=recipient,
        recipient_name=verdict.recipient_name,
        recipient_category=verdict.recipient_category,
        recipient_role=verdict.recipient_role.value,
        declared_kind=habit.kind.value,
        kind=verdict.kind.value,
        purpose=habit.purpose,
        emitter=habit.emitter,
        items=items,
        item_decisions=tuple(
            ItemDecision(item=index, outcome=item.outcome, kind=item.kind, reason=item.reason)
            for index, item in verdict.items
        ),
        occurred_at=at,
        recorded_at=at + timedelta(seconds=2),
        outcome=verdict.outcome.value,
        reason=verdict.reason,
        flags=tuple(verdict.flags),
        notice_id=verdict.notice_id,
        contract_id=verdict.contract_id,
        preference_event_ids=tuple(uuid.UUID(bytes=each) for each in verdict.stopped_by),
        disclosure=_DISCLOSURE.write({"disclosure": disclosure.model_dump()}),
    )


def _decisions(rows: list[DecisionRow], now: datetime) -> Batch:
    ends = {(DECIDED.name, 0): len(rows)}
    return Batch(recorded_at=now, next_offsets=ends, decisions=decisions_table(rows))


def _requests(api: ApiWorld, now: datetime) -> uuid.UUID:
    """A late request, one due soon, one verified, one answered, one denied; the late one's id."""
    reader = api.services.reader

    def add(nature: Nature, days: float, manner: Manner = Manner.WEB_FORM, who: str = ALICE) -> uuid.UUID:
        received = now - timedelta(days=days)
        new = NewRequest(
            nature=nature, manner=manner, subject_key=key_of(who), by="ann", received_at=received
        )
        return reader.ask(REQUESTS_ADD, new).view.request.id

    def say(request_id: uuid.UUID, change: Change, days: float, **fields: Any) -> None:
        at = now - timedelta(days=days)
        reader.ask(
            REQUESTS_CHANGE, RequestChange(request_id=request_id, change=change, by="ann", at=at, **fields)
        )

    for view in reader.ask(REQUESTS_LIST, RequestFilter(limit=1000)).requests:
        # The business complies with choices within a day; two it has forgotten.
        age_days = (now - view.request.received_at).days
        if age_days > 3 and age_days % 23:
            say(view.request.id, Change.ANSWERED, age_days - 1)
    late = add(Nature.KNOW, 52, Manner.MAIL, "p3@example.com")
    say(late, Change.CONFIRMED, 50)
    soon = add(Nature.DELETE, 42, Manner.EMAIL, "p9@example.com")
    say(soon, Change.CONFIRMED, 41)
    say(soon, Change.VERIFIED, 30, verification=Verification.REASONABLY_HIGH)
    add(Nature.KNOW, 3, who=ALICE)
    answered = add(Nature.KNOW, 70, Manner.PHONE, "p12@example.com")
    say(answered, Change.ANSWERED, 45)
    denied = add(Nature.DELETE, 80, Manner.AGENT, "p20@example.com")
    say(denied, Change.DENIED, 60, basis=Basis.UNVERIFIABLE)
    return late
