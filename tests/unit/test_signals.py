"""Signals as they come: GPP and US Privacy strings, Sec-GPC, Do Not Track (legal 5)."""

from collections.abc import Sequence
from typing import Any

import pytest
from ruamel.yaml import YAML

import gpp_strings
from disclosure_consumers.core.signals.bits import UnreadableSignalError, read_bits
from disclosure_consumers.core.signals.gpp import US_SECTIONS, decode_gpp
from disclosure_consumers.core.signals.reading import LIMITED_BY_USCA, Reading, is_gpc, read_signals
from disclosure_consumers.core.signals.us_privacy import UsPrivacy, decode_us_privacy
from disclosure_consumers.registry_files import example_registry
from disclosure_schemas.events.disclosure import Signals

NOTHING: frozenset[str] = frozenset()
SAYS_NOTHING = Reading(gpc=False, opted_out=False, limited_elements=NOTHING, readable=False, unreadable=False)
READ = SAYS_NOTHING._replace(readable=True)
OPTED_OUT = READ._replace(opted_out=True)
UNREADABLE = SAYS_NOTHING._replace(unreadable=True)

USCA_QUIET = gpp_strings.usca({"MspaCoveredTransaction": 2})
USCA_OPT_OUT = gpp_strings.usca({"SaleOptOut": 1, "MspaCoveredTransaction": 2})
TCF = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"


def section_ids(header: str) -> tuple[int, ...]:
    """Ids a header names; the sections themselves are left empty, so the rest is damage."""
    ids = decode_gpp(header + "~" * 4, only=frozenset()).section_ids
    assert len(ids) <= 4
    return ids


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("DBABM", (2,)),
        ("DBABMA", (2,)),
        ("DBACNY", (2, 6)),
        ("DBACNYA", (2, 6)),
        ("DBABjw", (5, 6)),
        ("DBABL", (7,)),
        ("DBABLA", (7,)),
        ("DBABLAAAAAAA", (7,)),
        ("DBABBg", (8,)),
        ("DBABzw", (6, 7)),
        ("DBAA", ()),
    ],
)
def test_headers_name_their_sections(header: str, expected: tuple[int, ...]) -> None:
    """A header names its sections in order, with as many zeros behind as its writer liked (legal 5.2.12)."""
    assert section_ids(header) == expected


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "got nothing"),
        ("DB", "at least 24 bits, got 12"),
        ("DBA", "at least 24 bits, got 18"),
        (TCF, "begins with DB.*type 2"),
        ("DCABBg", "version 1 .*got type 3 and version 2"),
        ("EBABBg", "type 3 .*got type 4"),
        ("DBABBg=", "without padding, got 7 characters"),
        ("DBABBg ", "got 7 characters"),
        (" DBABBg", "got 7 characters"),
        ("DBABBg.YA", "got 9 characters"),
        ("DBÄBBg", "got 6 characters"),
        ("DBAB", "number without an end"),
        ("DBABAA", "number without an end"),
        ("DBABAAAAAAAABg", "far too large"),
        ("DBAEBg", "number without an end"),
        ("DBABBgB", "padding of zeros"),
    ],
)
def test_a_header_of_another_form_is_an_error(header: str, reason: str) -> None:
    """Sections behind a header that cannot be read cannot be told apart: that is an error with a reason."""
    with pytest.raises(UnreadableSignalError, match=rf"^GPP header cannot be read: expected .*{reason}"):
        decode_gpp(f"{header}~{USCA_QUIET}~~~~")


def test_a_few_letters_cannot_name_a_million_sections() -> None:
    """Of a range longer than the string only the first id that has no section is kept."""
    header = gpp_strings.header(range(2, 70_001))
    assert len(header) < 20
    gpp = decode_gpp(f"{header}~{TCF}")
    assert gpp.section_ids == (2, 3)
    assert "names more" in gpp.damage[0]
    assert decode_gpp(f"{gpp_strings.header([2, 4, 6, 8, 10])}~{TCF}").section_ids == (2, 4)


USCA_VECTOR = {
    "Version": 1,
    "SaleOptOutNotice": 1,
    "SharingOptOutNotice": 1,
    "SensitiveDataLimitUseNotice": 1,
    "SaleOptOut": 1,
    "SharingOptOut": 1,
    "SensitiveDataProcessing": (2, 1, 0, 2, 1, 0, 2, 1, 0),
    "KnownChildSensitiveDataConsents": (2, 1),
    "PersonalDataConsents": 1,
    "MspaCoveredTransaction": 1,
    "MspaOptOutOptionMode": 1,
    "MspaServiceProviderMode": 2,
}


