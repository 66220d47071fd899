"""The registry as the reference engine reads it: YAML as written, and what steps 3, 6 and 12 ask of it.

Nothing here is taken from the product. Moments are microseconds since 1970 UTC; a date is a day in
California, the first and the last of a period included.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

CALIFORNIA = ZoneInfo("America/Los_Angeles")
Said = dict[str, Any]
"""Keys as a scenario or the registry writes them."""


class _CoreSchema(yaml.SafeLoader):
    """YAML 1.2: a timestamp is text, and so is the NO of Norway."""


_CoreSchema.yaml_implicit_resolvers = {
    first: [(tag, what) for tag, what in known if not tag.endswith((":timestamp", ":bool"))]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_CoreSchema.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def named(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


def start_of(day: date) -> int:
    """First moment of a day in California."""
    moment = datetime.combine(day, time(), CALIFORNIA)
    return round(moment.timestamp()) * 1_000_000


def end_of(day: date) -> int:
    """First moment after a day in California."""
    return start_of(day + timedelta(days=1))


def day_of(moment: int) -> date:
    """Day in California of a moment."""
    return datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(CALIFORNIA).date()


def category_of(item: str) -> str:
    """Category of an item that may name an element of it."""
    return item.partition(".")[0]


def read_yaml(path: Path) -> Any:
    """One file of the registry."""
    return yaml.load(path.read_text(encoding="utf-8"), _CoreSchema)


class Book:
    """Words, recipients with their contracts, published notices and settings."""

    def __init__(self, words: Said, recipients: Said, notices: list[Said], toggles: Said) -> None:
        self.words = words
        self.recipients = recipients
        self.notices = notices
        self.toggles = toggles

    def contracts(self, recipient: str, history: list[Said]) -> list[Said]:
        """Contracts with a recipient, each with its period, as they were signed and ended since."""
        known = []
        for written in self.recipients[recipient].get("contracts") or []:
            last = written.get("effective_to")
            known.append(
                {
                    **written,
                    "from": start_of(date.fromisoformat(written["effective_from"])),
                    "until": None if last is None else end_of(date.fromisoformat(last)),
                }
            )
        known += [
            {**event, "from": event["at"], "until": None}
            for event in history
            if event["verb"] == "contract_signed" and event["recipient"] == recipient
        ]
        for contract in known:
            for event in history:
                if event["verb"] != "contract_ended" or event["recipient"] != recipient:
                    continue
                if event.get("type", contract["type"]) != contract["type"]:
                    continue
                if _lies_in(event["at"], contract["from"], contract["until"]):
                    until = contract["until"]
                    contract["until"] = event["at"] if until is None else min(until, event["at"])
        return known

    def in_force(
        self, recipient: str, t: int, history: list[Said], above: tuple[str, ...] = ()
    ) -> list[Said]:
        """Contracts that count at a moment: with all terms, and those they hang on in force too."""
        found = []
        for contract in self.contracts(recipient, history):
            if not (
                contract.get("required_terms", True) and _lies_in(t, contract["from"], contract["until"])
            ):
                continue
            upper = contract.get("through")
            if upper is not None:
                if not contract.get("flow_down", False) or upper in (*above, recipient):
                    continue
                uppers = self.in_force(upper, t, history, (*above, recipient))
                if not any(_makes_provider(one) for one in uppers):
                    continue
            found.append(contract)
        return found

    def role(self, recipient: str, t: int, history: list[Said]) -> tuple[str, str]:
        """Role at a moment, and the flag that says why it is not a better one."""
        affiliate = self.recipients[recipient].get("affiliate")
        if affiliate == "common_branding":
            return "same_business", ""
        counting = self.in_force(recipient, t, history)
        if any(one["type"] == "service_provider" for one in counting):
            return "service_provider", ""
        if any(_makes_provider(one) for one in counting):
            return "contractor", ""
        if any(one["type"] == "contractor" for one in counting):
            return "third_party", "reclassified_not_certified"
        if affiliate == "separate_branding":
            return "third_party", "reclassified_affiliate"
        return "third_party", "reclassified_no_contract"

    def notice_at(self, t: int) -> Said | None:
        """Notice in force at a moment: the latest to have taken effect."""
        found: Said | None = None
        for notice in self.notices:
            first, last = _first_day(notice), notice.get("effective_to")
            until = None if last is None else end_of(date.fromisoformat(last))
            if not _lies_in(t, start_of(first), until):
                continue
            if found is None or first > _first_day(found):
                found = notice
        return found

    def is_sensitive(self, item: str) -> bool:
        """A sensitive category or element."""
        return category_of(item) == "sensitive" or self.names_sensitive_element(item)

    def names_sensitive_element(self, item: str) -> bool:
        """Whether an item names an element, and that one is sensitive wherever it appears."""
        return "." in item and item.split(".")[1] in self.words["sensitive_elements"]

    def exists(self, item: str) -> bool:
        """Whether category and element of an item are words of the registry."""
        category, _, element = item.partition(".")
        known = self.words["pi_categories"].get(category)
        return known is not None and (not element or element in known["elements"])


def column(notice: Said, row: str, name: str) -> set[str] | None:
    """Recipient categories of one column of one row; None for all of them."""
    written = notice["matrix"][row][name]
    if written == "all":
        return None
    if written == "none":
        return set()
    return set(written if isinstance(written, list) else notice["groups"][written])


def _first_day(notice: Said) -> date:
    return date.fromisoformat(notice.get("effective_from") or notice["observed_at"])


def _makes_provider(contract: Said) -> bool:
    certified = contract["type"] == "contractor" and contract.get("certified", False)
    return bool(certified or contract["type"] == "service_provider")


def _lies_in(moment: int, first: int, until: int | None) -> bool:
    return first <= moment and (until is None or moment < until)
