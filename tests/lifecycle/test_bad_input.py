import pytest

pytestmark = [pytest.mark.network, pytest.mark.process]
TYPO = {"app/shop.py": "GREETING = 'Hello'\n"}


def reconfigure(world, text):
    world.repository.push("main", {".github/eod.yml": text}, message="Configuration")


def test_a_wrong_key_names_file_line_and_the_nearest_key(world, capsys):
    reconfigure(world, "domain: preview.example.com\nargo-cd:\n  mode: none\n")
    assert world.event(world.open(TYPO), "opened") == 2
    shown = capsys.readouterr().out + world.summary
    assert ".github/eod.yml:2" in shown
    assert "argocd" in shown
    assert world.cluster_namespaces("pr-") == []
    (comment,) = world.repository.comments(1)
    assert "eod.yml:2" in comment["body"]
    assert "on the base branch; a mend counts once it is merged" in comment["body"]
    reconfigure(world, world.config)
    world.repository.push("change", {"app/shop.py": "GREETING = 'Hi'\n"}, message="Again", base="main")
    assert world.event(1, "synchronize") == 0
    (comment,) = world.repository.comments(1)
    assert "eod.yml:2" not in comment["body"]


def test_a_team_with_another_name_keeps_one_comment(world):
    named = f"{world.config}name: shop-{{number}}\n"
    reconfigure(world, named)
    number = world.open(TYPO)
    assert world.event(number, "opened") == 0
    reconfigure(world, f"{named}argo-cd: {{}}\n")
    world.repository.push("change", {"app/shop.py": "GREETING = 'Hi'\n"}, message="Again", base="main")
    assert world.event(number, "synchronize") == 2
    (comment,) = world.repository.comments(number)
    assert "argo-cd" in comment["body"]
    assert "pr-1" not in comment["body"]
    reconfigure(world, named)
    world.repository.push("change", {"app/shop.py": "GREETING = 'Ho'\n"}, message="And again", base="main")
    assert world.event(number, "synchronize") == 0
    (comment,) = world.repository.comments(number)
    assert "shop-1" in comment["body"]


def test_no_configuration_on_the_base_branch(world):
    world.repository.push("main", {".github/eod.yml": None}, message="Remove")
    number = world.open({**TYPO, ".github/eod.yml": "domain: evil.example.com\n"})
    assert world.event(number, "opened") == 2
    assert "base branch" in world.summary


def test_no_token(world, capsys):
    number = world.open(TYPO)
    assert world.event(number, "opened", github_token="") == 1
    assert "GitHub token" in capsys.readouterr().out
    assert world.cluster_namespaces("pr-") == []


def test_a_pull_request_that_does_not_exist(world):
    payload = world.repository.dispatch_payload({})
    assert world.act("workflow_dispatch", payload, command="up", pr_number="404") == 1
    assert "404" in world.summary


def test_an_input_that_is_none(world):
    assert world.event(world.open(TYPO), "opened", tier="heavy") == 2
    assert "heavy" in world.summary


def test_a_token_that_may_not_write_creates_nothing(world):
    number = world.open(TYPO)
    token = world.github.installation_token(world.repository, {"contents": "read", "pull_requests": "write"})
    assert world.event(number, "opened", github_token=token) == 1
    assert "contents: write" in world.summary
    assert world.cluster_namespaces("pr-") == []


def test_a_token_that_may_not_comment_is_said_and_the_environment_is_made(world):
    number = world.open(TYPO)
    token = world.github.installation_token(world.repository, {"contents": "write", "pull_requests": "read"})
    assert world.event(number, "opened", github_token=token) == 0
    assert world.outputs["phase"] == "ready"
    assert world.repository.comments(number) == []


def test_an_unreachable_cluster_fails_with_a_record_from_which_the_next_run_goes_on(world):
    number = world.open(TYPO)
    good = world.kubeconfig
    world.kubeconfig = world.directory / "gone"
    world.kubeconfig.write_text(good.read_text().replace("127.0.0.1:", "127.0.0.1:1"))
    assert world.event(number, "opened") == 1
    assert "phase: failed" in world.record()
    (comment,) = world.repository.comments(number)
    assert "cluster" in comment["body"].lower()
    assert [world.repository.deployment_state(d["id"]) for d in world.repository.deployments()] == ["failure"]
    world.kubeconfig = good
    assert world.event(number, "synchronize") == 0
    assert "phase: ready" in world.record()
    assert len(world.repository.comments(number)) == 1


def test_an_application_that_never_gets_healthy_says_which_pods(world):
    reconfigure(world, world.config.replace("timeout-minutes: 3\n  source", "timeout-minutes: 0.1\n  source"))
    shop = world.files["deploy/shop.yaml"].replace(
        "spec:\n  selector: {match", "spec:\n  replicas: 40\n  selector: {match"
    )
    number = world.open({"deploy/shop.yaml": shop}, labels=("eod/tier: lightweight",))
    assert world.event(number, "opened") == 1
    assert "phase: failed" in world.record()
    assert "quota" in world.repository.comments(number)[0]["body"]
    reconfigure(world, world.config)
    world.repository.push("change", {"deploy/shop.yaml": world.files["deploy/shop.yaml"]}, message="Smaller")
    assert world.event(number, "synchronize") == 0
    assert "phase: ready" in world.record()


def test_somebody_elses_namespace_is_never_adopted(world):
    world.make_namespace("pr-1", {"team": "payments"})
    number = world.open(TYPO)
    assert world.event(number, "opened") == 1
    assert "pr-1" in world.summary
    world.repository.close(number)
    assert world.event(number, "closed") != 0
    assert "pr-1" in world.cluster_namespaces("pr-")
