"""The registry in files: what is read, what is refused, and where it says so."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from ruamel.yaml import YAML

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.registry_files import (
    RegistryError,
    RegistryFolder,
    example_registry,
    folder_of,
    inspect_files,
    load_registry,
    read_folder,
)
from disclosure_consumers.registry_folder.contents import POLICY, RECIPIENTS, TAXONOMY
from disclosure_consumers.registry_folder.forms import TogglesForm
from disclosure_consumers.registry_folder.json_schemas import FORMS, json_schema_of
from disclosure_schemas.moments import microseconds
from registry_samples import NOTICE, SAMPLE, SPRING, line_of, sample, written

FOLDER = Path("registry")
EXAMPLE = read_folder(example_registry())


def folder(*changes: tuple[str, str, str]) -> RegistryFolder:
    """The sample with changes."""
    return folder_of(FOLDER, inspect_files(sample(*changes)))


def refusal(files: Mapping[str, bytes]) -> RegistryError:
    """The error for these files."""
    with pytest.raises(RegistryError) as caught:
        folder_of(FOLDER, inspect_files(files))
    return caught.value


def midnight(year: int, month: int, day: int, utc_hour: int) -> int:
    """Midnight in California, given with its hour in UTC, in microseconds."""
    return microseconds(datetime(year, month, day, utc_hour, tzinfo=UTC))


def test_a_notice_is_read_with_its_groups_written_out() -> None:
    """Rows hold recipient categories, whether the file names a group, a list, all or none."""
    notice = folder((SPRING, "sale_or_share: [advertisers]", "sale_or_share: all")).notices["spring"]
    assert notice.rows["identifiers"].business_purpose == frozenset(
        {"vendors", "affiliates", "government_and_legal"}
    )
    assert notice.rows["identifiers"].sale_or_share == "all"
    assert notice.rows["sensitive"].sale_or_share == frozenset()
    assert notice.purposes == frozenset({"provide_services", "marketing"})
    assert notice.purposes_excluded == frozenset()


def test_days_are_days_in_california_with_the_last_included() -> None:
    """A contract's period runs from the first midnight to the midnight after its last day."""
    earlier, later = EXAMPLE.recipients["oldgate"].contracts[0], folder().recipients["boxes"].contracts[0]
    assert earlier.period.until_us == midnight(2026, 4, 6, 7)  # daylight saving time
    assert (later.period.from_us, later.period.until_us) == (
        midnight(2024, 1, 1, 8),
        midnight(2026, 1, 1, 8),
    )


def test_contracts_have_ids_of_their_own() -> None:
    """No two contracts of the sample share an id, and a subcontract names what it is through."""
    ids = [contract.id for recipient in folder().recipients.values() for contract in recipient.contracts]
    assert len(set(ids)) == len(ids) == 5
    assert "crates/service_provider/2026-01-01/boxes" in ids


def test_an_observed_day_stands_in_for_an_unknown_first_day() -> None:
    """The first day of a notice without effective_from is the day it was observed."""
    assert EXAMPLE.notices["metlife_online_2019"].period.from_us == midnight(2019, 6, 5, 7)


def test_the_example_registry_publishes_what_its_policy_names() -> None:
    """policy.yaml names the notices in force; a caller may name others."""
    assert [notice.id for notice in EXAMPLE.registry().notices] == ["massmutual_workforce_2022"]
    chosen = EXAMPLE.registry(["neutral", "metlife_online_2019"])
    assert [notice.id for notice in chosen.notices] == ["neutral", "metlife_online_2019"]
    assert load_registry(example_registry(), ["neutral", "metlife_online_2019"]) == chosen


def test_without_a_policy_every_notice_is_published() -> None:
    """A folder without policy.yaml publishes all its notices."""
    files = sample()
    del files[POLICY]
    files["notices/autumn.yaml"] = NOTICE.replace("id: spring", "id: autumn").encode()
    found = folder_of(FOLDER, inspect_files(files)).registry()
    assert [notice.id for notice in found.notices] == ["autumn", "spring"]


