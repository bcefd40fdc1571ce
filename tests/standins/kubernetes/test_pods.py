import pytest

pytestmark = pytest.mark.network


def _pod(**container):
    return {"metadata": {"name": "one"}, "spec": {"containers": [{"name": "app", "image": "app:1", **container}]}}


def _state(hands):
    status = hands.find("pods", "one")["status"]
    return status["phase"], (status.get("containerStatuses") or [{}])[0].get("state", {})


def _reason(hands):
    return _state(hands)[1].get("waiting", {}).get("reason")


def test_an_image_from_nowhere_cannot_be_pulled(hands):
    hands.create("pods", _pod(image="registry.invalid/app:1"))
    hands.until(lambda: _reason(hands) == "ImagePullBackOff")
    assert _state(hands)[0] == "Pending"
    hands.until(lambda: any(event["reason"] == "Failed" for event in hands.all("events")))


def test_a_secret_that_is_missing_is_waited_for(hands):
    variable = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}}}
    hands.create("pods", _pod(env=[variable]))
    hands.until(lambda: _reason(hands) == "CreateContainerConfigError")
    hands.create("secrets", {"metadata": {"name": "database"}, "data": {}})
    hands.until(lambda: "running" in _state(hands)[1])


def test_a_failing_command_crashes_again_and_again(hands):
    hands.create("pods", _pod(command=["false"]))
    hands.until(lambda: _reason(hands) == "CrashLoopBackOff")


def test_a_failing_job_gives_up(hands):
    spec = {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app:1", "command": ["false"]}]}
    hands.create(
        "jobs.batch", {"metadata": {"name": "one"}, "spec": {"backoffLimit": 1, "template": {"spec": spec}}}
    )

    def failed():
        conditions = hands.find("jobs.batch", "one").get("status", {}).get("conditions") or []
        return next((item for item in conditions if item["type"] == "Failed"), None)

    assert hands.until(failed)["reason"] == "BackoffLimitExceeded"
    assert hands.find("jobs.batch", "one")["status"]["failed"] == 2


def test_a_deployment_that_does_not_get_on_exceeds_its_deadline(hands):
    template = {"metadata": {"labels": {"app": "one"}}, "spec": _pod(image="registry.invalid/app:1")["spec"]}
    spec = {"progressDeadlineSeconds": 1, "selector": {"matchLabels": {"app": "one"}}, "template": template}
    hands.create("deployments.apps", {"metadata": {"name": "one"}, "spec": spec})

    def stuck():
        conditions = hands.find("deployments.apps", "one").get("status", {}).get("conditions") or []
        return any(item.get("reason") == "ProgressDeadlineExceeded" for item in conditions)

    hands.until(stuck)
