"""What is wrong with a YAML file: one problem a line, and the one error that reports them together."""

from collections.abc import Sequence

from msgspec import Struct

from eod.errors import EodError


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong. `line` counts from 1; `fix` says what to write instead."""

    line: int
    what: str
    fix: str = ""


def raise_for(
    problems: Sequence[Problem], source: str, error: type[EodError], *, why: str = "", fix: str = ""
) -> None:
    """Raise one `error` that reports every problem with file and line; do nothing when there is none.

    Args:
        problems: What was found, in any order.
        source: The file as the user knows it.
        error: The class to raise.
        why: The cause that all problems share, if any.
        fix: What to do where a problem does not say so itself.
    """
    if not problems:
        return
    ordered = sorted(set(problems), key=lambda problem: (problem.line, problem.what))
    first = ordered[0]
    where = f"{source}:{first.line}"
    if len(ordered) == 1:
        raise error(first.what, why=why, fix=first.fix or fix, where=where)
    lines = [f"{source}:{problem.line}: {_sentence(problem)}" for problem in ordered]
    raise error(f"{len(ordered)} problems in this file.", detail="\n".join(lines), why=why, fix=fix, where=where)


def _sentence(problem: Problem) -> str:
    return f"{problem.what} {problem.fix}" if problem.fix else problem.what
