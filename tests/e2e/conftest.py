"""What pytest looks for here."""

from fixtures import picketd, talker, world  # noqa: F401
