"""The whole life of three environments, played on one machine: `make demo`, or `python -m demo`."""
