"""Owns which command of `driftdeck` does what an action of the cockpit does, for scripts and without a screen.

Words only: the command, and the option that is the action where there is one. What only moves the eye has none.
"""

from collections.abc import Mapping

from tui.cockpit.key_names import Action

TWINS: Mapping[Action, tuple[str, ...]] = {
    Action.DETAIL: ("alerts",),
    Action.ACKNOWLEDGE: ("ack",),
    Action.SNOOZE: ("snooze",),
    Action.REVIEW: ("proposals",),
    Action.NEWEST: ("proposals",),
    Action.APPROVE: ("approve",),
    Action.HOLD: ("hold",),
    Action.LATER: ("snooze",),
    Action.DROP_LEG: ("edit --drop",),
    Action.THREE_QUARTERS: ("edit --scale",),
    Action.HALF: ("edit --scale",),
    Action.QUARTER: ("edit --scale",),
    Action.REBALANCE: ("rebalance",),
    Action.OPEN: ("open",),
    Action.CLOSE: ("close",),
    Action.FLATTEN: ("flatten",),
    Action.HALT: ("halt", "resume"),
    Action.BLOTTER: ("orders", "positions"),
    Action.JOURNAL: ("journal",),
    Action.HEALTH: ("status", "doctor"),
    Action.MAP: ("corr",),
    Action.VIEW: ("export --view",),
    Action.WINDOW: ("corr --windows",),
    Action.ESTIMATOR: ("corr --method",),
    Action.SCOPE: ("export --of",),
    Action.STRESS: ("stress",),
    Action.FIRST_SLIDER: ("stress --rho",),
    Action.SECOND_SLIDER: ("stress --shock",),
    Action.THIRD_SLIDER: ("stress --leverage",),
    Action.POSITIONS: ("stress --base", "stress --sized"),
    Action.NEXT_BOOK: ("stress --lab-of",),
    Action.BUILDER: ("build",),
    Action.CANDIDATES: ("build --theme",),
    Action.TYPE_ASSETS: ("build --candidates",),
    Action.PRICE_FILE: ("build --prices", "backtest --prices"),
    Action.SHAPE: ("build --shape",),
    Action.MORE_MONEY: ("build --notional",),
    Action.LESS_MONEY: ("build --notional",),
    Action.WRITE: ("build --write",),
    Action.BACKTEST: ("backtest",),
    Action.FAULTS: ("drill",),
    Action.BREAK: ("drill",),
    Action.MEND: ("drill",),
    Action.EXPORT: ("export",),
    Action.THEME: ("themes", "attach --theme"),
    Action.PRIVATE: ("attach --private",),
    Action.LOCK: ("attach --read-only",),
    Action.HELP: ("keys",),
    Action.START_ENGINE: ("run",),
}


def commands(action: Action) -> tuple[str, ...]:
    """Return the commands that do what an action does, none where only the screen can."""
    return TWINS.get(action, ())
