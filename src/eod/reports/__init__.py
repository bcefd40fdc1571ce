"""What people see of a run: comment, job summary, annotations, outputs, terminal; all made from `Outcome`."""
