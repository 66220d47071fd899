"""What holds for one subject at one moment, as the scenario format says it; part of the reference engine.

A history is a list of events as scenarios write them, each with its `at` in microseconds and an `id` that
orders what happened at one instant. Where the text leaves a choice, "Read as" says which one is taken here.
"""

from datetime import date

from reference_reach import PERSONS, arrival
from reference_registry import Book, Said, day_of, named, start_of

GPC_STATES = named("CA CO CT DE MD MN MT NE NH NJ OR TX")
EEA_AND_GB = named(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO GB"
)
YOUNGEST_FIRST = ["under_13", "13_to_15", "willful", "16_to_17", "adult", "unknown"]
NO_CONSENTS = {"banner_accept_only", "banner_closed", "terms_acceptance", "pre_ticked_box"}
STOP_REASONS = [
    "opted_out_of_sale",
    "opted_out_of_sharing",
    "opt_out_inherited",
    "opt_out_forwarded",
    "opt_out_pending",
    "gpc_known_consumer",
    "gpc_device",
    "household",
    "linked_profile",
    "signal_unparseable",
    "cookie_reject",
]
OF_KIND = {"sale": "opted_out_of_sale", "share": "opted_out_of_sharing"}
GOES = {"permit", "out_of_scope"}
MICROSECONDS_A_MS, DAY = 1000, 24 * 60 * 60 * 1_000_000


