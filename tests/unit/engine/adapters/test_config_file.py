"""The config file as a whole: defaults, every mistake at once, and sentences for files that cannot be read."""

from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.config_file import LoadedConfig, load_config
from engine.adapters.config_model import SECTIONS
from engine.domain.config import Config, Estimator, MarketSource, Mode
from engine.domain.errors import ConfigError, ExitCode
from engine.domain.market import MarketKind
from engine.domain.units import HOUR_MS, MINUTE_MS

BASKET = """
[[basket]]
name = "pair"
notional = 1_000
assets = [{asset = "ETH"}, {asset = "SOL"}]
"""


def load(tmp_path: Path, text: str) -> LoadedConfig:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, themes_dir=tmp_path / "no-themes")


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value.problems


def test_an_empty_file_gives_the_defaults_and_says_that_nothing_is_watched(tmp_path: Path) -> None:
    loaded = load(tmp_path, "")
    assert loaded.config == Config()
    assert len(loaded.warnings) == 1
    assert "[[basket]]" in loaded.warnings[0]


def test_every_given_value_arrives_in_its_unit(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [venue]
        id = "binance"
        market = "spot"
        quote = "USDC"
        mode = "testnet"
        stream = false
        poll_every = "10s"
        requests_per_second = 2.5
        proxy = "http://127.0.0.1:8080"
        [account]
        currency = "EUR"
        equity = 12_345.67
        fee_bps = 7
        [rules]
        bar = "1h"
        windows_days = [90, 30]
        check_every = "2h"
        fast_check_every = "30m"
        now_halflife = "2d"
        watch_estimator = "pearson"
        baseline = "anchored"
        [sizing]
        method = "hrp"
        rho = "7d"
        estimator = "pearson"
        [limits]
        max_order_notional = 0.1
        max_price_age = "30s"
        style = "limit_then_cross"
        [notify]
        quiet_hours = "22:00-07:00"
        """
        + BASKET,
    ).config
    assert (config.venue.id, config.venue.market, config.venue.mode) == ("binance", MarketKind.SPOT, Mode.TESTNET)
    assert (config.venue.stream, config.venue.poll_every_ms) == (False, 10_000)
    assert config.account.equity == Decimal("12345.67")
    assert config.account.fee_bps == 7.0
    assert config.account.slippage_bps == Config().account.slippage_bps
    assert config.rules.windows_days == (30, 90)
    assert config.rules.check_every_ms == 2 * HOUR_MS
    assert config.rules.fast_check_every_ms == 30 * MINUTE_MS
    assert config.rules.now_halflife_ms == 48 * HOUR_MS
    assert config.rules.watch_estimator is Estimator.PEARSON
    assert config.sizing.estimator is Estimator.PEARSON
    assert config.limits.max_order_notional == Decimal("0.1")
    assert config.limits.max_price_age_ms == 30_000
    assert config.notify.quiet_hours == "22:00-07:00"
    assert [leg.symbol for leg in config.baskets[0].legs] == ["ETH/USDC", "SOL/USDC"]


def test_every_field_of_the_config_can_be_reached_from_the_file() -> None:
    blank = Config()
    for section, model in SECTIONS.items():
        part = getattr(blank, section, None)
        if part is not None:
            keys = set(model.model_fields)
            assert {f.name if f.name in keys else f.name.removesuffix("_ms") for f in fields(part)} == keys


def test_three_mistakes_are_listed_together_each_with_file_key_and_reason(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
        [venue]
        markt = "swap"
        [rules]
        check_every = 4
        [[basket]]
        name = "pair"
        notional = 1_000
        assets = [{asset = "ETH", weight = 0.5}, {asset = "SOL", weight = 0.4}]
        """,
    )
    path = tmp_path / "config.toml"
    assert found == (
        f'{path}: venue.markt: is not a known key (did you mean "market"?)',
        f'{path}: rules.check_every: must be a duration such as "5s", "15m" or "4h", not 4',
        f"{path}: basket[0].assets (pair): weights sum to 0.9 and must sum to 1; change one, or leave one out and it "
        "takes the rest",
    )


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("[venu]", "venu", 'did you mean "venue"'),
        ('mode = "live"', "mode", "belongs in [venue]"),
        ("poll_evry = 3", "poll_evry", '"poll_every" in [venue]'),
        ("venue = 3", "venue", "must be a table"),
        ("[venue]\nstream = 1", "venue.stream", "true or false"),
        ('[venue]\nid = "bybitt"', "venue.id", 'did you mean "bybit"'),
        ('[venue]\nmarket = "swaps"', "venue.market", 'did you mean "swap"'),
        ('[venue]\npoll_every = "5 s"', "venue.poll_every", "duration"),
        ('[venue]\npoll_every = "0s"', "venue.poll_every", 'between "1s" and "10m"'),
        ('[venue]\nproxy = "127.0.0.1:80"', "venue.proxy", "http://host:port"),
        ('[venue]\nca_file = "/nowhere/ca.pem"', "venue.ca_file", "does not exist"),
        ('[account]\nequity = "50000"', "account.equity", "without quotes"),
        ("[account]\nequity = 0", "account.equity", "above 0"),
        ("[account]\nequity = nan", "account.equity", "finite"),
        ("[account]\nequity = true", "account.equity", "must be a number, not true"),
        ('[rules]\nbar = "1d"', "rules.bar", "calibrated on hourly bars"),
        ("[rules]\nwindows_days = [30, 30]", "rules.windows_days", "twice"),
        ("[rules]\nwindows_days = []", "rules.windows_days", "list of whole days"),
        ("[rules]\nwindows_days = [1, 30]", "rules.windows_days", "7 to 365 days, not 1"),
        ("[rules]\nwindows_days = [7,8,9,10,11,30]", "rules.windows_days", "at most 5"),
        ("[rules]\nwindows_days = [7, 14]", "rules.baseline_days", "longest of rules.windows_days (14)"),
        ('[rules]\ncheck_every = "5h"', "rules.check_every", "divide a day"),
        ('[rules]\nfast_check_every = "7m"', "rules.fast_check_every", "must divide"),
        ("[rules]\nwatch_clear = 0.2", "rules.watch_clear", "below rules.watch_delta"),
        ("[rules]\nfast_breadth = 0.6", "rules.vol_alert_breadth", "rules.fast_breadth (0.6)"),
        ("[rules]\nfast_breadth = 1.5", "rules.fast_breadth", "above 0 and at most 1"),
        ('[rules]\nwatch_estimator = "spearman"', "rules.watch_estimator", '"winsorized", "pearson"'),
        ('[sizing]\nrho = "200d"', "sizing.rho", "longest window (90 days)"),
        ('[sizing]\nmethod = "hpr"', "sizing.method", 'did you mean "hrp"'),
        ("[limits]\nmax_orders_per_hour = 1.5", "limits.max_orders_per_hour", "whole number"),
        ('[notify]\nquiet_hours = "25:00-07:00"', "notify.quiet_hours", "22:00-07:00"),
        ('[notify]\nbaskets = ["pari"]' + BASKET, "notify.baskets", 'did you mean "pair"'),
        ('[notify]\nlevel = "loud"', "notify.level", '"urgent"'),
        ("venues = 4", "venues", "[venues.NAME]"),
        ('[venues.okx]\nid = "okxx"', "venues.okx.id", 'did you mean "okx"'),
        ("basket = 3", "basket", "[[basket]]"),
        ('[basket]\nname = "x"', "basket", "two brackets"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_a_way_out(tmp_path: Path, text: str, key: str, reason: str) -> None:
    (line,) = problems(tmp_path, text)
    assert line.startswith(f"{tmp_path / 'config.toml'}: {key}: ")
    assert reason in line


def test_a_mistake_in_one_key_does_not_cause_mistakes_in_others(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "[rules]\nwatch_delta = 9\nwatch_clear = 0.5")
    assert "rules.watch_delta" in line


def test_a_self_made_ca_is_refused_in_live_mode(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("")
    assert load(tmp_path, f"[venue]\nca_file = '{ca_file}'").config.venue.ca_file == str(ca_file)
    (line,) = problems(tmp_path, f"[venue]\nmode = 'live'\nca_file = '{ca_file}'")
    assert "venue.ca_file" in line
    assert "never honored" in line


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_a_simulation_is_honored_behind_a_proxy_on_this_machine(tmp_path: Path, proxy: str) -> None:
    text = f'[venue]\nproxy = "{proxy}"\n[simulation]\nsource = "sim"\nspeed = 600\nidentity = "seed 7"\nstart_ms = 99'
    simulation = load(tmp_path, text).config.simulation
    assert (simulation.source, simulation.speed, simulation.identity) == (MarketSource.SIM, 600.0, "seed 7")
    assert simulation.start_ms == 99


@pytest.mark.parametrize(
    "venue", ["", 'proxy = "http://10.0.0.1:9"', 'proxy = "http://127.0.0.1.example.com:9"', 'mode = "live"']
)
def test_a_simulation_without_such_a_proxy_is_refused(tmp_path: Path, venue: str) -> None:
    found = problems(tmp_path, f'[venue]\n{venue}\n[simulation]\nsource = "replay"\nspeed = 600')
    assert any("simulation.source" in line and "on this machine" in line for line in found)


def test_a_missing_file_names_the_path_and_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml; `driftdeck init`") as caught:
        load_config(tmp_path / "gone.toml")
    assert caught.value.exit_code is ExitCode.USAGE


def test_broken_toml_names_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="line 2, column"):
        load(tmp_path, '[venue]\nid = "bybit\n')


@pytest.mark.parametrize("content", [b"\xff\xfe\x00a", b"name = '\xe9'"])
def test_a_file_that_is_no_text_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(path)


def test_a_directory_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[venue]\nid = "binance"', encoding="utf-8-sig")
    assert load_config(tmp_path / "config.toml").config.venue.id == "binance"


def test_a_small_account_and_a_book_past_its_limit_are_warned_of(tmp_path: Path) -> None:
    warnings = load(tmp_path, "[account]\nequity = 300\n" + BASKET).warnings
    assert any(line.startswith("account.equity: 300 is below 10,000") for line in warnings)
    assert any(line.startswith("limits.max_gross") and "1,000" in line for line in warnings)
