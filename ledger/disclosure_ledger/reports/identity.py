"""Whether the identifiers of one request are one person's, as far as links say."""

import uuid
from collections.abc import Iterable, Mapping

from disclosure_consumers.core.registry import FOREVER_US
from disclosure_consumers.core.subject.facts import SubjectState
from disclosure_consumers.core.subject.links import periods_of
from disclosure_ledger.reports.errors import TwoSubjectsError
from disclosure_ledger.reports.question import ReportSubject
from disclosure_schemas.events.vocabulary import SubjectType


def refuse_two_people(subjects: Iterable[ReportSubject], states: Mapping[bytes, SubjectState]) -> None:
    """Raise TwoSubjectsError where two accounts of a request are not linked.

    Accounts are linked directly or over other accounts; a device or household that both use makes them no
    one person. Devices, profiles and households are taken on the word of who asks: they hold no name.
    """
    accounts = list(dict.fromkeys(subject.key for subject in subjects if subject.type is SubjectType.ACCOUNT))
    if len(accounts) < 2:
        return
    apart = [key for key in accounts[1:] if key.bytes not in _one_person(accounts[0], states)]
    if apart:
        listed = ", ".join(str(key) for key in apart)
        raise TwoSubjectsError(
            f"this request names {len(accounts)} accounts, and no link says that {accounts[0]} and {listed} "
            "are one person: a report is about one person alone. Ask for each of them, record what is known "
            "with `disclosures link`, or say --same-person where you have made sure."
        )


def _one_person(account: uuid.UUID, states: Mapping[bytes, SubjectState]) -> set[bytes]:
    """Accounts that are the same person's as this one, today."""
    found = frontier = {account.bytes}
    while frontier:
        frontier = {
            tie.other
            for key in frontier
            if key in states
            for tie in states[key].ties
            if _is_account(tie.other, states) and _are_linked(states[key], tie.other)
        } - found
        found = found | frontier
    return found


def _is_account(key: bytes, states: Mapping[bytes, SubjectState]) -> bool:
    return key in states and states[key].subject_type in {SubjectType.ACCOUNT, SubjectType.UNKNOWN}


def _are_linked(state: SubjectState, other: bytes) -> bool:
    periods = periods_of(tie for tie in state.ties if tie.other == other)
    return any(period.until_us == FOREVER_US for period in periods)
