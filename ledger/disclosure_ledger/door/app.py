"""The door's HTTP routes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from litestar import Litestar, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from disclosure_ledger.answers.explaining import explained_to_json
from disclosure_ledger.answers.rendering import answer_to_json
from disclosure_ledger.audit.facts import DeepFacts, DeepQuestion, Facts, FactsQuestion, Positions
from disclosure_ledger.audit.result import AuditResult, audit_to_json
from disclosure_ledger.door import questions
from disclosure_ledger.door.errors import DoorError
from disclosure_ledger.door.operation import Operation
from disclosure_ledger.door.operations import OPERATIONS
from disclosure_ledger.door.problems import HANDLERS
from disclosure_ledger.door.questions import AuditQuestion, ExplainQuestion, ToWhomQuestion
from disclosure_ledger.door.reader import LedgerReader

RunAudit = Callable[[AuditQuestion], AuditResult]


def door_app(
    reader: LedgerReader,
    run_audit: RunAudit | None = None,
    operations: Iterable[Operation[Any, Any]] = OPERATIONS,
) -> Litestar:
    """Make the application that answers for a ledger.

    `run_audit` runs a whole audit against the broker; without it only the ledger's half can be asked for.
    """
    served = [_operation(reader, operation) for operation in operations]
    return Litestar(
        [*_questions(reader), *_audits(reader, run_audit), *served],
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _questions(reader: LedgerReader) -> list[HTTPRouteHandler]:
    @post(questions.TO_WHOM, status_code=200, sync_to_thread=True)
    def to_whom(data: JSONBody[ToWhomQuestion]) -> dict[str, Any]:
        """To whom was one person's data disclosed?"""
        answer = reader.to_whom(
            data.subject_keys, data.period, include_blocked=data.include_blocked, known_at=data.known_at
        )
        return answer_to_json(answer)

    @post(questions.EXPLAIN, status_code=200, sync_to_thread=True)
    def explain(data: JSONBody[ExplainQuestion]) -> dict[str, Any]:
        """Why was one event decided as it was?"""
        return explained_to_json(reader.explain(data.event_id, data.known_at))

    @get(questions.STATS, sync_to_thread=True)
    def stats() -> Mapping[str, Any]:
        """How much the ledger holds and how far it has read."""
        return reader.stats()

    @get(questions.HEALTH, sync_to_thread=False)
    def health() -> dict[str, str]:
        """Whether anybody answers."""
        return {"status": "ok"}

    return [to_whom, explain, stats, health]


def _operation(reader: LedgerReader, operation: Operation[Any, Any]) -> HTTPRouteHandler:
    def serve(data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = reader.ask(operation, data).model_dump(mode="json")
        return answer

    # The framework reads the body's type from the annotation, which is known only now.
    json_body: Any = JSONBody
    serve.__annotations__["data"] = json_body[operation.body]
    return post(operation.path, status_code=200, sync_to_thread=True)(serve)


def _audits(reader: LedgerReader, run_audit: RunAudit | None) -> list[HTTPRouteHandler]:
    @post(questions.AUDIT, status_code=200, sync_to_thread=True)
    def audit(data: JSONBody[AuditQuestion]) -> dict[str, Any]:
        """Prove conservation (G3)."""
        if run_audit is None:
            raise DoorError(
                "this door was opened without a broker, so it cannot audit. Run `disclosures audit`, which "
                "asks the broker itself."
            )
        return audit_to_json(run_audit(data))

    @get(questions.AUDIT_POSITIONS, sync_to_thread=True)
    def audit_positions() -> Positions:
        """How far the recorder is."""
        return reader.audit_positions()

    @post(questions.AUDIT_FACTS, status_code=200, sync_to_thread=True)
    def audit_facts(data: JSONBody[FactsQuestion]) -> Facts:
        """What the rows tell of the requests."""
        return reader.audit_facts(data)

    @post(questions.AUDIT_DEEP_FACTS, status_code=200, sync_to_thread=True)
    def audit_deep_facts(data: JSONBody[DeepQuestion]) -> DeepFacts:
        """What takes a pass over every row."""
        return reader.audit_deep_facts(data)

    return [audit, audit_positions, audit_facts, audit_deep_facts]
