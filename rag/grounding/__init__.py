"""What an answer and its thinking rest on: citations, evidence, and where the model looked."""
