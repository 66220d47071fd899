"""What holds for one subject at one moment, as the scenario format says it; part of the reference engine.

A history is a list of events as scenarios write them, each with its `at` in microseconds and an `id` that
orders what happened at one instant. Where the text leaves a choice, "Read as" says which one is taken here.
"""

from reference_reach import arrival
from reference_registry import Book, Said, named

GPC_STATES = named("CA CO CT DE MD MN MT NE NH NJ OR TX")
EEA_AND_GB = named(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO GB"
)
YOUNGEST_FIRST = ["under_13", "13_to_15", "willful", "16_to_17", "adult", "unknown"]
MICROSECONDS_A_MS = 1000


class Reached:
    """All that bears on one disclosure about one subject at one moment, of a history that has arrived.

    `what` has every key of an ask or report. `t`: a report's `at`; for an ask, now. `asked`: how the ask was
    answered that a report follows: its outcome, and the items that might go.
    """

    def __init__(
        self,
        book: Book,
        types: dict[str, str],
        history: list[Said],
        what: Said,
        t: int,
        *,
        mode: str,
        store_up: bool = True,
        asked: tuple[str, list[str]] | None = None,
    ) -> None:
        self.book, self.types, self.what, self.t = book, types, what, t
        self.history = sorted(history, key=lambda event: (event["at"], event["id"]))
        self.subject: str = what["about"]
        self.mode, self.store_up, self.asked = mode, store_up, asked
        self.toggles = book.toggles
        self.skew: int = self.toggles["clock_skew_bound_ms"] * MICROSECONDS_A_MS
        self.party: str = what["to"]
        self.kinds: set[str] = set()
        self.kind_flags: set[str] = set()

    # --- what has reached the subject -----------------------------------------------------------------

    def own(self, *verbs: str) -> list[Said]:
        """What was said of this subject itself by t."""
        return [
            e
            for e in self.history
            if e["verb"] in verbs and e.get("subject") == self.subject and e["at"] <= self.t
        ]

    def reach(self, maker: str, event: Said, *, households: bool, opt_out: bool) -> int | None:
        """When a protection reaches the subject."""
        later_logins = self.toggles["retro_link_device_opt_out_to_account"] if opt_out else "forward_only"
        households = households and self.toggles["household_strictest"]
        return arrival(self.history, self.types, maker, event["at"], self.subject, households, later_logins)

    def stops(self) -> list[Said]:
        """Opt-outs, signals and banner rejections that are made, whatever has become of them since."""
        found = []
        for event in self.history:
            for maker, sort, names in _stops_made(event, self.toggles):
                travels = sort != "cookie_reject"  # "from that device"
                reached: int | None = event["at"] if maker == self.subject else None
                if travels:
                    reached = self.reach(maker, event, households=True, opt_out=True)
                if reached is not None:
                    stop = {"sort": sort, "names": names, "maker": maker, "event": event, "reached": reached}
                    found.append(stop)
        return found

    def counts(self, stop: Said, t: int) -> bool:
        """Whether a stop has reached the subject by t and still counts, its denial aside."""
        event, sort = stop["event"], stop["sort"]
        # Read as: opt-outs and limits count a little earlier; signals, which machines send, do not.
        early = self.skew if sort in {"opt_out", "glba"} else 0
        if stop["reached"] - early > t:
            return False
        later = [e for e in self.history if e["verb"] == "visit" and event["at"] < e["at"] <= t]
        if sort == "unreadable":
            return not any(e["device"] == event["device"] and e["reads"]["readable"] for e in later)
        if sort == "gpc":
            region = self.region(t)
            if not self.toggles["us_wide_gpc"] and region not in {
                "unknown",
                *(f"US-{s}" for s in GPC_STATES),
            }:
                return False
            forgets = not self.toggles["anonymous_device_opt_out_persists"]
            if forgets and self.types[stop["maker"]] == "device":
                return all(e["device"] != stop["maker"] or _sends_gpc(e, self.toggles) for e in later)
        return True

    def is_denied(self, stop: Said, t: int) -> bool:
        """Denied as fraudulent since: documented, and the requestor told; not signals."""
        return stop["sort"] in {"opt_out", "glba"} and any(
            e["verb"] == "opt_out_denied"
            and e["subject"] == stop["maker"]
            and (e["documented"] and e["requestor_told"])
            and stop["event"]["at"] < e["at"] <= t
            for e in self.history
        )

    def limits(self, t: int) -> list[Said]:
        """Limits that have reached the subject by t; `elements` None for all."""
        found = []
        for event in self.history:
            for maker, elements, is_signal in _limits_made(event):
                reached = self.reach(maker, event, households=True, opt_out=False)
                if reached is not None and reached - (0 if is_signal else self.skew) <= t:
                    found.append(
                        {
                            "elements": elements,
                            "maker": maker,
                            "event": event,
                            "reached": reached,
                            "signal": is_signal,
                        }
                    )
        return found

    def has_arrived(self, verb: str) -> list[Said]:
        """Deletions, platform matches, ages and residencies that have reached the subject by t."""
        found = []
        for event in self.history:
            if event["verb"] == verb:
                reached = self.reach(event["subject"], event, households=False, opt_out=False)
                if reached is not None and reached <= self.t:
                    found.append({**event, "reached": reached})
        return found

    def age(self, t: int) -> str:
        """Band known at a moment; `willful` for signs of a child that were ignored."""
        latest: dict[str, Said] = {}
        for fact in self.has_arrived("age"):
            if fact["reached"] > t:
                continue
            before = latest.get(fact["subject"])
            if before is None or fact["at"] > before["at"] or _youth(fact) < _youth(before):
                latest[fact["subject"]] = fact
        return YOUNGEST_FIRST[
            min((_youth(fact) for fact in latest.values()), default=len(YOUNGEST_FIRST) - 1)
        ]

    def region(self, t: int) -> str:
        """Residency known at a moment."""
        facts = [fact for fact in self.has_arrived("residency") if fact["reached"] <= t]
        if not facts:
            return "US-CA"
        last = max(fact["at"] for fact in facts)
        regions = [fact["region"] for fact in facts if fact["at"] == last]
        if {"US-CA", "unknown"} & set(regions):
            return "US-CA"
        # Read as: of two other places at one instant, the later in the alphabet.
        return str(max(regions))

    def is_californian(self) -> bool:
        """Californian, or of an unknown place."""
        return self.region(self.t) in {"US-CA", "unknown"}

    def is_european(self) -> bool:
        """In the European Economic Area or Great Britain."""
        return self.region(self.t).split("-")[0] in EEA_AND_GB