def test_registries_of_one_reading_share_their_values() -> None:
    """Other notices or settings make another registry without reading the folder again."""
    plain, changed = EXAMPLE.registry(), EXAMPLE.registry(["neutral"], {"us_wide_gpc": False})
    assert changed.recipients is plain.recipients
    assert changed.taxonomy is plain.taxonomy
    assert changed.remembered is not plain.remembered
    assert (plain.policy.us_wide_gpc, changed.policy.us_wide_gpc) == (True, False)


def test_toggles_given_by_a_caller_come_on_top_of_those_in_the_file() -> None:
    """A setting of policy.yaml stays unless the caller names it too."""
    read = folder((POLICY, "{}", "{household_strictest: false, consent_ttl_days: 30}"))
    assert read.registry().policy == Policy(household_strictest=False, consent_ttl_days=30)
    mixed = read.registry(toggles={"household_strictest": True, "fail_closed_kinds": frozenset({"sale"})})
    assert mixed.policy == Policy(consent_ttl_days=30, fail_closed_kinds=frozenset({"sale"}))
    assert load_registry(example_registry(), toggles={"business_days": "mon_fri"}).policy == Policy(
        business_days="mon_fri"
    )


@pytest.mark.parametrize(
    ("published", "toggles", "expected"),
    [
        (["springs"], None, "published: 'springs' is no notice of this registry; did you mean 'spring'?"),
        (None, {"us_wide_gpx": True}, "did you mean 'us_wide_gpc'?"),
        (None, {"consent_ttl_days": "30"}, "consent_ttl_days: expected a whole number, got '30'."),
        (
            None,
            {"fail_closed_kinds": ["gift"]},
            "fail_closed_kinds[0]: the value should be 'sale', 'share' or",
        ),
        (
            None,
            {"business_days": None},
            "business_days: the value should be 'mon_sat' or 'mon_fri', got nothing",
        ),
    ],
)
def test_what_a_caller_names_must_exist(
    published: list[str] | None, toggles: dict[str, Any] | None, expected: str
) -> None:
    """A notice or setting that does not exist, given by a caller, is refused and named."""
    with pytest.raises(RegistryError) as caught:
        folder().registry(published, toggles)
    assert expected in str(caught.value)


def test_toggles_are_those_of_the_decision_core() -> None:
    """The form of the settings has the names and the defaults of the values decisions are made of."""
    assert set(TogglesForm.model_fields) == {setting.name for setting in fields(Policy)}
    defaults = asdict(Policy()) | {"fail_closed_kinds": sorted(Policy().fail_closed_kinds)}
    written_defaults = TogglesForm().model_dump()
    assert written_defaults | {"fail_closed_kinds": sorted(written_defaults["fail_closed_kinds"])} == defaults


def hash_of(*changes: tuple[str, str, str]) -> bytes:
    """Content hash of the sample with changes."""
    return folder(*changes).registry().content_hash


@pytest.mark.parametrize(
    "change",
    [
        (SPRING, "# What we tell everybody.\n", ""),
        (SPRING, "[provide_services, marketing]", "\n  - provide_services  # first\n  - 'marketing'"),
        (RECIPIENTS, "effective_from: 2025-01-01}", 'effective_from: "2025-01-01"}'),
        (POLICY, "toggles: {}\n", ""),
        (POLICY, "toggles: {}", "toggles: {us_wide_gpc: true}"),
    ],
)
def test_the_hash_does_not_see_layout(change: tuple[str, str, str]) -> None:
    """Comments, quotes, layout and settings at their default leave the content hash as it is."""
    assert hash_of(change) == hash_of()


