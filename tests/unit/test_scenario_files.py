"""Scenario files: how they are found and read, what their words become, and what is wrong with a bad one."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure_consumers.core.casebook.arrivals import Correction, Elapsed, Unplaceable
from disclosure_consumers.core.registry import Policy
from disclosure_consumers.registry_files import example_registry, read_folder
from disclosure_consumers.scenarios.errors import ScenarioFileError
from disclosure_consumers.scenarios.files import find_files
from disclosure_consumers.scenarios.form import scenario_schema
from disclosure_consumers.scenarios.loading import load_stories
from disclosure_consumers.scenarios.playing import ORDERS_MAX, orders
from disclosure_consumers.scenarios.preferences import VERBS
from disclosure_consumers.scenarios.running import run_story
from disclosure_consumers.scenarios.story import Step, Story
from disclosure_schemas.events.disclosure import DisclosureRequested, Signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import (
    Bought,
    Consideration,
    DisclosureChannel,
    Exemption,
    Kind,
    LinkAction,
    Outcome,
    PreferenceChannel,
    PreferenceKind,
    SubjectType,
)

HEAD = "title: A file\nscenarios:\n- id: S1\n  title: A scenario\n"
PERMIT = "{outcome: permit}"
THEN = f"  then:\n    d1: {PERMIT}\n"
ASK = "ask: {kind: sale, to: h}"
ASK_D2 = "ask: {id: d2, kind: sale, to: h}"
REPORT = "report: {kind: sale, to: h}"
MATCH = "{id: m, list: email, subjects: []}"
ANY_ORDER = "also_holds: [any_order]"
TYPE = "contractor"


READ_ONCE = cache(read_folder)


@pytest.fixture(autouse=True)
def _registries_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the example registry is most of the time that these tests take."""
    monkeypatch.setattr("disclosure_consumers.scenarios.loading.read_folder", READ_ONCE)


