"""Makes a small real model with R1's think tags and chat template out of SmolLM2-135M-Instruct, for vLLM.

Runs in the environment of vLLM: ``.venv-vllm/bin/python tests/vllm/make_model.py GGUF FOLDER``. The weights are
SmolLM2's, so the model answers a little and thinks badly; its tokens and its template behave as R1's do.
"""

import sys
from pathlib import Path
from typing import Any

USER, ASSISTANT = "<｜User｜>", "<｜Assistant｜>"
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message.role == 'user' %}" + USER + "{{ message.content }}"
    "{% elif message.role == 'assistant' %}" + ASSISTANT + "{{ message.content.split('</think>')[-1] }}{{ eos_token }}"
    "{% else %}{{ message.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}" + ASSISTANT + "<think>\n{% endif %}"
)


def main(gguf: Path, folder: Path) -> None:
    """Writes tokenizer and weights in float32 to `folder`, which is complete once ``config.json`` is there."""
    import torch
    from transformers import AddedToken, AutoModelForCausalLM, AutoTokenizer

    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    tokenizer = AutoTokenizer.from_pretrained(**source)
    model: Any = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    model.hf_quantizer = None
    model.is_quantized = False
    del model.config.quantization_config
    # as special tokens the think tags would be stripped from the text, and no parser would see them
    tags = [AddedToken(tag, special=False, normalized=False) for tag in ("<think>", "</think>")]
    roles = [AddedToken(role, special=True, normalized=False) for role in (USER, ASSISTANT)]
    tokenizer.add_tokens(tags)
    tokenizer.add_tokens(roles, special_tokens=True)
    tokenizer.chat_template = TEMPLATE
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    model.config.tie_word_embeddings = False
    model.lm_head.weight = torch.nn.Parameter(model.get_input_embeddings().weight.detach().clone())
    line_end = tokenizer.encode("\n", add_special_tokens=False)[0]
    with torch.no_grad():
        for token in (*tags, *roles):
            row = tokenizer.convert_tokens_to_ids(token.content)
            for weights, share in ((model.get_input_embeddings().weight, 1.0), (model.lm_head.weight, 0.5)):
                weights[row] = weights[line_end] * share  # read as a line's end, and hardly ever written unasked
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
