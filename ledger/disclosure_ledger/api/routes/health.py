"""Whether the process is alive, and whether it can be relied on."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from disclosure_ledger.api.permissions import PUBLIC
from disclosure_ledger.api.problems import FieldError, problem, problems
from disclosure_ledger.api.readiness import Ready
from disclosure_ledger.api.requests import services_of
from disclosure_schemas.events.base import Value


class Alive(Value):
    """The process answers."""

    status: str = "ok"


def health_routes() -> list[HTTPRouteHandler]:
    """Both routes; anybody may ask."""
    return [healthz, readyz]


@get("/healthz", opt=PUBLIC, security=[{}], tags=["health"], responses=problems(), sync_to_thread=False)
def healthz() -> Alive:
    """Whether the process answers."""
    return Alive()


@get("/readyz", opt=PUBLIC, security=[{}], tags=["health"], responses=problems(503), sync_to_thread=False)
def readyz(request: Request[Any, Any, Any]) -> Response[Ready]:
    """Whether answers can be relied on; 503 with reasons where preferences are stale or the recorder lags."""
    ready = services_of(request).readiness.ready()
    if ready.ready:
        return Response(ready)
    refused: Any = problem(
        request,
        type_="not_ready",
        title="The service is not ready.",
        status=503,
        detail=" ".join(ready.reasons),
        errors=tuple(FieldError(field="ready", message=reason) for reason in ready.reasons),
    )
    return refused  # type: ignore[no-any-return]
