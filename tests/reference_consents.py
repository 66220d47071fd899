"""Opt-ins, and what they leave of opt-outs and limits, by the format; part of the reference engine."""

from datetime import date

from reference_reach import PERSONS
from reference_registry import Said, day_of, start_of
from reference_subject import Reached

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
DAY = 24 * 60 * 60 * 1_000_000


class Bearing(Reached):
    """All that bears on one disclosure: what has reached its subject, and what the subject permits."""

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
