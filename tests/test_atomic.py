from pathlib import Path

import pytest

from vcdisent.atomic import whole_file, write_text
from vcdisent.errors import InputError


def test_appears_at_the_end_of_the_block(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with whole_file(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists() and temporary.suffix == ".txt"
    assert path.read_text() == "whole" and list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), whole_file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_says_where_it_cannot_write(tmp_path):
    with pytest.raises(InputError, match="it is a folder"):
        write_text(tmp_path, "x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="its folder cannot be made"):
        write_text(tmp_path / "file/a.txt", "x")
    if Path("/proc/self").is_dir():
        with pytest.raises(InputError, match=r"/proc/a\.txt: cannot be written there .*: choose another place"):
            write_text("/proc/a.txt", "x")
