"""Writes the dashboards and the rules: `make dashboards`."""

from disclosure_dashboards.files import FOLDER, written_files


def main() -> None:
    """Write every file under `dashboards/` that comes from code."""
    for path, text in written_files().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