def written(folder: Path, text: str, name: str = "some.yaml") -> Path:
    """A file with this text."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def story_of(folder: Path, events: str, then: str = "d1: {outcome: permit}", more: str = "") -> Story:
    """The story of one scenario, its events written as a YAML list in flow style."""
    text = f"{HEAD}{more}  when: {events}\n  then: {{{then}}}\n"
    (story,) = load_stories([written(folder, text)])
    return story


def arrival(folder: Path, event: str) -> Any:
    """What arrives of one event."""
    story = story_of(folder, f"[{event}, {{ask: {{kind: sale, to: harborlight}}}}]")
    (only,) = story.steps[0].arrivals
    return only


def refused(folder: Path, text: str) -> str:
    """What is said of a file that cannot be read."""
    with pytest.raises(ScenarioFileError) as caught:
        load_stories([written(folder, text)])
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "a mapping"),
        ("just words", 1, "a mapping"),
        ("- a\n- list\n", 1, "a mapping"),
        ("title: [unclosed\n", 2, "not YAML"),
        ("title: A file\ntitle: Another\nscenarios: []\n", 2, "already in line 1"),
        ("title: A file\n", 1, "scenarios must be given"),
        ("title: A file\nscenarios: []\n", 2, "empty"),
        ("a: &x [1]\nb: &y [*x, *x]\ntitle: t\n", 1, "'a' is no key"),
        (f"{HEAD}", 3, "then must be given"),
        (f"{HEAD}  then: {{}}\n", 5, "empty"),
        (f"{HEAD}  when:\n    - opt_uot: alice\n{THEN}", 6, "did you mean 'opt_out'"),
        (f"{HEAD}  when:\n    - {{opt_out: alice, complied: alice}}\n{THEN}", 6, "exactly one verb"),
        (f"{HEAD}  when:\n    - at: 2026-04-06T09:00:00-07:00\n{THEN}", 6, "exactly one verb"),
        (f"{HEAD}  when:\n    - opt_out: Alice Smith\n{THEN}", 6, "small letters"),
        (f"{HEAD}  when:\n    - opt_out: {{subject: alice, channel: pigeon}}\n{THEN}", 6, "'pigeon' is none"),
        (f"{HEAD}  when:\n    - opt_out: {{device: a, account: b}}\n{THEN}", 6, "expected 1 here, got 2"),
        (f"{HEAD}  when:\n    - {{at: 2026-04-06T09:00:00, opt_out: alice}}\n{THEN}", 6, "with its zone"),
        (f"{HEAD}  when:\n    - {{at: yesterday, opt_out: alice}}\n{THEN}", 6, "with its zone"),
        (f"{HEAD}  when:\n    - {{at: 5, opt_out: alice}}\n{THEN}", 6, "expected text"),
        (f"{HEAD}  when:\n    - {{at: 2026-02-30T09:00:00Z, opt_out: alice}}\n{THEN}", 6, "is no moment"),
        (f"{HEAD}  when:\n    - {{at: 0001-01-01T00:00:00+14:00, opt_out: a}}\n{THEN}", 6, "is no moment"),
        (f"{HEAD}  when:\n    - {{at: 2026-04-06T09:00:00+99:00, opt_out: a}}\n{THEN}", 6, "is no moment"),
        (
            f"{HEAD}  when:\n    - {{at: 2999-12-31T23:59:30Z, opt_out: a}}\n    - opt_out: a\n{THEN}",
            7,
            "is no moment",
        ),
        (
            f"{HEAD}  when:\n    - opt_out: {{subject: a, processed_at: 2026-13-01T09:00:00Z}}\n{THEN}",
            6,
            "is no moment",
        ),
        (f"{HEAD}  when:\n    - ask: {{kind: gift, to: harborlight}}\n{THEN}", 6, "'gift' is none"),
        (f"{HEAD}  when:\n    - ask: {{kind: sale}}\n{THEN}", 6, "to must be given"),
        (f"{HEAD}  when:\n    - ask: {{kind: sale, to: h, colour: red}}\n{THEN}", 6, "'colour' is no key"),
        (f"{HEAD}  when:\n    - report: {{to: h}}\n{THEN}", 6, "kind must be given"),
        (f"{HEAD}  when:\n    - visit: {{device: a, gpc: 1}}\n{THEN}", 6, "needs quotes"),
        (f"{HEAD}  notice: [neutral, neutral]\n{THEN}", 5, "once"),
        (f"{HEAD}  notice: of_nobody\n{THEN}", 5, "'of_nobody' is no notice"),
        (f"title: A file\nnotice: nowhere\n{HEAD[14:]}{THEN}", 2, "'nowhere' is no notice"),
        (f"{HEAD}  toggles: {{us_wide_gcp: true}}\n{THEN}", 5, "did you mean 'us_wide_gpc'"),
        (f"{HEAD}  toggles: {{consent_ttl_days: soon}}\n{THEN}", 5, "a whole number"),
        (f"{HEAD}{THEN}", 6, "no ask, report or drop_match is called 'd1'"),
        (
            f"{HEAD}  when:\n    - ask: {{id: notify, kind: sale, to: h}}\n{THEN}",
            6,
            "has a meaning of its own",
        ),
        (f"{HEAD}  when:\n    - {ASK_D2}\n    - {ASK}\n{THEN}", 7, "'d2' is taken"),
        (
            f"{HEAD}  when:\n    - {ASK}\n  then:\n    d1: {{at_first: {{outcome: permit}}}}\n",
            8,
            "answered once",
        ),
        (
            f"{HEAD}  when:\n    - ask: {{kind: sale, to: h}}\n  then:\n    d1: {{drop_status: deleted}}\n",
            8,
            "of a drop_match",
        ),
        (
            f"{HEAD}  when:\n    - drop_match: {MATCH}\n  then:\n    m: {PERMIT}\n",
            8,
            "of a drop_match",
        ),
        (
            f"{HEAD}  when:\n    - ask: {{kind: sale, to: h}}\n  also_holds: [any_order]\n{THEN}",
            7,
            "any_order cannot hold with ask",
        ),
        (
            f"{HEAD}  when:\n    - state_store: down\n    - {REPORT}\n  {ANY_ORDER}\n{THEN}",
            8,
            "any_order cannot hold with state_store",
        ),
        (f"{HEAD}  when:\n    - retract: d1\n{THEN}", 6, "no report is called 'd1'"),
        (
            f"{HEAD}  when:\n    - ask: {{kind: sale, to: h}}\n    - retract: d1\n{THEN}",
            7,
            "no report is called 'd1'",
        ),
        (f"{HEAD}  when:\n    - correct: {{disclosure: d1, to: h}}\n{THEN}", 6, "no report is called 'd1'"),
        (f"{HEAD}  when:\n    - correct: {{disclosure: d1}}\n{THEN}", 6, "expected 2 here"),
        (f"{HEAD}  when:\n    - report: {{decision: d9}}\n{THEN}", 6, "no ask is called 'd9'"),
        (f"{HEAD}  when:\n    - contract_ended: nobody_ltd\n{THEN}", 6, "'nobody_ltd' is no recipient"),
        (
            f"{HEAD}  when:\n    - contract_signed: {{recipient: spindle, type: {TYPE}, through: x}}\n{THEN}",
            6,
            "'x' is no recipient",
        ),
        (f"{HEAD}{THEN}- id: S1\n  title: Another\n  then: {{notify: []}}\n", 7, "'S1' is taken"),
    ],
)
def test_a_bad_file_is_refused_in_words(text: str, line: int, said: str, tmp_path: Path) -> None:
    """What is wrong is said with file and line, and nothing is run."""
    message = refused(tmp_path, text)
    lines = message.splitlines()
    assert lines[0].startswith("nothing was run")
    assert any(f"some.yaml:{line}:" in entry and said in entry for entry in lines), message


def test_aliases_that_would_grow_without_bounds_are_refused(tmp_path: Path) -> None:
    """A few aliases of aliases that stand for billions of values end in an error."""
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    assert "some.yaml" in refused(tmp_path, bomb)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is bad input like any other."""
    file = tmp_path / "some.yaml"
    file.write_bytes(b"title: \xff\xfe\n")
    with pytest.raises(ScenarioFileError, match="UTF-8"):
        load_stories([file])


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    """Brackets in brackets end in an error, not in an exhausted stack."""
    assert "some.yaml" in refused(tmp_path, "title: " + "[" * 5000)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(text=st.text(max_size=60) | st.text("{}[]:-&*!|>'\"%@`#?, \n\tab1~", max_size=60))
