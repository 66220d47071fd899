"""Every file that is written from code: the dashboards' JSON, the rules' YAML."""

import json
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from disclosure_dashboards.applications import APPLICATIONS
from disclosure_dashboards.gate import GATE
from disclosure_dashboards.kafka import KAFKA
from disclosure_dashboards.ledger import LEDGER
from disclosure_dashboards.overview import OVERVIEW
from disclosure_dashboards.privacy import PRIVACY
from disclosure_ledger.monitoring.recording import RECORDING
from disclosure_ledger.monitoring.rule_files import rule_file
from disclosure_ledger.monitoring.tables import ALERTS

FOLDER = Path(__file__).resolve().parents[1]
BOARDS: tuple[Dashboard, ...] = (OVERVIEW, GATE, LEDGER, APPLICATIONS, KAFKA, PRIVACY)

_WRITTEN_BY = "`make dashboards` from ledger/disclosure_ledger/monitoring"


def board_json(made: Dashboard) -> dict[str, Any]:
    """A dashboard as Grafana reads it."""
    document: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True).encode(made.build()))
    return document


def written_files() -> dict[Path, str]:
    """Text of every file, by its path under `dashboards/`."""
    files = {
        Path("rules/recording.yml"): rule_file([RECORDING], written_by=_WRITTEN_BY),
        Path("rules/alerts.yml"): rule_file(ALERTS, written_by=_WRITTEN_BY),
    }
    for made in BOARDS:
        document = board_json(made)
        name = str(document["uid"]).removeprefix("disclosures-")
        files[Path(f"grafana/{name}.json")] = json.dumps(document, indent=2, sort_keys=True) + "\n"
    return files
