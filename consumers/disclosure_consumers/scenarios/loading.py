"""From files to stories: all of them, or an error that says what is wrong and where. Nothing runs half."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from disclosure_consumers.registry_files import RegistryFolder, example_registry, read_folder
from disclosure_consumers.registry_folder.document import Document, read_document
from disclosure_consumers.registry_folder.problems import Path as Place
from disclosure_consumers.registry_folder.problems import Problem, hint
from disclosure_consumers.scenarios.errors import ScenarioFileError
from disclosure_consumers.scenarios.files import find_files, registry_beside
from disclosure_consumers.scenarios.form import form_problems
from disclosure_consumers.scenarios.listing import Listing
from disclosure_consumers.scenarios.story import Story
from disclosure_consumers.scenarios.telling import steps_of

DEFAULT_NOTICE = "neutral"


def load_stories(
    named: Sequence[Path], registry: Path | None = None, only: Collection[str] = ()
) -> tuple[Story, ...]:
    """Read the scenarios of files, folders and patterns, in their order.

    `registry`: the folder they are checked against; left out, the folder `registry` beside the first file,
    else the example registry. `only`: ids to keep; the files are checked whole all the same. Raises
    ScenarioFileError with all that is wrong, RegistryError if the registry cannot be read.
    """
    files = find_files(named)
    documents = _read(files)
    folder = read_folder(registry or registry_beside(files[0]) or example_registry())
    problems = _repeated_ids(documents)
    stories: list[Story] = []
    for document in documents:
        for index in range(len(document.data["scenarios"])):
            story, found = _story(document, ("scenarios", index), folder)
            problems += found
            stories += [story] if story else []
    for wanted in only:
        if wanted not in {story.id for story in stories} and not problems:
            text = f"no scenario of these files has the id {wanted!r}{hint(wanted, [s.id for s in stories])}"
            problems.append(Problem("unknown_id", "--only", None, "", text))
    if problems:
        raise ScenarioFileError(problems)
    return tuple(story for story in stories if not only or story.id in only)


def _read(files: Iterable[Path]) -> list[Document]:
    """Contents of all files, their form checked."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for file in files:
        try:
            document, found = read_document(str(file), file.read_bytes())
        except OSError as error:
            document, found = None, [Problem("no_file", str(file), None, "", f"{error.strerror}.")]
        if document is not None and not found:
            found = form_problems(document)
            documents.append(document)
        problems += found
    if problems:
        raise ScenarioFileError(problems)
    return documents


def _repeated_ids(documents: Iterable[Document]) -> list[Problem]:
    """An id is unique among all files run together."""
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for document in documents:
        for index, scenario in enumerate(document.data["scenarios"]):
            scenario_id, place = scenario["id"], ("scenarios", index, "id")
            where = f"{document.name}:{document.line(place)}"
            if first.setdefault(scenario_id, where) != where:
                text = f"the id {scenario_id!r} is taken by {first[scenario_id]}. Choose another one."
                problems.append(document.problem("repeated_id", place, text))
    return problems


def _story(document: Document, place: Place, folder: RegistryFolder) -> tuple[Story | None, list[Problem]]:
    scenario: Mapping[str, Any] = document.data[place[0]][place[1]]
    listing = Listing(document, place, scenario)
    # Where a moment or an id is wrong there are no events to look at further.
    steps = () if listing.problems else steps_of(listing, folder.recipients)
    notices, notice_place = _notices(document, place, scenario)
    for notice in notices:
        if notice not in folder.notices:
            text = f"{notice!r} is no notice of the registry{hint(notice, folder.notices)}"
            listing.problem(notice_place, text)
    listing.check_then(scenario["then"], (*place, "then"))
    also_holds = frozenset(scenario.get("also_holds", ()))
    if "any_order" in also_holds:
        listing.check_any_order((*place, "also_holds"))
    if listing.problems:
        return None, listing.problems
    cites = scenario.get("cite", [])
    story = Story(
        id=scenario["id"],
        title=scenario["title"],
        cites=(cites,) if isinstance(cites, str) else tuple(cites),
        why=scenario.get("why"),
        registry=folder.registry(notices, scenario.get("toggles")),
        steps=steps,
        also_holds=also_holds,
        then=scenario["then"],
        document=document,
        place=place,
    )
    return story, []


def _notices(document: Document, place: Place, scenario: Mapping[str, Any]) -> tuple[tuple[str, ...], Place]:
    """Notices published for a scenario, and where they are named."""
    if "notice" in scenario:
        said, where = scenario["notice"], (*place, "notice")
    else:
        said, where = document.data.get("notice", DEFAULT_NOTICE), ("notice",)
        where = where if "notice" in document.data else place
    return (said,) if isinstance(said, str) else tuple(said), where
