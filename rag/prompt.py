"""The prompt: messages made from a question, a context and a template file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Literal

from indexes.errors import UnknownNameError
from indexes.passages import Passage
from rag.context import Context
from rag.grounding.labels import find_marks
from rag.neutral import neutralise
from rag.refusal import REFUSAL

Layout = Literal["question_after", "question_before", "question_both"]
"""Where the question stands: after the passages, before them, or on both sides."""


CITED = "cited"
"""The usual template."""
CLOSED_BOOK = "closed_book"
"""The template that asks for what the model knows by itself, without any passage."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message.

    Attributes:
        role: "user" or "assistant"; instructions stand in the user turn, because R1-distilled models want no system
            prompt.
    """

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to a model.

    Attributes:
        messages: oldest first; the last is the user's.
        question: as asked (stand-alone form), not neutralised; answerers without a language model read it.
        template: name of the template.
        template_hash: SHA-256 (hex) of the template file, recorded with every run.
        grammar: in GBNF, what the answer must follow where the server can constrain it; None: whatever it likes.
        brief: a line is wanted, without any thinking before it.
    """

    messages: tuple[Message, ...]
    question: str
    template: str
    template_hash: str
    grammar: str | None = None
    brief: bool = False


def build_prompt(
    question: str,
    context: Context,
    *,
    template: str = CITED,
    layout: Layout = "question_after",
    history: Sequence[Message] = (),
) -> Prompt:
    """The prompt that asks `question` over the passages of `context`, all in one user turn after the history.

    Passages are labelled by position, never by rank or score. Whatever the template did not write is neutralised.

    Args:
        question: in a form that stands alone.
        context: the passages in the order in which they are to be read.
        template: name of a file in ``rag/templates``.
        layout: where the question stands.
        history: earlier turns, oldest first: the questions, and the answers without their thinking.

    Raises:
        UnknownNameError: no such template.
    """
    passages = "".join(render_passage(slot.ranked.passage, slot.position) for slot in context.slots)
    asked = _tagged("question", neutralise(question))
    blocks = [asked]
    if context.slots:
        block = _tagged("passages", passages.rstrip())
        blocks = {
            "question_after": [block, asked],
            "question_before": [asked, block],
            "question_both": [asked, block, asked],
        }[layout]
    return _prompt(question, template, blocks, tuple(_earlier(message) for message in history))


def standalone_prompt(question: str, history: Sequence[Message]) -> Prompt:
    """The prompt that asks for `question`, a follow-up in the conversation `history`, so that it stands alone."""
    turns = (f"{message.role.capitalize()}: {_earlier(message).content}" for message in history)
    blocks = [_tagged("conversation", "\n\n".join(turns)), _tagged("question", neutralise(question))]
    return replace(_prompt(question, "standalone", blocks, ()), brief=True)


def draft_prompt(passage: Passage) -> Prompt:
    """The prompt that asks for a question that `passage` answers, with the answer and a quote that holds it."""
    unlabelled = render_passage(passage, 1).removeprefix("[1]").strip()
    return _prompt("", "draft", [_tagged("passage", unlabelled)], ())


def render_passage(passage: Passage, label: int) -> str:
    """The passage as it stands in the prompt, up to the next one: label, title and headings, text."""
    title, heading = passage.title, passage.heading or ""
    name = heading if heading.startswith(title) else " > ".join(filter(None, [title, heading]))
    header = f"[{label}] {neutralise(' '.join(name.split()))}".rstrip()
    return f"{header}\n{neutralise(passage.text.strip())}\n\n"


def _prompt(question: str, template: str, blocks: list[str], earlier: tuple[Message, ...]) -> Prompt:
    folder = files("rag") / "templates"
    known = [file.name.removesuffix(".txt") for file in folder.iterdir() if file.name.endswith(".txt")]
    if template not in known:
        raise UnknownNameError("template", template, known)
    raw = (folder / f"{template}.txt").read_bytes()
    content = Template(raw.decode()).substitute(refusal=REFUSAL, blocks="\n\n".join(blocks)).strip()
    return Prompt((*earlier, Message("user", content)), question, template, sha256(raw).hexdigest())


def _tagged(tag: str, content: str) -> str:
    return f"<{tag}>\n{content}\n</{tag}>"


def _earlier(message: Message) -> Message:
    """An earlier turn, neutralised; an answer loses its citations, whose labels now mean other passages."""
    content = message.content
    if message.role == "assistant":
        for mark in reversed(find_marks(content)):
            content = content[: mark.start].rstrip() + content[mark.end :]
    return Message(message.role, neutralise(content))
