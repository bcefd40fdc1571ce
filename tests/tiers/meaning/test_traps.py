"""Changes that look like ones of comments and formatting and are not, and the other way round."""

import pytest

from tests.tiers.meaning.samples import rule

SOMETHING = [
    # White space, line breaks and quotes that mean something.
    ("a.py", "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"),
    ("a.py", "x = 'a b'\n", "x = 'a  b'\n"),
    ("a.py", "x = (1)\n", "x = (1,)\n"),
    ("a.py", "x = 1\n", "x = 1.0\n"),
    ("a.py", "x = True\n", "x = 1\n"),
    ("a.py", "import a\nimport b\n", "import b\nimport a\n"),
    ("a.yaml", "a:\n  b: 1\n  c: 2\n", "a:\n  b: 1\nc: 2\n"),
    ("a.yaml", "a: yes\n", 'a: "yes"\n'),
    ("a.yaml", "a: 1\n", "a: '1'\n"),
    ("a.yaml", "a: 1e3\n", 'a: "1e3"\n'),
    ("a.yaml", "a: on\n", "a: 'on'\n"),
    ("a.yaml", "a: |\n  # b\n  c\n", "a: |\n  c\n"),
    ("a.yaml", "a: b#c\n", "a: b #c\n"),
    ("a.yaml", "a: &x 1\nb: *x\n", "a: &x 1\nb: 1\n"),
    ("a.yaml", "a: !b c\n", "a: c\n"),
    ("a.js", "return\na\n", "return a\n"),
    ("a.js", "a\n(b)\n", "a(b)\n"),
    ("a.js", "a\n++b\n", "a++\nb\n"),
    ("a.js", "x = `a\n  b`\n", "x = `a\n b`\n"),
    ("a.js", "x = [a,,]\n", "x = [a,]\n"),
    ("a.js", "x = 'a\"b'\n", 'x = "a\'b"\n'),
    ("a.js", "x = a - -b\n", "x = a --b\n"),
    ("a.js", "x = y.replace(/\\/\\/ a/, '')\n", "x = y.replace(/\\/\\/ b/, '')\n"),
    ("a.js", "if (x) /[/]\\/\\/ a/.test(y)\n", "if (x) /[/]\\/\\/ b/.test(y)\n"),
    ("a.js", "x = `${f({ a: `//b` })} // c`\n", "x = `${f({ a: `//b` })} // d`\n"),
    ("a.js", "const a = <p>http://a</p>;\n", "const a = <p>http://b</p>;\n"),
    ("a.tsx", "const a = (\n  <p>\n    // a\n  </p>\n);\n", "const a = (\n  <p>\n    // b\n  </p>\n);\n"),
    ("a.tsx", "const a = <p>a {b} // c</p>;\n", "const a = <p>a {b} // d</p>;\n"),
    ("a.tsx", "const a = <p>a <b>c</b></p>;\n", "const a = <p>a<b>c</b></p>;\n"),
    ("a.tsx", "const a = <p>a  b</p>;\nconst c = 'd // e';\n", "const a = <p>a  b</p>;\nconst c = 'd // f';\n"),
    ("a.rs", "let a = (1,);\n", "let a = (1);\n"),
    ("a.rs", 'let a = "b\n    c";\n', 'let a = "b\n  c";\n'),
    ("a.go", "a := `b\n\tc`\n", "a := `b\n c`\n"),
    ("a.go", "return\nf()\n", "return f()\n"),
    ("a.rb", "foo [1]\n", "foo[1]\n"),
    ("a.rb", "foo -1\n", "foo - 1\n"),
    ("a.rb", "a = '\\n'\n", 'a = "\\n"\n'),
    ("a.rb", "a = %w[b # c]\n", "a = %w[b # d]\n"),
    ("a.rb", "puts DATA.read\n__END__\n# a\n", "puts DATA.read\n__END__\n# b\n"),
    ("a.sh", "cat <<EOF\n# a\nEOF\n", "cat <<EOF\n# b\nEOF\n"),
    ("a.sh", 'cat <<"EOF"\n# a EOF\n# b\nEOF\n', 'cat <<"EOF"\n# a EOF\n# c\nEOF\n'),
    ("a.sh", "cat <<-EOF\n\t# a\n\tEOF\n", "cat <<-EOF\n\t# b\n\tEOF\n"),
    ("a.sh", "echo a#b\n", "echo a #b\n"),
    ("a.sh", 'echo "a\n# b"\n', 'echo "a\n# c"\n'),
    ("a.sh", "[ -f a ]\n", "[ -f a]\n"),
    ("a.sh", "a=${b#c}\n", "a=${b#d}\n"),
    ("a.sh", "a\nb\n", "a\r\nb\r\n"),
    ("a.css", "a .b { color: red }\n", "a.b { color: red }\n"),
    ("a.css", "a { background: url(//a/b) }\n", "a { background: url(//a/c) }\n"),
    ("a.css", "a { --b: c }\n", "a { /* --b: c */ }\n"),
    ("a.sql", "select 'a -- b';\n", "select 'a -- c';\n"),
    ("a.sql", "select $q$ -- b $q$;\n", "select $q$ -- c $q$;\n"),
    ("a.sql", "select a, b from c;\n", "select a -- , b\nfrom c;\n"),
    ("a.tf", "a = <<EOT\n# b\nEOT\n", "a = <<EOT\n# c\nEOT\n"),
    ("a.tf", 'a = "${b("#")} # c"\n', 'a = "${b("#")} # d"\n'),
    ("a.tf", "a = 1\nb = 2\n", "a = 1\n# b = 2\n"),
    ("a.hs", 'a = "{- b -}"\n', 'a = "{- c -}"\n'),
    ("a.lua", "a = [==[ --[[ b ]] ]==]\n", "a = [==[ --[[ c ]] ]==]\n"),
    ("a.php", "<p>// a</p>\n<?php b();\n", "<p>// c</p>\n<?php b();\n"),
    ("a.pl", "$a =~ s#b#c#;\n", "$a =~ s#b#d#;\n"),
    ("a.pl", "print <<A;\n# b\nA\n", "print <<A;\n# c\nA\n"),
    ("a.c", "#define A b // c\nd\n", "#define A b // e\nd\n"),
    ("a.c", "// a \\\nb();\nc();\n", "// a\nb();\nc();\n"),
    ("a.cs", "#region // a\n#endregion\n", "#region // b\n#endregion\n"),
    ("A.java", "// \\u000a a();\n", "// \\u000a b();\n"),
    ("a.ml", "let f = {a|(* b *)|a}\n", "let f = {a|(* c *)|a}\n"),
    ("Makefile", "a:\n\tb\n", "a:\n    b\n"),
    ("Makefile", "A = b \\\n# c\nd:\n", "A = b \\\n# e\nd:\n"),
    ("Makefile", "a:\n\t# b\n", "a:\n\t# c\n"),
    ("Dockerfile", "RUN <<EOF\n# a\nEOF\n", "RUN <<EOF\n# b\nEOF\n"),
    ("Dockerfile", "RUN a # b\n", "RUN a # c\n"),
    (".env", "A=b # c\n", "A=b # d\n"),
    (".env", 'A="b\n# c"\n', 'A="b\n# d"\n'),
    ("a.properties", "a = b\\\n# c\n", "a = b\\\n# d\n"),
    ("nginx.conf", "a b\n;\n", "a b\n"),
    ("a.haml", "-# a\n%p b\n", "-# a\n  %p b\n"),
    ("a.haml", ":javascript\n  // a\n  -# b\n", ":javascript\n  // a\n  -# c\n"),
    ("a.sass", "a\n  b: c\n", "a\nb: c\n"),
    ("a.pug", "p.\n  //- a\n", "p.\n  //- b\n"),
    ("a.html", "<pre>a\n  b</pre>\n", "<pre>a\n b</pre>\n"),
    ("a.html", "<p>a <b>c</b></p>\n", "<p>a<b>c</b></p>\n"),
    ("a.html", '<p title="<!-- a -->">b</p>\n', '<p title="<!-- c -->">b</p>\n'),
    ("a.html", "<script>a('<!-- b -->')</script>\n", "<script>a('<!-- c -->')</script>\n"),
    ("a.vue", "<template>\n<p>// a</p>\n</template>\n", "<template>\n<p>// b</p>\n</template>\n"),
    ("a.vue", "<script>\na('// b')\n</script>\n", "<script>\na('// c')\n</script>\n"),
    ("a.xml", "<a><![CDATA[<!-- b -->]]></a>\n", "<a><![CDATA[<!-- c -->]]></a>\n"),
    ("a.xml", "<a>b c</a>\n", "<a>bc</a>\n"),
    ("a.xml", '<?xml version="1.0"?>\n<a/>\n', '<?xml version="1.1"?>\n<a/>\n'),
    ("a.json", '{"a": 1, "b": 2}\n', '{"b": 2, "a": 1}\n'),
    ("a.json", '{"a": 1}\n', '{"a": 1.0}\n'),
    ("a.json", '{"a": 1}\n', '{"a": "1"}\n'),
    ("a.json", '{"a": 1}\n', '// b\n{"a": 1}\n'),
    ("a.toml", "a = 1\n", "a = 1.0\n"),
    ("a.toml", "[a]\nb = 1\n", "[a]\n# b = 1\n"),
    ("a.graphql", 'type A { b(c: String = "d"): Int }\n', 'type A { b(c: String = "e"): Int }\n'),
    ("a.graphql", '{ a(b: """c""") }\n', '{ a(b: """d""") }\n'),
    ("a.graphql", 'type A @b(c: ["d" "e"]) { f: Int }\n', 'type A @b(c: ["d" "g"]) { f: Int }\n'),
    ("a.ex", '@b """\nc\n"""\n', '@b """\nd\n"""\n'),
    ("a.ex", '@doc "#{a()}"\ndef b, do: 1\n', '@doc "#{c()}"\ndef b, do: 1\n'),
    ("chart/templates/a.yaml", "a: {{ .b }}\n# {{ .c }}\n", "a: {{ .b }}\n# {{ .d }}\n"),
    ("chart/templates/a.yaml", "a: {{ .b }}\nc: |\n  # d\n", "a: {{ .b }}\nc: |\n  # e\n"),
    ("chart/templates/a.yaml", "a: b\n{{- /* c */ -}}\nd: {{ .e }}\n", "a: b\nd: {{ .e }}\n"),
]

