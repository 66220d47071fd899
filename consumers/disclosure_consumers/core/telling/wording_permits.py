"""Why a disclosure may go, in plain words and with the rule behind it: for a reader who is no lawyer.

Sentences are about what happened to one disclosure, which they call "it", and about "the person". Rules are
those of the scenario format.
"""

from disclosure_consumers.core.reasons import Reason

PERMITS: tuple[tuple[Reason, str, str], ...] = (
    # permit
    (Reason.NOT_OPTED_OUT, "No opt-out covered this person at that time.", "Civ. Code 1798.120(a)"),
    (
        Reason.PARTIAL_OPT_OUT,
        "The person opted out of the other kind of disclosure, but not of this one.",
        "11 CCR 7026(h)",
    ),
    (
        Reason.OPT_IN_VALID,
        "It would have been stopped, but the person has since agreed to it and confirmed that.",
        "Civ. Code 1798.120(d), 11 CCR 7028",
    ),
    (
        Reason.MINOR_OPT_IN,
        "The person is under 16, and has agreed to it in two steps or has a parent who authorized it.",
        "Civ. Code 1798.120(c), 11 CCR 7070, 7071",
    ),
    (
        Reason.AGED_OUT,
        "The person has turned 16 and never refused, so the rule for children no longer stops it.",
        "Civ. Code 1798.135(c)(5)",
    ),
    (
        Reason.FINANCIAL_INCENTIVE,
        "A signal was sent, but the person chose to stay in the reward program that needs this.",
        "11 CCR 7025(c)(4)",
    ),
    (
        Reason.OPT_OUT_DENIED_AS_FRAUD,
        "The opt-out was found to be fraudulent; that is documented, and whoever made it was told.",
        "11 CCR 7026(e)",
    ),
    (
        Reason.NO_CONSIDERATION,
        "It was done for nothing of value and not for advertising, so it is neither a sale nor sharing.",
        "Civ. Code 1798.140(ad)(1), (ah)(1)",
    ),
    (
        Reason.BUSINESS_PURPOSE,
        "It went to a service provider or contractor that may use it only to work for us.",
        "Civ. Code 1798.140(e), (j), (ag)",
    ),
    (
        Reason.SENSITIVE_EXEMPT_PURPOSE,
        "The person limited the use of sensitive information, but this purpose is one that stays permitted.",
        "Civ. Code 1798.121(d), 11 CCR 7027(m)",
    ),
    (
        Reason.LIMIT_DOES_NOT_COVER,
        "The person limited the use of some sensitive information, but not of this.",
        "Civ. Code 1798.121(a)",
    ),
    (
        Reason.SAME_BUSINESS,
        "The recipient is an affiliate under the same brand and counts as the same business.",
        "Civ. Code 1798.140(d)(2)",
    ),
    (Reason.CONSUMER_DIRECTED, "The person directed us to disclose it.", "Civ. Code 1798.140(ad)(2)(A), (s)"),
    (
        Reason.CONSENTED_ENTITY,
        "The person agreed to its going to this very recipient, by name.",
        "Civ. Code 1798.140(h)",
    ),
    (
        Reason.OPT_OUT_RELAY,
        "It told the recipient that the person opted out, so that the recipient stops as well.",
        "Civ. Code 1798.140(ad)(2)(B)",
    ),
    (
        Reason.MERGER_TRANSFER,
        "The recipient takes over all or part of the business.",
        "Civ. Code 1798.140(ad)(2)(C)",
    ),
    (
        Reason.LEGAL_PROCESS,
        "A law, a court, a regulator or a legal claim required it.",
        "Civ. Code 1798.145(a)(1)",
    ),
    (
        Reason.PROCESSOR,
        "The person lives in Europe, and the recipient works for us under a contract as its law wants.",
        "GDPR Art. 28",
    ),
    # out of scope
    (Reason.EXEMPT_DEIDENTIFIED, "The information cannot be linked to a person.", "Civ. Code 1798.140(m)"),
    (
        Reason.EXEMPT_AGGREGATE,
        "The information is about groups, not about a person.",
        "Civ. Code 1798.140(b)",
    ),
    (Reason.EXEMPT_PUBLIC, "The information is publicly available.", "Civ. Code 1798.140(v)(2)"),
    (
        Reason.EXEMPT_GLBA,
        "It is financial information governed by the Gramm-Leach-Bliley Act.",
        "Civ. Code 1798.145(e)",
    ),
    (
        Reason.EXEMPT_HIPAA,
        "It is medical information governed by HIPAA or the Confidentiality of Medical Information Act.",
        "Civ. Code 1798.145(c), 1798.146",
    ),
    (
        Reason.EXEMPT_FCRA,
        "It is credit information governed by the Fair Credit Reporting Act.",
        "Civ. Code 1798.145(d)",
    ),
    (
        Reason.EXEMPT_IIPPA,
        "It is insurance information governed by the Insurance Information and Privacy Protection Act.",
        "Civ. Code 1798.145(e), Ins. Code 791",
    ),
    (
        Reason.EXEMPT_DPPA,
        "It is from vehicle records governed by the Driver's Privacy Protection Act.",
        "Civ. Code 1798.145(f)",
    ),
    (
        Reason.OUTSIDE_CALIFORNIA,
        "Every part of it, and the person, were outside California.",
        "Civ. Code 1798.145(a)(1)(G)",
    ),
    (
        Reason.NON_RESIDENT,
        "The person did not live in California at that time, and no law of another place stopped it.",
        "Civ. Code 1798.140(i)",
    ),
)
"""Reason, sentence, citation; in the order of `Reason`."""