@pytest.mark.parametrize(
    "change",
    [
        (TAXONOMY, "elements: [name, email]", "elements: [name, email, phone]"),
        (RECIPIENTS, "Acme Advertising", "Acme Adverts"),
        (RECIPIENTS, "effective_from: 2025-01-01", "effective_from: 2025-01-02"),
        (SPRING, "dnt: ignored", "dnt: honored"),
        ("notices/other.yaml", "", NOTICE.replace("id: spring", "id: other")),
        (POLICY, "published: [spring]", "published: []"),
        (POLICY, "toggles: {}", "toggles: {us_wide_gpc: false}"),
    ],
)
def test_the_hash_sees_every_word(change: tuple[str, str, str]) -> None:
    """Whatever is said or in force otherwise makes another content hash."""
    assert hash_of(change) != hash_of()


def test_the_hash_is_of_what_is_in_force_whoever_says_so() -> None:
    """Notices and settings count alike in policy.yaml and from a caller."""
    by_file = hash_of((POLICY, "toggles: {}", "toggles: {us_wide_gpc: false}"))
    assert folder().registry(["spring"], {"us_wide_gpc": False}).content_hash == by_file


class Refused(NamedTuple):
    """A mistake: where and how it is made, and how it is told."""

    file: str
    old: str
    new: str
    code: str
    fragment: str
    text: str


