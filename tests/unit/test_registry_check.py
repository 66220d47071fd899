"""The review of a registry: each rule finds its breach, with severity, line and source, and nothing else."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from disclosure_consumers.registry_check.findings import Finding
from disclosure_consumers.registry_check.review import review
from disclosure_consumers.registry_check.roles_today import recipients_on
from disclosure_consumers.registry_check.rules import RULES, Severity
from disclosure_consumers.registry_files import example_registry, inspect_files, load_registry, read_files
from disclosure_consumers.registry_folder.contents import POLICY, RECIPIENTS, TAXONOMY
from registry_samples import NOTICE, SPRING, TODAY, line_of, sample

SUMMER = "notices/summer.yaml"
LATER = NOTICE.replace("id: spring", "id: summer")
TWO = (POLICY, "[spring]", "[spring, summer]")
THIRD = "{type: third_party, effective_from: 2025-01-01}"
PROVIDER = "{type: service_provider, effective_from: 2026-01-01}"
UNDER_BEGINS = "{type: service_provider, effective_from: 2026-01-01, through"
THIRD_BEGINS, PROVIDER_BEGINS = THIRD[:-1], PROVIDER[:-1]
HELPERS = "groups:\n  helpers: [vendors, affiliates, government_and_legal]\n"
SENSITIVE_ROW = "  sensitive: {business_purpose: helpers, sale_or_share: none}\n"

Change = tuple[str, str, str]


class Breach(NamedTuple):
    """A change of the sample, what is found, and where: a text of the file that begins on the line."""

    changes: tuple[Change, ...]
    code: str
    file: str
    fragment: str | None
    said: str


def recipients(old: str, new: str, code: str, fragment: str, said: str) -> Breach:
    """A breach in recipients.yaml."""
    return Breach(((RECIPIENTS, old, new),), code, RECIPIENTS, fragment, said)


def notice(old: str, new: str, code: str, fragment: str, said: str) -> Breach:
    """A breach in the notice."""
    return Breach(((SPRING, old, new),), code, SPRING, fragment, said)


def toggle(setting: str, said: str) -> Breach:
    """A weak setting."""
    change = (POLICY, "{}", f"{{{setting}}}")
    return Breach((change,), "toggle_weakens", POLICY, "toggles:", said)


def following(changes: str, code: str, fragment: str, said: str, **spring: str) -> Breach:
    """A breach with a second notice: its first line of dates, and what is added to the first one."""
    summer = LATER.replace("effective_from: 2026-03-01", changes)
    added = [
        (SPRING, "controller: Example", f"controller: Example\n{name}: {day}") for name, day in spring.items()
    ]
    return Breach((TWO, (SUMMER, "", summer), *added), code, SUMMER, fragment, said)


ERRORS = (
    notice(
        "[advertisers]", "[advertizers]", "unknown_recipient_category", "[advertizers", "mean 'advertisers'?"
    ),
    notice("health_records: {", "health: {", "unknown_category", "health: {", "'health' is no category"),
    notice("marketing]", "marketting]", "unknown_purpose", "purposes:", "did you mean 'marketing'?"),
    notice("ex.pi.A: identifiers", "ex.pi.A: names", "unknown_word", "ex.pi.A", "'names' is no category"),
    notice("[advertisers]", "advertisers", "unknown_group", "share: adv", "is a list: [advertisers]"),
    notice("id: spring", "id: summer", "id_is_not_file_name", "id:", "expected 'spring'"),
    notice("effective_from: 2026-03-01\n", "", "date_missing", "id:", "no effective_from"),
    notice(
        "purposes:", "effective_to: 2026-01-01\npurposes:", "ends_before_it_begins", "effective_to", "before"
    ),
    notice("controller:", "publisher:", "unknown_key", "publisher", "there is no key"),
    notice("controller: Example\n", "controller: 5\n", "wrong_value", "controller", "expected text"),
    notice("dnt:", "DNT:", "wrong_key", "signals", "a word of small letters"),
    notice("  helpers: [", "  all: []\n  helpers: [", "reserved_word", "  all:", "meaning of its own"),
    notice(
        "  ex.rcpt.B: advertisers", "  ex.pi.A: advertisers", "duplicate_key", "ex.pi.A: adv", "already in"
    ),
    notice(
        "purposes: [provide_services, marketing]\n", "", "missing_key", "id:", "the key purposes is missing"
    ),
    notice("groups:", "groups: [", "not_yaml", "matrix", "this is not YAML"),
    recipients(
        "through: boxes", "through: boxen", "unknown_recipient", UNDER_BEGINS, "did you mean 'boxes'?"
    ),
    recipients("through: boxes", "through: crates", "through_itself", UNDER_BEGINS, "subcontract of itself"),
    recipients(
        PROVIDER,
        PROVIDER.replace("}", ", through: crates}"),
        "through_cycle",
        PROVIDER_BEGINS,
        "in a circle",
    ),
    recipients("2025-12-31", "2026-01-01", "contracts_overlap", PROVIDER, "on the same days"),
    Breach(
        ((TAXONOMY, "[email]", "[mail]"),), "unknown_element", TAXONOMY, "unique_id", "did you mean 'email'?"
    ),
    Breach(
        ((POLICY, "[spring]", "[sprung]"),), "unknown_notice", POLICY, "published", "did you mean 'spring'?"
    ),
    Breach((("notices/a.yml", "", ""),), "file_not_read", "notices/a.yml", None, "this file is not read"),
)

CONTRACTS = (
    recipients(
        THIRD,
        f"{THIRD_BEGINS}, effective_to: 2026-12-01}}",
        "contract_expiring",
        THIRD_BEGINS,
        "ends on 2026-12-01, and none follows",
    ),
    recipients(
        THIRD,
        f"{THIRD_BEGINS}, effective_to: 2026-11-22}}",
        "contract_expiring",
        THIRD_BEGINS,
        "ends on 2026-11-22",
    ),
    recipients(
        THIRD,
        f"{THIRD_BEGINS}, effective_to: 2026-11-21}}",
        "contract_expired",
        THIRD_BEGINS,
        "ended on 2026-11-21, and none follows",
    ),
    recipients(
        THIRD,
        f"{THIRD_BEGINS}, effective_to: 2026-12-01}}\n    - {THIRD.replace('2025-01-01', '2026-12-03')}",
        "contract_expiring",
        THIRD_BEGINS,
        "the next begins on 2026-12-03",
    ),
    recipients(
        THIRD,
        f"{THIRD_BEGINS}, effective_to: 2027-12-01}}\n    - {{type: third_party, effective_from: 2027-12-02, "
        "required_terms: false}",
        "terms_missing",
        "    - {type: third_party, effective_from: 2027",
        "lacks required terms",
    ),
    recipients(
        THIRD,
        THIRD.replace("2025", "2027"),
        "no_contract_in_force",
        "acme:",
        "no contract in force before 2027-01-01",
    ),
    recipients(f"\n    - {THIRD}", " []", "no_contract_in_force", "acme:", "a sale or share is rejected"),
    recipients(
        THIRD, f"{THIRD_BEGINS}, required_terms: false}}", "terms_missing", THIRD_BEGINS, "counts for nothing"
    ),
    recipients(
        "certified: true",
        "certified: false",
        "contractor_not_certified",
        "    - {type: contractor",
        "third party",
    ),
    recipients(
        "flow_down: true",
        "flow_down: false",
        "subcontract_without_flow_down",
        UNDER_BEGINS,
        "not passed down",
    ),
    recipients(
        "through: boxes",
        "through: sister",
        "upper_contract_not_in_force",
        UNDER_BEGINS,
        "sister has no contract",
    ),
    recipients(
        "through: boxes", "through: acme", "upper_contract_not_in_force", UNDER_BEGINS, "acme has no contract"
    ),
    recipients(
        PROVIDER,
        f"{PROVIDER_BEGINS}, flow_down: true}}",
        "key_without_effect",
        PROVIDER_BEGINS,
        "names no `through`",
    ),
    recipients(
        PROVIDER,
        f"{PROVIDER_BEGINS}, certified: true}}",
        "key_without_effect",
        PROVIDER_BEGINS,
        "of contractors",
    ),
    recipients(
        "affiliate: common_branding",
        f"affiliate: common_branding\n  contracts:\n    - {THIRD}",
        "same_business_with_third_party_contract",
        f"    - {THIRD}\ncourt",
        "settle which",
    ),
    recipients(
        "category: advertisers",
        "category: service_providers",
        "recipient_undeclared",
        "  category: service_providers",
        "what goes to acme without",
    ),
)

NOTICES = (
    notice("ex.rcpt.B", "B", "letter_without_namespace", "  B:", "xx.pi.B or xx.rcpt.B"),
    notice("ex.rcpt.B", "A", "letter_without_namespace", "  A:", "ex.pi.A uses it too"),
    notice(
        "ex.rcpt.B: advertisers",
        "ex.pi.B: advertisers",
        "letter_in_wrong_namespace",
        "  ex.pi.B",
        "is no category",
    ),
    notice(
        "ex.rcpt.B",
        "ex.rcpt.C: service_providers\n  ex.rcpt.B",
        "recipient_in_no_row",
        "  ex.rcpt.C",
        "but in no row",
    ),
    notice(
        "  helpers: [",
        "  others: [advertisers]\n  helpers: [",
        "unused_group",
        "  others",
        "the group others",
    ),
    notice(
        "ex.pi.A",
        "ex.pi.B",
        "letters_differ_from_statute",
        "  ex.pi.B",
        "ex.pi.B is identifiers, (A) in the statute",
    ),
    notice(
        "groups:",
        "purposes_excluded: [provide_services]\ngroups:",
        "purpose_declared_and_denied",
        "purposes_excluded",
        "the denial binds",
    ),
    notice(", marketing]", "]", "sale_purpose_undeclared", "purposes:", "no purpose of marketing"),
    notice(
        "groups:",
        "purposes_excluded: [recipient_direct_marketing]\ngroups:",
        "direct_marketing_denied",
        "purposes_excluded",
        "the denial binds",
    ),
    notice(
        "health_records: {business_purpose: helpers, sale_or_share: none}",
        "health_records: {business_purpose: helpers, sale_or_share: [advertisers]}",
        "sensitive_in_sold_category",
        SENSITIVE_ROW,
        "health_records (diagnosis)",
    ),
    notice(
        "helpers, sale_or_share: none}\n" + SENSITIVE_ROW,
        "helpers, sale_or_share: [advertisers]}\n",
        "sensitive_sold_without_row",
        "matrix:",
        "health_records (diagnosis)",
    ),
    notice(", government_and_legal]", "]", "legal_process_undeclared", "matrix:", "no row names authorities"),
    notice(
        "signals:",
        "ambiguities:\n  - it says so\nsignals:",
        "ambiguity",
        "  - it says",
        "the notice is unclear: it says so.",
    ),
    notice("gpc: honored", "gpc: ignored", "gpc_not_honored", "signals", "must be"),
    notice("gpc: honored", "gpc: false", "gpc_not_honored", "signals", "must be"),
    notice(
        "gpc: honored",
        "gpc: honored, gpc_scope_stated: browser",
        "signal_scope_narrower",
        "signals",
        "browser only",
    ),
    notice("dnt: ignored", "dnt: honored", "dnt_promise_not_kept", "signals", "treat_dnt_as_opt_out is off"),
    notice(
        "signals:",
        "deadlines: {opt_out_days: 15}\nsignals:",
        "deadline_shorter_than_regulation",
        "deadlines",
        "an opt-out",
    ),
    notice(
        "signals:",
        "deadlines: {limit_days: 16}\nsignals:",
        "deadline_shorter_than_regulation",
        "deadlines",
        "a limit",
    ),
    notice(
        "signals:",
        "deadlines: {opt_out_days: 30}\nsignals:",
        "deadline_longer_than_regulation",
        "deadlines",
        "30 calendar",
    ),
    notice(
        "signals:",
        "minors: {no_sale_or_share_undr: 16}\nsignals:",
        "minors_key_misspelt",
        "minors",
        "was no_sale_or_share_under meant?",
    ),
    notice(
        "signals:",
        "minors: {no_sale_or_share_under: 16}\nsignals:",
        "minors_promise_beside_sale",
        "minors",
        "whose age is unknown",
    ),
    notice(
        "effective_from: 2026-03-01",
        "observed_at: 2026-03-01",
        "effective_date_assumed",
        "observed_at",
        "counts from 2026-03-01",
    ),
    notice("2026-03-01", "2025-03-01", "notice_not_updated", "effective_from", "every 12 months"),
    notice("2026-03-01", "2026-12-01", "no_notice_in_force", "id:", "in force on 2026-11-22"),
    notice(
        "purposes:",
        "effective_to: 2026-12-31\npurposes:",
        "notice_expiring",
        "effective_to",
        "ends on 2026-12-31, and none follows",
    ),
    Breach(
        ((POLICY, "published: [spring]\n", ""), (SUMMER, "", LATER.replace("2026-03", "2026-09"))),
        "all_notices_published",
        POLICY,
        "toggles",
        "2 in all",
    ),
    following("effective_from: 2026-03-01", "notices_begin_together", "effective_from", "is chance"),
    following(
        "effective_from: 2026-09-01",
        "notices_overlap",
        "effective_from",
        "from 2026-09-01 summer",
        effective_to="2026-10-01",
    ),
    following(
        "effective_from: 2026-09-01",
        "notices_gap",
        "effective_from",
        "nothing is declared",
        effective_to="2026-08-30",
    ),
)

SETTINGS = (
    toggle("treat_cookie_reject_as_opt_out: false", "is false: a rejected cookie banner stops nothing."),
    toggle("anonymous_device_opt_out_persists: false", "forgotten at its next visit"),
    toggle("retro_link_device_opt_out_to_account: none", "is none: a device's opt-out reaches no account"),
    toggle("us_wide_gpc: false", "GPC of people in other states"),
    toggle("unparseable_signal: ignore", "a signal that cannot be read stops nothing"),
    toggle("household_strictest: false", "does not reach the household"),
    toggle("aged_out_requires_notice: false", "without a word"),
    toggle("notice_sla_override: false", "does not bind"),
    toggle("dual_notice_check: false", "what was promised at collection does not bind"),
    toggle("business_days: mon_fri", "a Saturday counts"),
    toggle("fail_closed_kinds: [share]", "leaves out sale, sensitive"),
    toggle("clock_skew_bound_ms: 0", "is 0, less than 1000"),
)

# What comes with another finding, which it cannot be without.
TOGETHER = (
    (
        "sale_purpose_denied",
        ((SPRING, ", marketing]\n", "]\npurposes_excluded: [marketing]\n"),),
        {"sale_purpose_denied"},
    ),
    (
        "minors_promise_not_kept",
        ((SPRING, "signals:", "minors: {no_sale_or_share_under: 15}\nsignals:"),),
        {"minors_promise_not_kept", "minors_promise_beside_sale"},
    ),
    (
        "promised_deadline_ignored",
        (
            (SPRING, "signals:", "deadlines: {opt_out_days: 15}\nsignals:"),
            (POLICY, "{}", "{notice_sla_override: false}"),
        ),
        {"promised_deadline_ignored", "toggle_weakens"},
    ),
    (
        "nothing_published",
        ((POLICY, "[spring]", "[]"), (RECIPIENTS, "", "{}\n")),
        {"nothing_published"},
    ),
    (
        "only_service_providers_declared",
        (
            (SPRING, HELPERS, "groups:\n  helpers: [service_providers]\n"),
            (SPRING, "sale_or_share: [advertisers]", "sale_or_share: none"),
            (SPRING, "\n  ex.rcpt.B: advertisers", ""),
            (RECIPIENTS, "", "{}\n"),
        ),
        {"only_service_providers_declared"},
    ),
    (
        "sensitive_category_differs",
        ((TAXONOMY, "elements: [diagnosis]\nsensitive_elements:", "elements: [email]\nsensitive_elements:"),),
        {"sensitive_category_differs"},
    ),
    (
        "sensitive_category_differs",
        (
            (
                TAXONOMY,
                "  diagnosis: {statute: (ae)(2)(B), usca: 8}\n",
                "  name: {}\n  diagnosis: {usca: 8}\n",
            ),
        ),
        {"sensitive_category_differs", "sensitive_in_sold_category"},
    ),
    (
        "recipient_address_missing",
        ((POLICY, "toggles: {}", "toggles: {}\nanswers: {regimes: [hipaa], contact: a@b.example}"),),
        {"recipient_address_missing"},
    ),
    (
        "transfer_safeguard_missing",
        ((POLICY, "toggles: {}", "toggles: {}\nanswers: {regimes: [eu]}"),),
        {"transfer_safeguard_missing", "answers_incomplete"},
    ),
    (
        "recipient_contact_missing",
        ((POLICY, "toggles: {}", "toggles: {}\nanswers: {regimes: [us-wa]}"),),
        {"recipient_contact_missing", "answers_incomplete"},
    ),
    (
        "answers_incomplete",
        ((POLICY, "toggles: {}", "toggles: {}\nanswers: {regimes: [us-or], contact: a@b.example}"),),
        {"answers_incomplete"},
    ),
)
BREACHES = (*ERRORS, *CONTRACTS, *NOTICES, *SETTINGS)


def found(files: Mapping[str, bytes], today: date = TODAY, within_days: int = 60) -> list[Finding]:
    """Findings of these files."""
    return review(inspect_files(files), today=today, within_days=within_days)


def codes(files: Mapping[str, bytes]) -> set[str]:
    """Codes of what is found in these files."""
    return {finding.code for finding in found(files)}


def test_nothing_is_found_in_the_sample() -> None:
    """A registry without fault has no finding, not even a note."""
    assert found(sample()) == []


@pytest.mark.parametrize("breach", BREACHES, ids=[f"{b.code}-{n}" for n, b in enumerate(BREACHES)])
def test_each_breach_is_found_with_its_line(breach: Breach) -> None:
    """One change, one finding: its code, severity and source, its file and line, and what it means."""
    files = sample(*breach.changes)
    (finding,) = found(files)
    line = None if breach.fragment is None else line_of(files[breach.file], breach.fragment)
    assert (finding.code, finding.file, finding.line) == (breach.code, breach.file, line)
    assert (finding.severity, finding.citation) == RULES[breach.code]
    assert breach.said in finding.sentence


@pytest.mark.parametrize(
    ("code", "changes", "expected"), TOGETHER, ids=[f"{case[0]}-{n}" for n, case in enumerate(TOGETHER)]
)
def test_breaches_that_bring_others(code: str, changes: tuple[Change, ...], expected: set[str]) -> None:
    """What cannot be wrong alone is found together with what follows from it."""
    assert code in expected
    assert codes(sample(*changes)) == expected


def test_missing_files_are_found() -> None:
    """A registry without recipients and notices has an error for each, and goes on to be reviewed."""
    files = {TAXONOMY: sample()[TAXONOMY]}
    assert [(f.severity, f.code, f.file, f.line) for f in found(files)] == [
        (Severity.ERROR, "file_missing", "notices/", None),
        (Severity.ERROR, "file_missing", RECIPIENTS, None),
    ]


def test_every_rule_has_a_breach_here() -> None:
    """Each code of the table of rules is found by some test above, and no finding has another code."""
    shown = {breach.code for breach in BREACHES} | {case[0] for case in TOGETHER} | {"file_missing"}
    assert shown == set(RULES)


def test_every_rule_names_its_source() -> None:
    """Each rule cites the law, the reference of legal facts, or the format of the registry."""
    named = ("Civ. Code", "11 CCR", "legal ", "registry format")
    assert [code for code, rule in RULES.items() if not rule.citation.startswith(named)] == []


def test_all_is_found_at_once_errors_first() -> None:
    """Errors do not hide what has nothing to do with them, and findings come by severity."""
    files = sample(
        (RECIPIENTS, "category: government_and_legal", "category: nobody"),
        (RECIPIENTS, "certified: true", "certified: false"),
        (SPRING, "[advertisers]", "[advertizers]"),
        (POLICY, "{}", "{us_wide_gpc: false}"),
    )
    assert [(finding.severity.value, finding.code) for finding in found(files)] == [
        ("error", "unknown_recipient_category"),
        ("error", "unknown_recipient_category"),
        ("warning", "contractor_not_certified"),
        ("note", "toggle_weakens"),
    ]


def test_a_notice_that_is_not_published_is_only_noted() -> None:
    """A warning about a notice that nobody is under is a note that says so."""
    spoilt = LATER.replace("gpc: honored", "gpc: ignored")
    (finding,) = found(sample((SUMMER, "", spoilt)))
    assert (finding.severity, finding.code) == (Severity.NOTE, "gpc_not_honored")
    assert finding.sentence.endswith("This notice is not published.")


@pytest.mark.parametrize(
    ("today", "within_days", "expected"),
    [
        (date(2026, 10, 2), 60, True),
        (date(2026, 10, 1), 60, False),
        (date(2026, 11, 22), 8, False),
        (date(2026, 11, 22), 9, True),
        (date(2026, 12, 1), 0, True),
    ],
)
def test_what_ends_is_found_within_the_days_asked_for(today: date, within_days: int, expected: bool) -> None:
    """A contract that ends on the 1st of December is found from that many days before on."""
    files = sample((RECIPIENTS, THIRD, f"{THIRD_BEGINS}, effective_to: 2026-12-01}}"))
    expiring = [f for f in found(files, today, within_days) if f.code == "contract_expiring"]
    assert bool(expiring) is expected


def test_a_successor_keeps_a_contract_from_expiring() -> None:
    """A contract that another of its type follows on the next day is no finding."""
    follows = f"{THIRD_BEGINS}, effective_to: 2026-12-01}}\n    - {THIRD.replace('2025-01-01', '2026-12-02')}"
    assert found(sample((RECIPIENTS, THIRD, follows))) == []


def test_deadlines_are_compared_by_the_days_that_count() -> None:
    """Eighteen calendar days are later than fifteen days of Monday to Saturday, not of Monday to Friday."""
    promise = (SPRING, "signals:", "deadlines: {opt_out_days: 18}\nsignals:")
    assert codes(sample(promise)) == {"deadline_longer_than_regulation"}
    by_fridays = sample(promise, (POLICY, "{}", "{business_days: mon_fri}"))
    assert codes(by_fridays) == {"deadline_shorter_than_regulation", "toggle_weakens"}


def test_the_known_contradictions_of_real_notices_are_found() -> None:
    """In the example registry with all notices published, those of the legal reference 6.5 are found."""
    files = read_files(example_registry())
    del files[POLICY]
    by_notice: dict[str, set[str]] = {}
    for finding in found(files):
        by_notice.setdefault(finding.file.removeprefix("notices/").removesuffix(".yaml"), set()).add(
            finding.code
        )
    assert by_notice["massmutual_workforce_2022"] >= {
        "letters_differ_from_statute",
        "recipient_in_no_row",
        "sensitive_in_sold_category",
        "deadline_shorter_than_regulation",
        "signal_scope_narrower",
        "minors_promise_beside_sale",
        "ambiguity",
    }
    assert by_notice["massmutual_ccpa_2020"] >= {"only_service_providers_declared"}
    assert by_notice["massmutual_online_2017"] >= {"sensitive_in_sold_category", "ambiguity"}
    assert by_notice["metlife_online_2019"] >= {"effective_date_assumed", "direct_marketing_denied"}
    assert by_notice["neutral"] >= {"sensitive_sold_without_row", "notices_begin_together"}
    assert by_notice["recipients"] == {
        *("contract_expired", "contractor_not_certified", "no_contract_in_force", "terms_missing"),
        *("subcontract_without_flow_down", "upper_contract_not_in_force"),
    }


def test_the_example_registry_has_no_error() -> None:
    """The registry that is shipped loads, whatever else there is to say of it."""
    assert [f for f in found(read_files(example_registry())) if f.severity is Severity.ERROR] == []


def test_recipients_stand_as_their_contracts_say_on_a_day() -> None:
    """Role and contract state are those of the day asked for."""
    registry = load_registry(example_registry())
    before, after = (
        {state.id: state for state in recipients_on(registry, date(2026, 4, 5) + timedelta(days=days))}
        for days in (0, 1)
    )
    assert (before["oldgate"].role, before["oldgate"].contracts[0].state) == ("service_provider", "in force")
    assert (after["oldgate"].role, after["oldgate"].contracts[0].state) == ("third_party", "ended")
    assert before["oldgate"].contracts[0].last == date(2026, 4, 5)
    assert (before["loomstore"].role, before["loomstore"].contracts[0].state) == (
        "service_provider",
        "in force",
    )
    assert after["loomstore"].contracts[0].state == "nothing in force with oldgate"
    states = {name: [c.state for c in state.contracts] for name, state in after.items()}
    assert states["spindle"] == ["terms not passed down"]
    assert states["thinpaper"] == ["lacks required terms"]
    assert states["drossmere"] == ["not certified"]
    assert states["hollowpine"] == []
    assert after["stonecrest"].role == "same_business"
    assert len(after) == len(registry.recipients)
    (earlier,) = (s for s in recipients_on(registry, date(2020, 1, 1)) if s.id == "harborlight")
    assert earlier.contracts[0].state == "not yet in force"
    assert earlier.contracts[0].last is None
