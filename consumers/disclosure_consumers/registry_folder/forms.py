"""Forms of the registry's files: what each may say, entry by entry (the scenario format's registry part).

Closed and strict, so that a misspelt key or a number in quotes is found. The JSON Schemas that editors use
are made of these forms.
"""

import re
from collections.abc import Hashable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from disclosure_consumers.registry_folder.notify_forms import NotifyForm

T = TypeVar("T", bound=Hashable)

WORD_PATTERN = "^[a-z][a-z0-9_]{0,99}$"
ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$"
DAY_PATTERN = "^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _day(value: object) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        if isinstance(value, str) and re.fullmatch(DAY_PATTERN, value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # the 30th of February
    raise PydanticCustomError("registry_day", "expected a day of the years 1900 to 2999 as YYYY-MM-DD")


def _unique(values: list[T]) -> list[T]:
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise PydanticCustomError(
            "registry_repeated", "expected each entry once, {words} is repeated", {"words": repeated[0]}
        )
    return values


def _scalar(value: object) -> object:
    if value is None or isinstance(value, str | int):
        return value
    raise PydanticCustomError("registry_scalar", "expected text, a whole number, true or false")


def _form_of_listing(value: object) -> str:
    return "<list>" if isinstance(value, list) else "<text>"


_UNIQUE = (AfterValidator(_unique), Field(json_schema_extra={"uniqueItems": True}))

Word = Annotated[str, Field(pattern=WORD_PATTERN)]
Id = Annotated[str, Field(pattern=ID_PATTERN)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Days = Annotated[int, Field(ge=0, le=3650)]
Words = Annotated[list[Word], *_UNIQUE]
Scalar = Annotated[
    Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "integer", "boolean", "null"]})
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": DAY_PATTERN})]
Purposes = Annotated[
    Annotated[Words, Tag("<list>")] | Annotated[Literal["all"], Tag("<text>")],
    Discriminator(_form_of_listing),
]
Column = Annotated[
    Annotated[Words, Tag("<list>")] | Annotated[Word, Tag("<text>")],
    Discriminator(_form_of_listing),
    Field(description="`all`, `none`, a group of this notice, or a list of recipient categories."),
]
Texts = Annotated[
    Annotated[list[Text], Tag("<list>")] | Annotated[Text, Tag("<text>")], Discriminator(_form_of_listing)
]


class Form(BaseModel):
    """Base of the forms."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CategoryForm(Form):
    """A category of personal information."""

    statute: Text | None = Field(default=None, description="Its place in Civ. Code 1798.140, as (v)(1)(A).")
    elements: Annotated[Words, Field(min_length=1)] = Field(
        description="The elements it may hold; an element may sit in several categories."
    )


class SensitiveElementForm(Form):
    """An element that is sensitive personal information wherever it appears."""

    statute: Text | None = Field(default=None, description="Its place in Civ. Code 1798.140, as (ae)(1)(A).")
    usca: Literal["none", 1, 2, 3, 4, 5, 6, 7, 8, 9] = Field(
        default="none", description="Field of a GPP usca section that limits it; `none`: no field does."
    )


class TaxonomyForm(Form):
    """The words a registry and an event may use."""

    pi_categories: Annotated[dict[Word, CategoryForm], Field(min_length=1)] = Field(
        description="Categories of personal information of Civ. Code 1798.140(v)(1), by name."
    )
    sensitive_elements: dict[Word, SensitiveElementForm] = Field(
        description="Elements that are sensitive personal information, Civ. Code 1798.140(ae)."
    )
    unique_identifiers: Words = Field(
        description="Elements that identify a person or device and so are never deidentified."
    )
    recipient_categories: Annotated[dict[Word, Text], Field(min_length=1)] = Field(
        description="Kinds of recipients, as a notice names them, each with what it stands for."
    )
    purposes: Annotated[dict[Word, Text], Field(min_length=1)] = Field(
        description="What data may be disclosed for, each with what it stands for."
    )


class ContractForm(Form):
    """A contract with a recipient; the legal role follows from the contracts in force."""

    type: Literal["service_provider", "contractor", "third_party"] = Field(
        description="service_provider or contractor (11 CCR 7051(a)), or third_party (11 CCR 7053(a))."
    )
    effective_from: Day = Field(description="First day, in California.")
    effective_to: Day | None = Field(default=None, description="Last day, in California; open without it.")
    required_terms: bool = Field(
        default=True, description="It has all the terms its regulation requires; else it counts for nothing."
    )
    certified: bool = Field(
        default=False, description="Contractor: the certification of Civ. Code 1798.140(j)(1)(B) was given."
    )
    deidentification: bool = Field(
        default=False, description="The recipient is bound not to reidentify, Civ. Code 1798.140(m)(3)."
    )
    forwards_opt_outs: bool = Field(default=False, description="The recipient must pass opt-outs on.")
    gdpr_processor: bool = Field(default=False, description="It has the terms of GDPR Art. 28.")
    through: Id | None = Field(default=None, description="This is a subcontract of that recipient.")
    flow_down: bool = Field(default=False, description="Subcontract: the same terms were passed down.")


class RecipientForm(Form):
    """A legal party that receives data."""

    name: Text = Field(description="Legal or trade name.")
    category: Word = Field(description="One of the recipient_categories of taxonomy.yaml.")
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = Field(
        default="US", description="ISO 3166 code of two letters."
    )
    affiliate: Literal["common_branding", "separate_branding"] | None = Field(
        default=None, description="common_branding: the same business; separate_branding: not."
    )
    contracts: list[ContractForm] = Field(default=[], description="All contracts with it, ended ones too.")
    notify: NotifyForm | None = Field(
        default=None, description="How it is told of opt-outs, limits and deletions. Decides nothing."
    )


class RecipientsForm(RootModel[dict[Id, RecipientForm]]):
    """The recipients by id, with their contracts."""


class RowForm(Form):
    """Recipient categories to whom a category of personal information goes."""

    business_purpose: Column
    sale_or_share: Column


class MinorsForm(BaseModel):
    """What the notice says of minors; statements beside the promise describe and decide nothing."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    __pydantic_extra__: dict[str, Scalar]

    no_sale_or_share_under: Annotated[int, Field(ge=1, le=18)] | None = Field(
        default=None, description="Promise never to sell or share data of persons known to be younger."
    )


