import json

from hypothesis import given
from hypothesis import strategies as st

from standins.kubernetes.apply import Manager, apply, write_ownership
from standins.kubernetes.ownership import field_set, flatten, from_fields_v1, path_text, to_fields_v1, without
from standins.kubernetes.resources import builtin_types
from standins.kubernetes.schema import ANY

_TYPES = {item.qualified: item for item in builtin_types()}
DEPLOYMENT = _TYPES["deployments.apps"].schema

scalars = st.one_of(st.integers(), st.text(max_size=5), st.booleans())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3), st.lists(inner, max_size=3)
    ),
    max_leaves=10,
)
objects = st.dictionaries(st.text(min_size=1, max_size=4), values, max_size=4)


@given(objects)
def test_field_sets_survive_being_written(value):
    fields = field_set(value, ANY)
    assert from_fields_v1(json.loads(json.dumps(to_fields_v1(fields)))) == fields


@given(objects)
def test_removing_all_fields_leaves_nothing(value):
    assert without(value, ANY, frozenset(flatten(value, ANY))) == {}


def _applied(live, manager, value):
    who = Manager(name=manager, operation="Apply", api_version="v1")
    merged, ownership = apply(live, value, who, ANY, force=True)
    return {**merged, "metadata": {"managedFields": write_ownership(ownership, live, "now")}}


def _content(value):
    return {key: item for key, item in value.items() if key != "metadata"}


@given(objects)
def test_applying_twice_is_applying_once(value):
    value = {key: item for key, item in value.items() if key != "metadata"}
    once = _applied(None, "one", value)
    assert _applied(once, "one", value) == once


@given(objects, objects)
def test_what_one_manager_drops_goes_and_what_the_other_owns_stays(first, second):
    first = {f"a{key}": item for key, item in first.items()}
    second = {f"b{key}": item for key, item in second.items()}
    both = _applied(_applied(None, "one", first), "two", second)
    assert _content(both) == {**first, **second}
    assert _content(_applied(both, "one", {})) == second


def test_paths_are_printed_as_the_api_prints_them():
    value = {"spec": {"template": {"spec": {"containers": [{"name": "app", "ports": [{"containerPort": 80}]}]}}}}
    texts = {path_text(path) for path in flatten(value, DEPLOYMENT)}
    container = '.spec.template.spec.containers[name="app"]'
    assert f"{container}.name" in texts
    assert f'{container}.ports[containerPort=80,protocol="TCP"].containerPort' in texts
