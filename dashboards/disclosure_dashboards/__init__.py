"""The Grafana dashboards and rule files of disclosure-ledger, as code."""
