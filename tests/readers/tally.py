"""Counts checks: one line each, the failures again at the end."""

import sys


class Tally:
    """What passed and what failed so far."""

    def __init__(self):
        self.passed = 0
        self.failed = []

    def check(self, name, is_met, detail=""):
        """Notes one check; `detail` says what was found when it is not met."""
        if is_met:
            self.passed += 1
            print(f"ok    {name}")
        else:
            self.failed.append(name)
            print(f"FAIL  {name}: {detail}")

    def same(self, name, found, expected):
        """Notes whether two values are equal."""
        self.check(name, found == expected, f"found {found!r}, expected {expected!r}")

    def empty(self, name, rows):
        """Notes whether a list of differences is empty; shows the first few."""
        self.check(name, not rows, f"{len(rows)} differences, first {rows[:3]!r}")

    def finish(self):
        """Prints the sum and ends the program: 0 when all passed, 1 otherwise."""
        print(f"{self.passed} passed, {len(self.failed)} failed")
        sys.exit(1 if self.failed else 0)
