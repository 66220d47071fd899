"""Steps 1 to 7 of one disclosure, as the scenario format says them; part of the reference engine."""

from dataclasses import dataclass, field

from reference_consents import Bearing
from reference_registry import Said, category_of, column

SOLD = {"sale", "share"}
EXEMPT_STEP = 4


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


class Early(Bearing):
    """What is found of a disclosure before the choices of its subject are looked at."""

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