def test_no_text_breaks_the_reader(text: str, tmp_path: Path) -> None:
    """Whatever a file holds, it is refused in words."""
    file = tmp_path / "some.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ScenarioFileError):
        load_stories([file])


def test_all_problems_of_all_files_are_said_at_once(tmp_path: Path) -> None:
    """Nothing runs half: a problem in the second file keeps the first from running, and both are named."""
    one = written(tmp_path, f"{HEAD}{THEN}", "one.yaml")
    other = written(tmp_path, f"{HEAD}  notice: nowhere\n{THEN}", "other.yaml")
    with pytest.raises(ScenarioFileError) as caught:
        load_stories([one, other])
    said = str(caught.value)
    assert "one.yaml:6" in said
    assert "other.yaml:5" in said
    assert "'S1' is taken" in said


def test_a_folder_holds_scenarios_but_no_registry(tmp_path: Path) -> None:
    """Of a folder all YAML files are picked, except in a registry, in hidden folders, and other files."""
    for name in ("a.yaml", "b.yml", "deeper/c.yaml"):
        written(tmp_path, "", name)
    for name in ("notes.txt", ".hidden/x.yaml", "registry/taxonomy.yaml", "registry/notices/n.yaml"):
        written(tmp_path, "", name)
    expected = ["a.yaml", "b.yml", "deeper/c.yaml"]
    assert [str(file.relative_to(tmp_path)) for file in find_files([tmp_path])] == expected
    assert [str(file.relative_to(tmp_path)) for file in find_files([tmp_path / "**" / "*"])] == expected
    assert len(find_files([tmp_path / "a.yaml", tmp_path])) == 3  # each once


