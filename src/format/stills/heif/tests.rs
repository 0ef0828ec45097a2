//! Files of pictures, put together by hand of one tile: 64 x 64 pixels, red in the upper left quarter.

use heic_rs::meta;

use crate::finding::FaultReason;
use crate::format::test_support::{fixture, open, settings, texts};

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).expect("short");
    [length.to_be_bytes().as_slice(), &kind, body].concat()
}

fn full(kind: [u8; 4], version: u8, body: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[version, 0, 0, 0], body].concat())
}

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("small").to_be_bytes()
}

fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("small").to_be_bytes()
}

/// A picture: how it is coded, its data, its properties by their numbers.
type Item = ([u8; 4], Vec<u8>, &'static [u8]);

/// What pictures have: the coding of the tile, its size, the size of two, a quarter turn, being a depth, a part that is shown, the
/// size of four, that of a dot, being transparency, being a gain.
const CODING: u8 = 1;
const SIZE: u8 = 2;
const WIDE: u8 = 3;
const TURNED: u8 = 4;
const DEPTH: u8 = 5;
const CROPPED: u8 = 6;
const VAST: u8 = 7;
const DOT: u8 = 8;
const ALPHA: u8 = 9;
const GAIN: u8 = 10;

/// Data of the tile.
fn tile() -> Vec<u8> {
    let file = fixture("tile.heic");
    let parsed = meta::parse(&file).expect("a fixture");
    parsed.item_data(&file, parsed.primary).expect("its data").into_owned()
}

/// A box of the fixture.
fn property(kind: &[u8]) -> Vec<u8> {
    let file = fixture("tile.heic");
    let at = memchr::memmem::find(&file, kind).expect("there") - 4;
    let length = u32::from_be_bytes(file[at..at + 4].try_into().expect("four"));
    file[at..at + length as usize].to_vec()
}

/// A file of pictures, numbered from 1, of which the first is shown; `refs`: what, from which to which.
fn file(items: &[Item], refs: &[([u8; 4], usize, &[usize])]) -> Vec<u8> {
    let wide = full(*b"ispe", 0, &[long(128), long(64)].concat());
    let depth = full(*b"auxC", 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0");
    // The 48 x 32 pixels in the middle, as fractions.
    let cropped = boxed(*b"clap", &[48, 1, 32, 1, 0, 1, 0, 1].map(long).concat());
    let turned = boxed(*b"irot", &[1]);
    let size = |width, height| full(*b"ispe", 0, &[long(width), long(height)].concat());
    let alpha = full(*b"auxC", 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0");
    let gain = full(*b"auxC", 0, b"urn:com:apple:photo:2020:aux:hdrgainmap\0");
    let properties = [property(b"hvcC"), property(b"ispe"), wide, turned, depth, cropped, size(256, 64), size(1, 1)];
    let properties = [properties.concat(), alpha, gain].concat();
    let infos: Vec<u8> = (1..)
        .zip(items)
        .flat_map(|(number, (kind, ..))| full(*b"infe", 2, &[&short(number)[..], &[0, 0], kind, &[0]].concat()))
        .collect();
    let (mut data, mut places, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (_, bytes, own)) in (1..).zip(items) {
        // In the box `idat` (1), in one piece.
        let place = [&short(number)[..], &[0, 1, 0, 0, 0, 1], &long(data.len()), &long(bytes.len())].concat();
        places.extend(place);
        data.extend(bytes);
        links.extend([&short(number)[..], &[u8::try_from(own.len()).expect("few")], own].concat());
    }
    let references: Vec<u8> = refs
        .iter()
        .flat_map(|(kind, from, to)| {
            let to: Vec<u8> = to.iter().flat_map(|to| short(*to)).collect();
            boxed(*kind, &[&short(*from)[..], &short(to.len() / 2), &to].concat())
        })
        .collect();
    let count = items.len();
    let body = [
        full(*b"hdlr", 0, &[&[0; 4][..], b"pict", &[0; 13]].concat()),
        full(*b"pitm", 0, &short(1)),
        full(*b"iinf", 0, &[&short(count)[..], &infos].concat()),
        full(*b"iref", 0, &references),
        boxed(
            *b"iprp",
            &[boxed(*b"ipco", &properties), full(*b"ipma", 0, &[&long(count)[..], &links].concat())].concat(),
        ),
        full(*b"iloc", 1, &[&[0x44, 0][..], &short(count), &places].concat()),
        boxed(*b"idat", &data),
    ]
    .concat();
    [boxed(*b"ftyp", b"heic\0\0\0\0mif1heic"), full(*b"meta", 0, &body)].concat()
}

/// The plan of a picture in a row of tiles.
fn plan(tiles: u8, width: usize) -> Vec<u8> {
    [&[0, 0, 0, tiles - 1][..], &short(width), &short(64)].concat()
}

fn picture(file: &[u8], number: u32) -> (image::RgbImage, Vec<FaultReason>) {
    let settings = settings();
    let document = open(file, &settings).expect("opens");
    let mut page = document.page(number).expect("a page");
    let faults = page.layer().expect("a layer").faults.into_iter().map(|fault| fault.reason).collect();
    (page.render(0).expect("renders").expect("has pixels").to_rgb8(), faults)
}

fn is_red(image: &image::RgbImage, x: u32, y: u32) -> bool {
    let [red, green, blue] = image.get_pixel(x, y).0;
    red > 150 && green < 110 && blue < 110
}

#[test]
fn tiles_are_put_together_and_are_no_pages_themselves() {
    let grid = (*b"grid", plan(2, 128), &[WIDE][..]);
    let part = (*b"hvc1", tile(), &[CODING, SIZE][..]);
    let bytes = file(&[grid, part.clone(), part], &[(*b"dimg", 1, &[2, 3])]);
    let settings = settings();
    assert_eq!(open(&bytes, &settings).expect("opens").page_count(), 1);
    let (image, faults) = picture(&bytes, 1);
    assert_eq!((image.dimensions(), faults), ((128, 64), Vec::new()));
    assert!(is_red(&image, 5, 5) && is_red(&image, 69, 5) && !is_red(&image, 50, 5) && !is_red(&image, 69, 50));
}

#[test]
fn a_damaged_tile_is_a_fault_and_the_others_are_read() {
    let grid = (*b"grid", plan(2, 128), &[WIDE][..]);
    let (part, broken) = ((*b"hvc1", tile(), &[CODING, SIZE][..]), (*b"hvc1", vec![9; 40], &[CODING, SIZE][..]));
    let (image, faults) = picture(&file(&[grid, broken, part], &[(*b"dimg", 1, &[2, 3])]), 1);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(is_red(&image, 69, 5) && image.get_pixel(5, 5).0.iter().all(|sample| *sample > 200));
}

#[test]
fn tiles_of_more_pixels_than_their_picture_needs_are_not_decoded_without_end() {
    let grid = (*b"grid", plan(3, 64), &[SIZE][..]);
    let part = (*b"hvc1", tile(), &[CODING, SIZE][..]);
    let bytes = file(&[grid, part.clone(), part.clone(), part], &[(*b"dimg", 1, &[2, 3, 4])]);
    let mut settings = settings();
    settings.limits.image_pixels = 64 * 64;
    let document = open(&bytes, &settings).expect("opens");
    let mut page = document.page(1).expect("a page");
    assert_eq!(page.layer().expect("a layer").faults[0].reason, FaultReason::Limit);
}

#[test]
fn pictures_are_turned_upright_and_thumbnails_and_asides_are_no_pages() {
    let shown = (*b"grid", plan(4, 256), &[VAST, TURNED][..]);
    let other = || (*b"hvc1", tile(), &[CODING, SIZE][..]);
    let aside = |kind| (*b"hvc1", tile(), kind);
    let refs: &[([u8; 4], usize, &[usize])] =
        &[(*b"dimg", 1, &[6, 6, 6, 6]), (*b"thmb", 2, &[1]), (*b"auxl", 3, &[1]), (*b"auxl", 4, &[1])];
    let items = [shown, other(), aside(&[CODING, SIZE, DEPTH][..]), aside(&[CODING, SIZE, GAIN][..]), other(), other()];
    let bytes = file(&items, refs);
    let settings = settings();
    assert_eq!(open(&bytes, &settings).expect("opens").page_count(), 2);
    let (image, _) = picture(&bytes, 1);
    assert_eq!(image.dimensions(), (64, 256));
    assert!(is_red(&image, 5, 250) && !is_red(&image, 5, 210), "a quarter to the left");
    assert!(is_red(&picture(&bytes, 2).0, 5, 5));
}

#[test]
fn a_film_beside_a_picture_is_a_fault_of_the_file() {
    let mut bytes = file(&[(*b"hvc1", tile(), &[CODING, SIZE])], &[]);
    bytes.extend(boxed(*b"moov", &[0; 20]));
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults()[0].reason, FaultReason::Unsupported);
    assert!(is_red(&picture(&bytes, 1).0, 5, 5));
}

#[test]
fn a_cycle_of_tiles_is_a_fault() {
    let grid = (*b"grid", plan(1, 64), &[SIZE][..]);
    let settings = settings();
    let bytes = file(&[grid.clone(), grid], &[(*b"dimg", 1, &[2]), (*b"dimg", 2, &[1])]);
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.page(1).map(|_| ()).expect_err("no picture").reason, FaultReason::Unsupported);
}

fn count(bytes: &[u8]) -> u32 {
    let settings = settings();
    open(bytes, &settings).expect("opens").page_count()
}

#[test]
fn a_reference_alone_hides_no_picture() {
    let picture = || (*b"hvc1", tile(), &[CODING, SIZE][..]);
    let wide = (*b"hvc1", tile(), &[CODING, WIDE][..]);
    let lone = (*b"hvc1", tile(), &[CODING][..]);
    let grid = || (*b"grid", plan(1, 64), &[SIZE][..]);
    // Made of others are only grids; larger than its picture, or of unknown size, is no thumbnail; an aside says what of.
    assert_eq!(count(&file(&[picture(), (*b"iovl", vec![0], &[SIZE]), picture()], &[(*b"dimg", 2, &[3])])), 3);
    assert_eq!(count(&file(&[picture(), picture()], &[(*b"dimg", 9, &[2])])), 2);
    assert_eq!(count(&file(&[picture(), wide], &[(*b"thmb", 2, &[1])])), 2);
    assert_eq!(count(&file(&[picture(), lone], &[(*b"thmb", 2, &[1])])), 2);
    assert_eq!(count(&file(&[picture(), picture()], &[(*b"auxl", 2, &[1])])), 2);
    // And none of two that hide each other is passed over.
    assert_eq!(count(&file(&[picture(), picture(), picture()], &[(*b"thmb", 2, &[3]), (*b"thmb", 3, &[2])])), 3);
    assert_eq!(count(&file(&[picture(), grid(), grid()], &[(*b"dimg", 2, &[3]), (*b"dimg", 3, &[2])])), 3);
    assert_eq!(count(&file(&[picture(), picture()], &[(*b"thmb", 2, &[9])])), 2);
}

#[test]
fn what_is_small_only_by_what_is_claimed_is_a_page() {
    let master = || (*b"grid", plan(2, 128), &[WIDE][..]);
    let with = |master: Item, aside: &'static [u8], kind| {
        let aside = (*b"hvc1", tile(), aside);
        let part = (*b"hvc1", tile(), &[CODING, SIZE][..]);
        count(&file(&[master, aside, part], &[(*b"dimg", 1, &[3, 3]), (kind, 2, &[1])]))
    };
    // As large as its picture, half of it, and of one dot by its claim.
    assert_eq!(
        count(&file(
            &[(*b"hvc1", tile(), &[CODING, SIZE]), (*b"hvc1", tile(), &[CODING, SIZE])],
            &[(*b"thmb", 2, &[1])]
        )),
        2
    );
    assert_eq!(with(master(), &[CODING, SIZE], *b"thmb"), 2);
    assert_eq!(with(master(), &[CODING, DOT], *b"thmb"), 2);
    assert_eq!(with(master(), &[CODING, DOT, DEPTH], *b"auxl"), 2);
    assert_eq!(with(master(), &[CODING, DOT, GAIN], *b"auxl"), 2);
    // A picture that claims to be larger than its plan makes nothing beside it small.
    assert_eq!(with((*b"grid", plan(2, 128), &[VAST]), &[CODING, SIZE], *b"thmb"), 2);
}

