"""The registry in files: YAML in git, reviewed like code, read into values of the decision core.

registry/
  taxonomy.yaml      the words
  recipients.yaml    the recipients and their contracts
  notices/*.yaml     one published notice each
  policy.yaml        which notices are published, and settings (optional)
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from disclosure_consumers.core.deadlines import start_of_day_us
from disclosure_consumers.core.registry import (
    ALL,
    FOREVER_US,
    Contract,
    Notice,
    NoticeRow,
    Period,
    Policy,
    Recipient,
    Registry,
    Taxonomy,
)
from disclosure_schemas.codec import describe
from disclosure_schemas.errors import DisclosureError

T = TypeVar("T", bound=BaseModel)


class RegistryError(DisclosureError):
    """A registry file is missing, is not YAML, or says something that cannot be."""


class _Entry(BaseModel):
    """Base of the file forms: closed, so that a misspelt key is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _ContractEntry(_Entry):
    type: str = Field(pattern="^(service_provider|contractor|third_party)$")
    effective_from: date
    effective_to: date | None = None
    required_terms: bool = True
    certified: bool = False
    deidentification: bool = False
    forwards_opt_outs: bool = False
    gdpr_processor: bool = False
    through: str | None = None
    flow_down: bool = False


class _RecipientEntry(_Entry):
    name: str
    category: str
    country: str = "US"
    affiliate: str | None = Field(default=None, pattern="^(common_branding|separate_branding)$")
    contracts: tuple[_ContractEntry, ...] = ()


class _TaxonomyFile(_Entry):
    pi_categories: dict[str, dict[str, Any]]
    sensitive_elements: dict[str, dict[str, Any]]
    unique_identifiers: list[str]
    recipient_categories: dict[str, str]
    purposes: dict[str, str]


class _NoticeFile(BaseModel):
    """Only the keys that decide; a notice file holds descriptions beside them."""

    model_config = ConfigDict(frozen=True)

    id: str
    effective_from: date | None = None
    observed_at: date | None = None
    effective_to: date | None = None
    purposes: list[str] | str
    purposes_excluded: list[str] = []
    groups: dict[str, list[str]] = {}
    matrix: dict[str, dict[str, list[str] | str]]
    minors: dict[str, Any] = {}
    deadlines: dict[str, int] = {}


class _PolicyFile(_Entry):
    published: list[str] | None = None
    toggles: dict[str, Any] = {}


def example_registry() -> Path:
    """Folder of the example registry that comes with the package."""
    return Path(str(resources.files("disclosure_consumers").joinpath("registry")))


def load_registry(folder: Path, published: Iterable[str] | None = None) -> Registry:
    """Read a registry folder; raises RegistryError naming file, entry and what was expected.

    `published`: ids of the notices in force here, in place of those that policy.yaml names.
    """
    raw = _read_all(folder)
    taxonomy = _taxonomy(raw["taxonomy.yaml"])
    policy_file = _checked(_PolicyFile, raw.get("policy.yaml") or {}, "policy.yaml")
    notices = _notices({name: raw[name] for name in raw if name.startswith("notices/")}, taxonomy)
    chosen = _published(notices, published if published is not None else policy_file.published)
    canonical = json.dumps(
        {**raw, "published": [notice.id for notice in chosen]},
        sort_keys=True,
        default=str,
        ensure_ascii=False,
    )
    return Registry(
        taxonomy=taxonomy,
        recipients=_recipients(raw["recipients.yaml"], taxonomy),
        notices=chosen,
        policy=_policy(policy_file),
        content_hash=hashlib.sha256(canonical.encode()).digest(),
    )


def _read_all(folder: Path) -> dict[str, Any]:
    required = ["taxonomy.yaml", "recipients.yaml"]
    notices = sorted(f"notices/{path.name}" for path in (folder / "notices").glob("*.yaml"))
    optional = [name for name in ("policy.yaml",) if (folder / name).exists()]
    if not notices:
        raise RegistryError(
            f"the registry {folder} has no notice: expected at least one file notices/*.yaml."
        )
    return {name: _read_yaml(folder, name) for name in (*required, *notices, *optional)}


def _read_yaml(folder: Path, name: str) -> Any:
    try:
        with (folder / name).open(encoding="utf-8") as stream:
            return YAML(typ="safe", pure=True).load(stream)
    except FileNotFoundError as error:
        raise RegistryError(
            f"the registry {folder} has no file {name}. Pass the folder with --registry, "
            "or begin with a copy of the example registry."
        ) from error
    except YAMLError as error:
        raise RegistryError(f"{folder / name} is not YAML: {error}") from error


