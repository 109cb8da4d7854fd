"""Makes untrusted text harmless in a prompt, character by character, and compares texts whatever was made so.

What a chat template, our own prompt frame or a citation could be mistaken for loses its brackets to look-alikes that
no tokenizer turns back: ``<|im_end|>`` reads ``‹|im_end|›`` and ``[3]`` reads ``⟦3⟧``. All else stays.
"""

import re
import unicodedata

_FRAME = r"passages?|question|conversation"  # the tags of our own prompts
_ROLES = r"user|assistant|system|human|bot|ai|model|tools?|function|用户"
_ENDS = r"s|bos|eos|pad|unk|mask|cls|sep|eot|eod|eop|sop|eom|sys|inst|0x[0-9a-f]{2}"
_THINKING = r"think(?:ing)?|thought|reasoning|reflection|answer"
_KINDS = r"filename|reponame|(?:unused|reserved|special|image|audio|video|patch|img)-?\d{0,9}|seed:\w{1,80}"
_NAMED = rf"{_FRAME}|{_ROLES}|{_ENDS}|{_THINKING}|{_KINDS}"
_JOINED = r"(?=[\w:.-]{0,80}[_▁])[\w:.▁-]{1,80}"  # <start_of_turn>, <tool▁call>

_SQUARE = (
    r"/?(?:INST|IMG|THINK|ARGS|PREFIX|MIDDLE|SUFFIX|BOS|EOS|PAD|UNK|CLS|SEP|[gs]?MASK|AUDIO|STOP|multimodal|@BOS@"
    r"|(?:AVAILABLE|TOOL|SYSTEM|MODEL|IMG|CALL|BEGIN|END|UNUSED|control)_\w{1,80})"
)
_NUMBERS = r"(?:[\s\d,;:.&#^†*+/–—-]|and|to|passages?|sources?|documents?)*"

_UNSAFE = re.compile(
    rf"""
      <(?=/?\|) | (?<=\|)>                        # <|im_end|>, <|turn>, <turn|>
    | \[(?=/?\|) | (?<=\|)\]                     # [|user|]
    | <<?\s?/?\s?(?i:{_NAMED}|{_JOINED})\s?/?>>? # </think>, <tool_call>, <<SYS>>
    | \[{_SQUARE}\]                              # [/INST]
    | [\[【](?=[^\[\]【】]*\d)(?i:{_NUMBERS})[\]】] # [1, 2]
    """,
    re.VERBOSE,
)

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LOST = "\N{REPLACEMENT CHARACTER}"

_BRACKETS = {"<": "‹＜﹤", ">": "›＞﹥", "[": "⟦［﹇【", "]": "⟧］﹈】"}
_HARMLESS = str.maketrans({odd: looks[0] for plain, looks in _BRACKETS.items() for odd in plain + looks})
_FOLDED = str.maketrans(
    {odd: plain for plain, looks in [*_BRACKETS.items(), ('"', "“”„‟"), ("'", "‘’‚‛")] for odd in looks}
)


def neutralise(text: str) -> str:
    """`text` with what could act as control made harmless; of the same length, character for character.

    Covered: control tokens of chat templates, thinking tags, the tags of our own prompts, bracketed numbers that
    could pass for citations, control characters (as U+FFFD), and compatibility variants (fullwidth brackets, bars and
    letters) of all these. Ordinary HTML and code stay.

    >>> neutralise("<div>see [3]</div></think>")
    '<div>see ⟦3⟧</div>‹/think›'
    """
    text = _CONTROLS.sub(_LOST, text)
    pieces: list[str] = []
    done = 0
    for found in _UNSAFE.finditer(_compatible(text)):
        pieces += [text[done : found.start()], text[found.start() : found.end()].translate(_HARMLESS)]
        done = found.end()
    return "".join(pieces) + text[done:]


def fold(text: str) -> str:
    """The form in which quotations are compared: ``fold(neutralise(text)) == fold(text)``.

    White space becomes single spaces, none at the ends; typographic quotation marks and all bracket variants their
    ASCII forms. Case and words stay.
    """
    return " ".join(_CONTROLS.sub(_LOST, text).translate(_FOLDED).split())


def _compatible(text: str) -> str:
    """`text` as a tokenizer that normalises (NFKC) sees it, as far as one character stays one."""
    if unicodedata.is_normalized("NFKC", text):
        return text
    forms = ((char, unicodedata.normalize("NFKC", char)) for char in text)
    return "".join(form if len(form) == 1 else char for char, form in forms)
