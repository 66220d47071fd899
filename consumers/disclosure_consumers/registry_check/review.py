"""The whole review of a registry."""

from datetime import date

from disclosure_consumers.registry_check.answers import check_answers
from disclosure_consumers.registry_check.contracts import check_contracts
from disclosure_consumers.registry_check.findings import Finding, subject_of
from disclosure_consumers.registry_check.letters import check_letters
from disclosure_consumers.registry_check.matrices import check_matrix, check_taxonomy
from disclosure_consumers.registry_check.promises import check_promises
from disclosure_consumers.registry_check.rules import RULES, Severity
from disclosure_consumers.registry_check.settings import check_settings
from disclosure_consumers.registry_check.timeline import check_timeline
from disclosure_consumers.registry_folder.contents import Contents


def review(contents: Contents, *, today: date, within_days: int) -> list[Finding]:
    """All findings, errors first, in the order of files and lines.

    `contents`: as `registry_files.inspect_files` gives them, errors included. `today`: day in California as
    of which contracts and notices hold. `within_days`: how far ahead to look for what ends.
    """
    subject = subject_of(contents, today, within_days)
    for problem in contents.problems:
        rule = RULES[problem.code]
        said = f"{problem.entry}: {problem.text}" if problem.entry else problem.text
        subject.findings.append(
            Finding(rule.severity, problem.code, problem.file, problem.line, said, rule.citation)
        )
    check_taxonomy(subject)
    check_contracts(subject)
    for file, notice in subject.notices.items():
        check_matrix(subject, file, notice)
        check_letters(subject, file, notice)
        check_promises(subject, file, notice)
    check_timeline(subject)
    check_settings(subject)
    check_answers(subject)
    order = list(Severity)
    return sorted(subject.findings, key=lambda f: (order.index(f.severity), f.file, f.line or 0, f.code))
