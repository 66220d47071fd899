"""Reason codes in plain words, each with the rule behind it."""

from collections.abc import Mapping
from types import MappingProxyType

from disclosure_schemas.events.base import Value


class Reason(Value):
    """A reason code, a sentence a person understands, and the rule it rests on."""

    code: str
    sentence: str
    citation: str | None = None


def explain(code: str) -> Reason:
    """Return the wording of a reason code; a code without wording explains itself."""
    return REASONS.get(code, Reason(code=code, sentence=code))


def _table(*rows: tuple[str, str, str]) -> Mapping[str, Reason]:
    return MappingProxyType(
        {code: Reason(code=code, sentence=sentence, citation=citation) for code, sentence, citation in rows}
    )


REASONS: Mapping[str, Reason] = _table(
    # Permitted.
    ("not_opted_out", "No opt-out covered this person at that time.", "Civ. Code 1798.120(a)"),
    (
        "partial_opt_out",
        "The person opted out of the other kind of disclosure, but not of this one.",
        "11 CCR 7026(h)",
    ),
    (
        "opt_in_valid",
        "The person had opted out, but later agreed to this again and confirmed it.",
        "Civ. Code 1798.120(d), 11 CCR 7028",
    ),
    (
        "no_consideration",
        "It was done for nothing of value and not for advertising, so it is neither a sale nor sharing.",
        "Civ. Code 1798.140(ad)(1), (ah)(1)",
    ),
    (
        "business_purpose",
        "It went to a service provider or contractor that may use it only to work for us.",
        "Civ. Code 1798.140(e), (j), (ag)",
    ),
    (
        "same_business",
        "The recipient is an affiliate under the same brand and counts as the same business.",
        "Civ. Code 1798.140(d)(2)",
    ),
    ("consumer_directed", "The person directed us to disclose it.", "Civ. Code 1798.140(ad)(2)(A), (s)"),
    (
        "opt_out_relay",
        "It told the recipient that the person opted out, so that the recipient stops as well.",
        "Civ. Code 1798.140(ad)(2)(B)",
    ),
    (
        "merger_transfer",
        "The recipient takes over all or part of the business.",
        "Civ. Code 1798.140(ad)(2)(C)",
    ),
    (
        "legal_process",
        "A law, a court, a regulator or a legal claim required it.",
        "Civ. Code 1798.145(a)(1)",
    ),
    # Stopped for the person.
    (
        "opted_out_of_sale",
        "The person opted out of the sale of personal information.",
        "Civ. Code 1798.120(d)",
    ),
    (
        "opted_out_of_sharing",
        "The person opted out of the sharing of personal information for advertising.",
        "Civ. Code 1798.120(d)",
    ),
    (
        "opt_out_inherited",
        "The person opted out with a business that we acquired.",
        "Civ. Code 1798.120(a)(2)",
    ),
    (
        "opt_out_forwarded",
        "A third party passed the person's opt-out on to us.",
        "11 CCR 7026(f)(2), 7053(a)",
    ),
    (
        "opt_out_pending",
        "An agent opted the person out and has yet to show permission; until then it counts.",
        "11 CCR 7026(j)",
    ),
    (
        "household",
        "A member or device of the household opted out.",
        "Civ. Code 1798.140(q), (v)(1)",
    ),
    (
        "resale_without_notice",
        "The data was bought, and the person was never told nor given a chance to opt out.",
        "Civ. Code 1798.115(d)",
    ),
    (
        "gpc_known_consumer",
        "The person's browser sent the Global Privacy Control signal while the person was logged in.",
        "11 CCR 7025(c)(1)",
    ),
    ("gpc_device", "This browser or device sent the Global Privacy Control signal.", "11 CCR 7025(c)(1)"),
    ("linked_profile", "A device or profile linked to this person opted out.", "11 CCR 7025(c)(1)"),
    (
        "signal_unparseable",
        "The browser sent a privacy signal that could not be read; it was taken as an opt-out.",
        "11 CCR 7025(b)",
    ),
    (
        "state_store_unavailable",
        "The person's choices could not be read at that moment, and not knowing is not consent.",
        "policy",
    ),
    # Not covered by notice, contract or registry.
    (
        "malformed",
        "The event could not be read as one disclosure to one recipient at one time.",
        "Civ. Code 1798.115(a)",
    ),
    ("unknown_recipient", "The recipient is not in the registry of recipients.", "Civ. Code 1798.115(a)"),
    (
        "undeclared_category",
        "The privacy notice does not declare that this category of information is disclosed.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        "undeclared_kind",
        "The privacy notice does not declare this kind of disclosure for this category of information.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        "undeclared_recipient",
        "The privacy notice does not declare this kind of recipient for this category of information.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        "undeclared_purpose",
        "The privacy notice does not declare this purpose.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        "element_is_sensitive",
        "The item is sensitive personal information, which the privacy notice does not declare here.",
        "Civ. Code 1798.140(ae)",
    ),
    (
        "notice_excludes_minors",
        "The privacy notice promises never to sell or share information of anyone under 16.",
        "11 CCR 7002",
    ),
    (
        "no_third_party_contract",
        "No contract that the law requires for a sale or sharing was in force with the recipient.",
        "Civ. Code 1798.100(d), 11 CCR 7053",
    ),
    ("decision_ignored", "It was disclosed although the answer had been no.", "Civ. Code 1798.120(d)"),
    # Outside the scope of the law.
    ("exempt_deidentified", "The information cannot be linked to a person.", "Civ. Code 1798.140(m)"),
    ("exempt_aggregate", "The information is about groups, not about a person.", "Civ. Code 1798.140(b)"),
    ("exempt_public", "The information is publicly available.", "Civ. Code 1798.140(v)(2)"),
    (
        "exempt_glba",
        "Financial information governed by the Gramm-Leach-Bliley Act.",
        "Civ. Code 1798.145(e)",
    ),
    (
        "exempt_hipaa",
        "Medical information governed by HIPAA or the Confidentiality of Medical Information Act.",
        "Civ. Code 1798.145(c), 1798.146",
    ),
    (
        "exempt_fcra",
        "Credit information governed by the Fair Credit Reporting Act.",
        "Civ. Code 1798.145(d)",
    ),
    (
        "exempt_iippa",
        "Insurance information governed by the Insurance Information and Privacy Protection Act.",
        "Civ. Code 1798.145(e), Ins. Code 791",
    ),
    (
        "exempt_dppa",
        "Vehicle records governed by the Driver's Privacy Protection Act.",
        "Civ. Code 1798.145(f)",
    ),
    (
        "outside_california",
        "Every part of it took place outside California.",
        "Civ. Code 1798.145(a)(1)(G)",
    ),
    ("non_resident", "The person did not live in California at that time.", "Civ. Code 1798.140(i)"),
)
"""Reason code -> sentence and citation."""
