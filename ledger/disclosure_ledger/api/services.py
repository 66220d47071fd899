"""What the routes work with, as one value; made by the recorder's process and by tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from disclosure_ledger.access.key_store import KeyStore
from disclosure_ledger.access.login import LoginBegun
from disclosure_ledger.access.lookups import AccessLog
from disclosure_ledger.access.provider import OpenIdProvider
from disclosure_ledger.access.roles import Principal
from disclosure_ledger.access.sessions import Sessions
from disclosure_ledger.api.denials import Denials
from disclosure_ledger.api.settings import ApiSettings
from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.door.questions import AuditQuestion
from disclosure_ledger.door.reader import LedgerReader
from disclosure_ledger.store.ledger import Clock, utc_now

if TYPE_CHECKING:
    from disclosure_consumers.checking.checker import Checker
    from disclosure_ledger.api.dead_letters import DeadLetters
    from disclosure_ledger.api.emission import Emission
    from disclosure_ledger.api.readiness import Readiness


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything behind the API. `subject_secret` makes keys of identifiers; None: only keys are taken."""

    settings: ApiSettings
    reader: LedgerReader
    keys: KeyStore
    access_log: AccessLog
    emission: "Emission"
    checker: "Checker"
    dead_letters: "DeadLetters"
    readiness: "Readiness"
    run_audit: Callable[[AuditQuestion], AuditResult]
    subject_secret: bytes | None = None
    provider: OpenIdProvider | None = None
    sessions: Sessions[Principal] = field(default_factory=Sessions)
    logins: Sessions[LoginBegun] = field(default_factory=Sessions)
    denials: Denials = field(default_factory=Denials)
    clock: Clock = utc_now
