"""The notebook that reads an export runs, from its first cell to its last."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from answer_rows import batch_of, row
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.exports.export import EXPORT, ExportFormat, ExportQuestion
from disclosure_ledger.store.ledger import Ledger
from repository import ROOT

NOTEBOOK = ROOT / "ledger" / "disclosure_ledger" / "examples" / "reading_an_export.ipynb"


def cells(notebook: Path) -> list[dict[str, Any]]:
    """Cells of a notebook."""
    found: list[dict[str, Any]] = json.loads(notebook.read_text())["cells"]
    return found


def test_the_notebook_reads_an_export(tmp_path: Path) -> None:
    """Every cell runs on a real export, and its own checks of hashes and rows hold."""
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        ledger.record_batch(batch_of([row(number * 50) for number in range(40)]))
        question = ExportQuestion(format=ExportFormat.PARQUET, out=tmp_path / "export")
        LocalReader(ledger).ask(EXPORT, question)
    program = (
        "import nbformat, sys; from nbclient import NotebookClient\n"
        "notebook = nbformat.read(sys.argv[1], as_version=4)\n"
        "NotebookClient(notebook, timeout=120, kernel_name='python3').execute()\n"
        "nbformat.write(notebook, sys.argv[2])\n"
    )
    done = tmp_path / "done.ipynb"
    environment = {
        **os.environ,
        "DISCLOSURE_EXPORT": str(tmp_path / "export"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    run = subprocess.run(
        [sys.executable, "-c", program, str(NOTEBOOK), str(done)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outputs = json.dumps([cell.get("outputs") for cell in cells(done)])
    assert "Harborlight Data Exchange" in outputs


def test_the_notebook_is_kept_without_results() -> None:
    """Results of somebody's data are not committed."""
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells(NOTEBOOK))
