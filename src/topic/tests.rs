//! Training on documents that are made here: three categories in two languages, with a scanner's mistakes.

use super::learn::Chance;
use super::*;

/// Words of the categories; every document draws some, and some that all share.
const WORDS: [(&str, &str, &str); 3] = [
    (
        "contract",
        "甲方 乙方 违约责任 合同编号 争议解决 签字盖章 付款方式",
        "agreement party indemnify governing clause hereinafter breach",
    ),
    (
        "minutes",
        "会议纪要 出席 主持 列席 议定事项 会议室 讨论",
        "minutes attendees agenda action chair motion adjourned",
    ),
    (
        "medical",
        "主诉 现病史 门诊 医嘱 住院号 血压 复查",
        "patient diagnosis prescription discharge symptoms dosage ward",
    ),
];
const SHARED: (&str, &str) =
    ("公司 日期 地址 电话 工作 部门 项目 情况 以及 我们", "the of and company date address office report with from");

fn made(chance: &mut Chance, zh: &str, en: &str, chinese: bool) -> String {
    let (own, shared) = if chinese { (zh, SHARED.0) } else { (en, SHARED.1) };
    let (own, shared): (Vec<&str>, Vec<&str>) = (own.split(' ').collect(), shared.split(' ').collect());
    let mut text = String::new();
    for _ in 0..60 {
        let list = if chance.below(4) == 0 { &own } else { &shared };
        text.push_str(list[chance.below(list.len())]);
        text.push_str([" ", "，", ", ", "\n"][chance.below(4)]);
    }
    // One character in twenty is misread.
    let misread = |c: char| match chance.below(20) {
        0 if c.is_ascii() => 'l',
        0 => '囗',
        _ => c,
    };
    text.chars().map(misread).collect()
}

fn corpus(documents: usize) -> Corpus {
    let mut corpus = Corpus::default();
    let mut chance = Chance(7);
    for (name, zh, en) in WORDS {
        for at in 0..documents {
            let text = made(&mut chance, zh, en, at % 2 == 0);
            assert_eq!(corpus.add(name, &[Page::plain(1, text)]), Taken::Added);
        }
    }
    corpus
}

fn answer(model: &Model, text: &str) -> Option<String> {
    let pages = [Page::plain(1, text)];
    model.answer(&Features::of(&Look::at(&pages), &pages)).map(|answer| answer.name.to_owned())
}

#[test]
fn categories_of_both_languages_are_learned_from_recognized_text() {
    let (model, report) = corpus(30).train().expect("enough to learn from");
    assert!(report.macro_f1 > 0.95, "{report:?}");
    assert!(report.answered > 0.85 && report.wrong <= 0.05, "{report:?}");
    let mut chance = Chance(99);
    for (name, zh, en) in WORDS {
        for chinese in [true, false] {
            assert_eq!(answer(&model, &made(&mut chance, zh, en, chinese)).as_deref(), Some(name));
        }
    }
}

#[test]
fn none_is_said_of_a_document_of_no_category() {
    let (model, _) = corpus(30).train().expect("enough to learn from");
    let mut chance = Chance(5);
    let nothing = made(&mut chance, SHARED.0, SHARED.1, true);
    for text in [
        nothing.as_str(),
        "春天来了，小鸟在树上唱歌，孩子们在草地上奔跑。",
        "It was the best of times, it was the worst of times, it was the age of wisdom.",
        "",
        "0000 1111 2222",
    ] {
        assert_eq!(answer(&model, text), None, "{text}");
    }
}

#[test]
fn a_category_named_none_is_learned_and_never_told() {
    let mut corpus = corpus(10);
    let mut chance = Chance(3);
    for at in 0..10 {
        let text = made(&mut chance, "春天 小鸟 树上 唱歌 草地", "spring birds trees singing meadow", at % 2 == 0);
        corpus.add(NONE, &[Page::plain(1, text)]);
    }
    let (model, report) = corpus.train().expect("enough to learn from");
    assert_eq!(answer(&model, "春天 小鸟 树上 唱歌 草地 小鸟 唱歌"), None);
    assert!(report.classes.iter().any(|class| class.name == NONE && class.least > 1.0));
}

#[test]
fn the_same_documents_give_the_same_bytes() {
    let bytes = || corpus(8).train().expect("enough to learn from").0.to_bytes();
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_model_reads_back_as_it_was_written() {
    let (model, _) = corpus(8).train().expect("enough to learn from");
    assert!(Model::from_bytes(&model.to_bytes()).expect("just written") == model);
}

#[test]
fn a_damaged_model_is_refused() {
    let bytes = corpus(6).train().expect("enough to learn from").0.to_bytes();
    for at in (0..bytes.len()).step_by(97).chain(0..Model::CHECKSUM_BYTES) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x20;
        let error = Model::from_bytes(&damaged).expect_err("damaged");
        assert!(matches!(error, Error::Damaged(_)) || at == 7, "{at}: {error}");
    }
    for length in [0, 5, 8, 20, 43, 44, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(Model::from_bytes(&bytes[..length]), Err(Error::Damaged(_))), "{length}");
    }
    let longer = [bytes.as_slice(), b"x"].concat();
    assert!(matches!(Model::from_bytes(&longer), Err(Error::Damaged(_))));
}

#[test]
fn a_model_of_another_version_is_refused_by_its_number() {
    let mut bytes = corpus(6).train().expect("enough to learn from").0.to_bytes();
    bytes[7] = 9;
    let error = Model::from_bytes(&bytes).expect_err("another version");
    assert_eq!(
        error.to_string(),
        "the model has format 9, and this version reads 1; train it again with `misfile train`"
    );
}

#[test]
fn a_model_that_says_it_is_huge_is_refused_before_memory_is_taken() {
    let huge = [&u32::MAX.to_le_bytes()[..], b"rest"].concat();
    let bytes = [b"MISFTOP\x01", blake3::hash(&huge).as_bytes().as_slice(), &huge].concat();
    assert_eq!(Model::from_bytes(&bytes), Err(Error::Damaged("it is larger than a model can be")));
}

#[test]
fn too_little_to_learn_from_is_said_with_numbers() {
    let error = corpus(4).train().expect_err("too few documents").to_string();
    assert_eq!(error, "contract: 4 different documents with text, and at least 5 are wanted (50 make a good one)");
    let mut one = Corpus::default();
    one.add("contract", &[Page::plain(1, "甲方")]);
    let error = one.train().expect_err("one category").to_string();
    assert!(error.starts_with("1 category with text, and at least 2 are wanted"), "{error}");
}

#[test]
fn copies_and_blank_documents_are_not_learned_from() {
    let mut corpus = Corpus::default();
    assert_eq!(corpus.add("a", &[Page::plain(1, "some text")]), Taken::Added);
    assert_eq!(corpus.add("b", &[Page::plain(1, "Some  TEXT\n")]), Taken::Twice);
    assert_eq!(corpus.add("b", &[Page::plain(1, " \n")]), Taken::Blank);
}
