"""Errors of the audit."""

from disclosure_schemas.errors import DisclosureError


class AuditBrokerError(DisclosureError):
    """The broker did not answer a question of the audit."""
