"""A YAML file as plain data, with the line of every key and entry.

YAML 1.2, core schema: a timestamp is text. What a reviewer could overlook is refused: keys given twice,
merges, tags, aliases that go in circles.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from disclosure_consumers.registry_folder.problems import Path, Problem, entry_name, shown

_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = {f"{_TAG}str", f"{_TAG}timestamp"}
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_MOST_ENTRIES = 200_000
"""More entries than any registry has; aliases of aliases would grow beyond all bounds."""


@dataclass(frozen=True, slots=True)
class Document:
    """Content of one file: mappings, lists, text, numbers, true, false and null.

    `lines`: counted from 1; empty for data that comes from no file.
    """

    name: str
    data: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int | None:
        """Line of an entry, or of the nearest entry around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, code: str, path: Path, text: str) -> Problem:
        """Something wrong with an entry of this file."""
        return Problem(code, self.name, self.line(path), entry_name(path), text, path)


def read_document(name: str, content: bytes) -> tuple[Document | None, list[Problem]]:
    """Data of a file and what is wrong with it as YAML; no document if it cannot be read at all."""
    try:
        node = _composed(content.decode("utf-8-sig"))
        builder = _Builder(name)
        data = None if node is None else builder.value(node, ())
        builder.lines.setdefault((), 1)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [Problem("not_yaml", name, line, "", "expected text in UTF-8. Save the file as UTF-8.")]
    except RecursionError:
        return None, [Problem("not_yaml", name, None, "", "entries are nested too deeply. Flatten them.")]
    except (YAMLError, Warning) as error:
        return None, [_not_yaml(name, error)]
    return Document(name, data, builder.lines), builder.problems


def _composed(text: str) -> Node | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReusedAnchorWarning)
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    return node


def _not_yaml(name: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = error.problem if isinstance(error, MarkedYAMLError) else str(error).strip().partition("\n")[0]
    line = None if mark is None else mark.line + 1
    return Problem("not_yaml", name, line, "", f"this is not YAML: {said}. Correct the file by hand.")


@dataclass(slots=True)
class _Builder:
    """Makes data of nodes, notes where each entry is, and collects what is refused."""

    name: str
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _open: set[int] = field(default_factory=set)

    def value(self, node: Node, path: Path) -> Any:
        """Data of a node and all below it."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            return self._refuse(node, path, "this alias stands for what it is a part of. Write it out.")
        if len(self.lines) > _MOST_ENTRIES:
            raise YAMLError(f"more than {_MOST_ENTRIES} entries, aliases counted each time")
        self._open.add(id(node))
        try:
            if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
                return [self.value(entry, (*path, index)) for index, entry in enumerate(node.value)]
            if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
                return self._mapping(node, path)
        finally:
            self._open.discard(id(node))
        return self._refuse(node, path, f"the tag {node.tag} means nothing here. Remove it.")

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode) or key.tag not in _TEXT_TAGS or _unwritable(key.value):
                got = shown(key.value) if isinstance(key, ScalarNode) else "a list or mapping"
                text = f"expected text as a key, got {got}. Put it in quotes, or write out what it merges."
                self._add("wrong_key", line, path, text)
            elif key.value in data:
                first = self.lines[*path, key.value]
                text = f"this key is already in line {first}. Keep one of the two."
                self._add("duplicate_key", line, (*path, key.value), text)
            else:
                self.lines[*path, key.value] = line
                data[key.value] = self.value(value, (*path, key.value))
        return data

    def _scalar(self, node: ScalarNode, path: Path) -> str | int | float | bool | None:
        text = str(node.value)
        if node.tag in _TEXT_TAGS and not _unwritable(text):
            return text
        if node.tag == f"{_TAG}null":
            return None
        if node.tag == f"{_TAG}bool" and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        if node.tag == f"{_TAG}int" and _DECIMAL.fullmatch(text) and len(text) < 20:
            return int(text)
        if node.tag == f"{_TAG}float" and _FRACTION.fullmatch(text):
            return float(text)
        self._refuse(
            node,
            path,
            f"expected text, a whole number, true or false, got {shown(text)}. Put text in quotes.",
        )
        return None

    def _refuse(self, node: Node, path: Path, text: str) -> None:
        self._add("wrong_value", node.start_mark.line + 1, path, text)

    def _add(self, code: str, line: int, path: Path, text: str) -> None:
        self.problems.append(Problem(code, self.name, line, entry_name(path), text, path))


def _unwritable(text: str) -> bool:
    """Half a surrogate pair, which escapes can write and no encoding can."""
    return any("\ud800" <= character <= "\udfff" for character in text)
