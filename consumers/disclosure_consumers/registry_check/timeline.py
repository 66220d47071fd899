"""When notices hold: which is in force, and what lies between two of them."""

from datetime import date, timedelta
from itertools import pairwise

from disclosure_consumers.registry_check.findings import Subject
from disclosure_consumers.registry_folder.contents import POLICY
from disclosure_consumers.registry_folder.forms import NoticeForm

_YEAR = timedelta(days=366)


def check_timeline(subject: Subject) -> None:
    """Find days that no published notice covers, or that several do."""
    for file, notice in subject.notices.items():
        if notice.effective_from is None and notice.observed_at is not None:
            said = (
                f"the day it took effect is unknown; it counts from {notice.observed_at}, when it was seen."
            )
            subject.find("effective_date_assumed", file, ("observed_at",), said)
    if not subject.is_whole:
        return
    _check_published(subject)
    in_order = sorted(subject.published.items(), key=lambda entry: _first(entry[1]))
    for (file, notice), (later_file, later) in pairwise(in_order):
        _check_neighbours(subject, (file, notice), (later_file, later))
    if in_order:
        _check_today(subject, in_order)


def _check_published(subject: Subject) -> None:
    chosen = subject.contents.policy.published
    if chosen is not None and not chosen:
        said = "no notice is published: whatever needs one is rejected."
        subject.find("nothing_published", POLICY, ("published",), said)
    if chosen is None and len(subject.notices) > 1:
        said = f"every notice of the folder is published, {len(subject.notices)} in all; of those in "
        said += "force the latest decides. Name those that are in `published`."
        subject.find("all_notices_published", POLICY, (), said)


def _check_neighbours(
    subject: Subject, earlier: tuple[str, NoticeForm], later: tuple[str, NoticeForm]
) -> None:
    (_, before), (file, after) = earlier, later
    if _first(before) == _first(after):
        said = f"{before.id} and {after.id} take effect on the same day: which of them decides is chance."
        subject.find("notices_begin_together", file, ("effective_from",), said)
    elif before.effective_to is not None and before.effective_to >= _first(after):
        said = f"{before.id} goes on until {before.effective_to}; from {_first(after)} {after.id} decides."
        subject.find("notices_overlap", file, ("effective_from",), said)
    elif before.effective_to is not None and before.effective_to + timedelta(days=1) < _first(after):
        said = f"{before.id} ends on {before.effective_to} and {after.id} begins on {_first(after)}: between "
        said += "them nothing is declared."
        subject.find("notices_gap", file, ("effective_from",), said)


def _check_today(subject: Subject, in_order: list[tuple[str, NoticeForm]]) -> None:
    current = [(file, notice) for file, notice in in_order if _holds(notice, subject.today)]
    if not current:
        file, notice = in_order[0]
        said = f"no published notice is in force on {subject.today}: whatever needs one is rejected."
        subject.find("no_notice_in_force", file, (), said)
        return
    file, notice = current[-1]
    if subject.today - _first(notice) > _YEAR:
        said = f"the notice in force is of {_first(notice)}; it is to be updated every 12 months."
        subject.find("notice_not_updated", file, ("effective_from",), said)
    last = notice.effective_to
    if last is not None and last <= subject.today + subject.within:
        following = last + timedelta(days=1)
        if not any(_holds(other, following) for _, other in in_order):
            said = f"the notice in force ends on {last}, and none follows."
            subject.find("notice_expiring", file, ("effective_to",), said)


def _first(notice: NoticeForm) -> date:
    """First day; published notices have one."""
    return notice.effective_from or notice.observed_at or date.max


def _holds(notice: NoticeForm, day: date) -> bool:
    return _first(notice) <= day <= (notice.effective_to or date.max)
