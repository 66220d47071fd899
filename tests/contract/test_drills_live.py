"""Every drill as a person runs it: processes, Prometheus, alert, repair, audit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from disclosure_ledger.drills.table import DRILLS
from disclosure_ledger.monitoring.prometheus import Prometheus
from kafka_fixtures import JAR_CACHE, need

WAIT_S = 300.0
APACHE = ("broker-down",)
RUNS = [
    *(pytest.param(name, "embedded", id=f"{name} embedded") for name in DRILLS),
    *(pytest.param(name, "apache", marks=pytest.mark.kafka, id=f"{name} apache") for name in APACHE),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kafka"), RUNS)
def test_a_drill_is_passed(tmp_path: Path, name: str, kafka: str) -> None:
    """The alert of the drill fires, nothing fired before, the audit balances, and no process is left."""
    need("Prometheus", Prometheus(tmp_path / "unused", targets=()).missing_requirements())
    folder = tmp_path / "drill"
    words = ["drill", name, "--kafka", kafka, "--dir", str(folder), "--jar-cache", str(JAR_CACHE), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "disclosure_ledger.entry", *words],
        env={key: value for key, value in os.environ.items() if not key.startswith("DISCLOSURE_")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["passed"] is True
    assert told["fired"]["name"] == DRILLS[name].alert
    assert told["before"] == []
    assert told["audit"]["is_balanced"] is True
    assert told["audit"]["requested"] > 200
    log = "\n".join(path.read_text() for path in (folder / "logs").iterdir())
    if name == "disk-full":
        assert "no room for the ledger" in log
        assert "File too large" in log
    if name == "poison":
        assert told["audit"]["dead_lettered"] == 20
