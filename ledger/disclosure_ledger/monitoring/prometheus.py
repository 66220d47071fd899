"""A Prometheus of our own on the loopback interface: started, asked, stopped."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx

from disclosure_ledger.brokers.local import LOOPBACK, BrokerNotInstalledError
from disclosure_ledger.brokers.server import LocalServer
from disclosure_ledger.monitoring.errors import PrometheusError
from disclosure_ledger.monitoring.rule_files import as_yaml, rule_file
from disclosure_ledger.monitoring.rules import RuleGroup

_PROGRAM = "prometheus"
_ANSWER_WAIT_S = 5.0
_REMEDY = (
    "Install it: `apt-get install prometheus` on Debian and Ubuntu (stop the service it starts), `brew "
    "install prometheus` on macOS, or put the program of a release of the Prometheus project in the PATH."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an answer with its value now."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that is pending or firing."""

    name: str
    state: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def is_firing(self) -> bool:
        """Whether it has been true for long enough."""
        return self.state == "firing"


class Prometheus(LocalServer):
    """Scrapes what files of targets name and evaluates rules, each every `interval_s` seconds.

    `home` holds data, configuration and log; `targets`: files as `file_sd_configs` reads them, shell patterns
    allowed in the name. Needs the program `prometheus` in the PATH.
    """

    name: ClassVar[str] = "Prometheus"

    def __init__(
        self,
        home: Path,
        *,
        targets: Sequence[Path],
        groups: Sequence[RuleGroup] = (),
        interval_s: float = 1.0,
        start_wait_s: float = 30.0,
    ) -> None:
        super().__init__(home, None, start_wait_s=start_wait_s)
        self._targets = targets
        self._groups = groups
        self._interval = f"{round(interval_s * 1000)}ms"
        self._client = httpx.Client(
            base_url=f"http://{self.address}", timeout=_ANSWER_WAIT_S, trust_env=False
        )

    def missing_requirements(self) -> list[str]:
        """The program, where it is not in the PATH."""
        return [] if shutil.which(_PROGRAM) else [_PROGRAM]

    def install(self) -> None:
        """Check that the program is there; raises BrokerNotInstalledError."""
        if missing := self.missing_requirements():
            raise BrokerNotInstalledError(self.name, missing, _REMEDY)

    def stop(self) -> None:
        """End Prometheus and the connection to it."""
        super().stop()
        self._client.close()

    def query(self, expression: str) -> list[Sample]:
        """The value of an expression now, by series; raises PrometheusError."""
        data = self._get("/api/v1/query", {"query": expression})
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        return [Sample(entry["metric"], float(entry["value"][1])) for entry in data["result"]]

    def alerts(self) -> list[Alert]:
        """Alerts that are pending or firing; raises PrometheusError."""
        return [
            Alert(entry["labels"]["alertname"], entry["state"], entry["labels"], entry["annotations"])
            for entry in self._get("/api/v1/alerts", {})["alerts"]
        ]

    def rule_errors(self) -> dict[str, str]:
        """What went wrong in the last evaluation of a rule, by name."""
        return {rule["name"]: rule["lastError"] for rule in self._rules() if rule.get("lastError")}

    def rule_names(self) -> set[str]:
        """Rules that were evaluated at least once."""
        return {rule["name"] for rule in self._rules() if rule["health"] != "unknown"}

    def target_health(self) -> dict[str, str]:
        """`up`, `down` or `unknown` of each target, by its address."""
        active = self._get("/api/v1/targets", {"state": "active"})["activeTargets"]
        return {target["scrapeUrl"]: target["health"] for target in active}

    def _prepared_command(self) -> list[str]:
        configuration = self.home / "prometheus.yml"
        rules = self.home / "rules.yml"
        rules.write_text(rule_file(self._groups, written_by="disclosures"), encoding="utf-8")
        configuration.write_text(as_yaml(self._configuration(rules)), encoding="utf-8")
        return [
            _PROGRAM,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={self.home / 'data'}",
            f"--web.listen-address={self.address}",
            "--log.level=warn",
        ]

    def _configuration(self, rules: Path) -> dict[str, Any]:
        return {
            "global": {"scrape_interval": self._interval, "evaluation_interval": self._interval},
            "rule_files": [str(rules)],
            "scrape_configs": [
                {
                    "job_name": "disclosures",
                    "file_sd_configs": [
                        {"files": [str(path) for path in self._targets], "refresh_interval": "1s"}
                    ],
                },
                {"job_name": "prometheus", "static_configs": [{"targets": [self.address]}]},
            ],
        }

    def _readiness(self) -> Callable[[], bool]:
        return self._answers

    def _answers(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def _rules(self) -> list[dict[str, Any]]:
        groups = self._get("/api/v1/rules", {})["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def _get(self, path: str, params: Mapping[str, str]) -> Any:
        try:
            answer = self._client.get(path, params=dict(params))
            body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PrometheusError(
                f"Prometheus at {LOOPBACK} does not answer {path} ({error}). Its log is {self.log}."
            ) from error
        if body.get("status") != "success":
            raise PrometheusError(f"Prometheus refuses {dict(params) or path}: {body.get('error', body)}")
        return body["data"]
