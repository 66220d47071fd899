"""Step 3: legal role of a recipient at one moment, from its contracts (legal 1.1.6 to 1.1.9, 2.7.3)."""

from typing import NamedTuple

from disclosure_consumers.core.reasons import Flag
from disclosure_consumers.core.registry import Contract, Period, Recipient, Registry
from disclosure_schemas.events.vocabulary import RecipientRole

SUBCONTRACTS_MAX = 50
"""Longest chain of subcontracts that is followed; one that is longer makes nobody a service provider."""


class Party(NamedTuple):
    """A recipient at one moment.

    `contract`: what the role rests on. `flag`: why a better role was not granted. The same in all of `holds`.
    """

    recipient: Recipient
    role: RecipientRole
    contract: Contract | None
    flag: str | None
    third_party_contract: Contract | None
    is_bound_not_to_reidentify: bool
    is_gdpr_processor: bool
    forwards_opt_outs: bool
    holds: Period


def party_at(recipient_id: str, registry: Registry, at_us: int) -> Party | None:
    """The recipient as its contracts make it at a moment; None if it is not in the registry."""
    recipient = registry.recipients.get(recipient_id)
    if recipient is None:
        return None
    known = registry.remembered.get(recipient_id)
    if isinstance(known, Party) and known.holds.from_us <= at_us < known.holds.until_us:
        return known
    party = _party(recipient, registry, at_us)
    registry.remembered[recipient_id] = party
    return party


def _party(recipient: Recipient, registry: Registry, at_us: int) -> Party:
    in_force = [contract for contract in recipient.contracts if _in_force(contract, registry, at_us)]
    role, contract, flag = _role(recipient, in_force)
    return Party(
        recipient=recipient,
        role=role,
        contract=contract,
        flag=flag,
        third_party_contract=next((c for c in in_force if c.type == "third_party"), None),
        is_bound_not_to_reidentify=any(c.deidentification for c in in_force),
        is_gdpr_processor=any(c.gdpr_processor for c in in_force),
        forwards_opt_outs=any(c.forwards_opt_outs for c in in_force),
        holds=registry.unchanged_around(at_us, (recipient.id,)),
    )


def _role(
    recipient: Recipient, in_force: list[Contract]
) -> tuple[RecipientRole, Contract | None, str | None]:
    """Same business, service provider, contractor, else third party.

    11 CCR 7050(e): without a contract that meets 7051(a) a recipient is no service provider.
    """
    if recipient.affiliate == "common_branding":
        return RecipientRole.SAME_BUSINESS, None, None
    third_party = next((contract for contract in in_force if contract.type == "third_party"), None)
    for contract in in_force:
        if contract.type == "service_provider":
            return RecipientRole.SERVICE_PROVIDER, contract, None
        if contract.type == "contractor" and contract.certified:
            return RecipientRole.CONTRACTOR, contract, None
    if any(contract.type == "contractor" for contract in in_force):
        flag = Flag.RECLASSIFIED_NOT_CERTIFIED  # Civ. Code 1798.140(j)(1)(B)
    elif recipient.affiliate == "separate_branding":
        flag = Flag.RECLASSIFIED_AFFILIATE  # legal 1.1.9
    else:
        flag = Flag.RECLASSIFIED_NO_CONTRACT
    return RecipientRole.THIRD_PARTY, third_party, flag


def _in_force(
    contract: Contract, registry: Registry, at_us: int, below: frozenset[str] = frozenset()
) -> bool:
    """In force with all required terms; a subcontract only while the one above it is (7050(a)(2))."""
    if not (contract.required_terms and contract.period.holds(at_us)):
        return False
    if contract.through is None:
        return True
    above = registry.recipients.get(contract.through)
    if not contract.flow_down or above is None or above.id in below or len(below) >= SUBCONTRACTS_MAX:
        return False
    return any(
        _makes_a_provider(upper) and _in_force(upper, registry, at_us, below | {above.id})
        for upper in above.contracts
    )


def _makes_a_provider(contract: Contract) -> bool:
    return contract.type == "service_provider" or (contract.type == "contractor" and contract.certified)
