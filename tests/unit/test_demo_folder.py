"""The demo's folder: emptied of what a demo made, and of nothing else."""

from pathlib import Path

import pytest

from disclosure_ledger.demo.errors import ForeignFolderError
from disclosure_ledger.demo.folder import fresh_folder
from disclosure_ledger.pipeline.errors import FolderInUseError


def test_a_second_run_begins_empty(tmp_path: Path) -> None:
    """Ledger, broker, logs and outbox of the run before are gone; other files of the folder stay."""
    folder = tmp_path / "demo"
    with fresh_folder(folder):
        for part in ("broker", "ledger", "logs", "outbox", "mine"):
            (folder / part).mkdir()
            (folder / part / "file").touch()
    with fresh_folder(folder):
        assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["mine"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A folder with a ledger that no demo made is refused, and nothing in it is touched."""
    (tmp_path / "ledger").mkdir()
    with pytest.raises(ForeignFolderError, match="no demo made"), fresh_folder(tmp_path):
        pytest.fail("the folder was taken")
    assert [path.name for path in tmp_path.iterdir()] == ["ledger"]


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    """While a demo runs in a folder another one is refused."""
    with (
        fresh_folder(tmp_path / "demo") as folder,
        pytest.raises(FolderInUseError, match="runs a pipeline"),
        fresh_folder(folder),
    ):
        pytest.fail("the folder was taken twice")