#[test]
fn transparency_that_is_not_put_on_its_picture_is_a_fault() {
    let (shown, alpha) = ((*b"hvc1", tile(), &[CODING, SIZE][..]), (*b"hvc1", tile(), &[CODING, SIZE, ALPHA][..]));
    let broken = (*b"hvc1", vec![9; 40], &[CODING, SIZE, ALPHA][..]);
    let of = |items: &[Item], refs: &[([u8; 4], usize, &[usize])]| {
        let bytes = file(items, refs);
        (count(&bytes), picture(&bytes, 1).1.len())
    };
    assert_eq!(of(&[shown.clone(), alpha.clone()], &[(*b"auxl", 2, &[1])]), (1, 0));
    assert_eq!(of(&[shown.clone(), broken], &[(*b"auxl", 2, &[1])]), (1, 1));
    let two = [shown.clone(), alpha.clone(), alpha.clone()];
    assert_eq!(of(&two, &[(*b"auxl", 2, &[1]), (*b"auxl", 3, &[1])]), (1, 1));
    let wide = (*b"grid", plan(2, 128), &[WIDE][..]);
    assert_eq!(
        of(&[wide.clone(), alpha.clone(), shown.clone()], &[(*b"dimg", 1, &[3, 3]), (*b"auxl", 2, &[1])]),
        (1, 1)
    );
    // Of a tile it is put on nothing: it is a page.
    assert_eq!(of(&[wide, alpha, shown], &[(*b"dimg", 1, &[3, 3]), (*b"auxl", 2, &[3])]), (2, 0));
}

