"""The wheel: complete, and at home in an application that has folders of the same names."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from repository import COMPONENTS, ROOT, project, repository_files

ANY_SUFFIX = {".avsc", ".json", ".py", ".sql", ".typed", ".xml", ".yaml"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source tree, built without network."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def names_in(wheel: Path) -> set[str]:
    """Names of all files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_the_four_packages(wheel: Path) -> None:
    """Each file of a package is in the wheel: modules, schemas, examples, SQL, registry, poms, markers."""
    expected = {
        "/".join(path.relative_to(ROOT).parts[1:])
        for path in repository_files()
        if path.relative_to(ROOT).parts[0] in COMPONENTS and len(path.relative_to(ROOT).parts) > 2
    }
    assert expected <= names_in(wheel), sorted(expected - names_in(wheel))
    assert {Path(name).suffix for name in expected} >= ANY_SUFFIX


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    """Beside the four packages there is only the wheel's own metadata."""
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    metadata = f"disclosure_ledger-{project()['version']}.dist-info"
    assert tops == {f"disclosure_{component}" for component in COMPONENTS} | {metadata}
    assert not [name for name in names_in(wheel) if name.endswith((".pyc", ".duckdb"))]


def test_the_wheel_says_licence_and_command(wheel: Path) -> None:
    """The licence is inside, and installing the wheel gives the command `disclosures`."""
    with zipfile.ZipFile(wheel) as archive:
        folder = f"disclosure_ledger-{project()['version']}.dist-info"
        metadata = archive.read(f"{folder}/METADATA").decode()
        licence = archive.read(f"{folder}/licenses/LICENSE")
        entry_points = archive.read(f"{folder}/entry_points.txt").decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert "disclosures = disclosure_ledger.entry:main" in entry_points


READ_FROM_THE_WHEEL = """
import sys
from importlib import resources
import producers, ledger
import disclosure_schemas.schema_files, disclosure_producers.client
import disclosure_consumers.registry_files, disclosure_ledger.entry
assert producers.owner == ledger.owner == "the application"
for package in (disclosure_schemas, disclosure_producers, disclosure_consumers, disclosure_ledger):
    assert package.__file__.startswith(sys.argv[1]), package.__file__
    assert resources.files(package).joinpath("py.typed").is_file(), package
assert disclosure_schemas.schema_files.schema("DisclosureRequested")["name"] == "DisclosureRequested"
registry = disclosure_consumers.registry_files
assert registry.load_registry(registry.example_registry()).content_hash
assert [entry for entry in resources.files("disclosure_ledger.sql").iterdir() if entry.name.endswith(".sql")]
print("read")
"""


def test_the_wheel_works_beside_an_application_with_the_same_folder_names(
    wheel: Path, tmp_path: Path
) -> None:
    """Beside an application with its own `producers` and `ledger`, all four packages import and read."""
    site, application = tmp_path / "site", tmp_path / "application"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in ("producers", "ledger"):
        (application / name).mkdir(parents=True)
        (application / name / "__init__.py").write_text('owner = "the application"\n')
    # -S leaves out the editable install of this checkout; the libraries come by their folder alone.
    libraries = sysconfig.get_path("purelib")
    done = subprocess.run(
        [sys.executable, "-S", "-c", READ_FROM_THE_WHEEL, str(site)],
        cwd=application,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), libraries])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "read\n"), done.stderr
