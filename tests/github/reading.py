"""The GitHub runner's own reading of a log and of its files, after ActionCommand.cs and FileCommandManager.cs."""

import re

COMMANDS = frozenset(
    {
        *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice"),
        *("remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"),
    }
)


def obeyed(log):
    """Every command that a runner would obey in this log: (name, data).

    More suspicious than the real one: what is not printable ASCII counts for nothing, wherever it stands.
    """
    found, token = [], None
    for line in re.split(r"\r\n|\r|\n", log):
        parsed = _parse(line, COMMANDS | ({token} if token else set()))
        if parsed is None:
            continue
        name, data = parsed
        if token is not None:
            token = None if name == token else token
            continue
        if name == "stop-commands":
            token = data
        found.append((name, data))
    return found


def _parse(line, known):
    plain = "".join(c for c in line if "!" <= c <= "~" or c == " ").strip()
    new = re.match(r"::([^\s:]*)(?:\s[^:]*)?::(.*)", plain)
    if new and new[1].lower() in known:
        return new[1].lower(), _unescaped(new[2])
    old = re.search(r"#\s*#\s*\[([^\s\]]*)[^\]]*\](.*)", plain)
    if old and "##[" in plain and old[1].lower() in known:
        return old[1].lower(), old[2]
    return None


def _unescaped(text):
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def outputs(text):
    """What the runner makes of a GITHUB_OUTPUT file."""
    found, lines = {}, text.split("\n")
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        name, _, delimiter = line.partition("<<")
        assert "=" not in name
        assert delimiter
        end = lines.index(delimiter)
        found[name] = "\n".join(lines[:end])
        del lines[: end + 1]
    return found
