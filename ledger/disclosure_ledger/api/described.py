"""What the API's description says beside what the framework reads from signatures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType

from disclosure_ledger.api.forms import Form
from disclosure_ledger.api.media_types import NDJSON


@dataclass
class TakesLinesToo(Operation):
    """The body may be NDJSON too."""

    def __post_init__(self) -> None:
        content = getattr(self.request_body, "content", None)
        if content is not None:
            content[NDJSON] = OpenAPIMediaType(
                schema=Schema(type=OpenAPIType.STRING, description="one such object a line")
            )


def in_forms(forms: Iterable[Form]) -> type[Operation]:
    """Say that the answer may have other forms than JSON."""
    media_types = [form.media_type.partition(";")[0] for form in forms]

    @dataclass
    class InForms(Operation):
        def __post_init__(self) -> None:
            content: Any = getattr((self.responses or {}).get("200"), "content", None)
            if content is not None:
                for media_type in media_types:
                    content[media_type] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))

    return InForms
