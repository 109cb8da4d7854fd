from .arms import Arm as Arm
from .examples import Dataset as Dataset
from .examples import Example as Example
from .examples import Gold as Gold
from .scores import Score as Score
from .trials import Trial as Trial
