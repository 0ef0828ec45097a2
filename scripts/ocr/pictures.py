"""Pictures without any text: nothing may be read from them."""
import cv2
import numpy
from PIL import Image, ImageDraw, ImageFilter

from damage import clipped, dice, grain, grid


def cloud(chance, width, height, octaves=6):
    """Noise of many scales, from 0 to 1."""
    rng, total = dice(chance), numpy.zeros((height, width), numpy.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 1)
        total += cv2.resize(rng.random((cells + 1, cells + 1), dtype=numpy.float32), (width, height), interpolation=cv2.INTER_CUBIC) / 2 ** octave
    return (total - total.min()) / (total.max() - total.min())


def colour(chance, low=20, high=235):
    return tuple(chance.randint(low, high) for _ in range(3))


def blend(field, first, second):
    return clipped(numpy.float32(first) * (1 - field[..., None]) + numpy.float32(second) * field[..., None])


def wash(chance):
    """A colour that runs into another."""
    field = numpy.zeros((720, 1080), numpy.float32)
    x, y = grid(field)
    field = (x * chance.random() + y * chance.random()) if chance.random() < 0.5 else numpy.hypot(x - chance.random(), y - chance.random())
    return blend(field / field.max(), colour(chance), colour(chance))


def landscape(chance):
    """Sky, sun and hills."""
    width, height = 1200, 800
    picture = blend(cloud(chance, width, height), (90, 140, 210), (235, 240, 245)).astype(numpy.float32)
    image = Image.fromarray(clipped(picture))
    draw = ImageDraw.Draw(image)
    x, y = chance.randint(100, 1100), chance.randint(60, 220)
    draw.ellipse((x, y, x + 90, y + 90), fill=(255, 236, 170))
    for layer in range(4):
        ridge = cloud(chance, width, 8)[0] * 220
        level = 330 + layer * 110
        shade = tuple(int(value * (0.95 - layer * 0.2)) for value in (110, 150, 120))
        draw.polygon([(0, height)] + [(i, level - ridge[i]) for i in range(0, width, 4)] + [(width, height)], fill=shade)
    return grain(numpy.asarray(image), chance, 6)


def texture(chance):
    """Cloth, wood or stone."""
    width, height = 1000, 1000
    x, y = grid(numpy.zeros((height, width)))
    rough = cloud(chance, width, height, 8)
    kind = chance.randint(0, 2)
    if kind == 0:
        field = 0.5 + 0.25 * numpy.sin(x * 700) + 0.25 * numpy.sin(y * 700)
    elif kind == 1:
        field = 0.5 + 0.5 * numpy.sin(x * chance.uniform(40, 90) + rough * 14)
    else:
        field = rough
    return grain(blend(0.7 * field + 0.3 * rough, colour(chance, 40, 120), colour(chance, 120, 230)), chance, 8)


def geometry(chance):
    """Lines, circles and boxes as on a drawing."""
    image = Image.new("RGB", (1200, 900), (252, 252, 250))
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(8, 18)):
        x, y, w, h = chance.randint(0, 900), chance.randint(0, 600), chance.randint(120, 300), chance.randint(120, 300)
        draw_one = chance.choice([draw.rectangle, draw.ellipse, draw.line])
        if draw_one == draw.line:
            draw.line((x, y, x + w, y + h), fill=colour(chance, 0, 120), width=chance.randint(1, 6))
        else:
            draw_one((x, y, x + w, y + h), outline=colour(chance, 0, 120), width=chance.randint(1, 6), fill=chance.choice([None, colour(chance, 120, 240)]))
    return numpy.asarray(image)


def chart(chance):
    """Bars without labels."""
    image = Image.new("RGB", (1000, 700), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for level in range(5):
        draw.line((80, 100 + level * 120, 940, 100 + level * 120), fill=(210, 210, 210))
    count, fill = chance.randint(5, 12), colour(chance, 30, 200)
    for number in range(count):
        x = 100 + number * 820 / count
        draw.rectangle((x, 580 - chance.randint(40, 440), x + 560 / count, 580), fill=fill)
    draw.line((80, 60, 80, 580, 940, 580), fill=(40, 40, 40), width=3)
    return numpy.asarray(image)


def blank(chance):
    """An empty sheet from a scanner: paper, dust, dark edges, perhaps punch holes."""
    width, height = 1240, 1754
    paper = chance.choice([(250, 250, 248), (244, 240, 228), (235, 235, 235), (250, 236, 200)])
    picture = numpy.full((height, width, 3), paper, numpy.float32) + (cloud(chance, width, height, 4)[..., None] - 0.5) * 10
    edge = chance.randint(4, 22)
    sides = chance.sample(["left", "right", "top", "bottom"], 2)
    for side in sides:
        cut = {"left": numpy.s_[:, :edge], "right": numpy.s_[:, -edge:], "top": numpy.s_[:edge], "bottom": numpy.s_[-edge:]}[side]
        picture[cut] = 45
    image = Image.fromarray(clipped(picture))
    draw = ImageDraw.Draw(image)
    if chance.random() < 0.5:
        for y in (height // 2 - 240, height // 2 + 240):
            draw.ellipse((60, y, 96, y + 36), fill=(70, 70, 70))
    for _ in range(chance.randint(0, 40)):
        x, y, size = chance.randint(0, width), chance.randint(0, height), chance.randint(1, 3)
        draw.ellipse((x, y, x + size, y + size), fill=(120, 120, 120))
    return grain(numpy.asarray(image), chance, 3)


def silhouette(chance):
    """A dark shape before a light sky."""
    width, height = 1000, 800
    image = Image.fromarray(blend(cloud(chance, width, height, 3), (250, 190, 120), (240, 230, 210)))
    draw, x = ImageDraw.Draw(image), 0
    if chance.random() < 0.5:
        while x < width:
            wide, tall = chance.randint(40, 140), chance.randint(120, 520)
            draw.rectangle((x, height - tall, x + wide, height), fill=(25, 22, 28))
            x += wide + chance.randint(0, 12)
    else:
        def branch(x, y, angle, length, thick):
            x2, y2 = x + length * numpy.cos(angle), y - length * numpy.sin(angle)
            draw.line((x, y, x2, y2), fill=(25, 22, 28), width=max(1, int(thick)))
            if length > 14:
                for _ in range(2):
                    branch(x2, y2, angle + chance.uniform(-0.7, 0.7), length * chance.uniform(0.65, 0.85), thick * 0.68)
        branch(width / 2, height, numpy.pi / 2, 170, 34)
    return numpy.asarray(image.filter(ImageFilter.GaussianBlur(0.8)))


KINDS = [blank, landscape, texture, geometry, chart, silhouette, wash]


def picture(chance, number):
    """The picture of a number; each seventh is of the same kind."""
    return KINDS[number % len(KINDS)](chance)
