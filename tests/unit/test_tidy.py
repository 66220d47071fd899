"""House rules that no linter checks."""

import ast
import re
from pathlib import Path

import pytest

from repository import ROOT, package_modules, repository_files, text_of

MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}
PYTHON_FILES = [path for path in repository_files() if path.suffix == ".py"]
TEST_FILES = [path for path in PYTHON_FILES if path.name.startswith("test_")]

# Put together here, so that this file does not contain what it looks for.
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:{}|{}|home/\w+|Users/\w+|{})/".format(
        *("".join(pair) for pair in (["wo", "rk"], ["ro", "ot"], ["tm", "p"]))
    )
)
REGISTRY_HOSTS = [
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("hub", "docker", "com"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
]
UNFINISHED = re.compile(
    r"\b(?:{})\b".format(
        "|".join("".join(pair) for pair in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("HA", "CK")))
    )
)
OTHERS_WORDS = {"LICENSE", "requirements.lock"}
OWN_FILES = [path for path in repository_files() if path.name not in OTHERS_WORDS]


def name_of(path: Path) -> str:
    """Path of a file in the repository."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, methods and inner ones too."""
    tree = ast.parse(text_of(path))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_modules_are_short() -> None:
    """No module of the product is longer than 300 lines."""
    lengths = {name_of(path): len(text_of(path).splitlines()) for path in package_modules()}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > MODULE_LINES_MAX} == {}


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from its docstring to its end; a signature that declares options does not count."""
    return (function.end_lineno or 0) - function.body[0].lineno + 1


def test_functions_are_short() -> None:
    """No function of the product has a body longer than 60 lines."""
    lengths = {
        f"{name_of(path)}: {function.name}": body_lines(function)
        for path in package_modules()
        for function in functions(path)
    }
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX} == {}


@pytest.mark.parametrize("path", [path for path in PYTHON_FILES if path.name == "__init__.py"], ids=name_of)
def test_packages_have_no_code_in_init(path: Path) -> None:
    """An __init__.py has a docstring, and nothing else but imports and `__all__`."""
    tree = ast.parse(text_of(path))
    assert ast.get_docstring(tree), "a docstring is missing"
    for node in tree.body[1:]:
        is_all = isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [
            "__all__"
        ]
        assert is_all or isinstance(node, ast.Import | ast.ImportFrom), ast.unparse(node)


def test_modules_have_names_that_say_something() -> None:
    """No module or folder is called utils, common, helpers or the like."""
    empty = [
        name_of(path)
        for path in PYTHON_FILES
        if EMPTY_NAMES.intersection([*path.relative_to(ROOT).parts[:-1], path.stem])
    ]
    assert empty == []


def test_no_file_names_a_place_on_one_machine() -> None:
    """No file holds an absolute path of a developer's machine."""
    found = {name_of(path): MACHINE_PATH.findall(text_of(path)) for path in OWN_FILES}
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_no_file_names_a_package_registry() -> None:
    """No file names the host of a package registry: which one to use is the business of the machine."""
    found = {name_of(path): [host for host in REGISTRY_HOSTS if host in text_of(path)] for path in OWN_FILES}
    assert {name: hosts for name, hosts in found.items() if hosts} == {}


def test_nothing_is_marked_as_unfinished() -> None:
    """No file holds a note that something is still to be done."""
    found = {name_of(path): UNFINISHED.findall(text_of(path)) for path in OWN_FILES}
    assert {name: notes for name, notes in found.items() if notes} == {}


@pytest.mark.parametrize("path", TEST_FILES, ids=name_of)
def test_every_test_says_what_it_expects(path: Path) -> None:
    """Each test function has a docstring of one sentence or more."""
    tests = [function for function in functions(path) if function.name.startswith("test_")]
    assert tests, "a test file without tests"
    assert [test.name for test in tests if not (ast.get_docstring(test) or "").rstrip().endswith(".")] == []


def test_the_patterns_of_this_file_find_what_they_look_for() -> None:
    """Each pattern finds a planted example and lets ordinary text pass."""
    assert MACHINE_PATH.search("see {}".format("/".join(("", "tm" + "p", "x"))))
    assert MACHINE_PATH.search("{}home/alice/x".format("/"))
    assert not MACHINE_PATH.search("/etc/grafana/provisioning and ./work/x and a/root/b")
    assert UNFINISHED.search("TO" + "DO: later")
    assert not UNFINISHED.search("nothing to do")