def _stops_made(event: Said, toggles: Said) -> list[tuple[str, str, set[str]]]:
    """Who made what that stops which kinds: (maker, sort, kinds)."""
    both = {"sale", "share"}
    if event["verb"] == "opt_out":
        names = set(event["of"]) & both
        made = [(event["subject"], "opt_out", names)] if names else []
        return made + ([(event["subject"], "glba", set())] if "glba" in event["of"] else [])
    if event["verb"] == "program_choice" and event["choice"] == "withdraws":
        return [(event["subject"], "opt_out", both)]
    if event["verb"] == "cookie_reject" and toggles["treat_cookie_reject_as_opt_out"]:
        return [(event["subject"], "cookie_reject", both)]
    if event["verb"] != "visit":
        return []
    sorts = []
    if _sends_gpc(event, toggles):
        sorts.append("gpc")
    if event["reads"]["opted_out"]:
        sorts.append("string")
    if event["reads"]["unreadable"] and toggles["unparseable_signal"] == "suppress":
        sorts.append("unreadable")
    makers = [event["device"]] + ([event["account"]] if event["account"] is not None else [])
    return [(maker, sort, both) for maker in makers for sort in sorts]


def _sends_gpc(event: Said, toggles: Said) -> bool:
    return bool(event["reads"]["gpc"] or (event["reads"]["dnt"] and toggles["treat_dnt_as_opt_out"]))


def _limits_made(event: Said) -> list[tuple[str, set[str] | None, bool]]:
    """Who limited which elements, and whether a string did: (maker, elements or None for all, signal)."""
    if event["verb"] == "limit_sensitive":
        return [(event["subject"], set(event["elements"]) or None, False)]
    if event["verb"] != "visit" or not event["reads"]["limits"]:
        return []
    makers = [event["device"]] + ([event["account"]] if event["account"] is not None else [])
    return [(maker, set(event["reads"]["limits"]), True) for maker in makers]


def _youth(fact: Said) -> int:
    willful = fact["band"] == "unknown" and fact["willful_disregard"]
    return YOUNGEST_FIRST.index("willful" if willful else fact["band"])
