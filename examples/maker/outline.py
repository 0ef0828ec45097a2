"""Text as curves: letters without characters."""

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from .layout import FACES


class PathPen(BasePen):
    """Draws a glyph into a reportlab path; quadratic curves arrive as cubic ones."""

    def __init__(self, glyphs, path, x, y, scale):
        super().__init__(glyphs)
        self.path, self.x, self.y, self.scale = path, x, y, scale

    def at(self, point):
        return self.x + point[0] * self.scale, self.y + point[1] * self.scale

    def _moveTo(self, point):
        self.path.moveTo(*self.at(point))

    def _lineTo(self, point):
        self.path.lineTo(*self.at(point))

    def _curveToOne(self, first, second, end):
        self.path.curveTo(*self.at(first), *self.at(second), *self.at(end))

    def _closePath(self):
        self.path.close()


def draw_outlined(canvas, text, face, size, x, y, colour):
    """Draws one line as filled outlines."""
    file, index = FACES[face]
    font = TTFont(file, fontNumber=index, lazy=True)
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    scale = size / font["head"].unitsPerEm
    canvas.setFillColor(colour)
    for char in text:
        glyph = glyphs[names[ord(char)]]
        path = canvas.beginPath()
        glyph.draw(PathPen(glyphs, path, x, y, scale))
        canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
        x += glyph.width * scale