def test_the_usca_vector_is_read() -> None:
    """The usca vector of legal 5.2.12 gives each of its fields, in order, and its GPC bit."""
    gpp = decode_gpp("DBABBg~BVWSSSVY.YA")
    usca = gpp.sections["usca"]
    assert (gpp.section_ids, gpp.damage, list(gpp.sections)) == ((8,), (), ["usca"])
    assert list(usca.fields.items()) == list(USCA_VECTOR.items())
    assert (usca.section_id, usca.name, usca.gpc) == (8, "usca", True)


def answers_of(text: str) -> tuple[dict[str, Any], bool | None]:
    """Fields that are not zero, and the GPC bit, of a string with a single section."""
    gpp = decode_gpp(text)
    (section,) = gpp.sections.values()
    assert gpp.damage == ()
    fields = section.fields.items()
    return {
        name: value for name, value in fields if (any(value) if isinstance(value, tuple) else value)
    }, section.gpc


@pytest.mark.parametrize(
    ("text", "answers", "gpc"),
    [
        ("DBABBg~BAAAAABA.QA", {"Version": 1, "MspaCoveredTransaction": 1}, False),
        ("DBABBg~BAAAAABA.Q", {"Version": 1, "MspaCoveredTransaction": 1}, False),
        ("DBABBg~BAAAAABA.Y", {"Version": 1, "MspaCoveredTransaction": 1}, True),
        ("DBABBg~BAAAAABA.YAAA", {"Version": 1, "MspaCoveredTransaction": 1}, True),
        ("DBABBg~BAAAAABA", {"Version": 1, "MspaCoveredTransaction": 1}, None),
        ("DBABBg~BAAAAABA.QA.YA", {"Version": 1, "MspaCoveredTransaction": 1}, True),
        ("DBABBg~BAAAAABA.YA.QA", {"Version": 1, "MspaCoveredTransaction": 1}, True),
        ("DBABLA~CAAAAAAAAABA.QA", {"Version": 2, "MspaCoveredTransaction": 1}, False),
        (
            "DBABLA~BAAAVVVVUQA.QA",
            {
                "Version": 1,
                "SensitiveDataProcessing": (1,) * 12,
                "KnownChildSensitiveDataConsents": (1, 1),
                "MspaCoveredTransaction": 1,
            },
            False,
        ),
        (
            "DBABL~BVQqAAAAAg",
            {
                "Version": 1,
                "SharingNotice": 1,
                "SaleOptOutNotice": 1,
                "SharingOptOutNotice": 1,
                "TargetedAdvertisingOptOutNotice": 1,
                "SaleOptOut": 2,
                "SharingOptOut": 2,
                "TargetedAdvertisingOptOut": 2,
                "MspaCoveredTransaction": 2,
            },
            None,
        ),
        ("DBABTA~1YNN", {"Version": 1, "Notice": "Y", "OptOutSale": "N", "LspaCovered": "N"}, None),
    ],
)
def test_vectors_are_read(text: str, answers: dict[str, Any], gpc: bool | None) -> None:
    """Strings of legal 5.2.12 give their answers; no GPC sub-section is unknown, which is not no."""
    assert answers_of(text) == (answers, gpc)


def test_both_alphabets_are_read() -> None:
    """The letters of the specification's table mean the same as those of the codec (legal 5.2.2)."""
    ours = decode_gpp("DBABBg~B__-__-A")
    assert ours == decode_gpp("DBABBg~B//+//+A") == decode_gpp("DBABBg~B/_-_/+A")
    assert ours.sections["usca"].fields["SensitiveDataProcessing"] == (3, 3, 3, 2, 3, 3, 3, 3, 3)


def test_bits_are_those_of_their_letters() -> None:
    """Each letter is its place in the alphabet, six bits, first letter first."""
    assert [read_bits(letter, "x").value for letter in "ABYZaz09-_+/"] == [
        *(0, 1, 24, 25, 26, 51, 52, 61, 62, 63, 62, 63)
    ]
    assert [read_bits("B" * count, "x") for count in (1, 2, 3, 4, 5)] == [
        (int("000001" * count, 2), 6 * count) for count in (1, 2, 3, 4, 5)
    ]


