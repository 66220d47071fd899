"""How far and when protections travel, as the scenario format says it in "Subjects and links".

Every way is walked by itself, link by link; nothing is shared with the product.
"""

from itertools import pairwise

from reference_registry import Said

PERSONS = {"account", "profile"}


def spans(history: list[Said], one: str, other: str) -> list[tuple[int, int | None]]:
    """Periods in which two subjects belonged together; the end is None where it lasts."""
    said = []
    for event in history:
        if event["verb"] == "visit" and event.get("account") is not None:
            pair, what = {event["device"], event["account"]}, "link"
        elif event["verb"] in {"link", "unlink"}:
            pair, what = set(event["nodes"]), event["verb"]
            if event.get("mistaken", False):
                what = "mistaken"
        else:
            continue
        if pair == {one, other}:
            said.append((event["at"], what))
    # Read as: what was found to be mistaken is what had been said until then; later links are others.
    found_out = max((at for at, what in said if what == "mistaken"), default=None)
    said = [one for one in said if found_out is None or one[0] > found_out]
    found: list[tuple[int, int | None]] = []
    since: int | None = None
    # At one instant the link is said first, so that it is over afterwards.
    for at, what in sorted(said):
        if what == "link" and since is None:
            since = at
        elif what == "unlink" and since is not None:
            found.append((since, at))
            since = None
    if since is not None:
        found.append((since, None))
    return found


def ways(types: dict[str, str], origin: str, *, into_households: bool) -> list[list[str]]:
    """Every way a protection made at `origin` can take, whether or not there are links: steps 1 to 5."""
    found = [[origin]]
    if types[origin] == "household":
        return found  # nothing leaves a household
    if types[origin] == "device":
        found += [[origin, person] for person in types if types[person] in PERSONS]
    found += [
        [*way, person]
        for way in found
        if types[way[-1]] in PERSONS
        for person in types
        if types[person] in PERSONS and person not in way
    ]
    found += [
        [*way, device]
        for way in found
        if types[way[-1]] in PERSONS
        for device in types
        if types[device] == "device" and device not in way
    ]
    if into_households:
        found += [
            [*way, household] for way in found for household in types if types[household] == "household"
        ]
    return found


def arrival(  # noqa: PLR0917 - the reference says plainly what it needs
    history: list[Said],
    types: dict[str, str],
    origin: str,
    at: int,
    subject: str,
    into_households: bool,
    later_logins: str,
) -> int | None:
    """When a protection made at `origin` reaches a subject; None if it never does."""
    if origin == subject:
        return at
    arrivals = []
    for way in ways(types, origin, into_households=into_households):
        if way[-1] != subject:
            continue
        now: int | None = at
        for hop, (one, other) in enumerate(pairwise(way)):
            assert now is not None
            login = hop == 0 and types[one] == "device" and types[other] in PERSONS
            now = _pass(spans(history, one, other), now, later_logins if login else "forward_only")
            if now is None:
                break
        if now is not None:
            arrivals.append(now)
    return min(arrivals, default=None)


def _pass(linked: list[tuple[int, int | None]], at: int, later_logins: str) -> int | None:
    moments = []
    for since, until in linked:
        passed = max(at, since)
        # "Not over a link that had ended by then"; of two things at one instant the protection wins.
        if until is not None and until < passed:
            continue
        if since > at and later_logins == "none":
            continue
        moments.append(at if later_logins == "backward" else passed)
    return min(moments, default=None)
