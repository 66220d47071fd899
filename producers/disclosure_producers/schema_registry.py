"""A Confluent-compatible schema registry: ids of the packaged schemas, and schemas by id.

The only module that imports confluent_kafka's registry client; it needs the extra `registry`.
"""

import threading
import warnings
from types import TracebackType
from typing import Any, Self

from disclosure_producers.errors import RegistryUnavailableError
from disclosure_producers.settings import SettingsError
from disclosure_schemas import schema_files
from disclosure_schemas.errors import UnknownSchemaError

_NOT_FOUND = 404
_REFUSED = (409, 422)


def _client_module() -> Any:
    try:
        # One of the client's libraries announces its successor, which no application can act on.
        with warnings.catch_warnings(record=True):
            from confluent_kafka import schema_registry  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        raise SettingsError(
            f"a schema registry is configured, but its client is not installed ({error}). Install it with "
            "`pip install 'disclosure-ledger[registry]'`, or unset DISCLOSURE_SCHEMA_REGISTRY_URL."
        ) from error
    return schema_registry


class ConfluentRegistry:
    """Schemas of one registry; ids and schemas never change there, so each is asked for once.

    `client`: a SchemaRegistryClient to use instead of one for `url`. Close it, or use it with `with`.
    """

    def __init__(self, url: str, *, client: Any = None) -> None:
        self._module = _client_module()
        self._url = url
        try:
            self._client = client or self._module.SchemaRegistryClient({"url": url, "max.retries": 2})
        except (ValueError, TypeError) as error:
            raise SettingsError(
                f"DISCLOSURE_SCHEMA_REGISTRY_URL cannot be used: {error}. Expected http://host:port."
            ) from error
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str], int] = {}
        self._texts: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the registry."""
        self._client.close()

    def register(self, topic: str, record: str) -> int:
        """Id of the newest packaged schema of a record, subject `<topic>-value`; registers it if new.

        Raises RegistryUnavailableError, and SettingsError where the registry finds it incompatible.
        """
        with self._lock:
            if (topic, record) not in self._ids:
                schema = self._module.Schema(schema_files.schema_text(record), "AVRO")
                registered = self._ask(self._client.register_schema, f"{topic}-value", schema)
                self._ids[topic, record] = registered
            return self._ids[topic, record]

    def schema_by_id(self, registry_id: int) -> str:
        """Text of the schema with this id; raises UnknownSchemaError, RegistryUnavailableError."""
        with self._lock:
            if registry_id not in self._texts:
                self._texts[registry_id] = self._ask(self._client.get_schema, registry_id).schema_str
            return self._texts[registry_id]

    def _ask(self, question: Any, *words: Any) -> Any:
        try:
            return question(*words)
        except self._module.SchemaRegistryError as error:
            if error.http_status_code == _NOT_FOUND:
                raise UnknownSchemaError(
                    f"the schema registry has no schema with the id {words[0]}. "
                    "The event was written with another registry, or the schema was deleted."
                ) from error
            if error.http_status_code in _REFUSED:
                raise SettingsError(
                    f"the schema registry refuses the schema for {words[0]}: {error}. "
                    "Compare the registered version with this release's, and the subject's compatibility."
                ) from error
            raise self._unavailable(error) from error
        except Exception as error:  # the HTTP library's own errors, whichever it is
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> RegistryUnavailableError:
        return RegistryUnavailableError(
            f"the schema registry at {self._url} does not answer as it should: {type(error).__name__}: "
            f"{error}. Nothing is wrong with the event; try again when the registry is back."
        )
