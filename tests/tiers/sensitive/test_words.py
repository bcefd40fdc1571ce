"""Words are tunable, whatever a team writes there, and nothing that a file holds breaks the examiner."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.config import Config, Words
from eod.tiers.sensitive.sdks import import_subject, sdk_subject
from eod.tiers.sensitive.vocabulary import subject_of_names
from tests.runaway import RUNAWAY_SECONDS
from tests.tiers.builders import evidence_of


def with_words(*, add=(), remove=()):
    return Config(domain="a.example", words=Words(add=add, remove=remove))


@pytest.mark.parametrize(
    "word", ["loyalty", "loyalty*", "Loyalty", "loyalty-points", "loyaltyPoints", "loyalty_points"]
)
def test_a_word_of_the_team_counts_in_paths_and_lines(word):
    config = with_words(add=(word,))
    line = evidence_of("src/a.py", "a = 1\n", "loyalty = loyalty_points(a)\n", config=config)
    path = evidence_of("src/loyalty/loyalty_points.py", "a = 1\n", "a = 2\n", config=config)
    assert (str(line.tier), str(path.tier)) == ("full", "full")
    assert str(evidence_of("src/a.py", "a = 1\n", "loyalty = loyalty_points(a)\n").tier) == "lightweight"


@pytest.mark.parametrize("word", ["invoice", "Invoice"])
def test_a_word_that_means_something_else_here_is_taken_out(word):
    config = with_words(remove=(word, "invoices", "invoicing"))
    assert str(evidence_of("src/invoice.py", "a = 1\n", "invoice = 2\n", config=config).tier) == "lightweight"
    assert str(evidence_of("src/payment.py", "a = 1\n", "a = 2\n", config=config).tier) == "full"


def test_a_word_that_is_taken_out_is_gone_however_it_is_written():
    config = with_words(remove=("login",))
    assert str(evidence_of("src/log_in.py", "a = 1\n", "login = 2\n", config=config).tier) == "lightweight"
    assert str(evidence_of("src/login.py", "a = 1\n", "log_in = 2\n", config=config).tier) == "lightweight"


def test_the_examiner_can_be_switched_off():
    config = Config(domain="a.example", switched_off=("sensitive",))
    assert str(evidence_of("src/auth/a.py", "a = 1\n", "a = 2\n", config=config).tier) == "lightweight"


@pytest.mark.parametrize(
    ("ecosystem", "package", "subject"),
    [
        ("npm", "stripe", "payment"),
        ("npm", "@stripe/stripe-js", "payment"),
        ("npm", "next-auth", "identity"),
        ("deno", "npm:stripe", "payment"),
        ("python", "PyJWT", "identity"),
        ("ruby", "devise-two-factor", "identity"),
        ("go", "github.com/golang-jwt/jwt/v5", "identity"),
        ("java", "com.stripe:stripe-java", "payment"),
        ("dotnet", "Stripe.net", "payment"),
        ("php", "laravel/cashier", "payment"),
        ("rust", "argon2", "identity"),
        ("elixir", "ueberauth_github", "identity"),
        ("npm", "left-pad", None),
        ("npm", "stripes", None),
        ("nothing", "stripe", None),
        ("npm", "", None),
    ],
)
def test_packages_are_known_by_their_registrys_names(ecosystem, package, subject):
    assert sdk_subject(ecosystem, package) == subject


@pytest.mark.parametrize(
    ("ecosystem", "module", "subject"),
    [
        ("python", "stripe.error", "payment"),
        ("python", "jwt", "identity"),
        ("npm", "stripe/lib/x", "payment"),
        ("go", "crypto/tls", "secrets"),
        ("go", "crypto/rand", None),
        ("java", "com.stripe.model.Charge", "payment"),
        ("dotnet", "System.Security.Cryptography", "secrets"),
        ("python", "os.path", None),
    ],
)
def test_imports_are_known_by_what_stands_above_them(ecosystem, module, subject):
    assert import_subject(ecosystem, module) == subject


@pytest.mark.parametrize(
    ("names", "subject"),
    [
        (("payment_methods",), "payment"),
        (("posts", "password_digest"), "identity"),
        (("posts", "title"), None),
        ((), None),
    ],
)
def test_names_of_tables_and_columns_say_a_subject(names, subject):
    assert subject_of_names(names) == subject


suffixes = st.sampled_from(
    ["py", "rb", "ts", "vue", "go", "java", "php", "yml", "json", "erb", "sql", "ex", "cs", ""]
)
pieces = st.sampled_from(
    [
        "password",
        "stripe.Charge",
        '"""',
        "'",
        '"',
        "`",
        "/*",
        "*/",
        "//",
        "#",
        "<!--",
        "-->",
        "\n",
        "\r",
        "\x0b",
        "\u2028",
        "\x1c",
        " = ",
        "{{!",
        "{#",
        "<%#",
        "=begin",
        "\\",
        "(",
        "@",
        "import ",
        "role ==",
        "ᵉ",
        "é",
        "\ud7ff",
    ]
)
texts = st.lists(pieces, max_size=30).map("".join) | st.binary(max_size=200)


