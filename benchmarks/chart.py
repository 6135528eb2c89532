"""Draws the figures of a benchmark run as an SVG bar chart: speed over lua5.4, on a logarithmic scale."""

import math
from xml.sax.saxutils import escape

COLOURS = {
    "selvage --jit=off": "#9ecae1",
    "selvage": "#08519c",
    "luajit -joff": "#fdbe85",
    "luajit": "#d94801",
}
OTHER_COLOUR = "#969696"
BAR, GAP, LEFT, WIDTH, TOP, BOTTOM = 7, 7, 170, 700, 74, 30
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def text(x, y, content, **attributes):
    spelled = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{spelled}>{escape(content)}</text>'


def draw(title, subtitle, engines, rows):
    """rows: (label, {engine: speed over lua5.4 or None}), from top to bottom. Returns the SVG's text."""
    speeds = [speed for _, values in rows for speed in values.values() if speed]
    low = min([0.5] + [speed for speed in speeds]) / 1.1
    high = max([2.0] + [speed for speed in speeds]) * 1.15

    def x_of(speed):
        return LEFT + WIDTH * (math.log(speed) - math.log(low)) / (math.log(high) - math.log(low))

    row_height = BAR * len(engines) + GAP
    height = TOP + row_height * len(rows) + BOTTOM
    total_width = LEFT + WIDTH + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_width}" height="{height}" '
        f'viewBox="0 0 {total_width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{total_width}" height="{height}" fill="#ffffff"/>',
        text(LEFT, 20, title, font_size=15, font_weight="bold"),
        text(LEFT, 37, subtitle, fill="#555555"),
    ]
    x = LEFT
    for engine in engines:
        parts.append(f'<rect x="{x}" y="46" width="10" height="10" fill="{COLOURS.get(engine, OTHER_COLOUR)}"/>')
        parts.append(text(x + 14, 55, engine))
        x += 34 + 7 * len(engine)

    bottom = height - BOTTOM
    for tick in TICKS:
        if low <= tick <= high:
            colour, width = ("#333333", 1.4) if tick == 1 else ("#dddddd", 1)
            parts.append(f'<line x1="{x_of(tick):.1f}" y1="{TOP - 6}" x2="{x_of(tick):.1f}" y2="{bottom}" '
                         f'stroke="{colour}" stroke-width="{width}"/>')
            parts.append(text(x_of(tick), bottom + 14, f"{tick:g}×", text_anchor="middle", fill="#333333"))

    y = TOP
    for label, values in rows:
        bold = {"font_weight": "bold"} if label == "geometric mean" else {}
        parts.append(text(LEFT - 8, y + (row_height - GAP) / 2 + 4, label, text_anchor="end", **bold))
        for index, engine in enumerate(engines):
            speed, bar_y = values.get(engine), y + index * BAR
            if not speed:
                parts.append(text(x_of(1) + 3, bar_y + BAR - 0.5, "–", font_size=8, fill="#999999"))
                continue
            start, end = sorted((x_of(1), x_of(speed)))
            parts.append(f'<rect x="{start:.1f}" y="{bar_y}" width="{max(end - start, 1):.1f}" height="{BAR - 1}" '
                         f'fill="{COLOURS.get(engine, OTHER_COLOUR)}"><title>{escape(f"{label}, {engine}")}: '
                         f'{speed:.2f}×</title></rect>')
            parts.append(text(max(end, x_of(1)) + 3, bar_y + BAR - 1, f"{speed:.2f}", font_size=7.5, fill="#444444"))
        y += row_height
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
