"""`rag check`: a regression gate over your own questions, for CI."""
