import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexes.embedder import source
from indexes.embedder.hashing import HashingEmbedder
from indexes.embedder.onnx import write_spec
from indexes.embedder.open import DEFAULT_EMBEDDER, canonical_name, open_embedder
from indexes.embedder.protocol import Embedder
from indexes.errors import IndexMismatchError, RequestError


def test_hashing_needs_no_cache(tmp_path: Path) -> None:
    assert open_embedder("hashing", cache=tmp_path).spec == HashingEmbedder().spec
    assert not list(tmp_path.iterdir())


def test_names_that_mean_the_same_model_are_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    assert canonical_name("all-MiniLM-L6-v2") == DEFAULT_EMBEDDER
    assert canonical_name("model") == str(tmp_path.resolve() / "model")
    assert canonical_name("hashing") == "hashing"


def test_an_export_opens_again_without_torch_and_without_the_model(minilm: Embedder, embedder_cache: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from indexes.embedder import open as opening
def fail(*_, **__): raise AssertionError("looked at the model")
opening.find_model = opening.fingerprint_of = fail
opening.open_embedder(cache=Path({str(embedder_cache)!r}), fingerprint={minilm.spec.fingerprint!r})
assert not {{"torch", "sentence_transformers", "transformers", "huggingface_hub"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_second_opening_exports_and_hashes_nothing(
    minilm: Embedder, embedder_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "file_sha256", lambda path: pytest.fail(f"hashed {path}"))
    assert open_embedder("all-MiniLM-L6-v2", cache=embedder_cache).spec == minilm.spec


def test_an_index_of_another_model_is_refused(minilm: Embedder, embedder_cache: Path) -> None:
    for name in ("hashing", DEFAULT_EMBEDDER):
        with pytest.raises(IndexMismatchError, match="rag index --replace"):
            open_embedder(name, cache=embedder_cache, fingerprint="0" * 64)


def test_a_damaged_export_is_made_anew(minilm: Embedder, embedder_cache: Path, tmp_path: Path) -> None:
    shutil.copytree(embedder_cache, tmp_path / "cache")
    graph = tmp_path / "cache" / "embedders" / minilm.spec.fingerprint / "model.onnx"
    graph.write_bytes(b"damaged")
    again = open_embedder(cache=tmp_path / "cache", fingerprint=minilm.spec.fingerprint)
    assert again.spec == minilm.spec
    assert graph.stat().st_size > 1_000


def test_an_export_that_is_whole_but_cannot_be_opened_is_left_alone(tmp_path: Path) -> None:
    """A graph that is no graph, but has the checksum it was written with, stands for a lack of memory."""
    folder = tmp_path / "embedders" / "f"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.onnx").write_bytes(b"as it was written")
    write_spec(folder, HashingEmbedder().spec)
    with pytest.raises(RequestError, match=r"cannot be opened .*nothing in .* has changed"):
        open_embedder("all-MiniLM-L6-v2", cache=tmp_path, fingerprint="f")
    assert (folder / "model.onnx").exists()


def test_an_unknown_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(RequestError, match="'nobody/no-such-model' is neither a folder nor to be had"):
        open_embedder("nobody/no-such-model", cache=tmp_path)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"no \*\.safetensors weights"):
        open_embedder(str(tmp_path), cache=tmp_path)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"")
    with pytest.raises(RequestError, match="cannot be loaded as a sentence-transformers model"):
        open_embedder(str(model), cache=tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"")
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(RequestError, match=r"cannot keep its export in .*choose another cache folder"):
        open_embedder(str(model), cache=tmp_path / "cache")


def test_changed_weights_in_the_package_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other")
    monkeypatch.setattr(source, "_packaged", lambda: tmp_path / "model")
    with pytest.raises(RequestError, match=r"not the published ones .* pip install --force-reinstall"):
        open_embedder(cache=tmp_path / "cache")