def _checked(form: type[T], entry: Any, where: str) -> T:
    try:
        return form.model_validate(entry)
    except ValidationError as error:
        raise RegistryError(f"in {where}: {describe(form.__name__.strip('_'), error)}") from error


def _taxonomy(raw: Any) -> Taxonomy:
    file = _checked(_TaxonomyFile, raw, "taxonomy.yaml")
    return Taxonomy(
        elements={name: frozenset(entry["elements"]) for name, entry in file.pi_categories.items()},
        sensitive_elements=frozenset(file.sensitive_elements),
        unique_identifiers=frozenset(file.unique_identifiers),
        recipient_categories=frozenset(file.recipient_categories),
        purposes=frozenset(file.purposes),
    )


def _period(first: date | None, last: date | None) -> Period:
    """Days in California, the first and the last included."""
    return Period(
        -FOREVER_US if first is None else start_of_day_us(first),
        FOREVER_US if last is None else start_of_day_us(last + timedelta(days=1)),
    )


def _recipients(raw: Any, taxonomy: Taxonomy) -> Mapping[str, Recipient]:
    recipients: dict[str, Recipient] = {}
    for recipient_id, value in (raw or {}).items():
        entry = _checked(_RecipientEntry, value, f"recipients.yaml, {recipient_id}")
        _known(entry.category, taxonomy.recipient_categories, f"recipients.yaml, {recipient_id}: category")
        contracts = tuple(
            Contract(
                id=f"{recipient_id}/{contract.type}/{contract.effective_from}",
                period=_period(contract.effective_from, contract.effective_to),
                **contract.model_dump(exclude={"effective_from", "effective_to"}),
            )
            for contract in entry.contracts
        )
        recipients[recipient_id] = Recipient(
            id=recipient_id, contracts=contracts, **entry.model_dump(exclude={"contracts"})
        )
    for recipient in recipients.values():
        for contract in recipient.contracts:
            if contract.through is not None:
                _known(contract.through, recipients, f"recipients.yaml, {recipient.id}: through")
    return recipients


def _notices(raw: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, Notice]:
    notices = (_notice(value, name, taxonomy) for name, value in raw.items())
    return {notice.id: notice for notice in notices}


def _notice(raw: Any, name: str, taxonomy: Taxonomy) -> Notice:
    file = _checked(_NoticeFile, raw, name)

    def column(value: list[str] | str, where: str) -> frozenset[str] | Any:
        if value == ALL:
            return ALL
        if value == "none":
            return frozenset()
        members = file.groups.get(value, None) if isinstance(value, str) else value
        if members is None:
            raise RegistryError(f"in {where}: {value!r} is no group of this notice, nor `all` nor `none`.")
        for member in members:
            _known(member, taxonomy.recipient_categories, where)
        return frozenset(members)

    rows: dict[str, NoticeRow] = {}
    for category, columns in file.matrix.items():
        where = f"{name}, matrix, {category}"
        if category != ALL:
            _known(category, taxonomy.elements, where)
        if set(columns) != {"business_purpose", "sale_or_share"}:
            raise RegistryError(
                f"in {where}: expected business_purpose and sale_or_share, got {list(columns)}."
            )
        rows[category] = NoticeRow(**{key: column(value, where) for key, value in columns.items()})
    for purpose in [*file.purposes_excluded, *(file.purposes if isinstance(file.purposes, list) else [])]:
        _known(purpose, taxonomy.purposes, f"{name}, purposes")
    return Notice(
        id=file.id,
        period=_period(file.effective_from or file.observed_at, file.effective_to),
        purposes=ALL if file.purposes == ALL else frozenset(file.purposes),
        purposes_excluded=frozenset(file.purposes_excluded),
        rows=rows,
        no_sale_or_share_under=file.minors.get("no_sale_or_share_under"),
        opt_out_days=file.deadlines.get("opt_out_days"),
        limit_days=file.deadlines.get("limit_days"),
    )


def _published(notices: Mapping[str, Notice], ids: Iterable[str] | None) -> tuple[Notice, ...]:
    chosen = list(notices) if ids is None else list(ids)
    for notice_id in chosen:
        _known(notice_id, notices, "published notices")
    return tuple(notices[notice_id] for notice_id in chosen)


def _policy(file: _PolicyFile) -> Policy:
    try:
        return TypeAdapter(Policy).validate_python(file.toggles)
    except ValidationError as error:
        raise RegistryError(f"in policy.yaml, toggles: {describe('policy', error)}") from error


def _known(word: str, words: Iterable[str], where: str) -> None:
    if word not in words:
        raise RegistryError(f"in {where}: {word!r} does not exist; known are {', '.join(sorted(words))}.")
