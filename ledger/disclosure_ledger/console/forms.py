"""What people fill in, read and checked; nothing of an identifier is kept or told back."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.params import Body
from pydantic import SecretStr, ValidationError

from disclosure_ledger.api.bodies import Subject
from disclosure_ledger.api.services import Services
from disclosure_ledger.api.subjects import key_of
from disclosure_ledger.console.opened import KnownSubject, OpenFiles
from disclosure_producers.checks import refuse_address
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.vocabulary import SubjectType
from disclosure_schemas.subject_keys import IdentifierType

AnyRequest = Request[Any, Any, Any]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

PURPOSES = (
    ("right to know request", "Right to know request"),
    ("opt-out request", "Opt-out or limit request"),
    ("deletion request", "Deletion request"),
    ("complaint", "Complaint"),
    ("audit", "Audit"),
    ("test", "Test of the system"),
)
"""Why somebody is looked up: what is written down, and how it is shown."""

IDENTIFIERS = (
    (IdentifierType.EMAIL.value, "E-mail address"),
    (IdentifierType.PHONE.value, "Phone number, as +14155550123"),
    (IdentifierType.ACCOUNT.value, "Account number"),
    (IdentifierType.DEVICE.value, "Device or browser id"),
    (IdentifierType.PROFILE.value, "Profile id"),
    (IdentifierType.HOUSEHOLD.value, "Household id"),
    ("key", "Subject key"),
)
_NAMES = {
    "email": "e-mail address",
    "phone": "phone number",
    "account": "account number",
    "device": "device id",
    "profile": "profile id",
    "household": "household id",
    "key": "subject key",
}

IDENTIFIERS_MAX = 3
_STATE_NAME = "console_open_files"


class FormError(DisclosureError):
    """A form is not filled in as it must be."""


def files_of(request: AnyRequest) -> OpenFiles:
    """The open files of the application; made when first asked for, by the one thread that serves."""
    state = request.app.state
    if _STATE_NAME not in state:
        state[_STATE_NAME] = OpenFiles()
    files: OpenFiles = state[_STATE_NAME]
    return files


def purpose_of(form: Mapping[str, str]) -> str:
    """The purpose as the access log has it; raises FormError, InvalidEventError."""
    purpose, reference = form.get("purpose", ""), form.get("reference", "").strip()
    if purpose not in dict(PURPOSES):
        raise FormError("choose the purpose of the look-up: it is kept in the access log.")
    if not reference.isascii() or not reference.isprintable() or len(reference) > 80:
        raise FormError(
            "the number of the request or case has up to 80 plain letters, digits and signs, such as R-17."
        )
    refuse_address(reference, "number of the request or case")
    return f"{purpose} {reference}".strip()


def subjects_of(services: Services, form: Mapping[str, str]) -> tuple[KnownSubject, ...]:
    """Whom a form names; raises FormError, InvalidIdentifierError, SettingsError, which repeat no value."""
    found: dict[uuid.UUID, KnownSubject] = {}
    for number in range(1, IDENTIFIERS_MAX + 1):
        value = form.get(f"value{number}", "").strip()
        if value:
            subject = subject_of(services, form.get(f"type{number}", ""), value)
            found.setdefault(subject.key, subject)
    if not found:
        raise FormError("name the person: choose a kind of identifier and fill it in.")
    return tuple(found.values())


def subject_of(services: Services, kind: str, value: str) -> KnownSubject:
    """The subject of one identifier or key; raises as `subjects_of`."""
    if kind not in _NAMES:
        raise FormError("choose a kind of identifier for each that is filled in.")
    if kind == "key":
        return KnownSubject(uuid_of(value, "a subject key"), SubjectType.ACCOUNT, _NAMES[kind])
    subject = Subject(type=IdentifierType(kind), value=SecretStr(value))
    return KnownSubject(key_of(services, subject), subject.subject_type, _NAMES[kind])


def uuid_of(text: str, what: str) -> uuid.UUID:
    """Read an id; raises FormError without repeating it."""
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        raise FormError(
            f"{what} has 32 hexadecimal digits, as 0d2f1b6e-…; got {len(text.strip())} other characters."
        ) from None


def told(error: ValidationError) -> str:
    """What is wrong with values, without the values."""
    entries = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, entry['loc'])) or 'form'}: {entry['msg']}" for entry in entries[:5])
