"""The decision algorithm told a second time, from the text of the scenario format alone.

Written to be compared with the decision core: naive, slow, in dictionaries and lists, in the words and the
order of the format. Where the text leaves a choice, "Read as" says which one is taken here.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from reference_registry import Said, category_of, column, day_of, start_of
from reference_subject import Bearing

GOES = {"permit", "out_of_scope"}
SOLD = {"sale", "share"}
BUSINESS_DAYS_TO_COMPLY = 15
EXEMPT_STEP, PERMIT_STEP = 4, 13


@dataclass
class Found:
    """What was found of one item, or of the whole."""

    outcome: str
    reason: str
    kind: str
    step: int = 0
    flags: set[str] = field(default_factory=set)
    left: list[Said] = field(default_factory=list)
    permit: list[int] = field(default_factory=list)
    """Places of the items that may go."""
    must_tell: bool = False
    parties: set[str] = field(default_factory=set)
    """Both recipients of a step transaction."""
    party: str = ""
    """Who must be told: of a step transaction the third party behind."""
    sorts: set[str] = field(default_factory=set)
    """Kinds of the items that are not exempt."""
    about: str = ""


class Reference(Bearing):
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

    # --- 1 EVENT, 3 ROLE ------------------------------------------------------------------------------

    def is_malformed(self) -> bool:
        """A word that does not exist, or a report emitted before it happened."""
        if self.mode == "report" and self.what["emitted_at"] + self.skew < self.t:
            return True
        words = self.book.words
        if isinstance(self.what["to"], list):
            return True  # one disclosure has one recipient
        return self.what["purpose"] not in words["purposes"] or not all(
            self.book.exists(entry["item"]) for entry in self.what["items"]
        )

    def hands_on_to_nobody_known(self) -> bool:
        """Read as: who hands data on to somebody not in the registry discloses to an unknown recipient."""
        onward = self.what["onward_to"]
        return (
            self.what["kind"] == "business_purpose"
            and onward is not None
            and onward not in self.book.recipients
        )

    def refused(self, reason: str) -> Found:
        """Sent back as a whole; a report is a violation for the same reason."""
        outcome = "violation" if self.mode == "report" else "reject"
        kind, to = self.what["kind"], self.what["to"]
        found = Found(outcome, reason, kind, parties={to}, party=to, sorts={kind})
        if self.mode == "report":
            self.ignored(found)
        return found

    def role(self, recipient: str) -> tuple[str, str]:
        """Role of a recipient at t, and why it is not a better one."""
        return self.book.role(recipient, self.t, self.history)

    def find_party(self) -> None:
        """Who counts as the recipient: the third party behind, if it is passed on to one."""
        onward = self.what["onward_to"]
        if (
            self.what["kind"] == "business_purpose"
            and onward is not None
            and self.role(onward)[0] == "third_party"
        ):
            self.party = onward

    # --- 4 EXEMPT to 12 CONTRACT ----------------------------------------------------------------------

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

    def stop(
        self, step: int, reason: str, outcome: str = "suppress", left: list[Said] | None = None
    ) -> Found:
        """An item stopped at a step."""
        return Found(outcome, reason, self.shown(), step, left=left or [])

    def shown(self) -> str:
        """What is both is shown as sale."""
        return "sale" if "sale" in self.kinds else min(self.kinds)

    def exempt(self, item: str, tag: str | None, flags: set[str]) -> Found | None:
        """Step 4."""
        what = self.what
        # Read as: the kind of what step 4 decides is the derived one, of a carve-out the declared one.
        carve_outs = {"consumer_directed", "legal_process", "corporate_transaction", "opt_out_relay"}
        kind = what["kind"] if what["kind"] in carve_outs else self.shown()
        if what["wholly_outside_california"]:
            return Found("out_of_scope", "outside_california", kind, 4)
        if tag is None:
            return None
        if tag == "deidentified":
            if item.partition(".")[2] in self.book.words["unique_identifiers"]:
                flags.add("reclassified_pseudonymous")
                return None
            counting = self.book.in_force(what["to"], self.t, self.history)
            if not any(contract.get("deidentification", False) for contract in counting):
                flags.add("reclassified_not_deidentified")
                return None
        third = self.role(what["to"])[0] == "third_party" and not self.book.recipients[what["to"]].get(
            "affiliate"
        )
        if tag == "glba" and what["kind"] in {"sale", "share", "other"} and third:
            if not self.store_up:  # Read as: what may be stopped by an opt-out nobody can read is stopped
                return Found("suppress", "state_store_unavailable", kind, 4)
            financial = [s for s in self.stops() if s["sort"] == "glba" and self.counts(s, self.t)]
            if any(not self.is_denied(stop, self.t) for stop in financial):
                return Found("suppress", "glba_opt_out", kind, 4)
        # Read as: all but treatment, payment and operations must be accounted for (45 CFR 164.528).
        accounted = tag == "hipaa" and what["purpose"] != "treatment_payment_operations"
        return Found("out_of_scope", f"exempt_{tag}", kind, 4, {"hipaa_accounting"} if accounted else set())

    def no_sale(self, item: str, tag: str | None, flags: set[str]) -> Found | None:
        """Step 5, what is no sale whatever was asked."""
        what = self.what
        kind = what["kind"]
        if self.role(what["to"])[0] == "same_business":
            return Found("permit", "same_business", kind, 5)
        if kind == "legal_process" and what["consideration"] == "none":
            return Found("permit", "legal_process", kind, 5)
        if kind == "corporate_transaction":
            if what["control_transferred"]:
                return Found("permit", "merger_transfer", kind, 5)
            flags.add("no_control_yet")
        if kind == "opt_out_relay":
            fits = what["purpose"] == "opt_out_notice" and not what["cross_context_ads"]
            if fits and category_of(item) == "identifiers":
                return Found("permit", "opt_out_relay", kind, 5)
            flags.add("not_for_relay")
        if kind == "consumer_directed":
            actions = [e for e in self.own("direction") if e["to"] == what["to"]] if self.store_up else []
            clicks = [e for e in actions if e["action"] == "click"]
            if any({item, category_of(item)} & set(click["items"]) for click in clicks):
                return Found("permit", "consumer_directed", kind, 5)
            if actions and not clicks:
                flags.add("no_intentional_interaction")
        return None

    def find_kinds(self) -> None:
        """Step 5, KIND."""
        what = self.what
        kind, ads, paid = what["kind"], what["cross_context_ads"], what["consideration"] != "none"
        otherwise = {"share"} if ads else {"sale"}
        role, flag = self.role(what["to"])
        if kind == "sale":
            self.kinds = {"sale", "share"} if ads else {"sale"}
        elif kind == "share":
            self.kinds = {"sale", "share"} if paid else {"share"}
        elif kind == "other":
            self.kinds = ({"sale"} if paid else set()) | ({"share"} if ads else set()) or {"other"}
        elif kind != "business_purpose":
            self.kinds = otherwise
        elif self.party != what["to"]:
            self.kinds, self.kind_flags = otherwise, {"reclassified_step_transaction"}
        elif role == "third_party":
            self.kinds, self.kind_flags = otherwise, {flag}
        elif ads:
            self.kinds, self.kind_flags = {"share"}, {"reclassified_cross_context_ads"}
        else:
            self.kinds = {"business_purpose"}
            if what["combines_data"]:
                # Read as: with the store down, an opt-out that nobody can read would stop both.
                stopped = {k for k in SOLD if not self.store_up or self.stopping({k})[0]}
                if stopped:
                    self.kinds, self.kind_flags = stopped, {"reclassified_combines_data"}

    def notice(self, item: str, flags: set[str]) -> Found | None:
        """Step 6."""
        notices: list[tuple[Said | None, str]] = [(self.book.notice_at(self.t), "")]
        if self.what["collected_at"] is not None and self.toggles["dual_notice_check"]:
            notices.append((self.book.notice_at(self.what["collected_at"]), "notice_at_collection"))
        for notice, flag in notices:
            reason = self.undeclared(notice, item)
            if reason is not None:
                flags |= {flag} - {""}
                return self.stop(6, reason, "reject")
        if not self.kinds & SOLD or not self.store_up:
            return None
        for notice, flag in notices:
            under = ((notice or {}).get("minors") or {}).get("no_sale_or_share_under")
            bands = {13: {"under_13"}, 16: {"under_13", "13_to_15"}, None: set()}[under]
            if self.age(self.t) in bands:
                flags |= {flag} - {""}
                return self.stop(6, "notice_excludes_minors", "reject")
        return None

    def undeclared(self, notice: Said | None, item: str) -> str | None:
        """What a notice does not declare."""
        category = category_of(item)
        if notice is None:
            return "undeclared_category"
        row = category if category in notice["matrix"] else "all"
        if row not in notice["matrix"]:
            return "undeclared_category"
        names = {"sale_or_share"} if self.kinds & SOLD else {"business_purpose"}
        if self.kinds == {"other"}:
            names = {"sale_or_share", "business_purpose"}
        columns = [column(notice, row, name) for name in names]
        if all(listed is not None and not listed for listed in columns):
            return "undeclared_kind"
        sound = self.sound() if self.store_up else []
        belongs_to = {self.book.recipients[self.party]["category"]}
        if any(self.party in (o["recipients"] or ()) for o in sound):
            belongs_to.add("consented_entities")
        if not any(listed is None or listed & belongs_to for listed in columns):
            return "undeclared_recipient"
        if self.book.is_sensitive(item) and "sensitive" in notice["matrix"]:
            columns = [column(notice, "sensitive", name) for name in names]
            if not any(listed is None or listed & belongs_to for listed in columns):
                return "element_is_sensitive"
        purpose, purposes = self.what["purpose"], notice["purposes"]
        declared = purposes == "all" or purpose in purposes
        declared = declared and purpose not in (notice.get("purposes_excluded") or [])
        # Read as: a consent declares even a purpose that the notice denies.
        if not declared and not any(purpose in (o["purposes"] or ()) for o in sound):
            return "undeclared_purpose"
        return None

    def state(self, item: str, flags: set[str]) -> Found | None:
        """Step 7."""
        what = self.what
        if not self.store_up:
            closed = self.toggles["fail_closed_kinds"]
            sensitive = (
                "sensitive" in closed and self.book.is_sensitive(item) and what["limit_exception"] is None
            )
            if self.kinds & set(closed) or sensitive:
                return self.stop(7, "state_store_unavailable")
            reason = {"business_purpose": "business_purpose", "other": "no_consideration"}
            flags.add("degraded")
            return Found("permit", reason.get(self.shown(), "not_opted_out"), self.shown(), 7)
        if self.kinds & SOLD and what["bought"] == "without_notice":
            return self.stop(7, "resale_without_notice")
        if self.kinds & {"sale", "share", "other"}:
            if self.has_arrived("deletion_completed"):
                return self.stop(7, "deletion_key")
            if self.has_arrived("delete"):
                return self.stop(7, "deletion_pending")
        matches = [match for match in self.has_arrived("drop_match") if not match["all_exempt"]]
        if self.kinds & SOLD and what["acting_as"] == "broker" and matches:
            return self.stop(7, "drop_match")
        return None

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
