"""Broker, gates and recorder as child processes of one supervisor, for `disclosures up` and the demo."""
