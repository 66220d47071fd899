"""README and ARCHITECTURE keep up with the program."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from disclosure_ledger.cli.app import build_app
from disclosure_schemas.topics import TOPICS
from repository import COMPONENTS, ROOT, make_targets, project, settings_variables, text_of

DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "schemas/README.md")
README = text_of(ROOT / "README.md")
BOTH = README + (text_of(ROOT / "ARCHITECTURE.md") if (ROOT / "ARCHITECTURE.md").exists() else "")
REPOSITORY_PATH = re.compile(r"`((?:{}|tests|dashboards|bench|\.ci)/[\w./*-]*)`".format("|".join(COMPONENTS)))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def commands(app: App, words: str = "disclosures") -> Iterator[str]:
    """Every command of the command line that does something, in full."""
    names = [name for name in app if not name.startswith("-")]
    if not names:
        yield words
    for name in names:
        yield from commands(app[name], f"{words} {name}")


def named(thing: str, text: str) -> bool:
    """Whether a text names something as a whole word."""
    return re.search(rf"(?<![\w-]){re.escape(thing)}(?![\w-])", text) is not None


def test_the_documents_exist() -> None:
    """README, ARCHITECTURE and CHANGELOG are there and the package metadata shows the README."""
    assert [name for name in DOCUMENTS if not (ROOT / name).is_file()] == []
    assert project()["readme"] == "README.md"


def test_every_topic_is_documented() -> None:
    """Each topic of the table is named in README or ARCHITECTURE."""
    assert [topic.name for topic in TOPICS if not named(topic.name, BOTH)] == []


def test_every_make_target_is_documented() -> None:
    """Each target has a comment in the Makefile and is named in the README."""
    assert [target for target, comment in make_targets().items() if not comment] == []
    assert [target for target in make_targets() if not named(f"make {target}", README)] == []


def test_every_make_target_is_phony_or_a_file() -> None:
    """Each target that is no file is declared as such, so that a file of its name does not hide it."""
    (line,) = re.findall(r"^\.PHONY: (.*)$", text_of(ROOT / "Makefile"), re.MULTILINE)
    assert set(line.split()) == set(make_targets())


def test_every_command_is_documented() -> None:
    """Each command of the command line is named in the README as it is typed."""
    found = list(commands(build_app()))
    assert len(found) > 10
    assert [command for command in found if not named(command, README)] == []


def test_every_setting_is_documented() -> None:
    """Each environment variable of the settings classes is named in README or ARCHITECTURE."""
    variables = sorted(set(settings_variables()))
    assert len(variables) > 10
    assert [variable for variable in variables if not named(variable, BOTH)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_points_to_exists(name: str) -> None:
    """Paths in backticks and relative links lead to files and folders of the repository."""
    text = text_of(ROOT / name)
    folder = (ROOT / name).parent
    links = [
        target for target in LINK.findall(text) if "://" not in target and not target.startswith("mailto:")
    ]
    missing = [link for link in links if not (folder / link).exists()]
    missing += [path for path in REPOSITORY_PATH.findall(text) if not any(found_at(path))]
    assert missing == []


def found_at(path: str) -> Iterator[Path]:
    """Where a path of a document, with or without stars, leads."""
    yield from ROOT.glob(path.rstrip("/"))


def test_the_architecture_maps_every_package() -> None:
    """ARCHITECTURE names each folder of the four packages that holds modules."""
    text = text_of(ROOT / "ARCHITECTURE.md")
    folders = {
        module.parent.relative_to(ROOT)
        for component in COMPONENTS
        for module in (ROOT / component).glob("disclosure_*/**/__init__.py")
    }
    missing = [str(folder) for folder in sorted(folders) if not named(folder.name, text)]
    assert missing == []


def test_the_changelog_is_kept() -> None:
    """CHANGELOG has the form of Keep a Changelog and a section for what is not released."""
    text = text_of(ROOT / "CHANGELOG.md")
    assert text.startswith("# Changelog\n")
    assert "keepachangelog.com" in text
    assert re.search(r"^## \[Unreleased\]$", text, re.MULTILINE)
    sections = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert sections <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
