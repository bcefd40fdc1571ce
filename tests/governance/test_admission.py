from datetime import timedelta

import pytest
from msgspec import structs

from eod.config import GitHub
from eod.errors import ExitCode, PolicyRefusedError
from eod.governance.admission import refuse_over_limit, why_not
from tests.lifecycle.builders import CONFIG, NOW, config, pull, record


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"head_repository": "mallory/shop"}, "fork"),
        ({"head_repository": None}, "fork"),
        ({"author": "dependabot[bot]"}, "Dependabot"),
        ({"labels": ("eod/skip",)}, "eod/skip"),
    ],
)
def test_who_gets_no_environment_is_told_why(changes, says):
    assert says in why_not(CONFIG, "acme/shop", pull(**changes))


def test_an_ordinary_pull_request_gets_one_and_case_does_not_matter():
    assert why_not(CONFIG, "Acme/Shop", pull()) == ""


def test_drafts_are_a_matter_of_configuration():
    draft = pull(draft=True)
    assert why_not(CONFIG, "acme/shop", draft) == ""
    assert "raft" in why_not(structs.replace(CONFIG, github=GitHub(drafts=False)), "acme/shop", draft)


def test_a_limit_is_kept_and_the_oldest_is_named_first():
    records = (record(2), record(1, created_at=NOW - timedelta(days=3)))
    refuse_over_limit(config(environments=3), records)
    refuse_over_limit(config(environments=0), records)
    with pytest.raises(PolicyRefusedError) as caught:
        refuse_over_limit(config(environments=2), records)
    assert caught.value.exit_code is ExitCode.REFUSED_BY_POLICY
    assert caught.value.detail.splitlines()[0].startswith("pr-1")
