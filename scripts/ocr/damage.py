"""What scanners, cameras and faxes do to pages. Pictures are numpy arrays; all randomness comes from the page's generator."""
import io

import cv2
import numpy
from PIL import Image


def dice(chance):
    """A numpy generator that depends on the page's own."""
    return numpy.random.default_rng(chance.getrandbits(64))


def clipped(values):
    return numpy.clip(values, 0, 255).astype(numpy.uint8)


def grain(picture, chance, deviation):
    """Noise of brightness."""
    noise = dice(chance).normal(0, deviation, picture.shape[:2]).astype(numpy.float32)
    return clipped(picture.astype(numpy.float32) + (noise if picture.ndim == 2 else noise[..., None]))


def specks(picture, chance, share):
    """Single pixels that turned black or white."""
    roll = dice(chance).random(picture.shape[:2], dtype=numpy.float32)
    picture = picture.copy()
    picture[roll < share / 2] = 0
    picture[roll > 1 - share / 2] = 255
    return picture


def blurred(picture, deviation):
    """Out of focus."""
    return cv2.GaussianBlur(picture, (0, 0), deviation)


def lit(picture, field):
    """Multiplies brightness."""
    return clipped(picture.astype(numpy.float32) * (field if picture.ndim == 2 else field[..., None]))


def turned(picture, degrees, background=(255, 255, 255)):
    """Turned without losing corners."""
    return numpy.asarray(Image.fromarray(picture).rotate(degrees, Image.BICUBIC, expand=True, fillcolor=background))


def grid(picture):
    """Positions of the pixels, each from 0 to 1."""
    height, width = picture.shape[:2]
    return numpy.meshgrid(numpy.linspace(0, 1, width, dtype=numpy.float32), numpy.linspace(0, 1, height, dtype=numpy.float32))


def gradient(picture, chance):
    """A lamp from one side: the far side is three times darker."""
    x, y = grid(picture)
    angle = chance.uniform(0, 2 * numpy.pi)
    along = (x - 0.5) * numpy.cos(angle) + (y - 0.5) * numpy.sin(angle)
    along = (along - along.min()) / (along.max() - along.min())
    return lit(picture, 1 - along * chance.uniform(0.6, 0.72))


def shadow(picture, chance):
    """The fold of a book at one edge, or the shadow of a hand."""
    x, y = grid(picture)
    field = numpy.ones_like(x)
    if chance.random() < 0.5:
        from_fold = x if chance.random() < 0.5 else 1 - x
        field *= 1 - 0.72 * numpy.exp(-from_fold / chance.uniform(0.06, 0.1))
    else:
        left, top = chance.uniform(0.25, 0.75), chance.uniform(0.35, 0.7)
        hand = numpy.zeros(picture.shape[:2], numpy.uint8)
        height, width = hand.shape
        cv2.ellipse(hand, (int(left * width), int(top * height)), (width // 5, height // 6), 20, 0, 360, 255, -1)
        for finger in range(4):
            end = (int((left - 0.14 + finger * 0.1) * width), int((top - 0.34 + abs(finger - 1.5) * 0.03) * height))
            cv2.line(hand, (int((left - 0.06 + finger * 0.05) * width), int(top * height)), end, 255, width // 18)
        cv2.line(hand, (int(left * width), int(top * height)), (int((left + 0.5) * width), int((top + 0.8) * height)), 255, width // 4)
        soft = cv2.resize(cv2.GaussianBlur(cv2.resize(hand, (width // 8, height // 8)), (0, 0), 4), (width, height))
        field *= 1 - 0.55 * soft.astype(numpy.float32) / 255
    return lit(picture, field)


def desk(size, chance):
    """What lies under a photographed page."""
    width, height = size
    base = numpy.array(chance.choice([(96, 74, 58), (60, 62, 66), (128, 122, 112), (40, 58, 74)]), numpy.float32)
    veins = cv2.resize(dice(chance).normal(0, 12, (height // 4 + 1, 24)).astype(numpy.float32), size, interpolation=cv2.INTER_CUBIC)
    return clipped(base + veins[..., None])


def perspective(picture, chance, strength):
    """Seen from a corner, lying on a desk."""
    height, width = picture.shape[:2]
    border = int(width * 0.05)
    size = (width + 2 * border, height + 2 * border)
    pull = lambda: chance.uniform(0, strength) * width
    corners = [(border + pull(), border + pull()), (border + width - pull(), border + pull()),
               (border + width - pull(), border + height - pull()), (border + pull(), border + height - pull())]
    matrix = cv2.getPerspectiveTransform(numpy.float32([(0, 0), (width, 0), (width, height), (0, height)]), numpy.float32(corners))
    page = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_AREA)
    cover = cv2.warpPerspective(numpy.full((height, width), 255, numpy.uint8), matrix, size)[..., None].astype(numpy.float32) / 255
    return clipped(page * cover + desk(size, chance) * (1 - cover))


def photo(picture, chance):
    """A hand-held photo under a lamp."""
    picture = perspective(picture, chance, 0.05)
    coarse = dice(chance).uniform(0.6, 1.05, (3, 3)).astype(numpy.float32)
    field = cv2.resize(coarse, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    warm = numpy.array([1.0, chance.uniform(0.92, 1.0), chance.uniform(0.8, 0.97)], numpy.float32)
    picture = clipped(lit(picture, field).astype(numpy.float32) * warm)
    return grain(blurred(picture, 0.8), chance, 5)


def fax(picture, chance, lines_per_inch):
    """One bit a pixel, 204 dots by `lines_per_inch`, brought back to square 200 dpi, with dots."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    height, width = grey.shape
    small = cv2.resize(grey, (round(width * 204 / 200), round(height * lines_per_inch / 200)), interpolation=cv2.INTER_AREA)
    small = grain(small, chance, 10) > chance.randint(150, 175)
    roll = dice(chance).random(small.shape, dtype=numpy.float32)
    small[roll < 0.002] = False
    small[roll > 0.999] = True
    return cv2.resize(small.astype(numpy.uint8) * 255, (width, height), interpolation=cv2.INTER_NEAREST)


def as_jpeg(picture, quality, dpi):
    """The bytes of a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, dpi=(dpi, dpi))
    return buffer.getvalue()
