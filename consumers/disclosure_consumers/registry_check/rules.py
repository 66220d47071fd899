"""Every rule a registry is held against: how severe a breach is, and where the rule comes from.

An error keeps the registry from loading. A warning is likely a mistake, or at odds with the law or with what
was promised. A note is worth knowing; decisions already take the safe side.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How severe a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Rule(NamedTuple):
    """Severity of a breach, and the source of the rule."""

    severity: Severity
    citation: str


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_FORMAT = Rule(_ERROR, "registry format")
_SUBCONTRACT = "11 CCR 7050(a)(2), 7051(a) (legal 2.7.1, 2.7.5)"
_CONTRACT = "Civ. Code 1798.100(d), 11 CCR 7053(a) (legal 1.4.3, 2.7.6)"

RULES: Mapping[str, Rule] = {
    # What keeps a registry from loading.
    "contracts_overlap": Rule(_ERROR, "Civ. Code 1798.100(d) (legal 2.7.8)"),
    "date_missing": Rule(_ERROR, "11 CCR 7011 (legal 6.5.20)"),
    "duplicate_key": Rule(_ERROR, "registry format (legal 6.5.1)"),
    "ends_before_it_begins": _FORMAT,
    "file_missing": _FORMAT,
    "file_not_read": _FORMAT,
    "id_is_not_file_name": _FORMAT,
    "missing_key": _FORMAT,
    "not_yaml": _FORMAT,
    "reserved_word": _FORMAT,
    "through_cycle": Rule(_ERROR, _SUBCONTRACT),
    "through_itself": Rule(_ERROR, _SUBCONTRACT),
    "unknown_category": Rule(_ERROR, "Civ. Code 1798.140(v)(1), 1798.130(c) (legal 1.2.5)"),
    "unknown_element": Rule(_ERROR, "Civ. Code 1798.140(v)(1), (ae) (legal 1.2.1)"),
    "unknown_group": _FORMAT,
    "unknown_key": _FORMAT,
    "unknown_notice": _FORMAT,
    "unknown_purpose": Rule(_ERROR, "11 CCR 7002 (legal 2.1.2)"),
    "unknown_recipient": Rule(_ERROR, _SUBCONTRACT),
    "unknown_recipient_category": Rule(_ERROR, "11 CCR 7011(e)(1) (legal 2.2.4, 6.5.4)"),
    "unknown_word": Rule(_ERROR, "11 CCR 7011(e)(1) (legal 6.5.2)"),
    "wrong_key": _FORMAT,
    "wrong_value": _FORMAT,
    # Words.
    "sensitive_category_differs": Rule(_WARNING, "Civ. Code 1798.140(v)(1)(L), (ae) (legal 1.2.2)"),
    # Contracts.
    "contract_expired": Rule(_WARNING, _CONTRACT),
    "contract_expiring": Rule(_WARNING, _CONTRACT),
    "contractor_not_certified": Rule(_WARNING, "Civ. Code 1798.140(j)(1)(B) (legal 1.1.7)"),
    "key_without_effect": Rule(_WARNING, "registry format"),
    "no_contract_in_force": Rule(_WARNING, _CONTRACT),
    "recipient_undeclared": Rule(_WARNING, "Civ. Code 1798.100(a)(1), 11 CCR 7011(e)(1) (legal 0.8)"),
    "same_business_with_third_party_contract": Rule(_WARNING, "Civ. Code 1798.140(d)(2) (legal 1.1.9)"),
    "subcontract_without_flow_down": Rule(_WARNING, _SUBCONTRACT),
    "terms_missing": Rule(_WARNING, "11 CCR 7051(a), 7053(a) (legal 2.7.3, 2.7.6)"),
    "upper_contract_not_in_force": Rule(_WARNING, _SUBCONTRACT),
    # What a notice says.
    "ambiguity": Rule(_NOTE, "legal 6.5"),
    "direct_marketing_denied": Rule(_NOTE, "11 CCR 7002 (legal 6.5.17)"),
    "letter_in_wrong_namespace": Rule(_WARNING, "legal 6.5.1"),
    "letter_without_namespace": Rule(_WARNING, "legal 6.5.1"),
    "letters_differ_from_statute": Rule(_NOTE, "Civ. Code 1798.140(v)(1) (legal 6.5.2)"),
    "legal_process_undeclared": Rule(_NOTE, "Civ. Code 1798.145(a)(1) (legal 6.5.19)"),
    "only_service_providers_declared": Rule(_NOTE, "Civ. Code 1798.145(a)(1) (legal 6.5.19)"),
    "purpose_declared_and_denied": Rule(_WARNING, "11 CCR 7002 (legal 6.5.15)"),
    "recipient_in_no_row": Rule(_WARNING, "11 CCR 7011(e)(1) (legal 6.5.3)"),
    "sale_purpose_denied": Rule(_WARNING, "11 CCR 7002 (legal 6.5.15)"),
    "sale_purpose_undeclared": Rule(_WARNING, "11 CCR 7002 (legal 2.1.2)"),
    "sensitive_in_sold_category": Rule(_NOTE, "Civ. Code 1798.140(ae) (legal 6.5.10)"),
    "sensitive_sold_without_row": Rule(_WARNING, "Civ. Code 1798.140(ae) (legal 1.2.1, 6.5.10)"),
    "unused_group": Rule(_WARNING, "11 CCR 7011(e)(1) (legal 6.5.3)"),
    # What a notice promises.
    "deadline_longer_than_regulation": Rule(_WARNING, "11 CCR 7026(f)(1), 7027(g)(1) (legal 2.4.3, 2.5.1)"),
    "deadline_shorter_than_regulation": Rule(_NOTE, "11 CCR 7026(f)(1), 7027(g)(1) (legal 6.5.11)"),
    "dnt_promise_not_kept": Rule(_WARNING, "11 CCR 7002, 7025(b) (legal 2.3.1)"),
    "gpc_not_honored": Rule(_WARNING, "11 CCR 7025(b), (c)(1) (legal 2.3.1, 2.3.2)"),
    "minors_key_misspelt": Rule(_WARNING, "Civ. Code 1798.120(c) (legal 1.6.3)"),
    "minors_promise_beside_sale": Rule(_NOTE, "Civ. Code 1798.120(c) (legal 1.6.3)"),
    "minors_promise_not_kept": Rule(_WARNING, "11 CCR 7002 (legal 1.6.3)"),
    "promised_deadline_ignored": Rule(_WARNING, "11 CCR 7002 (legal 6.5.11, 7.4)"),
    "signal_scope_narrower": Rule(_WARNING, "11 CCR 7025(c)(1) (legal 6.5.12)"),
    # When notices hold.
    "all_notices_published": Rule(_NOTE, "registry format"),
    "effective_date_assumed": Rule(_WARNING, "11 CCR 7011 (legal 6.5.20)"),
    "no_notice_in_force": Rule(_WARNING, "Civ. Code 1798.100(a)(1) (legal 0.8)"),
    "notice_expiring": Rule(_WARNING, "Civ. Code 1798.100(a)(1) (legal 0.8)"),
    "notice_not_updated": Rule(_NOTE, "Civ. Code 1798.130(a)(5) (legal 1.5.6)"),
    "notices_begin_together": Rule(_WARNING, "registry format"),
    "notices_gap": Rule(_WARNING, "Civ. Code 1798.100(a)(1) (legal 0.8)"),
    "notices_overlap": Rule(_NOTE, "registry format"),
    "nothing_published": Rule(_WARNING, "Civ. Code 1798.100(a)(1) (legal 0.8)"),
    # What reports to people say.
    "answers_incomplete": Rule(_WARNING, "11 CCR 7021, GDPR Art. 15, ORS 646A.576 (legal 8.2, 8.3)"),
    "recipient_address_missing": Rule(_NOTE, "Civ. Code 1798.83, 45 CFR 164.528(b)(2) (legal 4.8, 4.14)"),
    "recipient_contact_missing": Rule(_WARNING, "legal 4.7: RCW 19.373.040"),
    "transfer_safeguard_missing": Rule(_WARNING, "legal 8.3: GDPR Art. 15(2), 46"),
    # Settings.
    "toggle_weakens": Rule(_NOTE, "legal 7.4"),
}
"""Rule of each code; codes are stable."""
