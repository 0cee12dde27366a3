"""Two days of a venue that misbehaves, in virtual time: nothing is lost, and updated equals rebuilt."""

from pathlib import Path

from support.soak import soak


def test_after_two_bad_days_the_correlation_equals_a_clean_rebuild_and_the_store_has_every_bar(tmp_path: Path) -> None:
    found = soak(2, tmp_path)
    assert all(times > 0 for times in found.faults.values()), found.faults
    assert found.bars >= 48
    assert found.difference <= 1e-12
    assert found.other_bars == ()
    assert found.samples[-1].files <= found.samples[0].files + 4  # both ends of two cockpits that come and go
    assert found.attached >= 2
    assert found.approved >= 3
    assert found.orders >= 8
    assert found.unsettled == 0
