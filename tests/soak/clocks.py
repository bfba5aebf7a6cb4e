"""From the stamps of a daemon, whose clock may be turned, to time that only goes on."""

import datetime
import functools
import time


@functools.lru_cache(maxsize=4096)
def minute_of(text):
    return datetime.datetime.fromisoformat(text + ":00+00:00").timestamp()


def seconds_of(stamp):
    """Of 2026-11-22T10:00:00.000Z, since 1970."""
    return minute_of(stamp[:16]) + float(stamp[17:-1])


class Clock:
    """Whose wall clock was so much ahead, and when."""

    def __init__(self):
        self.ahead = 0
        # Since when at the earliest, until when at the latest, and how far.
        self.spans = [[float("-inf"), float("inf"), 0]]

    def turn(self, ahead, before, after):
        self.ahead = ahead
        self.spans[-1][1] = after
        self.spans.append([before, float("inf"), ahead])

    def monotonic(self, stamp, near):
        """When it was: of all times that it may be, the one next to `near`."""
        real = seconds_of(stamp) - (time.time() - time.monotonic())
        # A stamp is cut to milliseconds, and the two clocks drift a little.
        times = [real - ahead for since, until, ahead in self.spans
                 if since - 0.1 <= real - ahead <= until + 0.1]
        return min(times, key=lambda one: abs(one - near), default=real - self.ahead)

    def forget(self, until):
        self.spans = [span for span in self.spans if span[1] > until]
