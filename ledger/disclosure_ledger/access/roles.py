"""What somebody may do, as values."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What a key, token or login is for. A route names those that may use it; an admin may use every one."""

    EMITTER = "emitter"
    PREFERENCE_WRITER = "preference-writer"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    ADMIN = "admin"


ROLE_MEANINGS: dict[Role, str] = {
    Role.EMITTER: "applications that disclose: ask, check and report disclosures",
    Role.PREFERENCE_WRITER: "preference centres: record preferences and signals, show a status",
    Role.ANALYST: "privacy operations: answers about persons, reports, requests, dead letters",
    Role.AUDITOR: "auditors: the audit, the access log, register, worklist, matrix; no person's answer",
    Role.ADMIN: "everything, keys included",
}

Means = Literal["key", "token", "session"]
"""How somebody proved who they are."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `name`: of the key, or the subject at the OpenID provider; no personal data of customers."""

    name: str
    roles: frozenset[Role]
    means: Means

    def may(self, allowed: Iterable[Role]) -> bool:
        """Whether one of the roles is allowed, or an admin's."""
        return Role.ADMIN in self.roles or not self.roles.isdisjoint(allowed)
