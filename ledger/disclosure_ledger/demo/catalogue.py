"""What the demo's company discloses, to whom and how often: under the workforce notice of 2022.

Recipients are those of the example registry. Weights are relative; what should not be sent is kept rare, as
it is in a company that means well.
"""

from dataclasses import dataclass, field

from disclosure_schemas.events.disclosure import Disclosure, Item, Signals
from disclosure_schemas.events.vocabulary import Consideration, DisclosureChannel, Kind, Mode


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """One disclosure the company makes again and again; each time one of `item_sets` is disclosed."""

    weight: int
    kind: Kind
    recipients: tuple[str, ...]
    purpose: str
    emitter: str
    item_sets: tuple[tuple[str, ...], ...]
    channel: DisclosureChannel = DisclosureChannel.SERVER
    consideration: Consideration = Consideration.NONE
    cross_context_ads: bool = False
    signals: Signals = field(default_factory=Signals)

    def disclosure(self, recipient_id: str, items: tuple[str, ...], *, mode: Mode) -> Disclosure:
        """One disclosure of this habit."""
        return Disclosure(
            mode=mode,
            kind=self.kind,
            recipient_id=recipient_id,
            purpose=self.purpose,
            items=tuple(Item.parse(item) for item in items),
            emitter=self.emitter,
            consideration=self.consideration,
            cross_context_ads=self.cross_context_ads,
            channel=self.channel,
            signals=self.signals,
        )


SALE = Habit(
    weight=150,
    kind=Kind.SALE,
    recipients=("harborlight", "harborlight", "copperkite", "bluefinch"),
    purpose="marketing",
    emitter="marketing-hub",
    consideration=Consideration.MONETARY,
    channel=DisclosureChannel.BATCH,
    item_sets=(
        ("identifiers.email", "identifiers.name"),
        ("identifiers.postal_address", "commercial.policies_sold"),
        ("identifiers.email", "professional.job_title"),
        ("inferences.preference_profile",),
    ),
)
SHARE = Habit(
    weight=170,
    kind=Kind.SHARE,
    recipients=("pixelmarsh", "chirrup", "tagwren"),
    purpose="marketing",
    emitter="website",
    cross_context_ads=True,
    channel=DisclosureChannel.COOKIE,
    item_sets=(
        ("identifiers.advertising_id", "network_activity.browsing_history"),
        ("identifiers.email_hash", "network_activity.ad_interaction"),
        ("geolocation.coarse_location",),
    ),
)
PAYMENT = Habit(
    weight=260,
    kind=Kind.BUSINESS_PURPOSE,
    recipients=("payfern", "parcelmoor"),
    purpose="provide_services",
    emitter="billing",
    item_sets=(
        ("identifiers.name", "identifiers.postal_address"),
        ("identifiers.name", "customer_records.policy_number"),
        ("commercial.purchase_history",),
    ),
)
ADVICE = Habit(
    weight=140,
    kind=Kind.BUSINESS_PURPOSE,
    recipients=("ledgerfern", "quillstone"),
    purpose="legal_and_security",
    emitter="crm",
    item_sets=(
        ("identifiers.name", "professional.license"),
        ("customer_records.signature", "customer_records.policy_number"),
        ("professional.evaluation",),
    ),
)

HABITS: tuple[Habit, ...] = (
    SALE,
    SHARE,
    PAYMENT,
    ADVICE,
    Habit(
        weight=120,
        kind=Kind.BUSINESS_PURPOSE,
        recipients=("stonecrest", "fenbrook"),
        purpose="internal_business",
        emitter="crm",
        item_sets=(("identifiers.name", "identifiers.phone"), ("professional.work_contact",)),
    ),
    Habit(
        weight=12,
        kind=Kind.LEGAL_PROCESS,
        recipients=("alder_prosecutor",),
        purpose="legal_and_security",
        emitter="crm",
        item_sets=(("identifiers.name", "professional.license"),),
    ),
    # A browser that sends the Global Privacy Control with the very visit that would be shared.
    Habit(
        weight=25,
        kind=Kind.SHARE,
        recipients=("pixelmarsh", "tagwren"),
        purpose="marketing",
        emitter="website",
        cross_context_ads=True,
        channel=DisclosureChannel.COOKIE,
        signals=Signals(gpc=("1",)),
        item_sets=(("identifiers.advertising_id", "network_activity.browsing_history"),),
    ),
    # What the notice does not declare: a kind, a purpose, a recipient; and sensitive data among plain.
    Habit(
        weight=9,
        kind=Kind.SALE,
        recipients=("harborlight",),
        purpose="marketing",
        emitter="marketing-hub",
        consideration=Consideration.MONETARY,
        channel=DisclosureChannel.BATCH,
        item_sets=(("customer_records.policy_number",),),
    ),
    Habit(
        weight=7,
        kind=Kind.BUSINESS_PURPOSE,
        recipients=("ledgerfern",),
        purpose="train_models",
        emitter="crm",
        item_sets=(("commercial.purchase_history", "inferences.preference_profile"),),
    ),
    Habit(
        weight=8,
        kind=Kind.BUSINESS_PURPOSE,
        recipients=("carewell",),
        purpose="provide_services",
        emitter="crm",
        item_sets=(("identifiers.name", "protected_characteristics.age"),),
    ),
    Habit(
        weight=4,
        kind=Kind.SALE,
        recipients=("copperkite",),
        purpose="marketing",
        emitter="marketing-hub",
        consideration=Consideration.MONETARY,
        channel=DisclosureChannel.BATCH,
        item_sets=(("identifiers.email", "identifiers.ssn"),),
    ),
    # A contract that ran out, a vendor that never signed one, and a company nobody registered.
    Habit(
        weight=6,
        kind=Kind.SHARE,
        recipients=("summerfade",),
        purpose="marketing",
        emitter="website",
        cross_context_ads=True,
        channel=DisclosureChannel.COOKIE,
        item_sets=(("identifiers.advertising_id",),),
    ),
    Habit(
        weight=6,
        kind=Kind.BUSINESS_PURPOSE,
        recipients=("lanternquay",),
        purpose="research",
        emitter="website",
        item_sets=(("network_activity.browsing_history",),),
    ),
    Habit(
        weight=5,
        kind=Kind.SALE,
        recipients=("duskvale_data",),
        purpose="marketing",
        emitter="marketing-hub",
        consideration=Consideration.MONETARY,
        item_sets=(("identifiers.email",),),
    ),
)