@pytest.mark.parametrize("name", ["missing.yaml", "no*.yaml", "empty"])
def test_a_name_that_names_nothing_is_an_error(name: str, tmp_path: Path) -> None:
    """A file that is not there, a pattern nothing fits and a folder without scenarios are bad input."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScenarioFileError, match="nothing was run"):
        find_files([tmp_path / name])


def test_the_registry_beside_the_first_file_is_used(tmp_path: Path) -> None:
    """A folder `registry` beside the file takes the place of the example; --registry takes its place."""
    text = f"{HEAD}  when:\n    - contract_ended: own_partner\n    - {ASK}\n{THEN}"
    file = written(tmp_path, text)
    example = example_registry()
    for path in example.rglob("*.yaml"):
        content = path.read_text(encoding="utf-8").replace("harborlight:", "own_partner:")
        written(tmp_path, content, f"registry/{path.relative_to(example)}")
    assert "own_partner" in load_stories([file])[0].registry.recipients
    with pytest.raises(ScenarioFileError, match="own_partner"):
        load_stories([file], example)


def test_only_some_scenarios(tmp_path: Path) -> None:
    """`only` keeps the scenarios named, and an id that nobody has is an error."""
    file = written(
        tmp_path, f"{HEAD}  then: {{notify: []}}\n- id: S2\n  title: Another\n  then: {{notify: []}}\n"
    )
    assert [story.id for story in load_stories([file], only=("S2",))] == ["S2"]
    with pytest.raises(ScenarioFileError, match="S3"):
        load_stories([file], only=("S2", "S3"))


def test_times_follow_the_list(tmp_path: Path) -> None:
    """The first event is on a Monday morning, each other one a minute after the one listed before it."""
    events = (
        "[{opt_out: a}, {opt_out: b}, {at: 2026-05-01T10:00:00.250Z, opt_out: c}, {at: null, opt_out: d}, "
    )
    story = story_of(tmp_path, events + "{ask: {kind: sale, to: harborlight}}]")
    told = [None if step.at is None else step.at.isoformat() for step in story.steps]
    assert told == [
        "2026-04-06T16:00:00+00:00",
        "2026-04-06T16:01:00+00:00",
        "2026-05-01T10:00:00.250000+00:00",
        None,
        "2026-05-01T10:01:00.250000+00:00",
    ]
    assert story.steps[3].arrivals == ()  # without a time it can be placed nowhere


def test_given_comes_before_when(tmp_path: Path) -> None:
    """Both lists are one, and ids count asks and reports in it."""
    text = f"{HEAD}  when:\n    - {ASK}\n  given:\n    - report: {{kind: sale, to: h}}\n{THEN}"
    (story,) = load_stories([written(tmp_path, text)])
    assert [(step.verb, step.name, step.line) for step in story.steps] == [
        ("report", "d1", 8),
        ("ask", "d2", 6),
    ]


def test_the_notice_of_the_file_is_the_default(tmp_path: Path) -> None:
    """A scenario's own notice comes first, then the file's, then the one that declares everything."""
    text = (
        "title: A file\nnotice: [massmutual_ccpa_2020, massmutual_workforce_2022]\nscenarios:\n"
        "- {id: A, title: One, then: {notify: []}}\n"
        "- {id: B, title: Two, notice: metlife_online_2019, then: {notify: []}}\n"
    )
    stories = load_stories([written(tmp_path, text)])
    named = [[notice.id for notice in story.registry.notices] for story in stories]
    assert named == [["massmutual_ccpa_2020", "massmutual_workforce_2022"], ["metlife_online_2019"]]
    assert [n.id for n in story_of(tmp_path, "[{report: {kind: sale, to: h}}]").registry.notices] == [
        "neutral"
    ]


def test_toggles_are_the_settings_of_one_scenario(tmp_path: Path) -> None:
    """What is not turned keeps its default."""
    more = "  toggles: {consent_ttl_days: 30, fail_closed_kinds: [share], business_days: mon_fri}\n"
    policy = story_of(tmp_path, "[{report: {kind: sale, to: h}}]", more=more).registry.policy
    assert policy == Policy(
        consent_ttl_days=30, fail_closed_kinds=frozenset({"share"}), business_days="mon_fri"
    )


SUBJECTS = [
    ("alice", SubjectType.ACCOUNT),
    ("{account: alice}", SubjectType.ACCOUNT),
    ("{profile: alice}", SubjectType.PROFILE),
    ("{device: alice}", SubjectType.DEVICE),
    ("{household: alice}", SubjectType.HOUSEHOLD),
]


@pytest.mark.parametrize("verb", ["opt_out: {}", "opt_out: {{subject: {}}}", "delete: {{subject: {}}}"])
@pytest.mark.parametrize(("subject", "subject_type"), SUBJECTS)
def test_subjects(verb: str, subject: str, subject_type: SubjectType, tmp_path: Path) -> None:
    """A subject alone or under `subject`; one alias of two types is two subjects."""
    event = arrival(tmp_path, f"{{{verb.format(subject)}}}")
    same = arrival(tmp_path, f"{{complied: {subject}}}")
    others = [arrival(tmp_path, f"{{complied: {other}}}") for other, kind in SUBJECTS if kind != subject_type]
    assert event.subject_type is subject_type
    assert event.subject_key == same.subject_key
    assert event.subject_key not in {other.subject_key for other in others}


@pytest.mark.parametrize(
    ("event", "kind", "fields"),
    [
        ("opt_out: a", PreferenceKind.OPT_OUT, {"of": (), "channel": PreferenceChannel.WEB_FORM}),
        (
            "opt_out: {subject: a, of: [glba], channel: agent, agent_permission: none, verified: false}",
            PreferenceKind.OPT_OUT,
            {
                "of": ("glba",),
                "channel": PreferenceChannel.AGENT,
                "agent_permission": "none",
                "verified": False,
            },
        ),
        (
            "opt_in_requested: {subject: a, recipients: [x], purposes: [y], transaction: t, prompted: true}",
            PreferenceKind.OPT_IN_REQUESTED,
            {"recipient_ids": ("x",), "purposes": ("y",), "transaction_id": "t", "method": "web_form"},
        ),
        ("opt_in_confirmed: a", PreferenceKind.OPT_IN_CONFIRMED, {"method": "web_form", "expires_at": None}),
        ("opt_in_declined: a", PreferenceKind.OPT_IN_DECLINED, {}),
        (
            "parental_authorization: {subject: a, verified: false, of: [collection]}",
            PreferenceKind.PARENTAL_AUTHORIZATION,
            {"verified": False, "of": ("collection",)},
        ),
        (
            "limit_sensitive: {subject: a, elements: [health]}",
            PreferenceKind.LIMIT_SENSITIVE,
            {"elements": ("health",)},
        ),
        ("complied: a", PreferenceKind.COMPLIED, {"channel": PreferenceChannel.SYSTEM}),
        ("cookie_reject: {device: d}", PreferenceKind.COOKIE_REJECT, {"channel": PreferenceChannel.BROWSER}),
        (
            "program_choice: {subject: a, program: p, choice: stays}",
            PreferenceKind.PROGRAM_CHOICE,
            {"program": "p", "choice": "stays"},
        ),
        (
            "direction: {subject: a, to: x}",
            PreferenceKind.DIRECTION,
            {"recipient_ids": ("x",), "elements": ("identifiers",), "action": "click"},
        ),
        (
            "visit: {device: d, gpc: '1', usp: 1YNN, ip_region: US-CA}",
            PreferenceKind.SIGNAL,
            {"signals": Signals(gpc=("1",), usp="1YNN"), "account_key": None, "region": None},
        ),
        ("visit: {device: d, gpc: ['0', '1']}", PreferenceKind.SIGNAL, {"signals": Signals(gpc=("0", "1"))}),
        (
            "age: {subject: a, band: 13_to_15, willful_disregard: true}",
            PreferenceKind.AGE,
            {"age_band": "13_to_15", "willful_disregard": True},
        ),
        ("residency: {subject: a, region: US-OR}", PreferenceKind.RESIDENCY, {"region": "US-OR"}),
        (
            "drop_match: {id: m, list: maid, subjects: [a], all_exempt: true}",
            PreferenceKind.DROP_MATCH,
            {"drop_id": "m", "drop_list": "maid", "all_exempt": True},
        ),
    ],
)
def test_preferences_become_events(
    event: str, kind: PreferenceKind, fields: dict[str, Any], tmp_path: Path
) -> None:
    """Each verb is the event that the SDK would send, with the same defaults."""
    told = arrival(tmp_path, f"{{{event}}}")
    assert isinstance(told, PreferenceRecorded)
    assert told.kind is kind
    assert {name: getattr(told, name) for name in fields} == fields


def test_a_visit_names_device_and_account(tmp_path: Path) -> None:
    """The device is the subject; the account that was logged in has the key of its alias."""
    visit = arrival(tmp_path, "{visit: {device: d, account: a}}")
    account = arrival(tmp_path, "{complied: a}")
    assert (visit.subject_type, visit.account_key) == (SubjectType.DEVICE, account.subject_key)


def test_a_platform_entry_matches_subject_by_subject(tmp_path: Path) -> None:
    """An entry makes one event for each subject, and passes time where it matches nobody."""
    events = "[{drop_match: {id: m, list: email, subjects: [a, a, {device: b}]}}, "
    story = story_of(tmp_path, events + "{drop_match: {id: n, list: email, subjects: []}}]", "notify: []")
    many, none = (step.arrivals for step in story.steps)
    assert [event.subject_type for event in many if isinstance(event, PreferenceRecorded)] == [
        SubjectType.ACCOUNT,
        SubjectType.DEVICE,
    ]
    assert isinstance(none[0], Elapsed)


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("link: [a, {device: d}]", LinkAction.LINK),
        ("unlink: [a, {device: d}]", LinkAction.UNLINK),
        ("unlink: {nodes: [a, {device: d}]}", LinkAction.UNLINK),
        ("unlink: {nodes: [a, {device: d}], mistaken: true}", LinkAction.MISTAKEN),
    ],
)
def test_links_become_events(event: str, action: LinkAction, tmp_path: Path) -> None:
    """A link names two subjects and what is said of them."""
    told = arrival(tmp_path, f"{{{event}}}")
    assert isinstance(told, IdentityLinked)
    assert told.action is action
    assert (told.subject_type, told.other_subject_type) == (SubjectType.ACCOUNT, SubjectType.DEVICE)


DEFAULTS_BY_KIND = [
    ("sale", "marketing", Consideration.MONETARY, False),
    ("share", "marketing", Consideration.NONE, True),
    ("business_purpose", "provide_services", Consideration.NONE, False),
    ("consumer_directed", "provide_services", Consideration.NONE, False),
    ("legal_process", "legal_and_security", Consideration.NONE, False),
    ("corporate_transaction", "corporate_transaction", Consideration.NONE, False),
    ("opt_out_relay", "opt_out_notice", Consideration.NONE, False),
    ("other", "provide_services", Consideration.NONE, False),
]


@pytest.mark.parametrize(("kind", "purpose", "consideration", "ads"), DEFAULTS_BY_KIND)
def test_defaults_of_a_disclosure(
    kind: str, purpose: str, consideration: Consideration, ads: bool, tmp_path: Path
) -> None:
    """Purpose, consideration and advertising follow the kind where they are not written."""
    told = arrival(tmp_path, f"{{report: {{kind: {kind}, to: x}}}}")
    assert isinstance(told, DisclosureRequested)
    what = told.disclosure
    assert (what.purpose, what.consideration, what.cross_context_ads) == (purpose, consideration, ads)
    assert [str(item) for item in what.items] == ["identifiers"]
    assert told.emitted_at == told.occurred_at
    assert (told.collected_at, what.bought, what.channel) == (
        None,
        Bought.NOT_BOUGHT,
        DisclosureChannel.SERVER,
    )


def test_what_is_written_of_a_disclosure(tmp_path: Path) -> None:
    """Every key finds its place."""
    told = arrival(
        tmp_path,
        "{at: 2026-05-01T10:00:00Z, report: {kind: share, to: x, about: {device: d}, "
        "items: [commercial, {item: sensitive.health, exempt: hipaa}, {item: inferences}], "
        "purpose: research, consideration: other, cross_context_ads: false, combines_data: true, "
        "limit_exception: resist_fraud, "
        "channel: cookie, program: p, transaction: t, control_transferred: true, onward_to: y, "
        "acting_as: broker, bought: with_notice, wholly_outside_california: true, "
        "collected_at: 2026-04-01T10:00:00Z, emitted_at: 2026-05-02T10:00:00Z}}",
    )
    what = told.disclosure
    assert [(str(item), item.exemption) for item in what.items] == [
        ("commercial", None),
        ("sensitive.health", Exemption.HIPAA),
        ("inferences", None),
    ]
    assert (what.subject_type, what.purpose, what.limit_exception) == (
        SubjectType.DEVICE,
        "research",
        "resist_fraud",
    )
    assert (what.consideration, what.cross_context_ads, what.combines_data) == ("other", False, True)
    assert (what.channel, what.program, told.transaction_id) == ("cookie", "p", "t")
    assert (what.control_transferred, what.onward_recipient_id, what.acting_as) == (True, "y", "broker")
    assert (what.bought, what.wholly_outside_california) == ("with_notice", True)
    assert told.collected_at is not None
    assert told.emitted_at > told.occurred_at > told.collected_at


def test_a_report_takes_over_what_its_ask_said(tmp_path: Path) -> None:
    """Keys not given come from the ask; defaults follow the kind that results."""
    asked = "{ask: {id: q, event_id: e, kind: sale, to: x, about: bob, items: [commercial], transaction: t}}"
    story = story_of(tmp_path, f"[{asked}, {{report: {{decision: q, kind: share}}}}]", "q: {outcome: reject}")
    ask, sent = (step.arrivals[0] for step in story.steps)
    assert isinstance(ask, DisclosureRequested)
    assert isinstance(sent, DisclosureRequested)
    assert sent.decision_event_id == ask.event_id != sent.event_id
    assert (sent.subject_key, sent.transaction_id) == (ask.subject_key, "t")
    assert (sent.disclosure.kind, sent.disclosure.recipient_id) == (Kind.SHARE, "x")
    assert sent.disclosure.consideration is Consideration.NONE
    assert sent.disclosure.items == ask.disclosure.items


def test_a_correction_replaces_keys_of_the_report(tmp_path: Path) -> None:
    """What is not corrected stays as reported; what follows by default from the kind follows the new one."""
    events = "[{report: {kind: sale, to: x, items: [commercial]}}, {correct: {disclosure: d1, kind: share}}]"
    reported, corrected = (step.arrivals[0] for step in story_of(tmp_path, events).steps)
    assert isinstance(reported, DisclosureRequested)
    assert isinstance(corrected, Correction)
    assert corrected.corrects == reported.event_id.bytes
    what = corrected.replacement.disclosure
    assert (what.kind, what.recipient_id, what.items) == (Kind.SHARE, "x", reported.disclosure.items)
    assert (what.consideration, what.cross_context_ads) == (Consideration.NONE, True)


@pytest.mark.parametrize(
    "event", ["{at: null, ask: {kind: sale, to: x}}", "{report: {kind: sale, to: [x, y]}}"]
)
def test_what_cannot_be_one_event_is_named_all_the_same(event: str, tmp_path: Path) -> None:
    """Without a time, or with two recipients, there is no event, but something to expect a rejection of."""
    story = story_of(tmp_path, f"[{event}]", "d1: {outcome: reject, reason: malformed}")
    assert isinstance(story.steps[0].arrivals[0], Unplaceable)
    assert run_story(story).passed


def test_the_same_event_id_is_the_same_event(tmp_path: Path) -> None:
    """Ids come from `event_id`, which is the id unless it is written."""
    events = ", ".join(
        f"{{report: {{id: {name}, event_id: {event_id}, kind: sale, to: x}}}}"
        for name, event_id in (("a", "e"), ("b", "e"), ("c", "a"))
    )
    story = story_of(tmp_path, f"[{events}]", "a: {outcome: violation}")
    ids = [
        step.arrivals[0].event_id for step in story.steps if isinstance(step.arrivals[0], DisclosureRequested)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert {event_id.version for event_id in ids} == {7}


def test_of_two_events_at_one_instant_the_later_listed_has_the_later_id(tmp_path: Path) -> None:
    """Ids of preferences count up in the order of the list."""
    events = ", ".join("{at: 2026-05-01T10:00:00Z, opt_out: a}" for _ in range(20))
    story = story_of(tmp_path, f"[{events}]", "notify: []")
    ids = [
        step.arrivals[0].event_id for step in story.steps if isinstance(step.arrivals[0], PreferenceRecorded)
    ]
    assert ids == sorted(set(ids))
    assert len(ids) == 20


def test_text_stays_text(tmp_path: Path) -> None:
    """As in YAML 1.2, yes, no, on and off are words, and what is quoted is text."""
    story = story_of(tmp_path, "[{report: {id: 'on', kind: sale, to: no}}]", "on: {outcome: violation}")
    assert story.steps[0].name == "on"


@pytest.mark.parametrize("count", [1, 3, 5, 6, 9])
def test_orders_of_arrival(count: int) -> None:
    """All orders of few events, a sample of many; never an event lost, and the same sample in every run."""
    steps = tuple(Step("opt_out", str(place), None, place) for place in range(count))
    tried = list(orders(steps, "S1"))
    assert tried == list(orders(steps, "S1"))
    assert all(sorted(order, key=lambda step: step.line) == list(steps) for order in tried)
    assert len(tried) == ORDERS_MAX if count > 5 else len({*tried, steps}) == len(tried) + 1


def test_an_order_that_ends_otherwise_is_told(tmp_path: Path) -> None:
    """A repeat and an impostor end otherwise in another order: the first to come is the event."""
    events = "[{report: {id: a, event_id: e, kind: sale, to: harborlight}}, "
    events += "{report: {id: b, event_id: e, kind: sale, to: tidewater}}]"
    story = story_of(tmp_path, events, "notify: []", "  also_holds: [any_order]\n")
    result = run_story(story)
    assert not result.passed
    assert {mismatch.variant for mismatch in result.mismatches} == {"arriving in the order 2, 1"}
    assert {mismatch.keys for mismatch in result.mismatches} >= {("a", "outcome"), ("b", "outcome")}


def test_a_report_that_waits_has_no_decision(tmp_path: Path) -> None:
    """Whatever is expected of a report whose store never comes up, there is no decision yet."""
    story = story_of(tmp_path, "[{state_store: down}, {report: {kind: sale, to: harborlight}}]")
    (mismatch,) = run_story(story).mismatches
    assert mismatch.keys == ("d1",)
    assert "waits" in str(mismatch.got)


def test_a_breakdown_of_the_engine_is_a_failed_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario at which the engine breaks down fails by itself and says where."""

    def breaks(*_: object) -> None:
        raise ZeroDivisionError("no way")

    story = story_of(tmp_path, "[{report: {kind: sale, to: harborlight}}]")
    monkeypatch.setattr("disclosure_consumers.scenarios.running.play", breaks)
    result = run_story(story)
    assert not result.passed
    assert "ZeroDivisionError: no way" in (result.broken or "")


def test_the_words_of_the_form_are_those_of_the_program() -> None:
    """Kinds, outcomes, verbs, exemptions and settings of the JSON Schema are the vocabulary's."""
    definitions = scenario_schema()["$defs"]
    disclosure = definitions["disclosure"]["properties"]
    words = definitions["toggles"]["properties"]
    assert set(definitions["kind"]["enum"]) == set(Kind) - {Kind.UNKNOWN}
    assert set(definitions["outcome"]["enum"]) == set(Outcome) - {Outcome.UNKNOWN}
    assert set(disclosure["items"]["items"]["then"]["properties"]["exempt"]["enum"]) == (
        set(Exemption) - {Exemption.UNKNOWN}
    )
    assert set(words) == set(Policy.__dataclass_fields__)
    assert VERBS.keys() <= definitions["event"]["properties"].keys()
    for verb in ("ask", "correct", "report"):
        assert disclosure.keys() <= definitions["event"]["properties"][verb]["properties"].keys()
