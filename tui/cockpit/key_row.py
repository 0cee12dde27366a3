"""Owns the form of a row of the key table: keys, action, help, contexts, danger. The rows are in `keys`."""

from dataclasses import dataclass

from tui.cockpit.key_names import Action, Context

PAGES = (
    Context.COCKPIT,
    Context.DETAIL,
    Context.BLOTTER,
    Context.JOURNAL,
    Context.HEALTH,
    Context.MAP,
    Context.STRESS,
    Context.BUILDER,
    Context.BACKTEST,
    Context.FAULTS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One row of the table. `keys` are Textual's names, `label` is what the keys line prints."""

    keys: tuple[str, ...]
    label: str
    action: Action
    short: str
    help: str
    contexts: tuple[Context, ...]
    danger: bool = False  # changes the engine: off in read-only, and deaf right after a change of focus
    listed: bool = True  # False: works and stands in the help, but the keys line leaves it out


def row(
    keys: str,
    action: Action,
    short: str,
    help: str,  # noqa: A002 - the column's name
    *contexts: Context,
    label: str = "",
    danger: bool = False,
    listed: bool = True,
) -> Key:
    """Return a row; several `keys` are separated by blanks, the first one is the label unless told otherwise."""
    names = tuple(keys.split())
    return Key(
        keys=names,
        label=label or names[0],
        action=action,
        short=short,
        help=help,
        contexts=contexts,
        danger=danger,
        listed=listed,
    )
