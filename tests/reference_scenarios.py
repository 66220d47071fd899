"""Scenario files for the reference engine, read here by themselves, the defaults of the format filled in."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core_world import reference_book
from reference_casebook import Story
from reference_registry import Said, read_yaml

FIRST = datetime.fromisoformat("2026-04-06T09:00:00-07:00")
NOTHING: Said = {"gpc": False, "opted_out": False, "limits": [], "readable": True}
SAID_IN_STRINGS: dict[str, Said] = {
    "DBABBg~BAAEAQAA": {"limits": ["precise_geolocation", "health"]},
    "DBABTA~1YYN": {"opted_out": True},
    "DBABBg~BAkAAAAA": {"opted_out": True},
    "DBABLA~CAAgAAAAAAAA.YA": {"gpc": True},
    "1YYN": {"opted_out": True},
    "garbage": {"readable": False},
    "what": {"readable": False},
    "?": {"readable": False},
}
"""What the strings of the files say, by the titles of their scenarios; all others say nothing."""

_PURPOSES = {
    "sale": "marketing",
    "share": "marketing",
    "legal_process": "legal_and_security",
    "corporate_transaction": "corporate_transaction",
    "opt_out_relay": "opt_out_notice",
}
_SAID: dict[str, Said] = {
    "opt_out": {"of": ["sale", "share"], "agent_permission": None},
    "opt_out_denied": {"documented": True, "requestor_told": True},
    "opt_in_requested": {"of": []},
    "parental_authorization": {"verified": True, "of": ["sale", "share"], "purposes": [], "recipients": []},
    "limit_sensitive": {"elements": []},
    "age": {"willful_disregard": False},
    "direction": {"items": ["identifiers"], "action": "click"},
}


class Told:
    """A scenario as arrivals, with what each id stands for."""

    def __init__(self, scenario: Said, notice: Any) -> None:
        published = scenario.get("notice", notice or "neutral")
        names = [published] if isinstance(published, str) else published
        self.book = reference_book(tuple(names), scenario.get("toggles") or {})
        self.types: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.said: dict[str, Said] = {}
        self.arrivals: list[Said] = []
        at = FIRST - timedelta(minutes=1)
        for place, entry in enumerate([*(scenario.get("given") or []), *(scenario.get("when") or [])]):
            (verb, value), *_ = [(key, value) for key, value in entry.items() if key != "at"]
            if "at" in entry and entry["at"] is None:
                continue  # an event without a time arrives nowhere
            at = datetime.fromisoformat(entry["at"]) if "at" in entry else at + timedelta(minutes=1)
            head = {"verb": verb, "at": _us(at), "id": place + 1}
            self.arrivals += self.events(head, verb, value)

    def tell(self, *, times: int = 1) -> Story:
        """Let everything arrive, each event so many times in a row."""
        return Story(self.book, self.types).tell([one for one in self.arrivals for _ in range(times)])

    def subject(self, written: Any) -> str:
        """Name of a subject, of whichever type."""
        if isinstance(written, str):
            written = {"account": written}
        (kind, name), *_ = written.items()
        known = name if kind == "account" else f"{kind} {name}"
        self.types[known] = kind
        return str(known)

    def events(self, head: Said, verb: str, value: Any) -> Iterator[Said]:
        """What one entry of the list makes arrive."""
        if verb in {"ask", "report"}:
            yield self.disclosure(head, value)
        elif verb == "correct":
            of = value["disclosure"]
            changed = {key: part for key, part in value.items() if key != "disclosure"}
            yield head | {"of": self.number(of), "what": self.what(self.said[of] | changed, head["at"])}
        elif verb == "retract":
            yield head | {"of": self.number(value)}
        elif verb == "state_store":
            yield head | {"up": value == "up"}
        elif verb in {"contract_signed", "contract_ended"}:
            yield head | (value if isinstance(value, dict) else {"recipient": value})
        elif verb in {"link", "unlink"}:
            mistaken = isinstance(value, dict) and value.get("mistaken", False)
            nodes = value["nodes"] if isinstance(value, dict) else value
            yield head | {"nodes": [self.subject(node) for node in nodes], "mistaken": mistaken}
        elif verb == "visit":
            yield head | self.visit(value)
        elif verb == "drop_match":
            for subject in value["subjects"]:
                exempt = value.get("all_exempt", False)
                yield head | {"subject": self.subject(subject), "drop": value["id"], "all_exempt": exempt}
        else:
            keys = dict(value) if isinstance(value, dict) and "subject" in value else {"subject": value}
            moments = {key: _read(keys[key]) for key in ("processed_at", "expires_at") if key in keys}
            yield head | _SAID.get(verb, {}) | keys | moments | {"subject": self.subject(keys["subject"])}

    def visit(self, value: Said) -> Said:
        """Signals of a device, with what they say."""
        gpc = value.get("gpc", [])
        strings = [NOTHING | SAID_IN_STRINGS.get(value[key], {}) for key in ("gpp", "usp") if key in value]
        reads = {
            "gpc": "1" in ([gpc] if isinstance(gpc, str) else gpc) or any(one["gpc"] for one in strings),
            "dnt": value.get("dnt") == "1",
            "opted_out": any(one["opted_out"] for one in strings),
            "limits": [element for one in strings for element in one["limits"]],
            "readable": bool(strings) and all(one["readable"] for one in strings),
            "unreadable": not all(one["readable"] for one in strings),
        }
        account = value.get("account")
        return {
            "device": self.subject({"device": value["device"]}),
            "account": None if account is None else self.subject(account),
            "reads": reads,
        }

    def disclosure(self, head: Said, value: Said) -> Said:
        """An ask or report."""
        name: str = value.get("id", f"d{1 + sum(one['verb'] in {'ask', 'report'} for one in self.arrivals)}")
        ask: str = value.get("decision", "")
        own = {"id", "event_id", "decision", "emitted_at"}
        said = {
            **(self.said[ask] if ask else {}),
            **{key: part for key, part in value.items() if key not in own},
        }
        self.said[name] = said
        what = self.what(said, value.get("emitted_at", head["at"]))
        number = self.numbers[name] = self.number(value.get("event_id", name))
        follows = self.number(ask) if ask else None
        placed = {"verb": head["verb"], "at": head["at"]}
        return placed | {"name": name, "number": number, "what": what, "follows": follows}

    def number(self, name: str) -> int:
        """Number of an event id."""
        return self.numbers.setdefault(name, 1000 + len(self.numbers))

    def what(self, said: Said, emitted: Any) -> Said:
        """Every key of an ask or report."""
        kind = said["kind"]
        defaults: Said = {
            "purpose": _PURPOSES.get(kind, "provide_services"),
            "consideration": "monetary" if kind == "sale" else "none",
            "cross_context_ads": kind == "share",
            "combines_data": False,
            "limit_exception": None,
            "channel": "server",
            "program": None,
            "transaction": None,
            "control_transferred": False,
            "onward_to": None,
            "acting_as": "business",
            "bought": "not_bought",
            "wholly_outside_california": False,
        }
        collected = said.get("collected_at")
        items = [
            one if isinstance(one, dict) else {"item": one} for one in said.get("items", ["identifiers"])
        ]
        return (
            defaults
            | said
            | {
                "about": self.subject(said.get("about", "alice")),
                "items": [{"item": one["item"], "exempt": one.get("exempt")} for one in items],
                "collected_at": None if collected is None else _read(collected),
                "emitted_at": emitted if isinstance(emitted, int) else _read(emitted),
            }
        )


def scenarios(folder: Path) -> list[tuple[Said, Any]]:
    """Every scenario of a folder of files, with the notice its file names."""
    files = [read_yaml(path) for path in sorted(folder.glob("*.yaml"))]
    return [(scenario, file.get("notice")) for file in files for scenario in file["scenarios"]]


def _read(moment: str) -> int:
    return _us(datetime.fromisoformat(moment))


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * 1000) * 1000
