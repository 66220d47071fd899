"""The audit, run beside the recorder."""

import asyncio
from typing import Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.media_types import JSON, takes
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.problems import problems
from disclosure_ledger.api.requests import services_of
from disclosure_ledger.audit.result import audit_to_json
from disclosure_ledger.door.questions import AuditQuestion


def audit_routes() -> list[HTTPRouteHandler]:
    """Routes of the audit."""
    return [audit]


@post(
    "/v1/audit",
    status_code=200,
    opt={**allowed(Role.AUDITOR, Role.ANALYST), **takes(JSON)},
    operation_id="audit",
    tags=["audit"],
    responses=problems(),
)
async def audit(request: Request[Any, Any, Any], data: JSONBody[AuditQuestion]) -> dict[str, Any]:
    """Prove conservation (G3): every request was decided once or dead-lettered. Takes as long as it takes."""
    return audit_to_json(await asyncio.to_thread(services_of(request).run_audit, data))