REFUSED = {
    "no yaml": Refused(SPRING, "groups:", "groups: [", "not_yaml", "matrix", "this is not YAML"),
    "tab": Refused(SPRING, "groups:", "\tgroups:", "not_yaml", "\tgroups", "this is not YAML"),
    "alias": Refused(SPRING, "[advertisers]", "*nobody", "not_yaml", "*nobody", "undefined alias"),
    "duplicate": Refused(
        RECIPIENTS, "sister:", "acme:", "duplicate_key", "acme:\n  name: Sister", "in line 1."
    ),
    "duplicate key of a mapping": Refused(
        SPRING,
        "dnt: ignored}",
        "dnt: ignored, gpc: ignored}",
        "duplicate_key",
        "signals",
        "signals.gpc: this key is already in line",
    ),
    "number as key": Refused(
        RECIPIENTS, "court:", "5:", "wrong_key", "5:", "expected text as a key, got '5'"
    ),
    "merge": Refused(
        SPRING, "signals: {", "signals: {<<: {}, ", "wrong_key", "signals", "write out what it merges"
    ),
    "tag": Refused(
        SPRING, "marketing]", "!!set {}]", "wrong_value", "!!set", "the tag tag:yaml.org,2002:set means"
    ),
    "circle": Refused(
        SPRING, "[advertisers]", "&x [*x]", "wrong_value", "&x", "stands for what it is a part of"
    ),
    "octal": Refused(
        SPRING, "dnt: ignored", "dnt: 0o7", "wrong_value", "dnt", "expected text, a whole number"
    ),
    "surrogate": Refused(SPRING, "dnt: ignored", 'dnt: "\\ud800"', "wrong_value", "dnt", "expected text"),
    "missing": Refused(
        SPRING, "purposes: [provide_services, marketing]\n", "", "missing_key", "id:", "key purposes"
    ),
    "unknown key": Refused(
        RECIPIENTS, "affiliate:", "afiliate:", "unknown_key", "afilia", "mean 'affiliate'?"
    ),
    "unknown descriptive key": Refused(
        SPRING, "controller:", "publisher:", "unknown_key", "publisher", "known are"
    ),
    "unknown key of a contract": Refused(
        RECIPIENTS,
        "flow_down:",
        "flowdown:",
        "unknown_key",
        "flowdown",
        "crates.contracts[0].flowdown: there is no key 'flowdown' here; did you mean 'flow_down'?",
    ),
    "text for yes": Refused(
        RECIPIENTS, "certified: true", "certified: yes", "wrong_value", "yes", "true or false"
    ),
    "number for text": Refused(RECIPIENTS, "County Court", "12", "wrong_value", "name: 12", "expected text"),
    "fraction": Refused(RECIPIENTS, "County Court", "1.5", "wrong_value", "1.5", "expected text"),
    "list for text": Refused(RECIPIENTS, "County Court", "[x]", "wrong_value", "[x]", "got a list of 1"),
    "no such day": Refused(
        RECIPIENTS, "2025-12-31", "2025-02-30", "wrong_value", "02-30", "got '2025-02-30'"
    ),
    "no day": Refused(
        SPRING, "2026-03-01", "soon", "wrong_value", "soon", "expected a day of the years 1900"
    ),
    "moment": Refused(
        SPRING, "2026-03-01", "2026-03-01T00:00:00Z", "wrong_value", "2026-03", "expected a day"
    ),
    "type": Refused(
        RECIPIENTS, "type: contractor", "type: vendor", "wrong_value", "type: vendor", "got 'vendor'"
    ),
    "country": Refused(
        RECIPIENTS, "name: Acme", "country: us\n  name: Acme", "wrong_value", "us\n", "capital"
    ),
    "word": Refused(SPRING, "dnt: ignored", "DNT: ignored", "wrong_key", "DNT", "a word of small letters"),
    "repeated": Refused(
        SPRING, "[advertisers]", "[advertisers, advertisers]", "wrong_value", "tisers,", "repeated"
    ),
    "wrong purposes": Refused(
        SPRING, "[provide_services, marketing]", "any", "wrong_value", "any", "should be 'all'"
    ),
    "scalar": Refused(SPRING, "dnt: ignored", "dnt: [ignored]", "wrong_value", "dnt", "got a list of 1"),
    "recipient of no form": Refused(
        RECIPIENTS,
        "court:\n  name: County Court\n  category: government_and_legal\n",
        "court: x\n",
        "wrong_value",
        "court: x",
        "court: expected keys with values, got 'x'.",
    ),
    "category": Refused(
        RECIPIENTS,
        "category: advertisers",
        "category: advertiser",
        "unknown_recipient_category",
        "advertiser\n",
        "did you mean 'advertisers'?",
    ),
    "category of a row": Refused(
        SPRING, "health_records: {", "health: {", "unknown_category", "health: {", "'health'"
    ),
    "member": Refused(
        SPRING,
        "[advertisers]",
        "[advertizers]",
        "unknown_recipient_category",
        "advertizers",
        "matrix.identifiers.sale_or_share[0]: 'advertizers' is no recipient category of taxonomy.yaml",
    ),
    "member of a group": Refused(
        SPRING, "[vendors,", "[vendor,", "unknown_recipient_category", "vendor,", "groups.helpers[0]"
    ),
    "group": Refused(
        SPRING,
        "identifiers:\n    business_purpose: helpers",
        "identifiers:\n    business_purpose: helper",
        "unknown_group",
        "helper\n",
        "did you mean 'helpers'?",
    ),
    "group that is a category": Refused(
        SPRING,
        "[advertisers]",
        "advertisers",
        "unknown_group",
        "share: adv",
        "a single recipient category is a list: [advertisers].",
    ),
    "purpose": Refused(
        SPRING, "marketing]", "market]", "unknown_purpose", "market]", "purposes[1]: 'market' is no"
    ),
    "excluded": Refused(
        SPRING, "groups:", "purposes_excluded: [gifts]\ngroups:", "unknown_purpose", "gifts", "'gifts'"
    ),
    "letter": Refused(
        SPRING, "ex.pi.A: identifiers", "ex.pi.A: names", "unknown_word", "names", "letters.ex.pi.A"
    ),
    "group called none": Refused(
        SPRING, "  helpers:", "  none: []\n  helpers:", "reserved_word", "none: []", "'none'"
    ),
    "purpose called all": Refused(
        TAXONOMY, "recipient_direct_marketing:", "all:", "reserved_word", "  all:", "Choose another name"
    ),
    "sensitive element": Refused(
        TAXONOMY, "  diagnosis:", "  diagnoses:", "unknown_element", "diagnoses", "did you mean 'diagnosis'?"
    ),
    "identifier": Refused(
        TAXONOMY, "[email]", "[mail]", "unknown_element", "[mail]", "unique_identifiers[0]"
    ),
    "ends early": Refused(
        RECIPIENTS,
        "effective_to: 2025-12-31",
        "effective_to: 2023-12-31",
        "ends_before_it_begins",
        "2023",
        "ends on 2023-12-31, before it begins on 2024-01-01.",
    ),
    "notice ends early": Refused(
        SPRING,
        "purposes:",
        "effective_to: 2026-02-28\npurposes:",
        "ends_before_it_begins",
        "effective_to",
        "before it begins on 2026-03-01",
    ),
    "no date": Refused(SPRING, "effective_from: 2026-03-01\n", "", "date_missing", "id:", "no observed_at"),
    "overlap": Refused(
        RECIPIENTS,
        "2025-12-31",
        "2026-01-01",
        "contracts_overlap",
        "effective_from: 2026-01-01}",
        "boxes.contracts[1]: two service_provider contracts in force on the same days, the other in line 10.",
    ),
    "through itself": Refused(
        RECIPIENTS,
        "through: boxes",
        "through: crates",
        "through_itself",
        "through: crates",
        "crates.contracts[0].through: a subcontract of itself.",
    ),
    "through nobody": Refused(
        RECIPIENTS, "through: boxes", "through: boxen", "unknown_recipient", "boxen", "did you mean 'boxes'?"
    ),
    "file name": Refused(
        SPRING, "id: spring", "id: summer", "id_is_not_file_name", "id: summer", "expected 'spring'"
    ),
    "published": Refused(
        POLICY, "[spring]", "[sprung]", "unknown_notice", "sprung", "did you mean 'spring'?"
    ),
    "toggle": Refused(POLICY, "{}", "{us_wide_gpc: maybe}", "wrong_value", "maybe", "expected true or false"),
    "deadline": Refused(
        SPRING, "signals:", "deadlines: {opt_out_days: -1}\nsignals:", "wrong_value", "-1", "got -1"
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=list(REFUSED))
def test_what_is_wrong_is_said_with_its_line(case: Refused) -> None:
    """Each mistake alone is one problem: its code, file, line and entry, what was got and what to do."""
    files = sample(case[:3])
    error = refusal(files)
    assert [problem.code for problem in error.problems] == [case.code]
    assert f"{case.file}:{line_of(files[case.file], case.fragment)}: " in str(error)
    assert case.text in str(error)
    assert str(error).startswith("the registry registry has an error:\n  ")


def test_all_mistakes_are_told_at_once() -> None:
    """Problems of several files come together, in the order of files and lines."""
    files = sample(
        (RECIPIENTS, "category: advertisers", "category: nobody"),
        (RECIPIENTS, "name: County Court\n", ""),
        (POLICY, "[spring]", "[sprung]"),
        (SPRING, "controller:", "publisher:"),
        (TAXONOMY, "[email]", "[mail]"),
    )
    error = refusal(files)
    assert [(problem.file, problem.code) for problem in error.problems] == [
        (SPRING, "unknown_key"),
        (POLICY, "unknown_notice"),
        (RECIPIENTS, "unknown_recipient_category"),
        (RECIPIENTS, "missing_key"),
        (TAXONOMY, "unknown_element"),
    ]
    assert "has 5 errors:" in str(error)
    assert len(str(error).splitlines()) == 6


def test_very_many_mistakes_are_counted() -> None:
    """Twenty problems are told; of the others there is the number, and the command that tells them."""
    names = "".join(f"r{number}: {{name: x, category: none_such}}\n" for number in range(30))
    error = refusal(sample((RECIPIENTS, "", names)))
    assert len(error.problems) == 30
    assert "and 10 more; `disclosures registry check` lists all of them." in str(error)


def test_a_circle_of_subcontracts_is_told_once() -> None:
    """Subcontracts that go in a circle are one problem, at the recipient listed first."""
    files = sample(
        (RECIPIENTS, "2026-01-01}\ncrates", "2026-01-01, through: builders}\ncrates"),
        (RECIPIENTS, "certified: true}", "certified: true, through: crates}"),
    )
    (problem,) = refusal(files).problems
    assert problem.code == "through_cycle"
    assert "boxes through builders through crates through boxes" in problem.text
    assert problem.line == line_of(files[RECIPIENTS], "through: builders")


def test_long_chains_of_subcontracts_are_no_circle() -> None:
    """A chain of a thousand subcontracts loads."""
    chain = "".join(
        f"r{n}: {{name: x, category: vendors, contracts: [{{type: service_provider, "
        f"effective_from: 2026-01-01, through: {f'r{n + 1}' if n < 1000 else 'boxes'}}}]}}\n"
        for n in range(1001)
    )
    files = sample()
    files[RECIPIENTS] += chain.encode()
    assert len(folder_of(FOLDER, inspect_files(files)).recipients) == 1007


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (SPRING, b"\xff\xfe", f"{SPRING}:1: expected text in UTF-8"),
        (SPRING, b"id: x\nname: \xe9\n", f"{SPRING}:2: expected text in UTF-8"),
        (SPRING, b"[" * 5000, f"{SPRING}: entries are nested too deeply"),
        (SPRING, b"a: &x 1\nb: &x 2\n", f"{SPRING}: this is not YAML"),
        (SPRING, b"a: 1\n---\nb: 2\n", f"{SPRING}:2: this is not YAML: but found another document"),
        (SPRING, b"", f"{SPRING}:1: expected keys with values, got nothing."),
        (SPRING, b"- a\n", f"{SPRING}:1: expected keys with values, got a list of 1."),
        (RECIPIENTS, b"- a\n", "recipients.yaml:1: expected recipients by id"),
        (TAXONOMY, b"x", "taxonomy.yaml:1: expected keys with values, got 'x'."),
        (POLICY, b"[]", "policy.yaml:1: expected keys with values, got a list of 0."),
        ("notices/summer.yml", b"", "notices/summer.yml: this file is not read"),
        ("notices/old/summer.yaml", b"", "notices/old/summer.yaml: this file is not read"),
    ],
)
def test_files_of_another_kind_are_refused(name: str, content: bytes, expected: str) -> None:
    """What is no text, no YAML, nothing at all or beside the point is refused with its place."""
    assert expected in str(refusal(sample() | {name: content}))


