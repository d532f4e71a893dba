"""Colours of the light and the dark drawing: the values of the front end's `tokens.css`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """What a drawing needs; `kinds` gives (icon, tile) for each kind of node, `notes` (ground, border) by colour."""

    canvas: str
    surface: str
    text: str
    text_2: str
    text_3: str
    line: str
    line_2: str
    edge: str
    accent: str
    failed: str
    note: str
    note_line: str
    kinds: Mapping[str, tuple[str, str]]
    notes: Mapping[str, tuple[str, str]]


LIGHT = Theme(
    canvas="#f8f7f4",
    surface="#ffffff",
    text="#1b1a18",
    text_2="#565553",
    text_3="#6b6a67",
    line="#e9e8e5",
    line_2="#dad9d5",
    edge="#8b8a87",
    accent="#2f55d4",
    failed="#b32225",
    note="#fff8d9",
    note_line="#eadf9f",
    kinds={
        "trigger": ("#2b59c8", "#e7f0ff"),
        "logic": ("#454b56", "#e9ebef"),
        "wait": ("#8a5300", "#fbf0dd"),
        "message": ("#9f3278", "#ffe9f5"),
        "data": ("#006d72", "#e0f3f3"),
        "goal": ("#227541", "#e7f4ea"),
        "exit": ("#575551", "#f0f0ef"),
    },
    notes={
        "blue": ("#e9f1ff", "#b9cff5"),
        "green": ("#e8f5eb", "#b4d8bd"),
        "pink": ("#ffeaf5", "#edbfda"),
        "grey": ("#f0f0ee", "#d4d3cf"),
    },
)

DARK = Theme(
    canvas="#111214",
    surface="#191a1d",
    text="#ecedf0",
    text_2="#aeb0b4",
    text_3="#8c8d92",
    line="#26272b",
    line_2="#34353a",
    edge="#6f7076",
    accent="#7ea2ff",
    failed="#ff9a90",
    note="#2b2717",
    note_line="#4a4223",
    kinds={
        "trigger": ("#92bcff", "#1a2845"),
        "logic": ("#c3c8d2", "#2b2e34"),
        "wait": ("#eab567", "#362712"),
        "message": ("#f59ecf", "#3c1e30"),
        "data": ("#7fcdd1", "#132f31"),
        "goal": ("#8fd0a0", "#192e20"),
        "exit": ("#c0bdba", "#2b2b2c"),
    },
    notes={
        "blue": ("#1a2337", "#33456d"),
        "green": ("#1a291f", "#33523d"),
        "pink": ("#321e2a", "#5f3a50"),
        "grey": ("#242527", "#44464b"),
    },
)

THEMES: Mapping[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}
