"""Opens an embedder by name: the built-in fake, a folder, the packaged default, or a model from the hub."""

import shutil
from pathlib import Path

from indexes.embedder.hashing import HashingEmbedder
from indexes.embedder.protocol import Embedder
from indexes.embedder.source import DEFAULT_EMBEDDER, canonical_name, check_packaged, find_model, fingerprint_of
from indexes.errors import IndexMismatchError, RequestError

__all__ = ["DEFAULT_EMBEDDER", "canonical_name", "open_embedder"]


def open_embedder(name: str = DEFAULT_EMBEDDER, *, cache: Path, fingerprint: str | None = None) -> Embedder:
    """The embedder `name`; exported to ``cache/embedders`` when it is first used, opened from there afterwards.

    Args:
        name: ``hashing``, a folder, or a name on the model hub (without an owner: sentence-transformers).
        cache: folder that keeps exports, shared by all indexes.
        fingerprint: that of the vectors in an existing index. Where its export is in the cache, neither the
            model's files are looked at nor torch is imported.

    Raises:
        IndexMismatchError: `name` is another model by now than that of the index.
        RequestError: no such model, damaged weights, or the cache cannot be written.
    """
    if name == "hashing":
        hashing = HashingEmbedder()
        _compare(name, hashing.spec.fingerprint, fingerprint)
        return hashing
    name, exports = canonical_name(name), cache / "embedders"
    if fingerprint and (known := _open_export(exports / fingerprint, name)):
        return known
    model = find_model(name)
    try:
        found = fingerprint_of(model, cache=exports)
        _compare(name, found, fingerprint)
        return _open_export(exports / found, name) or _export(model, exports / found, name)
    except OSError as error:
        raise RequestError(
            f"embedder {name!r}: cannot keep its export in {str(exports)!r} ({error.strerror or error}); "
            "free some space there or choose another cache folder"
        ) from error


def _compare(name: str, found: str, wanted: str | None) -> None:
    if wanted not in (None, found):
        raise IndexMismatchError(
            f"embedder {name!r} is not the model that the index was built with (fingerprint {found[:12]}, "
            f"wanted {str(wanted)[:12]}); name that model, or build the index anew: rag index --replace"
        )


def _open_export(folder: Path, name: str) -> Embedder | None:
    """The export in `folder`; None where there is none. One whose files have changed is removed.

    Raises:
        RequestError: it is as it was written, but cannot be opened.
    """
    if not (folder / "embedder.json").is_file():
        return None
    from indexes.embedder.onnx import OnnxEmbedder, is_damaged

    try:
        return OnnxEmbedder(folder, name=name)
    except Exception as error:  # damage, as a lack of memory, shows itself in errors of three libraries
        if not is_damaged(folder):
            raise RequestError(
                f"embedder {name!r} cannot be opened ({type(error).__name__}: {str(error).partition(chr(10))[0]}); "
                f"nothing in {str(folder)!r} has changed, so free some memory, or remove that folder, and try again"
            ) from error
        shutil.rmtree(folder, ignore_errors=True)
        return None


def _export(model: Path, folder: Path, name: str) -> Embedder:
    """Exports `model` to `folder`, where a note remembers a model that cannot be exported."""
    from indexes.embedder.export import ExportError, export
    from indexes.embedder.onnx import OnnxEmbedder
    from indexes.embedder.original import SentenceTransformersEmbedder

    check_packaged(model)
    try:
        original = SentenceTransformersEmbedder(model, name=name, fingerprint=folder.name)
    except Exception as error:  # torch and transformers raise whatever they like
        reason = str(error).strip().partition("\n")[0]
        raise RequestError(
            f"embedder {name!r}: {str(model)!r} cannot be loaded as a sentence-transformers model "
            f"({type(error).__name__}: {reason}); name another one"
        ) from error
    note = folder / "not-exported.txt"
    if note.is_file():
        original.note = note.read_text(encoding="utf-8")
        return original
    try:
        export(original, folder)
    except ExportError as error:
        original.note = f"embedder {name!r} runs without an export, so it starts slowly: {error}"
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(original.note, encoding="utf-8")
        return original
    return OnnxEmbedder(folder, name=name)
