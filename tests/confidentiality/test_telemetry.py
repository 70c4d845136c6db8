"""The framework's own telemetry puts addresses with their query into spans: it is off, and stays off."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.config import Settings
from app.main import create_app
from tests.api.served import ROOT, SECRET, environment, seeded_folder
from tests.gazetteer_cache import cached_gazetteer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_folder(tmp_path_factory.mktemp("telemetry") / "var", cached_gazetteer())


def probed(which: str, folder: Path) -> dict[str, Any]:
    """Statuses of the answers, and what spans, metrics and logs were told, where everything asks for telemetry."""
    variables = {
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true" if which == "ours" else "false",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.confidentiality.telemetry_probe", which, str(folder)],
        cwd=ROOT,
        env=environment(folder) | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.rpartition("\n")[2])
    return said


def test_nothing_is_told_to_an_operators_telemetry(folder: Path) -> None:
    probe = probed("ours", folder)

    assert probe["statuses"] == [200, 200, 422, 500]
    assert probe["told"] == []


def test_an_application_that_did_not_switch_it_off_tells_the_postcode(folder: Path) -> None:
    """The control: should the framework stop doing so, the test above would prove nothing any more."""
    told = "\n".join(probed("defaults", folder)["told"])

    assert "B69" in told
    assert "zqtelemetry" in told
    assert "measured" in told
    assert "logged" in told


def test_every_switch_that_the_framework_has_is_off(tmp_path: Path) -> None:
    """A new kind of telemetry comes with a new switch, which somebody has to look at."""
    app = create_app(Settings(data_dir=tmp_path, secret=SecretStr(SECRET)))

    switches = {name: value for name, value in app._telemetry.items() if isinstance(value, bool)}

    assert switches == dict.fromkeys(
        ("tracing", "metrics", "logs", "operation_spans", "auto_configure"), False
    )