class Bearing:
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

    # --- opt-ins --------------------------------------------------------------------------------------

    def opt_ins(self) -> list[Said]:
        """Opt-ins by t in the order of their requests, each with its fault, its scope aside."""
        pairs: list[list[Said]] = []
        for event in self.own("opt_in_requested", "opt_in_confirmed"):
            waiting = [p for p in pairs if len(p) == 1 and p[0]["at"] < event["at"]]
            if event["verb"] == "opt_in_confirmed" and waiting:
                waiting[-1].append(event)
            else:
                pairs.append([event])
        found = [_joined(pair) for pair in pairs]
        confirmed = [o["confirmed"] for o in found if o["confirmed"] is not None]
        for opt_in in found:
            opt_in["fault"] = self.fault(opt_in, confirmed)
        return found

    def fault(self, opt_in: Said, confirmed: list[int]) -> str | None:
        """First fault of an opt-in."""
        if opt_in["confirmed"] is None:
            return "opt_in_not_confirmed"
        if opt_in["method"] in NO_CONSENTS or self.asked_too_soon(opt_in, confirmed):
            return "consent_invalid"
        ends = [] if opt_in["expires_at"] is None else [opt_in["expires_at"]]
        if self.toggles["consent_ttl_days"] is not None:
            ends.append(opt_in["confirmed"] + self.toggles["consent_ttl_days"] * DAY)
        return "consent_expired" if any(end <= self.t for end in ends) else None

    def asked_too_soon(self, opt_in: Said, confirmed: list[int]) -> bool:
        """Prompted within twelve months of an opt-out, a signal, a limit or a refusal."""
        asked: int = opt_in["requested"]
        if not opt_in["prompted"] or opt_in["transaction"] is not None:
            return False

        def too_soon(reached: int, at: int) -> bool:
            return reached <= asked < start_of(_next_year(day_of(at)))

        if opt_in["of"] & {"sale", "share"}:
            for stop in self.stops():
                # Read as: the separate opt-out for financial information and a banner forbid no asking.
                if stop["sort"] in {"glba", "cookie_reject"} or self.is_denied(stop, asked):
                    continue
                if not (self.counts(stop, asked) and too_soon(stop["reached"], stop["event"]["at"])):
                    continue
                conflict = stop["sort"] == "gpc" and any(c < stop["reached"] for c in confirmed)
                if not (opt_in["informed_of_signal"] and conflict):
                    return True
        if "sensitive" in opt_in["of"] and any(
            too_soon(m["reached"], m["event"]["at"]) for m in self.limits(asked)
        ):
            return True
        for refusal in self.own("opt_in_declined"):
            was_young = self.age(refusal["at"]) in {"under_13", "13_to_15"}
            grown_up = was_young and self.age(asked) in {"16_to_17", "adult"}
            if too_soon(refusal["at"], refusal["at"]) and not grown_up:
                return True
        return False

    def covers(self, opt_in: Said, wanted: set[str]) -> bool:
        """Whether an opt-in names these kinds, and purpose, recipient and transaction where it names any."""
        return bool(
            wanted <= opt_in["of"]
            and (opt_in["purposes"] is None or self.what["purpose"] in opt_in["purposes"])
            and (opt_in["recipients"] is None or self.party in opt_in["recipients"])
            and (opt_in["transaction"] is None or self.what["transaction"] in opt_in["transaction"])
        )

    def sound(self, wanted: set[str] | None = None) -> list[Said]:
        """Sound opt-ins; those that cover what is wanted, if anything is."""
        found = [opt_in for opt_in in self.opt_ins() if opt_in["fault"] is None]
        return found if wanted is None else [o for o in found if self.covers(o, wanted)]

    def authorizations(self) -> list[Said]:
        """Authorizations by a verified parent, each with whether it covers the disclosure."""
        return [
            {
                **event,
                "covers": self.kinds & {"sale", "share"} <= set(event["of"])
                and (not event["purposes"] or self.what["purpose"] in event["purposes"])
                and (not event["recipients"] or self.party in event["recipients"]),
            }
            for event in self.own("parental_authorization")
            if event["verified"]
        ]

    # --- steps 9 and 10 -------------------------------------------------------------------------------

    def stopping(self, kinds: set[str]) -> tuple[list[Said], set[str]]:
        """What step 9 finds left against some kinds, and by which exceptions other things went."""
        left, by = [], set()
        sound = self.sound(kinds)
        child = self.age(self.t) == "under_13"
        authorized = [a["at"] for a in self.authorizations() if a["covers"]] if child else []
        for stop in self.stops():
            if stop["sort"] == "glba" or not self.counts(stop, self.t) or not self.names(stop) & kinds:
                continue
            reached = stop["reached"]
            if stop["sort"] == "cookie_reject" and self.what["channel"] != "cookie":
                continue
            if self.is_denied(stop, self.t):
                by.add("opt_out_denied_as_fraud")
            elif stop["sort"] == "gpc" and self.stays():
                by.add("financial_incentive")
            elif any(o["requested"] > reached and o["confirmed"] > reached for o in sound) or (
                stop["sort"] == "gpc" and any(o["informed_of_signal"] for o in sound)
            ):
                by.add("opt_in_valid")
            elif any(at > reached for at in authorized):
                by.add("minor_opt_in")
            else:
                left.append(stop)
        return left, by

    def names(self, stop: Said) -> set[str]:
        """Kinds a stop names; without the global choice one means both in California."""
        names = set(stop["names"])
        if self.is_californian() and names and not stop["event"].get("global_option_offered", True):
            return {"sale", "share"}
        return names

    def stays(self) -> bool:
        """Whether this account's latest choice is to stay in the disclosure's program."""
        choices = [e for e in self.own("program_choice") if e["program"] == self.what["program"]]
        if self.what["program"] is None or not choices:
            return False
        last = max(e["at"] for e in choices)
        return all(e["choice"] == "stays" for e in choices if e["at"] == last)

    def why_stopped(self, left: list[Said], kinds: set[str]) -> str:
        """The fault of the latest opt-in requested after all of them; else the first reason of the table."""
        after = max(stop["reached"] for stop in left)
        tried = [o for o in self.opt_ins() if o["of"] & kinds and o["requested"] > after]
        if tried:
            return tried[-1]["fault"] or "consent_scope"
        reasons = {self.reason_of(stop, kinds) for stop in left}
        return next(reason for reason in STOP_REASONS if reason in reasons)

    def reason_of(self, stop: Said, kinds: set[str]) -> str:
        """Which reason fits one stop."""
        kind_of_subject = self.types[self.subject]
        if stop["maker"] != self.subject:
            return "household" if kind_of_subject == "household" else "linked_profile"
        event, sort = stop["event"], stop["sort"]
        if sort == "gpc":
            return "gpc_known_consumer" if kind_of_subject in PERSONS else "gpc_device"
        if sort not in {"opt_out", "string"}:
            return "signal_unparseable" if sort == "unreadable" else "cookie_reject"
        channel = event.get("channel", "web_form")
        if channel == "transferor":
            return "opt_out_inherited"
        if channel == "forwarded":
            return "opt_out_forwarded"
        if channel == "agent" and event["agent_permission"] != "signed":
            return "opt_out_pending"
        return OF_KIND["sale" if "sale" in self.names(stop) & kinds else "share"]

    def limited(self, item: str) -> tuple[list[Said], str | None]:
        """What step 10 finds left against an item, and what it went on by."""
        minor = self.is_californian() and self.age(self.t) in {"under_13", "13_to_15"}
        reaching = self.limits(self.t)
        if not (self.book.is_sensitive(item) or minor) or not reaching:
            return [], None
        named = item.partition(".")[2] if self.book.names_sensitive_element(item) else None
        covering = [m for m in reaching if m["elements"] is None or named is None or named in m["elements"]]
        if not covering:
            return [], "limit_does_not_cover"
        if "business_purpose" in self.kinds and self.what["limit_exception"] is not None:
            return [], "sensitive_exempt_purpose"
        sound = self.sound({"sensitive"})
        left = [
            m
            for m in covering
            if not any(o["requested"] > m["reached"] and o["confirmed"] > m["reached"] for o in sound)
        ]
        return left, None if left else "opt_in_valid"

    # --- persons --------------------------------------------------------------------------------------

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


def _joined(pair: list[Said]) -> Said:
    """A request with its confirmation. Read as: what both steps name, both must cover."""

    def named(key: str) -> set[str] | None:
        said = [
            {step[key]} if isinstance(step[key], str) else set(step[key]) for step in pair if step.get(key)
        ]
        return set.intersection(*said) if said else None

    expiries = [step["expires_at"] for step in pair if step.get("expires_at") is not None]
    methods = [step.get("method") or "web_form" for step in pair]
    signed = "signed_authorization" in methods
    of = named("of")
    return {
        "requested": pair[0]["at"],
        "confirmed": pair[1]["at"] if len(pair) == 2 else None,
        "of": {"sale", "share"} if of is None else of,
        "purposes": named("purposes"),
        "recipients": named("recipients"),
        "transaction": named("transaction"),
        "method": next(
            (m for m in methods if m in NO_CONSENTS), "signed_authorization" if signed else methods[0]
        ),
        "expires_at": min(expiries, default=None),
        "prompted": any(step.get("prompted", False) for step in pair),
        "informed_of_signal": any(step.get("informed_of_signal", False) for step in pair),
    }


def _next_year(day: date) -> date:
    """The same calendar date one year later; the day after, where there is none."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
