//! The detector: rules without a model, a model beside rules, and what neither of them may do.

use super::*;
use crate::topic::Corpus;

fn topics(settings: &Settings) -> Vec<String> {
    let text = "房屋租赁合同\n合同编号：HT-2026-001\n甲方：张三\n乙方：李四\n第一条 租金\n第二条 违约责任\n第三条 其他\n\
                本合同一式两份。";
    seen(settings, text).into_iter().map(|finding| finding.rule).collect()
}

fn seen(settings: &Settings, text: &str) -> Vec<Finding> {
    let topics = Topics::load(settings).expect("in order");
    topics.detect(Subject { pages: &[Page::plain(1, text)] }, 100).findings
}

fn trained(names: [&str; 2]) -> Vec<u8> {
    let mut corpus = Corpus::default();
    for (name, words) in names.into_iter().zip(["甲方 乙方 合同编号 违约责任", "春天 小鸟 树上 唱歌"])
    {
        for at in 0..12 {
            let text = format!("{} {at}", words.repeat(2 + at % 3));
            corpus.add(name, &[Page::plain(1, text.replace('0', "零"))]);
            corpus.add(
                name,
                &[Page::plain(1, format!("{words} {}", "天地人和日月星辰山水火土".chars().nth(at).expect("12")))],
            );
        }
    }
    corpus.train().expect("enough to learn from").0.to_bytes()
}

#[test]
fn a_topic_is_told_by_its_cues_and_speaks_for_no_level() {
    let findings = seen(&Settings::defaults(), "会议纪要\n时间：2026年\n出席：张三\n列席：李四\n会议议定事项如下");
    let finding = findings.first().expect("minutes");
    assert_eq!((finding.rule.as_str(), finding.level, finding.page), ("topic.minutes", Level::Public, 1));
    assert_eq!(finding.excerpt, "title, 会议纪要, 议定事项");
    assert!(findings.len() == 1 && !finding.signals.is_empty());
}

#[test]
fn a_document_of_no_topic_has_none() {
    for text in ["", "春天来了，小鸟在树上唱歌。", "It was the best of times, it was the worst of times.", "12 34 56"]
    {
        assert_eq!(seen(&Settings::defaults(), text), [], "{text}");
    }
}

#[test]
fn a_topic_that_is_switched_off_is_not_looked_for() {
    let mut settings = Settings::defaults();
    assert_eq!(topics(&settings), ["topic.contract"]);
    let before = stamp(&settings);
    settings.topic.enabled = false;
    assert!(topics(&settings).is_empty());
    assert_ne!(stamp(&settings), before);
}

#[test]
fn a_trained_category_takes_the_place_of_its_rule_and_changes_the_stamp() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::defaults();
    settings.store.data = dir.path().to_owned();
    let before = stamp(&settings);
    std::fs::write(dir.path().join(MODEL_FILE), trained(["contract", "spring"])).expect("written");
    let after = stamp(&settings);
    assert_ne!(after, before);
    let findings = seen(&settings, "甲方 乙方 合同编号 违约责任 甲方 乙方");
    assert_eq!(findings.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>(), ["topic.model.contract"]);
    assert!(findings[0].excerpt.ends_with("by a model of 36 documents"), "{}", findings[0].excerpt);
    assert!(!findings[0].signals.iter().any(|signal| signal.name.contains('甲')));
    std::fs::write(dir.path().join(MODEL_FILE), trained(["lease", "spring"])).expect("written");
    assert_ne!(stamp(&settings), after);
}

#[test]
fn a_damaged_model_and_one_that_is_not_where_it_should_be_are_errors_that_name_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::defaults();
    settings.topic.model = dir.path().join("house.model");
    let error = format!("{:#}", Topics::load(&settings).err().expect("not there"));
    assert!(error.contains("house.model"), "{error}");
    let mut bytes = trained(["contract", "spring"]);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&settings.topic.model, bytes).expect("written");
    let error = format!("{:#}", Topics::load(&settings).err().expect("damaged"));
    assert!(error.contains("house.model: the model is damaged"), "{error}");
}
