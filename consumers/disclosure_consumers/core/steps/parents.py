"""What the parent of a child under 13 has authorized (11 CCR 7070; legal 2.8.7)."""

from disclosure_consumers.core.question import Question
from disclosure_consumers.core.subject.facts import Content, Fact
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind

_SALE_AND_SHARE_WORDS = frozenset({"sale", "share"})


def authorizations(question: Question) -> list[Fact]:
    """Authorizations of verified parents, in the order of their moments; an unverified one is none."""
    said = question.position.said(PreferenceKind.PARENTAL_AUTHORIZATION)
    return [fact for fact in said if fact.content.effective]


def authorizes(content: Content, question: Question, kinds: frozenset[Kind]) -> bool:
    """Whether an authorization names all these kinds, and the purpose and recipient if it names any."""
    return (
        kinds <= (content.of or _SALE_AND_SHARE_WORDS)
        and (not content.purposes or question.disclosure.purpose in content.purposes)
        and (not content.recipients or question.party.recipient.id in content.recipients)
    )
