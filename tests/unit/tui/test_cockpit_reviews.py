"""The review as pure functions: exact widths with awful content, what forbids an approval, the countdown."""

import dataclasses
import math
from decimal import Decimal

import msgspec
import pytest

from engine.domain.alerts import NAN
from engine.domain.proposal import Proposal, ProposalKind, ProposalState, SkippedLeg
from engine.domain.trade_views import ProposalsView, ProposalView
from engine.domain.units import Asset, BasketName, Ms
from support.fake_drafts import Drafter, risk, sealed
from support.fake_scene import FakeScene
from tui.cockpit import reviews, text
from tui.cockpit import theme as themes
from tui.cockpit.choice import Choice, Review
from tui.cockpit.deck import BOOKS, HEALTH, PROPOSALS, QUOTES, Contact, Deck
from tui.cockpit.glyphs import ASCII, UNICODE, Glyphs
from tui.cockpit.ink import Line, Paint, Role
from tui.cockpit.panels.review import review, size
from tui.cockpit.panels.review_foot import foot
from tui.cockpit.panels.review_risk import risk_rows
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene
from tui.cockpit.theme import ColorSystem

NOW = 5000.0
SIZES = [(80, 24), (99, 35), (100, 36), (120, 40), (160, 45), (200, 60), (260, 90)]


def said(line: Line) -> str:
    """Return a line's text."""
    return "".join(part for part, _ in line)


def draft(kind: ProposalKind = ProposalKind.REBALANCE, factor: float = 0.3, name: str = "layer-1") -> Proposal:
    """Return a proposal of the fake scene."""
    return Drafter(FakeScene(panic=0.9)).draft(name, kind, factor, reason="together: ETH·SOL .64 to .85").proposal


def a_scene(*views: ProposalView, glyphs: Glyphs = UNICODE, read_only: bool = False, told: str = "") -> Scene:
    """Return a scene in which these proposals stand."""
    source = FakeScene(panic=0.9)
    source.told |= {"halted": told} if told else {}
    deck = Deck()
    deck.engine.state = Contact.UP
    deck.market_ms = source.market_ms
    for want, view in ((HEALTH, source.health()), (QUOTES, source.quotes()), (BOOKS, source.books())):
        deck.put(want, view, 1, NOW)
    waiting = tuple(view for view in views if view.state is ProposalState.PENDING)
    over = tuple(view for view in views if view.state is not ProposalState.PENDING)
    deck.put(PROPOSALS, ProposalsView(pending=waiting, recent=over), 1, NOW)
    return Scene(
        deck=deck,
        choice=Choice(),
        glyphs=glyphs,
        theme=themes.load("graphite", ColorSystem.TRUE),
        now=NOW,
        tick_ms=source.market_ms,
        read_only=read_only,
    )


def pending(proposal: Proposal, *, left: float = 1600.0, refusal: str = "") -> ProposalView:
    """Return a proposal that waits."""
    return ProposalView(proposal=proposal, state=ProposalState.PENDING, left_s=left, refusal=refusal)


def page(scene: Scene, pinned: Review, columns: int, rows: int) -> list[str]:
    """Return the overlay of a screen as text."""
    return [said(line) for line in review(scene, pinned, *size(columns, rows))]


def awful() -> Proposal:
    """Return a proposal with the longest names, the widest numbers and nothing defined."""
    made = draft()
    legs = tuple(
        msgspec.structs.replace(
            leg,
            asset=Asset("1000000MOG"),
            quantity=Decimal("123456789.12345678"),
            price=Decimal("0.00000001234"),
            notional=Decimal("98765432.1"),
            fee=Decimal("54321.98"),
        )
        for leg in made.legs
    )
    unknown = risk(0.0, 0.0)
    nothing = dataclasses.replace(unknown, **dict.fromkeys((f.name for f in dataclasses.fields(unknown)), NAN))
    return sealed(
        dataclasses.replace(
            made,
            basket=BasketName("a-basket-with-quite-a-long-name-x"),
            reason="why " * 60 + "unbreakable" * 20 + "\x1b[31m漢",
            legs=legs,
            skipped=(SkippedLeg(asset=Asset("DOGE"), why="smallest order of the venue is larger " * 3),),
            cost=Decimal("123456.78"),
            cost_bps=NAN,
            cost_share_year=NAN,
            factor=NAN,
            equal_risk_factor=NAN,
            before=nothing,
            after=risk(9.9e8, -9.9e8),
            account_before=risk(9.9e8, 9.9e8),
            account_after=nothing,
            warnings=("the account is below $10,000: rounding and smallest orders miss 4.1% of the target",) * 2,
        )
    )


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("screen", SIZES, ids=str)
def test_every_row_is_exactly_as_wide_as_the_overlay_whatever_it_holds(screen: tuple[int, int], glyphs: Glyphs) -> None:
    columns, rows = size(*screen)
    for proposal in (draft(), awful(), draft(ProposalKind.OPEN, 0.9)):
        for read_only in (False, True):
            scene = a_scene(pending(proposal), glyphs=glyphs, read_only=read_only)
            for number in range(3):
                shown = review(scene, Review((proposal,), page=number), columns, rows)
                assert {len(said(line)) for line in shown} == {columns}
                assert len(shown) == rows
                assert "nan" not in "".join(map(said, shown))
                if glyphs is ASCII:
                    assert "".join(map(said, shown)).isascii()


