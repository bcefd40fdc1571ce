from typing import Any

Object = dict[str, Any]


def deployment(name: str = "web", *, replicas: int = 1, image: str = "nginx:1", **resources: Any) -> Object:
    container: Object = {"name": "app", "image": image, "ports": [{"containerPort": 80}]}
    if resources:
        container["resources"] = resources
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


def service(name: str = "web", **spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}], **spec},
    }


def ingress(host: str, name: str = "web") -> Object:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name},
        "spec": {"rules": [{"host": host, "http": {"paths": [path]}}]},
    }


def config_map(name: str = "settings", **data: str) -> Object:
    made: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    return made | ({"data": data} if data else {})


def condition(value: Object, kind: str) -> Object:
    found: dict[str, Object] = {item["type"]: item for item in value["status"]["conditions"]}
    return found[kind]
