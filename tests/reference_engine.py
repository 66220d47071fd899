"""The decision algorithm told a second time, from the text of the scenario format alone.

Written to be compared with the decision core: naive, slow, in dictionaries and lists, in the words and the
order of the format. Where the text leaves a choice, "Read as" says which one is taken here.
"""

from datetime import timedelta

from reference_registry import Said, day_of, start_of
from reference_steps import EXEMPT_STEP, SOLD, Early, Found

GOES = {"permit", "out_of_scope"}
BUSINESS_DAYS_TO_COMPLY = 15
PERMIT_STEP = 13

__all__ = ["Found", "Reference"]


class Reference(Early):
    """The steps, in order. `decide` is the only thing to ask for."""

    def decide(self) -> Found:
        """Steps 1 and 3 to 12, the verdict and the time to comply."""
        what = self.what
        if self.is_malformed():
            return Found("reject", "malformed", what["kind"])
        if what["to"] not in self.book.recipients or self.hands_on_to_nobody_known():
            return self.refused("unknown_recipient")
        self.find_party()
        self.find_kinds()
        items = [self.item(entry["item"], entry.get("exempt")) for entry in what["items"]]
        whole = self.verdict(items)
        if self.mode == "report":
            self.timed(whole, items)
        return whole

    def refused(self, reason: str) -> Found:
        """Sent back as a whole; a report is a violation for the same reason."""
        outcome = "violation" if self.mode == "report" else "reject"
        kind, to = self.what["kind"], self.what["to"]
        found = Found(outcome, reason, kind, parties={to}, party=to, sorts={kind})
        if self.mode == "report":
            self.ignored(found)
        return found

    def item(self, item: str, tag: str | None) -> Found:
        """Decide one item; the first step that decides stops."""
        flags: set[str] = set()
        for step in (self.exempt, self.no_sale):
            found = step(item, tag, flags)
            if found is not None:
                found.flags |= flags
                return found
        flags |= self.kind_flags
        for declared in (self.notice, self.state, self.europe, self.minors, self.opt_out, self.limit):
            found = declared(item, flags)
            if found is not None:
                found.flags |= flags
                return found
        found = self.elsewhere(item) or self.contract() or self.permit(item, flags)
        found.flags |= flags
        return found

    def europe(self, item: str, flags: set[str]) -> Found | None:
        """EUROPE, for whom only that follows after step 7."""
        if not self.is_european():
            return None
        counting = self.book.in_force(self.what["to"], self.t, self.history)
        if "business_purpose" in self.kinds and any(c.get("gdpr_processor", False) for c in counting):
            flags |= self.advisory()
            return Found("permit", "processor", self.shown(), PERMIT_STEP)
        # Read as: a banner is neither opt-out nor signal, the opt-out of financial information no withdrawal.
        against = [
            stop["reached"]
            for stop in self.stops()
            if stop["sort"] not in {"cookie_reject", "glba"} and self.counts(stop, self.t)
            if not self.is_denied(stop, self.t)
        ]
        if any(
            all(o["requested"] > reached and o["confirmed"] > reached for reached in against)
            for o in self.sound(self.kinds)
        ):
            return Found("permit", "opt_in_valid", self.shown(), PERMIT_STEP)
        return self.stop(11, "gdpr_no_basis")

    def minors(self, item: str, flags: set[str]) -> Found | None:
        """Step 8."""
        self.by: set[str] = set()
        if not self.kinds & SOLD or not self.is_californian():
            return None
        band = self.age(self.t)
        sound = self.sound(self.kinds)
        if band == "under_13":
            tried = self.authorizations()
            if not any(one["covers"] for one in tried):
                return self.stop(8, "consent_scope" if tried else "minor_under_13_without_parent")
            self.by.add("minor_opt_in")
        if band == "13_to_15":
            attempts = [o for o in self.opt_ins() if self.age(o["requested"]) != "under_13"]
            if not any(o in sound for o in attempts):
                fault = (
                    (attempts[-1]["fault"] or "consent_scope")
                    if attempts
                    else "minor_13_to_15_without_opt_in"
                )
                return self.stop(8, fault)
            self.by.add("minor_opt_in")
        if band == "willful":
            return self.stop(8, "willful_disregard_of_age")
        if band in {"16_to_17", "adult"}:
            refused = [
                e["at"] for e in self.own("opt_in_declined") if self.age(e["at"]) in {"under_13", "13_to_15"}
            ]
            if refused:
                last = max(refused)
                if not any(o["requested"] > last and o["confirmed"] > last for o in sound):
                    return self.stop(8, "prior_decline")
                self.by.add("opt_in_valid")
        return None

    def opt_out(self, item: str, flags: set[str]) -> Found | None:
        """Step 9."""
        if not self.kinds & SOLD:
            return None
        left, by = self.stopping(self.kinds)
        self.by |= by
        if not left:
            return None
        # Read as: a signal overrides opt-ins confirmed before it that are sound and for this kind.
        consents = [o for o in self.sound() if o["of"] & self.kinds]
        if any(s["sort"] == "gpc" and o["confirmed"] <= s["reached"] for s in left for o in consents):
            flags.add("conflicts_with_consent")
        return self.stop(9, self.why_stopped(left, self.kinds), left=[{**s, "limit": False} for s in left])

    def limit(self, item: str, flags: set[str]) -> Found | None:
        """Step 10."""
        left, self.went_on_by = self.limited(item)
        if not left:
            return None
        after = max(m["reached"] for m in left)
        tried = [o for o in self.opt_ins() if "sensitive" in o["of"] and o["requested"] > after]
        reason = (tried[-1]["fault"] or "consent_scope") if tried else "limit_sensitive"
        return self.stop(10, reason, left=[{**m, "limit": True} for m in left])

    def elsewhere(self, item: str) -> Found | None:
        """Step 11, the states."""
        region, element = self.region(self.t), item.partition(".")[2]
        sale = "sale" in self.kinds
        if region == "US-OR":
            minor = self.age(self.t) in {"under_13", "13_to_15"}
            if (sale and element == "precise_geolocation") or (minor and self.kinds & SOLD):
                return self.stop(11, "state_ban")
        if region == "US-MD" and sale and self.book.is_sensitive(item):
            return self.stop(11, "state_ban")
        if region == "US-CT" and sale and self.book.is_sensitive(item):
            if not self.sound(self.kinds | {"sensitive"}):
                return self.stop(11, "sensitive_without_opt_in")
            self.by.add("opt_in_valid")
        if region == "US-WA" and sale and element == "health":
            if not any(o["method"] == "signed_authorization" for o in self.sound(self.kinds)):
                return self.stop(11, "state_authorization_missing")
            self.by.add("opt_in_valid")
        return None

    def contract(self) -> Found | None:
        """Step 12."""
        counting = self.book.in_force(self.party, self.t, self.history)
        if self.kinds & SOLD and not any(one["type"] == "third_party" for one in counting):
            return self.stop(12, "no_third_party_contract", "reject")
        return None

    def advisory(self) -> set[str]:
        """Flag of a business purpose for which the data is combined."""
        return {"advisory"} if self.what["combines_data"] and self.kinds == {"business_purpose"} else set()

    def permit(self, item: str, flags: set[str]) -> Found:
        """PERMIT."""
        if self.kinds == {"business_purpose"}:
            flags |= self.advisory()
            return Found("permit", self.went_on_by or "business_purpose", "business_purpose", PERMIT_STEP)
        if self.kinds == {"other"}:
            if any(self.party in (o["recipients"] or ()) for o in self.sound()):
                return Found("permit", "consented_entity", "other", PERMIT_STEP)
            flags.add("advisory")
            return Found("permit", "no_consideration", "other", PERMIT_STEP)
        if self.went_on_by == "opt_in_valid":
            self.by.add("opt_in_valid")
        for reason in ("minor_opt_in", "financial_incentive", "opt_in_valid", "opt_out_denied_as_fraud"):
            if reason in self.by:
                return Found("permit", reason, self.shown(), PERMIT_STEP)
        if SOLD - self.kinds and self.stopping(SOLD - self.kinds)[0]:
            return Found("permit", "partial_opt_out", self.shown(), PERMIT_STEP)
        turned_16 = self.age(self.t) in {"16_to_17", "adult"} and any(
            fact["band"] in {"under_13", "13_to_15"} for fact in self.has_arrived("age")
        )
        if turned_16 and not self.own("opt_in_declined"):
            if self.toggles["aged_out_requires_notice"]:
                flags.add("notice_first")
            return Found("permit", "aged_out", self.shown(), PERMIT_STEP)
        if not self.is_californian():
            return Found("out_of_scope", "non_resident", self.shown(), PERMIT_STEP)
        return Found("permit", "not_opted_out", self.shown(), PERMIT_STEP)

    # --- VERDICT, the time to comply ------------------------------------------------------------------

    def verdict(self, items: list[Found]) -> Found:
        """The whole, from its items."""
        stopped = [item for item in items if item.outcome not in GOES]
        flags = {flag for item in items for flag in item.flags}
        if stopped:
            main = stopped[0]
            for item in stopped:
                if item.step < main.step:
                    main = item
            outcome = main.outcome if len(stopped) == len(items) else "partial"
        else:
            permitted = [item for item in items if item.outcome == "permit"]
            main = (
                permitted[0] if permitted else items[0]
            )  # Read as: the first that is permitted speaks for all
            outcome = main.outcome
        # Read as: where step 4 or 5 let all go before, nobody asked to whom it is passed on.
        party = self.party if "reclassified_step_transaction" in flags else self.what["to"]
        return Found(
            outcome,
            main.reason,
            main.kind,
            flags=flags,
            permit=[place for place, item in enumerate(items) if item.outcome in GOES],
            parties={self.what["to"], party},
            party=party,
            sorts={item.kind for item in items if item.step != EXEMPT_STEP},
        )

    def timed(self, whole: Found, items: list[Found]) -> None:
        """What a report is, for which an ask would have been answered so."""
        stopped = [item for item in items if item.outcome not in GOES]
        against = [one for item in stopped for one in item.left]
        late = {flag for one in against for flag in self.passed(one)}
        whole.flags |= late
        whole.must_tell = bool(against)
        if stopped:
            in_time = not late and all(item.step in {9, 10} for item in stopped)
            whole.outcome = "notify" if in_time else "violation"
        self.ignored(whole)
        counting = self.book.in_force(self.party, self.t, self.history)
        if whole.must_tell and any(contract.get("forwards_opt_outs", False) for contract in counting):
            whole.flags.add("forward")

    def ignored(self, whole: Found) -> None:
        """Told not to, sent anyway."""
        if self.asked is None:
            return
        outcome, permitted = self.asked
        sent = [str(entry) for entry in self.what["items"]]
        # Read as: an ask permitted only other items if any item sent was not among them.
        if outcome in {"suppress", "reject"} or not set(sent) <= set(permitted):
            whole.outcome, whole.reason = "violation", "decision_ignored"
            whole.flags.add("critical")

    def passed(self, one: Said) -> set[str]:
        """Which of compliance, the deadline and the notice's deadline had passed at t."""
        event, flags = one["event"], set()
        received = event["at"]
        honored = [
            e["at"]
            for e in self.history
            if e["verb"] == "complied" and e["subject"] == one["maker"] and e["at"] >= received
        ]
        by_machine = one.get("signal", one.get("sort") in {"gpc", "string", "unreadable", "cookie_reject"})
        if honored:
            complied: int | None = min(honored)
        else:
            complied = received if by_machine else event.get("processed_at")
        if complied is not None and self.t >= complied:
            flags.add("after_compliance")
        if self.t >= end_of_business_day(received, BUSINESS_DAYS_TO_COMPLY, self.toggles["business_days"]):
            flags.add("after_deadline")
        deadlines = (self.book.notice_at(received) or {}).get("deadlines") or {}
        promised = deadlines.get("limit_days" if one["limit"] else "opt_out_days")
        if promised is not None and self.toggles["notice_sla_override"]:
            ends = start_of(day_of(received) + timedelta(days=promised + 1))
            flags |= {"after_notice_deadline"} if self.t >= ends else set()
        return flags


def end_of_business_day(received: int, days: int, counted: str) -> int:
    """End of the n-th business day after the day of receipt."""
    day = day_of(received)
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < (6 if counted == "mon_sat" else 5):
            days -= 1
    return start_of(day + timedelta(days=1))
