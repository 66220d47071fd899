"""Words of the worklist."""

from enum import StrEnum


class Cause(StrEnum):
    """What a recipient must be told of."""

    OPT_OUT = "opt_out"
    LIMIT = "limit"
    DELETION = "deletion"


class ItemState(StrEnum):
    """How an item stands. `lapsed`: nothing is owed any more, for what was reported was taken back."""

    OPEN = "open"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    LAPSED = "lapsed"


class WorkChange(StrEnum):
    """What happened to an item.

    `listed`: these are the disclosures it is about from now on. `attempted`: a sender has taken it. `failed`:
    given up, by the sender or by hand. `reopened`: by hand, to be sent again.
    """

    LISTED = "listed"
    ATTEMPTED = "attempted"
    NOT_DELIVERED = "not_delivered"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    REOPENED = "reopened"
