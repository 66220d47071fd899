"""The registry that tests of the decision core share, for the core and for the reference engine alike.

It is the example registry with recipients and notices added for what no example needs.
"""

from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.registry_files import RegistryFolder, example_registry, read_folder
from reference_registry import Book, Said, read_yaml

ODD_RECIPIENTS = """
ferrymoor:
  name: Ferrymoor Mail               # both a service provider and a buyer that passes opt-outs on
  category: advertising_and_social
  contracts:
    - {type: service_provider, effective_from: 2022-01-01, forwards_opt_outs: true}
    - {type: third_party, effective_from: 2022-01-01, forwards_opt_outs: true}
greyvale:
  name: Greyvale Rechenzentrum
  category: service_providers
  country: DE
  contracts:
    - {type: contractor, effective_from: 2026-04-04, certified: true, gdpr_processor: true}
halfmoor:
  name: Halfmoor Partners            # an affiliate with a contract that makes it nothing
  category: affiliates
  affiliate: separate_branding
  contracts:
    - {type: contractor, effective_from: 2022-01-01}
    - {type: third_party, effective_from: 2022-01-01}
dustline:
  name: Dustline Data                # bound not to reidentify, by a contract that counts for nothing
  category: commercial_data_partners
  contracts:
    - {type: third_party, effective_from: 2022-01-01, required_terms: false, deidentification: true}
deepwell:
  name: Deepwell Storage             # below a subcontractor
  category: functional_vendors
  contracts:
    - {type: service_provider, effective_from: 2022-01-01, through: loomstore, flow_down: true}
lastweek:
  name: Lastweek Media               # the contract ends in the middle of what is told
  category: advertising_and_social
  contracts:
    - {type: third_party, effective_from: 2022-01-01, effective_to: 2026-04-05, forwards_opt_outs: true}
"""

CAREFUL_NOTICE = """
id: careful_2026
effective_from: 2026-04-05
purposes: [provide_services, marketing, internal_business, opt_out_notice]
purposes_excluded: [recipient_direct_marketing]
groups:
  ads: [advertising_and_social, commercial_data_partners, consented_entities]
matrix:
  all: {business_purpose: all, sale_or_share: [advertising_and_social, consented_entities]}
  identifiers: {business_purpose: [functional_vendors, transaction_vendors], sale_or_share: ads}
  biometric: {business_purpose: none, sale_or_share: none}
  sensitive: {business_purpose: [functional_vendors, consented_entities], sale_or_share: [consented_entities]}
minors: {no_sale_or_share_under: 13}
deadlines: {opt_out_days: 2, limit_days: 20}
"""

BRIEF_NOTICE = """
id: brief_2026
effective_from: 2026-01-01
effective_to: 2026-04-05
purposes: all
matrix:
  all: {business_purpose: all, sale_or_share: all}
deadlines: {limit_days: 1}
"""

DEFAULT_TOGGLES: Said = {
    "treat_dnt_as_opt_out": False,
    "treat_cookie_reject_as_opt_out": True,
    "anonymous_device_opt_out_persists": True,
    "retro_link_device_opt_out_to_account": "forward_only",
    "us_wide_gpc": True,
    "unparseable_signal": "suppress",
    "fail_closed_kinds": ["sale", "share", "sensitive"],
    "consent_ttl_days": None,
    "household_strictest": True,
    "aged_out_requires_notice": True,
    "clock_skew_bound_ms": 1000,
    "notice_sla_override": True,
    "dual_notice_check": True,
    "business_days": "mon_sat",
}
"""Settings of the scenario format, with its defaults."""


@cache
def _read() -> tuple[RegistryFolder, dict[str, Said]]:
    """The folder as the product reads it, and every file as written."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        copytree(example_registry(), folder, dirs_exist_ok=True)
        with (folder / "recipients.yaml").open("a", encoding="utf-8") as file:
            file.write(ODD_RECIPIENTS)
        for name, text in (("careful_2026", CAREFUL_NOTICE), ("brief_2026", BRIEF_NOTICE)):
            (folder / "notices" / f"{name}.yaml").write_text(text, encoding="utf-8")
        files = [*folder.glob("*.yaml"), *folder.glob("notices/*.yaml")]
        return read_folder(folder), {path.stem: read_yaml(path) for path in files}


def recipients() -> Said:
    """Recipients as written."""
    return _read()[1]["recipients"]


def words() -> Said:
    """Words of the registry as written."""
    return _read()[1]["taxonomy"]


def core_registry(published: tuple[str, ...], toggles: Said) -> Registry:
    """The registry as the core reads it."""
    return _read()[0].registry(published, toggles)


def reference_book(published: tuple[str, ...], toggles: Said) -> Book:
    """The same registry as written."""
    notices = [_read()[1][name] for name in published]
    return Book(words(), recipients(), notices, {**DEFAULT_TOGGLES, **toggles})