def test_usnat_of_the_releases_that_misnumbered_it_is_read_whole() -> None:
    """Sixteen and three answers under the number 1 are read as such; padding behind twelve and two is not."""
    answers: dict[str, int | Sequence[int]] = {
        "SensitiveDataProcessing": [2] * 16,
        "MspaCoveredTransaction": 1,
        "TargetedAdvertisingOptOut": 1,
    }
    wide = "B" + gpp_strings.usnat(answers)[1:]
    fields = decode_gpp(f"DBABLA~{wide}").sections["usnat"].fields
    assert (fields["Version"], fields["SensitiveDataProcessing"]) == (1, (2,) * 16)
    assert fields["KnownChildSensitiveDataConsents"] == (0, 0, 0)
    assert fields["MspaCoveredTransaction"] == fields["TargetedAdvertisingOptOut"] == 1
    padded = gpp_strings.usnat(answers | {"SensitiveDataProcessing": [2] * 12}, version=1) + "AAAA"
    fields = decode_gpp(f"DBABLA~{padded}").sections["usnat"].fields
    assert (fields["SensitiveDataProcessing"], fields["MspaCoveredTransaction"]) == ((2,) * 12, 1)


def test_sections_of_other_regions_are_passed_over() -> None:
    """Sections outside the United States and unknown ones are named and not read, whatever they hold."""
    text = gpp_strings.gpp({2: TCF, 4: "%%%", 5: "", 8: USCA_OPT_OUT, 28: "not a section"})
    gpp = decode_gpp(text)
    assert (gpp.section_ids, list(gpp.sections), gpp.damage) == ((2, 4, 5, 8, 28), ["usca"], ())


def test_only_the_sections_asked_for_are_read() -> None:
    """Sections not asked for are passed over like those of other regions, even damaged ones."""
    text = gpp_strings.gpp({7: gpp_strings.usnat({}), 8: USCA_QUIET, 9: "damaged!"})
    assert list(decode_gpp(text, only=frozenset({8})).sections) == ["usca"]
    assert decode_gpp(text, only=frozenset({7, 8})).damage == ()
    assert len(decode_gpp(text).damage) == 1


def test_every_us_section_can_be_read() -> None:
    """The readable sections are uspv1 and the 21 of nation and states (legal 5.2.4)."""
    assert frozenset(range(6, 28)) == US_SECTIONS


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "GPP section usca .*got nothing"),
        ("not a section", "GPP section usca .*got 13 characters"),
        ("BVoA", "at least 46 bits, got 24: it was cut short"),
        ("BVoEAAC", "at least 46 bits, got 42"),
        ("BVoEAACB", "46 bits and padding of zeros, got more"),
        ("BVoEAACAAAAB", "46 bits and padding of zeros, got more"),
        ("AVoEAACA", "expected version 1, got 0"),
        ("CVoEAACA", "expected version 1, got 2"),
        ("BVoEAACA.", "GPC sub-section of GPP section usca .*got nothing"),
        ("BVoEAACA.IA", "GPC sub-section .*expected type 1, got 0"),
        ("BVoEAACA.oA", "GPC sub-section .*expected type 1, got 2"),
        ("BVoEAACA.aA", "GPC sub-section .*3 bits and padding of zeros, got more"),
        ("BVoEAACA.YA.!", "GPC sub-section .*got 1 characters"),
    ],
)
def test_damage_of_a_section_is_told(payload: str, reason: str) -> None:
    """A wrong length, version, letter or sub-section is told with what was expected and what was got."""
    (damage,) = decode_gpp(f"DBABBg~{payload}").damage
    with pytest.raises(UnreadableSignalError, match=reason):
        raise UnreadableSignalError(damage)
    assert "cannot be read: expected" in damage
    assert "BVoEAACA" not in damage


@pytest.mark.parametrize(
    ("payload", "reason"),
    [("DAAA", "expected version 1 or 2, got 3"), ("BAAAVVVVUQB", "60 bits and"), ("CAAAAAAAAA", "70 bits")],
)
def test_usnat_is_held_to_the_length_of_its_version(payload: str, reason: str) -> None:
    """A usnat section of an unknown version, or of a length that is not its version's, is damaged."""
    (damage,) = decode_gpp(f"DBABLA~{payload}").damage
    assert reason in damage


