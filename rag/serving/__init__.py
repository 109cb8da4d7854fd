"""vLLM as a process of its own: its command line, its start and end, and where `rag ask` finds it."""
