from eod.cluster.problems import explain_pods


def pod(name="web-1", *, containers=(), conditions=(), phase="Pending", **metadata):
    status = {"phase": phase, "containerStatuses": list(containers), "conditions": list(conditions)}
    return {"metadata": {"name": name, **metadata}, "status": status}


def waiting(reason, message="", **more):
    return {"name": "app", "state": {"waiting": {"reason": reason, "message": message}}, **more}


READY = {"type": "Ready", "status": "True"}


def explain(*pods, workloads=(), claims=(), events=()):
    return explain_pods(list(pods), list(workloads), list(claims), list(events))


def test_pods_that_are_ready_finished_or_leaving_are_no_problem():
    assert (
        explain(
            pod(conditions=[READY], containers=[waiting("CrashLoopBackOff")]),
            pod("job", phase="Succeeded"),
            pod("old", deletionTimestamp="2026-01-01T00:00:00Z", phase="Failed"),
        )
        == ()
    )


def test_an_image_that_cannot_be_pulled_is_named():
    (line,) = explain(pod(containers=[waiting("ImagePullBackOff", 'Back-off pulling image "shop:abc"')]))

    assert line == 'Pod web-1: container app waits: ImagePullBackOff: Back-off pulling image "shop:abc"'


def test_a_crash_loop_tells_the_exit_code_and_that_memory_ran_out():
    ended = {"lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}
    (line,) = explain(pod(containers=[waiting("CrashLoopBackOff", "back-off 10s", **ended)]))

    assert line.endswith("CrashLoopBackOff: back-off 10s; it ended with exit code 137 (out of memory)")


def test_a_container_that_is_only_starting_is_no_problem():
    assert explain(pod(containers=[waiting("ContainerCreating")])) == ()


def test_an_init_container_that_fails_is_named():
    broken = pod()
    broken["status"]["initContainerStatuses"] = [
        {"name": "migrate", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}
    ]

    assert explain(broken) == ("Pod web-1: container migrate ended with exit code 1: Error",)


def test_a_pod_that_cannot_be_scheduled():
    condition = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}

    assert explain(pod(conditions=[condition])) == ("Pod web-1 cannot be scheduled: 0/3 nodes are available",)


def test_a_readiness_probe_that_does_not_pass():
    running = {"name": "app", "ready": False, "state": {"running": {}}}

    (line,) = explain(pod(containers=[running], phase="Running"))
    assert "readiness probe does not pass" in line


def test_an_evicted_pod_says_why():
    evicted = pod(phase="Failed")
    evicted["status"]["message"] = "The node was low on resource: memory."

    assert explain(evicted) == ("Pod web-1 failed: The node was low on resource: memory.",)


def test_a_full_quota_shows_although_there_is_no_pod():
    condition = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": 'pods "web-" is forbidden: exceeded quota: eod-quota',
    }
    workload = {"kind": "ReplicaSet", "metadata": {"name": "web"}, "status": {"conditions": [condition]}}

    (line,) = explain(workloads=[workload])
    assert "ReplicaSet web: FailedCreate" in line
    assert "exceeded quota" in line


def test_a_volume_that_is_not_bound():
    claim = {"metadata": {"name": "data"}, "status": {"phase": "Pending"}}

    assert explain(claims=[claim]) == ("PersistentVolumeClaim data is Pending",)


def test_warnings_count_only_for_what_is_not_ready():
    def event(about, kind="Warning"):
        return {"type": kind, "reason": "FailedMount", "message": "no secret", "involvedObject": {"name": about}}

    found = explain(
        pod("bad"), pod("good", conditions=[READY]), events=[event("good"), event("bad"), event("bad", "Normal")]
    )
    assert found == ("bad: FailedMount: no secret",)


def test_repetitions_are_told_once_and_the_list_is_bounded():
    many = [pod(f"p-{n}", containers=[waiting("ErrImagePull")]) for n in range(40)]

    assert len(explain(*many)) == 12
    assert len(explain(many[0], many[0])) == 1


def test_line_breaks_cannot_be_smuggled_in():
    (line,) = explain(pod(containers=[waiting("ErrImagePull", "a\n::error::b")]))

    assert "\n" not in line
