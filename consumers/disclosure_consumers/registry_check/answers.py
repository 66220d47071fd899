"""What reports to people need of the registry, by the laws that policy.yaml names under `answers`."""

from collections.abc import Callable

from disclosure_consumers.registry_check.findings import Subject
from disclosure_consumers.registry_folder.answer_forms import AnswersForm
from disclosure_consumers.registry_folder.contents import POLICY, RECIPIENTS
from disclosure_consumers.registry_folder.forms import RecipientForm

# fmt: off
EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on
"""Countries of the European Economic Area; any other is a third country (GDPR Art. 44)."""

_APPEALS = frozenset({"us-or", "us-mn", "us-ct", "us-de", "us-md", "us-wa"})


def check_answers(subject: Subject) -> None:
    """Find what a report would have to call "not recorded"."""
    answers = subject.contents.policy.answers
    regimes = frozenset(answers.regimes)
    if regimes & {"us-ca", "hipaa"}:
        _recipients(subject, "recipient_address_missing", "an address", lambda r: r.address is None)
    if "us-wa" in regimes:
        _recipients(subject, "recipient_contact_missing", "a contact", lambda r: r.contact is None)
    if "eu" in regimes:
        _recipients(
            subject,
            "transfer_safeguard_missing",
            "a transfer_safeguard",
            lambda r: r.country not in EEA and r.transfer_safeguard is None,
        )
        _business(subject, answers, "data_protection_officer")
        _business(subject, answers, "supervisory_authority")
    if regimes & _APPEALS:
        _business(subject, answers, "appeals")
    if regimes:
        _business(subject, answers, "contact")


def _recipients(subject: Subject, code: str, what: str, lacks: Callable[[RecipientForm], bool]) -> None:
    """One finding for all recipients that lack something, at the first of them."""
    lacking = [
        recipient_id
        for recipient_id, form in subject.recipients.items()
        if form.affiliate != "common_branding" and form.category != "public" and lacks(form)
    ]
    if lacking:
        said = f"a report would have to say that {what} is not recorded: {', '.join(lacking)}."
        subject.find(code, RECIPIENTS, (lacking[0],), said)


def _business(subject: Subject, answers: AnswersForm, key: str) -> None:
    if getattr(answers, key) is None:
        said = f"answers.{key} is missing, which reports under {', '.join(answers.regimes)} tell people."
        subject.find("answers_incomplete", POLICY, ("answers",), said)
