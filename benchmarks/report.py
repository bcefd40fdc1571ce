"""The measurement as text for people and as data for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.score import ENOUGH_AGREEMENT, MOST_TOO_LIGHT, Answer, Score, Share, misses

_SHOWN = 4


def as_text(score: Score, answers: Sequence[Answer], *, with_misses: bool) -> str:
    """A table by label, times, the verdict, and the misses if wanted."""
    return "\n".join([*_table(score), *_times(score), *(_misses(answers) if with_misses else ())])


def as_document(score: Score, answers: Sequence[Answer]) -> dict[str, Any]:
    """Everything, as plain data that any JSON writer takes."""
    return {
        "good_enough": score.good_enough,
        "overall": _share(score.overall),
        "by_label": {str(tier): _share(share) for tier, share in score.by_label.items()},
        "confusion": {str(tier): row for tier, row in score.confusion.items()},
        "seconds": {
            "median": score.percentile(0.5),
            "p95": score.percentile(0.95),
            "slowest": score.percentile(1),
        },
        "misses": [
            {
                "repository": each.change.repository,
                "base": each.change.base,
                "head": each.change.head,
                "judgement": str(each.judgement),
                "tier": None if each.tier is None else str(each.tier),
                "label": str(each.change.label),
                "acceptable": [str(tier) for tier in each.change.acceptable],
                "label_reason": each.change.reason,
                "failure": each.failure,
                "deciding": [{"path": one.path, "rule": one.rule, "reason": one.reason} for one in each.deciding],
            }
            for each in misses(answers)
        ],
    }


def _share(share: Share) -> dict[str, object]:
    return {
        "changes": share.changes,
        "exact": share.exact,
        "agreed": share.agreed,
        "too_light": share.too_light,
        "too_strict": share.too_strict,
        "failed": share.failed,
        "agreement": round(share.agreement, 4),
    }


def _table(score: Score) -> Iterator[str]:
    heads = ("changes", "exact", "agreed", "", "light", "strict", "failed")
    yield f"{'label':<12} " + " ".join(f"{head:>7}" for head in heads)
    for name, share in [*((str(tier), share) for tier, share in score.by_label.items()), ("all", score.overall)]:
        yield (
            f"{name:<12} {share.changes:>7} {share.exact:>7} {share.agreed:>7} {share.agreement:>7.1%}"
            f" {share.too_light:>7} {share.too_strict:>7} {share.failed:>7}"
        )


def _times(score: Score) -> Iterator[str]:
    yield (
        f"seconds a change: median {score.percentile(0.5):.2f}, 95 % within {score.percentile(0.95):.2f},"
        f" slowest {score.percentile(1):.2f}"
    )
    yield (
        f"agreement {score.overall.agreement:.1%} (at least {ENOUGH_AGREEMENT:.0%}),"
        f" too light {score.overall.lightness:.1%} (at most {MOST_TOO_LIGHT:.0%}):"
        f" {'good enough' if score.good_enough else 'NOT good enough'}"
    )


def _misses(answers: Sequence[Answer]) -> Iterator[str]:
    for each in misses(answers):
        change = each.change
        yield ""
        yield f"{each.judgement}: {change.repository} {change.base[:12]}..{change.head[:12]}"
        yield (
            f"  said {each.tier or each.failure}, label {change.label} (of {', '.join(change.acceptable)}):"
            f" {change.reason}"
        )
        for one in each.deciding[:_SHOWN]:
            yield f"    {one.path}: {one.rule}: {one.reason}"
        if len(each.deciding) > _SHOWN:
            yield f"    and {len(each.deciding) - _SHOWN} more files"
