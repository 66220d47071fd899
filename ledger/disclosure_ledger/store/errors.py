"""Errors of the ledger's storage."""

from disclosure_schemas.errors import DisclosureError


class LedgerError(DisclosureError):
    """The ledger cannot be used."""


class LedgerMissingError(LedgerError):
    """There is no ledger in the folder."""


class LedgerLockedError(LedgerError):
    """Another process has the ledger open; ask through its door."""


class LedgerVersionError(LedgerError):
    """The ledger's tables are newer, older or other than this program expects."""


class LedgerDamagedError(LedgerError):
    """A file of the ledger is missing, or differs from what the ledger says of it."""


class LedgerFullError(LedgerError):
    """There is no room on the disk of the ledger; the ledger is as it was before."""


class LedgerHaltedError(LedgerError):
    """The database stopped itself after a failed write; it has to be opened again."""


class LedgerReadOnlyError(LedgerError):
    """The ledger was opened for reading alone."""
