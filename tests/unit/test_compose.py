"""The container files: valid, pinned, and in step with the program they run."""

import json
import re
import xml.etree.ElementTree as ET
from importlib import resources
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from repository import COMPONENTS, ROOT, project, settings_variables, text_of

COMPOSE = yaml.safe_load(text_of(ROOT / "docker-compose.yml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = text_of(ROOT / "Dockerfile")
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+[\w.-]*")
ONE_SHOT = {"topics"}
EACH_SERVICE = pytest.mark.parametrize("name", SERVICES)


def compose_problems(document: Any) -> list[str]:
    """What the Compose specification's own schema says against a document."""
    folder = resources.files("check_jsonschema").joinpath("builtin_schemas", "vendor")
    schema = json.loads(folder.joinpath("compose-spec.json").read_text(encoding="utf-8"))
    return [error.message for error in validator_for(schema)(schema).iter_errors(document)]


def instructions(name: str) -> list[str]:
    """Arguments of each use of a Dockerfile instruction."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.split(maxsplit=1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")]


def test_the_file_is_a_compose_file() -> None:
    """docker-compose.yml validates against the Compose specification."""
    assert compose_problems(COMPOSE) == []


@pytest.mark.parametrize(
    "document",
    [
        {**COMPOSE, "servces": {}},
        {**COMPOSE, "services": {"gate": {"image": "a:1", "healthchek": {}}}},
        {**COMPOSE, "services": {"gate": {"image": ["a:1"]}}},
        {**COMPOSE, "services": {"gate": {"image": "a:1", "depends_on": {"kafka": {"condition": "up"}}}}},
    ],
    ids=["unknown section", "unknown key", "wrong type", "unknown condition"],
)
def test_a_broken_compose_file_is_found(document: Any) -> None:
    """A misspelt key, a wrong type or an unknown condition does not validate."""
    assert compose_problems(document)


def test_every_part_of_the_product_is_a_service() -> None:
    """Broker, registry, gate, ledger, Prometheus and Grafana are there, and topics are made once."""
    wanted = {"kafka", "registry", "topics", "gate", "ledger", "prometheus", "grafana"}
    assert set(SERVICES) == wanted


@EACH_SERVICE
def test_images_are_pinned(name: str) -> None:
    """Each image has a version as its tag."""
    assert PINNED.fullmatch(SERVICES[name]["image"]), SERVICES[name]["image"]


@EACH_SERVICE
def test_long_running_services_are_watched(name: str) -> None:
    """A service has a health check and is started again, unless it runs once."""
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert "restart" not in service
        return
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert service["restart"] == "unless-stopped"


@EACH_SERVICE
def test_services_wait_for_what_can_be_waited_for(name: str) -> None:
    """A service that must be healthy has a health check; one that must complete runs once."""
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert other in ONE_SHOT


def test_volumes_are_declared_and_used() -> None:
    """Every named volume in use is declared, every declared one is in use, every mounted file exists."""
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    sources = [mount.split(":")[0] for mount in mounts if ":" in mount]
    named = {source for source in sources if not source.startswith(".")}
    assert named == set(COMPOSE["volumes"])
    for source in set(sources) - named:
        assert (ROOT / source).exists(), source


@EACH_SERVICE
def test_ports_are_published_on_loopback_only(name: str) -> None:
    """No service listens beyond this machine unless somebody changes the file."""
    assert [port for port in SERVICES[name].get("ports", []) if not port.startswith("127.0.0.1:")] == []


def test_the_gate_can_be_scaled() -> None:
    """The gate has no name, no port and no volume that two would share, so that there can be several."""
    gate = SERVICES["gate"]
    assert not {"container_name", "ports", "hostname"}.intersection(gate)
    assert gate["volumes"] == [gate["environment"]["DISCLOSURE_GATE_STATE"]]
    assert gate["deploy"]["replicas"] >= 1
    assert "DISCLOSURE_GATE_INSTANCE" not in gate["environment"]


@EACH_SERVICE
def test_settings_exist(name: str) -> None:
    """Every DISCLOSURE_ variable of a service is a setting of the program."""
    given = {
        variable for variable in SERVICES[name].get("environment", {}) if variable.startswith("DISCLOSURE_")
    }
    assert given - set(settings_variables()) == set()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=f"{name}: {' '.join(words)}")
        for name, service in SERVICES.items()
        for words in (service.get("command", []), service.get("healthcheck", {}).get("test", [""])[1:])
        if words[:1] == ["disclosures"]
    ],
)
def test_commands_exist(words: list[str]) -> None:
    """What a container runs is a command of the command line, with options it has."""
    from disclosure_ledger.cli.app import build_app

    command, bound, ignored = build_app().parse_args(words[1:], print_error=False, exit_on_error=False)
    assert callable(command)
    assert bound is not None
    assert not ignored


def test_versions_are_those_the_suites_run_against() -> None:
    """Kafka and the registry are the versions that the tests fetch; our image is this version."""
    brokers = ROOT / "ledger/disclosure_ledger/brokers"
    namespace = "{http://maven.apache.org/POM/4.0.0}"

    def pinned(pom: str, name: str) -> str | None:
        return ET.parse(brokers / pom).findtext(f"{namespace}properties/{namespace}{name}")

    assert SERVICES["kafka"]["image"] == f"apache/kafka:{pinned('apache/pom.xml', 'kafka.version')}"
    registry = pinned("registry/pom.xml", "apicurio.version")
    assert SERVICES["registry"]["image"] == f"apicurio/apicurio-registry-kafkasql:{registry}"
    assert SERVICES["gate"]["image"] == f"disclosure-ledger:{project()['version']}"


def test_addresses_are_those_of_the_services() -> None:
    """The broker's and the registry's addresses in the settings are where those services listen."""
    kafka, settings = SERVICES["kafka"]["environment"], SERVICES["gate"]["environment"]
    assert f"INTERNAL://{settings['DISCLOSURE_KAFKA_BOOTSTRAP']}," in kafka["KAFKA_ADVERTISED_LISTENERS"]
    assert (
        SERVICES["registry"]["environment"]["KAFKA_BOOTSTRAP_SERVERS"]
        == settings["DISCLOSURE_KAFKA_BOOTSTRAP"]
    )
    assert settings["DISCLOSURE_SCHEMA_REGISTRY_URL"].startswith("http://registry:8080/")
    ledger = SERVICES["ledger"]
    assert f"ledger-data:{ledger['environment']['DISCLOSURE_LEDGER_DIR']}" in ledger["volumes"]


def test_the_secret_is_not_in_the_file() -> None:
    """The subject secret comes from the environment of whoever starts the containers."""
    assert SERVICES["ledger"]["environment"]["DISCLOSURE_SUBJECT_SECRET"] == "${DISCLOSURE_SUBJECT_SECRET:-}"


def test_prometheus_asks_services_that_exist() -> None:
    """Every target is a service of the file, or Prometheus itself; Grafana's source is Prometheus."""
    jobs = yaml.safe_load(text_of(ROOT / "dashboards/prometheus.yml"))["scrape_configs"]
    fixed = [target for job in jobs for found in job.get("static_configs", []) for target in found["targets"]]
    scaled = [
        f"{name}:{found['port']}"
        for job in jobs
        for found in job.get("dns_sd_configs", [])
        for name in found["names"]
    ]
    targets = [*fixed, *scaled]
    assert {target.split(":")[0] for target in targets} <= set(SERVICES) | {"127.0.0.1"}
    for service in ("gate", "ledger"):
        assert f"{service}:{SERVICES[service]['environment']['DISCLOSURE_METRICS_PORT']}" in targets
    folder = ROOT / "dashboards/grafana/provisioning/datasources"
    (source,) = yaml.safe_load(text_of(folder / "prometheus.yml"))["datasources"]
    assert source["url"] == "http://prometheus:9090"


def test_the_image_is_built_in_stages_from_pinned_images() -> None:
    """More than one stage, each from an image with a full version, none from latest."""
    bases = [base.split()[0] for base in instructions("FROM")]
    assert len(bases) > 1
    assert all(PINNED.fullmatch(base) for base in bases), bases


def test_the_image_does_not_run_as_root() -> None:
    """The last user of the image is somebody else than root, and is the one who owns the ledger folder."""
    user = instructions("USER")[-1]
    assert user not in {"root", "0"}
    assert DOCKERFILE.rindex("\nUSER ") > DOCKERFILE.rindex("\nFROM ")
    assert f"--owner {user}" in DOCKERFILE
    for service in ("gate", "ledger"):
        for mount in SERVICES[service]["volumes"]:
            assert f" {mount.rpartition(':')[2]}" in DOCKERFILE


def test_the_image_installs_hashed_libraries() -> None:
    """Libraries come from requirements.lock with their hashes, the project itself without any more."""
    installs = [run for run in instructions("RUN") if "pip install" in run or "pip wheel" in run]
    assert any("--require-hashes --requirement requirements.lock" in run for run in installs)
    assert all("--require-hashes" in run or "--no-deps" in run for run in installs)


def test_the_image_has_every_component_and_file_it_copies() -> None:
    """Every source of a COPY exists and is let through by .dockerignore; all four components are copied."""
    copied = [
        source.removeprefix("./")
        for arguments in instructions("COPY")
        if not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    ]
    assert set(COMPONENTS) <= set(copied)
    allowed = text_of(ROOT / ".dockerignore").splitlines()
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in allowed, source
