//! Types against their examples and the specification's vectors; collections; masking; nothing panics.

mod passwords;
mod tables;
mod worth;

use std::collections::BTreeMap;

use super::*;
use crate::config::Settings;
use crate::document::{Rect, Text};
use crate::finding::LONE_NUMBER;

fn detector() -> Identifiers {
    Identifiers::built_in(&Settings::defaults().identifiers).expect("the built-in types compile")
}

fn page(text: &str, ocr: bool) -> Page {
    let text = text.replace(rules::BREAK, "");
    let mut content = Text::plain("");
    for (index, line) in text.split('\n').enumerate() {
        let origin = if ocr { Origin::Ocr } else { Origin::Layer };
        content.push_word(if index == 0 { "" } else { "\n" }, line, Rect::default(), 90, origin);
    }
    Page { text: content, ocr, ..Page::plain(1, "") }
}

/// The highest confidence of each type that is seen in a text.
fn seen(detector: &Identifiers, text: &str, ocr: bool) -> BTreeMap<String, u8> {
    let mut best = BTreeMap::new();
    for hit in detector.on_page(&page(text, ocr), &mut Context::default()).hits {
        let one = best.entry(detector.rules.types[hit.kind].entry.id.clone()).or_insert(0);
        *one = hit.confidence.max(*one);
    }
    best
}

/// A vector of the specification, where it lies beside the project.
#[derive(serde::Deserialize)]
struct Vector {
    #[serde(rename = "type")]
    kind: String,
    text: String,
    expect: String,
    #[serde(default)]
    conf: Option<u8>,
    #[serde(default)]
    why: String,
    #[serde(default)]
    ocr: bool,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    split: Option<String>,
}

/// All whose text is plain, with it.
fn vectors() -> Vec<(Vector, String)> {
    let lines = include_str!("../../../tests/fixtures/identifier_vectors.jsonl").lines();
    let vectors = lines.map(|line| serde_json::from_str::<Vector>(line).expect("a vector"));
    let plain = |vector: Vector| {
        let text = vector.text.replace(vector.split.as_deref().unwrap_or("\u{2016}"), "");
        (vector, text)
    };
    vectors.filter(|vector| vector.encoding.is_none()).map(plain).collect()
}

/// Values that stand alone and only a check digit speaks for are less sure in a document than the specification has them by
/// themselves, and said to be so; of all others a document's finding is as sure as the specification says.
#[test]
fn a_document_of_one_vector_has_it_as_sure_as_the_specification_says_or_calls_it_a_lone_number() {
    let detector = detector();
    let mut wrong = Vec::new();
    for (vector, text) in vectors().into_iter().filter(|(vector, _)| vector.expect == "match" && !vector.ocr) {
        let findings = detector.detect(Subject { pages: &[page(&text, false)] }, 100).findings;
        let best = findings.iter().filter(|one| one.rule == vector.kind).max_by_key(|one| one.confidence);
        let right =
            best.is_some_and(|one| one.is_lone_number() || vector.conf.is_none_or(|wanted| one.confidence == wanted));
        if !right {
            let told = best.map(|one| (one.confidence, &one.flags));
            wrong.push(format!("{} {text}: {told:?}", vector.kind));
        }
    }
    // Two check digits, or one and a day: for people to look at where nothing else speaks for them.
    assert_eq!(
        wrong,
        [
            "fr.nir 253072B07300470: Some((65, []))",
            "be.nn 12060105317: Some((65, []))",
            "br.cpf 11144477735: Some((65, []))",
            "br.cnpj 11222333000181: Some((65, []))",
            "za.id 7503305044089: Some((65, []))",
            "za.id 8503305044088: Some((65, []))",
        ]
    );
}

