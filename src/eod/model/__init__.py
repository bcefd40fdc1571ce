"""Plain data that the rooms exchange. Nothing here has effects, and nothing here imports a room."""
