"""Results of scenarios as text for people, JSON for programs and JUnit XML for build servers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import groupby
from typing import Any

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from disclosure_consumers.core.days.deadlines import CALIFORNIA
from disclosure_consumers.scenarios.running import Mismatch, Plain, ScenarioResult
from disclosure_consumers.scenarios.story import Step
from disclosure_ledger.answers.wording import explain

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def lines(results: Sequence[ScenarioResult]) -> Iterator[str]:
    """Every scenario that failed, then the count."""
    for result in results:
        if not result.passed:
            yield from _failed(result)
            yield ""
    yield f"{sum(r.passed for r in results)} passed, {sum(not r.passed for r in results)} failed"


def as_json(results: Sequence[ScenarioResult]) -> dict[str, Any]:
    """All results as one document."""
    return {
        "passed": sum(result.passed for result in results),
        "failed": sum(not result.passed for result in results),
        "scenarios": [
            {
                "id": result.story.id,
                "title": result.story.title,
                "file": result.story.file,
                "line": result.story.line(),
                "passed": result.passed,
                "broken": result.broken,
                "mismatches": [
                    {
                        "of": ".".join(mismatch.keys),
                        "line": result.story.line(*mismatch.keys),
                        "expected": mismatch.expected,
                        "got": mismatch.got,
                        "reason": mismatch.reason,
                        "variant": mismatch.variant or None,
                    }
                    for mismatch in result.mismatches
                ],
            }
            for result in results
        ],
    }


def as_junit(results: Sequence[ScenarioResult]) -> bytes:
    """One suite for each file, one case for each scenario."""
    report = JUnitXml("scenarios")
    for file, of_file in groupby(results, key=lambda result: result.story.file):
        suite = TestSuite(_clean(file))
        for result in of_file:
            case = TestCase(_clean(f"{result.story.id}: {result.story.title}"), classname=_clean(file))
            told = _clean("\n".join(_failed(result)))
            if result.broken is not None:
                error = Error(_clean(result.broken), type_="broken")
                error.text = told
                case.result = [error]
            elif result.mismatches:
                failure = Failure(_clean(_difference(result.mismatches[0])), type_="mismatch")
                failure.text = told
                case.result = [failure]
            suite.add_testcase(case)
        report.add_testsuite(suite)
    stream = BytesIO()
    report.write(stream)
    return stream.getvalue()


def _failed(result: ScenarioResult) -> Iterator[str]:
    story = result.story
    yield f"FAILED {story.id}: {story.title}"
    yield f"  {story.file}:{story.line()}" + (f"  {'; '.join(story.cites)}" if story.cites else "")
    if story.why:
        yield f"  why: {story.why}"
    if result.broken is not None:
        yield f"  the engine broke down, which is a fault of the program: {result.broken}"
    told = None
    for mismatch in result.mismatches:
        yield f"  line {story.line(*mismatch.keys)}: {_difference(mismatch)}"
        if mismatch.reason and mismatch.reason != told:
            told = mismatch.reason
            reason = explain(told)
            cited = f" ({reason.citation})" if reason.citation else ""
            yield f"      {told}: {reason.sentence}{cited}"
    yield "  what happened:"
    for position, step in enumerate(story.steps, 1):
        yield f"    {position}. {_told(step)}"


def _difference(mismatch: Mismatch) -> str:
    text = f"{'.'.join(mismatch.keys)}: expected {_flow(mismatch.expected)}, got {_flow(mismatch.got)}"
    return f"{text} ({mismatch.variant})" if mismatch.variant else text


def _told(step: Step) -> str:
    moment = (
        "without a time" if step.at is None else step.at.astimezone(CALIFORNIA).isoformat(timespec="auto")
    )
    name = f"{step.name}: " if step.name and "id" not in step.value else ""
    return f"{moment}  {name}{step.verb}: {_flow(step.value)}"


def _flow(value: Plain | Any) -> str:
    """A value in one line, as YAML writes it."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_flow(part)}' for key, part in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_flow(part) for part in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _clean(text: str) -> str:
    """Text without characters that XML cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)
