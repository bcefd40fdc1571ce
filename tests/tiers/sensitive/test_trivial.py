"""Files that are sensitive by their path, and changes of them that alter nothing that they do."""

import pytest

from eod.config import Words
from tests.tiers.builders import CONFIG, evidence_of, tier_of

PYTHON = """\
import os
import sys


def charge(amount, order):
    total = amount * 2
    logger.info("charging now %s", total)
    send(order, total)
    return total


@route("/")
def hook(body):
    return body


class Meta:
    fields = ["a"]
"""
GO = 'package vault\n\nimport (\n\t"fmt"\n\t"github.com/acme/kit/v2/log"\n)\n\nfunc Do() { log.Info("begin") }\n'
TYPESCRIPT = """\
import { api } from './api'

export const limit = 3
export async function pay(order: Order) {
  const found = await api.get(order)
  if (found) {
    api.post({ found })
    console.log('paid')
  }
  return limit
}
"""


@pytest.mark.parametrize(
    ("path", "text", "old", "new"),
    [
        ("src/payment/service.py", PYTHON, "import os\nimport sys", "import sys\nimport os"),
        ("src/payment/service.py", PYTHON, "charging now %s", "charges %s"),
        ("src/payment/service.py", PYTHON, "total", "result"),
        ("src/payment/service.py", PYTHON, "(amount, order)", "(amount: int, order: Order) -> int"),
        ("internal/vault/do.go", GO, "kit/v2", "kit/v3"),
        ("internal/vault/do.go", GO, '"begin"', '"started"'),
        ("src/payment/pay.ts", TYPESCRIPT, "'paid'", "'done'"),
    ],
)
def test_a_change_that_alters_nothing_is_not_sensitive_by_its_path(path, text, old, new):
    assert tier_of(path, text, text.replace(old, new)) == "lightweight"


@pytest.mark.parametrize(
    ("path", "text", "old", "new"),
    [
        ("src/payment/service.py", PYTHON, "import sys", "import hashlib"),
        ("src/payment/service.py", PYTHON, "amount * 2", "amount * 3"),
        ("src/payment/service.py", PYTHON, "send(order, total)", "send(order, amount)"),
        ("src/payment/service.py", PYTHON, "return total", "return amount"),
        ("src/payment/service.py", PYTHON, "fields", "field"),
        ("src/payment/service.py", PYTHON, "    return total\n", "        return total\n"),
        ("src/payment/service.py", PYTHON, "def hook(body)", "def hook(body: Signed)"),
        ("src/payment/service.py", PYTHON, 'logger.info("charging now %s", total)', "charge(total)"),
        ("src/payment/service.py", PYTHON, "send(", "post("),
        ("src/payment/service.py", PYTHON, '"charging now %s", total', '"charging now %s", total, order'),
        ("internal/vault/do.go", GO, "acme/kit", "evil/kit"),
        ("src/payment/pay.ts", TYPESCRIPT, "limit", "most"),
        ("src/payment/pay.ts", TYPESCRIPT, "found", "token"),
        ("src/payment/pay.ts", TYPESCRIPT, "found", "seen"),
        ("src/payment/hash.py", "from hashlib import sha1\n", "sha1", "sha256"),
    ],
)
def test_a_change_that_may_alter_something_is(path, text, old, new):
    assert tier_of(path, text, text.replace(old, new)) == "full"


def test_indentation_that_changes_with_a_name_is_no_renaming():
    old = "def pay(a):\n    one = a\n    if one > 1:\n        go(one)\n        stop(one)\n"
    assert tier_of("src/payment/x.py", old, old.replace("one", "two")) == "lightweight"
    assert tier_of("src/payment/x.py", old, old.replace("one", "two").replace("    stop", "stop")) == "full"


PAGE = "<script>\nconst rows = load()\n</script>\n<template><b class='a'>Some words</b></template>\n"


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("src/pages/Permissions.vue", "full"),
        ("src/routes/settings/roles/+page.svelte", "full"),
        ("src/components/ApiTokenList.tsx", "full"),
        ("src/components/Controls.vue", "frontend"),
        ("src/pages/Login.vue", "frontend"),
    ],
)
def test_pages_where_people_manage_permissions_are_identity(path, tier):
    assert tier_of(path, None, PAGE) == tier
    assert tier_of(path, PAGE, PAGE.replace("load()", "load(1)")) == tier
    assert tier_of(path, PAGE, PAGE.replace("Some", "Other")) == "lightweight"
    config = type(CONFIG)(domain="a.example", words=Words(remove=("permissions", "permission", "role", "roles")))
    if path.endswith("Permissions.vue"):
        assert tier_of(path, None, PAGE, config=config) == "frontend"


@pytest.mark.parametrize(
    ("old", "new", "tier"),
    [
        ("VITE_STRIPE_PUBLIC_KEY=a\n", "VITE_STRIPE_PUBLIC_KEY=b\n", "frontend"),
        ("NEXT_PUBLIC_AUTH_URL=a\n", "# why\nNEXT_PUBLIC_AUTH_URL=b\n", "frontend"),
        ("VITE_A=1\nSECRET_KEY=abcdefghijklmno\n", "VITE_A=2\nSECRET_KEY=abcdefghijklmnp\n", "full"),
    ],
)
def test_what_every_browser_reads_is_no_secret(old, new, tier):
    assert tier_of("frontend/.env.production", old, new) == tier


@pytest.mark.parametrize("path", ["infra/kubeconfig.yaml.tmpl", "k8s/kubeconfig", "deploy/ci.kubeconfig"])
def test_what_lets_into_a_cluster_is_a_secret(path):
    found = evidence_of(path, "server: a\n", "server: b\n")
    assert (str(found.tier), found.rule) == ("full", "sensitive")


@pytest.mark.parametrize(
    "path",
    [
        "bin/tool.sha256",
        "SHA256SUMS",
        "Shop.sln",
        "src/payment/Shop.slnx",
        "lib/templates/migration.rb.tt",
        "docs.d/GUIDE.md.erb",
    ],
)
def test_files_of_generators_and_builds_are_known(path):
    assert tier_of(path, "a = 1\n", "a = 2\nb = 3\n") == "lightweight"
