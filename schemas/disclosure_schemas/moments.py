"""Moments as whole microseconds since 1970 UTC, exact both ways."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of a moment with a time zone."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(at_us: int) -> datetime:
    """Moment in UTC of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at_us)
