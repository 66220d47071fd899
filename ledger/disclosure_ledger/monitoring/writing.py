"""Writes the rule files: `python -m disclosure_ledger.monitoring.writing dashboards/rules`."""

import sys
from pathlib import Path

from disclosure_ledger.monitoring.recording import RECORDING
from disclosure_ledger.monitoring.rule_files import rule_file
from disclosure_ledger.monitoring.tables import ALERTS

WRITTEN_BY = "`make rules` from ledger/disclosure_ledger/monitoring/"


def written_rules() -> dict[str, str]:
    """Text of each rule file by its name."""
    return {
        "recording.yml": rule_file((RECORDING,), written_by=WRITTEN_BY),
        "alerts.yml": rule_file(ALERTS, written_by=WRITTEN_BY),
    }


def main() -> None:
    """Write the files into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in written_rules().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
