"""`rag chat`: questions in a loop, each understood with the turns before it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cli.options import asking_options

if TYPE_CHECKING:
    from cli.streaming import Stream, Thinking
    from rag.answer import Answer
    from rag.chat import Conversation

HELP = (
    "/placement [SPEC]  show or set the placement · /sources  of the last answer · /context  of the last answer · /quit"
)


@asking_options
def chat(*, said: Mapping[str, Any]) -> None:
    """Ask in a loop, with follow-up questions.

    Follow-ups are rewritten so that they stand alone. Within the loop: /placement [SPEC], /sources, /context, /help,
    /quit. Ctrl-C ends an answer, Ctrl-D the loop.
    """
    from cli.asked import session, settings_of
    from cli.console import note
    from rag.chat import Conversation

    with session(settings_of(said), said) as opened:
        opened.say_who_answers()
        if not opened.answerer.follows_prompts:
            note("without a language model each question stands alone: follow-ups are not rewritten")
        note(HELP)
        conversation = Conversation(opened.index, opened.answerer, opened.asking)
        while (line := _read()) is not None:
            if line.startswith("/"):
                if line.split()[0] in ("/quit", "/exit"):
                    break
                _command(line, conversation)
            elif line:
                _question(line, conversation, opened.thinking)


def _read() -> str | None:
    """The next line, without surrounding space; empty after Ctrl-C; None at the end of input."""
    import sys

    from cli.console import stderr

    try:
        if sys.stdin.isatty():
            stderr().print("› ", style="bold cyan", end="")
        return input().strip()
    except EOFError:
        return None
    except KeyboardInterrupt:  # a line that is not wanted; Ctrl-D or /quit end the loop
        stderr().print()
        return ""


def _question(question: str, conversation: "Conversation", thinking: "Thinking") -> None:
    from cli.answers import show_end, show_sources
    from cli.console import note, warning
    from cli.streaming import Stream
    from indexes.errors import RequestError

    stream = Stream(thinking)
    try:
        answer = _answered(question, conversation, stream)
    except RequestError as error:
        warning(str(error))
    except KeyboardInterrupt:
        note("\nstopped; ask on, or /quit")
    else:
        stream.end(answer)
        show_sources(answer, conversation.index)
        show_end(answer)


def _answered(question: str, conversation: "Conversation", stream: "Stream") -> "Answer":
    from cli.console import note
    from cli.streaming import waiting
    from rag.answering import wait_for

    if conversation.history():
        with waiting("rewriting the follow-up ..."):
            standalone = conversation.standalone(question)
        if standalone != question:
            note(f"searching for: {standalone}")
            question = standalone
    stream.wait()
    try:
        return wait_for(conversation.ask(question), stream.show)
    finally:
        stream.close()


def _command(line: str, conversation: "Conversation") -> None:
    from cli.answers import draw_context, show_sources
    from cli.console import note, warning
    from indexes.errors import RequestError
    from rag.placement import parse_placement

    name, _, argument = line.partition(" ")
    last = conversation.answers[-1] if conversation.answers else None
    if name == "/placement":
        try:
            if argument:
                conversation.asking = replace(conversation.asking, placement=parse_placement(argument.strip()))
            note(f"placement {conversation.asking.placement}")
        except RequestError as error:
            warning(str(error))
    elif name not in ("/sources", "/context"):
        note(HELP)
    elif last is None:
        note("nothing has been asked yet")
    elif name == "/sources":
        show_sources(last, conversation.index)
    else:
        draw_context(last.context, conversation.index, to_stderr=False)
