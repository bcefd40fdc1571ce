"""A small file of each language: its code, a comment for a line of its own, one for the end of a line (if there are)."""

from typing import NamedTuple


class Sample(NamedTuple):
    path: str
    code: str
    comment: str
    trailing: str = ""
    """Put at the end of the line that ends in `@@`."""

    @property
    def plain(self):
        return self.code.replace("@@", "")

    @property
    def lines(self):
        return self.plain.splitlines(keepends=True)


SAMPLES = [
    Sample("a.py", "import os\nurl = 'http://x # y'@@\n\ndef f(a):\n    return '# no' + a\n", "# note", "  # note"),
    Sample("a.js", "const a = 1;@@\nconst u = `http://${h(`//x`)}/*`;\nx.replace(/\\/\\/*/g, '//');\n", "// note", " // note"),
    Sample("a.ts", "interface A {\n  a: string@@\n  b?: 'x' | \"y\"\n}\nexport const u = 'http://x'\n", "/* note */", " // note"),
    Sample("a.tsx", "export const A = () => {\n  const a = 1;@@\n  return <p title=\"//x\">http://a.b {a}</p>;\n};\n", "// note", " // note"),
    Sample("a.jsonc", '{\n  "a": [1, 2], "u": "http://x"@@\n}\n', "// note", " // note"),
    Sample("a.toml", "[a]\nb = 'x # y'@@\nc = [1, 2]\n", "# note", " # note"),
    Sample("a.yaml", "a:\n  - 'b # c'@@\nd: [e, f]\n", "# note", " # note"),
    Sample("chart/templates/a.yaml", "a: {{ .Values.a }}\nb: |\n  # text\n{{- if .Values.c }}\nc: d\n{{- end }}\n", "# note"),
    Sample("a.go", 'package a\n\nvar u = "http://x"@@\nvar r = `// raw`\n\nfunc f() { g("/*") }\n', "// note", " // note"),
    Sample("a.rs", "fn f<'a>(x: &'a str) -> char {\n    let s = r#\"// \"raw\"\"#;@@\n    '\"'\n}\n", "/// note", " // note"),
    Sample("A.java", 'class A {\n  String s = "// x";@@\n  char c = \'"\';\n  String t = """\n    // text\n    """;\n}\n', "/** note */", " // note"),
    Sample("a.kt", 'val a = "x ${f("// y")} // z"@@\nval b = """// raw"""\nfun f(s: String) = s\n', "/* note /* nested */ */", " // note"),
    Sample("a.scala", 'object A {\n  val a = s"x ${f("// y")}"@@\n  val c = \'"\'\n}\n', "/* note /* nested */ */", " // note"),
    Sample("a.cs", 'class A {\n  string a = @"c:\\// ""x""";@@\n  string b = $"{f("// x")} // y";\n}\n', "/// <summary>note</summary>", " // note"),
    Sample("a.cpp", '#define X "// a" // b\nauto r = R"x(// ")" raw)x";@@\nint f() { return 1\'000; }\n', "// note", " // note"),
    Sample("a.swift", 'let a = "x \\(f("// y")) // z"@@\nlet b = """\n  // text\n  """\n', "/* note /* nested */ */", " // note"),
    Sample("a.dart", "var a = 'x ${f('// y')} // z';@@\nvar b = r'// raw';\n", "/// note", " // note"),
    Sample("a.proto", 'syntax = "proto3";\nmessage A {\n  string url = 1;@@\n}\n', "// note", " // note"),
    Sample("a.thrift", 'struct A {\n  1: string url = "http://x",@@\n}\n', "# note", " // note"),
    Sample("a.graphql", 'type A {\n  b(c: String = "# d"): Int@@\n}\n', "# note", " # note"),
    Sample("a.tf", 'locals {\n  a = "x # ${var.y["k"]} // z"@@\n  b = <<-EOT\n    # text\n  EOT\n}\n', "# note", " // note"),
    Sample("a.css", "a { background: url(//x/y); color: red }@@\n", "/* note */", " /* note */"),
    Sample("a.scss", "$a: 1px;@@\na { background: url(//x/y); b: url('http://x') }\n", "// note", " // note"),
    Sample("a.less", "@a: 1px;@@\na { b: url('http://x') }\n", "// note", " // note"),
    Sample("a.sql", "select 'a -- b',@@\n  $$ -- c $$ from t;\n", "-- note", " -- note"),
    Sample("a.lua", "x = [[ -- s ]]@@\ny = '--'\n", "--[[ note\nnote ]]", " -- note"),
    Sample("a.sol", 'contract A { string u = "http://x"; }@@\n', "// note", " // note"),
    Sample("a.zig", 'const u = "http://x";@@\nconst v =\n    \\\\// text\n;\n', "// note", " // note"),
    Sample("a.rego", 'package a\n\nallow if input.x == "# y"@@\n', "# note", " # note"),
    Sample("a.cue", 'a: "x \\("// y") // z"@@\nb: 1\n', "// note", " // note"),
    Sample("a.jsonnet", "{ a: 'http://x', b: |||\n  // text\n||| }@@\n", "// note", " // note"),
    Sample("a.bicep", "param a string = '//${b}'@@\n", "// note", " // note"),
    Sample("a.prisma", 'model A {\n  id Int @id\n  u  String @default("http://x")@@\n}\n', "/// note", " // note"),
    Sample("a.php", "<?php\n$a = 'http://x';@@\n#[Route('/x')]\nfunction f() { return <<<EOT\n// text\nEOT;\n}\n", "// note", " // note"),
    Sample("a.rb", 'a = "x #{y} # z"@@\nb = <<~SQL\n  # text\nSQL\nc = %w[# a]\n', "# note", " # note"),
    Sample("a.ex", 'defmodule A do\n  def f, do: "x #{y} # z"@@\nend\n', "# note", " # note"),
    Sample("a.erl", '-module(a).\nf() -> "% x".@@\n', "% note", " % note"),
    Sample("a.groovy", 'def a = "// x"@@\ndef b = 1\n', "// note", " // note"),
    Sample("a.sh", '#!/bin/sh\necho "${#x} # s" ${y#z}@@\ncat <<EOF\n# text\nEOF\na=b#c\n', "# note", " # note"),
    Sample("a.ps1", '$a = "x # y"@@\nGet-Item $a\n', "# note", " # note"),
    Sample("a.pl", "my $x = 'a # b';@@\nprint $x;\n", "# note", " # note"),
    Sample("a.r", 'a <- "x # y"@@\nf <- function(x) x + 1\n', "# note", " # note"),
    Sample("a.jl", 'a = "x # y"@@\nf(x) = x + 1\n', "# note", " # note"),
    Sample("a.hs", 'module A where\n\na = "-- x"@@\nb = 1\n', "-- note", " -- note"),
    Sample("a.ml", 'let a = "(* x *)"@@\nlet b = 1\n', "(* note *)", " (* note *)"),
    Sample("a.fs", 'let a = "// x"@@\nlet f x =\n    x + 1\n', "// note", " // note"),
    Sample("a.clj", '(def a "; x")@@\n(def b 1)\n', "; note", " ; note"),
    Sample("a.coffee", 'a = "x // y"@@\nb = (x) ->\n  x + 1\n', "# note", " # note"),
    Sample("a.nim", 'let a = "# x"@@\nproc f(x: int): int =\n  x + 1\n', "# note", " # note"),
    Sample("a.vb", 'Dim a = "\' x"@@\nDim b = 1\n', "' note", " ' note"),
    Sample("CMakeLists.txt", 'set(A "# x")@@\nadd_library(b c.c)\n', "# note", " # note"),
    Sample("a.sass", "a\n  color: red\nb\n  color: blue\n", "// note"),
    Sample("a.haml", "%p a\n:javascript\n  -# text\n%p b\n", "-# note"),
    Sample("a.slim", "p a\njavascript:\n  / text\np b\n", "/ note"),
    Sample("a.pug", "p a\nscript.\n  //- text\np b\n", "//- note"),
    Sample("Makefile", "A = b\\#c\nall:\n\techo '# x' # y\n", "# note"),
    Sample("Dockerfile", 'FROM a\nRUN echo "# x" && \\\n    b\nCMD ["c"]\n', "# note"),
    Sample(".env", "A=b#c\nB='d # e'\n", "# note"),
    Sample("a.ini", "[a]\nb = c ; d\n", "; note"),
    Sample("nginx.conf", "server {\n  listen 80;\n  return 301 /#x;\n}\n", "# note"),
    Sample("a.properties", "a = b # c\nd = e\n", "! note"),
    Sample("requirements.txt", "a==1\nb @ https://x/y#egg=b\n", "# note"),
    Sample("a.html", '<p title="x">a</p>\n<pre>\n  b\n</pre>\n<script>\n  const u = "http://x";\n</script>\n', "<!-- note -->"),
    Sample("a.html.erb", "<p><%= a %></p>\n<b>c</b>\n", "<%# note %>"),
    Sample("a.html.twig", "<p>{{ a }}</p>\n<b>c</b>\n", "{# note #}"),
    Sample("a.hbs", "<p>{{a}}</p>\n<b>c</b>\n", "{{!-- note --}}"),
    Sample("a.blade.php", "<p>{{ $a }}</p>\n<b>c</b>\n", "{{-- note --}}"),
    Sample("a.liquid", "<p>{{ a }}</p>\n<b>c</b>\n", "{% comment %} note {% endcomment %}"),
    Sample("a.jsp", "<p>${a}</p>\n<b>c</b>\n", "<%-- note --%>"),
    Sample("a.ftl", "<p>${a}</p>\n<b>c</b>\n", "<#-- note -->"),
    Sample("a.cshtml", "<p>@a</p>\n<b>c</b>\n", "@* note *@"),
    Sample("a.vue", '<template>\n  <p>{{ a }}</p>\n</template>\n<script setup lang="ts">\nconst a = "http://x"\n</script>\n', "<!-- note -->"),
    Sample("a.svelte", '<script>\n  let a = "http://x";\n</script>\n<p>{a}</p>\n', "<!-- note -->"),
    Sample("a.xml", '<?xml version="1.0"?>\n<a b="c">\n  <d>http://x</d>\n</a>\n', "<!-- note -->"),
]  # fmt: skip
IDS = [sample.path for sample in SAMPLES]
