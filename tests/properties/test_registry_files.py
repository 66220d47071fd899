"""Whatever is done to the files of a registry, it loads or says what is wrong with it."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from disclosure_consumers.core.registry import Registry
from disclosure_consumers.registry_check.review import review
from disclosure_consumers.registry_check.rules import RULES
from disclosure_consumers.registry_files import RegistryError, folder_of, inspect_files
from disclosure_consumers.registry_folder.document import read_document
from registry_samples import SAMPLE, TODAY, sample

NAMES = st.sampled_from(sorted(SAMPLE))
WORDS = (
    *(
        "acme",
        "boxes",
        "crates",
        "vendors",
        "advertisers",
        "all",
        "none",
        "identifiers",
        "sensitive",
        "spring",
    ),
    *(
        "marketing",
        "helpers",
        "third_party",
        "contractor",
        "2026-01-01",
        "9999-12-31",
        "0001-01-01",
        "x.pi.A",
    ),
)
VALUES: SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def outcome(files: dict[str, bytes]) -> Registry | RegistryError:
    """The registry, or the refusal; anything else is raised."""
    contents = inspect_files(files)
    review(contents, today=TODAY, within_days=60)
    try:
        return folder_of(Path("registry"), contents).registry()
    except RegistryError as error:
        return error


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to every entry of nested data."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in entries for place in places(value, (*path, key)))]


def changed(data: Any, path: tuple[Any, ...], draw: DataObject) -> Any:
    """Data with the entry at a path replaced, removed, or given another key."""
    if not path:
        return draw.draw(VALUES)
    key, *rest = path
    copy = dict(data) if isinstance(data, dict) else list(data)
    if rest:
        copy[key] = changed(copy[key], tuple(rest), draw)
        return copy
    what = draw.draw(st.sampled_from(["replace", "remove", "rename", "repeat"]))
    if what == "replace":
        copy[key] = draw.draw(VALUES)
    elif what == "remove":
        del copy[key]
    elif isinstance(copy, list):
        copy.append(copy[key])
    else:
        copy[draw.draw(st.sampled_from(WORDS) | st.text(max_size=8))] = (
            copy.pop(key) if what == "rename" else copy[key]
        )
    return copy


def yaml_of(data: Any) -> bytes:
    """Data as YAML; JSON is YAML too, with every text in quotes."""
    return json.dumps(data).encode()


@given(data=st.data())
def test_a_changed_entry_is_read_or_refused(data: DataObject) -> None:
    """One entry replaced, removed, renamed or repeated gives a registry or a RegistryError with problems."""
    name = data.draw(NAMES)
    document, _ = read_document(name, SAMPLE[name].encode())
    assert document is not None
    content = document.data
    files = sample() | {name: yaml_of(changed(content, data.draw(st.sampled_from(places(content))), data))}
    found = outcome(files)
    if isinstance(found, RegistryError):
        assert found.problems
        assert all(problem.code in RULES and problem.text for problem in found.problems)
        assert all(problem.line or problem.file == "notices/" for problem in found.problems)
        str(found).encode()
    else:
        assert found.content_hash != b""


@given(name=NAMES, data=st.data())
def test_a_changed_text_is_read_or_refused(name: str, data: DataObject) -> None:
    """Characters cut out of a file and others put in give a registry or a RegistryError with problems."""
    text = SAMPLE[name]
    start = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 30))
    put = data.draw(st.text(max_size=5) | st.text("{}[]:,&*!|>%@-?#<'\"\\\n\t ", max_size=6))
    content = (text[:start] + put + text[start + cut :]).encode("utf-8", "surrogatepass")
    found = outcome(sample() | {name: content})
    assert not isinstance(found, RegistryError) or found.problems


@given(name=NAMES, content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    """A file of any bytes gives a registry or a RegistryError with problems."""
    found = outcome(sample() | {name: content})
    assert not isinstance(found, RegistryError) or found.problems


@given(order=st.permutations(sorted(SAMPLE)))
def test_the_order_of_files_does_not_matter(order: list[str]) -> None:
    """Files in any order make the same registry with the same hash."""
    files = sample()
    shuffled = outcome({name: files[name] for name in order})
    assert shuffled == outcome(files)


def test_the_strategies_reach_both_ends() -> None:
    """The sample itself is read, and a file of nothing is refused."""
    assert isinstance(outcome(sample()), Registry)
    assert isinstance(outcome(sample() | {"taxonomy.yaml": b""}), RegistryError)