#[test]
fn the_vectors_of_the_specification_are_met() {
    let detector = detector();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (vector, text) in vectors() {
        count += 1;
        let confidence = seen(&detector, &text, vector.ocr).get(&vector.kind).copied().unwrap_or(0);
        let right = match vector.expect.as_str() {
            "match" => vector.conf.map_or(confidence >= 65, |wanted| confidence == wanted),
            _ => confidence < 65,
        };
        if !right {
            wrong.push(format!(
                "{}: {} {:?} {:?}: {confidence} ({})",
                vector.kind, vector.expect, vector.conf, vector.text, vector.why
            ));
        }
    }
    assert!(count > 300, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_type_of_the_house_whose_pattern_asks_for_its_neighbours_is_found() {
    let entry = "id = \"house.badge\"\nname = \"badge\"\nregion = \"\"\ncategory = \"person\"\nlevel = 1\n\
        pattern = '(?-u:\\b)[0-9]{5}[A-Z](?-u:\\b)'\ndigits = 5\nstrip = \"Z\"\nconfidence = [75, 75, 0, 0]\n";
    let rules = Rules::parse(&format!("version = 1\n[[type]]\n{entry}")).expect("compiles");
    let detector = Identifiers { rules, settings: Settings::defaults().identifiers };
    let seen = detector.on_page(&page("badge 12345Z, no 123456Z", false), &mut Context::default());
    assert_eq!(seen.hits.iter().map(|hit| hit.value.as_str()).collect::<Vec<_>>(), ["12345"]);
}

#[test]
fn types_of_the_house_are_found_in_written_text_whatever_they_begin_with() {
    for (pattern, extra, text, value) in [
        ("staff-[0-9]{6}", "keywords = [\"staff no\"]\n", "staff no: staff-123456, gone", "staff-123456"),
        ("[A-Z]{12}-[0-9]{4}", "keywords = [\"unit\"]\n", "unit: ABCDEFGHIJKL-1234, gone", "ABCDEFGHIJKL-1234"),
        ("[一-龥]{2,4}@[a-z]+", "anchor = [\"@\"]\n", "（张三丰@sales）", "张三丰@sales"),
    ] {
        let entry = format!(
            "id = \"house.own\"\nname = \"own\"\nregion = \"\"\ncategory = \"person\"\nlevel = 1\n\
             pattern = '{pattern}'\nconfidence = [0, 75, 0, 0]\n{extra}"
        );
        let entry = if extra.starts_with("anchor") { entry.replace("[0, 75", "[75, 75") } else { entry };
        let rules = Rules::parse(&format!("version = 1\n[[type]]\n{entry}")).expect("compiles");
        let detector = Identifiers { rules, settings: Settings::defaults().identifiers };
        let seen = detector.on_page(&page(text, false), &mut Context::default());
        assert_eq!(seen.hits.iter().map(|hit| hit.value.as_str()).collect::<Vec<_>>(), [value], "{pattern}");
    }
}

#[test]
fn excerpts_show_the_end_of_a_number_and_the_kind_of_a_secret() {
    assert_eq!(mask("11010519491231002X", Shown::End), "••••••••••••••002X");
    assert_eq!(mask("943 476 587", Shown::End), "••• ••• •••");
    assert_eq!(mask("AKIAABCDEFGHIJKLMNOP", Shown::Beginning), "AKIA••••••••••••••••");
    assert_eq!(mask("Summer-2026!x of", Shown::Nothing), "••••••••••••••••");
    assert!(mask(&"1".repeat(500), Shown::End).chars().count() <= 61);
}

#[test]
fn many_different_values_are_a_collection_and_a_repeated_one_is_not() {
    let detector = detector();
    // Resident numbers that differ in their serial, with check digits of their own.
    let valid = |serial: u32| {
        let body = format!("11010519900307{serial:03}");
        let check = checksum::named("cn_resident_id").expect("a check");
        ('0'..='9').chain(['X']).map(|digit| format!("{body}{digit}")).find(|text| check(text)).expect("one is right")
    };
    let listed = |numbers: &[u32]| {
        let lines: Vec<String> = numbers.iter().map(|serial| format!("身份证号 {}", valid(*serial))).collect();
        let text = lines.join("\n");
        let pages = [page(&text, false)];
        detector.detect(Subject { pages: &pages }, 1000).findings
    };
    let many = listed(&(0..30).collect::<Vec<_>>());
    assert_eq!(many.iter().filter(|one| one.rule == "cn.resident_id").count(), 20, "samples are kept");
    let bulk = many.iter().find(|one| one.rule == BULK).expect("a collection");
    assert_eq!((bulk.level.number(), bulk.excerpt.as_str()), (3, "different values: 30 cn.resident_id"));
    assert!(listed(&[1; 30]).iter().all(|one| one.rule != BULK));
}

#[test]
fn a_finding_says_where_and_hides_the_value() {
    let text = "员工：张三，身份证号：１１０１０５１９４９１２３１００２X。";
    let pages = [page(text, false)];
    let finding =
        detector().detect(Subject { pages: &pages }, 10).findings.into_iter().find(|one| one.rule == "cn.resident_id");
    let finding = finding.expect("found");
    assert_eq!(&text[finding.start as usize..finding.end as usize], "１１０１０５１９４９１２３１００２X");
    assert!(!finding.excerpt.contains("１９４９") && finding.confidence == 85, "{finding:?}");
    assert!(finding.signals.iter().map(|signal| signal.points).sum::<f32>() > 84.0);
}

/// The flags of what is found of a type.
fn flags(text: &str, rule: &str) -> Vec<String> {
    let pages = [page(text, false)];
    let found = detector_once().detect(Subject { pages: &pages }, 100).findings;
    found.into_iter().filter(|one| one.rule == rule).flat_map(|one| one.flags).collect()
}

#[test]
fn a_number_that_only_a_weak_check_speaks_for_is_alone_until_it_has_company_or_a_label() {
    assert_eq!(flags("Article 621498320257, two pieces", "jp.mynumber"), [LONE_NUMBER]);
    assert!(flags("マイナンバー 621498320257", "jp.mynumber").is_empty());
    let labelled = format!("マイナンバー 621498320257\n{}\n621498320257", "x ".repeat(400));
    assert!(flags(&labelled, "jp.mynumber").is_empty(), "one has a label");
    let listed = "123456782\n876543210\n100000001\n";
    assert!(checksum::named("au_tfn").expect("a check")("100000001"));
    assert!(flags(listed, "au.tfn").is_empty(), "three different ones, and nothing else");
    let among =
        format!("{listed}{}", (200_000_002..200_000_022).map(|n: u32| n.to_string()).collect::<Vec<_>>().join("\n"));
    assert!(flags(&among, "au.tfn").iter().all(|flag| flag == LONE_NUMBER), "they are what chance lets pass");
    assert!(!flags(&among, "au.tfn").is_empty());
    let each = crate::config::IdentifierSettings { lone_numbers: 1, ..Settings::defaults().identifiers };
    let pages = [page("Article 621498320257, two pieces", false)];
    let found = Identifiers::built_in(&each).expect("it compiles").detect(Subject { pages: &pages }, 100).findings;
    assert!(found.iter().any(|one| one.rule == "jp.mynumber" && one.flags.is_empty()), "each is for people to look at");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_is_classified_without_a_panic(
        content in "([0-9OIlZSB]{1,20}|[A-Z]{2}[0-9]{2}|身份证号|：|１２|№|[ \n\t.@/:-]|password=|-----BEGIN|é|\u{301}|🔒|<<|AKIA|ghp_){0,60}",
        ocr in proptest::prelude::any::<bool>(),
    ) {
        let page = page(&content, ocr);
        for hit in detector_once().on_page(&page, &mut Context::default()).hits {
            proptest::prop_assert!(page.text.content.get(hit.start..hit.end).is_some_and(|text| !text.is_empty()));
        }
    }
}

/// Compiling all types takes a while.
fn detector_once() -> &'static Identifiers {
    static DETECTOR: std::sync::OnceLock<Identifiers> = std::sync::OnceLock::new();
    DETECTOR.get_or_init(detector)
}