def test_aliases_do_not_grow_beyond_bounds() -> None:
    """Aliases of aliases that would fill the memory are refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "this is not YAML: more than" in str(refusal(sample() | {SPRING: "\n".join(lines).encode()}))


def test_an_anchor_may_be_used_for_equal_lists() -> None:
    """An alias stands for what it names, as in any YAML."""
    read = folder(
        (SPRING, "sale_or_share: [advertisers]", "sale_or_share: &sold [advertisers]"),
        (SPRING, "sensitive: {business_purpose: helpers", "sensitive: {business_purpose: *sold"),
    )
    assert read.notices["spring"].rows["sensitive"].business_purpose == frozenset({"advertisers"})


def test_a_folder_is_read_from_disk(tmp_path: Path) -> None:
    """A folder gives what its files give; hidden files and other YAML are no part of it."""
    written(tmp_path, {**sample(), "notices/.draft.yaml": b"x: [", "docker.yaml": b"[", ".policy.yaml": b"["})
    assert load_registry(tmp_path) == folder().registry()
    assert read_folder(tmp_path).path == tmp_path


@pytest.mark.parametrize("misnamed", ["policy.yml", "recipient.yaml", "taxonomie.yaml"])
def test_a_file_with_almost_the_right_name_is_not_passed_over(tmp_path: Path, misnamed: str) -> None:
    """A file whose name differs by a letter from one that is read is a problem, not silence."""
    written(tmp_path, sample() | {misnamed: b""})
    with pytest.raises(RegistryError, match=f"{misnamed}: this file is not read"):
        load_registry(tmp_path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    """Without notices or recipients a folder does not load, and the error names what is missing."""
    written(tmp_path, {TAXONOMY: sample()[TAXONOMY]})
    with pytest.raises(RegistryError) as caught:
        load_registry(tmp_path)
    assert {problem.file for problem in caught.value.problems} == {RECIPIENTS, "notices/"}


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist, or holds no registry, is refused in words; so is what cannot be read."""
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(RegistryError, match="is no registry") as caught:
            load_registry(place)
        assert caught.value.problems == ()
    written(tmp_path, sample())
    (tmp_path / TAXONOMY).unlink()
    (tmp_path / TAXONOMY).symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(RegistryError, match="cannot be read"):
        load_registry(tmp_path)


