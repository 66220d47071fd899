"""A report in plain language, as a document: what HTML, PDF, CSV and text are made of."""

from dataclasses import dataclass
from typing import NamedTuple

from disclosure_ledger.answers.answer import ExemptLine
from disclosure_ledger.answers.periods import day_of
from disclosure_ledger.reports.categories import CategoryList
from disclosure_ledger.reports.preferences import Choice
from disclosure_ledger.reports.recipients import NamedRecipient
from disclosure_ledger.reports.registry_words import day_text, in_words
from disclosure_ledger.reports.report import LeftOut, Said
from disclosure_schemas.events.base import Moment

NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name in files, a caption, columns and rows of text."""

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences with their citations, tables."""

    heading: str
    said: tuple[Said, ...] = ()
    sheets: tuple[Sheet, ...] = ()


class Entry(NamedTuple):
    """A name and what it is."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A title, what it comes to, facts of the request, sections, notes."""

    title: str
    law: str
    business: str
    statement: str
    facts: tuple[Entry, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]


def days_text(first: Moment, last: Moment) -> str:
    """One day, or the first and the last; days in California."""
    one, other = day_of(first), day_of(last)
    return day_text(one) if one == other else f"{day_text(one)} to {day_text(other)}"


def listed(codes: tuple[str, ...]) -> str:
    """Codes in words, one after the other."""
    return ", ".join(in_words(code) for code in codes)


def items_text(items: tuple[str, ...]) -> str:
    """Items of information in words, each once: the element where it is known, else the category."""
    words = (in_words(item.partition(".")[2] or item) for item in items)
    return ", ".join(dict.fromkeys(words))


def category_sheets(found: CategoryList, name: str) -> tuple[Sheet, ...]:
    """Both pivots of a list; none where it has nothing."""
    if not found.disclosures:
        return ()
    titles = {row.pi_category: row.title for row in found.by_pi_category}
    return (
        Sheet(
            f"{name}_by_information",
            "By category of information: who received it",
            ("Category of information", "Legal reference", "Who received it", "How", "Why", "When", "Times"),
            tuple(
                (
                    f"{row.title} ({items_text(row.items)})",
                    row.statute or NOT_RECORDED,
                    listed(row.recipient_categories),
                    listed(row.kinds),
                    listed(row.purposes),
                    days_text(row.first_at, row.last_at),
                    f"{row.disclosures:,}",
                )
                for row in found.by_pi_category
            ),
        ),
        Sheet(
            f"{name}_by_recipient",
            "By category of recipient: what it received",
            ("Category of recipient", "What that means", "Information received", "Why", "Times"),
            tuple(
                (
                    in_words(row.recipient_category).capitalize(),
                    row.description,
                    "; ".join(titles.get(category, in_words(category)) for category in row.pi_categories),
                    listed(row.purposes),
                    f"{row.disclosures:,}",
                )
                for row in found.by_recipient_category
            ),
        ),
    )


def recipients_sheet(recipients: tuple[NamedRecipient, ...], name: str, caption: str) -> tuple[Sheet, ...]:
    """Recipients by name, with how to reach them."""
    if not recipients:
        return ()
    rows = tuple(
        (
            name_text(line),
            line.category_description,
            items_text(line.items),
            listed(line.purposes),
            days_text(line.first_at, line.last_at),
            "yes" if line.sold else "no",
            f"{line.disclosures:,}",
            f"Address: {line.address or NOT_RECORDED}. Contact: {line.contact or NOT_RECORDED}",
        )
        for line in recipients
    )
    columns = (
        "Recipient",
        "What it is",
        "Information",
        "Why",
        "When",
        "Sold",
        "Times",
        "Address and contact",
    )
    return (Sheet(name, caption, columns, rows),)


def name_text(line: NamedRecipient) -> str:
    """The latest name, with others it has or had."""
    text = line.name or f"{line.recipient_id} (name not recorded)"
    if line.trade_name:
        text += f", trading as {line.trade_name}"
    if line.earlier_names:
        text += f" (recorded as {', '.join(line.earlier_names)})"
    return text


def not_allowed_said(count: int) -> tuple[Said, ...]:
    """Owning up to disclosures that should not have been made (legal 7.3.7)."""
    if not count:
        return ()
    times = "One of these disclosures" if count == 1 else f"{count:,} of these disclosures"
    return (Said(sentence=f"{times} should not have been made."),)


def exemptions_section(lines: tuple[ExemptLine, ...]) -> tuple[Section, ...]:
    """What other laws govern; nothing where there is none."""
    if not lines:
        return ()
    rows = tuple(
        (
            line.reason.sentence,
            line.reason.citation or "",
            listed(line.pi_categories),
            days_text(line.first_at, line.last_at),
            f"{line.count:,}",
        )
        for line in lines
    )
    columns = ("Why it is not listed", "Legal reference", "Information", "When", "Times")
    said = Said(sentence="Some disclosures are not listed because this law does not cover them.")
    return (
        Section(
            "What this law does not cover",
            (said,),
            (Sheet("exempt", "Disclosures not covered", columns, rows),),
        ),
    )


def left_out_section(groups: tuple[LeftOut, ...]) -> tuple[Section, ...]:
    """Recipients that the law does not want listed; nothing where there is none."""
    if not groups:
        return ()
    said = tuple(
        group.reason.model_copy(
            update={"sentence": f"{group.reason.sentence} Not listed for this: {group.recipients:,}."}
        )
        for group in groups
    )
    return (Section("Who is not on the list", said),)


def choice_text(choice: Choice) -> str:
    """Where a choice stands."""
    if choice.state == "not_stopped":
        return "no"
    text = "yes" if choice.state == "stopped" else "yes, and you later agreed again"
    if choice.since is not None:
        text += f", since {day_text(day_of(choice.since))}"
    processed = NOT_RECORDED if choice.processed_at is None else day_text(day_of(choice.processed_at))
    return f"{text}; processed: {processed}"
