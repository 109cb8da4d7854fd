"""`rag eval`: experiments on placement, evidence position, length and thinking, and their reports."""
