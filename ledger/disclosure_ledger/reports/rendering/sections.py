"""The sections of each law's report in plain language."""

from disclosure_ledger.answers.periods import day_of
from disclosure_ledger.reports.categories import CategoryList
from disclosure_ledger.reports.registry_words import day_text, in_words
from disclosure_ledger.reports.rendering.document import (
    NOT_RECORDED,
    Document,
    Entry,
    Section,
    Sheet,
    category_sheets,
    choice_text,
    days_text,
    exemptions_section,
    items_text,
    left_out_section,
    listed,
    name_text,
    not_allowed_said,
    recipients_sheet,
)
from disclosure_ledger.reports.report import (
    AccountedDisclosure,
    AccountingContent,
    CaliforniaContent,
    CategoriesContent,
    Content,
    EuropeContent,
    NamedContent,
    Report,
    Said,
    ShineTheLight,
)


def document_of(report: Report) -> Document:
    """The document of a report; what is internal never gets into it."""
    business = report.business.name or "the business"
    return Document(
        title=report.title,
        law=report.law,
        business=business,
        statement=report.statement,
        facts=_facts(report),
        sections=_sections(report.content),
        notes=(*report.notes, "Days are counted in California."),
    )


def _facts(report: Report) -> tuple[Entry, ...]:
    business, deadlines = report.business, report.deadlines
    facts = [
        Entry("From", business.name or NOT_RECORDED),
        Entry("Address", business.address or NOT_RECORDED),
        Entry("Contact", business.contact or NOT_RECORDED),
        Entry("Law", report.law),
        Entry("Request received", day_text(deadlines.received_on)),
        Entry(
            "Answer due",
            f"{day_text(deadlines.respond_by)}; extended at most to {day_text(deadlines.extended_to)}",
        ),
        Entry("Period covered", f"{day_text(report.period.first_day)} to {day_text(report.period.last_day)}"),
        Entry("Made on", day_text(day_of(report.made_at))),
    ]
    if report.request_id is not None:
        facts.insert(0, Entry("Request", report.request_id))
    if report.known_at is not None:
        facts.append(Entry("As known on", day_text(day_of(report.known_at))))
    if report.verification is not None:
        facts.append(Entry("Verified", f"to a {in_words(report.verification.level)} degree"))
    if isinstance(report.content, EuropeContent):
        facts.append(Entry("Data protection officer", business.data_protection_officer or NOT_RECORDED))
        facts.append(Entry("Supervisory authority", business.supervisory_authority or NOT_RECORDED))
    return tuple(facts)


def _sections(content: Content) -> tuple[Section, ...]:
    match content:
        case CaliforniaContent():
            return _california(content)
        case CategoriesContent():
            third = content.third_parties
            return (
                _list_section("Categories of third parties", third, "third_parties"),
                *left_out_section(content.left_out),
                *exemptions_section(content.exemptions),
                _appeals(content.appeals),
            )
        case NamedContent():
            sheets = recipients_sheet(content.third_parties, "third_parties", "Third parties by name")
            wrong = not_allowed_said(sum(line.not_allowed for line in content.third_parties))
            return (
                Section("Third parties", (content.statement, *wrong), sheets),
                *left_out_section(content.left_out),
                *exemptions_section(content.exemptions),
                _appeals(content.appeals),
            )
        case EuropeContent():
            return _europe(content)
        case AccountingContent():
            return _accounting(content)


def _california(content: CaliforniaContent) -> tuple[Section, ...]:
    status = content.opt_out_status
    gpc = (
        "not seen" if status.gpc_last_at is None else f"seen, last on {day_text(day_of(status.gpc_last_at))}"
    )
    choices = (
        ("You opted out of the sale of your information", choice_text(status.sale)),
        ("You opted out of the sharing of your information for advertising", choice_text(status.share)),
        ("You limited the use of your sensitive information", choice_text(status.limit_sensitive)),
        ("Global Privacy Control signal", gpc),
    )
    sections = [
        _list_section("List 1: what we sold or shared", content.sold_or_shared, "sold_or_shared"),
        _list_section(
            "List 2: what we disclosed for a business purpose", content.business_purpose, "business_purpose"
        ),
        _list_section("Other disclosures", content.other, "other"),
        _collected(content),
        Section(
            "Your choices",
            (Said(sentence="These are the choices of yours that we have on record."),),
            (Sheet("choices", "Your choices", ("Choice", "Where it stands"), choices),),
        ),
        Section("People under 16", (content.under_16,)),
        *exemptions_section(content.exemptions),
    ]
    if content.names is not None:
        said = Said(sentence="The law asks for categories alone; these are the names.")
        sheets = recipients_sheet(content.names, "names", "Recipients by name, of all lists")
        sections.append(Section("Annex: recipients by name", (said,), sheets))
    if content.shine_the_light is not None:
        sections.append(_shine(content.shine_the_light))
    return tuple(sections)


