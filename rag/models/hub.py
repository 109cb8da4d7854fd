"""One file of the model hub: what the hub says of it, and the file itself, so that a stopped download goes on.

Where the hub is and where its files are kept is huggingface_hub's own business (HF_ENDPOINT, HF_HOME). Its downloads
begin anew when they are stopped; so the file is put into its cache here, and it only has to link it.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from indexes.errors import RagError, RequestError

if TYPE_CHECKING:
    from rag.models.catalogue import Gguf

Progress = Callable[[str, int, int], None]
"""Takes what is counted, how many are done, of how many."""

_LATER = (408, 429)
"""Statuses that speak of the request and yet go away: too slow, too often."""


@dataclass(frozen=True, slots=True)
class Build:
    """What the hub says of a file.

    Attributes:
        repo: where it is.
        file: its name there.
        commit: the version of `repo` that was looked at.
        sha256: its checksum, in hex.
        bytes: its size.
        licence: as the repository's card names it; None where it does not.
    """

    repo: str
    file: str
    commit: str
    sha256: str
    bytes: int
    licence: str | None


def describe(gguf: "Gguf", *, endpoint: str | None = None) -> Build:
    """Asks the hub about a file.

    Args:
        gguf: the file.
        endpoint: where the hub is; None: as huggingface_hub is set up.

    Raises:
        RequestError: the hub could not be reached, does not have it, or keeps it from strangers.
    """
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint)
    with _translated(gguf.repo, api.endpoint):
        info = api.model_info(gguf.repo, files_metadata=True)
    found = next((one for one in info.siblings or () if one.rfilename == gguf.file), None)
    if found is None:
        raise RequestError(f"{gguf.repo!r} on the hub has no file {gguf.file!r}; correct the catalogue entry")
    if found.lfs is None or info.sha is None:
        raise RequestError(f"the hub names no checksum for {gguf.file!r} of {gguf.repo!r}; choose another build")
    licence = info.card_data.license if info.card_data else None
    return Build(gguf.repo, gguf.file, info.sha, found.lfs.sha256, found.lfs.size, licence and str(licence))


def fetch(
    build: Build, *, progress: Progress | None = None, endpoint: str | None = None, cache: Path | None = None
) -> Path:
    """The file, checked; downloaded unless it is in the cache. What a stopped download has fetched stays for the next.

    Args:
        build: as `describe` gave it.
        progress: told of every few megabytes.
        endpoint: where the hub is; None: as huggingface_hub is set up.
        cache: the folder of huggingface_hub's cache; None: as it is set up.

    Raises:
        RequestError: no room, or another process downloads it.
        RagError: the download stopped, or the file is not what the hub said.
    """
    from filelock import FileLock, Timeout
    from huggingface_hub import HfApi, constants, hf_hub_download
    from huggingface_hub.file_download import repo_folder_name

    endpoint = HfApi(endpoint=endpoint).endpoint
    root, name = Path(cache or constants.HF_HUB_CACHE), repo_folder_name(repo_id=build.repo, repo_type="model")
    blobs, locks = root / name / "blobs", root / ".locks" / name
    blob, part = blobs / build.sha256, blobs / f"{build.sha256}.incomplete"
    with _translated(build.repo, endpoint, downloading=True):
        blobs.mkdir(parents=True, exist_ok=True)
        locks.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(locks / f"{build.sha256}.lock", timeout=0):  # huggingface_hub's own lock for this file
                if not blob.exists():
                    _download(build, part, progress, endpoint)
                    _check(build, part)
                    part.replace(blob)
                else:
                    _check(build, blob)
        except Timeout as error:
            raise RequestError(f"another process is fetching {build.file!r}; wait until it is done") from error
        return Path(hf_hub_download(build.repo, build.file, revision=build.commit, endpoint=endpoint, cache_dir=cache))


def _download(build: Build, part: Path, progress: Progress | None, endpoint: str) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented there

    if part.exists() and part.stat().st_size > build.bytes:
        part.unlink()  # not the beginning of this file
    with part.open("ab") as file:
        done = file.tell()
        free = shutil.disk_usage(part.parent).free
        if build.bytes - done > free:
            raise RequestError(
                f"{build.file!r} needs {_gb(build.bytes - done)} of disk, {str(part.parent)!r} has {_gb(free)} left; "
                "make room, or set HF_HOME to a folder on a larger disk"
            )
        http_get(
            hf_hub_url(build.repo, build.file, revision=build.commit, endpoint=endpoint),
            file,
            resume_size=done,
            headers=build_hf_headers(),
            expected_size=build.bytes,
            tqdm_class=_bar(progress, build.bytes),
        )


def _check(build: Build, path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != build.sha256:
        path.unlink()
        raise RagError(
            f"{build.file!r} was spoilt on its way: its SHA-256 should be {build.sha256}, is {found}; it was removed, "
            "so pull it again"
        )


def _bar(progress: Progress | None, total: int) -> Any:
    """What huggingface_hub takes in place of its own progress bar."""

    class Bar:
        def __init__(self, *, initial: int = 0, **_: object) -> None:
            self._done = initial
            self.update(0)

        def update(self, more: int) -> None:
            self._done += more
            if progress:
                progress("MB", self._done // 10**6, total // 10**6)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    return Bar


@contextmanager
def _translated(repo: str, endpoint: str, *, downloading: bool = False) -> Iterator[None]:
    """Raises the errors of huggingface_hub, and of what it stands on, as ours."""
    from huggingface_hub import errors

    kind = RagError if downloading else RequestError
    again = "the same command goes on from there" if downloading else "try again later"
    try:
        yield
    except errors.GatedRepoError as error:
        raise RequestError(
            f"the hub gives {repo!r} only to those who accept its licence; accept it there, then run `hf auth login`"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise RequestError(
            f"the hub has no {repo!r}, or does not show it to strangers; correct the catalogue entry, or run "
            "`hf auth login`"
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise RequestError(f"{repo!r} is not here and HF_HUB_OFFLINE forbids to fetch it; unset that") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        said = error.server_message or f"status {status}"
        ours = 400 <= status < 500 and status not in _LATER and not downloading
        remedy = "correct the catalogue entry, or HF_ENDPOINT" if ours else again
        raise kind(f"the hub at {endpoint} would not give {repo!r}: {said}; {remedy}") from error
    except (errors.HTTPError, errors.LocalEntryNotFoundError) as error:  # type: ignore[attr-defined]  # httpx2's
        why = str(error) or type(error).__name__
        raise kind(f"the hub at {endpoint} cannot be reached: {why}; check the network; {again}") from error
    except OSError as error:
        raise kind(f"{repo!r} could not be fetched: {error.strerror or error}; {again}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"{endpoint} does not answer about {repo!r} as a model hub does: {error}; check HF_ENDPOINT"
        ) from error


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