#[test]
fn boxes_of_other_kinds_and_data_of_no_item_are_faults() {
    let settings = settings();
    let plain = file(&[(*b"hvc1", tile(), &[CODING, SIZE])], &[]);
    let with = |more: Vec<u8>| open(&[plain.clone(), more].concat(), &settings).expect("opens").faults();
    for harmless in [boxed(*b"free", &[0; 30]), boxed(*b"abcd", &[0; 30]), boxed(*b"mdat", &[0; 3000])] {
        assert_eq!(with(harmless), []);
    }
    let others = with([boxed(*b"abcd", b"TOP SECRET"), boxed(*b"uuid", &[b'x'; 40])].concat());
    assert!(others.len() == 1 && others[0].detail.ends_with("abcd, uuid"), "{others:?}");
    let loose = with(boxed(*b"mdat", &b"TOP SECRET//SI ".repeat(20)));
    assert_eq!(loose.iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Attachment]);
}

#[test]
fn data_that_items_refer_to_are_theirs_and_a_gap_between_them_is_a_fault() {
    let settings = settings();
    let whole = fixture("two.heic");
    assert_eq!(open(&whole, &settings).expect("opens").faults(), []);
    // The same file, of which the data go on for 300 bytes.
    let at = memchr::memmem::find(&whole, b"mdat").expect("data");
    let length = u32::from_be_bytes(whole[at - 4..at].try_into().expect("four"));
    let mut longer = whole.clone();
    longer.splice(at - 4..at, (length + 300).to_be_bytes());
    longer.splice(at + length as usize - 4..at + length as usize - 4, b"TOP".repeat(100));
    assert_eq!(open(&longer, &settings).expect("opens").faults()[0].reason, FaultReason::Attachment);
}

