from hypothesis import given
from hypothesis import strategies as st

from eod.terraform import tail
from eod.terraform.tail import Tail


def test_half_a_line_waits_for_its_other_half(tmp_path):
    path = tmp_path / "stream"
    with path.open("wb", buffering=0) as out:
        out.write(b"one\ntw")
        with Tail(path) as reading:
            assert list(reading.lines()) == [b"one"]
            assert list(reading.lines()) == []
            out.write(b"o\nthree")
            assert list(reading.lines()) == [b"two"]
            assert list(reading.remainder()) == [b"three"]
            assert list(reading.remainder()) == []


def test_a_line_without_end_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(tail, "LINE_LIMIT", 10)
    monkeypatch.setattr(tail, "CHUNK", 4)
    path = tmp_path / "stream"
    path.write_bytes(b"x" * 30 + b"\nend\n")
    with Tail(path) as reading:
        lines = list(reading.remainder())
    assert b"".join(lines) == b"x" * 30 + b"end"
    assert max(map(len, lines)) <= 14


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), max_size=20))
def test_lines_come_out_as_they_went_in(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("tail") / "stream"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    with Tail(path) as reading:
        assert list(reading.remainder()) == lines
