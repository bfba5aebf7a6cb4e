"""Notices when this machine has no time for somebody: what was seen then proves nothing."""

import http.client
import json
import threading
import time

import watcher as watchers_of

# Longer than anything takes that is not kept from running.
SLOW = 1.5


class Canary(threading.Thread):
    """Asks again and again, and tells `truth` of each time that it took long."""

    def __init__(self, who, ask, truth):
        super().__init__(daemon=True)
        self.who, self.ask, self.truth = who, ask, truth
        self.is_over = threading.Event()
        self.stalls = 0
        self.start()

    def run(self):
        while not self.is_over.wait(0.5):
            begin = time.monotonic()
            try:
                self.ask()
            except (OSError, http.client.HTTPException, json.JSONDecodeError, AssertionError):
                continue  # It is just being ended or started.
            end = time.monotonic()
            if end - begin > SLOW:
                self.stalls += 1
                self.truth.stall(self.who, begin - watchers_of.TIMEOUT, end + SLOW)

    def stop(self):
        self.is_over.set()
