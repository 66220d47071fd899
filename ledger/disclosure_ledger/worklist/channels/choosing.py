"""The channels of one sender, made when they are first needed and closed together."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Self

from disclosure_consumers.registry_folder.notify_forms import CsvForm, EmailForm, NotifyForm, WebhookForm
from disclosure_ledger.worklist.channel import Channel
from disclosure_ledger.worklist.channels.files import CsvChannel, EmailChannel
from disclosure_ledger.worklist.channels.topic import TopicChannel, open_topic_channel
from disclosure_ledger.worklist.channels.webhook import WebhookChannel, secret_of
from disclosure_ledger.worklist.settings import WorklistSettings

OpenTopic = Callable[[], TopicChannel]


class Channels:
    """Channels by what the registry says of a recipient. `environment`: where secrets are."""

    def __init__(
        self,
        settings: WorklistSettings,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        open_topic: OpenTopic = open_topic_channel,
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._clock = clock
        self._open_topic = open_topic
        self._known: dict[str, Channel] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._known.clear()
        self._open.close()

    def __call__(self, form: NotifyForm) -> Channel:
        """The channel of a form; raises ChannelSettingsError."""
        key = form.model_dump_json()
        if key not in self._known:
            self._known[key] = self._made(form)
        return self._known[key]

    def _made(self, form: NotifyForm) -> Channel:
        if isinstance(form, WebhookForm):
            secret = secret_of(form, self._environment)
            channel = WebhookChannel(form, secret, self._clock, timeout_s=self._settings.timeout_s)
            return self._open.enter_context(channel)
        if isinstance(form, CsvForm):
            return CsvChannel(self._settings.outbox_dir)
        if isinstance(form, EmailForm):
            return EmailChannel(self._settings.outbox_dir, form)
        return self._open.enter_context(self._open_topic())
