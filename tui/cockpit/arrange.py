"""Owns the rectangles of the cockpit: of each preset in each form, of one panel over all, of a page.

Pure arithmetic: no widget, no text. The screen places its widgets by this plan, so a resize is one function call.
"""

from collections.abc import Callable, Mapping

from tui.cockpit.layout import Form, Panel, Panels, Plan, Preset, Rect, form_of

CARDS = 6
MOST_CARDS = 12
_CARD, _CARD_LEAST, _CARD_MOST = 8, 38, 80  # rows of a card; columns of one when many share the screen
_PAIRS_DEEP, _COURSE_LEAST = 13, 12  # over the whole screen: rows of the pairs, and of the chart under them
_COURSE_WIDE = 60  # columns beside the book from which the chart stands there
_HEAT, _BOOK = 53, 100  # the correlation card where there is room; the book needs no more than this


def plan(
    columns: int,
    rows: int,
    *,
    all_assets: int = 0,
    page: str = "",
    preset: Preset = Preset.BALANCED,
    zoomed: Panel | None = None,
    baskets: int = CARDS,
) -> Plan:
    """Return the plan. `page`, else the `zoomed` panel, has everything between the account line and the keys.

    `all_assets` > 0 spreads the matrix of that many assets over everything above the feed.
    """
    form = form_of(columns, rows)
    panels = {
        "status": Rect(0, 0, columns, 1),
        "situation": Rect(0, 1, columns, 1),
        "keys": Rect(0, rows - 1, columns, 1),
    }
    if form is Form.TINY:
        panels["situation"] = Rect(0, min(1, rows - 1), columns, 1)
        return Plan(form=form, panels=panels)
    panels["account"] = Rect(0, 2, columns, 1)
    middle = Rect(0, 3, columns, rows - 4)
    if page:
        panels[page] = middle
        return Plan(form=form, panels=panels)
    if zoomed is not None:
        return _zoom(form, panels, middle, zoomed, all_assets=all_assets, baskets=baskets)
    if all_assets:
        return _spread(form, panels, columns, rows, all_assets)
    return _FORMS[preset, form](panels, columns, rows)


