"""How callers name a person where an operation takes subject keys: by keys or identifiers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from disclosure_ledger.api.bodies import Person, Subject
from disclosure_ledger.api.services import Services
from disclosure_ledger.api.subjects import key_of, keys_of
from disclosure_ledger.reports.question import ReportSubject
from disclosure_schemas.events.base import Value

Named = tuple[Mapping[str, Any], tuple[UUID, ...]]
"""Fields of the operation's body, and the keys of the person."""


@dataclass(frozen=True, slots=True)
class Naming:
    """One form of naming: `field` of the operation's body is replaced by `name`, of the type `annotation`.

    `named` makes the fields of the operation's body from what the caller sent; it raises
    InvalidIdentifierError, SettingsError.
    """

    field: str
    name: str
    annotation: Any
    named: Callable[[Services, Value], Named]


def _keys(services: Services, sent: Any) -> Named:
    keys = keys_of(services, sent.person)
    return {"subject_keys": keys}, keys


def _report_subjects(services: Services, sent: Any) -> Named:
    subjects = tuple(
        ReportSubject(key=key_of(services, subject), type=subject.subject_type) for subject in sent.person
    )
    return {"subjects": subjects}, tuple(dict.fromkeys(subject.key for subject in subjects))


def _one(services: Services, sent: Any) -> Named:
    key = key_of(services, sent.subject)
    fields: dict[str, Any] = {"subject_key": key}
    if "subject_type" not in sent.model_fields_set:
        fields["subject_type"] = sent.subject.subject_type
    return fields, (key,)


BY_KEYS = Naming("subject_keys", "person", Person, _keys)
"""`person` in place of `subject_keys`."""

BY_SUBJECTS = Naming("subjects", "person", Person, _report_subjects)
"""`person` in place of `subjects` with their types."""

BY_ONE = Naming("subject_key", "subject", Subject, _one)
"""`subject` in place of `subject_key`."""