@pytest.mark.parametrize(
    ("text", "sections", "damaged"),
    [
        ("DBABBg", [], 1),
        ("DBAA~", [], 1),
        (f"DBABBg~{USCA_QUIET}~", ["usca"], 1),
        (f"DBABBg~{USCA_QUIET}~{USCA_QUIET}", ["usca"], 1),
        (f"DBABrw~{gpp_strings.usnat({})}", ["usnat"], 1),
        ("DBAA", [], 0),
    ],
)
def test_a_string_has_the_sections_its_header_names(text: str, sections: list[str], damaged: int) -> None:
    """Fewer or more sections than the header names is damage; those that can be told are read."""
    gpp = decode_gpp(text)
    assert (list(gpp.sections), len(gpp.damage)) == (sections, damaged)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1YNN", UsPrivacy(1, "Y", "N", "N")),
        ("1YYN", UsPrivacy(1, "Y", "Y", "N")),
        ("1NYY", UsPrivacy(1, "N", "Y", "Y")),
        ("1-Y-", UsPrivacy(1, "-", "Y", "-")),
        ("1---", UsPrivacy(1, "-", "-", "-")),
    ],
)
def test_us_privacy_strings_are_read(text: str, expected: UsPrivacy) -> None:
    """The strings of legal 5.3.1 give notice, opt-out of sale and covered transaction."""
    assert decode_us_privacy(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "got 0 characters"),
        ("1YN", "got 3 characters"),
        ("1YNNN", "got 5 characters"),
        ("1YNN\n", "got 5 characters"),
        ("2YNN", "got another version"),
        ("YYYY", "got another version"),
        ("1yyn", "got another character"),
        ("1Y0N", "got another character"),
        ("１YYN", "got another version"),
    ],
)
def test_other_texts_are_no_us_privacy_string(text: str, reason: str) -> None:
    """Anything but 1 and three of Y, N and - is an error that says so and does not repeat it."""
    with pytest.raises(UnreadableSignalError, match=f"as in 1YNN, {reason}"):
        decode_us_privacy(text)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), False),
        (("1",), True),
        (("0",), False),
        (("0", "1"), True),
        (("1", "1"), True),
        (("true",), False),
        (("1 ",), False),
        ((" 1",), False),
        (('"1"',), False),
        (("1, 1",), False),
        (("10",), False),
        (("",), False),
        (("１",), False),
    ],
)
def test_a_gpc_value_is_exactly_1(values: tuple[str, ...], expected: bool) -> None:
    """Any value of exactly 1 is the signal, every other is ignored (legal 5.1.1)."""
    assert is_gpc(values) is expected
    assert read_signals(Signals(gpc=values)) == SAYS_NOTHING._replace(gpc=expected)


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        pytest.param(Signals(), SAYS_NOTHING, id="no signal"),
        pytest.param(Signals(dnt="1"), SAYS_NOTHING, id="D041"),
        pytest.param(Signals(gpp="DBABBg~BVoAAACA.YA"), READ._replace(gpc=True), id="D061"),
        pytest.param(Signals(usp="1YYN"), OPTED_OUT, id="D063"),
        pytest.param(Signals(gpp="DBABBg~not a section"), UNREADABLE, id="D065"),
        pytest.param(Signals(gpp="DBABLA~CVVpAAAAAACA"), OPTED_OUT, id="S005"),
        pytest.param(
            Signals(gpp="DBABBg~BVoEAACA"),
            READ._replace(limited_elements=frozenset({"precise_geolocation"})),
            id="D136",
        ),
    ],
)
def test_the_strings_of_the_scenarios_are_read(signals: Signals, expected: Reading) -> None:
    """The strings of the published scenarios ask for what the scenarios say."""
    assert read_signals(signals) == expected


@pytest.mark.parametrize("name", ["SaleOptOut", "SharingOptOut"])
@pytest.mark.parametrize("answer", [0, 1, 2, 3])
def test_only_an_answer_of_1_opts_out(name: str, answer: int) -> None:
    """Opted out is 1; not applicable, did not opt out and the unused 3 say nothing (legal 5.2.5)."""
    expected = OPTED_OUT if answer == 1 else READ
    usca, usnat = gpp_strings.usca({name: answer}), gpp_strings.usnat({name: answer})
    assert read_signals(Signals(gpp=f"DBABBg~{usca}")) == expected
    assert read_signals(Signals(gpp=f"DBABLA~{usnat}")) == expected


@pytest.mark.parametrize("version", [1, 2])
def test_usnat_opts_out_of_targeted_advertising(version: int) -> None:
    """TargetedAdvertisingOptOut is read as an opt-out of sale and sharing, in both versions of usnat."""
    usnat = gpp_strings.usnat({"TargetedAdvertisingOptOut": 1}, version=version)
    assert read_signals(Signals(gpp=f"DBABLA~{usnat}")) == OPTED_OUT


def test_notices_and_consents_opt_nobody_out() -> None:
    """Answers of 1 elsewhere, as in notices, consents and the agreement, ask for nothing."""
    for fields, make, header in (
        (gpp_strings.USCA_FIELDS, gpp_strings.usca, "DBABBg"),
        (gpp_strings.USNAT_V2_FIELDS, gpp_strings.usnat, "DBABLA"),
    ):
        others = {
            name: [1] * max(count, 1)
            for name, count in fields.items()
            if not name.endswith("OptOut") and name != "SensitiveDataProcessing"
        }
        assert len(others) > 7
        assert read_signals(Signals(gpp=f"{header}~{make(others, gpc=False)}")) == READ


