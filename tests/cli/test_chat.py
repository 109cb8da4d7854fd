import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.cli.scripted import Body, scripted, thinking

Rag = Callable[..., Outcome]


@pytest.fixture
def chat(rag: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Runs `rag chat` over one document with the given lines typed."""
    (project / "docs").mkdir()
    (project / "docs" / "france.md").write_text("# France\n\nThe capital of France is Paris. It lies on the Seine.\n")
    assert rag("index", "docs", "--embedder", "hashing").status == 0

    def run(*lines: str, options: tuple[str, ...] = ()) -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
        return rag("chat", *options)

    return run


def test_questions_are_answered_until_quit(chat: Callable[..., Outcome]) -> None:
    outcome = chat("What is the capital of France?", "/quit", "never asked")
    assert outcome.status == 0
    assert outcome.out.count("Paris") >= 1
    assert "never asked" not in outcome.out


def test_end_of_input_ends_the_loop(chat: Callable[..., Outcome]) -> None:
    outcome = chat("What is the capital of France?")
    assert outcome.status == 0
    assert outcome.out.startswith("The capital of France is Paris.")


def test_a_follow_up_is_rewritten_without_thinking_and_asked_with_the_turns_before(
    chat: Callable[..., Outcome],
) -> None:
    def said(body: Body) -> str:
        prompt = body["messages"][-1]["content"]
        if "Rewrite the question" in prompt:
            return "On which river does Paris lie?"
        return "The Seine [1]." if "river does Paris lie" in prompt else "Paris [1]."

    with scripted(thinking(said)) as server:
        outcome = chat("What is the capital of France?", "its river?", options=("--base-url", server.url))
    assert outcome.status == 0
    assert outcome.out.index("Paris [1].") < outcome.out.index("The Seine [1].")
    assert "searching for: On which river does Paris lie?" in outcome.err
    first, rewriting, second = server.streamed
    assert (rewriting["max_tokens"], rewriting["thinking_token_budget"]) == (128, 0)
    assert first["max_tokens"] == second["max_tokens"] > 128
    assert "thinking_token_budget" not in second
    assert [message["role"] for message in second["messages"]] == ["user", "assistant", "user"]
    assert second["messages"][1]["content"] == "Paris."


def test_without_a_language_model_it_says_that_follow_ups_are_not_rewritten(chat: Callable[..., Outcome]) -> None:
    assert "follow-ups are not rewritten" in chat("/quit").err


def test_placement_can_be_changed_and_a_wrong_one_does_not_end_the_loop(chat: Callable[..., Outcome]) -> None:
    outcome = chat("/placement middel", "/placement middle", "capital of France?", "/context")
    assert "did you mean 'middle'?" in outcome.err
    assert "placement middle" in outcome.err
    assert "middle" in outcome.out


def test_sources_and_context_before_any_question_say_so(chat: Callable[..., Outcome]) -> None:
    assert chat("/sources", "/context").err.count("nothing has been asked yet") == 2


def test_unknown_command_shows_the_known_ones(chat: Callable[..., Outcome]) -> None:
    assert chat("/help").err.count("/placement") == 2


def test_empty_lines_are_ignored_and_a_wrong_question_does_not_end_the_loop(chat: Callable[..., Outcome]) -> None:
    outcome = chat("", "   ", "capital of France?")
    assert (outcome.status, "Paris" in outcome.out) == (0, True)