NOTHING = [
    ("a.py", "x = [\n    'a', 'b']\n", 'x = ["a", "b"]\n', "formatting"),
    (
        "a.py",
        'def f():\n    """Old."""\n    return 1\n',
        'def f():\n    """New\n    words."""\n    return 1\n',
        "comments",
    ),
    ("a.py", "def f(a, b):\n  return a\n", "def f(\n    a,\n    b,\n):\n    return a\n", "formatting"),
    ("a.py", "print 'a' # b\n", "print 'a' # c\n", "comments"),
    ("a.js", "f(a, b)\n", "f(\n  a,\n  b,\n)\n", "formatting"),
    ("a.js", "x = 'a'\n", 'x = "a"\n', "formatting"),
    ("a.js", "a.b().c()\n", "a\n  .b()\n  .c()\n", "whitespace"),
    ("a.ts", "const f = (a: string) => a\n", "const f = (\n  a: string,\n) => a\n", "formatting"),
    (
        "a.tsx",
        "const a = (\n  <p>\n    b\n  </p>\n);\n",
        "const a = (\n    <p>\n        b\n    </p>\n);\n",
        "whitespace",
    ),
    ("a.tsx", "const a = <p>{b}</p>;\n", "const a = <p>{/* c */}{b}</p>;\n", "comments"),
    ("a.go", "f(a, b)\n", "f(\n\ta,\n\tb,\n)\n", "formatting"),
    ("a.rs", "f(a, b);\n", "f(\n    a,\n    b\n);\n", "whitespace"),
    (
        "a.tf",
        'a "b" "c" {\n  d = 1\n  efg = [2, 3]\n}\n',
        'a "b" "c" {\n  d   = 1\n  efg = [\n    2,\n    3,\n  ]\n}\n',
        "formatting",
    ),
    ("a.yaml", "a: 'b'\nc: [d,e]\n", 'a: "b"\nc: [d, e]\n', "formatting"),
    ("a.yaml", "a:\n- b\n", "a:\n  - b\n", "whitespace"),
    ("a.json", '{"a":[1,2]}', '{\n  "a": [1, 2]\n}\n', "whitespace"),
    ("tsconfig.json", '{"a": 1}\n', '{\n  // why\n  "a": 1,\n}\n', "comments"),
    ("a.toml", 'a = "b"\n', "a = 'b'\n", "formatting"),
    ("a.graphql", '"""Old"""\ntype A {\n  "x"\n  b: Int\n}\n', 'type A {\n  "y"\n  b: Int\n}\n', "comments"),
    ("a.ex", '@doc """\nOld\n"""\ndef a, do: 1\n', '@doc "New"\ndef a, do: 1\n', "comments"),
    ("a.pl", "$a;\n\n=pod\n\nOld\n\n=cut\n\n$b;\n", "$a;\n\n$b;\n", "comments"),
    ("a.rb", "a = 1\n=begin\nold\n=end\nb = 2\n", "a = 1\nb = 2\n", "comments"),
    ("a.html", "<div>\n<p>a</p>\n</div>\n", "<div>\n    <p>a</p>\n</div>\n", "whitespace"),
    ("a.html", "<style>\na { b: c }\n</style>\n", "<style>\n/* d */\na { b: c }\n</style>\n", "comments"),
    ("a.vue", "<script>\nf(a)\n</script>\n", "<script>\n// b\nf(a)\n</script>\n", "comments"),
    (
        "a.vue",
        "<style lang='scss'>\n.a { b: c }\n</style>\n",
        "<style lang='scss'>\n// d\n.a { b: c }\n</style>\n",
        "comments",
    ),
    ("chart/templates/a.yaml", "a: {{ .b }}\nc: d\n", "a: {{ .b }}\n{{- /* e */}}\nc: d\n", "comments"),
    (
        "chart/templates/_a.tpl",
        '{{- define "a" -}}\nb\n{{- end }}\n',
        '{{/*\nWhat it is\n*/}}\n{{- define "a" -}}\nb\n{{- end }}\n',
        "comments",
    ),
    ("a.sql", "select a from b;\n", "select a\n  from b; -- why\n", "comments"),
    ("a.css", "a { b: c; d: rgb(1,2) }\n", "a {\n  b: c;\n  d: rgb(1, 2)\n}\n", "whitespace"),
    ("a.go", "package a\r\n\r\nvar b = 1\r\n", "package a\n\nvar b = 1\n", "whitespace"),
]


