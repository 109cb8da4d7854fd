"""What a check found as JUnit's XML: a test case for each question, and one for the verdict."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from xml.etree import ElementTree as ET

from evaluation.check.outputs.words import broken_assertions, headline, lost_and_decided, sections
from evaluation.check.values import Checked, Outcome
from evaluation.report.plain import plain

SUITE = "rag check"
VERDICT = "rag-check"
QUESTIONS = "rag-check.questions"
_NO_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference."""


class _Ending(NamedTuple):
    """What a test case holds unless it passed.

    Attributes:
        kind: the short name of what went wrong.
        message: one line.
        details: further lines.
    """

    element: Literal["failure", "error", "skipped"]
    kind: str
    message: str
    details: tuple[str, ...] = ()


class _Case(NamedTuple):
    """A test case: its class, its name, what it took, and what it holds unless it passed."""

    kind: str
    name: str
    seconds: float
    ending: _Ending | None


def junit(checked: Checked, *, exit_status: int) -> str:
    """A document of one suite. A question fails where a regressed metric lost it or an assertion is broken.

    It is an error that a reply failed by infrastructure, and skipped is what could not be compared; the case "verdict"
    fails where the check regressed and is an error where it is inconclusive. The suite's time is of its writing, UTC.

    Args:
        checked: what was found.
        exit_status: of the command; where that excuses an inconclusive verdict, it is skipped.
    """
    endings = _endings(checked)
    cases = [_Case(QUESTIONS, one.id, _seconds(one), endings.get(one.id)) for one in checked.current.outcomes]
    cases.append(_Case(VERDICT, "verdict", 0.0, _verdict(checked, exit_status)))
    return _document(cases, checked.verdict, _text(_said(checked)))


def junit_of_error(message: str) -> str:
    """A document of a check that could not be done: the case "verdict" is an error that says why."""
    return _document([_Case(VERDICT, "verdict", 0.0, _Ending("error", "refused", message))], "none", _text([message]))


def _document(cases: Sequence[_Case], verdict: str, said: str) -> str:
    found = [one.ending.element for one in cases if one.ending is not None]
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "id": "0",
            "name": SUITE,
            "package": VERDICT,
            "tests": str(len(cases)),
            "failures": str(found.count("failure")),
            "errors": str(found.count("error")),
            "skipped": str(found.count("skipped")),
            "time": _decimal(sum(one.seconds for one in cases)),
            "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": "localhost",
        },
    )
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", {"name": "verdict", "value": verdict})
    for one in cases:
        shown = {"classname": one.kind, "name": _attribute(one.name), "time": _decimal(one.seconds)}
        case = ET.SubElement(suite, "testcase", shown)
        if one.ending is not None:
            _end(case, one.ending)
    ET.SubElement(suite, "system-out").text = said
    ET.SubElement(suite, "system-err")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _endings(checked: Checked) -> Mapping[str, _Ending]:
    """By id, what became of the questions that did not pass; what is worst of each."""
    found: dict[str, _Ending] = {}
    added = set(checked.baseline.added) if checked.baseline else set()
    most = max((len(outcome.replies) for outcome in checked.current.outcomes), default=0)
    for outcome in checked.current.outcomes:
        if checked.baseline is None or outcome.id in added:
            found[outcome.id] = _Ending("skipped", "not-compared", "no baseline for it")
        if checked.unasked and len(outcome.replies) < max(most, 1):
            found[outcome.id] = _Ending("skipped", "not-asked", "out of time before it was asked")
        errors = [reply.error or "it failed" for reply in outcome.replies if reply.finish == "failed"]
        if errors:
            message = f"{len(errors)} of {len(outcome.replies)} replies failed: {errors[0]}"
            found[outcome.id] = _Ending("error", "infrastructure", message, tuple(dict.fromkeys(errors)))
    failures: dict[str, list[tuple[str, str]]] = {}
    for name, where in lost_and_decided(checked).items():
        failures[name] = [("lost", f"lost: {one}") for one in where]
    for one in broken_assertions(checked):
        failures.setdefault(one.question, []).append(("assertion", f"wanted: {one.wanted}; found: {one.found}"))
    questions = {outcome.id: outcome.question for outcome in checked.current.outcomes}
    for name, broken in failures.items():
        messages = [message for _, message in broken]
        details = (questions.get(name, ""), *messages)
        found[name] = _Ending("failure", broken[0][0], "; ".join(messages), details)
    return found


def _verdict(checked: Checked, exit_status: int) -> _Ending | None:
    broken = bool(broken_assertions(checked))
    if checked.verdict == "pass":
        return None
    element: Literal["failure", "error", "skipped"] = "failure"
    if checked.verdict == "inconclusive" and not broken:
        element = "error" if exit_status else "skipped"
    return _Ending(element, checked.verdict, headline(checked))


def _said(checked: Checked) -> Iterable[str]:
    yield headline(checked)
    for section in sections(checked):
        yield f"{section.title}:"
        yield from (f"  {line}" for line in section.lines)


def _end(case: ET.Element, ending: _Ending) -> None:
    element = ET.SubElement(case, ending.element, {"type": ending.kind, "message": _attribute(ending.message)})
    element.text = _text(plain(line) for line in ending.details) or None


def _seconds(outcome: Outcome) -> float:
    known = [reply.seconds for reply in outcome.replies if reply.seconds is not None]
    return math.fsum(one for one in known if math.isfinite(one) and one > 0)


def _decimal(seconds: float) -> str:
    return f"{seconds:.3f}"


def _attribute(text: str) -> str:
    return _NO_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", plain(text))


def _text(lines: Iterable[str]) -> str:
    return _NO_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", "\n".join(lines))
