"""The order of steps: `up`, `down`, `sweep`. The only room that composes the others, through `ports`."""