@pytest.mark.parametrize(("path", "old", "new"), SOMETHING)
def test_a_change_that_means_something_is_left_to_others(path, old, new):
    assert rule(path, old, new) is None
    assert rule(path, new, old) is None


@pytest.mark.parametrize(("path", "old", "new", "expected"), NOTHING)
def test_a_change_that_means_nothing(path, old, new, expected):
    assert rule(path, old, new) == expected
    assert rule(path, new, old) == expected


ACTING = [
    ("a.sh", "#!/bin/sh\na\n", "#!/bin/bash\na\n"),
    ("a.py", "#!/usr/bin/python3\na\n", "a\n"),
    ("a.py", "# coding: latin-1\na = 'x'\n", "# coding: utf-8\na = 'x'\n"),
    (
        "a.py",
        '# /// script\n# dependencies = ["a"]\n# ///\nb\n',
        '# /// script\n# dependencies = ["c"]\n# ///\nb\n',
    ),
    ("a.py", 'def f():\n    """a"""\nprint(f.__doc__)\n', 'def f():\n    """b"""\nprint(f.__doc__)\n'),
    ("a.py", '@function_tool\ndef f():\n    """a"""\n', '@function_tool\ndef f():\n    """b"""\n'),
    ("a.go", "//go:build linux\n\npackage a\n", "//go:build darwin\n\npackage a\n"),
    ("a.go", "// +build linux\n\npackage a\n", "package a\n"),
    ("a.go", "package a\n\n//go:embed b\nvar c string\n", "package a\n\n//go:embed d\nvar c string\n"),
    ("a.go", "package a\n\n//go:embed b\nvar c, d string\n", "package a\n\nvar c, d string\n\n//go:embed b\n"),
    ("a.go", 'package a\n\n// #define B 1\nimport "C"\n', 'package a\n\n// #define B 2\nimport "C"\n'),
    ("Dockerfile", "# syntax=docker/dockerfile:1\nFROM a\n", "FROM a\n"),
    ("Dockerfile", "# escape=`\nFROM a\n", "# escape=\\\nFROM a\n"),
    ("a.sql", "select /*+ parallel(4) */ a from b;\n", "select /*+ parallel(8) */ a from b;\n"),
    ("a.sql", "/*!40101 set a=1 */;\n", "/*!40101 set a=2 */;\n"),
    ("a.sql", "-- +goose Up\ncreate table a();\n", "create table a();\n"),
    ("a.sql", "-- migrate:up\ncreate table a();\n", "-- migrate:down\ncreate table a();\n"),
    ("a.sql", "-- name: GetA :one\nselect a from b;\n", "-- name: GetA :many\nselect a from b;\n"),
    (
        "a.sql",
        "--liquibase formatted sql\n--changeset a:1\nselect 1;\n",
        "--liquibase formatted sql\n--changeset a:2\nselect 1;\n",
    ),
    ("a.sql", "select 1;--> statement-breakpoint\nselect 2;\n", "select 1;\nselect 2;\n"),
    ("a.sql", "-- {{ ref('a') }}\nselect 1;\n", "-- {{ ref('b') }}\nselect 1;\n"),
    ("a.rb", "# frozen_string_literal: true\na\n", "a\n"),
    ("a.php", "<?php\n/** @ORM\\Entity */\nclass A {}\n", "<?php\nclass A {}\n"),
    ("a.php", '<?php\n/**\n * @Route("/a")\n */\nclass A {}\n', '<?php\n/**\n * @Route("/b")\n */\nclass A {}\n'),
    ("a.js", "import(/* webpackChunkName: 'a' */ 'b')\n", "import(/* webpackChunkName: 'c' */ 'b')\n"),
    ("a.js", "//= require a\nb()\n", "//= require c\nb()\n"),
    ("a.tsx", "/** @jsx h */\nconst a = 1;\n", "const a = 1;\n"),
    ("a.css", "/*\n *= require a\n */\n.b {}\n", "/*\n *= require c\n */\n.b {}\n"),
    ("a.html", "<!--[if IE]><p>a</p><![endif]-->\n<p>b</p>\n", "<!--[if IE]><p>c</p><![endif]-->\n<p>b</p>\n"),
    ("a.html", "<!-- {{ a }} -->\n<p>b</p>\n", "<!-- {{ c }} -->\n<p>b</p>\n"),
    ("a.html.erb", "<!-- <%= a %> -->\n<p>b</p>\n", "<!-- <%= c %> -->\n<p>b</p>\n"),
    ("a.html.erb", "<%# locals: (a:) -%>\n<p>b</p>\n", "<%# locals: (c:) -%>\n<p>b</p>\n"),
    ("a.cshtml", "<!-- @a -->\n<p>b</p>\n", "<!-- @c -->\n<p>b</p>\n"),
    ("user-data.yaml", "#cloud-config\na: 1\n", "a: 1\n"),
    ("Package.swift", "// swift-tools-version:5.4\na\n", "// swift-tools-version:5.6\na\n"),
    ("a.hs", "{-# LANGUAGE LambdaCase #-}\na = 1\n", "a = 1\n"),
    ("a.ps1", "#Requires -Version 5\na\n", "#Requires -Version 7\na\n"),
]


