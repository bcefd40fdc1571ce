from tests.git.conftest import home, our_git, repository  # noqa: F401  # fixtures of the real git
