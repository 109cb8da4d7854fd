"""OpenAI-compatible endpoints: where they are, what they can do, and how they are asked."""
