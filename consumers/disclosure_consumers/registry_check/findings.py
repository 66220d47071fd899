"""Findings, and what all rules look at: the registry's contents as of one day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from disclosure_consumers.core.days.deadlines import start_of_day_us
from disclosure_consumers.core.registry import Registry, Taxonomy
from disclosure_consumers.registry_check.rules import RULES, Severity
from disclosure_consumers.registry_folder.contents import NOTICES, POLICY, RECIPIENTS, Contents
from disclosure_consumers.registry_folder.forms import NoticeForm, RecipientForm
from disclosure_consumers.registry_folder.problems import Path
from disclosure_consumers.registry_folder.values import notice_of, policy_of, recipient_of, taxonomy_of

_NO_WORDS = Taxonomy(
    elements={},
    sensitive_elements=frozenset(),
    unique_identifiers=frozenset(),
    recipient_categories=frozenset(),
    purposes=frozenset(),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a reviewer should know; `line` counts from 1, None for a file as a whole."""

    severity: Severity
    code: str
    file: str
    line: int | None
    sentence: str
    citation: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is reviewed: entries with positions, the values they make, a day and how far to look ahead.

    Entries with errors are left out: what else is wrong with them may only follow from the error.
    `registry`: of all others; its notices are those published. `is_whole`: no notice is left out, and
    policy.yaml says which are published, so what is in none of them can be found.
    """

    contents: Contents
    registry: Registry
    recipients: Mapping[str, RecipientForm]
    notices: Mapping[str, NoticeForm]
    published: Mapping[str, NoticeForm]
    is_whole: bool
    today: date
    within: timedelta
    findings: list[Finding] = field(default_factory=list)

    @property
    def now_us(self) -> int:
        """First moment of the day in California."""
        return start_of_day_us(self.today)

    def find(self, code: str, file: str, path: Path, sentence: str) -> None:
        """Note a breach of a rule; in a notice that is not published it is no more than a note."""
        severity, citation = RULES[code]
        if file in self.notices and file not in self.published:
            severity = Severity.NOTE
            sentence += " This notice is not published."
        line = self.contents.line(file, path)
        self.findings.append(Finding(severity, code, file, line, sentence, citation))


def subject_of(contents: Contents, today: date, within_days: int) -> Subject:
    """Contents as the rules look at them."""
    spoilt = {problem.file for problem in contents.problems}
    refused = {
        problem.path[0] for problem in contents.problems if problem.file == RECIPIENTS and problem.path
    }
    chosen = contents.policy.published
    notices = {file: notice for file, notice in contents.notices.items() if file not in spoilt}
    published = {file: notice for file, notice in notices.items() if chosen is None or notice.id in chosen}
    return Subject(
        contents=contents,
        registry=Registry(
            taxonomy=taxonomy_of(contents.taxonomy) if contents.taxonomy else _NO_WORDS,
            recipients={name: recipient_of(name, form) for name, form in contents.recipients.items()},
            notices=tuple(notice_of(notice) for notice in published.values()),
            policy=policy_of(contents.policy.toggles),
            content_hash=b"",
        ),
        recipients={name: form for name, form in contents.recipients.items() if name not in refused},
        notices=notices,
        published=published,
        is_whole=not any(name == POLICY or name.startswith(NOTICES) for name in spoilt),
        today=today,
        within=timedelta(days=within_days),
    )
