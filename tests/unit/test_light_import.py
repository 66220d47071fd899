"""The SDK is light: what an application carries is the base install and nothing of the other extras."""

import json
import re
import subprocess
import sys
from importlib import metadata

from packaging.requirements import Requirement

from repository import module_name, package_modules, project

HEAVY = {
    *("cyclopts", "duckdb", "httpx", "litestar", "pyarrow", "rich", "structlog"),
    *("uvicorn", "yaml", "noida_db", "holidays", "junitparser", "jsonschema", "lmdb"),
}
SDK_PACKAGES = ("disclosure_schemas", "disclosure_producers")
SDK_MODULES = [name for name in map(module_name, package_modules()) if name.startswith(SDK_PACKAGES)]


def run_python(code: str, *arguments: str) -> str:
    """Run code in a fresh interpreter and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def distributions_of(names: set[str]) -> set[str]:
    """Distributions that a set of them needs, themselves included, in this environment and without extras."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        needed = [Requirement(text) for text in metadata.requires(name) or []]
        wanted = {
            canonical(entry.name)
            for entry in needed
            if not entry.marker or entry.marker.evaluate({"extra": ""})
        }
        waiting |= wanted - found
    return found


def canonical(name: str) -> str:
    """Name of a distribution as package indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_importing_the_client_loads_nothing_heavy() -> None:
    """`import disclosure_producers.client` loads no database, web framework, YAML or command line library."""
    code = "import json, sys, disclosure_producers.client; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(run_python(code))}
    assert "confluent_kafka" in loaded
    assert loaded & HEAVY == set()
    assert loaded & {"disclosure_consumers", "disclosure_ledger"} == set()


def test_importing_the_client_loads_only_the_base_install() -> None:
    """Every library the client loads is one of the base dependencies, or something these need."""
    code = "import json, sys, disclosure_producers.client; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.partition(".")[0] for name in json.loads(run_python(code))}
    baseline = {
        name.partition(".")[0]
        for name in json.loads(run_python("import json, sys; print(json.dumps([*sys.modules]))"))
    }
    owners = metadata.packages_distributions()
    used = {canonical(owner) for name in loaded - baseline for owner in owners.get(name, [])}
    base = {canonical(Requirement(text).name) for text in project()["dependencies"]}
    assert used - {"disclosure-ledger"} <= distributions_of(base)


def test_every_module_of_the_sdk_imports_without_the_extras() -> None:
    """With every library of the other extras missing, each module of schemas and SDK still imports."""
    code = (
        "import importlib, json, sys\n"
        "for name in json.loads(sys.argv[1]): sys.modules[name] = None\n"
        "for name in json.loads(sys.argv[2]): importlib.import_module(name)\n"
        "print('imported')"
    )
    assert len(SDK_MODULES) > 20
    assert run_python(code, json.dumps(sorted(HEAVY)), json.dumps(SDK_MODULES)) == "imported\n"
