"""Owns the config file that `driftdeck init` writes: every key with its default, a comment each, baskets by theme.

Returns text only; the command writes it. Whatever is returned passes `load_config` without a mistake (tested).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.adapters.basket_themes import BasketTheme

STARTER_BASKETS = ("layer-1", "defi", "scaling", "payments", "gaming", "majors-hedged")

_HEAD = """\
# Driftdeck. Every key stands here with its default; delete what you do not change.
# After an edit: `driftdeck check`. Keys and secrets never stand in this file: they live in the OS keyring,
# in DRIFTDECK_<VENUE>_KEY / _SECRET / _PASSPHRASE, or in the encrypted key file.

[venue]                      # the default venue; more as [venues.NAME] with the same keys
id = "{venue}"               # any ccxt id; bybit and binance are tested end to end
market = "{market}"              # spot | swap
quote = "{quote}"               # what the markets are priced in
mode = "paper"               # paper | demo | testnet | live (live also needs --live)
stream = true                # websocket where the venue has one; REST polling otherwise and as fallback
poll_every = "5s"            # how often prices are asked for where no stream brings them
requests_per_second = 0      # 0 = the venue's published limit with margin
proxy = ""                   # "http://host:port", for REST and websocket
ca_file = ""                 # extra certificate authority; never honored in live mode

[account]
currency = "USD"             # reporting; conversions are shown
equity = {equity}            # paper money
fee_bps = 5.5                # assumed cost of a fill, in basis points
slippage_bps = 2.0           # assumed distance of a fill from the touch
margin = "isolated"          # or "cross": how paper positions are margined
paper_depth = 0              # money that one quote fills per symbol, the rest on later ones; 0 = all at once

[rules]
bar = "1h"                   # the rules are calibrated on hourly bars; nothing else is accepted
windows_days = [30, 60, 90]  # correlation windows
check_every = "4h"           # on the UTC grid
fast_check_every = "15m"     # while volatility has broken out
fast_breadth = 0.20          # ... in this share of the watched assets (and at least two)
fast_hold = "12h"            # how long the fast cycle lasts after the last breakout
vol_sigma = 3.0              # an asset breaks out above mean + this many sd of its 30 days
vol_alert_breadth = 0.50     # this share at once is a VOL ALERT
watch_delta = 0.15           # WATCH: a pair moved this far from its baseline; cleared at watch_clear
watch_clear = 0.10           # ... until it is back within this
watch_estimator = "winsorized"   # or "pearson"
now_halflife = "24h"         # memory of the correlation of now
baseline_days = 30           # how far back the baseline looks, before the bars that could be of the shift
baseline = "rolling"         # or "anchored" (frozen at the last rebalance)
alert_shift = 0.40           # ALERT: quiet 0.45, very quiet 0.50
alert_exit = 0.60            # left below this share of alert_shift
asset_excess = 0.25          # one asset leaves its basket
alert_on = "confirmed"       # or "watch": every WATCH rings (hundreds a month)
proposal_expires = "30m"     # after that it is quoted again or gone
restore_at = 0.15            # distance from the target, in gross, that drafts a restore

[sizing]
method = "one_minus_rho"     # one_minus_rho | equal_risk | inverse_vol | hrp | equal
rho = "max"                  # max(30-day, now), or one window such as "7d" or "30d"
estimator = "winsorized"     # winsorized | pearson
renormalise = false          # true: what is not allocated is spread again instead of kept as cash
net_tolerance = 0.05         # hedged baskets: how far off neutral is fine

[limits]                     # the risk gate
max_order_notional = 10_000  # larger ones go out in parts
max_gross = 3.0              # times equity
max_orders_per_hour = 60     # more are refused
max_price_age = "15s"        # nothing is sent on an older price, and the screen calls it stale
max_slippage_bps = 50        # a price further from the approved one is refused and quoted again
style = "market"             # market | limit_then_cross
auto_max_turnover_day = 0.5  # what decision = "auto" may trade in a day, times gross
auto_max_orders_day = 20

[notify]                     # where to: from DRIFTDECK_NOTIFY, a 0600 file or the keyring (`driftdeck notify`)
quiet_hours = ""             # such as "22:00-07:00", your local time: only what is urgent; the rest after them
level = "warning"            # the least that is told: info | warning | urgent
per_hour = 12                # messages; what comes beyond is told together later
baskets = []                 # only these; none named are all

# Baskets. A theme brings assets, thesis and notional; any key beside it wins. In full:
#   [[basket]]
#   name = "mine"
#   thesis = "why these belong together"
#   notional = 12_000         # base exposure (sum of absolute values at factor 1), or share = 0.25 of equity
#   leverage = 1.0            # margin = notional / leverage
#   decision = "ask"          # ask | auto_reduce | auto
#   on_no_answer = "nothing"  # or "auto_reduce", after no_answer_after
#   no_answer_after = "20m"
#   allow_large = false       # true: more than five assets
#   assets = [{{asset = "ETH"}}, {{asset = "SOL", side = "short", weight = 0.2}}]
# Weights are absolute and sum to 1; assets without one share the rest. Per asset also symbol = "1000PEPE/USDT:USDT",
# and formerly = "MATIC" (the name it had before a rename one for one: its bars of then count).
# Any [sizing] key may stand in a basket too. Your own themes: themes/baskets/NAME.toml beside the default config.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitChoices:
    """What `driftdeck init` asks; the defaults are those of --yes."""

    venue: str = "bybit"
    market: str = "swap"
    quote: str = "USDT"
    equity: Decimal = Decimal(50_000)
    decision: str = "ask"


def config_text(choices: InitChoices, themes: Sequence[BasketTheme]) -> str:
    """Return the commented config with `choices` and one basket per theme."""
    head = _HEAD.format(
        venue=choices.venue, market=choices.market, quote=choices.quote, equity=_grouped(choices.equity)
    )
    return "\n".join((head, *(_basket(theme, choices.decision) for theme in themes)))


def _grouped(amount: Decimal) -> str:
    """Return an amount as TOML reads it, with thousands apart: 50_000."""
    return f"{amount:,f}".replace(",", "_")


def _basket(theme: BasketTheme, decision: str) -> str:
    thesis = " ".join(str(theme.table.get("thesis", "")).split())
    said = f'decision = "{decision}"\n' if decision != "ask" else ""
    return f'# {_assets(theme)}\n# {thesis}\n[[basket]]\ntheme = "{theme.name}"\n{said}'


def _assets(theme: BasketTheme) -> str:
    """Return a theme's assets as a comment shows them, shorts with a minus: BTC ETH -BNB."""
    words = []
    assets = theme.table.get("assets")
    for entry in assets if isinstance(assets, list) else []:
        if isinstance(entry, dict):
            words.append(f"{'-' if entry.get('side') == 'short' else ''}{entry.get('asset')}")
        else:
            words.append(str(entry))
    return " ".join(words)
