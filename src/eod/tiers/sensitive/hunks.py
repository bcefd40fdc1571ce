"""Which changed lines stand together."""

from msgspec import Struct

from eod.tiers.lines import Lines


class Hunk(Struct, frozen=True):
    """How many lines go and come in one place."""

    removed: int
    added: int


def hunks_of(lines: Lines) -> tuple[list[Hunk], list[Hunk]]:
    """The hunk of each removed and of each added line."""
    old = [line.number for line in lines.removed]
    new = [line.number for line in lines.added]
    of_old: list[Hunk] = []
    of_new: list[Hunk] = []
    here, there = 1, 1
    while len(of_old) < len(old) or len(of_new) < len(new):
        gone, come = _run(old, len(of_old), here), _run(new, len(of_new), there)
        if gone or come:
            hunk = Hunk(gone, come)
            of_old += [hunk] * gone
            of_new += [hunk] * come
            here, there = here + gone, there + come
            continue
        ahead = [each for each in (_gap(old, len(of_old), here), _gap(new, len(of_new), there)) if each > 0]
        step = min(ahead, default=0)
        if not step:
            # Lines that were compared without their order have no hunks.
            of_old += [Hunk(1, 1)] * (len(old) - len(of_old))
            of_new += [Hunk(1, 1)] * (len(new) - len(of_new))
            break
        here, there = here + step, there + step
    return of_old, of_new


def _run(numbers: list[int], at: int, number: int) -> int:
    count = 0
    while at + count < len(numbers) and numbers[at + count] == number + count:
        count += 1
    return count


def _gap(numbers: list[int], at: int, number: int) -> int:
    return numbers[at] - number if at < len(numbers) else 0
