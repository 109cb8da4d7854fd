"""A passage to draft about, and what a model may write about it."""

from indexes.passages import Passage

TEXT = (
    "The old lighthouse stands on a rock in the bay. It was built in 1862 by the engineer Ada Storm. "
    "Its lamp burns *olive oil* and shines for twenty miles. Every spring the keeper paints the door red."
)
PASSAGE = Passage("0" * 16, TEXT, "coast.md", "The coast", None, "The coast > Towers", 0, len(TEXT))
QUOTE = "It was built in 1862 by the engineer Ada Storm."
QUESTION = "Who built the lighthouse in the bay?"


def written(question: str = QUESTION, answer: str = "Ada Storm", quote: str = QUOTE) -> str:
    return f"Question: {question}\nAnswer: {answer}\nQuote: {quote}"


def passage(name: str) -> Passage:
    """A passage whose words are its own but for its frame; `about` asks about it."""
    words = " ".join(f"{name}{number}" for number in range(8))
    text = f"A first sentence holds {words}. The keeper of {name} is called Captain {name}sson."
    return Passage(name, text, f"{name}.md", name, None, None, 0, len(text))


def about(name: str) -> str:
    """A draft about `passage(name)` that passes all checks."""
    return written(f"What is the keeper of {name} called?", f"Captain {name}sson", passage(name).text.split(". ")[1])