SCHEMA_OF = {
    TAXONOMY: "taxonomy",
    RECIPIENTS: "recipients",
    POLICY: "policy",
}


def schema_errors(name: str, content: bytes) -> list[str]:
    """What the JSON Schema says against a file, read as editors read it: a day is text."""
    yaml = YAML(typ="safe", pure=True)
    constructors = dict(yaml.constructor.yaml_constructors)
    constructors["tag:yaml.org,2002:timestamp"] = constructors["tag:yaml.org,2002:str"]
    yaml.constructor.yaml_constructors = constructors
    schema = json_schema_of(SCHEMA_OF.get(name, "notice"))
    found = jsonschema.Draft202012Validator(schema).iter_errors(yaml.load(content))
    return [error.message for error in found]


@pytest.mark.parametrize("name", sorted(FORMS))
def test_the_schemas_that_are_shipped_are_those_of_the_forms(name: str) -> None:
    """Each schema file in the example registry is what `disclosures registry schema` prints."""
    shipped = json.loads((example_registry() / f"schema/{name}.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema_of(name)
    jsonschema.Draft202012Validator.check_schema(shipped)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_key_is_explained_in_its_schema(name: str) -> None:
    """Every property of a schema has a description, or is of a kind that has one."""

    def properties(schema: Any) -> list[tuple[str, dict[str, Any]]]:
        if isinstance(schema, list):
            return [found for entry in schema for found in properties(entry)]
        if not isinstance(schema, dict):
            return []
        own = list(schema.get("properties", {}).items())
        return own + [found for entry in schema.values() for found in properties(entry)]

    found = properties(json_schema_of(name))
    assert found or name == "recipients"
    assert [key for key, schema in found if not {"description", "$ref"} & set(schema)] == []


def test_the_example_registry_and_the_sample_pass_their_schemas() -> None:
    """Each file of the example registry and of the sample has the form its schema asks for."""
    files = {
        path.relative_to(example_registry()).as_posix(): path.read_bytes()
        for path in example_registry().rglob("*.yaml")
    }
    assert len(files) == 8
    for name, content in [*files.items(), *sample().items()]:
        assert schema_errors(name, content) == [], name


OF_FORM = {"missing_key", "unknown_key", "wrong_value", "wrong_key"}
READ_OTHERWISE = {
    # Other readers of YAML take these for something that has the right form.
    *("number as key", "merge", "tag", "circle", "octal", "surrogate", "no such day"),
}
SPOILT_FORMS = {
    name: case for name, case in REFUSED.items() if case.code in OF_FORM and name not in READ_OTHERWISE
}


@pytest.mark.parametrize("case", SPOILT_FORMS.values(), ids=list(SPOILT_FORMS))
def test_what_has_a_wrong_form_fails_in_the_schema_too(case: Refused) -> None:
    """A mistake of form that loading refuses is refused by the JSON Schema."""
    assert schema_errors(case.file, sample(case[:3])[case.file]) != []


def test_the_sample_is_what_its_texts_say() -> None:
    """The sample has the four files of a registry, and loads."""
    assert set(SAMPLE) == {*SCHEMA_OF, SPRING}
    assert folder().registry().content_hash
