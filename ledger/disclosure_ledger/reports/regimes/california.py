"""California: categories, in two separate lists (Civ. Code 1798.110, 1798.115, 11 CCR 7024(k); legal 8.1)."""

from collections.abc import Iterable
from datetime import date, timedelta

from disclosure_consumers.core.days.calendars import Regime, lookback_start
from disclosure_ledger.answers.lists import exempt_lines
from disclosure_ledger.answers.parts import ListName
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.reports.categories import CategoryList, category_list
from disclosure_ledger.reports.coverage import covered, events_of
from disclosure_ledger.reports.preferences import age_knowledge, opt_out_status
from disclosure_ledger.reports.recipients import named_recipients
from disclosure_ledger.reports.regimes.rule import Case, Made, RegimeRule
from disclosure_ledger.reports.registry_words import as_list, days_between
from disclosure_ledger.reports.report import CaliforniaContent, CollectedCategory, Said, ShineTheLight

SHINE_THE_LIGHT_DAYS = 30
DIRECT_MARKETING = "recipient_direct_marketing"

_OTHER_WAYS = (
    "We also disclosed personal information about you in ways that are neither a sale or sharing nor a "
    "business purpose: because you told us to, because a law or court required it, within our own business, "
    "or otherwise."
)

_NO_NOTICE = (
    "No published notice was in force in this period, so sources and purposes of collection are not recorded."
)

_TOLD = {
    ListName.SOLD_OR_SHARED: (
        "We did not sell or share any personal information about you in this period.",
        "We sold or shared personal information about you in this period.",
        "Civ. Code 1798.110(a)(4), 1798.115(a)(2)",
    ),
    ListName.BUSINESS_PURPOSE: (
        "We did not disclose any personal information about you for a business purpose in this period.",
        "We disclosed personal information about you for a business purpose in this period.",
        "Civ. Code 1798.115(a)(3)",
    ),
    ListName.OTHER: (
        "We did not disclose any personal information about you in any other way in this period.",
        _OTHER_WAYS,
        "Civ. Code 1798.110(a)(4)",
    ),
}


def make(case: Case) -> Made:
    """The content of a category-level answer."""
    notices = case.words.notices_in(case.period)
    disclosed = case.covered.disclosed
    content = CaliforniaContent(
        notice_ids=tuple(notice.id for notice in notices),
        collected=_collected(case),
        sources=_distinct(source for notice in notices for source in as_list(notice.sources)),
        collection_purposes=_distinct(p for notice in notices for p in _purposes(case, notice.purposes)),
        sold_or_shared=_list(case, ListName.SOLD_OR_SHARED),
        business_purpose=_list(case, ListName.BUSINESS_PURPOSE),
        other=_list(case, ListName.OTHER),
        under_16=_under_16(case),
        age=age_knowledge(case.standings, case.at_us),
        exemptions=exempt_lines(case.covered.exempt),
        opt_out_status=opt_out_status(case.standings, case.at_us, case.words.registry.policy),
        names=named_recipients(disclosed, case.words) if case.question.names else None,
        shine_the_light=_shine_the_light(case) if case.question.shine_the_light else None,
    )
    did = "We disclosed" if disclosed else "We did not sell, share or disclose any"
    statement = f"{did} personal information about you {days_between(case.period)}."
    return Made(content, listed=bool(disclosed), statement=statement, notes=() if notices else (_NO_NOTICE,))


CALIFORNIA = RegimeRule(
    title="Your right to know: how we disclosed your personal information",
    law="California Consumer Privacy Act, Civ. Code 1798.110, 1798.115, 1798.130",
    clock=Regime.CCPA,
    exempting=None,
    first_day=lookback_start,
    reaches_back_to=lambda received_on: lookback_start(received_on, extended=True),
    make=make,
    confirms=True,
)


def _list(case: Case, name: ListName) -> CategoryList:
    nothing, something, citation = _TOLD[name]
    parts = [part for part in case.covered.disclosed if part.list_name is name]
    return category_list(name, parts, case.words, nothing=nothing, something=something, citation=citation)


def _collected(case: Case) -> tuple[CollectedCategory, ...]:
    declared = case.words.collected(case.words.notices_in(case.period))
    parts = (*case.covered.disclosed, *case.covered.exempt)
    seen = {category for part in parts for category in part.pi_categories}
    order = {category: place for place, category in enumerate(case.words.taxonomy.pi_categories)}
    return tuple(
        CollectedCategory(
            pi_category=category,
            title=case.words.title(category),
            statute=case.words.statute(category),
            disclosed_only=category not in declared,
        )
        for category in sorted(declared | seen, key=lambda name: (order.get(name, len(order)), name))
    )


def _purposes(case: Case, purposes: list[str] | str) -> tuple[str, ...]:
    return tuple(case.words.taxonomy.purposes) if purposes == "all" else as_list(purposes)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _under_16(case: Case) -> Said:
    """What is known, and what was sold or shared (7011(e)(1)(G); legal 8.1.1, 1.6.3)."""
    age = age_knowledge(case.standings, case.at_us)
    sold = [part for part in case.covered.disclosed if part.list_name is ListName.SOLD_OR_SHARED]
    times = events_of(sold)
    if age.known_under_16 or age.was_known_under_16:
        who = "You are" if age.known_under_16 else "You were, until some time ago,"
        what = (
            f"We sold or shared personal information about you {_times(times)} in this period; the list says "
            "on what ground."
            if times
            else "We did not sell or share any personal information about you in this period."
        )
        return Said(
            sentence=f"{who} known to us to be under 16. {what}",
            citation="Civ. Code 1798.120(c), 11 CCR 7011(e)(1)(G)",
        )
    ages = [notice.minors.no_sale_or_share_under for notice in case.words.notices_in(case.period)]
    promised = min((age for age in ages if age is not None), default=None)
    promise = (
        ""
        if promised is None
        else f" Our notice promises never to sell or share data of anyone known to be under {promised}."
    )
    return Said(
        sentence=f"We have no actual knowledge that you are under 16.{promise}",
        citation="Civ. Code 1798.120(c), 11 CCR 7011(e)(1)(G)",
    )


def _shine_the_light(case: Case) -> ShineTheLight:
    """Who received data for direct marketing of its own, with names and addresses (legal 1.5.8, 4.8)."""
    year = case.received_on.year - 1
    period = Period(first_day=date(year, 1, 1), last_day=date(year, 12, 31))
    parts = [
        part
        for part in covered(case.rows, period, None).disclosed
        if part.row.purpose == DIRECT_MARKETING and part.row.recipient_role in {"third_party", "unknown"}
    ]
    found = named_recipients(parts, case.words)
    sentence = (
        f"In {year} we disclosed personal information about you to these third parties for their own direct "
        "marketing."
        if found
        else f"In {year} we did not disclose any personal information about you to third parties for their "
        "own direct marketing."
    )
    return ShineTheLight(
        calendar_year=year,
        respond_by=case.received_on + timedelta(days=SHINE_THE_LIGHT_DAYS),
        third_parties=found,
        statement=Said(sentence=sentence, citation="Civ. Code 1798.83"),
        not_covered=case.gap_of(period),
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
