"""What `disclosures replay` and `disclosures what-if` share: registry, window, and the log of the broker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure_ledger.cli.moment import moment
from disclosure_ledger.cli.output import progress_bar
from disclosure_schemas.moments import microseconds

if TYPE_CHECKING:
    from disclosure_consumers.core.registry import Registry
    from disclosure_consumers.replay.reading import OpenLog
    from disclosure_consumers.replay.session import Session, Window


def gate_registry(folder: Path | None, notices: Sequence[str] = ()) -> "Registry":
    """The registry of a folder, else the one the gate of this environment uses; raises RegistryError."""
    from disclosure_consumers.registry_files import example_registry, load_registry  # noqa: PLC0415 - loads YAML
    from disclosure_consumers.settings import GateSettings  # noqa: PLC0415

    chosen = folder or GateSettings().registry or example_registry()
    return load_registry(chosen, notices or None)


def window_of(since: str | None, until: str | None, limit: int | None) -> "Window":
    """Decisions made from one moment on, before another; raises UsageError for text that is no moment."""
    from disclosure_consumers.replay.session import Window  # noqa: PLC0415

    window = Window(limit=limit)
    if since is not None:
        window = window._replace(since_us=microseconds(moment(since, "--since")))
    if until is not None:
        window = window._replace(until_us=microseconds(moment(until, "--until")))
    return window


@contextmanager
def broker_log(registry: "Registry") -> Iterator[tuple["Session", "OpenLog"]]:
    """Read the control topics of the broker and stay open for the decisions; a bar shows how far it is."""
    from disclosure_consumers.kafka.replay_session import kafka_session  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.cli.connection import kafka_settings  # noqa: PLC0415
    from disclosure_producers.settings import RegistrySettings  # noqa: PLC0415

    with (
        progress_bar("reading the log") as bar,
        kafka_session(kafka_settings(), RegistrySettings(), progress=bar.advance) as session,
    ):
        yield session, session.open(registry.policy)


def first_kept(opened: "OpenLog") -> list[str]:
    """What to say of decisions that the log has no more: their number is not known."""
    return [
        f"partition {partition} of the decisions begins at offset {offset:,}; older ones are no longer kept"
        for partition, offset in sorted(opened.first_offsets.items())
    ]
