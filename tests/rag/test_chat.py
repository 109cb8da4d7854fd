import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from indexes.build import build_index
from indexes.index import Index
from indexes.recipe import Recipe
from rag.answer import Answer, Reply
from rag.answering import wait_for
from rag.chat import Conversation
from rag.endpoints.answerer import EndpointAnswerer
from rag.opening import ModelChoice, open_answerer
from rag.sampling import Sampling
from rag.scripted import ScriptedAnswerer
from tests.rag.endpoints.servers import PROMPT, Server, collect


@pytest.fixture
def index(tmp_path: Path) -> Index:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "france.md").write_text("# France\n\nThe capital of France is Paris. It lies on the Seine.\n")
    build_index(tmp_path / "index", [docs], cache=tmp_path / "cache", recipe=Recipe(embedder="hashing"))
    return Index(tmp_path / "index", cache=tmp_path / "cache")


def turn(conversation: Conversation, question: str) -> Answer:
    return wait_for(conversation.ask(conversation.standalone(question)), lambda _: None)


def test_first_question_is_not_rewritten(index: Index) -> None:
    model = ScriptedAnswerer(["Paris [1]."])
    turn(Conversation(index, model), "What is the capital of France?")
    assert len(model.prompts) == 1


def test_follow_up_is_rewritten_with_the_turns_before(index: Index) -> None:
    model = ScriptedAnswerer(["Paris [1].", '"On which river does Paris lie?"', "The Seine [1]."])
    conversation = Conversation(index, model)
    turn(conversation, "What is the capital of France?")
    answer = turn(conversation, "On which river does it lie?")
    assert answer.question == "On which river does Paris lie?"
    assert "What is the capital of France?" in model.prompts[1].messages[-1].content
    assert [prompt.brief for prompt in model.prompts] == [False, True, False]
    assert [message.role for message in model.prompts[2].messages] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("server", "tokens"),
    [(Server(), 128), (Server(bounds=False), 128), (Server(kind="plain", bounds=False), Sampling().max_tokens)],
    ids=["budget of 0", "closed block", "cannot be left out"],
)
def test_a_brief_reply_has_no_thinking_and_few_tokens_unless_its_thinking_needs_them(
    server: Server, tokens: int
) -> None:
    _, reply = asyncio.run(collect(EndpointAnswerer(server.endpoint, "m"), replace(PROMPT, brief=True)))
    assert reply.text == "Blue."
    assert (reply.reasoning is None) == (tokens == 128)
    assert [asked.body["max_tokens"] for asked in server.asked if asked.body.get("stream")] == [tokens]


def test_conversation_goes_on_within_a_running_event_loop(index: Index) -> None:
    model = ScriptedAnswerer(["Paris [1].", "On which river does Paris lie?", "The Seine [1]."])
    conversation = Conversation(index, model)

    async def notebook() -> Answer:
        turn(conversation, "What is the capital of France?")
        return turn(conversation, "On which river does it lie?")

    answer = asyncio.run(notebook())
    assert (answer.question, answer.text) == ("On which river does Paris lie?", "The Seine [1].")


def test_thinking_is_never_fed_back(index: Index) -> None:
    model = ScriptedAnswerer([Reply("Paris [1].", "SECRET THOUGHT", "answered")])
    conversation = Conversation(index, model)
    turn(conversation, "capital of France?")
    turn(conversation, "and its river?")
    assert all("SECRET" not in message.content for prompt in model.prompts for message in prompt.messages)


@pytest.mark.parametrize("useless", ["", "word " * 400, Reply(None, "hm", "unfinished_thinking")])
def test_useless_rewriting_leaves_the_question_as_it_is(index: Index, useless: str | Reply) -> None:
    replies: list[Reply | str] = ["Paris [1].", useless or Reply(None, None, "empty")]
    conversation = Conversation(index, ScriptedAnswerer(replies))
    turn(conversation, "capital of France?")
    assert conversation.standalone("and its river?") == "and its river?"


def test_history_keeps_the_latest_turns_that_fit(index: Index) -> None:
    conversation = Conversation(index, ScriptedAnswerer(["long " * 300]))
    for number in range(5):
        wait_for(conversation.ask(f"capital {number}?"), lambda _: None)
    history = conversation.history()
    assert 0 < len(history) < 10
    assert history[-2].content == "capital 4?"


def test_answers_that_did_not_come_are_no_history(index: Index) -> None:
    conversation = Conversation(index, ScriptedAnswerer([Reply(None, None, "failed", error="died")]))
    wait_for(conversation.ask("capital?"), lambda _: None)
    assert conversation.history() == ()


def test_without_a_language_model_questions_stand_alone(index: Index) -> None:
    answerer = open_answerer(ModelChoice(), embedder=lambda: index.embedder)
    conversation = Conversation(index, answerer)
    turn(conversation, "capital of France?")
    assert conversation.history() == ()
    assert conversation.standalone("and its river?") == "and its river?"


def test_each_question_may_have_an_event_loop_of_its_own(index: Index) -> None:
    conversation = Conversation(index, ScriptedAnswerer(["a [1]"]))
    for _ in range(2):
        asyncio.run(anext(conversation.ask("capital?")))
