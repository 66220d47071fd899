"""The content of a disclosure event as bytes: what the caller says, defaults filled in, checked, encoded."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from pydantic import create_model

from disclosure_producers.checks import fitting, key_bytes, refuse_address, shown, validated
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.errors import InvalidEventError
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item, Signals
from disclosure_schemas.events.vocabulary import Consideration, Kind, Mode
from disclosure_schemas.layout import NO_REFERENCES

_DEFAULT_PURPOSE: Mapping[str, str] = {
    Kind.SALE: "marketing",
    Kind.SHARE: "marketing",
    Kind.LEGAL_PROCESS: "legal_and_security",
    Kind.CORPORATE_TRANSACTION: "corporate_transaction",
    Kind.OPT_OUT_RELAY: "opt_out_notice",
}
_OTHER_PURPOSE = "provide_services"
"""Defaults by kind: FORMAT.md, section "Ask and report"."""

_REFERENCES = (
    "collected_at",
    "decision_event_id",
    "corrects_event_id",
    "retracts_event_id",
    "transaction_id",
    "linked_subject_keys",
)
_REFERENCES_WRITER = PartWriter(DisclosureRequested.__name__, _REFERENCES[0], _REFERENCES[-1])
_CONTENT_WRITER = PartWriter(DisclosureRequested.__name__, "disclosure", "disclosure")
_References: type[Value] = create_model(
    "References",
    __base__=Value,
    **{
        name: (field.annotation, field)
        for name, field in DisclosureRequested.model_fields.items()
        if name in _REFERENCES
    },
)  # type: ignore[call-overload]


class Details(TypedDict, total=False):
    """What a caller may say of a disclosure beyond recipient, kind and items.

    Without a word on them: purpose `marketing` for sale and share, `legal_and_security` for legal process,
    `corporate_transaction`, `opt_out_notice` for a relay, else `provide_services`; consideration `monetary`
    for a sale, else `none`; cross_context_ads true for share; all else as in `Disclosure`.
    """

    purpose: str | None
    consideration: str | None
    cross_context_ads: bool | None
    subject_type: str
    combines_data: bool
    limit_exception: str | None
    channel: str
    program: str | None
    control_transferred: bool
    onward_to: str | None
    acting_as: str
    bought: str
    wholly_outside_california: bool
    residency: str | None
    signals: Signals | None


def disclosure_of(
    mode: Mode, emitter: str, *, to: str, kind: str, items: Sequence[str | Item], details: Mapping[str, Any]
) -> Disclosure:
    """The checked value, defaults of the kind filled in; raises InvalidEventError."""
    unknown = sorted(details.keys() - Details.__annotations__.keys())
    if unknown:
        raise InvalidEventError(
            f"a disclosure has no {', '.join(unknown)}; expected to, kind, items and any of "
            f"{', '.join(Details.__annotations__)}."
        )
    fields = {name: value for name, value in details.items() if value is not None}
    if "onward_to" in fields:
        fields["onward_recipient_id"] = fields.pop("onward_to")
    defaults: dict[str, Any] = {
        "purpose": _DEFAULT_PURPOSE.get(kind, _OTHER_PURPOSE),
        "consideration": Consideration.MONETARY if kind == Kind.SALE else Consideration.NONE,
        "cross_context_ads": kind == Kind.SHARE,
    }
    said = {"mode": mode, "emitter": emitter, "recipient_id": to, "kind": kind, "items": items_of(items)}
    return validated(Disclosure, {**defaults, **fields, **said})


def encoded_content(
    mode: Mode,
    emitter: str,
    *,
    to: str,
    kind: str,
    items: tuple[str | Item, ...],
    details: tuple[tuple[str, Any], ...],
) -> bytes:
    """The bytes of the nested disclosure; its arguments are hashable, so that equal words encode once."""
    return encoded_disclosure(
        disclosure_of(mode, emitter, to=to, kind=kind, items=items, details=dict(details))
    )


def encoded_disclosure(content: Disclosure) -> bytes:
    """The bytes of a nested disclosure; raises InvalidEventError for one that is too large."""
    return fitting(_CONTENT_WRITER.write({"disclosure": content.model_dump()}))


def encoded_references(given: dict[str, Any]) -> bytes:
    """The bytes of the optional references; raises InvalidEventError, SubjectKeyError."""
    named = {name: value for name, value in given.items() if value is not None}
    if not named:
        return NO_REFERENCES
    for key in named.get("linked_subject_keys", ()):
        key_bytes(key, "linked_subject_keys")
    return _REFERENCES_WRITER.write(validated(_References, named).model_dump())


def items_of(items: Sequence[str | Item]) -> tuple[Item, ...]:
    """Items from `category` or `category.element` texts and Item values; raises InvalidEventError."""
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise InvalidEventError(
            f"items takes a list such as ['identifiers', 'commercial.purchase_history'], got {shown(items)}."
        )
    if not items:
        raise InvalidEventError("items is empty: a disclosure discloses at least one category or element.")
    return tuple(_item(item) for item in items)


def _item(item: object) -> Item:
    if isinstance(item, Item):
        refuse_address(str(item), "an item")
        return item
    if not isinstance(item, str):
        raise InvalidEventError(
            f"an item is category, category.element, or an Item with an exemption; got {shown(item)}."
        )
    refuse_address(item, "an item")  # before its dot is taken for the one between category and element
    category, dot, element = item.partition(".")
    if not category or (dot and not element):
        raise InvalidEventError(
            f"an item is category or category.element with nothing left out; got {shown(item)}."
        )
    return validated(Item, {"category": category, "element": element or None})
