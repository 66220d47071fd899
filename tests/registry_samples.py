"""A small registry in which nothing is to be found, and ways to spoil it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

TODAY = date(2026, 11, 22)
"""A day on which every contract and the notice of the sample are in force."""

TAXONOMY = """\
pi_categories:
  identifiers:
    statute: (v)(1)(A)
    elements: [name, email]
  health_records:
    statute: (v)(1)(B)
    elements: [diagnosis]
  sensitive:
    statute: (v)(1)(L)
    elements: [diagnosis]
sensitive_elements:
  diagnosis: {statute: (ae)(2)(B), usca: 8}
unique_identifiers: [email]
recipient_categories:
  advertisers: those who advertise
  vendors: those who work for us
  affiliates: sister companies
  service_providers: processors
  government_and_legal: authorities
purposes:
  provide_services: what was asked for
  marketing: advertising
  recipient_direct_marketing: the recipient's own advertising
"""

RECIPIENTS = """\
acme:
  name: Acme Advertising
  category: advertisers
  contracts:
    - {type: third_party, effective_from: 2025-01-01}
boxes:
  name: Boxes and Parcels
  category: vendors
  contracts:
    - {type: service_provider, effective_from: 2024-01-01, effective_to: 2025-12-31}
    - {type: service_provider, effective_from: 2026-01-01}
crates:
  name: Crates
  category: vendors
  contracts:
    - {type: service_provider, effective_from: 2026-01-01, through: boxes, flow_down: true}
builders:
  name: Builders
  category: vendors
  contracts:
    - {type: contractor, effective_from: 2026-01-01, certified: true}
sister:
  name: Sister Company
  category: affiliates
  affiliate: common_branding
court:
  name: County Court
  category: government_and_legal
"""

NOTICE = """\
# What we tell everybody.
id: spring
controller: Example
effective_from: 2026-03-01
purposes: [provide_services, marketing]
groups:
  helpers: [vendors, affiliates, government_and_legal]
matrix:
  identifiers:
    business_purpose: helpers
    sale_or_share: [advertisers]
  health_records: {business_purpose: helpers, sale_or_share: none}
  sensitive: {business_purpose: helpers, sale_or_share: none}
signals: {gpc: honored, dnt: ignored}
letters:
  ex.pi.A: identifiers
  ex.rcpt.B: advertisers
"""

POLICY = """\
published: [spring]
toggles: {}
"""

SPRING = "notices/spring.yaml"
SAMPLE: Mapping[str, str] = {
    "taxonomy.yaml": TAXONOMY,
    "recipients.yaml": RECIPIENTS,
    SPRING: NOTICE,
    "policy.yaml": POLICY,
}
"""Texts of the files, by name."""


def sample(*changes: tuple[str, str, str]) -> dict[str, bytes]:
    """Files of the sample with changes: file, a text that is in it once, and what to write in its place.

    With an empty text the file is made anew, or added.
    """
    texts = dict(SAMPLE)
    for name, old, new in changes:
        assert old == "" or texts[name].count(old) == 1, (name, old)
        texts[name] = texts[name].replace(old, new) if old else new
    return {name: text.encode() for name, text in texts.items()}


def line_of(content: bytes, fragment: str) -> int:
    """Line in which a text first occurs, counted from 1."""
    return content.decode().partition(fragment)[0].count("\n") + 1


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A registry folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
