"""Asks the ledger of a running recorder through its door."""

import http.client
import json
import socket
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from disclosure_ledger.answers.answer import Answer
from disclosure_ledger.answers.explaining import Explained, explained_from_json
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.rendering import UnreadableAnswerError, answer_from_json
from disclosure_ledger.audit.facts import DeepFacts, DeepQuestion, Facts, FactsQuestion, Positions
from disclosure_ledger.audit.result import AuditResult, audit_from_json
from disclosure_ledger.door import questions
from disclosure_ledger.door.errors import DoorAnswerError, DoorError, DoorRefusedError
from disclosure_ledger.door.operation import ANSWER_TIMEOUT_S, A, B, Operation
from disclosure_ledger.door.questions import AuditQuestion, ExplainQuestion, ToWhomQuestion
from disclosure_ledger.door.sockets import connected
from disclosure_schemas.events.base import Value

AUDIT_TIMEOUT_S = 3_600.0
"""Longest wait for a pass over all rows."""


class _Connection(http.client.HTTPConnection):
    """One HTTP exchange over a connected unix socket."""

    def __init__(self, link: socket.socket, timeout_s: float) -> None:
        super().__init__("door", timeout=timeout_s)
        link.settimeout(timeout_s)
        self.sock = link


class DoorClient:
    """A reader whose ledger is in another process; one connection a question, so any thread may ask."""

    def __init__(self, path: Path) -> None:
        """`path`: the socket file."""
        self._path = path

    def is_open(self) -> bool:
        """Whether anybody listens at the door; raises DoorError where this user may not ask."""
        link = connected(self._path)
        if link is None:
            return False
        link.close()
        return True

    def to_whom(
        self,
        subject_keys: Sequence[uuid.UUID],
        period: Period,
        *,
        include_blocked: bool = False,
        known_at: datetime | None = None,
    ) -> Answer:
        """Answer as of now, by the recorder's clock."""
        question = ToWhomQuestion(
            subject_keys=tuple(subject_keys),
            period=period,
            include_blocked=include_blocked,
            known_at=known_at,
        )
        return answer_from_json(self._ask(questions.TO_WHOM, question))

    def explain(self, event_id: uuid.UUID, known_at: datetime | None = None) -> Explained:
        """Why was one event decided as it was?"""
        question = ExplainQuestion(event_id=event_id, known_at=known_at)
        return explained_from_json(self._ask(questions.EXPLAIN, question))

    def ask(self, operation: Operation[B, A], body: B) -> A:
        """Have the recorder's process run one operation of the table."""
        answer = self._ask(operation.path, body, timeout_s=operation.timeout_s)
        try:
            return operation.answer.model_validate(answer)
        except ValidationError as error:
            raise UnreadableAnswerError(
                f"the answer of {operation} cannot be read: {error.error_count()} fields do not fit. Run the "
                "same version of disclosure-ledger on both sides."
            ) from error

    def audit(self, question: AuditQuestion) -> AuditResult:
        """Have the recorder's process run the whole audit."""
        timeout_s = AUDIT_TIMEOUT_S + question.wait_s
        return audit_from_json(self._ask(questions.AUDIT, question, timeout_s=timeout_s))

    def audit_positions(self) -> Positions:
        """How far the recorder is."""
        return Positions.model_validate(self._ask(questions.AUDIT_POSITIONS))

    def audit_facts(self, question: FactsQuestion) -> Facts:
        """What the rows tell of the requests."""
        return Facts.model_validate(self._ask(questions.AUDIT_FACTS, question, timeout_s=AUDIT_TIMEOUT_S))

    def audit_deep_facts(self, question: DeepQuestion) -> DeepFacts:
        """What takes a pass over every row."""
        answer = self._ask(questions.AUDIT_DEEP_FACTS, question, timeout_s=AUDIT_TIMEOUT_S)
        return DeepFacts.model_validate(answer)

    def stats(self) -> Mapping[str, Any]:
        """Figures of this moment."""
        return self._ask(questions.STATS)

    def close(self) -> None:
        """Nothing is held between questions."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self, path: str, body: Value | None = None, *, timeout_s: float = ANSWER_TIMEOUT_S
    ) -> Mapping[str, Any]:
        """Ask one question; raises DoorAnswerError for a problem, DoorError where nobody answers."""
        link = connected(self._path)
        if link is None:
            raise DoorError(
                f"nobody answers at {self._path}: the recorder is not running. Start it, or ask again: "
                "without a recorder the ledger is opened directly."
            )
        connection = _Connection(link, timeout_s)
        try:
            connection.request(
                "GET" if body is None else "POST",
                path,
                None if body is None else body.model_dump_json(),
                {"Content-Type": "application/json", "Connection": "close"},
            )
            response = connection.getresponse()
            return _answer(path, response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise DoorError(
                f"the recorder behind {self._path} broke off its answer: {type(error).__name__}: {error}. It "
                "is stopping, or the answer took too long; ask again."
            ) from error
        finally:
            connection.close()


def _answer(path: str, status: int, body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise DoorError(
            f"the door answered {path} with {status} and no JSON. Is it a door of this version?"
        ) from error
    if not isinstance(answer, dict):
        raise DoorError(f"the door answered {path} with {type(answer).__name__}, expected an object.")
    if status != 200:
        refused = 400 <= status < 500
        raise (DoorRefusedError if refused else DoorAnswerError)(
            str(answer.get("detail", f"the door answered {path} with {status}.")),
            type_=str(answer.get("type", "about:blank")),
            status=status,
        )
    return answer
