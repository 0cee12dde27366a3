"""Keys never stand in a config file: they are refused wherever they stand, and never repeated."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.config_file import load_config
from engine.adapters.secrets_guard import looks_secret, take_out_secrets
from engine.domain.errors import ConfigError


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["api_key", "apiKey", "secret", "API-SECRET", "passphrase", "password", "key", "private_key", "token"]
)
@pytest.mark.parametrize("table", ["", "[venue]\n", "[venues.okx]\n", "[notify]\n", "[made_up]\n", "[[basket]]\n"])
def test_a_key_by_name_is_refused_in_every_table_and_its_value_never_printed(
    tmp_path: Path, table: str, name: str
) -> None:
    message = refused(tmp_path, f'{table}{name} = "hunter2"')
    assert f"{name}: looks like a key or secret by its name: keys never stand in this file" in message
    assert "DRIFTDECK_<VENUE>_KEY" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "value",
    [
        "aB3dE5gH7jK9mN1pQ3",  # 18 mixed characters, the form of a Bybit key
        "0123456789abcdef0123456789abcdef",
        "6f1c2a54-9f0e-4b1b-8f57-1c2d3e4f5a6b",
        "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==",
        "-----BEGIN EC PRIVATE KEY-----",
        "https://user:hunter2@example.com/hook",
    ],
)
@pytest.mark.parametrize("place", ["[venue]\nid = {}", "[venue]\nproxy = {}", "[[basket]]\nassets = [{}]", "x = {}"])
def test_a_key_by_its_looks_is_refused_wherever_it_stands(tmp_path: Path, place: str, value: str) -> None:
    message = refused(tmp_path, place.format(f'"{value}"'))
    assert "its value looks like a key or secret" in message
    assert value not in message


def test_broken_toml_never_repeats_what_stands_on_the_line(tmp_path: Path) -> None:
    assert "hunter2" not in refused(tmp_path, 'secret = "hunter2\n')
    assert "hunter2" not in refused(tmp_path, "secret = hunter2\n")
    assert "hunter2" not in refused(tmp_path, "[hunter2]\nx = 1\n[hunter2]\nx = 1\n")


@pytest.mark.parametrize(
    "text", ["bybit", "ETH/USDT:USDT", "1000PEPE/USDT", "majors-hedged", "http://127.0.0.1:9000", "22:00-07:00", "max"]
)
def test_ordinary_values_are_no_secrets(text: str) -> None:
    assert not looks_secret(text)


def test_identity_thesis_and_file_names_may_look_dense() -> None:
    table = {
        "simulation": {"identity": "a" * 20 + "0123456789abcdef" * 2},
        "venue": {"ca_file": "0123456789abcdef" * 4},
    }
    cleaned, found = take_out_secrets(table)
    assert cleaned == table
    assert found == ()


@given(st.text(alphabet=string.hexdigits, min_size=32, max_size=128))
def test_no_finding_ever_holds_the_value(value: str) -> None:
    cleaned, found = take_out_secrets({"venue": {"quote": value, "list": [value, "USDT"]}})
    assert value not in repr(found)
    assert value not in repr(cleaned)
    assert [item.key for item in found] == ["venue.quote", "venue.list[0]"]
