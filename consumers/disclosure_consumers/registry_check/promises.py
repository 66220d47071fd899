"""What a notice promises beside its matrix: deadlines, signals, minors."""

from datetime import timedelta
from difflib import get_close_matches

from disclosure_consumers.core.days.deadlines import (
    OPT_OUT_BUSINESS_DAYS,
    end_of_business_days_us,
    end_of_calendar_days_us,
    start_of_day_us,
)
from disclosure_consumers.registry_check.findings import Subject
from disclosure_consumers.registry_check.matrices import sold_categories
from disclosure_consumers.registry_folder.forms import NoticeForm
from disclosure_consumers.registry_folder.values import notice_of

_BANDS_END = (13, 16, 18)
"""Ages at which the bands of a known age end; a promise is kept for whole bands."""

_MINORS_PROMISE = "no_sale_or_share_under"
_NARROW_SCOPES = frozenset({"browser", "device", "session"})
_IGNORED = frozenset({"ignored", "not_honored", "no", False})
_HONORED = frozenset({"honored", "honoured", "yes", True})


def check_promises(subject: Subject, file: str, notice: NoticeForm) -> None:
    """Find promises that law or settings do not bear out."""
    sells = any(sold_categories(notice_of(notice)))
    for key, days in (("opt_out", notice.deadlines.opt_out_days), ("limit", notice.deadlines.limit_days)):
        if days is not None:
            _check_deadline(subject, file, key, days)
    _check_signals(subject, file, notice, sells=sells)
    _check_minors(subject, file, notice, sells=sells)


def _check_deadline(subject: Subject, file: str, key: str, days: int) -> None:
    """Compare the promise with fifteen business days, for a request received on each day of a week."""
    policy = subject.registry.policy
    received = [start_of_day_us(subject.today + timedelta(days=offset)) for offset in range(7)]
    regulation = [
        end_of_business_days_us(at_us, OPT_OUT_BUSINESS_DAYS, policy.business_days) for at_us in received
    ]
    promised = [end_of_calendar_days_us(at_us, days) for at_us in received]
    path = ("deadlines", f"{key}_days")
    what = f"{days} calendar days to comply with {'an opt-out' if key == 'opt_out' else 'a limit'}"
    if any(mine > theirs for mine, theirs in zip(promised, regulation, strict=True)):
        said = (
            f"{what} can end after the {OPT_OUT_BUSINESS_DAYS} business days of the regulation, which bind."
        )
        subject.find("deadline_longer_than_regulation", file, path, said)
    if any(mine < theirs for mine, theirs in zip(promised, regulation, strict=True)):
        if policy.notice_sla_override:
            said = f"{what} can end before the {OPT_OUT_BUSINESS_DAYS} business days of the regulation;"
            said += " the earlier day binds."
            subject.find("deadline_shorter_than_regulation", file, path, said)
        else:
            said = (
                f"{what} are promised, and the setting notice_sla_override is off: the promise is not kept."
            )
            subject.find("promised_deadline_ignored", file, path, said)


def _check_signals(subject: Subject, file: str, notice: NoticeForm, *, sells: bool) -> None:
    signals = notice.signals
    if sells and signals.get("gpc") in _IGNORED:
        said = "the notice says that GPC is not honored; it must be, and decisions honor it."
        subject.find("gpc_not_honored", file, ("signals", "gpc"), said)
    if sells and signals.get("gpc_scope_stated") in _NARROW_SCOPES:
        said = f"the notice honors signals for the {signals['gpc_scope_stated']} only; they count for known "
        said += "consumers and linked profiles too. The regulation binds."
        subject.find("signal_scope_narrower", file, ("signals", "gpc_scope_stated"), said)
    if signals.get("dnt") in _HONORED and not subject.registry.policy.treat_dnt_as_opt_out:
        said = "the notice promises to honor DNT, and the setting treat_dnt_as_opt_out is off."
        subject.find("dnt_promise_not_kept", file, ("signals", "dnt"), said)


def _check_minors(subject: Subject, file: str, notice: NoticeForm, *, sells: bool) -> None:
    for key in notice.minors.model_extra or {}:
        if get_close_matches(key, [_MINORS_PROMISE], n=1, cutoff=0.8):
            said = f"{key} decides nothing; was {_MINORS_PROMISE} meant?"
            subject.find("minors_key_misspelt", file, ("minors", key), said)
    under = notice.minors.no_sale_or_share_under
    path = ("minors", _MINORS_PROMISE)
    if under is not None and under not in _BANDS_END:
        kept = max((age for age in _BANDS_END if age < under), default=0)
        said = f"nothing of persons under {under} is promised to be sold or shared; ages are known in bands, "
        said += f"and decisions keep it for those known to be under {kept}." if kept else "and none is kept."
        subject.find("minors_promise_not_kept", file, path, said)
    if under is not None and sells:
        said = f"the notice sells or shares, and promises not to where a person is under {under}: a person "
        said += "whose age is unknown is not kept back. Record ages, and signs of a child."
        subject.find("minors_promise_beside_sale", file, path, said)
