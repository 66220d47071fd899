"""Third parties by name or, in Delaware and Maryland, by category (legal 4.1 to 4.7, 8.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from disclosure_consumers.core.days.calendars import Regime
from disclosure_ledger.answers.lists import exempt_lines
from disclosure_ledger.answers.parts import ListName, Part
from disclosure_ledger.reports.categories import category_list
from disclosure_ledger.reports.coverage import ELSEWHERE, events_of
from disclosure_ledger.reports.recipients import is_sold, named_recipients
from disclosure_ledger.reports.regimes.rule import Case, Made, RegimeRule, all_that_is_kept
from disclosure_ledger.reports.registry_words import days_between
from disclosure_ledger.reports.report import CategoriesContent, LeftOut, NamedContent, Said

_HEALTH = frozenset({"health"})


@dataclass(frozen=True, slots=True)
class StateLaw:
    """Whom a state's law wants on the list (legal 4.1 to 4.7, 4.19)."""

    citation: str
    verb: str = "disclosed personal data about you to"
    names: bool = True
    affiliates: bool = False
    only_sold: bool = False
    only_shared_or_sold: bool = False
    only_health: bool = False


def make(law: StateLaw, case: Case) -> Made:
    """Third parties of the person's own data: with a ledger, anybody's would be too few words (legal 4.2)."""
    asked = [part for part in case.covered.disclosed if _is_asked(law, part)]
    left_out: dict[str, list[Part]] = {}
    listed = []
    for part in asked:
        reason = _left_out(law, case, part)
        if reason is None:
            listed.append(part)
        else:
            left_out.setdefault(reason, []).append(part)
    out = tuple(
        LeftOut(
            reason=Said(sentence=sentence, citation=law.citation),
            recipients=len({part.row.recipient_id for part in parts}),
            disclosures=events_of(parts),
        )
        for sentence, parts in sorted(left_out.items())
    )
    appeals, exemptions = case.words.answers.appeals, exempt_lines(case.covered.exempt)
    nothing = f"We {law.verb} no third party in this period."
    something = f"In this period we {law.verb} these third parties."
    sentence = something if listed else nothing
    whom = len({part.row.recipient_id for part in listed})
    to_whom = "one third party" if whom == 1 else f"{whom or 'no'} third parties"
    comes_to = f"F{days_between(case.period)[1:]} we {law.verb} {to_whom}."
    if not law.names:
        found = category_list(
            ListName.OTHER, listed, case.words, nothing=nothing, something=something, citation=law.citation
        )
        return Made(
            CategoriesContent(third_parties=found, left_out=out, exemptions=exemptions, appeals=appeals),
            listed=bool(listed),
            statement=comes_to,
        )
    return Made(
        NamedContent(
            only_sold=law.only_sold,
            only_health=law.only_health,
            statement=Said(sentence=sentence, citation=law.citation),
            third_parties=named_recipients(listed, case.words),
            left_out=out,
            exemptions=exemptions,
            appeals=appeals,
        ),
        listed=bool(listed),
        statement=comes_to,
    )


def _is_asked(law: StateLaw, part: Part) -> bool:
    if law.only_sold and not is_sold(part):
        return False
    if law.only_shared_or_sold and part.list_name is not ListName.SOLD_OR_SHARED:
        return False
    return not law.only_health or any(item.partition(".")[2] in _HEALTH for item in part.items)


def _left_out(law: StateLaw, case: Case, part: Part) -> str | None:
    """Why a recipient is no third party under this law; None if it is one."""
    row, registered = part.row, case.words.recipients.get(part.row.recipient_id)
    if registered is not None and registered.natural_person:
        return "People are not named, only organizations."
    is_affiliate = row.recipient_role == "same_business" or (
        registered.affiliate is not None if registered else row.recipient_category == "affiliates"
    )
    if is_affiliate:
        return None if law.affiliates else "Companies of our own group are not third parties."
    if row.recipient_role in {"service_provider", "contractor"}:
        return "Companies that process data for us under a contract are not third parties."
    return None


def _rule(title: str, name: str, clock: Regime, law: StateLaw) -> RegimeRule:
    first_day: Callable[[date], date | None] = all_that_is_kept
    return RegimeRule(
        title=title,
        law=f"{name}, {law.citation}",
        clock=clock,
        exempting=ELSEWHERE,
        first_day=first_day,
        reaches_back_to=first_day,
        make=partial(make, law),
    )


_TITLE = "Third parties that received your personal data"

OREGON = _rule(_TITLE, "Oregon Consumer Privacy Act", Regime.OREGON, StateLaw("ORS 646A.574(1)(a)(B)"))
MINNESOTA = _rule(
    _TITLE,
    "Minnesota Consumer Data Privacy Act",
    Regime.MINNESOTA,
    StateLaw("Minn. Stat. 325M.14 subd. 1(h)"),
)
CONNECTICUT = _rule(
    "Third parties to whom your personal data was sold",
    "Connecticut Data Privacy Act",
    Regime.CONNECTICUT,
    StateLaw("C.G.S. 42-518", verb="sold personal data about you to", only_sold=True),
)
WASHINGTON = _rule(
    "Third parties and affiliates that received your health data",
    "Washington My Health My Data Act",
    Regime.OREGON,  # 45 days and 45 more, as in Oregon (legal 4.7)
    StateLaw(
        "RCW 19.373.040",
        verb="shared consumer health data about you with, or sold it to,",
        affiliates=True,
        only_shared_or_sold=True,
        only_health=True,
    ),
)
DELAWARE = _rule(
    "Categories of third parties that received your personal data",
    "Delaware Personal Data Privacy Act",
    Regime.DELAWARE,
    StateLaw("6 Del. C. 12D-104(a)", names=False),
)
MARYLAND = _rule(
    "Categories of third parties that received your personal data",
    "Maryland Online Data Privacy Act",
    Regime.DELAWARE,  # 45 days and 45 more, as in Delaware (legal 4.5)
    StateLaw("Md. Com. Law 14-4705", names=False),
)
