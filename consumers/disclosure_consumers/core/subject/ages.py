"""What is known of a subject's age and residency at a moment (legal 1.6, 1.1.11)."""

from typing import NamedTuple

from disclosure_consumers.core.subject.standing import AgeKnown, RegionKnown

# The youngest counts. Ignoring the signs of a child is the same as knowing (1798.120(c)): under sixteen.
_YOUNGEST_FIRST = ("under_13", "13_to_15", "disregarded", "16_to_17", "adult", "unknown")
_YOUNGEST_YEARS = {"under_13": 0, "13_to_15": 13, "16_to_17": 16, "adult": 18}
_UNDER_16 = frozenset({"under_13", "13_to_15"})

# fmt: off
_EEA_AND_GB = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",  # European Union
    "IS", "LI", "NO", "GB",
})
# fmt: on


class Age(NamedTuple):
    """The age that counts: a band, and whether signs of a child were ignored."""

    band: str = "unknown"
    willful_disregard: bool = False


def known_at(ages: tuple[AgeKnown, ...], at_us: int) -> Age:
    """The latest fact about each subject, of two at one instant or of linked subjects the youngest."""
    latest: dict[bytes, AgeKnown] = {}
    for age in ages:
        if age.reached_us > at_us:
            continue
        known = latest.get(age.about)
        if (
            known is None
            or age.at_us > known.at_us
            or (age.at_us == known.at_us and _rank(age) < _rank(known))
        ):
            latest[age.about] = age
    youngest = min(latest.values(), key=_rank, default=None)
    if youngest is None:
        return Age()
    if youngest.band not in _YOUNGEST_FIRST:  # a band newer than this reader may be a child's (G4)
        return Age("unknown", willful_disregard=True)
    return Age(youngest.band, youngest.willful_disregard)


def younger(one: Age, other: Age) -> Age:
    """The younger of two ages."""
    return min(one, other, key=_place)


def is_under_16(band: str) -> bool:
    """Known to be under 16."""
    return band in _UNDER_16


def is_under(band: str, years: int) -> bool:
    """Known to be, or within the band perhaps, under so many years: in doubt for the child."""
    return _YOUNGEST_YEARS.get(band, years) < years


def was_under_16_before(ages: tuple[AgeKnown, ...], at_us: int) -> bool:
    """Whether it was ever known, by a moment, that the subject was under 16."""
    return any(age.reached_us <= at_us and age.band in _UNDER_16 for age in ages)


def region_at(regions: tuple[RegionKnown, ...], at_us: int) -> str | None:
    """The latest residency; of two at the same instant California. None if nothing is known."""
    known = [region for region in regions if region.reached_us <= at_us]
    latest = max(known, key=lambda r: (r.at_us, is_californian(r.region), r.region), default=None)
    return None if latest is None else latest.region


def is_californian(region: str | None) -> bool:
    """Resident of California, or of an unknown place (1798.140(i))."""
    return region in {None, "unknown", "US-CA"}


def is_european(region: str | None) -> bool:
    """Resident of the European Economic Area or of the United Kingdom."""
    return region is not None and region.partition("-")[0] in _EEA_AND_GB


def _place(age: Age) -> int:
    return _YOUNGEST_FIRST.index(
        "disregarded" if age.band == "unknown" and age.willful_disregard else age.band
    )


def _rank(age: AgeKnown) -> int:
    band = "disregarded" if age.band == "unknown" and age.willful_disregard else age.band
    return _YOUNGEST_FIRST.index(band) if band in _YOUNGEST_FIRST else _YOUNGEST_FIRST.index("disregarded")
