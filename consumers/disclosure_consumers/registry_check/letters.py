"""A notice's own letters: they are not the statute's, and one notice may use a letter twice (legal 6.5.1)."""

import re

from disclosure_consumers.registry_check.findings import Subject
from disclosure_consumers.registry_folder.forms import NoticeForm, TaxonomyForm

_STATUTE_LETTER = re.compile(r"\(v\)\(1\)\(([A-Z])\)")
_CATEGORIES, _RECIPIENTS = "pi", "rcpt"
"""Namespaces of letters, as in mm22.pi.G and mm22.rcpt.G."""


def check_letters(subject: Subject, file: str, notice: NoticeForm) -> None:
    """Find letters that can be taken for others."""
    taxonomy = subject.contents.taxonomy
    for letter, word in notice.letters.items():
        namespace, _, bare = letter.rpartition(".")
        if not namespace:
            others = [
                other for other in notice.letters if other.rpartition(".")[2] == bare and other != letter
            ]
            beside = f", and {', '.join(others)} uses it too" if others else ""
            said = f"the letter {letter} stands for {word} without saying of which list it is{beside}: "
            said += f"write it with a namespace, as xx.{_CATEGORIES}.{letter} or xx.{_RECIPIENTS}.{letter}."
            subject.find("letter_without_namespace", file, ("letters", letter), said)
        elif taxonomy is not None:
            _check_namespace(subject, file, letter, word)
    if taxonomy is not None:
        _check_statute(subject, file, notice, taxonomy)


def _check_namespace(subject: Subject, file: str, letter: str, word: str) -> None:
    taxonomy = subject.registry.taxonomy
    namespace = letter.split(".")[-2]
    known = {_CATEGORIES: taxonomy.elements, _RECIPIENTS: taxonomy.recipient_categories}.get(namespace)
    if known is not None and word not in known:
        what = "category of personal information" if namespace == _CATEGORIES else "recipient category"
        said = f"{letter} is in the namespace {namespace}, yet {word} is no {what}."
        subject.find("letter_in_wrong_namespace", file, ("letters", letter), said)


def _check_statute(subject: Subject, file: str, notice: NoticeForm, taxonomy: TaxonomyForm) -> None:
    """Letters of categories that have another letter in the statute; one finding for all of them."""
    differing: dict[str, str] = {}
    for letter, word in notice.letters.items():
        category = taxonomy.pi_categories.get(word)
        found = _STATUTE_LETTER.fullmatch(category.statute or "") if category else None
        if found and found[1] != letter.rpartition(".")[2]:
            differing[letter] = f"{letter} is {word}, ({found[1]}) in the statute"
    if differing:
        said = f"letters of this notice are others in the statute: {'; '.join(differing.values())}. "
        said += "Never map them by letter."
        subject.find("letters_differ_from_statute", file, ("letters", next(iter(differing))), said)