def _list_section(heading: str, found: CategoryList, name: str) -> Section:
    said = Said(sentence=found.statement, citation=found.citation)
    return Section(heading, (said, *not_allowed_said(found.not_allowed)), category_sheets(found, name))


def _collected(content: CaliforniaContent) -> Section:
    rows = tuple(
        (
            row.title,
            row.statute or NOT_RECORDED,
            "in disclosures alone, not in our notice" if row.disclosed_only else "in our notice",
        )
        for row in content.collected
    )
    sheet = Sheet("collected", "Categories of information", ("Category", "Legal reference", "Named"), rows)
    sources, purposes = listed(content.sources), listed(content.collection_purposes)
    said = (
        Said(
            sentence="These are the categories of personal information we collect.",
            citation="Civ. Code 1798.110(a)(1)",
        ),
        Said(sentence=f"It comes from: {sources or NOT_RECORDED}.", citation="Civ. Code 1798.110(a)(2)"),
        Said(
            sentence=f"We collect, sell or share it for: {purposes or NOT_RECORDED}.",
            citation="Civ. Code 1798.110(a)(3)",
        ),
    )
    return Section("What we collect", said, (sheet,) if rows else ())


def _shine(light: ShineTheLight) -> Section:
    caption = (
        f"Third parties that used your information for their own direct marketing, {light.calendar_year}"
    )
    gap = light.not_covered
    missing = (
        ()
        if gap is None
        else (Said(sentence=f"Records from {gap.first_day} to {gap.last_day} are no longer kept in full."),)
    )
    due = Said(
        sentence=f"This part is due on {day_text(light.respond_by)}.", citation="Civ. Code 1798.83(b)(1)"
    )
    sheets = recipients_sheet(light.third_parties, "shine_the_light", caption)
    return Section("Direct marketing by others", (light.statement, *missing, due), sheets)


def _appeals(appeals: str | None) -> Section:
    text = appeals or f"How to appeal: {NOT_RECORDED}; ask us and we will tell you."
    return Section("If you disagree", (Said(sentence=text),))


def _europe(content: EuropeContent) -> tuple[Section, ...]:
    rows = tuple(
        (
            name_text(line),
            in_words(line.role),
            _transfer(line.country, third=line.third_country, safeguard=line.safeguard),
            items_text(line.items),
            listed(line.purposes),
            days_text(line.first_at, line.last_at),
            f"{line.disclosures:,}",
            f"Address: {line.address or NOT_RECORDED}. Contact: {line.contact or NOT_RECORDED}",
        )
        for line in content.recipients
    )
    columns = (
        "Recipient",
        "Role",
        "Country and safeguard",
        "Data",
        "Why",
        "When",
        "Times",
        "Address and contact",
    )
    future = tuple(
        (in_words(line.recipient_category).capitalize(), line.description, line.reason)
        for line in content.future_recipients
    )
    sheets = (Sheet("recipients", "Recipients by name", columns, rows),) if rows else ()
    later = (
        Sheet(
            "future_recipients",
            "Recipients still possible",
            ("Category", "What that means", "Why no name"),
            future,
        ),
    )
    said = Said(
        sentence="Your data may still be disclosed to companies of these kinds.",
        citation="GDPR Art. 15(1)(c)",
    )
    wrong = not_allowed_said(sum(line.not_allowed for line in content.recipients))
    sources = f"Data comes from: {listed(content.sources) or NOT_RECORDED}."
    return (
        Section("Recipients", (content.statement, *wrong), sheets),
        *((Section("Recipients to come", (said,), later),) if future else ()),
        Section("Where data comes from", (Said(sentence=sources, citation="GDPR Art. 15(1)(g)"),)),
        Section("Your rights", content.rights),
        *exemptions_section(content.exemptions),
    )


def _transfer(country: str | None, *, third: bool | None, safeguard: str | None) -> str:
    if country is None:
        return f"country {NOT_RECORDED}"
    if not third:
        return f"{country}, within the European Economic Area"
    return f"{country}, a third country; safeguard: {in_words(safeguard) if safeguard else NOT_RECORDED}"


def _accounting(content: AccountingContent) -> tuple[Section, ...]:
    rows = tuple(
        (
            _when(entry),
            entry.recipient_name or f"{entry.recipient_id} (name not recorded)",
            entry.recipient_address or NOT_RECORDED,
            items_text(entry.information),
            entry.purpose_statement,
            "a business associate of ours" if entry.made_by == "business_associate" else "us",
        )
        for entry in content.entries
    )
    columns = ("Date", "Recipient", "Address", "Health information", "Purpose", "Made by")
    sheets = (Sheet("disclosures", "Disclosures", columns, rows),) if rows else ()
    return (Section("Disclosures", (content.statement,), sheets), Section("Cost", (content.fee,)))


def _when(entry: AccountedDisclosure) -> str:
    if entry.count == 1:
        return day_text(entry.first_on)
    return (
        f"{day_text(entry.first_on)}, and {entry.count - 1:,} more, about every {entry.every_days:g} days, "
        f"the last on {day_text(entry.last_on)}"
    )
