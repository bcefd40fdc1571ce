"""Terraform and OpenTofu: plan, apply and destroy one environment, retry what may pass, lose nothing."""

from eod.model.fault import FaultClass
from eod.terraform.drain import DrainEnd, DrainReport, drain
from eod.terraform.faults import Fault, FaultRule, classify
from eod.terraform.runner import TerraformRunner
from eod.terraform.saving import saver
from eod.terraform.settings import Settings

__all__ = [
    "DrainEnd",
    "DrainReport",
    "Fault",
    "FaultClass",
    "FaultRule",
    "Settings",
    "TerraformRunner",
    "classify",
    "drain",
    "saver",
]
