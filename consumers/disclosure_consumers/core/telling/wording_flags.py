"""Flags and steps in plain words, with the rule behind each: for a reader who is no lawyer."""

from disclosure_consumers.core.reasons import Flag

FLAGS: tuple[tuple[Flag, str, str], ...] = (
    (
        Flag.RECLASSIFIED_NO_CONTRACT,
        "It was called a service to us, but no contract in force makes the recipient a service provider.",
        "11 CCR 7050(e), 7051(a)",
    ),
    (
        Flag.RECLASSIFIED_NOT_CERTIFIED,
        "The recipient was called a contractor, but never certified that it understands the restrictions.",
        "Civ. Code 1798.140(j)(1)(B)",
    ),
    (
        Flag.RECLASSIFIED_AFFILIATE,
        "The recipient is of our group but of another brand: without a contract it is a third party.",
        "Civ. Code 1798.140(d)(2), (ai)",
    ),
    (
        Flag.RECLASSIFIED_CROSS_CONTEXT_ADS,
        "Nobody can be a service provider for advertising by what people do elsewhere: it is sharing.",
        "11 CCR 7050(b)",
    ),
    (
        Flag.RECLASSIFIED_COMBINES_DATA,
        "The service provider combines data, which it may not do with data of people who opted out.",
        "Civ. Code 1798.140(e)(6)",
    ),
    (
        Flag.RECLASSIFIED_STEP_TRANSACTION,
        "The service provider passes the data on to a third party, who then counts as the recipient.",
        "Civ. Code 1798.190",
    ),
    (
        Flag.RECLASSIFIED_NOT_DEIDENTIFIED,
        "The data was called deidentified, but no contract forbids the recipient to find out whose it is.",
        "Civ. Code 1798.140(m)(3)",
    ),
    (
        Flag.RECLASSIFIED_PSEUDONYMOUS,
        "The data was called deidentified, but it is an identifier that stands for one person or device.",
        "Civ. Code 1798.140(aj)",
    ),
    (
        Flag.NO_INTENTIONAL_INTERACTION,
        "The person was said to have directed it, but did nothing that counts, such as a click.",
        "Civ. Code 1798.140(s)",
    ),
    (
        Flag.NO_CONTROL_YET,
        "It was called part of a corporate transaction, but the recipient had not taken control.",
        "Civ. Code 1798.140(ad)(2)(C)",
    ),
    (
        Flag.NOT_FOR_RELAY,
        "It was called the passing on of an opt-out, but was more than that needs.",
        "Civ. Code 1798.140(ad)(2)(B)",
    ),
    (
        Flag.NOTICE_AT_COLLECTION,
        "What does not allow it is the notice that held when the data was collected.",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        Flag.CONFLICTS_WITH_CONSENT,
        "The signal overrides a consent the person gave before; the business may tell the person and ask.",
        "11 CCR 7025(c)(3)",
    ),
    (
        Flag.NOTICE_FIRST,
        "The person was under 16 until lately, and should be told before data is sold or shared.",
        "Civ. Code 1798.135(c)(5)",
    ),
    (
        Flag.ADVISORY,
        "It is permitted, but why is worth documenting: nothing was got for it, or data is combined.",
        "Civ. Code 1798.140(ad)(1), (e)(6)",
    ),
    (
        Flag.DEGRADED,
        "It was permitted without reading the person's choices, which could not be read at that moment.",
        "policy",
    ),
    (
        Flag.HIPAA_ACCOUNTING,
        "It must appear in the account of disclosures that a patient may ask for.",
        "45 CFR 164.528",
    ),
    (
        Flag.AFTER_COMPLIANCE,
        "It was made after the business had complied with the person's choice.",
        "Civ. Code 1798.120(d), 1798.121(b)",
    ),
    (
        Flag.AFTER_NOTICE_DEADLINE,
        "It was made after the time within which the notice promises to comply.",
        "11 CCR 7002",
    ),
    (
        Flag.AFTER_DEADLINE,
        "It was made after the 15 business days within which the law wants compliance.",
        "11 CCR 7026(f)(1), 7027",
    ),
    (
        Flag.FORWARD,
        "The recipient must also be told to pass the opt-out on to those it gave the data to.",
        "11 CCR 7026(f)(2)",
    ),
    (
        Flag.CORRECTED,
        "It was decided on a corrected report, which replaces an earlier one.",
        "integrity of the record",
    ),
    (
        Flag.CRITICAL,
        "It was sent although the gate had said that it must not be.",
        "Civ. Code 1798.120(d)",
    ),
)
"""Flag, sentence, citation; complete, in the order of `Flag`."""

STEPS: tuple[tuple[int, str, str, str], ...] = (
    (
        1,
        "event",
        "Is it one disclosure to one recipient at one time, in words that exist, and not a repeat?",
        "Civ. Code 1798.115(a)",
    ),
    (2, "amendments", "Has it been retracted or corrected?", "integrity of the record"),
    (
        3,
        "role",
        "Is the recipient in the registry, and what do its contracts make it?",
        "Civ. Code 1798.140(d)(2), (j), (ag), (ai), 11 CCR 7050, 7051",
    ),
    (
        4,
        "exemptions",
        "Does another law govern the information, or is it no personal information?",
        "Civ. Code 1798.140(b), (m), (v)(2), 1798.145, 1798.146",
    ),
    (
        5,
        "no sale and kind",
        "Is it something that is never a sale, and if not, what kind of disclosure is it in law?",
        "Civ. Code 1798.140(ad), (ah), (e), 1798.190",
    ),
    (
        6,
        "notice",
        "Does the published privacy notice declare it?",
        "Civ. Code 1798.100(a)(1), 11 CCR 7002",
    ),
    (
        7,
        "state",
        "Can the person's choices be read, and was the data deleted or bought without notice?",
        "Civ. Code 1798.105(c), 1798.115(d), 1798.99.86",
    ),
    (
        8,
        "minors",
        "Is the person under 16, and was it then allowed by the person or a parent?",
        "Civ. Code 1798.120(c), 11 CCR 7070, 7071",
    ),
    (
        9,
        "opt-outs",
        "Has the person opted out of sale or sharing, or sent a signal that says so?",
        "Civ. Code 1798.120(d), 11 CCR 7025, 7026",
    ),
    (
        10,
        "limits",
        "Has the person limited the use of sensitive information?",
        "Civ. Code 1798.121, 11 CCR 7027",
    ),
    (
        11,
        "elsewhere",
        "Does the law of another state, or of Europe, stop it?",
        "C.G.S. 42-515 ff., Md. Com. Law 14-4701 ff., ORS 646A.570 ff., RCW 19.373.070, GDPR Art. 6, 28",
    ),
    (
        12,
        "contract and permit",
        "Is there the contract that a sale or sharing needs, and on what ground may it go?",
        "Civ. Code 1798.100(d), 11 CCR 7053",
    ),
)
"""Number, name, question that it asks, citation."""
