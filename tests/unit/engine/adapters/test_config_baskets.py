"""Baskets of the config: weights, symbols, sizes, themes, venues, and what is refused of them."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.basket_themes import load_theme, theme_files
from engine.adapters.config_file import LoadedConfig, load_config
from engine.adapters.config_legs import LegReader
from engine.adapters.config_problems import Problems
from engine.domain.basket import DecisionMode, Side
from engine.domain.config import VenueConfig
from engine.domain.errors import ConfigError
from engine.domain.units import MINUTE_MS


def load(tmp_path: Path, text: str) -> LoadedConfig:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, themes_dir=tmp_path / "themes")


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return caught.value.problems


def basket(assets: str, more: str = "notional = 1_000", name: str = "one") -> str:
    return f'[[basket]]\nname = "{name}"\n{more}\nassets = [{assets}]\n'


def test_a_full_basket_arrives_as_written(tmp_path: Path) -> None:
    text = basket(
        '{asset = "ETH", weight = 0.4}, {asset = "PEPE", symbol = "1000PEPE/USDT:USDT"},'
        ' {asset = "SOL", side = "short"}',
        'notional = 1_000.50\nleverage = 3\nthesis = "why"\ndecision = "auto_reduce"\non_no_answer = "auto_reduce"\n'
        'no_answer_after = "45m"',
    )
    (found,) = load(tmp_path, text).config.baskets
    assert found.notional == Decimal("1000.50")
    assert (found.leverage, found.thesis, found.decision) == (3.0, "why", DecisionMode.AUTO_REDUCE)
    assert (found.on_no_answer, found.no_answer_after_ms) == ("auto_reduce", 45 * MINUTE_MS)
    assert [leg.symbol for leg in found.legs] == ["ETH/USDT:USDT", "1000PEPE/USDT:USDT", "SOL/USDT:USDT"]
    assert [leg.side for leg in found.legs] == [Side.LONG, Side.LONG, Side.SHORT]
    assert [leg.weight for leg in found.legs] == [0.4, 0.3, 0.3]
    assert found.hedged


def test_bare_asset_names_share_the_weight_evenly(tmp_path: Path) -> None:
    (found,) = load(tmp_path, basket('"ETH", "SOL", "AVAX", "NEAR"')).config.baskets
    assert [leg.weight for leg in found.legs] == [0.25] * 4


@given(parts=st.lists(st.integers(min_value=1, max_value=1_000), min_size=2, max_size=5), open_ones=st.integers(0, 4))
def test_weights_always_sum_to_one_whatever_is_left_out(parts: list[int], open_ones: int) -> None:
    total = sum(parts)
    entries: list[object] = [
        {"asset": f"A{i}", **({} if i < open_ones else {"weight": Decimal(part) / total})}
        for i, part in enumerate(parts)
    ]
    found = Problems(Path("config.toml"))
    reader = LegReader(key="basket[0]", name="one", venue=VenueConfig(), venues={}, problems=found)
    legs = reader.read(entries)
    assert not found
    assert legs is not None
    assert sum(leg.weight for leg in legs) == pytest.approx(1.0, abs=1e-9)
    assert all(leg.weight > 0 for leg in legs)


def test_a_share_of_equity_becomes_money_and_is_kept_as_a_share(tmp_path: Path) -> None:
    (found,) = load(tmp_path, "[account]\nequity = 20_000\n" + basket('"ETH", "SOL"', "share = 0.25")).config.baskets
    assert (found.notional, found.share) == (Decimal(5_000), 0.25)


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (basket('"ETH"'), "basket[0].assets (one)", "at least two"),
        (basket('"A", "B", "C", "D", "E", "F"'), "basket[0].assets (one)", "allow_large = true"),
        (basket('"ETH", "ETH"'), "basket[0].assets[1].asset (one)", "twice"),
        (basket('"ETH", "sol"'), "basket[0].assets[1].asset (one)", '"SOL"'),
        (basket('"ETH", 5'), "basket[0].assets[1] (one)", "must be a table, not 5"),
        (basket('"ETH", {side = "long"}'), "basket[0].assets[1].asset (one)", "is missing"),
        (basket('"ETH", {asset = "SOL", weight = 0}'), "basket[0].assets[1].weight (one)", "above 0"),
        (basket('"ETH", {asset = "SOL", weight = -0.2}'), "basket[0].assets[1].weight (one)", "not -0.2"),
        (basket('"ETH", {asset = "SOL", weight = 1}'), "basket[0].assets (one)", "sum to 1 and leave nothing for ETH"),
        (basket('"ETH", {asset = "SOL", wieght = 1}'), "basket[0].assets[1].wieght (one)", 'did you mean "weight"'),
        (basket('"ETH", {asset = "SOL", side = "shrt"}'), "basket[0].assets[1].side (one)", 'did you mean "short"'),
        (basket('"ETH", {asset = "SOL", symbol = "SOLUSDT"}'), "basket[0].assets[1].symbol (one)", "ETH/USDT:USDT"),
        (basket('"ETH", {asset = "SOL", venue = "okx"}'), "basket[0].assets[1].venue (one)", "[venues.okx]"),
        (basket('"ETH", "SOL"', ""), "basket[0].notional (one)", "is missing"),
        (basket('"ETH", "SOL"', "notional = 1\nshare = 0.1"), "basket[0].share (one)", "keep one"),
        (basket('"ETH", "SOL"', "notional = 1\nleverage = 0.5"), "basket[0].leverage (one)", "at least 1"),
        (basket('"ETH", "SOL"', 'notional = 1\nthesis = "a\\u001b[2J"'), "basket[0].thesis (one)", "control"),
        (basket('"ETH", "SOL"', 'notional = 1\nrho = "300d"'), "basket[0].rho (one)", "longest window"),
        (basket('"ETH", "SOL"', name="all"), "basket[0].name", "reserved"),
        (basket('"ETH", "SOL"', name="two words"), "basket[0].name (two words)", "must be a name"),
        ('[[basket]]\nnotional = 1\nassets = ["ETH", "SOL"]', "basket[0].name", "is missing"),
        ('[[basket]]\nname = "x"\nnotional = 1\nassets = "ETH"', "basket[0].assets (x)", "must be a list"),
        ('[[basket]]\ntheme = "layer1"', "basket[0].theme", 'did you mean "layer-1"'),
        ("basket = [3]", "basket[0]", "[[basket]]"),
    ],
)
def test_a_wrong_basket_is_refused_with_its_key_and_a_way_out(tmp_path: Path, text: str, key: str, reason: str) -> None:
    (line,) = problems(tmp_path, text)
    assert line.startswith(f"{tmp_path / 'config.toml'}: {key}: ")
    assert reason in line


def test_names_are_unique_even_beside_other_mistakes(tmp_path: Path) -> None:
    found = problems(tmp_path, basket('"ETH", "SOL"') + basket('"XRP", "LTC"', "notional = -1", name="One"))
    assert [line.split(": ")[1] for line in found] == ["basket[1].notional (One)", "basket[1].name"]


def test_one_asset_has_one_symbol_in_all_baskets(tmp_path: Path) -> None:
    other = basket('{asset = "ETH", symbol = "ETH/USDC:USDC"}, {asset = "SOL"}', name="two")
    (line,) = problems(tmp_path, basket('"ETH", "SOL"') + other)
    assert "an asset has one symbol" in line
    pepe = '{asset = "PEPE", symbol = "1000PEPE/USDT:USDT"}, {asset = "1000PEPE", symbol = "1000PEPE/USDT:USDT"}'
    (line,) = problems(tmp_path, basket(pepe))
    assert "one market is one asset" in line


@pytest.mark.parametrize(
    ("entry", "market", "reason"),
    [
        ('asset = "SOL", symbol = "ETH/USDT:USDT"', "swap", 'a market of ETH, not of SOL; write asset = "ETH", or the'),
        ('asset = "ETH", symbol = "ETHFI/USDT:USDT"', "swap", "a market of ETHFI, not of ETH"),
        ('asset = "ETH", symbol = "ETH/USDT:USDT"', "spot", 'is a swap and market = "spot"; write "ETH/USDT"'),
        ('asset = "ETH", symbol = "ETH/USDC"', "swap", 'is a spot market and market = "swap"; write "ETH/USDC:USDC"'),
        ('asset = "ETH", symbol = "ETH/USD:ETH"', "swap", "settles in ETH; only swaps that settle in their quote work"),
    ],
)
def test_a_symbol_that_is_no_market_of_its_asset_here_is_refused(
    tmp_path: Path, entry: str, market: str, reason: str
) -> None:
    (line,) = problems(tmp_path, f'[venue]\nmarket = "{market}"\n' + basket(f'{{{entry}}}, "ADA"'))
    assert line.startswith(f"{tmp_path / 'config.toml'}: basket[0].assets[0].symbol (one): ")
    assert reason in line


@pytest.mark.parametrize(
    ("asset", "base"),
    [("PEPE", "1000PEPE"), ("PEPE", "kPEPE"), ("BABYDOGE", "1MBABYDOGE"), ("SHIB", "SHIB1000"), ("LUNA", "LUNA2"),
     ("MATIC", "POL"), ("POL", "MATIC"), ("1INCH", "1INCH")],
)  # fmt: skip
def test_a_symbol_may_count_in_thousands_or_have_the_other_name_of_a_renamed_asset(
    tmp_path: Path, asset: str, base: str
) -> None:
    entry = f'{{asset = "{asset}", symbol = "{base}/USDT:USDT"}}'
    (found,) = load(tmp_path, basket(f'{entry}, "ADA"')).config.baskets
    assert found.legs[0].symbol == f"{base}/USDT:USDT"


def test_five_assets_are_warned_of_and_more_need_allow_large(tmp_path: Path) -> None:
    (line,) = load(tmp_path, basket('"A", "B", "C", "D", "E"')).warnings
    assert line.startswith("basket[0].assets (one): holds 5 assets, 10 pairs")
    loaded = load(tmp_path, basket('"A", "B", "C", "D", "E", "F"', "notional = 1\nallow_large = true"))
    assert len(loaded.config.baskets[0].legs) == 6


def test_shorts_and_leverage_on_spot_are_refused(tmp_path: Path) -> None:
    text = '[venue]\nmarket = "spot"\n' + basket('"ETH", {asset = "SOL", side = "short"}')
    (line,) = problems(tmp_path, text)
    assert 'SOL cannot be short on market = "spot"' in line
    (line,) = problems(tmp_path, '[venue]\nmarket = "spot"\n' + basket('"ETH", "SOL"', "notional = 1\nleverage = 3"))
    assert 'basket[0].leverage (one): 3 cannot be had on market = "spot"' in line


def test_sizing_of_a_basket_stands_on_top_of_the_common_one(tmp_path: Path) -> None:
    text = (
        '[sizing]\nmethod = "hrp"\n'
        + basket('"ETH", "SOL"', 'notional = 1\nrho = "30d"')
        + basket('"XRP", "LTC"', name="two")
    )
    config = load(tmp_path, text).config
    ((name, sizing),) = config.basket_sizing
    assert (name, sizing.method, sizing.rho) == ("one", "hrp", "30d")


OTHER = '[venues.other]\nid = "okx"\nmarket = "spot"\n'


def test_what_another_venue_trades_carries_its_name_and_the_default_one_needs_none(tmp_path: Path) -> None:
    text = OTHER + basket('"ETH", {asset = "ETH", venue = "other"}, {asset = "SOL", venue = "bybit"}')
    config = load(tmp_path, text).config
    assert [(leg.asset, leg.symbol, leg.venue) for leg in config.baskets[0].legs] == [
        ("ETH", "ETH/USDT:USDT", ""),
        ("ETH@other", "ETH/USDT@okx", "other"),
        ("SOL", "SOL/USDT:USDT", ""),
    ]
    assert [(name, venue.id) for name, venue in config.book_venues.items()] == [("", "bybit"), ("other", "okx")]
    assert config.symbols_at("other") == ("ETH/USDT@okx",)


def test_a_venue_that_no_basket_names_is_not_asked(tmp_path: Path) -> None:
    config = load(tmp_path, OTHER + basket('"ETH", "SOL"')).config
    assert [(name, venue.id) for name, venue in config.venues] == [("other", "okx")]
    assert list(config.book_venues) == [""]


def test_a_basket_names_the_venue_of_all_its_assets_and_a_rename_follows_it(tmp_path: Path) -> None:
    text = OTHER + basket('"ETH", {asset = "POL", formerly = "MATIC"}', 'notional = 1\nvenue = "other"')
    legs = load(tmp_path, text).config.baskets[0].legs
    assert [leg.asset for leg in legs] == ["ETH@other", "POL@other"]
    assert legs[1].formerly == "MATIC/USDT@okx"


def test_only_paper_trades_on_several_venues_and_the_same_market_is_named_once(tmp_path: Path) -> None:
    there = basket('"ETH", "SOL"', 'notional = 1\nvenue = "other"')
    (line,) = problems(tmp_path, '[venue]\nmode = "demo"\n' + OTHER + there)
    assert "basket[0].venue (one)" in line
    assert "only paper money trades on several" in line
    (line,) = problems(tmp_path, '[venues.other]\npoll_every = "9s"\n' + there)
    assert '"other" is the same market as [venue]' in line
    (line,) = problems(tmp_path, OTHER + OTHER.replace("other", "twin") + there)
    assert "[venues.other] and [venues.twin] are the same market" in line
    (line,) = problems(tmp_path, basket('"ETH", "SOL"', 'notional = 1\nvenue = "othr"'))
    assert '"othr" is not defined' in line


def test_a_short_is_judged_by_the_venue_of_its_leg(tmp_path: Path) -> None:
    text = OTHER + basket('"ETH", {asset = "SOL", side = "short", venue = "other"}')
    (line,) = problems(tmp_path, text)
    assert 'SOL cannot be short on market = "spot"' in line
    config = load(tmp_path, OTHER + basket('{asset = "ETH", venue = "other"}, {asset = "SOL", side = "short"}')).config
    assert config.baskets[0].hedged


def test_there_are_eight_themes_or_more_and_each_loads_alone_on_its_own_words(tmp_path: Path) -> None:
    names = list(theme_files())
    assert len(names) >= 8
    hedged = []
    for name in names:
        (found,) = load(tmp_path, f'[[basket]]\ntheme = "{name}"').config.baskets
        assert found.name == name
        assert len(found.thesis) > 20
        assert found.notional > 0
        hedged += [name] if found.hedged else []
    assert {"majors-hedged", "l1-pairs"} <= set(hedged)


def test_all_themes_fit_into_one_book(tmp_path: Path) -> None:
    text = "\n".join(f'[[basket]]\ntheme = "{name}"' for name in theme_files())
    config = load(tmp_path, text).config
    assert len(config.baskets) == len(theme_files())
    assert all(
        abs(sum(leg.side.sign * leg.weight for leg in found.legs)) < 1e-9 for found in config.baskets if found.hedged
    )


def test_keys_beside_a_theme_win_and_a_share_replaces_its_notional(tmp_path: Path) -> None:
    text = '[[basket]]\ntheme = "layer-1"\nname = "mine"\nshare = 0.1\nleverage = 2'
    (found,) = load(tmp_path, text).config.baskets
    assert (found.name, found.notional, found.leverage) == ("mine", Decimal(5_000), 2.0)
    assert found.assets == ("ETH", "SOL", "AVAX", "NEAR")


def test_the_traders_own_theme_overrides_the_starter_of_that_name(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "layer-1.toml").write_text('notional = 7\nassets = ["TON", "SUI"]')
    (found,) = load(tmp_path, '[[basket]]\ntheme = "layer-1"').config.baskets
    assert (found.name, found.assets) == ("layer-1", ("TON", "SUI"))
    theme = load_theme("layer-1", folder)
    assert theme is not None
    assert theme.source == folder / "layer-1.toml"


def test_a_broken_theme_file_is_named_with_its_own_path(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "mine.toml").write_text('notonal = 7\napi_key = "hunter2"\nassets = ["TON", "SUI"]')
    (folder / "worse.toml").write_text("notional =")
    found = problems(tmp_path, '[[basket]]\ntheme = "mine"\n[[basket]]\ntheme = "worse"')
    assert [str(folder / "mine.toml") in line for line in found] == [True, True, False]
    assert "api_key" in found[0]
    assert 'did you mean "notional"' in found[1]
    assert str(folder / "worse.toml") in found[2]
    assert not any("hunter2" in line for line in found)


def test_a_renamed_asset_names_its_former_market(tmp_path: Path) -> None:
    text = basket('{asset = "ETH"}, {asset = "POL"}, {asset = "NEWT", formerly = "OLDT"}')
    legs = load(tmp_path, text).config.baskets[0].legs
    assert [leg.formerly for leg in legs] == [None, "MATIC/USDT:USDT", "OLDT/USDT:USDT"]


def test_a_conversion_at_another_ratio_is_no_rename(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, basket('{asset = "ETH"}, {asset = "SKY", formerly = "MKR"}'))
    assert "one MKR became 24,000 SKY" in said
    (same,) = problems(tmp_path, basket('{asset = "ETH"}, {asset = "SKY", formerly = "SKY"}'))
    assert '"SKY" is its name now' in same
    assert load(tmp_path, basket('{asset = "ETH"}, {asset = "SKY"}')).config.former == {}
