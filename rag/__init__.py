"""From a question to an answer that rests on passages in a chosen order. The public names are in `__init__.pyi`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
