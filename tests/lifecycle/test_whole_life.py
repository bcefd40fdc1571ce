import json

import pytest

pytestmark = [pytest.mark.network, pytest.mark.process]
TYPO = {"app/shop.py": "GREETING = 'Hello'\n"}


def test_opened_pushed_closed_and_nothing_is_left(world, capfd):
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    assert world.outputs["tier"] == "lightweight"
    assert world.outputs["phase"] == "ready"
    assert world.outputs["url"] == "https://pr-1.preview.example.com/"
    (comment,) = world.repository.comments(number)
    assert "pr-1.preview.example.com" in comment["body"]
    assert "phase: ready" in world.record()

    head = world.repository.push("change", {"app/shop.py": "GREETING = 'Hello!'\n"}, message="Again")
    assert world.event(number, "synchronize") == 0
    assert head in world.record()
    assert len(world.repository.comments(number)) == 1

    world.repository.close(number, merged=True)
    assert world.event(number, "closed") == 0
    assert world.outputs["phase"] == "destroyed"
    certificate = json.loads(world.outputs["certificate"])
    assert certificate["remaining"] == []
    assert {"application", "namespace"} <= {item["kind"] for item in certificate["existed"]}
    assert world.record() == ""
    assert world.history()[0] == "pr-1: destroyed: the pull request is closed"
    assert world.repository.active_deployments() == []
    assert len(world.repository.comments(number)) == 1
    world.github.assert_no_unknown_routes()
    said = capfd.readouterr()
    assert "failed with 403" not in said.out + said.err, "what may be refused is said in words, once"
