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
        ("VITE_A=1\n", "VITE_A=1\nVITE_STRIPE_SECRET_KEY=abcdefgh\n", "full"),
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


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("auth/auth.toml", "# how long the entry is\nentry = 30\n"),
        ("auth/oauth.conf", "# the entry\nentry = main\n"),
        ("auth/rules.mk", "entry = 5\nall:\n\techo $(entry)\n"),
        ("auth/auth.h", "// entry is first\nenum Kind {\n  entry = 1,\n};\n"),
        ("payment/v1/payment.proto", "message Payment {\n  // entry before all\n  int64 entry = 3;\n}\n"),
        ("payment/x.lua", "local t = {\n  entry = 5\n}\nlocal z = entry\n"),
        ("src/auth/settings.py", "# entry is in seconds\nentry = 30\n"),
        ("src/auth/urls.py", "entry = [1]\nentry += more\n"),
        ("src/auth/kinds.py", "class Kind:\n    entry = 5\n    pair = (entry, 1)\n"),
        ("src/payment/views.py", "def pay(entry):\n    entry = min(entry, 5)\n    return entry\n"),
        ("src/payment/page.py", "def pay(a):\n    entry = a\n    a(entry)\n    return show(locals())\n"),
        ("src/payment/glob.py", "def pay(a):\n    global entry\n    entry = a\n    a(entry)\n"),
        (
            "src/payment/store.py",
            'def pay(db):\n    entry = 1\n    db.run("""\n    UPDATE things\n    SET entry = 1\n    """, entry)\n',
        ),
        ("src/payment/rows.py", "def pay(a):\n    entry = a\n    return a.query('x > @entry', entry)\n"),
        ("src/payment/refund.rb", "def entry\n  entry = items.sum\n  entry\nend\n"),
        ("src/payment/Refund.scala", "class Refund {\n  def entry = items.sum\n  val twice = entry + entry\n}\n"),
        (
            "src/payment/Paid.java",
            "class Paid {\n  public int entry = 0;\n  int twice() { return entry * 2; }\n}\n",
        ),
        ("server/payment/pay.ts", "const { entry = 5 } = options;\nrun(entry);\n"),
        ("server/payment/kind.ts", "// entry is first\nexport enum Kind {\n  entry = 1,\n  b = 2,\n}\n"),
        ("server/payment/dto.ts", "// entry\nexport class PaymentDto {\n  entry = 5;\n}\n"),
        ("server/payment/all.ts", "const entry = 5;\nrun(entry);\nexport { other as entry };\n"),
        ("server/payment/mail.tsx", "const entry = use();\nconst page = <Pay entry={entry} />;\n"),
        ("src/payment/q.rs", 'fn f() {\n    let entry = 1;\n    run("select\n  entry from x", entry);\n}\n'),
    ],
)
def test_a_name_that_others_can_refer_to_is_no_local(path, text):
    assert tier_of(path, text, text.replace("entry", "item")) == "full"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/payment/x.go", "package p\n\nfunc f() int {\n\tentry := g() // entry\n\treturn entry + 1\n}\n"),
        ("src/payment/x.rs", "fn f() -> i32 {\n    let mut entry = g();\n    entry + 1\n}\n"),
        (
            "src/payment/x.py",
            'def f():\n    """Text."""\n    entry = g()\n    return [entry + a for a in h(entry)]\n',
        ),
        (
            "server/payment/x.ts",
            "// entry: text\nexport const f = () => {\n  const entry = g();\n  return h(entry);\n};\n",
        ),
    ],
)
def test_a_local_under_another_name_is_trivial(path, text):
    assert tier_of(path, text, text.replace("entry", "item")) == "lightweight"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            "server/payment/api.ts",
            "export const url = 'https://a.example/v1/b'\n",
            "export const url = 'https://a.example/v2/b'\n",
        ),
        (
            "src/auth/v.py",
            "try:\n    from fast import check\nexcept ImportError:\n    from slow import check\n",
            "try:\n    from slow import check\nexcept ImportError:\n    from fast import check\n",
        ),
        ("src/auth/v.py", "from fast import *\nfrom slow import *\n", "from slow import *\nfrom fast import *\n"),
    ],
)
def test_an_import_that_decides_something_is_not_trivial(path, old, new):
    assert tier_of(path, old, new) == "full"


