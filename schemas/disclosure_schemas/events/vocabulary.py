"""Closed vocabularies of the events; each enum equals the Avro enum of the same name.

`UNKNOWN` is the Avro default: a symbol newer than the reader. Rules treat it as the strictest.
"""

from enum import StrEnum


class Mode(StrEnum):
    """Request: asks before disclosing. Report: tells after it happened."""

    REQUEST = "request"
    REPORT = "report"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """Kinds of disclosure: Civ. Code 1798.140(ad), (ah), (e) and the carve-outs (legal 1.1, 1.3)."""

    SALE = "sale"
    SHARE = "share"
    BUSINESS_PURPOSE = "business_purpose"
    CONSUMER_DIRECTED = "consumer_directed"
    LEGAL_PROCESS = "legal_process"
    CORPORATE_TRANSACTION = "corporate_transaction"
    OPT_OUT_RELAY = "opt_out_relay"
    OTHER = "other"
    UNKNOWN = "unknown"


class SubjectType(StrEnum):
    """What a subject key stands for."""

    ACCOUNT = "account"
    DEVICE = "device"
    PROFILE = "profile"
    HOUSEHOLD = "household"
    UNKNOWN = "unknown"


class Exemption(StrEnum):
    """Law or quality that takes an item out of the CCPA (legal 1.10)."""

    DEIDENTIFIED = "deidentified"
    AGGREGATE = "aggregate"
    PUBLIC = "public"
    GLBA = "glba"
    HIPAA = "hipaa"
    FCRA = "fcra"
    IIPPA = "iippa"
    DPPA = "dppa"
    UNKNOWN = "unknown"


class Consideration(StrEnum):
    """What the business gets for a disclosure (legal 1.1.2)."""

    MONETARY = "monetary"
    OTHER = "other"
    NONE = "none"
    UNKNOWN = "unknown"


class DisclosureChannel(StrEnum):
    """How the data travels."""

    SERVER = "server"
    BATCH = "batch"
    COOKIE = "cookie"
    UNKNOWN = "unknown"


class ActingAs(StrEnum):
    """Our own part in a disclosure."""

    BUSINESS = "business"
    BROKER = "broker"
    UNKNOWN = "unknown"


class Bought(StrEnum):
    """Provenance of bought data (legal 1.5.3)."""

    NOT_BOUGHT = "not_bought"
    WITH_NOTICE = "with_notice"
    WITHOUT_NOTICE = "without_notice"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """The gate's answer."""

    PERMIT = "permit"
    PARTIAL = "partial"
    SUPPRESS = "suppress"
    REJECT = "reject"
    NOTIFY = "notify"
    VIOLATION = "violation"
    OUT_OF_SCOPE = "out_of_scope"
    DUPLICATE = "duplicate"
    RETRACTED = "retracted"
    UNKNOWN = "unknown"


class RecipientRole(StrEnum):
    """Legal role of a recipient at one moment (legal 1.1.6 to 1.1.9)."""

    SAME_BUSINESS = "same_business"
    SERVICE_PROVIDER = "service_provider"
    CONTRACTOR = "contractor"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"


class PreferenceState(StrEnum):
    """How fresh the preference state of a decision was (G1, G4)."""

    CURRENT = "current"
    STALE = "stale"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


class PreferenceKind(StrEnum):
    """What a subject asked for, or what became known of the subject."""

    OPT_OUT = "opt_out"
    OPT_OUT_DENIED = "opt_out_denied"
    OPT_IN_REQUESTED = "opt_in_requested"
    OPT_IN_CONFIRMED = "opt_in_confirmed"
    OPT_IN_DECLINED = "opt_in_declined"
    PARENTAL_AUTHORIZATION = "parental_authorization"
    LIMIT_SENSITIVE = "limit_sensitive"
    COMPLIED = "complied"
    DELETE = "delete"
    DELETION_COMPLETED = "deletion_completed"
    COOKIE_REJECT = "cookie_reject"
    PROGRAM_CHOICE = "program_choice"
    DIRECTION = "direction"
    SIGNAL = "signal"
    DROP_MATCH = "drop_match"
    AGE = "age"
    RESIDENCY = "residency"
    UNKNOWN = "unknown"


class PreferenceChannel(StrEnum):
    """How a preference came."""

    WEB_FORM = "web_form"
    PHONE = "phone"
    EMAIL = "email"
    AGENT = "agent"
    TRANSFEROR = "transferor"
    FORWARDED = "forwarded"
    BROWSER = "browser"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class LinkAction(StrEnum):
    """A link, the end of one, or one that never existed."""

    LINK = "link"
    UNLINK = "unlink"
    MISTAKEN = "mistaken"
    UNKNOWN = "unknown"


class NotificationCause(StrEnum):
    """What a recipient is told of."""

    OPT_OUT = "opt_out"
    LIMIT = "limit"
    DELETION = "deletion"
    UNKNOWN = "unknown"


class DeadLetterCause(StrEnum):
    """Why a record could not be taken in."""

    MALFORMED = "malformed"
    UNKNOWN_SCHEMA = "unknown_schema"
    SCHEMA_MISMATCH = "schema_mismatch"
    TRAILING_BYTES = "trailing_bytes"
    OVERSIZED = "oversized"
    BAD_KEY = "bad_key"
    INVALID_CONTENT = "invalid_content"
    UNKNOWN = "unknown"
