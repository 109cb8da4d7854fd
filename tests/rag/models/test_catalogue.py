"""Tests of the catalogue."""

from rag.models.catalogue import known_model, models
from rag.sampling import Sampling


def test_the_catalogue_says_what_smollm2_is() -> None:
    smollm2 = models()["smollm2"]
    assert (smollm2.reasoning, smollm2.thinks, smollm2.context, smollm2.budget) == (False, "never", 8192, 1200)
    assert smollm2.sampling == Sampling(temperature=0.2, top_p=0.9, max_tokens=256)
    assert "tiny" in smollm2.description


def test_an_entry_is_found_by_its_name_and_its_hub_id() -> None:
    assert known_model("smollm2") is known_model("HuggingFaceTB/SmolLM2-135M-Instruct") is models()["smollm2"]
    assert known_model("gpt-x") is None


def test_the_catalogue_has_the_r1_distillations() -> None:
    distilled = [model for name, model in models().items() if name.startswith("r1-")]
    assert len(distilled) == 6
    for model in distilled:
        assert (model.hub_id or "").startswith("deepseek-ai/DeepSeek-R1-Distill-")
        assert (model.reasoning, model.thinks, model.context, model.package) == (True, "inside", 131072, None)
        assert model.sampling == Sampling(temperature=0.6, top_p=0.95)
        assert model.base
