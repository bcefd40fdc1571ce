"""What the API fills in where an object leaves it out, as recorded from the real one (kube-apiserver 1.36)."""

import json
from pathlib import Path

import pytest

from tests.contract.cluster.rich import OBJECTS

pytestmark = [pytest.mark.process, pytest.mark.network]

RECORDED = json.loads((Path(__file__).parent / "defaults.json").read_text())


def _essence(value, name):
    kept = {key: item for key, item in value.items() if key not in {"apiVersion", "kind", "metadata"}}
    generation = value["metadata"].get("generation")
    text = json.dumps(kept).replace(value["metadata"]["uid"], "UID").replace(name, "NAME")
    return {"generation": generation, **json.loads(text)}


@pytest.mark.parametrize("kind", OBJECTS)
def test_what_is_left_out_is_filled_in(kube, namespace, kind):
    path, body = OBJECTS[kind]
    made = kube.must("POST", path.format(namespace), {"metadata": {"name": namespace}, **body})
    if "namespaces/" not in path:
        kube.must("DELETE", f"{path}/{namespace}")
    assert _essence(made, namespace) == RECORDED[kind]
