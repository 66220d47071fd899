"""Properties of the signal decoder: it reads what was written, and nothing it is given upsets it."""

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import gpp_strings
from disclosure_consumers.core.signals.bits import UnreadableSignalError
from disclosure_consumers.core.signals.gpp import US_SECTIONS, Gpp, decode_gpp
from disclosure_consumers.core.signals.reading import LIMITED_BY_USCA, read_signals
from disclosure_consumers.core.signals.us_privacy import decode_us_privacy
from disclosure_schemas.events.disclosure import Signals

Fields = dict[str, int | tuple[int, ...]]

ANSWER = st.integers(0, 3)
GPC_BIT = st.none() | st.booleans()
LIKE_GPP = st.text("ABCDIQYZabg019-_+/~.= ", max_size=40)
US_PRIVACY = st.from_regex(r"1[YN-]{3}", fullmatch=True)
OTHER_SECTIONS = st.dictionaries(
    st.sampled_from([1, 2, 3, 4, 5, *range(9, 40)]), st.text("ABCDabcd.01", max_size=30), max_size=4
)


def answers_to(fields: Mapping[str, int]) -> st.SearchStrategy[Fields]:
    """Answers to every field of a section, in its order."""
    return st.fixed_dictionaries(
        {name: st.tuples(*[ANSWER] * count) if count else ANSWER for name, count in fields.items()}
    )


USCA = answers_to(gpp_strings.USCA_FIELDS)
USNAT = st.sampled_from([(1, gpp_strings.USNAT_V1_FIELDS), (2, gpp_strings.USNAT_V2_FIELDS)]).flatmap(
    lambda pair: st.tuples(st.just(pair[0]), answers_to(pair[1]))
)


@st.composite
def valid_strings(draw: st.DrawFn) -> str:
    """A GPP string with some of the deciding sections and some others, in either padding."""
    octets = draw(st.booleans())
    sections = draw(OTHER_SECTIONS)
    if draw(st.booleans()):
        sections[6] = draw(US_PRIVACY)
    if draw(st.booleans()):
        version, answers = draw(USNAT)
        sections[7] = gpp_strings.usnat(answers, version=version, gpc=draw(GPC_BIT), octets=octets)
    if draw(st.booleans()):
        sections[8] = gpp_strings.usca(draw(USCA), gpc=draw(GPC_BIT), octets=octets)
    return gpp_strings.gpp(sections, octets=octets)


@st.composite
def damaged_strings(draw: st.DrawFn) -> str:
    """A valid string after some characters were lost, added, changed or swapped."""
    text = draw(valid_strings())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        skipped = draw(st.integers(0, 3))
        text = text[:place] + draw(LIKE_GPP.map(lambda added: added[:3])) + text[place + skipped :]
    return text


def damage_of(text: str, only: frozenset[int]) -> tuple[str, ...]:
    """What is told of a GPP string that cannot be read, whole or in part."""
    try:
        return decode_gpp(text, only=only).damage
    except UnreadableSignalError as error:
        return (str(error),)


@given(text=st.text(max_size=80) | LIKE_GPP | LIKE_GPP.map("DBABBg~{}".format) | damaged_strings())
@example("DB" + "A" * 5_000)
@example("DB" + "_" * 5_000 + "~" * 5_000)
@example("DB" + "A_" * 2_000)
@example("DBABBg~" + "A" * 10_000)
@example("\ud800")
def test_a_string_is_read_or_refused(text: str) -> None:
    """Any text is read, or is the one error of a signal; with any damage it counts as unreadable."""
    damage = damage_of(text, frozenset({6, 7, 8}))
    assert all("cannot be read" in told and "expected" in told for told in damage)
    assert set(damage) <= set(damage_of(text, US_SECTIONS))
    damaged = bool(damage)
    reading = read_signals(Signals.model_construct(gpp=text))
    assert (reading.readable, reading.unreadable) == (not damaged, damaged)


@given(text=st.text(max_size=8) | st.text("1YN-", min_size=3, max_size=5) | US_PRIVACY)
def test_a_us_privacy_string_is_read_or_refused(text: str) -> None:
    """A text of 1 and three of Y, N and - is read as these; any other is the one error of a signal."""
    if len(text) == 4 and text[0] == "1" and set(text[1:]) <= set("YN-"):
        assert "".join(map(str, decode_us_privacy(text))) == text
        return
    with pytest.raises(UnreadableSignalError, match="cannot be read: expected"):
        decode_us_privacy(text)


def in_order(answers: Fields) -> list[tuple[str, int | tuple[int, ...]]]:
    """Answers in the order of their section."""
    names = gpp_strings.USNAT_V2_FIELDS if "SharingNotice" in answers else gpp_strings.USCA_FIELDS
    return [(name, answers[name]) for name in names]


def respelled(text: str, extra: int, *, standard: bool) -> str:
    """The same bits with more zeros behind, in the other alphabet if `standard`."""
    padded = ".".join(part + "A" * extra for part in text.split("."))
    return padded.replace("-", "+").replace("_", "/") if standard else padded


