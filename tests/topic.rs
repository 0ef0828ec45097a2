//! Topics from outside: a share is searched by them, `misfile train` makes a model, and no verdict changes by either.

mod common;

use common::{Run, Site};

const MINUTES: &str = "会议纪要\n会议时间：2026年1月5日\n主持：张三\n出席：李四、王五\n列席：赵六\n会议议定事项如下\n";
const NOTHING: &str = "春天来了，小鸟在树上唱歌，孩子们在草地上奔跑。\n";

/// The names of the files that a search finds.
fn found(site: &Site, query: &str) -> Vec<String> {
    let run = site.run(&["search", "--", query]);
    assert_eq!(run.code, 0, "{query}: {}", run.stderr);
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let hits = run.json().into_iter().filter_map(|object| object["locations"].as_array().cloned()).flatten();
    let mut names: Vec<String> = hits.filter_map(|place| place["path"].as_str().map(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Folders of examples beside the share: `many` of each of two categories.
fn train(site: &Site, many: usize) -> Run {
    let set = site.data().with_file_name("set");
    let words = [("lanterns", "灯笼 竹篾 糊纸 烛台"), ("Boats 2", "渔船 桅杆 船舱 缆绳")];
    for (folder, words) in words {
        std::fs::create_dir_all(set.join(folder)).expect("a folder");
        for at in 0..many {
            let number = "零一二三四五六七八九".chars().nth(at).expect("fewer than ten");
            let text = format!("{}，第{number}次记录。\n", words.repeat(1 + at % 3));
            std::fs::write(set.join(folder).join(format!("{at}.txt")), text).expect("written");
        }
    }
    site.run(&["--format", "jsonl", "train", &set.display().to_string()])
}

#[test]
fn a_topic_filters_searches_and_leaves_every_verdict_as_it_is() {
    let site = Site::new("");
    site.file("minutes.txt", MINUTES);
    site.file("spring.txt", NOTHING);
    site.file("secret.txt", format!("机密★10年\n\n{MINUTES}"));
    site.sweep();
    assert_eq!(found(&site, "topic:minutes"), ["minutes.txt", "secret.txt"]);
    assert_eq!(found(&site, "topic:min* -level:>=3"), ["minutes.txt"]);
    assert_eq!(found(&site, "rule:topic.minutes -level:>=3"), ["minutes.txt"]);
    assert_eq!(found(&site, "-topic:*"), ["spring.txt"]);
    assert_eq!(site.run(&["search", "topic:lanterns"]).code, 2, "no topic is called so");
    let files = site.files();
    let verdict = |name: &str| files[name]["verdict"].as_str().expect("a verdict").to_owned();
    assert_eq!([verdict("minutes.txt"), verdict("spring.txt"), verdict("secret.txt")], ["clear", "clear", "misfiled"]);
    let finding = &files["minutes.txt"]["findings"][0];
    assert_eq!((&finding["rule"], &finding["level"]), (&"topic.minutes".into(), &0.into()), "{finding}");
}

#[test]
fn a_trained_model_gives_topics_to_what_is_known_already() {
    let site = Site::new("");
    site.file("boat.txt", "渔船 桅杆 船舱 缆绳，渔船 桅杆。\n");
    site.file("spring.txt", NOTHING);
    site.sweep();
    assert_eq!(found(&site, "-topic:*"), ["boat.txt", "spring.txt"]);
    let run = train(&site, 8);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = run.json();
    let categories: Vec<&str> = said.iter().filter_map(|object| object["category"].as_str()).collect();
    assert_eq!(categories, ["boats_2", "lanterns"]);
    let summary = said.last().expect("a summary");
    assert_eq!((&summary["documents"], &summary["macro_f1"]), (&16.into(), &1.0.into()), "{summary}");
    assert_eq!(site.run(&["reclassify"]).code, 0);
    assert_eq!(found(&site, "topic:boats_2"), ["boat.txt"]);
    assert_eq!(site.files()["boat.txt"]["findings"][0]["rule"], "topic.model.boats_2");
}

#[test]
fn too_few_examples_and_no_folder_are_said_and_leave_no_model() {
    let site = Site::new("");
    let run = train(&site, 3);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("boats_2: 3 different documents with text, and at least 5 are wanted"),
        "{}",
        run.stderr
    );
    assert!(!site.data().join("topics.model").exists());
    assert_eq!(site.run(&["train", "/no/such/folder"]).code, 4);
}

#[test]
fn a_damaged_model_ends_a_sweep_and_a_new_one_can_be_made() {
    let site = Site::new("");
    site.file("a.txt", NOTHING);
    assert_eq!(train(&site, 6).code, 0);
    let model = site.data().join("topics.model");
    let mut bytes = std::fs::read(&model).expect("a model");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&model, bytes).expect("written");
    let sweep = site.run(&["sweep"]);
    assert_eq!(sweep.code, 5, "{}", sweep.stderr);
    assert!(sweep.stderr.contains("topics.model: the model is damaged"), "{}", sweep.stderr);
    assert_eq!(train(&site, 6).code, 0);
    assert_eq!(site.run(&["sweep"]).code, 0);
}
