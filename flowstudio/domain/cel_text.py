"""The text of a CEL expression as tokens: which names it reads, where it loops, and its numbers as doubles.

Whatever is judged here must be what CEL itself will read: a quote in a comment or in a raw string must not hide a loop
from the limits (SECURITY S9). So every character belongs to a token, or the text is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<gap>\s+|//[^\n]*)
    |(?P<string>
        (?:[rR][bB]?|[bB][rR])(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|"[^"\n\r]*"|'[^'\n\r]*')
        |[bB]?(?:\"\"\"(?:\\(?s:.)|[^\\])*?\"\"\"|'''(?:\\(?s:.)|[^\\])*?'''|"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*'))
    |(?P<other>0[xX][0-9a-fA-F]+[uU]?|\d+[uU]|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<whole>\d+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()\[\]{}])""",
    re.VERBOSE,
)
LOOPS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map", "sortBy", "transformList", "reduce"})
_WORDS = frozenset("true false null in int uint double bool string bytes list map type dyn null_type".split())
_CHAIN = frozenset(("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", ".", "in"))
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the text: kind (`string`, `other`, `whole`, `name`, `sign`), itself, and where it begins."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Read:
    """What a text says: the paths it reads (with how often), its loops, and how it is built."""

    tokens: tuple[Token, ...]
    paths: Counter[str]
    loops: tuple[str, ...]
    variables: frozenset[str]
    signs: Counter[str]
    depth: int
    unary: int
    chained: int


def tokens(source: str) -> tuple[Token, ...]:
    """The words of a text; raises ValueError with the place of a character that CEL does not have."""
    found = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise ValueError(at)
        if match.lastgroup != "gap":
            found.append(Token(match.lastgroup, match.group(), at))
        at = match.end()
    return tuple(found)


def read(source: str) -> Read:
    """What the text says; raises ValueError as `tokens` does."""
    words = tokens(source)
    loops, variables = [], set()
    depth = deepest = unary = longest = 0
    for index, word in enumerate(words):
        depth += (word.text in _OPEN) - (word.text in _CLOSE) if word.kind == "sign" else 0
        deepest = max(deepest, depth)
        unary = unary + 1 if word.kind == "sign" and word.text in ("!", "-") else 0
        longest = max(longest, unary)
        if word.text in LOOPS and _is(words, index - 1, ".") and _is(words, index + 1, "("):
            loops.append(word.text)
            if index + 2 < len(words) and words[index + 2].kind == "name":
                variables.add(words[index + 2].text)
    return Read(
        tokens=words,
        paths=_paths(words),
        loops=tuple(loops),
        variables=frozenset(variables),
        signs=Counter(word.text for word in words if word.kind == "sign"),
        depth=deepest,
        unary=longest,
        chained=sum(word.text in _CHAIN for word in words if word.kind != "string"),
    )


def called(words: tuple[Token, ...], index: int) -> bool:
    """Whether the name at `index` is a function that is called, and not a part of a path."""
    return words[index].kind == "name" and not _is(words, index - 1, ".") and _is(words, index + 1, "(")


def _is(words: tuple[Token, ...], index: int, sign: str) -> bool:
    return 0 <= index < len(words) and words[index].kind == "sign" and words[index].text == sign


def _paths(words: tuple[Token, ...]) -> Counter[str]:
    found: Counter[str] = Counter()
    for index, word in enumerate(words):
        if word.kind != "name" or _is(words, index - 1, "."):
            continue
        parts, at = [word.text], index + 1
        while _is(words, at, ".") and at + 1 < len(words) and words[at + 1].kind == "name":
            parts.append(words[at + 1].text)
            at += 2
        if _is(words, at, "("):
            parts.pop()
        if parts and not (len(parts) == 1 and parts[0] in _WORDS):
            found[".".join(parts)] += 1
    return found


def promoted(words: tuple[Token, ...], source: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with its whole numbers as doubles, and (place there, place here) after each that grew.

    An index, a map's key and what stands beside % stay whole: CEL takes nothing else there.
    """
    out, grown = [], []
    at = length = 0
    stack: list[str] = []
    for index, word in enumerate(words):
        if word.kind == "sign" and word.text in _OPEN:
            before = words[index - 1] if index else None
            after_value = before is not None and (before.kind in ("name", "string") or before.text in _CLOSE)
            stack.append("index" if word.text == "[" and after_value else word.text)
        elif word.kind == "sign" and word.text in _CLOSE and stack:
            stack.pop()
        if word.kind != "whole" or "index" in stack or _stays(words, index, stack):
            continue
        end = word.at + len(word.text)
        out += [source[at:end], ".0"]
        length += end - at + 2
        at = end
        grown.append((length, end))
    return "".join([*out, source[at:]]), grown


def _stays(words: tuple[Token, ...], index: int, stack: list[str]) -> bool:
    if _is(words, index - 1, "%") or _is(words, index + 1, "%"):
        return True
    key = _is(words, index + 1, ":") and (_is(words, index - 1, "{") or _is(words, index - 1, ","))
    return key and stack[-1:] == ["{"]


def origin(place: int, grown: list[tuple[int, int]]) -> int:
    """Where a place in the promoted text is in the text as it was written."""
    here = there = 0
    for new, old in grown:
        if new > place:
            break
        here, there = old, new
    return here + place - there
