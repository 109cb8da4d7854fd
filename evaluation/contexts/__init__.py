"""From a dataset to what each arm reads: candidates ranked once, evidence found, distractors, contexts."""
