"""Reason and flag codes of decisions."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a disclosure was decided as it was; the codes are those of the scenario format."""

    # permit
    NOT_OPTED_OUT = "not_opted_out"
    PARTIAL_OPT_OUT = "partial_opt_out"
    NO_CONSIDERATION = "no_consideration"
    BUSINESS_PURPOSE = "business_purpose"
    SAME_BUSINESS = "same_business"
    OPT_OUT_RELAY = "opt_out_relay"
    MERGER_TRANSFER = "merger_transfer"
    LEGAL_PROCESS = "legal_process"
    # out of scope
    EXEMPT_DEIDENTIFIED = "exempt_deidentified"
    EXEMPT_AGGREGATE = "exempt_aggregate"
    EXEMPT_PUBLIC = "exempt_public"
    EXEMPT_GLBA = "exempt_glba"
    EXEMPT_HIPAA = "exempt_hipaa"
    EXEMPT_FCRA = "exempt_fcra"
    EXEMPT_IIPPA = "exempt_iippa"
    EXEMPT_DPPA = "exempt_dppa"
    OUTSIDE_CALIFORNIA = "outside_california"
    # suppress
    OPTED_OUT_OF_SALE = "opted_out_of_sale"
    OPTED_OUT_OF_SHARING = "opted_out_of_sharing"
    OPT_OUT_INHERITED = "opt_out_inherited"
    OPT_OUT_FORWARDED = "opt_out_forwarded"
    OPT_OUT_PENDING = "opt_out_pending"
    GPC_KNOWN_CONSUMER = "gpc_known_consumer"
    GPC_DEVICE = "gpc_device"
    HOUSEHOLD = "household"
    LINKED_PROFILE = "linked_profile"
    SIGNAL_UNPARSEABLE = "signal_unparseable"
    RESALE_WITHOUT_NOTICE = "resale_without_notice"
    STATE_STORE_UNAVAILABLE = "state_store_unavailable"
    # reject
    MALFORMED = "malformed"
    UNKNOWN_RECIPIENT = "unknown_recipient"
    UNDECLARED_CATEGORY = "undeclared_category"
    UNDECLARED_KIND = "undeclared_kind"
    UNDECLARED_RECIPIENT = "undeclared_recipient"
    UNDECLARED_PURPOSE = "undeclared_purpose"
    ELEMENT_IS_SENSITIVE = "element_is_sensitive"
    NO_THIRD_PARTY_CONTRACT = "no_third_party_contract"


class Flag(StrEnum):
    """What else is worth knowing of a decision."""

    RECLASSIFIED_CROSS_CONTEXT_ADS = "reclassified_cross_context_ads"
    RECLASSIFIED_COMBINES_DATA = "reclassified_combines_data"
    RECLASSIFIED_STEP_TRANSACTION = "reclassified_step_transaction"
    RECLASSIFIED_NOT_DEIDENTIFIED = "reclassified_not_deidentified"
    RECLASSIFIED_PSEUDONYMOUS = "reclassified_pseudonymous"
    NO_CONTROL_YET = "no_control_yet"
    NOT_FOR_RELAY = "not_for_relay"
    NOTICE_AT_COLLECTION = "notice_at_collection"
    ADVISORY = "advisory"
    DEGRADED = "degraded"
    AFTER_COMPLIANCE = "after_compliance"
    AFTER_NOTICE_DEADLINE = "after_notice_deadline"
    AFTER_DEADLINE = "after_deadline"
    FORWARD = "forward"
    HIPAA_ACCOUNTING = "hipaa_accounting"
