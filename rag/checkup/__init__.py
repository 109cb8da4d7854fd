"""What `rag doctor` looks at: the machine, the model that would answer, its endpoint, the indexes."""
