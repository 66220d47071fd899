"""`disclosures audit`."""

from typing import Annotated

from cyclopts import Parameter, validators

from disclosure_ledger.cli.failures import CHECK_FAILED
from disclosure_ledger.cli.output import JsonFlag, print_json, say, waiting_for

_DEFAULT_WAIT_S = 10.0
_DEFAULT_VERIFY_LIMIT = 10_000


def audit(
    *,
    wait: Annotated[
        float,
        Parameter(
            help="Longest wait for what is on its way, seconds.", validator=validators.Number(gte=0, lte=600)
        ),
    ] = _DEFAULT_WAIT_S,
    deep: Annotated[
        bool, Parameter(help="Also read every decision on the broker and look for ids recorded twice.")
    ] = False,
    verify_limit: Annotated[
        int, Parameter(help="Most offsets looked up on the broker.", validator=validators.Number(gte=0))
    ] = _DEFAULT_VERIFY_LIMIT,
    as_json: JsonFlag = False,
) -> int:
    """Prove that every request was decided and recorded exactly once.

    Compares the broker's offsets with the ledger: requested = decided + dead-lettered, and ledger rows =
    decisions. Exit code 0 when balanced; 1 when not, with the coordinates of what is missing.
    """
    from disclosure_ledger.audit.result import audit_to_json  # noqa: PLC0415
    from disclosure_ledger.audit.run import audit as run_audit  # noqa: PLC0415
    from disclosure_ledger.cli.connection import kafka_settings  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.door.brief import BriefReader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.kafka_offsets import BrokerOffsets  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    ledger = BriefReader(LedgerSettings().dir)
    with BrokerOffsets(kafka_settings()) as broker, waiting_for("counting"):
        result = run_audit(ledger, broker, wait_s=wait, verify_limit=verify_limit, deep=deep)
    if as_json:
        print_json(audit_to_json(result))
    else:
        for line in result.lines():
            say(line)
    return 0 if result.is_balanced else CHECK_FAILED
