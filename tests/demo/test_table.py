from demo import table
from demo.cast import CAST


def test_a_line_for_each_pull_request(takes):
    typo, migration, payment = table.lines(CAST, takes)
    assert (typo.tier, typo.push_seconds) == ("lightweight", None)
    assert migration.ready_seconds == migration.push_seconds == 89.2
    assert migration.removal_seconds == 12.3
    assert payment.certificate == "3 things removed, nothing left"


def test_where_the_time_went_names_the_longest_and_nothing_twice(takes):
    assert table.lines(CAST, takes)[2].where == "what the app needs 66 s, plan 12 s"


def test_the_sweeps_certificate_is_what_it_printed(make_take):
    swept = make_take(
        121, "sweep", workflow="sweep.yml", log=["pr-121 is gone after 2 s: 10 things removed, nothing left."]
    )
    assert table.certificate_line(swept) == "10 things removed, nothing left"


def test_a_run_that_failed_has_a_line_too(make_take):
    failed = make_take(123, "123-opened", outputs={"ready-seconds": "", "phase": "failed"}, record="")
    (line,) = table.lines(CAST, [failed])
    assert (line.ready_seconds, line.where, line.removal_seconds, line.certificate) == (None, "", None, "")
