"""Producers of disclosure, preference and identity events: what an application uses."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Unpack
from uuid import UUID

from disclosure_producers.checks import code, event_id_bytes, key_bytes, past_us, shown
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.disclosure_content import Details, encoded_content, encoded_references
from disclosure_producers.event_producer import Carrier, EventProducer
from disclosure_producers.identity_producer import IdentityProducer
from disclosure_producers.preference_producer import PreferenceProducer
from disclosure_producers.receipts import Receipt
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.disclosure import DisclosureRequested, Item
from disclosure_schemas.events.vocabulary import Mode
from disclosure_schemas.layout import NO_REFERENCES
from disclosure_schemas.topics import REQUESTED, Topic

__all__ = ["DisclosureProducer", "IdentityProducer", "PreferenceProducer"]

_CONTENTS_KEPT = 4096
"""How many different contents stay encoded; applications have few, for content names no subject."""


class DisclosureProducer(EventProducer):
    """Asks before disclosing (`disclose`) and tells what was disclosed (`report`).

    `emitter`: name of the application that discloses.
    """

    topic: ClassVar[Topic] = REQUESTED
    record: ClassVar[type[Value]] = DisclosureRequested

    def __init__(
        self,
        emitter: str,
        *,
        kafka: KafkaSettings | None = None,
        outbox_dir: Path | str | None = None,
        delivery: DeliverySettings | None = None,
        registry: RegistrySettings | None = None,
        carrier: Carrier | None = None,
    ) -> None:
        self.emitter = code(emitter, "emitter")
        super().__init__(
            kafka=kafka, outbox_dir=outbox_dir, delivery=delivery, registry=registry, carrier=carrier
        )
        self._rest = lru_cache(_CONTENTS_KEPT)(_rest_encoder(self.emitter))

    def as_emitter(self, emitter: str) -> "DisclosureProducer":
        """The same run for another emitter, for a process that sends for several; close only the first."""
        return DisclosureProducer(emitter, carrier=self._carrier)

    def disclose(
        self,
        subject_key: UUID,
        *,
        to: str,
        kind: str,
        items: Sequence[str | Item],
        occurred_at: datetime | None = None,
        event_id: UUID | None = None,
        collected_at: datetime | None = None,
        transaction_id: str | None = None,
        linked_subject_keys: Sequence[UUID] = (),
        **details: Unpack[Details],
    ) -> Receipt:
        """Ask whether items of a subject may be disclosed to a recipient; discloses nothing.

        `items`: texts `category` or `category.element`, or Items with an exemption. `kind`: a word of `Kind`.
        `linked_subject_keys`: other keys known to be the same person's. For the rest see `Details`.

        Raises SubjectKeyError, InvalidEventError, BackpressureError, EventRefusedError or
        ClosedProducerError; then nothing was accepted. Otherwise the receipt tells how it went.
        """
        rest = self._encoded(Mode.REQUEST, to, kind, items, details)
        if transaction_id is not None or collected_at is not None or linked_subject_keys:
            rest = _with_references(
                rest,
                collected_at=collected_at,
                transaction_id=transaction_id,
                linked_subject_keys=linked_subject_keys,
            )
        return self._accept(
            subject_key.int.to_bytes(16) if subject_key.__class__ is UUID else key_bytes(subject_key),
            rest,
            None if event_id is None else event_id_bytes(event_id),
            None if occurred_at is None else past_us(occurred_at),
        )

    def report(
        self,
        subject_key: UUID,
        *,
        to: str,
        kind: str,
        items: Sequence[str | Item],
        occurred_at: datetime,
        event_id: UUID | None = None,
        collected_at: datetime | None = None,
        transaction_id: str | None = None,
        linked_subject_keys: Sequence[UUID] = (),
        decision_event_id: UUID | None = None,
        corrects_event_id: UUID | None = None,
        retracts_event_id: UUID | None = None,
        **details: Unpack[Details],
    ) -> Receipt:
        """Tell that items of a subject were disclosed to a recipient at `occurred_at`.

        `decision_event_id`: event id of the `disclose` it follows. `corrects_event_id`: the report this one
        replaces. `retracts_event_id`: the report that never happened. All else, and what is raised, as in
        `disclose`.
        """
        rest = _with_references(
            self._encoded(Mode.REPORT, to, kind, items, details),
            collected_at=collected_at,
            transaction_id=transaction_id,
            linked_subject_keys=linked_subject_keys,
            decision_event_id=decision_event_id,
            corrects_event_id=corrects_event_id,
            retracts_event_id=retracts_event_id,
        )
        happened_us = past_us(occurred_at)
        return self._accept(
            key_bytes(subject_key),
            rest,
            None if event_id is None else event_id_bytes(event_id),
            happened_us,
        )

    def _encoded(
        self, mode: Mode, to: str, kind: str, items: Sequence[str | Item], details: Details
    ) -> bytes:
        chosen = tuple(items) if items.__class__ is list else items
        try:
            return self._rest(mode, to, kind, chosen, tuple(details.items()) if details else ())
        except TypeError as error:
            raise InvalidEventError(
                f"a disclosure is described by texts, Items and Signals; got {shown(items)} as items and "
                f"{', '.join(details) or 'no'} details, of which one is something else ({error})."
            ) from None


def _rest_encoder(emitter: str) -> Callable[..., bytes]:
    def encode(
        mode: Mode, to: str, kind: str, items: tuple[str | Item, ...], details: tuple[tuple[str, Any], ...]
    ) -> bytes:
        return NO_REFERENCES + encoded_content(mode, emitter, to=to, kind=kind, items=items, details=details)

    return encode


def _with_references(rest: bytes, **references: Any) -> bytes:
    given = {name: value for name, value in references.items() if value is not None and value != ()}
    return encoded_references(given) + rest[len(NO_REFERENCES) :] if given else rest