class DeadlinesForm(Form):
    """Calendar days promised."""

    opt_out_days: Days | None = Field(default=None, description="Days to comply with an opt-out.")
    limit_days: Days | None = Field(default=None, description="Days to comply with a limit.")


class NoticeForm(Form):
    """A published notice: what the public was promised."""

    id: Id = Field(description="As the file's name, without .yaml.")
    effective_from: Day | None = Field(default=None, description="First day; observed_at without it.")
    effective_to: Day | None = Field(default=None, description="Last day; open without it.")
    purposes: Purposes = Field(description="Purposes declared, or `all`.")
    purposes_excluded: Words = Field(
        default=[], description="Purposes the notice denies, whatever else it says."
    )
    groups: dict[Word, Words] = Field(default={}, description="Names for lists of recipient categories.")
    matrix: Annotated[dict[Word, RowForm], Field(min_length=1)] = Field(
        description="For each category of personal information, or `all`: who receives it."
    )
    minors: MinorsForm = Field(
        default_factory=lambda: MinorsForm.model_validate({}), description="What the notice says of minors."
    )
    deadlines: DeadlinesForm = Field(default=DeadlinesForm(), description="Calendar days promised.")
    controller: Texts | None = Field(default=None, description="Whose notice it is. Describes only.")
    population: Texts | None = Field(default=None, description="Whom it speaks to. Describes only.")
    jurisdiction: Texts | None = Field(default=None, description="Where it applies. Describes only.")
    regime: Texts | None = Field(default=None, description="Law it was written for. Describes only.")
    observed_at: Day | None = Field(
        default=None, description="Day of a snapshot; stands in for an unknown effective_from."
    )
    sources: Texts | None = Field(default=None, description="Where data comes from. Describes only.")
    signals: dict[Word, Scalar] = Field(
        default={}, description="What the notice says of gpc and dnt. Describes only."
    )
    letters: dict[str, Word] = Field(
        default={},
        description="What the notice's own letters stand for, with a namespace: mm22.pi.G. Describes only.",
    )
    ambiguities: list[Text] = Field(default=[], description="How unclear passages were read. Describes only.")


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else value


class TogglesForm(Form):
    """Settings where the law leaves a choice; each default is the choice that protects, or that binds."""

    treat_dnt_as_opt_out: bool = Field(default=False, description="`dnt: 1` counts as GPC.")
    treat_cookie_reject_as_opt_out: bool = Field(
        default=True, description="A banner rejection stops sale and sharing by cookie from that device."
    )
    anonymous_device_opt_out_persists: bool = Field(
        default=True, description="false: a device's own GPC signal counts until its next visit without one."
    )
    retro_link_device_opt_out_to_account: Literal["forward_only", "none", "backward"] = Field(
        default="forward_only", description="From when a device's opt-out reaches accounts linked later."
    )
    us_wide_gpc: bool = Field(
        default=True, description="false: GPC counts only for residents of states whose law recognises it."
    )
    unparseable_signal: Literal["suppress", "ignore"] = Field(
        default="suppress", description="What a signal that cannot be read means."
    )
    fail_closed_kinds: Annotated[
        list[Literal["sale", "share", "sensitive"]], *_UNIQUE, BeforeValidator(_listed)
    ] = Field(
        default=["sale", "share", "sensitive"],
        description="What is suppressed when preferences cannot be read.",
    )
    consent_ttl_days: Annotated[int, Field(ge=0, le=36_500)] | None = Field(
        default=None, description="An opt-in lapses this many days after it was confirmed."
    )
    household_strictest: bool = Field(default=True, description="false: nothing travels into a household.")
    aged_out_requires_notice: bool = Field(default=True, description="Set notice_first on those aged out.")
    clock_skew_bound_ms: Annotated[int, Field(ge=0, le=86_400_000)] = Field(
        default=1000, description="How far clocks may differ, in milliseconds."
    )
    notice_sla_override: bool = Field(
        default=True, description="A shorter deadline promised in the notice binds."
    )
    dual_notice_check: bool = Field(
        default=True, description="The notice at collection must declare a disclosure too."
    )
    business_days: Literal["mon_sat", "mon_fri"] = Field(
        default="mon_sat", description="Which days count. Under Civ. Code 7 and 9 a Saturday does."
    )


class PolicyForm(Form):
    """Which of the notices are published here, and settings that differ from their defaults."""

    published: Annotated[list[Id], *_UNIQUE] | None = Field(
        default=None, description="Ids of the notices in force; every notice of the folder without it."
    )
    toggles: TogglesForm = Field(default=TogglesForm(), description="Settings where the law leaves a choice.")
