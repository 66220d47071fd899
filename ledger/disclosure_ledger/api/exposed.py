"""Which operations of the table the API offers, to whom, and how a look-up of a person is written down.

One line for each operation; its route, parameters, body and description follow from it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from disclosure_ledger.access.reading import ACCESS_LOG
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.dead_letters import DEAD_LETTERS
from disclosure_ledger.api.forms import MATRIX_FORMS, METRICS_FORMS, POLICY_FORMS, REPORT_FORMS, Form
from disclosure_ledger.api.naming import BY_KEYS, BY_ONE, BY_SUBJECTS, Naming
from disclosure_ledger.door.operation import Operation
from disclosure_ledger.reality.asking import MATRIX, POLICY_TABLES
from disclosure_ledger.reports.operation import REPORT
from disclosure_ledger.requests.operations import (
    REQUESTS_ADD,
    REQUESTS_CHANGE,
    REQUESTS_LIST,
    REQUESTS_METRICS,
    REQUESTS_SHOW,
)
from disclosure_ledger.worklist.operations import (
    WORKLIST_CHANGE,
    WORKLIST_COUNTS,
    WORKLIST_LIST,
    WORKLIST_SHOW,
)

_PARAMETER = re.compile(r"\{(\w+):\w+\}")


@dataclass(frozen=True, slots=True)
class Exposed:
    """One operation as a route of the API.

    `method` GET: the fields of the body are parameters of the query. `path`: that of the door unless given;
    its parameters are fields of the body. `without`: fields that callers do not send. `person`: how callers
    name the person an operation is about. `about`: whom an answer is about where they named nobody. What
    reads about a person needs a purpose, and is in the access log; what writes is in what it writes.
    `is_found`: whether an answer has something about that person. `forms`: other forms than JSON, by name.
    """

    method: Literal["GET", "POST"]
    operation: Operation[Any, Any]
    roles: tuple[Role, ...]
    tag: str
    operation_id: str
    path: str | None = None
    without: tuple[str, ...] = ()
    person: Naming | None = None
    about: Callable[[Any], tuple[UUID, ...]] | None = None
    is_found: Callable[[Any], bool] = bool
    forms: Mapping[str, Form] = field(default_factory=dict)
    status: int = 200

    @property
    def route(self) -> str:
        """Path of the route."""
        return self.path or self.operation.path

    @property
    def path_fields(self) -> tuple[str, ...]:
        """Fields of the body that stand in the path."""
        return tuple(_PARAMETER.findall(self.route))

    @property
    def looks_up(self) -> bool:
        """Whether it is a look-up of a person."""
        return self.about is not None or (self.person is not None and not self.operation.writes)


def _of_request(story: Any) -> tuple[UUID, ...]:
    return (story.view.request.subject_key,)


def _of_item(story: Any) -> tuple[UUID, ...]:
    return (story.view.item.subject_key,)


def _has_requests(page: Any) -> bool:
    return bool(page.requests)


def _has_items(page: Any) -> bool:
    return bool(page.items)


_ANALYST, _READERS = (Role.ANALYST,), (Role.ANALYST, Role.AUDITOR)
_KEYS = ("subject_keys",)
_REQUEST, _ITEM = "/v1/requests/{request_id:uuid}", "/v1/worklist/{item_id:uuid}"

EXPOSED: tuple[Exposed, ...] = (
    Exposed("GET", ACCESS_LOG, (Role.AUDITOR,), "audit", "accessLog"),
    Exposed("GET", DEAD_LETTERS, _READERS, "dead letters", "deadLetters"),
    Exposed(
        "POST",
        REPORT,
        _ANALYST,
        "reports",
        "report",
        path="/v1/reports",
        person=BY_SUBJECTS,
        forms=REPORT_FORMS,
    ),
    Exposed("GET", REQUESTS_LIST, _READERS, "requests", "listRequests", path="/v1/requests", without=_KEYS),
    Exposed(
        "POST",
        REQUESTS_LIST,
        _ANALYST,
        "requests",
        "requestsOfPerson",
        path="/v1/requests/of-person",
        person=BY_KEYS,
        is_found=_has_requests,
    ),
    Exposed("GET", REQUESTS_SHOW, _READERS, "requests", "showRequest", path=_REQUEST, about=_of_request),
    Exposed(
        "POST",
        REQUESTS_ADD,
        _ANALYST,
        "requests",
        "addRequest",
        path="/v1/requests",
        person=BY_ONE,
        status=201,
    ),
    Exposed("POST", REQUESTS_CHANGE, _ANALYST, "requests", "changeRequest", path=f"{_REQUEST}/changes"),
    Exposed("GET", REQUESTS_METRICS, _READERS, "requests", "requestMetrics", forms=METRICS_FORMS),
    Exposed("GET", WORKLIST_LIST, _READERS, "worklist", "listWorklist", path="/v1/worklist", without=_KEYS),
    Exposed(
        "POST",
        WORKLIST_LIST,
        _ANALYST,
        "worklist",
        "worklistOfPerson",
        path="/v1/worklist/of-person",
        person=BY_KEYS,
        is_found=_has_items,
    ),
    Exposed("GET", WORKLIST_COUNTS, _READERS, "worklist", "countWorklist"),
    Exposed("GET", WORKLIST_SHOW, _READERS, "worklist", "showWorklistItem", path=_ITEM, about=_of_item),
    Exposed("POST", WORKLIST_CHANGE, _ANALYST, "worklist", "changeWorklistItem", path=f"{_ITEM}/changes"),
    Exposed("GET", MATRIX, _READERS, "notice", "matrix", forms=MATRIX_FORMS),
    Exposed("GET", POLICY_TABLES, _READERS, "notice", "policyTables", forms=POLICY_FORMS),
)
"""The table."""
