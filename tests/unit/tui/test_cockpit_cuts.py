"""What does not fit on a row ends in a mark and keeps its distance from what stands beside it."""

import dataclasses
from decimal import Decimal

import pytest

from engine.domain.order import OrderState
from engine.domain.proposal import Proposal, ProposalKind, ProposalState
from engine.domain.trade_views import BlotterView, OrderView, ProposalsView, ProposalView
from engine.domain.units import Asset, BasketName, ClientOrderId, Ms
from engine.domain.views import MatrixKind
from support.fake_drafts import Drafter
from support.fake_map import fake_map
from support.fake_scene import FakeScene
from tui.cockpit import theme as themes
from tui.cockpit.choice import Choice, Review
from tui.cockpit.deck import BLOTTER, HEALTH, MAP, PROPOSALS, Contact, Deck, Matrix
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.ink import Line, width
from tui.cockpit.panels.blotter import blotter
from tui.cockpit.panels.heat_cells import CellMaker
from tui.cockpit.panels.help_page import help_lines
from tui.cockpit.panels.map_page import map_page
from tui.cockpit.panels.review import review, size
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem

NOW = 5000.0


def said(line: Line) -> str:
    return "".join(part for part, _ in line)


def draft() -> Proposal:
    return Drafter(FakeScene(panic=0.9)).draft("layer-1", ProposalKind.REBALANCE, 0.3, reason="pairs moved").proposal


def a_scene(*views: ProposalView) -> Scene:
    source, deck = FakeScene(panic=0.9), Deck()
    deck.engine.state = Contact.UP
    deck.market_ms = source.market_ms
    deck.put(HEALTH, source.health(), 1, NOW)
    deck.put(PROPOSALS, ProposalsView(recent=views), 1, NOW)
    theme = themes.load("graphite", ColorSystem.TRUE)
    return Scene(deck=deck, choice=Choice(), glyphs=UNICODE, theme=theme, now=NOW)


def done_order(proposal: Proposal) -> OrderView:
    """Return the filled order of a proposal's first leg."""
    leg = proposal.legs[0]
    return OrderView(
        client_order_id=ClientOrderId("dd1"),
        venue_order_id=None,
        proposals=(proposal.id,),
        baskets=(proposal.basket,),
        asset=leg.asset,
        symbol=leg.symbol,
        side=leg.side,
        quantity=leg.quantity,
        price=leg.price,
        filled=leg.quantity,
        average_price=leg.price,
        state=OrderState.FILLED,
        reduce_only=leg.reduces,
        latency_ms=38.0,
        slippage_bps=4.0,
        updated_ms=Ms(0),
        note="",
    )


def test_who_approved_is_cut_with_a_mark_and_a_gap_before_the_slippage() -> None:
    proposal = draft()
    for who, cut_off in (("root", False), ("root (cockpit /dev/pts/17)", True)):
        view = ProposalView(proposal=proposal, state=ProposalState.DONE, decided_by=who, orders=(done_order(proposal),))
        progress = said(review(a_scene(view), Review((proposal,)), *size(80, 24))[1]).rstrip()
        assert progress.endswith("  slippage +4.0 bps")
        assert ("…" in progress) == cut_off


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_a_canceled_order_keeps_its_word_and_its_distance(columns: int) -> None:
    scene, proposal = a_scene(), draft()
    order = dataclasses.replace(
        done_order(proposal), state=OrderState.CANCELED, slippage_bps=-1205.6, average_price=Decimal("120120.1")
    )
    scene.deck.put(BLOTTER, BlotterView(orders=(order,)), 1, NOW)
    assert any(" ! canceled layer-1" in " ".join(said(line).split()) for line in blotter(scene, columns, 24))
    assert any(" 120,120.1 " in said(line) and " −1206 " in said(line) for line in blotter(scene, columns, 24))
    view = ProposalView(proposal=proposal, state=ProposalState.DONE, decided_by="root", orders=(order,))
    shown = review(a_scene(view), Review((proposal,)), *size(columns, 40))
    assert any(" ! canceled " in f"{said(line)} " for line in shown)
    assert any(said(line).split()[:2] in (["orders", "side"], ["execution", "side"]) for line in shown)


@pytest.mark.parametrize("columns", [80, 99, 100, 104, 110, 120])
def test_no_head_of_the_blotter_is_cut(columns: int) -> None:
    scene = a_scene()
    scene.deck.put(BLOTTER, BlotterView(orders=(done_order(draft()),)), 1, NOW)
    heads = [said(line).split() for line in blotter(scene, columns, 24)]
    (orders,) = [words for words in heads if words[:2] == ["orders", "asset"]]
    (fills,) = [words for words in heads if words[:2] == ["fills", "asset"]]
    assert orders[-2:] == ["state", "basket"]
    assert fills[-1] in ("basket", "proposal")


def test_a_basket_name_that_the_blotter_cuts_ends_in_a_mark() -> None:
    scene = a_scene()
    order = dataclasses.replace(done_order(draft()), baskets=(BasketName("majors-hedged"),))
    scene.deck.put(BLOTTER, BlotterView(orders=(order,)), 1, NOW)
    assert [said(line).split()[-1] for line in blotter(scene, 80, 24) if "ETH" in said(line)] == ["majors-…"]


@pytest.mark.parametrize("columns", [100, 120, 200])
def test_the_map_of_one_small_basket_leaves_head_and_clusters_their_words(columns: int) -> None:
    scene = a_scene()
    whole = fake_map(FakeScene(panic=0.9))
    first = whole.clusters[0]
    scene.deck.put(MAP, dataclasses.replace(whole, order=first.assets, clusters=(first,), tree=()), 1, NOW)
    lines = [said(line) for line in map_page(scene, columns, 36)]
    assert lines[0].startswith(f" correlation of all  {len(first.assets)} assets ")
    assert " clusters" in next(line for line in lines if "mix  calmest " in line)
    assert "ETH  .52" in next(line for line in lines if line.startswith(f" {' '.join(first.assets)} "))


def test_a_sentence_of_the_help_that_is_cut_ends_in_a_mark() -> None:
    scene = a_scene()
    for page in range(12):
        pairs = zip(help_lines(scene, 60, 24, page=page), help_lines(scene, 120, 24, page=page), strict=True)
        for line, whole in list(pairs)[1:]:
            assert said(line).rstrip() == said(whole).rstrip() or (width(line) == 60 and said(line).endswith("…"))


@pytest.mark.parametrize(
    ("columns", "full", "short"), [(2, "·", "19"), (3, "30", "19"), (4, "30", "19"), (5, "720", "470")]
)
def test_counts_of_pairs_never_touch(columns: int, full: str, short: str) -> None:
    scene = a_scene()
    scene.choice.counts = True
    matrix = Matrix(
        assets=(Asset("A"), Asset("B"), Asset("C")),
        values=((0.0, 0.0, 0.0),) * 3,
        marks=((False,) * 3,) * 3,
        counts=((720, 720, 720), (720, 720, 720), (470, 720, 720)),
    )
    maker = CellMaker(scene=scene, kind=MatrixKind.DELTA, main=matrix, second=None, width=columns, height=1)
    assert [maker.line(row, 0, 0)[0].strip() for row in (1, 2)] == [full, short]
    assert maker.line(1, 0, 0)[0].startswith(" ")
