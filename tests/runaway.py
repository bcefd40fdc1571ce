"""How long is too long, whatever the machine does: what blows up takes hours, what is slow takes seconds."""

RUNAWAY_SECONDS = 60
