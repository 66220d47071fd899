"""Codes and moments as pages say them. No I/O, no clock."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
"""The law counts days in California, so pages show its time."""

_SPECIAL = {
    "business_purpose": "business purpose",
    "ccpa": "California",
    "gdpr": "Europe",
    "glba": "GLBA financial sharing",
    "gpc": "Global Privacy Control",
    "gpc_device": "Global Privacy Control",
    "hipaa": "HIPAA",
    "not_found": "nothing found",
    "opt_out": "opt-out",
    "opt_in_confirmed": "opt-in, confirmed",
    "opt_in_declined": "opt-in, declined",
    "opt_in_requested": "opt-in, first step",
    "opt_out_denied": "opt-out, found fraudulent",
    "limit": "limit sensitive data",
    "limit_sensitive": "limit sensitive data",
    "know": "know",
    "share": "sharing",
    "us-or": "Oregon",
    "provide_services": "providing services",
    "internal_business": "its own business",
    "legal_and_security": "legal and security reasons",
    "recipient_direct_marketing": "the recipient’s own marketing",
    "opt_out_notice": "telling of an opt-out",
    "train_models": "training models",
    "cookie_reject": "cookie banner: reject",
    "drop_match": "match of the deletion platform",
}
_INITIALS = {"ssn": "SSN", "ip": "IP", "id": "ID", "email": "e-mail", "pi": "PI", "usp": "USP", "gpp": "GPP"}


def words(code: object) -> str:
    """A code as a person reads it."""
    text = str(code.value if isinstance(code, StrEnum) else code)
    if text in _SPECIAL:
        return _SPECIAL[text]
    return " ".join(_INITIALS.get(part, part) for part in text.replace("_", " ").split(" "))


def sentence(code: object) -> str:
    """The same with a capital."""
    text = words(code)
    return text[:1].upper() + text[1:]


def listed(codes: Iterable[object]) -> str:
    """Codes in a row: `a, b and c`."""
    texts = [words(code) for code in codes]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def item_words(item: str) -> str:
    """An item such as `identifiers.email` as a person reads it."""
    category, _, element = item.partition(".")
    return words(element) if element else f"any {words(category)}"


def items_listed(items: Iterable[str]) -> str:
    """Items in a row."""
    return listed(item_words(item) for item in items)


def pacific(moment: datetime) -> datetime:
    """A moment in California's time."""
    return moment.astimezone(PACIFIC)


def day_text(day: date) -> str:
    """`22 Nov 2026`; of a moment its day in California."""
    at = pacific(day) if isinstance(day, datetime) else day
    return f"{at.day} {at:%b %Y}"


def last_day_text(end: datetime) -> str:
    """The last day before a half-open end."""
    return day_text(end - timedelta(microseconds=1))


def time_text(moment: datetime) -> str:
    """`22 Nov 2026, 12:00` in California."""
    at = pacific(moment)
    return f"{at.day} {at:%b %Y, %H:%M}"


def clock_text(moment: datetime) -> str:
    """`12:00:05` in California."""
    return f"{pacific(moment):%H:%M:%S}"


def machine_text(moment: datetime) -> str:
    """A moment for the attribute `datetime`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def number(count: float) -> str:
    """`12,345`."""
    return f"{count:,.0f}"


def seconds_text(seconds: float | None) -> str:
    """A duration: `40 ms`, `1.2 s`, `3 min`."""
    if seconds is None:
        return "not known yet"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min"


def days_left(last_day: date, today: date) -> str:
    """`3 days left`, `today`, `2 days late`."""
    left = (last_day - today).days
    if left == 0:
        return "today"
    days = "1 day" if abs(left) == 1 else f"{abs(left)} days"
    return f"{days} left" if left > 0 else f"{days} late"


def short(identifier: object) -> str:
    """The first and last of a long id; the whole of it stands in a title beside it."""
    text = str(identifier)
    return text if len(text) <= 14 else f"{text[:8]}…{text[-4:]}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 recipient`, `12 recipients`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
