"""Errors of access. None of them repeats a key or a token."""

from disclosure_schemas.errors import DisclosureError


class AccessError(DisclosureError):
    """The keys cannot be read or changed."""


class KeyNotFoundError(DisclosureError):
    """No key has this id."""


class CredentialsRefusedError(DisclosureError):
    """A key, token or login is unknown, expired, revoked or not for this service."""


class ProviderError(DisclosureError):
    """The OpenID provider does not answer, or answers with something else than its specification says."""
