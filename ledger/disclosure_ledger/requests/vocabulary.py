"""Words of the register of requests (11 CCR 7101(b); legal 2.9.1)."""

from enum import StrEnum

from disclosure_schemas.events.vocabulary import PreferenceChannel


class Nature(StrEnum):
    """What a person asks for."""

    KNOW = "know"
    DELETE = "delete"
    CORRECT = "correct"
    OPT_OUT = "opt_out"
    LIMIT = "limit"


VERIFIED_NATURES = frozenset({Nature.KNOW, Nature.DELETE, Nature.CORRECT})
"""Confirmed, verified and perhaps extended; opt-outs and limits are not (legal 2.4.2, 2.4.8)."""


class Manner(StrEnum):
    """How a request was made."""

    WEB_FORM = "web_form"
    PHONE = "phone"
    EMAIL = "email"
    MAIL = "mail"
    IN_PERSON = "in_person"
    AGENT = "agent"
    SIGNAL = "signal"
    TRANSFEROR = "transferor"
    FORWARDED = "forwarded"
    OTHER = "other"


MANNER_OF_CHANNEL = {
    PreferenceChannel.WEB_FORM: Manner.WEB_FORM,
    PreferenceChannel.PHONE: Manner.PHONE,
    PreferenceChannel.EMAIL: Manner.EMAIL,
    PreferenceChannel.AGENT: Manner.AGENT,
    PreferenceChannel.TRANSFEROR: Manner.TRANSFEROR,
    PreferenceChannel.FORWARDED: Manner.FORWARDED,
    PreferenceChannel.BROWSER: Manner.SIGNAL,
}
"""Manner of a preference; of any other channel it is `other`."""


class AgentPermission(StrEnum):
    """What an authorized agent has shown (11 CCR 7063; legal 2.8.3)."""

    SIGNED = "signed"
    POWER_OF_ATTORNEY = "power_of_attorney"
    NONE = "none"


class Verification(StrEnum):
    """To which degree it was verified who asks (11 CCR 7060 to 7062; legal 2.8.2)."""

    ACCOUNT = "account"
    REASONABLE = "reasonable"
    REASONABLY_HIGH = "reasonably_high"


class Change(StrEnum):
    """What happened to a request."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    EXTENDED = "extended"
    ANSWERED = "answered"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class Response(StrEnum):
    """How a request ended."""

    COMPLIED = "complied"
    COMPLIED_IN_PART = "complied_in_part"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """Why a request is denied, in whole or part; each with the rule in `RULE_OF_BASIS`."""

    UNVERIFIABLE = "unverifiable"
    NOT_A_CONSUMER = "not_a_consumer"
    EXEMPT = "exempt"
    FRAUDULENT = "fraudulent"
    NO_AGENT_PERMISSION = "no_agent_permission"
    MANIFESTLY_UNFOUNDED = "manifestly_unfounded"
    TWICE_IN_TWELVE_MONTHS = "twice_in_twelve_months"
    NEEDED = "needed"
    ACCURATE = "accurate"
    DISPROPORTIONATE = "disproportionate"
    OTHER = "other"


RULE_OF_BASIS = {
    Basis.UNVERIFIABLE: "11 CCR 7060 to 7062: who asks could not be verified",
    Basis.NOT_A_CONSUMER: "Civ. Code 1798.140(i): no resident of California",
    Basis.EXEMPT: "Civ. Code 1798.145, 1798.146: another law governs the data",
    Basis.FRAUDULENT: "11 CCR 7026(e), 7027(f): documented, good-faith belief of fraud, the requestor told",
    Basis.NO_AGENT_PERMISSION: "11 CCR 7063, 7026(j): the agent showed no signed permission",
    Basis.MANIFESTLY_UNFOUNDED: "Civ. Code 1798.145(h)(3): manifestly unfounded or excessive",
    Basis.TWICE_IN_TWELVE_MONTHS: "Civ. Code 1798.130(b): answered twice within twelve months",
    Basis.NEEDED: "Civ. Code 1798.105(d): the data is needed for a purpose that the law names",
    Basis.ACCURATE: "11 CCR 7023: by the whole of what is known the data is accurate",
    Basis.DISPROPORTIONATE: "11 CCR 7001, 7022 to 7024: impossible, or disproportionate effort",
    Basis.OTHER: "the reason is said in the note",
}
"""Basis of a denial -> the rule it rests on."""

_ANY = {Basis.NOT_A_CONSUMER, Basis.EXEMPT, Basis.NO_AGENT_PERMISSION, Basis.OTHER}
_VERIFIED = _ANY | {Basis.UNVERIFIABLE, Basis.MANIFESTLY_UNFOUNDED, Basis.DISPROPORTIONATE}
BASES = {
    Nature.KNOW: frozenset(_VERIFIED | {Basis.TWICE_IN_TWELVE_MONTHS}),
    Nature.DELETE: frozenset(_VERIFIED | {Basis.NEEDED}),
    Nature.CORRECT: frozenset(_VERIFIED | {Basis.ACCURATE}),
    Nature.OPT_OUT: frozenset(_ANY | {Basis.FRAUDULENT}),
    Nature.LIMIT: frozenset(_ANY | {Basis.FRAUDULENT}),
}
"""Bases on which a request of each nature may be denied."""


class DenialGroup(StrEnum):
    """Groups in which denials may be published (11 CCR 7102(a); legal 2.9.2)."""

    UNVERIFIABLE = "unverifiable"
    NOT_A_CONSUMER = "not_a_consumer"
    EXEMPT = "exempt"
    OTHER = "other"


GROUP_OF_BASIS = {
    basis: DenialGroup(basis.value) if basis.value in set(DenialGroup) else DenialGroup.OTHER
    for basis in Basis
}
"""Basis of a denial -> group under which it is published."""


class Status(StrEnum):
    """How a request stands on a day."""

    OPEN = "open"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CLOSED = "closed"
