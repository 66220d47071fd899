"""Options that name a person: one identifier or several, or a ready subject key."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Group, Parameter

from disclosure_ledger.cli.failures import UsageError
from disclosure_producers.settings import SubjectSettings
from disclosure_schemas.events.vocabulary import SubjectType
from disclosure_schemas.subject_keys import IdentifierType, subject_key

PERSON = Group(
    "Person", help="Whose data. Identifiers are turned into a key here and never sent or printed.", sort_key=0
)

_SUBJECT_TYPES: Mapping[IdentifierType, SubjectType] = {
    IdentifierType.DEVICE: SubjectType.DEVICE,
    IdentifierType.PROFILE: SubjectType.PROFILE,
    IdentifierType.HOUSEHOLD: SubjectType.HOUSEHOLD,
}


def _option(name: str, text: str) -> Parameter:
    return Parameter(name=name, help=text, group=PERSON)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Identifiers:
    """Identifiers as given on the command line; each option may be given several times."""

    email: Annotated[tuple[str, ...], _option("--email", "E-mail address.")] = ()
    phone: Annotated[
        tuple[str, ...], _option("--phone", "Phone number with country code: +14155550123.")
    ] = ()
    account: Annotated[tuple[str, ...], _option("--account", "Account number or customer id.")] = ()
    device: Annotated[tuple[str, ...], _option("--device", "Device or advertising id.")] = ()
    profile: Annotated[tuple[str, ...], _option("--profile", "Id of a pseudonymous profile.")] = ()
    household: Annotated[tuple[str, ...], _option("--household", "Id of a household.")] = ()

    def given(self) -> list[tuple[IdentifierType, str]]:
        """Every identifier with its type."""
        return [(kind, text) for kind in IdentifierType for text in getattr(self, kind.value)]

    def subjects(self) -> list["Subject"]:
        """Keys of all identifiers; raises InvalidIdentifierError or SettingsError."""
        given = self.given()
        if not given:
            return []
        secret = SubjectSettings().secret_bytes()
        return [
            Subject(subject_key(secret, kind, text), _SUBJECT_TYPES.get(kind, SubjectType.ACCOUNT))
            for kind, text in given
        ]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Person(Identifiers):
    """Identifiers, or subject keys that were made elsewhere."""

    key: Annotated[
        tuple[uuid.UUID, ...], _option("--key", "Subject key, as `disclosures subject-key` prints it.")
    ] = ()

    def subjects(self) -> list["Subject"]:
        """Keys given and keys of all identifiers."""
        return [*(Subject(key, SubjectType.ACCOUNT) for key in self.key), *super().subjects()]


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject key and what it stands for."""

    key: uuid.UUID
    type: SubjectType


def exactly_one(person: Identifiers) -> Subject:
    """The one subject an event is about; raises UsageError for none or several."""
    subjects = person.subjects()
    if len(subjects) != 1:
        raise UsageError(
            f"exactly one person is needed, got {len(subjects)} identifiers. Give one of --email, --phone, "
            "--account, --device, --profile, --household."
        )
    return subjects[0]


def at_least_one(person: Identifiers) -> list[Subject]:
    """All subjects a question is about; raises UsageError for none."""
    subjects = person.subjects()
    if not subjects:
        raise UsageError(
            "no person was named. Give --email, --phone, --account, --device, --profile, --household or "
            "--key; several identifiers of one person give one answer."
        )
    return subjects
