"""Why a disclosure is stopped, in plain words and with the rule behind it: for a reader who is no lawyer.

Sentences are about what happened to one disclosure, which they call "it", and about "the person". Rules are
those of the scenario format; "policy" where the law leaves the choice to us.
"""

from disclosure_consumers.core.reasons import Reason

STOPS: tuple[tuple[Reason, str, str], ...] = (
    # suppress
    (
        Reason.OPTED_OUT_OF_SALE,
        "The person opted out of the sale of personal information.",
        "Civ. Code 1798.120(d)",
    ),
    (
        Reason.OPTED_OUT_OF_SHARING,
        "The person opted out of the sharing of personal information for advertising.",
        "Civ. Code 1798.120(d)",
    ),
    (
        Reason.OPT_OUT_INHERITED,
        "The person opted out with a business that we acquired.",
        "Civ. Code 1798.120(a)(2)",
    ),
    (
        Reason.OPT_OUT_FORWARDED,
        "A third party passed the person's opt-out on to us.",
        "11 CCR 7026(f)(2), 7053(a)",
    ),
    (
        Reason.OPT_OUT_PENDING,
        "An agent opted the person out and has yet to show permission; until then it counts.",
        "11 CCR 7026(j)",
    ),
    (
        Reason.GPC_KNOWN_CONSUMER,
        "The person's browser sent the Global Privacy Control signal while the person was known to us.",
        "11 CCR 7025(c)(1)",
    ),
    (
        Reason.GPC_DEVICE,
        "This browser or device sent the Global Privacy Control signal.",
        "11 CCR 7025(c)(1)",
    ),
    (Reason.HOUSEHOLD, "A member or device of the household opted out.", "Civ. Code 1798.140(q), (v)(1)"),
    (Reason.LINKED_PROFILE, "A device or profile linked to this person opted out.", "11 CCR 7025(c)(1)"),
    (
        Reason.SIGNAL_UNPARSEABLE,
        "A privacy signal was sent that could not be read; it was taken as an opt-out.",
        "11 CCR 7025(b)",
    ),
    (
        Reason.COOKIE_REJECT,
        "Cookies were rejected on this device, and the data was to travel by cookie.",
        "11 CCR 7026(a)(4)",
    ),
    (
        Reason.OPT_IN_NOT_CONFIRMED,
        "The person asked for it to be allowed again, but never confirmed that in a second step.",
        "11 CCR 7028(a)",
    ),
    (
        Reason.CONSENT_INVALID,
        "The consent does not count: it was got in a way that is none, or by asking too soon after a no.",
        "Civ. Code 1798.140(h), 1798.135(c)(4), 11 CCR 7004",
    ),
    (Reason.CONSENT_EXPIRED, "The consent to it had lapsed.", "Civ. Code 1798.140(h)"),
    (
        Reason.CONSENT_SCOPE,
        "There is a consent, but it is to something else: another kind, purpose, recipient or transaction.",
        "Civ. Code 1798.140(h)",
    ),
    (
        Reason.MINOR_UNDER_13_WITHOUT_PARENT,
        "The person is known to be under 13, and no parent has authorized it.",
        "Civ. Code 1798.120(c), 11 CCR 7070",
    ),
    (
        Reason.MINOR_13_TO_15_WITHOUT_OPT_IN,
        "The person is known to be 13 to 15 and has not agreed to it.",
        "Civ. Code 1798.120(c), 11 CCR 7071",
    ),
    (
        Reason.WILLFUL_DISREGARD_OF_AGE,
        "There were signs that the person is a child, and they were ignored, which counts as knowing it.",
        "Civ. Code 1798.120(c)",
    ),
    (
        Reason.PRIOR_DECLINE,
        "The person refused while under 16 and has not agreed since.",
        "Civ. Code 1798.120(d)",
    ),
    (
        Reason.LIMIT_SENSITIVE,
        "The person limited the use of sensitive information, and this purpose is none that stays permitted.",
        "Civ. Code 1798.121(b), 11 CCR 7027",
    ),
    (
        Reason.DELETION_PENDING,
        "The person asked for deletion, and that is being worked on.",
        "Civ. Code 1798.105(c)(1)",
    ),
    (
        Reason.DELETION_KEY,
        "The person's data was deleted; what is kept of the request keeps it from being sold again.",
        "Civ. Code 1798.105(c)(2)",
    ),
    (
        Reason.DROP_MATCH,
        "The person asked all data brokers for deletion on the platform of the state.",
        "Civ. Code 1798.99.86",
    ),
    (
        Reason.RESALE_WITHOUT_NOTICE,
        "The data was bought, and the person was never told nor given a chance to opt out.",
        "Civ. Code 1798.115(d)",
    ),
    (
        Reason.GLBA_OPT_OUT,
        "The person used the separate opt-out for financial information.",
        "12 CFR 1016 or state insurance rule",
    ),
    (
        Reason.STATE_BAN,
        "The law of the person's state forbids it, whatever the person says.",
        "ORS 646A.570 ff., Md. Com. Law 14-4701 ff.",
    ),
    (
        Reason.SENSITIVE_WITHOUT_OPT_IN,
        "The person lives in Connecticut, where sensitive information is sold only with consent.",
        "C.G.S. 42-515 ff.",
    ),
    (
        Reason.STATE_AUTHORIZATION_MISSING,
        "The person lives in Washington, where health information is sold only with a signed authorization.",
        "RCW 19.373.070",
    ),
    (
        Reason.GDPR_NO_BASIS,
        "The person lives in Europe and has not consented, or has withdrawn the consent.",
        "GDPR Art. 6, 7(3)",
    ),
    (
        Reason.STATE_STORE_UNAVAILABLE,
        "The person's choices could not be read at that moment, and not knowing is not consent.",
        "policy",
    ),
    # reject
    (
        Reason.MALFORMED,
        "The event could not be read as one disclosure to one recipient at one time.",
        "Civ. Code 1798.115(a)",
    ),
    (
        Reason.ID_COLLISION,
        "Another event with the same id but other content had been recorded before.",
        "integrity of the record",
    ),
    (
        Reason.UNKNOWN_RECIPIENT,
        "The recipient is not in the registry of recipients.",
        "Civ. Code 1798.115(a)",
    ),
    (
        Reason.UNDECLARED_CATEGORY,
        "The privacy notice does not declare that this category of information is disclosed.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        Reason.UNDECLARED_KIND,
        "The privacy notice does not declare this kind of disclosure for this category of information.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        Reason.UNDECLARED_RECIPIENT,
        "The privacy notice does not declare this kind of recipient for this category of information.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        Reason.UNDECLARED_PURPOSE,
        "The privacy notice does not declare this purpose.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        Reason.ELEMENT_IS_SENSITIVE,
        "The item is sensitive personal information, which the privacy notice does not declare here.",
        "Civ. Code 1798.140(ae)",
    ),
    (
        Reason.NOTICE_EXCLUDES_MINORS,
        "The privacy notice promises never to sell or share information of people as young as this.",
        "11 CCR 7002",
    ),
    (
        Reason.NO_THIRD_PARTY_CONTRACT,
        "No contract that the law requires for a sale or sharing was in force with the recipient.",
        "Civ. Code 1798.100(d), 11 CCR 7053",
    ),
    # other
    (Reason.DECISION_IGNORED, "It was disclosed although the answer had been no.", "Civ. Code 1798.120(d)"),
    (
        Reason.ALREADY_RECORDED,
        "The same event had been recorded before; this repeat changes nothing.",
        "integrity of the record",
    ),
    (
        Reason.RETRACTED,
        "Whoever reported it has since declared that it never happened.",
        "integrity of the record",
    ),
)
"""Reason, sentence, citation; in the order of `Reason`."""
