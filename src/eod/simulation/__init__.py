"""What past changes would have waited and cost, under these tiers and under others. Pure."""

from eod.simulation.report import Simulation, simulate

__all__ = ["Simulation", "simulate"]
