"""`disclosures subject-key`."""

from disclosure_ledger.cli.output import JsonFlag, print_json, say
from disclosure_ledger.cli.person import Identifiers, exactly_one


def subject_key(person: Identifiers | None = None, *, as_json: JsonFlag = False) -> None:
    """Print the subject key of one identifier.

    A key is 16 bytes made of the identifier with the company's secret (DISCLOSURE_SUBJECT_SECRET); events and
    ledger hold keys only. The same identifier in another spelling (capitals, spaces) gives the same key.
    """
    subject = exactly_one(person or Identifiers())
    if as_json:
        print_json({"subject_key": subject.key, "subject_type": subject.type})
    else:
        say(str(subject.key))