@pytest.mark.parametrize(("path", "old", "new"), ACTING)
def test_comments_that_do_something_count(path, old, new):
    assert rule(path, old, new) is None
    assert rule(path, new, old) is None


IDLE = [
    ("a.py", "a = 1  # type: int\n", "a = 1  # noqa\n"),
    ("a.ts", "// @ts-ignore\na()\n", "a() // eslint-disable-line\n"),
    ("a.go", "package a\n\n//go:generate b\n", "package a\n"),
    ("a.go", "//go:build linux\n\n// Old.\npackage a\n", "//go:build linux\n\n// New.\npackage a\n"),
    ("a.php", "<?php\n/** @param int $a */\nf();\n", "<?php\n/** @param string $a */\nf();\n"),
    ("a.sql", "-- why\nselect 1;\n", "select 1; -- that is why\n"),
    ("a.js", "a()\n//# sourceMappingURL=a.js.map\n", "a()\n"),
    ("a.rb", "# rubocop:disable A\na\n", "a\n"),
    ("a.sh", "#!/bin/sh\n# shellcheck disable=1\na\n", "#!/bin/sh\na\n"),
]


@pytest.mark.parametrize(("path", "old", "new"), IDLE)
def test_comments_for_tools_that_do_not_run_do_not_count(path, old, new):
    assert rule(path, old, new) == "comments"
    assert rule(path, new, old) == "comments"