def test_it_is_102x29_in_the_middle_of_120x40_and_all_of_a_low_terminal() -> None:
    assert size(120, 40) == (102, 29)
    assert size(80, 24) == (80, 20)
    assert size(200, 60) == (102, 34)


@pytest.mark.parametrize("screen", SIZES, ids=str)
def test_what_decides_is_on_the_first_page_of_every_size(screen: tuple[int, int]) -> None:
    proposal = draft()
    shown = "\n".join(page(a_scene(pending(proposal)), Review((proposal,)), *screen))
    for part in ("PAPER", "cut gross 67 %", "cost $", "26:40 left", "loss at ρ .95", "hidden leverage", "press  y "):
        assert part in shown


def test_the_time_left_moves_by_the_hosts_clock_once_a_second_and_ends_as_expired() -> None:
    proposal = draft()
    scene, pinned = a_scene(pending(proposal, left=2.4)), Review((proposal,))
    clocks = []
    for tenth in range(40):
        scene.now = NOW + tenth / 10
        clocks.append(page(scene, pinned, 120, 40)[2].strip())
    seen = list(dict.fromkeys(clocks))
    assert [one.split()[-2:] for one in seen[:3]] == [["0:02", "left"], ["0:01", "left"], ["0:00", "left"]]
    assert seen[3].endswith("expired")
    assert len(seen) == 4
    assert reviews.barrier(scene, pinned) == "expired: its time ran out"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"refusal": "ETH price is 42 s old"}, "ETH price is 42 s old"),
        ({"state": ProposalState.SUPERSEDED}, "re-quoted: prices moved"),
        ({"state": ProposalState.EXPIRED}, "expired: its time ran out"),
        ({"state": ProposalState.EXPIRED, "ended_why": "volatility is on"}, "expired: volatility is on"),
        ({"state": ProposalState.HELD, "decided_by": "mira"}, "held by mira"),
        ({"state": ProposalState.SNOOZED, "decided_by": "mira"}, "snoozed by mira"),
        ({"state": ProposalState.EXECUTING, "decided_by": "mira"}, "approved by mira"),
    ],
)
def test_what_forbids_an_approval_is_named(change: dict[str, object], why: str) -> None:
    proposal = draft()
    view = dataclasses.replace(pending(proposal), **change)  # type: ignore[arg-type]
    assert reviews.barrier(a_scene(view), Review((proposal,))) == why


def test_the_same_id_with_other_numbers_is_another_proposal() -> None:
    proposal = draft()
    moved = sealed(dataclasses.replace(proposal, cost=proposal.cost + 1))
    assert moved.id == proposal.id
    scene = a_scene(pending(moved))
    assert reviews.barrier(scene, Review((proposal,))) == "re-quoted: prices moved"
    found = reviews.newer(scene, Review((proposal,)))
    assert found is not None
    assert found.proposal == moved


def test_a_forgotten_proposal_a_halt_and_read_only_forbid_it_too() -> None:
    proposal = draft()
    assert "no longer" in reviews.barrier(a_scene(), Review((proposal,)))
    assert reviews.barrier(a_scene(pending(proposal), told="lunch"), Review((proposal,))) == "trading is halted: lunch"
    assert "read-only" in reviews.barrier(a_scene(pending(proposal), read_only=True), Review((proposal,)))
    assert (
        reviews.barrier(a_scene(pending(proposal)), Review((proposal,), busy="asking the engine"))
        == "asking the engine"
    )


def test_of_several_the_one_that_cannot_go_is_named_and_the_shortest_time_counts() -> None:
    first, second = draft(ProposalKind.CLOSE, 0.0), draft(ProposalKind.CLOSE, 0.0, "defi")
    scene = a_scene(pending(first, left=900), pending(second, left=30, refusal="UNI is halted"))
    pinned = Review((first, second))
    assert reviews.barrier(scene, pinned) == "defi: UNI is halted"
    assert reviews.shortest_left(scene, pinned) == 30
    assert "0:30 left" in page(scene, pinned, 120, 40)[2]


