"""What each of the twelve steps looked at in one decision, and what it did."""

from collections.abc import Callable, Mapping

from disclosure_consumers.core.reasons import Flag
from disclosure_consumers.core.telling.deciding_step import LAST_STEP
from disclosure_consumers.core.telling.explanation import ItemStory, StepFinding, StepResult, StepStory
from disclosure_consumers.core.telling.wording import step_wording
from disclosure_consumers.core.verdict import GOES
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import ActingAs, Bought, Kind, Mode, PreferenceState

_SOLD = frozenset({Kind.SALE, Kind.SHARE})


def step_stories(decided: DisclosureDecided, items: tuple[ItemStory, ...]) -> tuple[StepStory, ...]:
    """The twelve steps in their order."""
    return tuple(_story(number, decided, items) for number in range(1, LAST_STEP + 1))


def _story(number: int, decided: DisclosureDecided, items: tuple[ItemStory, ...]) -> StepStory:
    wording = step_wording(number)
    result, found = _result(number, items)
    looked_at = "" if result is StepResult.NOT_REACHED else _LOOKED_AT[number](decided)
    return StepStory(
        number=number,
        name=wording.code,
        asks=wording.sentence,
        citation=wording.citation,
        looked_at=looked_at,
        result=result,
        found=found,
    )


def _result(number: int, items: tuple[ItemStory, ...]) -> tuple[StepResult, tuple[StepFinding, ...]]:
    """What a step did, and where it decided, of which items and why."""
    decided = [item for item in items if item.steps == (number,)]
    if decided:
        return StepResult.DECIDED, _found(decided)
    perhaps = [item for item in items if number in item.steps]
    if perhaps:
        return StepResult.MAY_HAVE_DECIDED, _found(perhaps)
    if any(item.steps and item.steps[0] > number for item in items):
        return StepResult.PASSED, ()
    if any(not item.steps for item in items):
        return StepResult.NOT_RECORDED, ()
    return StepResult.NOT_REACHED, ()


def _found(items: list[ItemStory]) -> tuple[StepFinding, ...]:
    """Items of one reason together, in the order of the first of each."""
    reasons = list(dict.fromkeys((item.reason, item.outcome in GOES) for item in items))
    return tuple(
        StepFinding(
            goes=goes,
            items=tuple(i.item for i in items if (i.reason, i.outcome in GOES) == (reason, goes)),
            reason=reason,
        )
        for reason, goes in reasons
    )


def _event(decided: DisclosureDecided) -> str:
    disclosure = decided.request.disclosure
    items = ", ".join(str(item) for item in disclosure.items)
    return f"One {disclosure.mode} of {disclosure.emitter}: {items}, for {disclosure.purpose}."


def _amendments(decided: DisclosureDecided) -> str:
    request = decided.request
    if request.retracts_event_id is not None:
        return f"It declares that {request.retracts_event_id} never happened."
    if request.corrects_event_id is not None:
        return f"It corrects {request.corrects_event_id}."
    return "It corrects and retracts nothing."


def _role(decided: DisclosureDecided) -> str:
    recipient_id = decided.request.disclosure.recipient_id
    if decided.recipient_name is None:
        return f"No recipient of the registry has the id {recipient_id}."
    role = decided.recipient_role.replace("_", " ")
    return f"{decided.recipient_name} ({recipient_id}), in the category {decided.recipient_category}: {role}."


def _exemptions(decided: DisclosureDecided) -> str:
    disclosure = decided.request.disclosure
    if disclosure.wholly_outside_california:
        return "Everything about it was outside California."
    tagged = [f"{item} is tagged {item.exemption}" for item in disclosure.items if item.exemption]
    return f"{'; '.join(tagged)}." if tagged else "No item is tagged as exempt."


def _kind(decided: DisclosureDecided) -> str:
    disclosure = decided.request.disclosure
    conduct = [f"consideration {disclosure.consideration}"]
    conduct += ["for cross-context advertising"] if disclosure.cross_context_ads else []
    conduct += ["combined with other data"] if disclosure.combines_data else []
    conduct += [f"passed on to {disclosure.onward_recipient_id}"] if disclosure.onward_recipient_id else []
    return (
        f"Declared as {_words(disclosure.kind)} ({', '.join(conduct)}), found to be {_words(decided.kind)}."
    )


def _notice(decided: DisclosureDecided) -> str:
    collected_at = decided.request.collected_at
    in_force = (
        "No notice was in force."
        if decided.notice_id is None
        else f"The notice {decided.notice_id} was in force."
    )
    if collected_at is None:
        return in_force
    day = f"{collected_at:%Y-%m-%d}"
    refused = (
        " It is that one which does not declare it." if Flag.NOTICE_AT_COLLECTION in decided.flags else ""
    )
    return f"{in_force} The notice of {day}, when the data was collected, counts too.{refused}"


_FRESHNESS = {
    PreferenceState.CURRENT: "The person's choices were read up to the moment",
    PreferenceState.STALE: "The person's choices could not be read up to the moment",
    PreferenceState.UNAVAILABLE: "The person's choices could not be read",
}


def _state(decided: DisclosureDecided) -> str:
    disclosure = decided.request.disclosure
    found = _FRESHNESS.get(decided.preference_state, "How fresh the person's choices were is not known")
    if disclosure.mode is not Mode.REQUEST and decided.preference_state is not PreferenceState.CURRENT:
        found += ", and a report is judged by what is known"
    if disclosure.bought is not Bought.NOT_BOUGHT:
        found += f"; the data was bought {_words(disclosure.bought)}"
    if disclosure.acting_as is ActingAs.BROKER:
        found += "; we act as a data broker"
    return f"{found}."


def _of_sales(decided: DisclosureDecided) -> str:
    """Steps 8 and 9 ask of sales and sharing alone."""
    if decided.kind in _SOLD:
        return "It is a sale or sharing, so the question is asked."
    return f"It is no sale or sharing but {_words(decided.kind)}, so the question does not arise."


def _opt_outs(decided: DisclosureDecided) -> str:
    came = "" if decided.request.disclosure.signals == Signals() else " Signals came with the event itself."
    return f"{_of_sales(decided)}{came}{_named(decided)}"


def _limits(decided: DisclosureDecided) -> str:
    exception = decided.request.disclosure.limit_exception
    items = ", ".join(str(item) for item in decided.request.disclosure.items)
    purpose = f" The purpose is said to be {_words(exception)}." if exception else ""
    return f"What is disclosed: {items}.{purpose}{_named(decided)}"


def _named(decided: DisclosureDecided) -> str:
    return " What stood against it is told below." if decided.preference_event_ids else ""


def _elsewhere(decided: DisclosureDecided) -> str:
    residency = decided.request.disclosure.residency
    told = "says nothing" if residency is None else f"says {residency}"
    return f"Where the person lives: the event {told}; what the person's records say comes first."


def _contract(decided: DisclosureDecided) -> str:
    contract = "no contract" if decided.contract_id is None else f"the contract {decided.contract_id}"
    return f"It rests on {contract}."


def _words(code: str) -> str:
    return code.replace("_", " ")


_LOOKED_AT: Mapping[int, Callable[[DisclosureDecided], str]] = {
    1: _event,
    2: _amendments,
    3: _role,
    4: _exemptions,
    5: _kind,
    6: _notice,
    7: _state,
    8: _of_sales,
    9: _opt_outs,
    10: _limits,
    11: _elsewhere,
    12: _contract,
}
