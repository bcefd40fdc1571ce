"""What can go wrong with the testbed itself, said so that the reader knows what to do."""


class TestbedError(Exception):
    """The testbed cannot be built, started or stopped; the message says why and what to do."""

    __test__ = False
