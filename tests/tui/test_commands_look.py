"""`driftdeck keys` and `driftdeck themes`: what the cockpit's own tables say, in print."""

import json

from support.command_line import driftdeck
from tui.cockpit import theme
from tui.cockpit.key_names import Action
from tui.cockpit.keys import KEYS


def test_the_keys_are_those_of_the_table() -> None:
    done = driftdeck("keys", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [row["action"] for row in found] == [row.action for row in KEYS]
    assert next(row for row in found if row["action"] == Action.APPROVE)["danger"] is True


def test_a_person_sees_every_help_text_and_what_is_dangerous() -> None:
    done = driftdeck("keys")
    assert done.returncode == 0, done.stderr
    assert all(row.help in done.stdout for row in KEYS)
    assert "! approve" in done.stdout


def test_every_shipped_theme_is_listed_in_colors_and_without() -> None:
    done = driftdeck("themes", "--json")
    assert [each["name"] for each in json.loads(done.stdout)] == list(theme.names())
    plain = driftdeck("themes")
    assert plain.returncode == 0, plain.stderr
    assert all(name in plain.stdout for name in theme.names())
    assert "\x1b[" not in plain.stdout
    assert len(plain.stdout.splitlines()) == 2 * len(theme.names()) + 1  # none is wrapped at 80 columns
