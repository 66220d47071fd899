"""The yearly figures of requests (11 CCR 7102; legal 2.9.2, 9.14).

A business of 10,000,000 consumers publishes them by July 1 for the calendar year before. They count requests
received in the year, however late they were answered. Days to respond are calendar days from receipt to the
substantive response; a signal is processed by machine, 0 days. Of the signals of one device the first counts.
"""

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable
from datetime import date

from disclosure_consumers.core.days.deadlines import days_to_respond
from disclosure_ledger.requests.request import Request
from disclosure_ledger.requests.vocabulary import GROUP_OF_BASIS, DenialGroup, Manner, Nature, Response
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.moments import microseconds

METRICS_SCHEMA = "disclosure-ledger/request-metrics/1"
"""Version of the JSON form."""

NATURE_TITLES = {
    Nature.DELETE: "Requests to delete",
    Nature.CORRECT: "Requests to correct",
    Nature.KNOW: "Requests to know",
    Nature.OPT_OUT: "Requests to opt out of sale or sharing",
    Nature.LIMIT: "Requests to limit sensitive personal information",
}
"""The rows of the table, in the order of the regulation."""


class NatureMetrics(Value):
    """Figures of one nature of requests. `by_signal`: those of `received` that came as opt-out signals.

    `median_days`, `mean_days`: from receipt to response; None where nothing was answered.
    """

    nature: Nature
    received: int
    by_signal: int
    complied: int
    complied_in_part: int
    denied: int
    denied_for: dict[DenialGroup, int]
    withdrawn: int
    open: int
    median_days: float | None
    mean_days: float | None

    @property
    def complied_in_whole_or_part(self) -> int:
        """What the regulation asks for."""
        return self.complied + self.complied_in_part


class YearMetrics(Value):
    """Figures of one calendar year, ready to publish. `is_complete`: whether the year was over."""

    schema_id: str = METRICS_SCHEMA
    year: int
    as_of: Moment
    publish_by: date
    is_complete: bool
    natures: tuple[NatureMetrics, ...]


def year_metrics(requests: Iterable[Request], year: int, now: Moment, today: date) -> YearMetrics:
    """Figures of these requests, all received in the year under the law of California."""
    of_nature: dict[Nature, list[Request]] = {nature: [] for nature in NATURE_TITLES}
    for request in requests:
        of_nature[request.nature].append(request)
    return YearMetrics(
        year=year,
        as_of=now,
        publish_by=date(year + 1, 7, 1),
        is_complete=today.year > year,
        natures=tuple(_metrics(nature, found) for nature, found in of_nature.items()),
    )


def metrics_csv(metrics: YearMetrics) -> str:
    """The figures as CSV with one line a nature."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["year", "nature", "received", "received_by_signal", "complied_in_whole_or_part",
         "complied_in_part", "denied", *(f"denied_{group}" for group in DenialGroup), "withdrawn", "open",
         "median_days", "mean_days"]
    )  # fmt: skip
    for row in metrics.natures:
        writer.writerow(
            [metrics.year, row.nature.value, row.received, row.by_signal, row.complied_in_whole_or_part,
             row.complied_in_part, row.denied, *(row.denied_for[group] for group in DenialGroup),
             row.withdrawn, row.open, _figure(row.median_days), _figure(row.mean_days)]
        )  # fmt: skip
    return text.getvalue()


def _metrics(nature: Nature, requests: list[Request]) -> NatureMetrics:
    ended = Counter(request.response for request in requests)
    denied_for = Counter(
        GROUP_OF_BASIS[request.basis]
        for request in requests
        if request.response is Response.DENIED and request.basis is not None
    )
    days = [
        days_to_respond(microseconds(request.received_at), microseconds(request.responded_at))
        for request in requests
        if request.responded_at is not None and request.response is not Response.WITHDRAWN
    ]
    return NatureMetrics(
        nature=nature,
        received=len(requests),
        by_signal=sum(request.manner is Manner.SIGNAL for request in requests),
        complied=ended[Response.COMPLIED],
        complied_in_part=ended[Response.COMPLIED_IN_PART],
        denied=ended[Response.DENIED],
        denied_for={group: denied_for[group] for group in DenialGroup},
        withdrawn=ended[Response.WITHDRAWN],
        open=ended[None],
        median_days=float(statistics.median(days)) if days else None,
        mean_days=round(statistics.fmean(days), 2) if days else None,
    )


def _figure(days: float | None) -> str:
    return "" if days is None else f"{days:g}"
