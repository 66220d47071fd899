"""Bearer tokens of an OpenID provider: what is checked of one. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from disclosure_ledger.access.errors import CredentialsRefusedError
from disclosure_ledger.access.roles import Means, Principal, Role

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures that are taken: asymmetric ones only, never `none` and never a shared secret."""

LEEWAY_S = 30
"""How far the provider's clock may differ."""


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must say.

    `roles_claim`: path of the claim that has the roles, such as roles or realm_access.roles. `role_names`:
    the provider's words for roles; those of the product are known without.
    """

    issuer: str
    audience: str
    roles_claim: str = "roles"
    role_names: Mapping[str, Role] = field(default_factory=dict)


def claims_of(token: str, keys: KeySet, rules: TokenRules, now: datetime) -> Mapping[str, Any]:
    """The claims of a token whose signature, issuer, audience and times are right.

    Raises CredentialsRefusedError, which says what is wrong and never repeats the token.
    """
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": rules.issuer},
        aud={"essential": True, "value": rules.audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        registry.validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise CredentialsRefusedError(
            f"the token is not accepted ({_cause(error)}). Expected: signed by a current key of "
            f"{rules.issuer}, "
            f"issued by it for the audience {rules.audience}, and not expired."
        ) from None
    return decoded.claims


def principal_of(claims: Mapping[str, Any], rules: TokenRules, means: Means = "token") -> Principal:
    """Who a token is of, with the roles this product knows; others are passed over."""
    return Principal(str(claims["sub"]), roles_of(claims, rules), means)


def roles_of(claims: Mapping[str, Any], rules: TokenRules) -> frozenset[Role]:
    """Roles that the claim names; none where there is no such claim."""
    found: Any = claims
    for part in rules.roles_claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    words = found.split() if isinstance(found, str) else found
    known = {role.value: role for role in Role} | dict(rules.role_names)
    if not isinstance(words, list):
        return frozenset()
    return frozenset(known[word] for word in words if isinstance(word, str) and word in known)


def key_id_of(token: str) -> str | None:
    """The key a token says it was signed with; None where it says nothing that can be read."""
    try:
        return _header(token).get("kid")
    except (JoseError, ValueError, TypeError):
        return None


def _header(token: str) -> Mapping[str, Any]:
    from joserfc.jws import extract_compact  # noqa: PLC0415 - beside its only use

    return extract_compact(token.encode()).headers()


def _cause(error: Exception) -> str:
    return getattr(error, "description", "") or type(error).__name__
