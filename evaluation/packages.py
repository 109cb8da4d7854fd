"""The packages of the extra `eval`, which an evaluation needs beside those of the product."""

from importlib.util import find_spec

NEEDED = ("scipy", "statsmodels", "ir_measures", "altair", "vl_convert")


def check_packages(asker: str) -> None:
    """Refuses to begin where one is not installed.

    Args:
        asker: what needs them: "rag eval".

    Raises:
        RequestError: it names those that are missing, and how they are installed.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        from indexes.errors import RequestError

        raise RequestError(f"{asker} needs more packages ({', '.join(missing)}): pip install 'reasoning-rag[eval]'")