def test_a_line_that_moves_is_a_change():
    old = "def pay(order):\n    check(order)\n    send(order)\n    stop(order)\n"
    new = "def pay(order):\n    send(order)\n    stop(order)\n    check(order)\n"
    assert tier_of("src/payment/service.py", old, new) == "full"
    text = 'def pay(order):\n    say("One word")\n    send(order)\n    say("Two words")\n'
    prose = text.replace("One word", "Other word").replace("Two words", "More words")
    assert tier_of("src/payment/service.py", text, prose) == "lightweight"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("service.py", 'if a == "not paid":\n    go()\n', 'if a == "all paid":\n    go()\n'),
        ("service.py", 'go(a["due date"])\n', 'go(a["paid date"])\n'),
        ("service.py", 'scopes = "openid email profile"\n', 'scopes = "openid email admin"\n'),
        ("service.py", 'os.system("openssl rsa sign")\n', 'os.system("openssl rsa none")\n'),
        (
            "service.py",
            'if a.startswith("Bearer token"):\n    go()\n',
            'if a.startswith("Basic token"):\n    go()\n',
        ),
        ("service.ts", 'if (a.includes("not paid")) go()\n', 'if (a.includes("all paid")) go()\n'),
        ("service.java", 'if (a.equals("not paid")) go();\n', 'if (a.equals("all paid")) go();\n'),
        ("service.ts", 'const role = "account user"\n', 'const role = "account admin"\n'),
        ("service.py", 'ALLOW = ["can read", "can write"]\n', 'ALLOW = ["can read", "can delete"]\n'),
        ("service.go", 'log.Info("a", pay("usd"))\n', 'log.Info("a", pay("eur"))\n'),
        ("service.ts", 'log.info(a); charge("usd")\n', 'log.info(a); charge("eur")\n'),
        ("service.py", "def f(a: (x := 1)):\n    go(a)\n", "def f(a: (x := 2)):\n    go(a)\n"),
        ("service.py", "def f(a):\n    go(a)\n", "def f(a: call()):\n    go(a)\n"),
        (
            "service.py",
            "import fastapi\ndef f(a: int):\n    go(a)\n",
            "import fastapi\ndef f(a: str):\n    go(a)\n",
        ),
        ("service.rb.erb", "a = 1\n", "a = 2\n"),
        ("service.yml.erb", "a: 1\n", "a: 2\n"),
    ],
)
def test_what_a_program_goes_by_is_no_prose(path, old, new):
    assert tier_of(f"src/payment/{path}", old, new) == "full"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("src/pages/Permissions.vue", '<b v-if="isAdmin">x</b>\n', "<b>x</b>\n"),
        ("src/pages/Permissions.vue", '<b :disabled="locked">x</b>\n', '<b :disabled="false">x</b>\n'),
        ("src/app/roles/roles.component.html", '<b *ngIf="canEdit">x</b>\n', "<b>x</b>\n"),
    ],
)
def test_who_sees_what_is_no_markup(path, old, new):
    assert tier_of(path, old, new) == "full"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('raise Failed("The card is no good")\n', 'raise Failed("This card is no good")\n'),
        ('label = _("Pay now")\n', 'label = _("Pay later")\n'),
        ('log.info("it went well")\n', 'log.info("it went very well")\n'),
        ('go(title="Pay now", a=1)\n', 'go(title="Pay later", a=1)\n'),
    ],
)
def test_what_people_read_is_prose(old, new):
    assert tier_of("src/payment/service.py", old, new) == "lightweight"
