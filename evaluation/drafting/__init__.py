"""Drafts a question set from the user's own documents: a model writes, checks sort out, a person reviews."""

from evaluation.drafting.checks import WORDS, Reason
from evaluation.drafting.draft import Draft
from evaluation.drafting.drafting import Standing, draft_questions
from evaluation.drafting.file import DraftFile, open_drafts
from evaluation.drafting.sampling import Sample, sample

__all__ = [
    "WORDS",
    "Draft",
    "DraftFile",
    "Reason",
    "Sample",
    "Standing",
    "draft_questions",
    "open_drafts",
    "sample",
]
