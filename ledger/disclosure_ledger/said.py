"""Preferences and identity links as the events they were recorded from."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded


def preference_of(row: Mapping[str, Any]) -> PreferenceRecorded:
    """Make the event of a row of the table `preference`."""
    values = _values(row, PreferenceRecorded)
    signals = values["signals"]
    values["signals"] = Signals(**{**signals, "gpc": tuple(signals["gpc"] or ())})
    return PreferenceRecorded(**values)


def link_of(row: Mapping[str, Any]) -> IdentityLinked:
    """Make the event of a row of the table `identity_link`."""
    return IdentityLinked(**_values(row, IdentityLinked))


def _values(row: Mapping[str, Any], event: type[PreferenceRecorded | IdentityLinked]) -> dict[str, Any]:
    return {name: _plain(row[name]) for name in event.model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    return tuple(value) if isinstance(value, list) else value
