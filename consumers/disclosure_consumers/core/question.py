"""What a decision is asked about: one disclosure at one moment, with all that was looked up for it."""

from dataclasses import dataclass

from disclosure_consumers.core.registry import Contract, Notice, Recipient, Registry, Taxonomy
from disclosure_consumers.core.steps.roles import Party
from disclosure_consumers.core.subject.consents import OptIn
from disclosure_consumers.core.subject.position import Position
from disclosure_consumers.core.subject.standing import Standing
from disclosure_schemas.events.disclosure import Disclosure, Item
from disclosure_schemas.events.vocabulary import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """When: `at_us` is now for a request, the moment of the disclosure for a report."""

    at_us: int
    emitted_us: int
    collected_us: int | None = None
    transaction_id: str | None = None


class Question:
    """One disclosure, the subject's position, and what the registry says at that moment.

    `addressee`: the recipient named. `party`: whoever counts as the recipient, behind a service provider that
    passes the data on the third party (1798.190, legal 1.3.6). `kinds`: the kinds it has in law, as derived.
    """

    __slots__ = (
        "addressee",
        "disclosure",
        "kind_flags",
        "kinds",
        "notice",
        "notice_at_collection",
        "occurrence",
        "party",
        "position",
        "registry",
        "standing",
        "state_available",
    )

    def __init__(
        self,
        disclosure: Disclosure,
        occurrence: Occurrence,
        standing: Standing,
        position: Position,
        registry: Registry,
        *,
        state_available: bool,
        addressee: Party,
        party: Party,
        notice: Notice | None,
        notice_at_collection: Notice | None,
    ) -> None:
        self.disclosure = disclosure
        self.occurrence = occurrence
        self.standing = standing
        self.position = position
        self.registry = registry
        self.state_available = state_available
        self.addressee = addressee
        self.party = party
        self.notice = notice
        self.notice_at_collection = notice_at_collection
        self.kinds: frozenset[Kind] = frozenset()
        self.kind_flags: frozenset[str] = frozenset()

    @property
    def recipient(self) -> Recipient:
        """The recipient named in the disclosure."""
        return self.addressee.recipient

    @property
    def third_party_contract(self) -> Contract | None:
        """Contract of 11 CCR 7053(a) with whoever counts as the recipient."""
        return self.party.third_party_contract

    def is_covered_by(self, opt_in: OptIn, wanted: frozenset[str] | frozenset[Kind]) -> bool:
        """Whether an opt-in names all of what is wanted, for this recipient, purpose and transaction."""
        return opt_in.covers(
            wanted,
            self.party.recipient.id,
            self.disclosure.purpose,
            self.occurrence.transaction_id,
        )

    def sound_opt_ins(self, kinds: frozenset[Kind]) -> list[OptIn]:
        """Sound opt-ins that cover a disclosure of these kinds."""
        return [o for o in self.position.opt_ins if o.fault is None and self.is_covered_by(o, kinds)]


def is_sensitive(item: Item, taxonomy: Taxonomy) -> bool:
    """A sensitive category or element (1798.140(ae), legal 1.2.2)."""
    return item.category == "sensitive" or item.element in taxonomy.sensitive_elements


def shown(kinds: frozenset[Kind]) -> Kind:
    """Kind to show where several apply: what is both sale and sharing is shown as sale."""
    if Kind.SALE in kinds:
        return Kind.SALE
    return next(iter(kinds))
