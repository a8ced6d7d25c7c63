"""What a user may add to the terms, and that it is never silent."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from paidsw.trial import overlay
from paidsw.trial.overlay import VARIABLE, overlaid
from paidsw.trial.terms import BUILT_IN, Terms

ROOT = Path(__file__).parent.parent.parent
SAID = 'source = "a bill"\ndate = "2026-11-20"\n'
REGION = f"[regions.cn-zhangjiakou]\n{SAID}"
CPU = f'[types."ecs.g6.xlarge"]\ncuPerHour = "1.2"\n{SAID}'
NEW = f'[types."ecs.gn8x.large"]\ncuPerHour = 9.5\naccelerator = "GPU"\n{SAID}'


def terms_with(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Terms:
    path = folder / "mine.toml"
    path.write_text(text)
    monkeypatch.setenv(VARIABLE, str(path))
    return overlaid(BUILT_IN)


def test_without_a_file_the_terms_are_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(overlay, "FILE", tmp_path / "none.toml")
    assert overlaid(BUILT_IN) is BUILT_IN
    assert BUILT_IN.notice is None


def test_a_region_and_types_are_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = terms_with(REGION + CPU + NEW, tmp_path, monkeypatch)
    assert set(found.region_ids) - set(BUILT_IN.region_ids) == {"cn-zhangjiakou"}
    assert set(found.instance_type_ids) - set(BUILT_IN.instance_type_ids) == {
        "ecs.g6.xlarge",
        "ecs.gn8x.large",
    }
    rate = found.rate("ecs.g6.xlarge")
    assert rate is not None
    assert (rate.at_most, rate.sources[0].title) == (Decimal("1.2"), "a bill")
    assert found.instance_types["ecs.g6.xlarge"].vcpus == 4
    assert found.instance_types["ecs.gn8x.large"].accelerator == "GPU"
    assert found.home_region == BUILT_IN.home_region
    for part in (
        "mine.toml IS IN FORCE",
        "region cn-zhangjiakou",
        "ecs.g6.xlarge at 1.2",
        "ecs.gn8x.large at 9.5",
    ):
        assert part in str(found.notice)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "adds nothing"),
        ("regions = 1", "must be tables"),
        ("[regions]\na = 1", "must be tables"),
        ("[quota]\ncu = 1000", "allowed are regions, types"),
        ("what is this", "not TOML"),
        ("[regions.x]\n", 'x needs source = "who says so"'),
        ('[regions.x]\nsource = " "\ndate = "2026"', "x needs source"),
        (f"[regions.cn-beijing]\n{SAID}", "region of the trial already"),
        (f"[regions.x]\nfree = true\n{SAID}", "x has 'free'"),
        (f'[types."ecs.gn7i-c8g1.2xlarge"]\ncuPerHour = 1\n{SAID}', "can't be changed"),
        (f'[types."ecs.g6.xlarge"]\n{SAID}', "cuPerHour of ecs.g6.xlarge"),
        (f'[types."ecs.g6.xlarge"]\ncuPerHour = 0\n{SAID}', "above 0"),
        (f'[types."ecs.g6.xlarge"]\ncuPerHour = -1\n{SAID}', "above 0"),
        (f'[types."ecs.g6.xlarge"]\ncuPerHour = nan\n{SAID}', "above 0"),
        (f'[types."ecs.g6.xlarge"]\ncuPerHour = inf\n{SAID}', "above 0"),
        (f'[types."ecs.g6.xlarge"]\ncuPerHour = "few"\n{SAID}', "above 0"),
        (f'[types."ecs.g6.xlarge"]\ncuPerHour = true\n{SAID}', "above 0"),
        (f'[types."ecs.new"]\ncuPerHour = 1\n{SAID}', "needs accelerator"),
    ],
)
def test_a_wrong_file_counts_for_nothing(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = terms_with(text, tmp_path, monkeypatch)
    assert said in str(found.notice)
    assert str(found.notice).startswith("mine.toml IS NOT IN FORCE")
    assert "\n" not in str(found.notice)
    assert (found.regions, found.instance_types) == (BUILT_IN.regions, BUILT_IN.instance_types)


def test_half_a_wrong_file_counts_for_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = terms_with(REGION + '[types."ecs.new"]\n', tmp_path, monkeypatch)
    assert found.region_ids == BUILT_IN.region_ids


def test_a_named_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "gone.toml"))
    assert "can't be read" in str(overlaid(BUILT_IN).notice)


def test_every_package_has_the_same_terms_and_the_provider_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(REGION)
    code = (
        "from paidsw.emulator.ledger.tariff import load; from paidsw.provider.instance.resource import check\n"
        "from tests.support.samples import IMAGE, inputs\n"
        "here = 'cn-zhangjiakou'\n"
        "found = check(inputs(region=here, imageUrl=IMAGE.replace('cn-wulanchabu', here)))\n"
        "print(here in load().regions, found.failures, *found.advice)"
    )
    environment = {**os.environ, VARIABLE: str(path)}
    shown = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("True [] ")
    assert "mine.toml IS IN FORCE" in shown.stdout
