"""Another project than this, judged by this checkout: what its own project file may say, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.cli.check.gate import Request, check
from paidsw.cli.reports import Report
from paidsw.cli.reports.finding import Level
from tests.support.gate import PROGRAM, Previews, write_project
from tests.support.pipelines import write

OWN = """\
runtime: {name: python, options: {toolchain: uv}}
main: infra
stackConfigDir: stacks
plugins: {providers: [{name: paidsw, path: ../elsewhere/provider}]}
"""


def other_project(folder: Path, more: str = OWN, settings: str = "config: {}\n") -> Path:
    write_project(folder, more)
    for name in ("infra", "stacks"):
        (folder / name).mkdir()
    (folder / "infra" / "__main__.py").write_text("import pulumi\n")
    (folder / "stacks" / "Pulumi.prod.yaml").write_text(settings)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return write_project(tmp_path / "judge", "runtime: python\n", dev="config: {}\n")


def judged(checkout: Path, project: Path, *, run_program: bool = True) -> Report:
    return check(Request(checkout, project, run_program=run_program, other_project=True))


def test_its_program_and_its_stacks_are_where_it_says(
    tmp_path: Path, checkout: Path, previews: Previews
) -> None:
    project = other_project(tmp_path / "other")
    report = judged(checkout, project)
    assert (report.findings, report.exit_code) == ((), 0)
    assert (previews.task.checkout, previews.task.program) == (checkout, project / "infra")
    assert [one.file for one in previews.stacks] == [project / "stacks" / "Pulumi.prod.yaml"]


def test_without_its_program_the_judges_own_makes_of_its_settings_what_it_can(
    tmp_path: Path, checkout: Path, previews: Previews
) -> None:
    project = other_project(tmp_path / "other", OWN.replace("name: python", "name: nodejs"))
    (project / "infra" / "__main__.py").write_text(PROGRAM)
    assert judged(checkout, project, run_program=False).findings == ()
    assert previews.task.program == checkout
    assert [one.file for one in previews.stacks] == [project / "stacks" / "Pulumi.prod.yaml"]


@pytest.mark.parametrize("change", ["infra/__main__.py", "infra/seats.py", "infra/components/__init__.py"])
def test_a_program_of_its_own_that_is_not_run_is_a_warning(
    tmp_path: Path, checkout: Path, previews: Previews, change: str
) -> None:
    project = other_project(tmp_path / "other")
    (project / "infra" / "components").mkdir()
    (project / change).write_text("other\n")
    (found,) = judged(checkout, project, run_program=False).findings
    assert (found.level, found.file) == (Level.WARNING, "Pulumi.yaml")
    assert "judge it with --run-program" in found.text


def test_a_library_of_its_own_that_would_run_instead_of_the_judges_is_refused(
    tmp_path: Path, checkout: Path, previews: Previews
) -> None:
    project = other_project(tmp_path / "other")
    write(checkout, {"paidsw/terms.py": "t", "components/__init__.py": "c"})
    write(project, {"infra/paidsw/terms.py": "t", "infra/components/__init__.py": "c"})
    assert judged(checkout, project).findings == ()
    (project / "infra" / "components" / "__init__.py").write_text("evil")
    (project / "infra" / "pulumi_paidsw").symlink_to("paidsw")
    report = judged(checkout, project)
    assert [one.file for one in report.errors] == ["infra/components", "infra/pulumi_paidsw"]
    assert report.exit_code == 1


def test_a_checkout_of_this_project_has_no_project_file_of_its_own(
    tmp_path: Path, checkout: Path, previews: Previews
) -> None:
    project = other_project(tmp_path / "other")
    report = check(Request(checkout, project, run_program=True))
    assert {one.text.split(" ")[0] for one in report.errors} >= {
        "main",
        "plugins",
        "runtime",
        "stackConfigDir",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: python", "name: nodejs"), "the program's language is nodejs, and dsw check runs Python"),
        (("{name: python, options: {toolchain: uv}}", "yaml"), "the program's language is yaml"),
        (("main: infra", "main: ../outside"), "main leads out of the project"),
        (("main: infra", "main: /"), "main leads out of the project"),
        (("main: infra", "main: link"), "main leads out of the project"),
        (("main: infra", 'main: "a\\0b"'), "main leads out of the project"),
    ],
)
def test_a_program_that_can_not_be_run_here_is_not_run(
    tmp_path: Path, checkout: Path, previews: Previews, change: tuple[str, str], said: str
) -> None:
    project = other_project(tmp_path / "other", OWN.replace(*change))
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "__main__.py").write_text("import pulumi\n")
    (project / "link").symlink_to(tmp_path / "outside")
    report = judged(checkout, project)
    assert [(one.file, one.text.startswith(said)) for one in report.errors] == [("Pulumi.yaml", True)]
    assert (report.exit_code, previews.stacks) == (1, [])
    unread = judged(checkout, project, run_program=False)
    assert any("main leads out" in one.text for one in unread.errors) == ("main" in said[:4])


def test_its_files_are_named_as_its_repository_has_them(
    tmp_path: Path, checkout: Path, previews: Previews
) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    project = other_project(tmp_path / "repository" / "classes", settings="- broken\n")
    report = judged(checkout, project)
    assert [one.file for one in report.findings] == ["classes/stacks/Pulumi.prod.yaml"]
    assert report.files == ("classes/stacks/Pulumi.prod.yaml",)
    (project / ".git").write_text("gitdir: elsewhere\n")
    assert judged(checkout, project).files == ("stacks/Pulumi.prod.yaml",)


def test_an_encrypted_setting_of_its_own_is_a_warning_and_that_of_the_region_is_refused(
    tmp_path: Path, checkout: Path, previews: Previews
) -> None:
    secret = "{secure: v1:abc}"
    settings = f"config:\n  dsw-free-tier:token: {secret}\n  alicloud:region: {secret}\n"
    project = other_project(tmp_path / "other", settings=settings)
    report = judged(checkout, project)
    assert [(one.level, one.line) for one in report.findings] == [(Level.WARNING, 2), (Level.ERROR, 3)]
    assert "what the program makes of it isn't judged" in report.findings[0].text
    by_the_judges_program = judged(checkout, project, run_program=False)
    assert [one.level for one in by_the_judges_program.findings] == [Level.ERROR, Level.ERROR]
