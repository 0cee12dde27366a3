"""What a FakeScene's book leads to: proposals with legs and figures, and the positions behind it.

Numbers follow from the scene's factors, prices and weights, so that what a review shows and what is held afterwards
agree. `fake_proposals` decides on them.
"""

import dataclasses
import hashlib
import math
from decimal import Decimal

from engine.domain.facts import ProposalDrafted
from engine.domain.order import OrderSide
from engine.domain.proposal import Proposal, ProposalKind, ProposalLeg, RiskSummary
from engine.domain.trade_views import PositionView
from engine.domain.units import Asset, BasketName, ProposalId, Symbol
from support.fake_scene import FakeScene

VALID_S = 1800.0
FEE = 0.00055


def risk(gross: float, net: float, *, hidden: float = 1.84, rho95: float = 0.127) -> RiskSummary:
    """Return figures of a book of this size; undefined ratios where it holds nothing."""
    flat = gross <= 0
    return RiskSummary(
        gross=gross,
        net=net,
        vol_ann=0.71 * gross / 12_000,
        hidden_leverage=math.nan if flat else hidden,
        effective_bets=math.nan if flat else 1.3,
        es95_1d=0.089 * gross,
        es95_rho95=rho95 * gross,
        es95_hedge_break=0.094 * gross,
        liquidation_distance=math.nan if flat else min(0.95, 0.31 + 0.4 * (1 - min(1.0, gross / 12_000))),
        carry_day=0.00021 * gross,
    )


def sealed(proposal: Proposal) -> Proposal:
    """Return the proposal with a hash over everything else."""
    bare = dataclasses.replace(proposal, hash="")
    return dataclasses.replace(bare, hash=hashlib.sha256(repr(bare).encode()).hexdigest()[:16])


class Drafter:
    """Draft proposals over one scene, numbered."""

    def __init__(self, scene: FakeScene) -> None:
        self.scene = scene
        self._count = 0

    def draft(
        self,
        name: str,
        kind: ProposalKind,
        factor: float,
        *,
        reason: str = "",
        cause: str = "",
        drop: tuple[Asset, ...] = (),
        scale: float = 1.0,
        supersedes: ProposalId | None = None,
    ) -> ProposalDrafted:
        """Return the fact of a proposal that brings a basket to `factor` of its base."""
        scene = self.scene
        self._count += 1
        was = scene.factor(name)
        legs = self._legs(name, was, was + (factor - was) * scale, drop)
        traded = sum(float(leg.notional) for leg in legs)
        moved = sum(float(leg.notional) * (-1 if leg.reduces else 1) for leg in legs)
        after = max(0.0, scene.gross_of(name) + moved) if factor else 0.0
        tilt = scene.tilt(name)
        before_all = sum(scene.gross_of(other) for other in scene.legs)
        net_all = sum(scene.gross_of(other) * scene.tilt(other) for other in scene.legs)
        change = after - scene.gross_of(name)
        proposal = Proposal(
            id=ProposalId(f"{name}.{self._count}"),
            basket=BasketName(name),
            kind=kind,
            cause=cause,
            reason=reason or "for a test",
            created_at=scene.market_ms,
            valid_ms=int(VALID_S * 1000),
            legs=legs,
            skipped=(),
            cost=Decimal(str(round(traded * (FEE + 0.00026), 2))),
            cost_bps=8.1,
            cost_share_year=0.12,
            turnover=traded / scene.notional_of(name),
            factor=after / scene.notional_of(name),
            equal_risk_factor=factor * 1.4,
            carry_day=0.00021 * after,
            before=risk(scene.gross_of(name), scene.gross_of(name) * tilt, hidden=1.84),
            after=risk(after, after * tilt, hidden=1.91),
            account_before=risk(before_all, net_all, hidden=2.93),
            account_after=risk(before_all + change, net_all + change * tilt, hidden=2.71),
            warnings=(),
            supersedes=supersedes,
            hash="",
        )
        return ProposalDrafted(at=scene.market_ms, proposal=sealed(proposal))

    def requote(self, old: Proposal) -> ProposalDrafted:
        """Return a fresh quote of a proposal, whose prices have moved."""
        self.scene.advance()
        factor = old.factor * 0.9
        return self.draft(old.basket, old.kind, factor, reason=old.reason, cause=old.cause, supersedes=old.id)

    def _legs(self, name: str, was: float, wanted: float, drop: tuple[Asset, ...]) -> tuple[ProposalLeg, ...]:
        scene, found = self.scene, []
        base = scene.notional_of(name) / len(scene.legs[name])
        for leg, start in scene.legs[name]:
            asset, sign = Asset(leg.lstrip("-")), -1 if leg.startswith("-") else 1
            if asset in drop or math.isclose(was, wanted):
                continue
            price = Decimal(f"{scene.last.get(asset, start):.6g}")
            held, target = (Decimal(f"{sign * base * factor / float(price):.4g}") for factor in (was, wanted))
            size = target - held
            found.append(
                ProposalLeg(
                    asset=asset,
                    symbol=Symbol(f"{asset}/USDT:USDT"),
                    side=OrderSide.BUY if size > 0 else OrderSide.SELL,
                    quantity=abs(size),
                    price=price,
                    notional=abs(size) * price,
                    fee=abs(size) * price * Decimal(str(FEE)),
                    reduces=abs(target) < abs(held),
                    held=held,
                    target=target,
                    low=price * Decimal("0.995"),
                    high=price * Decimal("1.005"),
                )
            )
        return tuple(found)


def positions(scene: FakeScene) -> tuple[PositionView, ...]:
    shared: dict[Asset, list[tuple[BasketName, Decimal]]] = {}
    prices: dict[Asset, float] = {}
    for name, legs in scene.legs.items():
        each = scene.gross_of(name) / len(legs)
        for leg, start in legs:
            asset = Asset(leg.lstrip("-"))
            prices[asset] = scene.last.get(asset, start)
            size = Decimal(f"{each / prices[asset] * (-1 if leg.startswith('-') else 1):.5g}")
            if size:
                shared.setdefault(asset, []).append((BasketName(name), size))
    found = []
    for asset, parts in shared.items():
        quantity = sum((size for _, size in parts), Decimal(0))
        mark = Decimal(f"{prices[asset]:.6g}")
        average = mark * Decimal("1.013")
        found.append(
            PositionView(
                asset=asset,
                symbol=Symbol(f"{asset}/USDT:USDT"),
                quantity=quantity,
                average_price=average,
                mark=mark,
                value=quantity * mark,
                unrealized=quantity * (mark - average),
                liquidation_distance=0.42,
                baskets=tuple(parts),
            )
        )
    return tuple(found)
