import pytest

from tests.tiers.builders import evidence_of, tier_of

BUTTON = 'export function Button() {\n  return <button className="red">Buy now</button>;\n}\n'


def judged(path, old, new):
    found = evidence_of(path, old, new)
    return found.tier.value, found.rule


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("src/Button.tsx", BUTTON, BUTTON.replace("Buy now", "Order now"), ("lightweight", "copy")),
        ("src/Button.tsx", BUTTON, BUTTON.replace("red", "blue px-4"), ("lightweight", "copy")),
        ("src/Button.tsx", BUTTON, BUTTON.replace("<button ", "<button onClick={go} "), ("frontend", "frontend")),
        ("src/Button.tsx", None, BUTTON, ("frontend", "frontend")),
        ("src/Button.tsx", BUTTON, None, ("frontend", "frontend")),
        ("app/views/home.html.erb", "<h1>Hello</h1>\n", "<h1>Good day</h1>\n", ("lightweight", "copy")),
        ("app/views/home.html.erb", "<h1>Hello</h1>\n", "<h1><%= greeting %></h1>\n", ("frontend", "frontend")),
        ("app/views/home.html.erb", "<p>\n  Old words\n</p>\n", "<p>\n  New words\n</p>\n",
         ("lightweight", "copy")),
        ("src/app.css", "a { color: red }\n", "a { color: blue }\n", ("lightweight", "styles")),
        ("src/app.css", "", "a { color: blue }\n" * 60, ("frontend", "redesign")),
        ("vite.config.ts", "a", "b", ("frontend", "frontend")),
        ("web/handler.go", "package web\nvar a = 1\n", "package web\nvar a = 2\n", ("lightweight", "code")),
        ("pages/api/hello.ts", "let a = 1\n", "let a = 2\n", ("lightweight", "code")),
        ("client/src/store.ts", "let a = 1\n", "let a = 2\n", ("frontend", "frontend")),
        ("src/server/store.ts", "let a = 1\n", "let a = 2\n", ("lightweight", "code")),
    ],
)  # fmt: skip
def test_tweaks_are_light_and_components_are_not(path, old, new, expected):
    assert judged(path, old, new) == expected


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("src/components/A.vue", '<b :title="short">x</b>', '<b :title="long">x</b>'),
        ("src/components/A.vue", '<b v-if="one">x</b>', '<b v-if="two">x</b>'),
        ("src/app/a.component.html", '<b [(model)]="one">x</b>', '<b [(model)]="two">x</b>'),
        ("src/components/A.tsx", 'if (kind === "a") go()', 'if (kind === "b") go()'),
    ],
)
def test_what_is_bound_or_compared_is_no_copy(path, old, new):
    assert tier_of(path, old, new) == "frontend"


def test_a_title_is_copy():
    assert tier_of("src/components/A.vue", '<b title="short" @click="a">x</b>\n', "") == "frontend"
    assert tier_of("src/components/A.vue", '<b title="short">x</b>\n', '<b title="long">y</b>\n') == "lightweight"
