"""Local stand-ins for the services that an environment is built on."""
