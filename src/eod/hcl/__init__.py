"""HCL, parsed by python-hcl2 in a process that may be given up."""