def _zoom(form: Form, panels: Panels, middle: Rect, panel: Panel, *, all_assets: int, baskets: int) -> Plan:
    x, y, columns, rows = middle
    cell = (24, 8)
    if panel is Panel.BASKETS:
        _fill_with_cards(panels, middle, baskets)
    elif panel is Panel.BOOK:
        panels[panel] = Rect(x, y, min(columns, _BOOK), rows)
        if columns - _BOOK > _COURSE_WIDE:
            panels["chart"] = Rect(_BOOK + 1, y, columns - _BOOK - 1, rows)
    elif panel is not Panel.CORRELATION:
        panels[panel] = middle
    elif all_assets:
        panels |= {"heat_head": Rect(x, y, columns, 1), "heat": Rect(x, y + 1, columns, rows - 1)}
        cell = (6, 1)
    else:
        right = max(34, min(60, columns * 3 // 10))
        panels |= {"heat_head": Rect(x, y, columns, 1), "heat": Rect(x, y + 1, columns - right - 1, rows - 1)}
        course = rows - 1 - _PAIRS_DEEP
        panels["pairs"] = Rect(columns - right, y + 1, right, _PAIRS_DEEP if course >= _COURSE_LEAST else rows - 1)
        if course >= _COURSE_LEAST:
            panels["chart"] = Rect(columns - right, y + 1 + _PAIRS_DEEP, right, course)
    return Plan(form=form, panels=panels, cell_width=cell[0], cell_height=cell[1])


def _fill_with_cards(panels: Panels, area: Rect, baskets: int) -> None:
    """Fill an area with as many cards as there are baskets, as wide as they then can be."""
    deep = (area.height + 1) // (_CARD + 1)
    least, most = -(-area.width // _CARD_MOST), max(1, (area.width + 1) // (_CARD_LEAST + 1))
    across = next((many for many in range(least, most + 1) if many * deep >= baskets), most)
    down = max(1, min(deep, -(-max(1, baskets) // across), MOST_CARDS // across))
    _cards(panels, area, across, down)


def _cards(panels: Panels, area: Rect, across: int, down: int, *, high: int = _CARD) -> None:
    """Put a grid of cards from the upper left corner of an area, one column and one row apart."""
    wide = (area.width + 1) // across - 1
    for index in range(across * down):
        row, column = divmod(index, across)
        panels[f"card{index}"] = Rect(area.x + column * (wide + 1), area.y + row * (high + 1), wide, high)


def _spread(form: Form, panels: Panels, columns: int, rows: int, assets: int) -> Plan:
    last = rows - 2
    wanted = 1 + assets + 1
    height = min(max(wanted, 12), last - 3)
    feed = last - 3 - height
    if feed < 4:
        height, feed = last - 2, 0
    panels["heat_head"] = Rect(0, 3, columns, 1)
    panels["heat"] = Rect(0, 4, columns, height - 1)
    if feed:
        panels["feed"] = Rect(0, 3 + height + 1, columns, feed)
    return Plan(form=form, panels=panels, cell_width=6, cell_height=1)


def _heat(panels: Panels, card: Rect, heat_rows: int) -> None:
    """Cut a correlation card into header, stair and strongest pairs."""
    panels["heat_head"] = Rect(card.x, card.y, card.width, 1)
    panels["heat"] = Rect(card.x, card.y + 1, card.width, heat_rows)
    rest = card.height - 1 - heat_rows
    if rest > 1:
        panels["pairs"] = Rect(card.x, card.y + 1 + heat_rows, card.width, rest)


def _stack(panels: Panels, columns: int, rows: int) -> Plan:
    left = 39
    panels["list"] = Rect(0, 3, left, 8)
    _heat(panels, Rect(left + 1, 3, columns - left - 1, 8), 7)
    panels["basket"] = Rect(0, 12, columns, 6)
    panels["feed"] = Rect(0, 18, columns, rows - 19)
    return Plan(form=Form.STACK, panels=panels, cell_width=7, cell_height=1)


def _stack_baskets(panels: Panels, columns: int, rows: int) -> Plan:
    down = max(1, (rows - 7 + 1) // (_CARD + 1))
    across = max(1, columns // (_CARD_LEAST + 1))
    _cards(panels, Rect(0, 3, columns, rows), across, min(down, MOST_CARDS // across))
    top = 3 + down * (_CARD + 1) - 1
    panels["feed"] = Rect(0, top, columns, rows - 1 - top)
    return Plan(form=Form.STACK, panels=panels)


def _stack_alerts(panels: Panels, columns: int, rows: int) -> Plan:
    left, spare = 39, rows - 24
    waiting = 7 + spare // 2
    panels["waiting"] = Rect(0, 3, columns, waiting)
    panels["list"] = Rect(0, 3 + waiting, left, 8)
    _heat(panels, Rect(left + 1, 3 + waiting, columns - left - 1, 8), 7)
    panels["feed"] = Rect(0, 11 + waiting, columns, rows - 1 - 11 - waiting)
    return Plan(form=Form.STACK, panels=panels, cell_width=7, cell_height=1)


def _normal(panels: Panels, columns: int, rows: int) -> Plan:
    extra = columns - 120
    heat = min(_HEAT, 42 + max(0, extra)) if extra > -4 else 42
    card = (columns - heat - 2) // 2
    heat = columns - 2 * card - 2
    _cards(panels, Rect(0, 3, 2 * card + 1, 26), 2, 3)
    _heat(panels, Rect(2 * card + 2, 3, heat, min(26, rows - 5)), 15)
    top = 30
    panels["feed"] = Rect(0, top, columns, max(1, rows - 1 - top))
    return Plan(form=Form.NORMAL, panels=panels, cell_width=10 if heat >= 50 else 8)


def _normal_baskets(panels: Panels, columns: int, rows: int) -> Plan:
    _cards(panels, Rect(0, 3, columns, 26), 2, 3)
    top = 30
    heat = max(42, min(_HEAT, columns - 102))
    panels["feed"] = Rect(0, top, columns - heat - 1, rows - 1 - top)
    high = rows - 1 - top
    _heat(panels, Rect(columns - heat, top, heat, high), min(20, high - 1))
    return Plan(form=Form.NORMAL, panels=panels, cell_width=8, cell_height=1)


def _normal_alerts(panels: Panels, columns: int, rows: int) -> Plan:
    room = rows - 1 - 3 - 2  # two blank rows between three bands
    low = 11
    waiting = (room - low) // 2
    panels["waiting"] = Rect(0, 3, columns, waiting)
    panels["feed"] = Rect(0, 4 + waiting, columns, room - low - waiting)
    left, heat, top = 39, 42, rows - 1 - low
    panels["list"] = Rect(0, top, left, low)
    if columns - left - heat - 2 >= 30:
        panels["basket"] = Rect(left + 1, top, columns - left - heat - 2, low)
        _heat(panels, Rect(columns - heat, top, heat, low), low - 1)
    else:
        _heat(panels, Rect(left + 1, top, columns - left - 1, low), low - 1)
    return Plan(form=Form.NORMAL, panels=panels, cell_width=8, cell_height=1)


def _wide(panels: Panels, columns: int, rows: int) -> Plan:
    left = columns - _HEAT
    card = (left - 3) // 3
    _cards(panels, Rect(0, 3, 3 * card + 2, 19), 3, 2, high=9)
    chart = max(8, 18 + rows - 60)
    feed_top = 23 + chart + 1
    span = left - 1
    panels["chart"] = Rect(0, 23, span, chart)
    _heat(panels, Rect(left, 3, _HEAT, 20 + chart), 20)
    foot = rows - 1 - feed_top
    panels["feed"] = Rect(0, feed_top, span, foot)
    panels["book"] = Rect(left, feed_top, _HEAT, foot)
    return Plan(form=Form.WIDE, panels=panels, cell_width=10, cell_height=3)


def _wide_baskets(panels: Panels, columns: int, rows: int) -> Plan:
    _cards(panels, Rect(0, 3, columns, 19), 3, 2, high=9)
    feed = max(8, (rows - 24) * 2 // 5)
    middle = rows - 1 - 23 - 1 - feed
    span = columns - 2 * (_HEAT + 1)
    panels["chart"] = Rect(0, 23, span, middle)
    _heat(panels, Rect(span + 1, 23, _HEAT, middle), middle - 1)
    panels["book"] = Rect(columns - _HEAT, 23, _HEAT, middle)
    panels["feed"] = Rect(0, 24 + middle, columns, feed)
    return Plan(form=Form.WIDE, panels=panels, cell_width=10, cell_height=3)


def _wide_alerts(panels: Panels, columns: int, rows: int) -> Plan:
    left = columns - _HEAT
    span = left - 1
    waiting = (rows - 6) // 4
    chart = (rows - 6) * 3 // 10
    feed = rows - 1 - 3 - waiting - chart - 2
    panels["waiting"] = Rect(0, 3, span, waiting)
    panels["feed"] = Rect(0, 4 + waiting, span, feed)
    panels["chart"] = Rect(0, rows - 1 - chart, span, chart)
    panels["list"] = Rect(left, 3, _HEAT, 10)
    panels["basket"] = Rect(left, 14, _HEAT, 9)
    deep = rows - 1 - 24
    _heat(panels, Rect(left, 24, _HEAT, deep), min(20, deep - 1))
    return Plan(form=Form.WIDE, panels=panels, cell_width=10, cell_height=3)


_FORMS: Mapping[tuple[Preset, Form], Callable[[Panels, int, int], Plan]] = {
    (Preset.BALANCED, Form.STACK): _stack,
    (Preset.BALANCED, Form.NORMAL): _normal,
    (Preset.BALANCED, Form.WIDE): _wide,
    (Preset.BASKETS, Form.STACK): _stack_baskets,
    (Preset.BASKETS, Form.NORMAL): _normal_baskets,
    (Preset.BASKETS, Form.WIDE): _wide_baskets,
    (Preset.ALERTS, Form.STACK): _stack_alerts,
    (Preset.ALERTS, Form.NORMAL): _normal_alerts,
    (Preset.ALERTS, Form.WIDE): _wide_alerts,
}
