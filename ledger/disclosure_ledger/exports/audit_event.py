"""One disclosure as a FHIR R4 AuditEvent, by the IHE BALP profile "Privacy Disclosure at Source" 1.1.4.

The profile wants: type Export, subtype disclose, source and recipient agents with a network, the source agent
as the observer, the patient and the data as entities.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.answers.wording import explain
from disclosure_ledger.store.rows import DecisionRow

PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_OWN = "urn:disclosure-ledger"

# HL7 v3 ActReason, value set PurposeOfUse; a purpose without a code there is told in words alone.
_PURPOSES = {
    "treatment_payment_operations": ("HOPERAT", "healthcare operations"),
    "public_health": ("PUBHLTH", "public health"),
    "research": ("HRESCH", "healthcare research"),
    "legal_and_security": ("HLEGAL", "legal"),
    "marketing": ("HMARKT", "healthcare marketing"),
    "recipient_direct_marketing": ("HMARKT", "healthcare marketing"),
}


def audit_event(row: DecisionRow, items: Sequence[str]) -> dict[str, Any]:
    """Make the resource of a disclosure of these items ('category' or 'category.element').

    It has what an accounting needs: date, recipient, description and purpose (45 CFR 164.528(b)(2), legal
    4.14). No network address of a recipient is known to the ledger; its id stands in that place.
    """
    source = {"identifier": {"system": f"{_OWN}:emitter", "value": row.emitter}, "display": row.emitter}
    at = _instant(happened_at(row))
    return {
        "resourceType": "AuditEvent",
        "id": str(row.event_id),
        "meta": {"profile": [PROFILE]},
        "type": {"system": _DCM, "code": "110106", "display": "Export"},
        "subtype": [
            {
                "system": f"{_TERMINOLOGY}/iso-21089-lifecycle",
                "code": "disclose",
                "display": "Disclose Record Lifecycle Event",
            }
        ],
        "action": "R",
        "period": {"start": at, "end": at},
        "recorded": _instant(row.recorded_at),
        "outcome": "0",
        "outcomeDesc": explain(row.reason).sentence,
        "purposeOfEvent": [_purpose(row.purpose)],
        "agent": [
            _agent("110153", "Source Role ID", source, row.emitter),
            _agent("110152", "Destination Role ID", _recipient(row), row.recipient_id),
        ],
        "source": {
            "observer": source,
            "type": [
                {
                    "system": f"{_TERMINOLOGY}/security-source-type",
                    "code": "4",
                    "display": "Application Server",
                }
            ],
        },
        "entity": [_patient(row), _data(row, items)],
    }


def _purpose(purpose: str) -> dict[str, Any]:
    concept: dict[str, Any] = {"text": purpose.replace("_", " ")}
    if purpose in _PURPOSES:
        code, display = _PURPOSES[purpose]
        concept["coding"] = [{"system": f"{_TERMINOLOGY}/v3-ActReason", "code": code, "display": display}]
    return concept


def _agent(code: str, display: str, who: dict[str, Any], address: str) -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": _DCM, "code": code, "display": display}]},
        "who": who,
        "requestor": False,
        "network": {"address": address},
    }


def _recipient(row: DecisionRow) -> dict[str, Any]:
    return {
        "identifier": {"system": f"{_OWN}:recipient", "value": row.recipient_id},
        "display": row.recipient_name or row.recipient_id,
    }


def _patient(row: DecisionRow) -> dict[str, Any]:
    return {
        "what": {
            "type": "Patient",
            "identifier": {"system": f"{_OWN}:subject-key", "value": str(row.subject_key)},
        },
        "type": {"system": f"{_TERMINOLOGY}/audit-entity-type", "code": "1", "display": "Person"},
        "role": {"system": f"{_TERMINOLOGY}/object-role", "code": "1", "display": "Patient"},
    }


def _data(row: DecisionRow, items: Sequence[str]) -> dict[str, Any]:
    return {
        "what": {"identifier": {"system": f"{_OWN}:event", "value": str(row.event_id)}},
        "type": {"system": f"{_TERMINOLOGY}/audit-entity-type", "code": "2", "display": "System Object"},
        "role": {"system": f"{_TERMINOLOGY}/object-role", "code": "4", "display": "Domain Resource"},
        "name": ", ".join(items),
        "detail": [{"type": "item", "valueString": item} for item in items],
    }


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
