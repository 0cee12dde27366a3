"""Owns the list of what a drill can break: a row a fault, for the command, the cockpit's menu and the docs' table.

A row says what breaks, what the engine does then and what the trader sees. Breaks nothing: `drill` asks for it.
"""

from tui.cockpit.drill import Fault


def _row(kind: str, does: str, engine: str, sees: str) -> Fault:
    return Fault(kind=kind, does=does, engine=engine, sees=sees)


FAULTS: tuple[Fault, ...] = (
    _row(
        "drop-before",
        "an order is lost on its way",
        "looks the order up until its absence is proven; never sends it again",
        "UNKNOWN, then that the venue never had it",
    ),
    _row(
        "drop-after",
        "an order is taken and the answer is lost",
        "looks the order up and finds it",
        "UNKNOWN for a moment, then filled",
    ),
    _row(
        "truncated-body",
        "the answer to an order is cut off",
        "believes no half answer; looks the order up",
        "UNKNOWN for a moment, then filled",
    ),
    _row(
        "html-page",
        "the answer to an order is a web page",
        "believes no page where JSON was due; a failed list is never read as flat",
        "UNKNOWN for its order; the link is not up",
    ),
    _row(
        "server-error",
        "the answer to an order is HTTP 503",
        "looks the order up, whatever the status was",
        "UNKNOWN for its order; the link is not up",
    ),
    _row(
        "maintenance",
        "the exchange is under maintenance",
        "looks the order up, also where the code comes with a 200",
        "UNKNOWN for its order, and that the venue is down",
    ),
    _row(
        "slow-answers",
        "orders wait 15 seconds at the door",
        "gives up after its time-out and looks the order up",
        "UNKNOWN for its order",
    ),
    _row(
        "duplicate-request",
        "an order reaches the exchange twice",
        'takes "this id is known" as a sign that an order stands, and looks it up',
        "UNKNOWN for a moment, then filled, once",
    ),
    _row(
        "too-many-requests",
        "orders meet HTTP 429 with Retry-After",
        "sends nothing to the host until Retry-After is over; orders not sent yet wait",
        "UNKNOWN for the order that met it, and seconds of pause",
    ),
    _row(
        "ban",
        "orders meet the ban of this address",
        "sends nothing to the host for the time of the ban; orders not sent yet wait",
        "UNKNOWN for the order that met it, and seconds of pause",
    ),
    _row(
        "refused-connections",
        "no connection to the exchange is taken",
        "tries again; sends nothing on a stale price",
        "UNKNOWN for the order that met it; the link is down, prices turn stale",
    ),
    _row(
        "restart",
        "the exchange restarts",
        "connects again, reads executions and positions from where the books end",
        "the link is down for a moment",
    ),
    _row(
        "partial-fills",
        "orders fill in part",
        "books every part; cancels the rest after two minutes",
        "PARTIAL, then a proposal done in part",
    ),
    _row(
        "late-fills",
        "fills come late",
        "keeps asking; books executions when the venue lists them",
        "an order that stays open a little longer",
    ),
    _row(
        "fill-after-cancel",
        "an order fills after it was canceled",
        "books it: what executed is real, whatever the order's state was",
        "a fill of a canceled order",
    ),
    _row(
        "hidden-orders",
        "an order is taken, no list shows it yet",
        "asks again: one empty list proves nothing",
        "an order that is found a little later",
    ),
    _row(
        "silent-private-stream",
        "the account's stream stands and is silent",
        "follows orders by asking; opens another stream once it reads a fill that was not streamed",
        "on the health page, why orders are asked for only",
    ),
    _row(
        "silent-stream",
        "prices stop while the connection stands",
        "watches every symbol's own times, and asks for prices instead",
        "polled instead of streaming",
    ),
    _row(
        "delayed-messages",
        "prices come late and out of order",
        "goes by the venue's times; sends nothing on a price older than max_price_age",
        "polled instead of streaming",
    ),
    _row(
        "disconnect-storm",
        "connections drop every two seconds",
        "connects again, asks meanwhile for prices and orders, fetches the bars it missed",
        "polled instead of streaming",
    ),
    _row("duplicate-candles", "bars come twice", "counts a bar once", "nothing"),
    _row(
        "corrected-candle",
        "a closed bar of ETH is corrected",
        "reads closed bars again and computes anew from the corrected one",
        "which bars were corrected",
    ),
    _row(
        "hole",
        "bars are missing",
        "waits for the bar, then checks without that asset",
        "which asset is missing in the check",
    ),
    _row(
        "delisting",
        "MKR is delisted",
        "sends nothing in that market; keeps what is held in the books",
        "the asset is not listed any more",
    ),
    _row(
        "rename",
        "MATIC gets another name",
        "sends nothing in that market, until the config names the new one",
        "the asset is not listed any more",
    ),
    _row(
        "listing",
        "a new asset is listed",
        "nothing: what no basket names is not traded",
        "nothing",
    ),
    _row(
        "clock-jump",
        "the exchange's clock is two minutes off",
        "sends no order while the venue refuses its time; live, none while the clocks differ by over a second",
        "no order leaves, in the venue's words; live, the difference in seconds",
    ),
)
# What a fault is told beside its time. Those of orders meet the requests that place one, and no other.
ON_ORDERS = (
    "drop-before",
    "drop-after",
    "truncated-body",
    "html-page",
    "server-error",
    "slow-answers",
    "duplicate-request",
    "too-many-requests",
    "ban",
)
TOLD: dict[str, dict[str, float]] = {"slow-answers": {"delay_s": 15.0}}


def fault_table() -> str:
    """Return the table of docs/live.md."""
    lines = ["| fault | what the engine does | what you see |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| `{each.kind}` | {each.engine} | {each.sees} |" for each in FAULTS), ""])