@pytest.mark.parametrize("field", range(9))
def test_usca_limits_the_elements_of_its_field(field: int) -> None:
    """Each answer of SensitiveDataProcessing limits the elements the taxonomy gives it, if it is 1."""
    taxonomy = YAML(typ="safe").load(example_registry().joinpath("taxonomy.yaml").read_text(encoding="utf-8"))
    elements = {name for name, about in taxonomy["sensitive_elements"].items() if about["usca"] == field + 1}
    assert elements
    assert len(LIMITED_BY_USCA) == 9
    for answer in (0, 1, 2, 3):
        answers = [2] * 9
        answers[field] = answer
        reading = read_signals(
            Signals(gpp="DBABBg~" + gpp_strings.usca({"SensitiveDataProcessing": answers}))
        )
        assert reading == READ._replace(limited_elements=frozenset(elements) if answer == 1 else NOTHING)


@pytest.mark.parametrize("version", [1, 2])
def test_usnat_never_limits(version: int) -> None:
    """In usnat 1 means that consent was not given, so it limits nothing (legal 5.2.8)."""
    usnat = gpp_strings.usnat({"SensitiveDataProcessing": [1] * 12}, version=version)
    assert read_signals(Signals(gpp=f"DBABLA~{usnat}")) == READ


@pytest.mark.parametrize(
    ("payload", "expected"),
    [("1YYN", OPTED_OUT), ("1YNN", READ), ("1---", READ), ("1YY", UNREADABLE), ("1YNN.YA", UNREADABLE)],
)
def test_uspv1_is_a_us_privacy_string(payload: str, expected: Reading) -> None:
    """Section 6 is read as the US Privacy string it is, and has no sub-sections."""
    assert read_signals(Signals(gpp=f"DBABTA~{payload}")) == expected


def test_sections_of_other_states_decide_nothing() -> None:
    """An opt-out, a GPC bit or damage in the section of another state is passed over."""
    virginia = gpp_strings.letters(f"{1:06b}" + "01" * 18)
    for payload in (virginia, virginia + ".YA", "damaged!"):
        assert read_signals(Signals(gpp=gpp_strings.gpp({9: payload}))) == READ
        assert read_signals(Signals(gpp=gpp_strings.gpp({8: USCA_OPT_OUT, 9: payload}))) == OPTED_OUT


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        (Signals(gpp=""), UNREADABLE),
        (Signals(usp=""), UNREADABLE),
        (Signals(gpp="", usp="1YNN"), UNREADABLE),
        (Signals(gpp="DBABBg", usp="1YYN"), UNREADABLE._replace(opted_out=True)),
        (Signals(gpp=f"DBABBg~{USCA_OPT_OUT}", usp="what?"), UNREADABLE._replace(opted_out=True)),
        (Signals(gpp=f"DBABBg~{USCA_OPT_OUT}", usp="1YNN"), OPTED_OUT),
        (Signals(gpp=f"DBABBg~{USCA_QUIET}", usp="1YYN"), OPTED_OUT),
        (Signals(gpc=("1",), gpp="?", usp="?"), UNREADABLE._replace(gpc=True)),
        (Signals(gpp=f"DBABBg~{USCA_OPT_OUT}.IA"), UNREADABLE._replace(opted_out=True)),
        (Signals(gpp="DBABBg~damaged!.YA"), UNREADABLE._replace(gpc=True)),
        (Signals(gpp=f"DBABrw~damaged!~{USCA_OPT_OUT}"), UNREADABLE._replace(opted_out=True)),
        (Signals(gpp=f"DBABrw~{gpp_strings.usnat({'SaleOptOut': 1})}"), UNREADABLE._replace(opted_out=True)),
    ],
)
def test_protections_add_up(signals: Signals, expected: Reading) -> None:
    """What cannot be read takes nothing away from what can, in the same string or beside it."""
    assert read_signals(signals) == expected


@pytest.mark.parametrize(
    ("dnt", "expected"),
    [("1", True), ("0", False), ("", False), ("true", False), (" 1", False), (None, False)],
)
def test_do_not_track_counts_where_it_is_honored(dnt: str | None, expected: bool) -> None:
    """Where Do Not Track is honored, a value of exactly 1 is a GPC signal; elsewhere none is."""
    assert read_signals(Signals(dnt=dnt), dnt_counts=True) == SAYS_NOTHING._replace(gpc=expected)
    assert read_signals(Signals(dnt=dnt)) == SAYS_NOTHING
