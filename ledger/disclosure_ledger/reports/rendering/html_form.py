"""A report as one HTML page: no script, nothing fetched from anywhere."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from disclosure_ledger.reports.rendering.document import Document


def html_of(document: Document) -> str:
    """The page; every text is escaped."""
    return _template().render(document=document) + "\n"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("disclosure_ledger", "reports/rendering"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
