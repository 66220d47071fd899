"""Recipients and their contracts: what is in force, what ends, what counts for nothing."""

from collections import ChainMap
from dataclasses import replace
from datetime import date, timedelta

from disclosure_consumers.core.registry import ALL, Contract, Recipient, Registry
from disclosure_consumers.core.steps.roles import party_at
from disclosure_consumers.registry_check.findings import Subject
from disclosure_consumers.registry_folder.contents import RECIPIENTS
from disclosure_consumers.registry_folder.forms import ContractForm, RecipientForm
from disclosure_consumers.registry_folder.problems import Path
from disclosure_schemas.events.vocabulary import RecipientRole

_REACHED_BY_LAW = frozenset({"government_and_legal", "corporate_transaction_parties"})
"""Recipients that legal process or a transfer of control reaches without contract or notice."""

_PROBE = "\0"
"""No recipient's id."""


def check_contracts(subject: Subject) -> None:
    """Find what is to be done about recipients and their contracts."""
    for recipient_id, recipient in subject.recipients.items():
        same_business = recipient.affiliate == "common_branding"
        before = len(subject.findings)
        for index, contract in enumerate(recipient.contracts):
            path = (recipient_id, "contracts", index)
            _check_keys(subject, recipient_id, contract, path)
            if same_business and contract.type == "third_party":
                subject.find(
                    "same_business_with_third_party_contract",
                    RECIPIENTS,
                    path,
                    f"{recipient_id} shares the branding and so is the same business, yet has a third-party "
                    "contract: settle which of the two it is.",
                )
            elif not same_business and not _ended(contract, subject.today):
                _check_force(subject, recipient_id, index, contract)
        if same_business:
            continue
        _check_ends(subject, recipient_id, recipient)
        above = {contract.through for contract in recipient.contracts} - {None}
        explained = len(subject.findings) > before or not above <= set(subject.recipients)
        if not explained and recipient.category not in _REACHED_BY_LAW:
            _check_any_in_force(subject, recipient_id)
    if subject.is_whole:
        _check_declared(subject)


def counts(recipient: Recipient, contract: Contract, registry: Registry, at_us: int) -> bool:
    """Whether a contract by itself gives its recipient a role at a moment."""
    alone = replace(recipient, id=_PROBE, affiliate=None, contracts=(contract,))
    party = party_at(
        _PROBE,
        replace(registry, recipients=ChainMap({_PROBE: alone}, registry.recipients), remembered={}),  # type: ignore[arg-type]  # ChainMap only reads the second
        at_us,
    )
    return party is not None and contract in {party.contract, party.third_party_contract}


def _check_keys(subject: Subject, recipient_id: str, contract: ContractForm, path: Path) -> None:
    """Keys that say nothing of a contract of this type."""
    if contract.flow_down and contract.through is None:
        subject.find(
            "key_without_effect",
            RECIPIENTS,
            (*path, "flow_down"),
            f"flow_down is of subcontracts, and this contract of {recipient_id} names no `through`.",
        )
    if contract.certified and contract.type != "contractor":
        subject.find(
            "key_without_effect",
            RECIPIENTS,
            (*path, "certified"),
            f"certified is of contractors, and this contract of {recipient_id} is of type {contract.type}.",
        )


def _check_force(subject: Subject, recipient_id: str, index: int, contract: ContractForm) -> None:
    """Why a contract that has not ended gives no role."""
    path: Path = (recipient_id, "contracts", index)
    if not contract.required_terms:
        said = f"the {contract.type} contract of {recipient_id} lacks required terms and counts for nothing."
        subject.find("terms_missing", RECIPIENTS, (*path, "required_terms"), said)
    elif contract.type == "contractor" and not contract.certified:
        said = f"{recipient_id} has given no certification: it is a third party, not a contractor."
        subject.find("contractor_not_certified", RECIPIENTS, path, said)
    elif contract.through is not None and not contract.flow_down:
        said = (
            f"the terms of {contract.through}'s contract were not passed down: this one counts for nothing."
        )
        subject.find("subcontract_without_flow_down", RECIPIENTS, path, f"{recipient_id}: {said}")
    elif contract.through in subject.recipients and contract.effective_from <= subject.today:
        recipient = subject.registry.recipients[recipient_id]
        if not counts(recipient, recipient.contracts[index], subject.registry, subject.now_us):
            said = f"{contract.through} has no contract in force that this subcontract could rest on."
            subject.find(
                "upper_contract_not_in_force", RECIPIENTS, (*path, "through"), f"{recipient_id}: {said}"
            )


def _check_ends(subject: Subject, recipient_id: str, recipient: RecipientForm) -> None:
    """Contracts that end soon or have ended, where no other of the type follows."""
    for index, contract in enumerate(recipient.contracts):
        last = contract.effective_to
        path = (recipient_id, "contracts", index, "effective_to")
        others = [c for c in recipient.contracts if c.type == contract.type and c is not contract]
        if last is None or not contract.required_terms or any(_goes_on(other, last) for other in others):
            continue
        later = min((c.effective_from for c in others if c.effective_from > last), default=None)
        follows = f"the next begins on {later}." if later else "none follows."
        what = f"the {contract.type} contract of {recipient_id}"
        if subject.today <= last <= subject.today + subject.within:
            said = f"{what} ends on {last}, and {follows}"
            subject.find("contract_expiring", RECIPIENTS, path, said)
        elif last < subject.today and (later is None or later > subject.today):
            said = f"{what} ended on {last}, and {follows}"
            subject.find("contract_expired", RECIPIENTS, path, said)


def _goes_on(contract: ContractForm, day: date) -> bool:
    """Whether a contract is in force on the day after another one's last."""
    following = day + timedelta(days=1)
    return contract.effective_from <= following and not _ended(contract, following)


def _ended(contract: ContractForm, today: date) -> bool:
    return contract.effective_to is not None and contract.effective_to < today


def _check_any_in_force(subject: Subject, recipient_id: str) -> None:
    party = party_at(recipient_id, subject.registry, subject.now_us)
    if party is None or party.role is not RecipientRole.THIRD_PARTY or party.third_party_contract is not None:
        return
    begins = min((c.effective_from for c in subject.recipients[recipient_id].contracts), default=None)
    subject.find(
        "no_contract_in_force",
        RECIPIENTS,
        (recipient_id,),
        f"{recipient_id} has no contract in force{f' before {begins}' if begins else ''}: a sale or share is "
        "rejected, and a business-purpose disclosure is taken for a sale.",
    )


def _check_declared(subject: Subject) -> None:
    """Recipients whose category is in no published notice; one finding for each category."""
    columns = [
        column
        for notice in subject.registry.notices
        for row in notice.rows.values()
        for column in (row.business_purpose, row.sale_or_share)
    ]
    if ALL in columns:
        return
    declared = _REACHED_BY_LAW.union(*(column for column in columns if column != ALL))
    undeclared: dict[str, list[str]] = {}
    for recipient_id, recipient in subject.recipients.items():
        if recipient.category not in declared and recipient.affiliate != "common_branding":
            undeclared.setdefault(recipient.category, []).append(recipient_id)
    for category, recipients in undeclared.items():
        subject.find(
            "recipient_undeclared",
            RECIPIENTS,
            (recipients[0], "category"),
            f"no published notice declares {category}: what goes to {', '.join(recipients)} without the "
            "consumer's consent or direction is rejected.",
        )