#[test]
fn a_packet_of_xmp_in_a_box_of_its_own_is_read() {
    let packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Plan of the harbour</dc:title>\
         </rdf:Description></rdf:RDF></x:xmpmeta>";
    let name = *b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
    let bytes =
        [file(&[(*b"hvc1", tile(), &[CODING, SIZE])], &[]), boxed(*b"uuid", &[&name[..], packet.as_bytes()].concat())];
    let settings = settings();
    let bytes = bytes.concat();
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    assert!(texts(document.as_ref()).pop().expect("a page").1.contains("Plan of the harbour"));
}

#[test]
fn items_of_other_kinds_are_a_fault_that_names_them() {
    let picture = || (*b"hvc1", tile(), &[CODING, SIZE][..]);
    let bytes = file(&[picture(), (*b"abcd", tile(), &[CODING, SIZE])], &[]);
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    let faults = document.faults();
    assert_eq!((faults.len(), faults[0].reason), (1, FaultReason::Unsupported));
    assert!(faults[0].detail.contains("abcd"), "{faults:?}");
}

#[test]
fn a_part_with_anything_on_it_is_not_cropped_and_what_tiles_overhang_by_is_read() {
    let cropped = (*b"hvc1", tile(), &[CODING, SIZE, CROPPED][..]);
    let (image, faults) = picture(&file(&[cropped], &[]), 1);
    assert_eq!((image.dimensions(), faults), ((64, 64), Vec::new()));
    let grid = (*b"grid", plan(2, 70), &[WIDE][..]);
    let part = (*b"hvc1", tile(), &[CODING, SIZE][..]);
    let (image, faults) = picture(&file(&[grid, part.clone(), part], &[(*b"dimg", 1, &[2, 3])]), 1);
    assert_eq!((image.dimensions(), faults), ((128, 64), Vec::new()));
    assert!(is_red(&image, 90, 5));
    // The lower half of a tile is plain: it fills up.
    let grid = (*b"grid", [&[0, 0, 0, 0][..], &short(64), &short(40)].concat(), &[SIZE][..]);
    let part = (*b"hvc1", tile(), &[CODING, SIZE][..]);
    let (image, faults) = picture(&file(&[grid, part], &[(*b"dimg", 1, &[2])]), 1);
    assert_eq!((image.dimensions(), faults), ((64, 40), Vec::new()));
}

#[test]
fn a_second_picture_or_a_layer_in_the_data_of_one_is_a_fault() {
    let (image, faults) = picture(&file(&[(*b"hvc1", tile().repeat(2), &[CODING, SIZE])], &[]), 1);
    assert_eq!(faults, [FaultReason::Unsupported]);
    assert!(is_red(&image, 5, 5));
    // The same slice once more, as one of layer 1.
    let mut layer = tile();
    let at = tile().len();
    layer.extend(tile());
    layer[at + 5] |= 1 << 3;
    let (_, faults) = picture(&file(&[(*b"hvc1", layer, &[CODING, SIZE])], &[]), 1);
    assert_eq!(faults, [FaultReason::Unsupported]);
}
