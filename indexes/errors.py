"""The one error tree of the project. Third-party errors are caught once, at their boundary, and re-raised as these.

```
RagError                  whatever `rag` itself raises; the message says what to do
├── RequestError          the request was wrong or could not start (exit status 2)
│   ├── UnknownNameError  a name that is not known; the message lists the known ones and the nearest
│   ├── IndexMissingError no such index, or none at all
│   ├── IndexDamagedError the files of an index do not match its manifest
│   ├── IndexMismatchError the index was built with another embedder or another cutting
│   ├── IndexBusyError    another process is writing the index
│   └── RunBusyError      another process is writing the run (in evaluation.store)
├── ServerGoneError       so many trials failed in a row that the server must be gone (in evaluation.running)
└── ExtractionError       one file could not be read as text; it is skipped and named
```
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RagError(Exception):
    """Base of all errors raised on purpose. The message says what was wanted, what was found, what to do."""


class RequestError(RagError):
    """The request was wrong or could not start: known without asking a model."""


class UnknownNameError(RequestError):
    """A name that is not known, among those that are.

    Attributes:
        known: the known names, sorted.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, hint: str = "") -> None:
        """Builds the message, e.g. ``unknown placement 'middel'; did you mean 'middle'? known: ...``.

        Args:
            kind: what is named, in the singular: "placement", "index", "model".
            name: the name that was asked for.
            known: the names there are.
            hint: a last sentence that says what to do.
        """
        self.known = tuple(sorted(known))
        close = get_close_matches(name, self.known, n=1, cutoff=0.5)
        nearest = f"did you mean {close[0]!r}? " if close else ""
        known_list = f"known: {', '.join(self.known)}" if self.known else "none is known"
        super().__init__(f"unknown {kind} {name!r}; {nearest}{known_list}{'; ' + hint if hint else ''}")


class IndexMissingError(RequestError):
    """There is no such index, or no index at all."""


class IndexDamagedError(RequestError):
    """The files of an index do not match its manifest."""


class IndexMismatchError(RequestError):
    """The index was built with another embedder or another cutting than the one asked for."""


class IndexBusyError(RequestError):
    """Another process is writing the index."""


class ExtractionError(RagError):
    """One file could not be read as text; the message is the reason, without the file's name."""
