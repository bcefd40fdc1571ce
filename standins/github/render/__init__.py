"""Records as the JSON that GitHub publishes; each function is one of its schemas."""
