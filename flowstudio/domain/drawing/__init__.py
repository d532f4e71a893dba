"""Drawings of a whole graph as text: SVG as the canvas shows it, Graphviz DOT, Mermaid. Pure strings, safe labels."""
