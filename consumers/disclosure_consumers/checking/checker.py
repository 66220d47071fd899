"""`check()`: may these items be disclosed now? By the gate's own core, in process, without an event."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from disclosure_consumers.checking.replica import PreferenceReplica, Seen
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.standing import joined
from disclosure_consumers.core.verdict import RULE_VERSION, Verdict
from disclosure_consumers.decision_records import judge
from disclosure_consumers.registry_watch import RegistryWatch
from disclosure_consumers.wall_clock import wall_clock_us
from disclosure_schemas.events.disclosure import Disclosure
from disclosure_schemas.moments import microseconds


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer and what it rests on; moments in microseconds since 1970 UTC."""

    verdict: Verdict
    seen: Seen
    decided_us: int
    valid_until_us: int
    rule_version: str
    registry_hash: bytes


class Checker:
    """Answers checks from a replica; safe from several threads.

    `staleness_max_s`: with a state that was not confirmed for longer, a check fails closed (G4): sale,
    sharing and sensitive data stop. `permit_ttl_s`: how long an answer is one (G6).
    """

    def __init__(
        self,
        replica: PreferenceReplica,
        watch: RegistryWatch,
        *,
        staleness_max_s: float,
        permit_ttl_s: float,
        barrier_timeout_s: float = 5.0,
        clock_us: Callable[[], int] = wall_clock_us,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.replica = replica
        self._watch = watch
        self._staleness_max_s = staleness_max_s
        self._permit_ttl_us = round(permit_ttl_s * 1e6)
        self._barrier_timeout_s = barrier_timeout_s
        self._clock_us = clock_us
        self._clock_s = clock_s
        replica.obey(watch.registry.policy)

    @property
    def registry(self) -> Registry:
        """The registry in force."""
        return self._watch.registry

    def look_for_registry(self) -> None:
        """Take over a changed registry; for one thread, now and then."""
        changed = self._watch.poll(self._clock_s())
        if changed is not None:
            self.replica.obey(changed.policy)

    def seen(self, *, fresh: bool = False) -> Seen:
        """The state an answer of this moment rests on; `fresh` waits for the broker (G1)."""
        if fresh:
            return self.replica.seen_fresh(self._barrier_timeout_s)
        return self.replica.seen(self._staleness_max_s)

    def check(
        self,
        disclosure: Disclosure,
        subject_key: uuid.UUID,
        *,
        linked_subject_keys: Sequence[uuid.UUID] = (),
        collected_at: datetime | None = None,
        transaction_id: str | None = None,
        fresh: bool = False,
    ) -> Checked:
        """Decide a request as of now; the arguments are those of `DisclosureProducer.disclose`.

        With `fresh` everything acknowledged before this call is obeyed, at the price of a round trip to the
        broker; without it, everything older than the age told in the answer.
        """
        seen, registry, now_us = self.seen(fresh=fresh), self._watch.registry, self._clock_us()
        occurrence = Occurrence(
            at_us=now_us,
            emitted_us=now_us,
            collected_us=None if collected_at is None else microseconds(collected_at),
            transaction_id=transaction_id,
        )
        others = [self.replica.standing(key.bytes) for key in linked_subject_keys]
        standing = joined(self.replica.standing(subject_key.bytes), others, now_us)
        verdict = judge(disclosure, occurrence, standing, registry, is_current=seen.state.is_current)
        unchanged = registry.unchanged_around(now_us, (disclosure.recipient_id,))
        until_us = min(now_us + self._permit_ttl_us, unchanged.until_us, verdict.holds.until_us)
        return Checked(verdict, seen, now_us, until_us, RULE_VERSION, registry.content_hash)
