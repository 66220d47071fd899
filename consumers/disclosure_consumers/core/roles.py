"""Legal role of a recipient at one moment, from its contracts (legal 1.1.6 to 1.1.9, 2.7.3)."""

from dataclasses import dataclass

from disclosure_consumers.core.registry import Contract, Recipient, Registry
from disclosure_schemas.events.vocabulary import RecipientRole


@dataclass(frozen=True, slots=True)
class Role:
    """A role, the contract it rests on, and why a better one was not granted."""

    role: RecipientRole
    contract: Contract | None = None
    flag: str | None = None


def role_at(recipient: Recipient, registry: Registry, at_us: int) -> Role:
    """Same business, service provider, contractor, else third party.

    11 CCR 7050(e): without a contract that meets 7051(a) a recipient is no service provider.
    """
    if recipient.affiliate == "common_branding":
        return Role(RecipientRole.SAME_BUSINESS)
    uncertified = False
    for contract in recipient.contracts:
        if contract.type == "third_party" or not _in_force(contract, registry, at_us):
            continue
        if contract.type == "contractor" and not contract.certified:
            uncertified = True  # Civ. Code 1798.140(j)(1)(B): the certification makes the contractor
            continue
        role = RecipientRole.CONTRACTOR if contract.type == "contractor" else RecipientRole.SERVICE_PROVIDER
        return Role(role, contract)
    if uncertified:
        flag = "reclassified_not_certified"
    elif recipient.affiliate == "separate_branding":
        flag = "reclassified_affiliate"
    else:
        flag = "reclassified_no_contract"
    return Role(RecipientRole.THIRD_PARTY, third_party_contract(recipient, registry, at_us), flag)


def third_party_contract(recipient: Recipient, registry: Registry, at_us: int) -> Contract | None:
    """Contract of 11 CCR 7053(a) in force at a moment."""
    for contract in recipient.contracts:
        if contract.type == "third_party" and _in_force(contract, registry, at_us):
            return contract
    return None


def _in_force(contract: Contract, registry: Registry, at_us: int) -> bool:
    """In force with all required terms; a subcontract only while the one above it is (7050(a)(2))."""
    if not (contract.required_terms and contract.period.holds(at_us)):
        return False
    if contract.through is None:
        return True
    if not contract.flow_down:
        return False
    above = registry.recipients.get(contract.through)
    return above is not None and any(
        upper.type != "third_party" and upper.through is None and _in_force(upper, registry, at_us)
        for upper in above.contracts
    )
