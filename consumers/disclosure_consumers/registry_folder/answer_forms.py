"""What a registry says for answers to people alone: no decision reads any of it (legal 8, 10.3)."""

from typing import Annotated, Literal

from pydantic import Field

from disclosure_consumers.registry_folder.form_words import UNIQUE, Form, Id, Text

RegimeName = Literal["us-ca", "us-or", "us-mn", "us-ct", "us-de", "us-md", "us-wa", "eu", "hipaa"]
"""Laws under which `disclosures report` answers."""


class RecipientDetailsForm(Form):
    """What an answer says of a recipient, beside its name."""

    legal_name: Text | None = Field(
        default=None, description="Legal name, where `name` is the trade name. Describes only."
    )
    address: Text | None = Field(
        default=None,
        description="Postal address, in one line: Civ. Code 1798.83, 45 CFR 164.528(b)(2). Describes only.",
    )
    contact: Text | None = Field(
        default=None, description="E-mail or web address for questions: RCW 19.373.040. Describes only."
    )
    natural_person: bool = Field(
        default=False, description="It is a person, whom ORS 646A.574 does not want named. Describes only."
    )
    gdpr_role: Literal["processor", "controller", "joint_controller", "authority"] | None = Field(
        default=None,
        description="Role under the GDPR; follows from the contracts without it. Describes only.",
    )
    transfer_safeguard: (
        Literal["adequacy", "standard_contractual_clauses", "binding_corporate_rules", "derogation"] | None
    ) = Field(default=None, description="On what data may leave Europe, GDPR Art. 45 to 49. Describes only.")


class AnswersForm(Form):
    """What answers say of the business. All of it describes only."""

    regimes: Annotated[list[RegimeName], *UNIQUE] = Field(
        default=[], description="Laws under which people ask; `registry check` looks for what they want."
    )
    business: Text | None = Field(
        default=None, description="Who answers; the controller of the notice in force without it."
    )
    address: Text | None = Field(default=None, description="Postal address of the business.")
    contact: Text | None = Field(default=None, description="E-mail, phone or web address for requests.")
    data_protection_officer: Text | None = Field(
        default=None, description="How to reach the data protection officer, GDPR Art. 37."
    )
    supervisory_authority: Text | None = Field(
        default=None, description="Authority for complaints, GDPR Art. 15(1)(f)."
    )
    appeals: Text | None = Field(
        default=None, description="How a person appeals a decision: ORS 646A.576 and its like."
    )
    business_associates: Annotated[list[Id], *UNIQUE] = Field(
        default=[], description="Emitters that disclose as business associates, 45 CFR 164.528."
    )
