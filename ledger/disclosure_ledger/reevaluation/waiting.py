"""Reports that were recorded before the request they follow: whether its answer was ignored shows later."""

import uuid

import pyarrow.compute as pc  # type: ignore[import-untyped]

from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.columns import uuids
from disclosure_ledger.store.reading import Snapshot, Transaction


class Waiting:
    """The requests that are waited for, as the ledger has them, and the reports that follow them."""

    def __init__(self) -> None:
        self._reports: dict[uuid.UUID, set[uuid.UUID]] = {}

    def read(self, snapshot: Snapshot) -> None:
        """Take over what the ledger has."""
        self._reports.clear()
        for row in snapshot.fetch("awaited_requests"):
            self._reports.setdefault(row["event_id"], set()).add(row["report_event_id"])

    def ended_by(self, batch: Batch) -> bool:
        """Whether a batch brings a request that is waited for."""
        if not self._reports or batch.decisions is None or not batch.decisions.num_rows:
            return False
        ids = batch.decisions["event_id"].combine_chunks().storage
        wanted = uuids([each.bytes for each in self._reports]).storage
        return bool(pc.any(pc.is_in(ids, value_set=wanted)).as_py())

    def reports(self) -> dict[uuid.UUID, set[uuid.UUID]]:
        """The reports that wait, by the request they wait for."""
        return {request: set(reports) for request, reports in self._reports.items()}

    def add(self, transaction: Transaction, report: uuid.UUID, request: uuid.UUID) -> None:
        """Let a report wait."""
        if report not in self._reports.setdefault(request, set()):
            self._reports[request].add(report)
            params = {"event_id": str(request), "report_event_id": str(report)}
            transaction.execute("insert_awaited_request", params)

    def remove(self, transaction: Transaction, request: uuid.UUID) -> None:
        """Wait no longer for a request."""
        self._reports.pop(request, None)
        transaction.execute("delete_awaited_request", {"event_id": str(request)})
