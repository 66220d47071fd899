"""requirements.lock: everything pyproject.toml asks for, pinned, hashed, from no index in particular."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repository import ROOT, project, text_of

LOCK = text_of(ROOT / "requirements.lock")
ENTRIES = re.findall(
    r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: *;[^\\\n]*)? *\\\n((?: +--hash=\S+(?: \\)?\n)+)", LOCK, re.MULTILINE
)
PINNED = {canonicalize_name(name): version for name, version, _ in ENTRIES}
WANTED = [
    *project()["dependencies"],
    *(text for extra in project()["optional-dependencies"].values() for text in extra),
    *tomllib.loads(text_of(ROOT / "pyproject.toml"))["build-system"]["requires"],
]


def test_the_lock_names_no_index_and_no_address() -> None:
    """No line says where packages come from, so that the lock works with any index."""
    lines = [line for line in LOCK.splitlines() if not line.lstrip().startswith("#")]
    assert [line for line in lines if line.startswith("-")] == []
    assert [line for line in lines if "://" in line or " @ " in line] == []
    assert "--index-url" not in LOCK
    assert "--find-links" not in LOCK


def test_every_line_of_the_lock_is_a_pinned_and_hashed_library() -> None:
    """Each requirement has one version and at least one SHA-256, and none is listed twice for one case."""
    starts = [line for line in LOCK.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(starts) == len(ENTRIES)
    assert all("--hash=sha256:" in hashes for _, _, hashes in ENTRIES)
    assert len(ENTRIES) > 40


@pytest.mark.parametrize("text", sorted(set(WANTED)))
def test_the_lock_has_what_the_project_asks_for(text: str) -> None:
    """Each dependency, of every extra and of the build, is in the lock in a version that fits."""
    wanted = Requirement(text)
    if canonicalize_name(wanted.name) == project()["name"]:
        assert wanted.extras <= set(project()["optional-dependencies"])
        return
    version = PINNED.get(canonicalize_name(wanted.name))
    assert version is not None, f"{wanted.name} is not in requirements.lock"
    assert wanted.specifier.contains(version, prereleases=True), (
        f"{wanted} does not allow the locked {version}"
    )
