"""Owns a backtest as one HTML file: the sentences, the table, and charts that need no network.

Takes finished findings and makes text; computes none. The command writes the file.
"""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.domain.errors import ConfigError
from engine.domain.units import iso
from engine.lab.backtest import DRIFTDECK, NAMES, Backtest
from engine.lab.backtest_words import Findings
from engine.lab.paper_book import BookRun
from engine.lab.strategy_figures import StrategyFigures
from engine.quant.drawdown import drawdowns

_LOUD = {DRIFTDECK: "#ff9f1c", "standard": "#4aa3ff", "exposure_matched": "#c8c8c8"}  # the others can be switched on
_STYLE = """
body{background:#14171a;color:#d8dde2;font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}
h1{font-size:1.3em} table{border-collapse:collapse;font-variant-numeric:tabular-nums} th,td{padding:.15em .8em;
text-align:right} th:first-child,td:first-child{text-align:left} tr:nth-child(even){background:#1c2126}
"""


def html_report(found: Backtest, said: Findings) -> str:
    """Return the report as one self-contained page. Raises ConfigError without the extra `report`."""
    try:
        from plotly.io import to_html
    except ImportError:
        raise ConfigError("--html needs the extra: pip install 'driftdeck[report]'") from None
    title = f"Driftdeck backtest, {iso(found.path.begin)} to {iso(found.path.end)}"
    charts = to_html(_figure(found), include_plotlyjs="inline", full_html=False, config={"displaylogo": False})
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{html.escape(title)}</h1>",
            *(f"<p>{html.escape(sentence)}</p>" for sentence in said.words),
            _table(found),
            charts,
            "</body></html>",
        ]
    )


def _table(found: Backtest) -> str:
    names = ("strategy", "return", "max drawdown", "volatility", "Sharpe", "gross", "turnover", "cost", "trades")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = [f"<tr>{''.join(f'<td>{c}</td>' for c in _cells(name, found.figures[name]))}</tr>" for name in NAMES]
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _cells(name: str, figures: StrategyFigures) -> Sequence[str]:
    return (
        name,
        f"{figures.total_return:+.1%}",
        f"{figures.max_drawdown:.1%}",
        f"{figures.vol_ann:.1%}",
        f"{figures.sharpe:+.2f}",
        f"{figures.avg_gross:.2f}",
        f"{figures.turnover:.1f}",
        f"{figures.cost:,.0f}",
        str(figures.rebalances),
    )


def _figure(found: Backtest) -> Any:
    """Return equity, drawdown and gross of all strategies over time, one above the other."""
    from plotly import graph_objects
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.04, subplot_titles=("equity", "drawdown", "gross")
    )
    path = found.path
    step = max(1, path.bars // 3000)  # a screen shows no more
    rows = np.arange(0, path.bars + 1, step)
    stamps = [iso(path.closed(path.start + int(row))) for row in rows]
    for name in NAMES:
        for place, values in enumerate(_curves(found.runs[name]), start=1):
            figure.add_trace(
                graph_objects.Scatter(
                    x=stamps,
                    y=np.round(values[rows], 6).tolist(),
                    name=name,
                    legendgroup=name,
                    showlegend=place == 1,
                    line={"color": _LOUD.get(name), "width": 1.4},
                    visible=True if name in _LOUD else "legendonly",
                ),
                row=place,
                col=1,
            )
    figure.update_layout(template="plotly_dark", height=900, paper_bgcolor="#14171a", plot_bgcolor="#14171a")
    figure.update_yaxes(type="log", row=1, col=1)
    figure.update_yaxes(autorange="reversed", tickformat=".0%", row=2, col=1)
    return figure


def _curves(run: BookRun) -> tuple[np.ndarray[Any, np.dtype[np.float64]], ...]:
    return run.equity, drawdowns(run.equity), run.gross
