"""The screens of the cockpit: each composes panels and paints them from one deck."""
