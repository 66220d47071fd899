"""An answer for the terminal; days are days in California."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from disclosure_ledger.answers.answer import Answer, BlockedLine, DisclosureList, ExemptLine, RecipientLine
from disclosure_ledger.answers.parts import ListName
from disclosure_ledger.answers.periods import day_of
from disclosure_ledger.answers.wording import Reason
from disclosure_schemas.events.base import Moment
from disclosure_schemas.events.vocabulary import Outcome

_TITLES = {
    ListName.SOLD_OR_SHARED: "Sold or shared",
    ListName.BUSINESS_PURPOSE: "Disclosed for a business purpose",
    ListName.OTHER: "Other disclosures (directed by the person, legal process, transfers, other)",
}
_JUDGEMENTS = {
    Outcome.PERMIT: ("allowed", "green"),
    Outcome.NOTIFY: ("made while an opt-out was being processed", "yellow"),
    Outcome.VIOLATION: ("not allowed", "bold red"),
}


def answer_view(answer: Answer) -> RenderableType:
    """Return what rich prints for an answer. Names come from a registry and are never read as markup."""
    parts: list[RenderableType] = [Text(answer.statement, style="bold"), Text()]
    for entry in answer.lists:
        parts += _list_view(entry)
    if answer.exempt:
        parts += [Text("Exempt, and on no list", style="bold"), _exempt_table(answer.exempt), Text()]
    if answer.blocked is not None:
        parts += _blocked_view(answer.blocked)
    parts += [Text(f"Note: {note}", style="yellow") for note in answer.notes]
    return Group(*parts)


def _list_view(entry: DisclosureList) -> list[RenderableType]:
    title = Text(_TITLES[entry.name], style="bold")
    if not entry.recipients:
        return [title, Text(f"  {entry.statement}"), Text()]
    table = _table("Recipient", "Category", "What", "Purpose", "When", "Times", "Was it allowed?")
    for line in entry.recipients:
        table.add_row(
            Text(line.name or f"{line.recipient_id} (not in the registry)"),
            Text(_words(line.category)),
            Text(_listed(line.pi_categories)),
            Text(_listed(line.purposes)),
            Text(_days(line.first_at, line.last_at)),
            Text(f"{line.count:,}", justify="right"),
            _judgement(line),
        )
    pairs = _table("Category of information", "Categories of recipients")
    for pair in entry.by_pi_category:
        pairs.add_row(Text(_words(pair.pi_category)), Text(_listed(pair.recipient_categories)))
    return [title, Text(f"  {entry.statement}"), table, pairs, Text()]


def _judgement(line: RecipientLine) -> Text:
    text = Text()
    for ground in line.grounds:
        words, style = _JUDGEMENTS.get(ground.outcome, (_words(ground.outcome), ""))
        if text:
            text.append("\n")
        text.append(f"{words} ({ground.count:,})", style=style)
        text.append(f": {_sentence(ground.reason)}")
    return text


def _blocked_view(lines: tuple[BlockedLine, ...]) -> list[RenderableType]:
    title = Text("Blocked: asked for and not disclosed", style="bold")
    if not lines:
        return [title, Text("  No attempt was blocked in this period."), Text()]
    table = _table("Recipient", "Kind", "What", "When", "Times", "Why")
    for line in lines:
        table.add_row(
            Text(line.name or f"{line.recipient_id} (not in the registry)"),
            Text(_words(line.kind)),
            Text(_listed(line.pi_categories)),
            Text(_days(line.first_at, line.last_at)),
            Text(f"{line.count:,}", justify="right"),
            Text(_sentence(line.reason)),
        )
    return [title, table, Text()]


def _exempt_table(lines: Iterable[ExemptLine]) -> Table:
    table = _table("What", "When", "Times", "Why")
    for line in lines:
        table.add_row(
            Text(_listed(line.pi_categories)),
            Text(_days(line.first_at, line.last_at)),
            Text(f"{line.count:,}", justify="right"),
            Text(_sentence(line.reason)),
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _sentence(reason: Reason) -> str:
    return reason.sentence if reason.citation is None else f"{reason.sentence} [{reason.citation}]"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(_words(code) for code in codes)


def _days(first_at: Moment, last_at: Moment) -> str:
    first, last = day_of(first_at), day_of(last_at)
    return str(first) if first == last else f"{first} to {last}"