@pytest.mark.parametrize(
    ("kind", "factor", "words"),
    [
        (ProposalKind.REBALANCE, 0.3, "cut gross 67 %"),
        (ProposalKind.RESTORE, 1.2, "add to gross 33 %"),
        (ProposalKind.REBALANCE, 0.9, "shift weights"),
        (ProposalKind.CLOSE, 0.0, "close all"),
        (ProposalKind.CLOSE, 0.45, "close 50 %"),
    ],
)
def test_the_headline_says_what_it_does(kind: ProposalKind, factor: float, words: str) -> None:
    assert reviews.headline(UNICODE, draft(kind, factor)) == words


def test_opening_from_flat_says_what_it_opens() -> None:
    flat = Drafter(FakeScene(planned=True)).draft("layer-1", ProposalKind.OPEN, 0.5).proposal
    assert reviews.headline(UNICODE, flat) == "open 6.0k"


def test_a_refusal_longer_than_a_row_is_wrapped_and_the_buttons_stay() -> None:
    proposal = draft()
    scene = a_scene(pending(proposal))
    pinned = Review((proposal,), refused="ETH price is 42 s old and SOL left its band; layer-1.2 has the prices of now")
    rows = [said(line) for line in foot(scene, pinned, 80, 2)]
    assert rows[0].startswith("  ! refused: ETH price is 42 s old")
    assert "layer-1.2" in " ".join(rows[:2])
    assert "Cancel esc" in rows[2]


def test_sentences_break_at_blanks_and_endless_words_anywhere() -> None:
    assert wrapped("cut gross by a third", 9) == ["cut gross", "by a", "third"]
    assert wrapped("x" * 7, 3) == ["xxx", "xxx", "x"]
    assert wrapped("a " + "x" * 7 + " b", 3) == ["a", "xxx", "xxx", "x b"]
    assert wrapped("", 9) == [""]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (text.dollars(UNICODE, 9.1249), "$9.12"),
        (text.dollars(UNICODE, 412.4), "$412"),
        (text.dollars(UNICODE, -1204.0), "−$1,204"),
        (text.dollars(UNICODE, -0.001), "$0.00"),
        (text.dollars(UNICODE, math.nan), "–"),
        (text.amount(UNICODE, 108.4), "108"),
        (text.amount(UNICODE, -0.2, signed=True), "+0"),
        (text.amount(UNICODE, 1404.0), "1.4k"),
        (text.gain(UNICODE, 312.4), "▲+312"),
        (text.gain(UNICODE, -1204.0), "▼−1,204"),
        (text.gain(UNICODE, -12_420.0), "▼−12.4k"),
        (text.gain(UNICODE, 0.2), "+0"),
        (text.gain(UNICODE, math.nan), "–"),
        (text.quantity(Decimal("1.5940")), "1.594"),
        (text.quantity(Decimal("-33.30")), "33.3"),
        (text.quantity(Decimal(1327)), "1,327"),
        (text.quantity(Decimal("0.000012345678")), "0.000012"),
        (text.quantity(Decimal("123456.789012"), 9), "123,456.8"),
        (text.share(UNICODE, 0.3142), "31.4%"),
        (text.share(UNICODE, math.nan), "–"),
        (text.minutes(UNICODE, 1599.0), "26m"),
        (text.minutes(UNICODE, 59.0), "<1m"),
        (text.minutes(UNICODE, -1.0), "due"),
        (text.minutes(UNICODE, 11_100.0), "3h05"),
    ],
)
def test_amounts_quantities_and_times_left(made: str, expected: str) -> None:
    assert made == expected


def test_made_is_the_market_time_of_the_draft() -> None:
    proposal = sealed(dataclasses.replace(draft(), created_at=Ms(1_667_878_862_000)))
    assert "made 03:41:02Z" in page(a_scene(pending(proposal)), Review((proposal,)), 120, 40)[0]


@pytest.mark.parametrize(
    ("was", "now", "change", "better"),
    [
        (2.0, 0.7, "▼ −65%", False),
        (-2.0, -0.7, "▲ +65%", True),
        (0.5, 1.0, "▲ +100%", True),
        (1.0, -1.0, "▼ −200%", False),
    ],
)
def test_carry_is_what_is_earned_so_that_more_of_it_is_better(
    was: float, now: float, change: str, better: bool
) -> None:
    proposal = draft()
    before, after = (dataclasses.replace(proposal.before, carry_day=value) for value in (was, now))
    proposal = dataclasses.replace(proposal, before=before, after=after)
    row = next(line for line in risk_rows(a_scene(pending(proposal)), proposal, 100) if said(line).startswith("carry"))
    _, ink = next(span for span in row if span[0].strip() == change)
    assert (ink == Paint(Role.GAIN)) is better
