"""What pytest looks for here: the houses and servers are those of the end-to-end tests."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from fixtures import picketd, talker, world  # noqa: E402, F401
from sink import sink  # noqa: E402, F401
