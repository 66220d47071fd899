"""Every rule: what Prometheus computes and what it warns of."""

from collections.abc import Iterator

from disclosure_ledger.monitoring.choice_alerts import CHOICE_ALERTS
from disclosure_ledger.monitoring.edge_alerts import EDGE_ALERTS
from disclosure_ledger.monitoring.process_alerts import GATE_ALERTS, LEDGER_ALERTS
from disclosure_ledger.monitoring.recording import RECORDING
from disclosure_ledger.monitoring.rules import AlertRule, RecordingRule, RuleGroup

ALERTS: tuple[RuleGroup, ...] = (CHOICE_ALERTS, GATE_ALERTS, LEDGER_ALERTS, EDGE_ALERTS)
GROUPS: tuple[RuleGroup, ...] = (RECORDING, *ALERTS)


def alert_rules() -> Iterator[AlertRule]:
    """Every alert."""
    for group in ALERTS:
        yield from (rule for rule in group.rules if isinstance(rule, AlertRule))


def recording_rules() -> Iterator[RecordingRule]:
    """Every computed series."""
    yield from (rule for rule in RECORDING.rules if isinstance(rule, RecordingRule))