@settings(deadline=None, max_examples=200)
@given(suffixes, st.none() | texts, st.none() | texts)
def test_no_bytes_raise(suffix, old, new):
    if old is None and new is None:
        return
    if old == new:
        return
    assert evidence_of(f"src/a.{suffix}" if suffix else "src/a", old, new).tier


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(min_size=1, max_size=12), max_size=4), st.lists(st.text(min_size=1, max_size=12), max_size=4)
)
def test_no_words_of_a_team_raise_and_the_rest_still_counts(add, remove):
    config = with_words(add=tuple(add), remove=tuple(remove))
    evidence_of("src/a.py", "a = 1\n", "b = stripe.charge\n", config=config)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.js", "var a=1;password;stripe.charge();" * 200_000),
        ("src/a.js", "/*" * 200_000),
        ("src/a.js", "`${" * 200_000),
        ("src/a.py", '"""' * 200_000),
        ("src/a.html", "<!--" * 100_000 + "{{!" * 100_000),
        ("src/a.rb", "=begin " * 60_000),
        ("src/a.py", "x = 1\n" * 300_000),
        ("src/a.py", "aB" * 500_000),
        ("src/a.php", "select " * 100_000),
        ("src/a.ts", "a.b." * 300_000),
        ("src/a.tsx", "a={'" * 200_000),
        ("src/a.cs", "[ " * 300_000),
        ("src/a.py", ("role" * 5_000 + "\n") * 500),
        ("src/a.html", ("aria-" * 4_000 + "\n") * 500),
        ("src/a.tsx", ("a" * 20_000 + "\n") * 500),
        ("src/a.py", ("'select " * 2_500 + "\n") * 500),
        ("src/a.py", ("secret" * 3_000 + "\n") * 500),
        ("src/auth/a.tsx", ("<a b=" * 4_000 + "\n") * 500),
        ("src/a.sql.py", "grant a, " * 100_000),
    ],
)
def test_huge_and_hostile_files_take_no_time(path, text):
    started = time.monotonic()
    assert evidence_of(path, "a\n", text).tier
    assert time.monotonic() - started < RUNAWAY_SECONDS


def test_what_changes_beyond_what_is_read_of_a_sensitive_file_is_no_prose():
    long = "a" * 30_000
    assert str(evidence_of("src/auth/a.js", f"{long} 1\n", f"{long} 2\n").tier) == "full"


def test_a_binary_at_a_sensitive_path_is_judged_by_its_path():
    assert str(evidence_of("src/auth/store.py", b"\0a", b"\0b").tier) == "full"
    assert str(evidence_of("src/shop/store.py", b"\0a", b"\0b").tier) == "lightweight"
