"""From the rows of a run to what they show: scoring, pairing, tests, and the verdicts in words."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
