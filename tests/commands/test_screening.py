"""A table of what dev said, for configurations that are only screened."""

import shutil

import yaml


def test_the_last_figures_of_dev_make_a_row(vcdisent, checkpoint_folder, logged, tmp_path):
    folders = [shutil.copytree(checkpoint_folder, tmp_path / f"exp/{name}") for name in ("a_seed0", "a_seed1", "b")]
    ran = vcdisent("report", "--dev", *folders, "-o", tmp_path / "D.md")
    assert ran.status == 0, ran.err
    text = (tmp_path / "D.md").read_text()
    header, _, *rows = [[cell.strip() for cell in r.split("|")[1:-1]] for r in text.splitlines() if r.startswith("|")]
    assert [row[0] for row in rows] == ["a", "b"]
    found = dict(zip(header, rows[1], strict=True))
    last = {name: values[max(values)] for name, values in logged(checkpoint_folder).items()}
    assert found["steps"] == "6" and found["static EER"] == f"{last['dev/static_eer']:.1f}"
    assert found["gap"] == f"{last['dev/dynamic_mean_eer'] - last['dev/static_eer']:.1f}"
    assert found["I(z;s), MWS"] == f"{last['dev/mi_cross_mws']:.2f}"
    one = f"{last['dev/static_eer']:.1f}"
    assert found["seeds"] == "1" and rows[0][1] == "2" and rows[0][4] == f"{one} ({one} to {one})"
    commit = str(yaml.safe_load((checkpoint_folder / "made_by.yaml").read_text())["commit"])
    assert text.count(f"commit {commit}") == 3 and (tmp_path / "D_curves.png").exists()


def test_a_folder_without_a_log_is_told(vcdisent, checkpoint_folder, tmp_path):
    folder = shutil.copytree(checkpoint_folder, tmp_path / "a")
    shutil.rmtree(folder / "tensorboard")
    ran = vcdisent("report", "--dev", folder, "-o", tmp_path / "D.md")
    assert ran.status == 2 and "has no log of dev" in ran.err and not (tmp_path / "D.md").exists()
