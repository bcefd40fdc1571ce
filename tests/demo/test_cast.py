from msgspec import structs

from demo import cast


def test_what_python_compiled_beside_the_application_is_not_pushed(tmp_path, monkeypatch):
    monkeypatch.setattr(cast, "_CHANGES", tmp_path)
    compiled = tmp_path / "123/1-opened/app/__pycache__/shop.cpython-311.pyc"
    compiled.parent.mkdir(parents=True)
    compiled.write_bytes(b"\xa7\r\r\n")
    (tmp_path / "123/1-opened/app/shop.py").write_text("open = True\n")
    part = structs.replace(cast.CAST[0], folder="123")
    assert part.pushes() == [{"app/shop.py": "open = True\n"}]