@given(answers=USCA, gpc=GPC_BIT, octets=st.booleans(), extra=st.integers(0, 9), standard=st.booleans())
def test_usca_is_read_as_it_was_written(
    answers: Fields, gpc: bool | None, octets: bool, extra: int, standard: bool
) -> None:
    """Every field of a usca section and its GPC bit come back, in any padding and either alphabet."""
    payload = respelled(gpp_strings.usca(answers, gpc=gpc, octets=octets), extra, standard=standard)
    gpp = decode_gpp(gpp_strings.gpp({8: payload}))
    assert gpp.damage == ()
    assert list(gpp.sections["usca"].fields.items()) == [("Version", 1), *in_order(answers)]
    assert gpp.sections["usca"].gpc is gpc


@given(usnat=USNAT, gpc=GPC_BIT, octets=st.booleans(), extra=st.integers(0, 9), standard=st.booleans())
def test_usnat_is_read_as_it_was_written(
    usnat: tuple[int, Fields], gpc: bool | None, octets: bool, extra: int, standard: bool
) -> None:
    """Every field of both versions of usnat comes back, in any padding and either alphabet."""
    version, answers = usnat
    written = gpp_strings.usnat(answers, version=version, gpc=gpc, octets=octets)
    gpp = decode_gpp(gpp_strings.gpp({7: respelled(written, extra, standard=standard)}))
    assert gpp.damage == ()
    assert list(gpp.sections["usnat"].fields.items()) == [("Version", version), *in_order(answers)]
    assert gpp.sections["usnat"].gpc is gpc


@given(
    ids=st.sets(st.integers(1, 60) | st.integers(1, 121_392), max_size=30),
    octets=st.booleans(),
    extra=st.integers(0, 9),
)
def test_a_header_names_the_sections_it_was_written_for(ids: set[int], octets: bool, extra: int) -> None:
    """Any set of section ids comes back in order, alone or in ranges."""
    header = gpp_strings.header(ids, octets=octets) + "A" * extra
    gpp = decode_gpp(header + "~" * len(ids), only=frozenset())
    assert gpp == Gpp(tuple(sorted(ids)), {}, ())


@given(answers=USCA, length=st.integers(0, 7))
def test_a_section_cut_short_is_unreadable(answers: Fields, length: int) -> None:
    """Fewer letters than 46 bits need are never read as zeros."""
    gpp = decode_gpp(gpp_strings.gpp({8: gpp_strings.usca(answers)[:length]}))
    assert len(gpp.damage) == 1
    assert gpp.sections["usca"].fields == {}


@given(text=valid_strings(), other=OTHER_SECTIONS, usp=st.none() | US_PRIVACY)
def test_other_sections_change_nothing(text: str, other: dict[int, str], usp: str | None) -> None:
    """A reading is that of the deciding sections alone, whatever other sections stand beside them."""
    gpp = decode_gpp(text, only=frozenset({6, 7, 8}))
    payloads = dict(zip(gpp.section_ids, text.split("~")[1:], strict=True))
    deciding = {key: payload for key, payload in payloads.items() if key in {6, 7, 8}}
    changed = gpp_strings.gpp(deciding | other)
    assert read_signals(Signals(gpp=text, usp=usp)) == read_signals(Signals(gpp=changed, usp=usp))


@given(answers=USCA, gpc=GPC_BIT, national=USNAT, usp=st.none() | US_PRIVACY)
def test_a_reading_is_what_its_answers_ask_for(
    answers: Fields, gpc: bool | None, national: tuple[int, Fields], usp: str | None
) -> None:
    """An answer of 1 to an opt-out opts out, one of usca to sensitive data limits, a GPC bit of 1 is GPC."""
    version, usnat = national
    sections = {7: gpp_strings.usnat(usnat, version=version), 8: gpp_strings.usca(answers, gpc=gpc)}
    reading = read_signals(Signals(gpp=gpp_strings.gpp(sections), usp=usp))
    opt_outs = [answers["SaleOptOut"], answers["SharingOptOut"]]
    opt_outs += [usnat[name] for name in ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")]
    assert reading.opted_out is (1 in opt_outs or (usp or "----")[2] == "Y")
    assert reading.gpc is (gpc is True)
    processing = answers["SensitiveDataProcessing"]
    assert isinstance(processing, tuple)
    limits = [elements for elements, answer in zip(LIMITED_BY_USCA, processing, strict=True) if answer == 1]
    assert reading.limited_elements == frozenset().union(*limits)


@given(gpp=st.none() | valid_strings() | damaged_strings(), usp=st.none() | US_PRIVACY | st.text(max_size=5))
def test_protections_add_up(gpp: str | None, usp: str | None) -> None:
    """One more signal takes away nothing that another asks for."""
    alone = read_signals(Signals(gpp=gpp))
    both = read_signals(Signals(gpp=gpp, usp=usp))
    assert both.opted_out is (alone.opted_out or read_signals(Signals(usp=usp)).opted_out)
    assert both.unreadable is (alone.unreadable or read_signals(Signals(usp=usp)).unreadable)
    assert both.readable is ((gpp, usp) != (None, None) and not both.unreadable)
    assert (both.gpc, both.limited_elements) == (alone.gpc, alone.limited_elements)
    assert read_signals(Signals(gpc=("1",), gpp=gpp, usp=usp)) == both._replace(gpc=True)
