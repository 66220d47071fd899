"""Requests in words: tables and one request's story."""

from datetime import UTC

from disclosure_consumers.core.days.deadlines import CALIFORNIA
from disclosure_ledger.cli.output import print_table, say
from disclosure_ledger.requests.clocks import Clock
from disclosure_ledger.requests.metrics import NATURE_TITLES, NatureMetrics, YearMetrics, metrics_csv
from disclosure_ledger.requests.request import RequestEvent
from disclosure_ledger.requests.views import RequestPage, RequestStory, RequestView
from disclosure_ledger.requests.vocabulary import RULE_OF_BASIS
from disclosure_schemas.events.base import Moment


def print_page(page: RequestPage) -> None:
    """Print a page of requests."""
    print_table(
        ("Id", "Received", "Nature", "Law", "Manner", "Status", "Due", "Response"),
        [
            (
                view.request.id,
                _day(view.request.received_at),
                view.request.nature.value,
                view.request.regime.value,
                view.request.manner.value,
                view.status.value,
                view.due or "",
                _response(view),
            )
            for view in page.requests
        ],
    )
    say(f"{len(page.requests):,} requests")
    if page.next_cursor is not None:
        say(f"more: --cursor {page.next_cursor}")


def print_story(story: RequestStory) -> None:
    """Print one request, its clocks and its history."""
    request = story.view.request
    say(f"request {request.id}: {request.nature.value} ({request.regime.value}), {story.view.status.value}")
    say(f"received {_moment(request.received_at)} by {request.manner.value}, subject {request.subject_key}")
    if request.agent is not None:
        permission = "not shown" if request.agent_permission is None else request.agent_permission.value
        say(f"made by the agent {request.agent}, permission: {permission}")
    if request.response is not None:
        say(_response(story.view))
    if request.basis is not None:
        say(f"basis: {request.basis.value} ({RULE_OF_BASIS[request.basis]})")
    for note in story.view.notes:
        say(f"note: {note}")
    print_table(
        ("Duty", "Last day", "Done", "", "Strict", "Target", "Outer", "Promised", "Extended", "Rule"),
        [_clock_row(clock, story) for clock in story.view.clocks],
    )
    print_table(("When", "What", "By", "Details"), [_event_row(event) for event in story.history])


def print_metrics(metrics: YearMetrics) -> None:
    """Print the figures of a year as they are published."""
    print_table(
        ("", "Received", "Complied in whole or part", "Denied", "Median days", "Mean days"),
        [_metrics_row(row) for row in metrics.natures],
        title=f"Requests received in {metrics.year} (11 CCR 7102)",
    )
    for row in metrics.natures:
        if row.denied:
            parts = ", ".join(f"{group.value} {count}" for group, count in row.denied_for.items() if count)
            say(f"{NATURE_TITLES[row.nature]}, denied: {parts}")
        if row.open or row.withdrawn:
            say(f"{NATURE_TITLES[row.nature]}: {row.open} not answered yet, {row.withdrawn} withdrawn")
        if row.by_signal:
            say(f"{NATURE_TITLES[row.nature]}: {row.by_signal} by signal, one for each device first seen")
    if not metrics.is_complete:
        say(f"The year {metrics.year} is not over: these figures are preliminary.")
    say(f"To be published by {metrics.publish_by}.")


def metrics_text(metrics: YearMetrics, form: str) -> str:
    """The figures as text of a file: `csv`, `json` or `text`."""
    if form == "csv":
        return metrics_csv(metrics)
    if form == "json":
        return metrics.model_dump_json(indent=2) + "\n"
    lines = [f"Requests received in {metrics.year} (11 CCR 7102)", ""]
    for row in metrics.natures:
        title, received, complied, denied, median, mean = _metrics_row(row)
        lines.append(
            f"{title}: received {received}, complied with in whole or in part {complied}, denied {denied}; "
            f"days to respond: median {median}, mean {mean}"
        )
    return "\n".join(lines) + "\n"


def _metrics_row(row: NatureMetrics) -> tuple[str, int, int, int, str, str]:
    return (
        NATURE_TITLES[row.nature],
        row.received,
        row.complied_in_whole_or_part,
        row.denied,
        _figure(row.median_days),
        _figure(row.mean_days),
    )


def _figure(days: float | None) -> str:
    return "none answered" if days is None else f"{days:g}"


def _clock_row(clock: Clock, story: RequestStory) -> tuple[object, ...]:
    late = clock.is_late(story.as_of.astimezone(CALIFORNIA).date())
    days = (clock.strict, clock.target, clock.outer, clock.promised, clock.extended)
    shown = (str(day) if day else "" for day in days)
    return clock.duty.value, clock.last_day, clock.done_on or "", "late" if late else "", *shown, clock.rule


def _event_row(event: RequestEvent) -> tuple[object, ...]:
    details = [
        *([event.verification.value] if event.verification else []),
        *(["in part"] if event.in_part else []),
        *([event.basis.value] if event.basis else []),
        *([event.note] if event.note else []),
    ]
    return _moment(event.at), event.change.value, event.by, "; ".join(details)


def _response(view: RequestView) -> str:
    request = view.request
    if request.response is None or request.responded_at is None:
        return ""
    return f"{request.response.value} {_day(request.responded_at)}{', late' if view.is_late else ''}"


def _day(at: Moment) -> str:
    return str(at.astimezone(CALIFORNIA).date())


def _moment(at: Moment) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
