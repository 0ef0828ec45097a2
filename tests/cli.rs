//! The command line: what verbs print, and with which exit code they end. Bad input is in `bad_input.rs`.

mod common;

use common::{Site, misfile, run};

#[test]
fn every_verb_explains_itself() {
    let help = run(misfile().arg("--help"));
    for verb in [
        "sweep",
        "inspect",
        "findings",
        "explain",
        "search",
        "reclassify",
        "ready",
        "zones",
        "status",
        "doctor",
        "index",
        "fingerprint",
        "train",
        "rules",
    ] {
        assert!(help.stdout.contains(&format!("  {verb}")), "{verb} is missing:\n{}", help.stdout);
        assert_eq!(run(misfile().args([verb, "--help"])).code, 0, "{verb}");
    }
    assert!(!help.stdout.contains("  reader"), "the reader is no verb for people");
}

#[test]
fn a_wrong_command_line_is_exit_2() {
    let site = Site::new("");
    assert_eq!(site.run(&["sweeep"]).code, 2);
    assert_eq!(site.run(&["sweep", "--for", "soon"]).code, 2);
    assert_eq!(site.run(&["sweep", "--for", "18446744073709551615s"]).code, 2, "beyond all clocks");
    site.file("a.txt", "x");
    site.sweep();
    assert_eq!(site.run(&["findings", "--level", "7"]).code, 2);
    assert_eq!(site.run(&["findings", "--new-since=yesterday"]).code, 2);
    let ready = site.run(&["ready", "the-moon"]);
    assert_eq!(ready.code, 2);
    assert!(ready.stderr.contains("sharepoint"), "{}", ready.stderr);
    let search = site.run(&["search", "\"open"]);
    assert_eq!(search.code, 2, "{}", search.stderr);
}

#[test]
fn a_sweep_of_nothing_is_exit_2() {
    let site = Site::new("");
    std::fs::write(site.config(), "").expect("written");
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("nothing to sweep")), (2, true), "{}", run.stderr);
}

#[test]
fn a_closed_pipe_is_no_error_and_the_exit_code_is_the_verdicts() {
    let site = Site::new("");
    (0..2000).for_each(|number| drop(site.file(&format!("{number}.txt"), format!("{number}\n"))));
    site.sweep();
    let program = env!("CARGO_BIN_EXE_misfile");
    let first_line = |verb: &str| {
        let script = format!(
            "{program} --config {} --data {} {verb} | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}",
            site.config().display(),
            site.data().display()
        );
        let run = run(std::process::Command::new("bash").args(["-c", &script]));
        (run.stdout.trim().to_owned(), run.stderr)
    };
    assert_eq!(first_line("findings --all"), ("0".to_owned(), String::new()));
    // The last file in order of path: the reader is gone long before.
    site.file("z.txt", "机密★10年\n\n纸灯笼工程联调记录\n");
    assert_eq!(first_line("sweep"), ("10".to_owned(), String::new()));
    for verb in ["findings --all", "findings --all --format json", "ready s3"] {
        assert_eq!(first_line(verb), ("10".to_owned(), String::new()), "{verb}");
    }
    assert_eq!(first_line("completions bash"), ("0".to_owned(), String::new()));
}

#[test]
fn what_is_to_be_reviewed_shows_the_level_that_is_suspected() {
    let site = Site::new("");
    site.file("a.txt", "严禁外传\n");
    site.sweep();
    let files = site.files();
    let file = &files["a.txt"];
    assert_eq!(file["verdict"], "review");
    assert_eq!((&file["level"], &file["suspected_level"]), (&0.into(), &2.into()), "{file}");
    let table = site.run(&["findings", "--format", "table"]).stdout;
    assert!(table.starts_with("review     level 2? 严禁外传"), "{table}");
    let shown = |level: &str| site.run(&["findings", "--level", level]).json().len() - 1;
    assert_eq!((shown("2"), shown("3")), (1, 0), "a suspected level counts for --level");
    let path = site.share().join("a.txt");
    let why = site.run(&["explain", path.to_str().expect("UTF-8"), "--format", "table"]).stdout;
    assert!(why.contains("verdict     review, level 0, suspected level 2 (严禁外传)"), "{why}");
    assert!(!why.contains("tesseract"), "recognition took no part in reading a text file:\n{why}");
}

#[test]
fn a_copy_is_found_and_listed_only_where_the_filter_holds() {
    let site = Site::new("[[zone]]\nname = \"vault\"\npath = \"vault\"\nexposure = \"contained\"\nceiling = 4\n");
    let secret = "机密★10年\n\n纸灯笼工程联调记录\n";
    site.file("copy.txt", secret);
    std::fs::create_dir(site.dir.path().join("vault")).expect("folder");
    std::fs::write(site.dir.path().join("vault/original.txt"), secret).expect("file");
    site.sweep();
    let places = |query: &[&str]| -> Vec<String> {
        let hits = site.run(&[&["search"], query].concat()).json();
        let hits = hits.iter().filter(|hit| hit["type"] == "hit");
        let places = hits.flat_map(|hit| hit["locations"].as_array().expect("a list").clone());
        places.map(|place| place["zone"].as_str().expect("a zone").to_owned()).collect()
    };
    assert_eq!(places(&["纸灯笼"]).len(), 2);
    assert_eq!(places(&["纸灯笼 zone:dept"]), ["dept"]);
    assert_eq!(places(&["zone:vault verdict:misfiled"]), [""; 0]);
    assert_eq!(places(&["纸灯笼 -zone:dept"]), ["vault"], "what is excluded here is found there");
    assert_eq!(places(&["--limit", "5", "--", "-verdict:misfiled"]), ["vault"]);
}

#[test]
fn an_answer_over_an_unfinished_sweep_says_so_and_is_exit_12() {
    let site = Site::new("");
    site.file("a.txt", "nothing\n");
    site.sweep();
    let stopped = site.run(&["sweep", "--for", "0s"]);
    assert_eq!(stopped.code, 12, "{}", stopped.stderr);
    for verb in [&["findings"][..], &["ready", "s3"], &["reclassify"]] {
        let run = site.run(verb);
        assert_eq!((run.code, run.stderr.contains("the last sweep did not come to its end")), (12, true), "{verb:?}");
    }
    site.file("b.txt", "机密★10年\n\n纸灯笼工程联调记录\n");
    site.sweep();
    assert_eq!(site.run(&["sweep", "--for", "0s"]).code, 10, "the lowest of 10, 11 and 12 wins");
}

#[test]
fn every_list_is_one_json_document_if_asked() {
    let site = Site::new("");
    let file = site.file("a.txt", "机密★10年\n\n纸灯笼工程联调记录\n");
    site.sweep();
    let path = file.to_str().expect("UTF-8");
    for verb in [
        &["findings", "--all"][..],
        &["explain", path],
        &["search", "纸灯笼"],
        &["ready", "s3"],
        &["zones"],
        &["status", "--events"],
        &["reclassify"],
        &["rules", "check"],
        &["index", "rebuild"],
        &["inspect", path, "--text"],
        &["sweep"],
    ] {
        let run = site.run(&[verb, &["--format", "json"]].concat());
        let document: serde_json::Value = serde_json::from_str(&run.stdout).expect(verb[0]);
        let objects = document.as_array().expect("a list");
        assert!(objects.iter().all(|object| object["v"] == 1), "{verb:?}: {document}");
        assert_eq!(objects.last().map(|last| &last["type"]), Some(&"summary".into()), "{verb:?}");
    }
    assert_eq!(site.run(&["search", "x", "--format", "csv"]).code, 2);
}

#[test]
fn zones_rules_completions_and_manual_pages_are_there() {
    let site = Site::new("");
    let zones = site.run(&["zones"]).json();
    assert_eq!((&zones[0]["name"], &zones[0]["ceiling"]), (&"dept".into(), &1.into()));
    let rules = site.run(&["rules", "check"]);
    assert_eq!((rules.code, rules.stdout.as_str()), (0, "all rules are in order\n"));
    assert!(site.run(&["completions", "bash"]).stdout.contains("misfile"));
    let man = site.dir.path().join("man");
    assert_eq!(site.run(&["man", man.to_str().expect("UTF-8")]).code, 0);
    assert!(man.join("misfile-sweep.1").exists());
}

#[test]
fn tesseract_doctor_reads_a_test_page_in_each_language() {
    let site = Site::new("");
    let doctor = site.run(&["doctor", "--format", "table"]);
    assert_eq!(doctor.code, 0, "{}{}", doctor.stdout, doctor.stderr);
    for language in ["eng", "chi_sim"] {
        assert!(doctor.stdout.contains(&format!("ok    language {language}:")), "{}", doctor.stdout);
    }
}

#[test]
fn an_engine_that_there_is_none_of_is_not_in_order() {
    let site = Site::new("[ocr]\nengine = \"foo\"\n");
    let doctor = site.run(&["doctor", "--format", "table"]);
    let said = "ILL   OCR engine: no OCR engine is named \"foo\"; there are: auto, paddle, tesseract";
    assert!(doctor.code == 5 && doctor.stdout.contains(said), "{} {}", doctor.code, doctor.stdout);
}

#[test]
fn what_is_to_be_reviewed_of_a_lying_text_layer_is_said() {
    let site = Site::new("");
    site.file("a.pdf", include_bytes!("fixtures/gate/layer_of_another_page.pdf"));
    assert_eq!(site.run(&["sweep"]).code, 10);
    let ready = site.run(&["ready", "4", "--format", "table"]);
    assert!(ready.stdout.contains("to be reviewed by a person: layer and pixels differ (match "), "{}", ready.stdout);
    let explain = site.run(&["explain", "--format", "table", site.share().join("a.pdf").to_str().expect("UTF-8")]);
    assert!(explain.stdout.contains("(layer.mismatch, level 0, "), "{}", explain.stdout);
}

#[test]
fn a_missing_language_is_named_with_its_package() {
    let site = Site::new("[ocr]\nengine = \"tesseract\"\nlanguages = [\"eng\", \"zzz\"]\n");
    let doctor = site.run(&["doctor", "--format", "table"]);
    assert_eq!(doctor.code, 5);
    assert!(doctor.stdout.contains("tesseract-ocr-zzz"), "{}", doctor.stdout);
    site.file("a.txt", "x\n");
    let sweep = site.run(&["sweep"]);
    assert_eq!(sweep.code, 5);
    assert!(sweep.stderr.contains("tesseract-ocr-zzz"), "{}", sweep.stderr);
}

#[test]
fn a_complete_sweep_of_one_folder_does_not_hide_that_others_were_not_finished() {
    let site = Site::new("[[zone]]\nname = \"vault\"\npath = \"vault\"\nexposure = \"contained\"\nceiling = 4\n");
    std::fs::create_dir(site.dir.path().join("vault")).expect("folder");
    let share = site.share().display().to_string();
    assert_eq!(site.run(&["sweep", "--for", "0s"]).code, 12);
    assert_eq!(site.run(&["sweep", &share]).code, 12, "the vault still waits");
    let run = site.run(&["findings"]);
    assert_eq!((run.code, run.stderr.contains("vault")), (12, true), "{}", run.stderr);
    assert!(!run.stderr.contains(&share), "that one was finished: {}", run.stderr);
    let vault = site.dir.path().join("vault").display().to_string();
    assert_eq!(site.run(&["sweep", &vault]).code, 0);
    assert_eq!(site.run(&["findings"]).code, 0);
}

#[test]
fn a_configuration_with_a_rule_that_is_not_there_leaves_the_catalog_as_it_is() {
    let site = Site::new("");
    site.file("a.txt", "x\n");
    site.sweep();
    let own = std::fs::read_to_string(site.config()).expect("there");
    let policy = "[[policy]]\nname = \"p\"\nlevel = 3\nconfidence = 90\nwhen = [{ rule = \"no.such.rule\" }]\n";
    std::fs::write(site.config(), format!("{own}\n{policy}")).expect("written");
    let run = site.run(&["sweep"]);
    assert_eq!((run.code, run.stderr.contains("no.such.rule")), (3, true), "{}", run.stderr);
    std::fs::write(site.config(), own).expect("written");
    assert_eq!(site.run(&["findings"]).code, 0, "no sweep was begun");
}

#[test]
fn rules_are_listed_shown_and_tried_on_a_text() {
    let site = Site::new("");
    let list = site.run(&["rules", "list"]);
    assert!(list.stdout.contains("cn.resident_id") && list.stdout.contains("us.s.banner"), "{}", list.stdout);
    let shown = site.run(&["rules", "show", "cn.hkid"]);
    assert!(
        shown.stdout.starts_with("# models/identifiers.toml:") && shown.stdout.contains("hk_id"),
        "{}",
        shown.stdout
    );
    assert_eq!(site.run(&["rules", "show", "no.such.rule"]).code, 2);
    let tried = site.run(&["rules", "test", "身份证号 11010519491231002X"]);
    assert!(tried.stdout.contains("cn.resident_id") && tried.stdout.contains("keyword"), "{}", tried.stdout);
    assert!(!tried.stdout.contains("19491231"), "masked: {}", tried.stdout);
}

#[test]
fn what_is_wrong_with_the_rules_of_the_house_is_found_before_the_night() {
    let site = Site::new(
        "[[keyword_list]]\nname = \"codes\"\nfile = \"codes.txt\"\nlevel = 3\n\n[[relevel]]\nrule = \"us.cuii.*\"\nlevel = 2\n",
    );
    let missing = site.run(&["rules", "check"]);
    assert!(missing.code == 3 && missing.stdout.contains("codes.txt"), "{}", missing.stdout);
    assert_eq!(site.run(&["rules", "list"]).code, 3);
    assert!(site.run(&["doctor"]).stdout.contains("codes.txt"));

    let codes = site.dir.path().join("codes.txt");
    std::fs::write(&codes, "harbour plan\n").expect("written");
    let misspelt = site.run(&["rules", "check"]);
    assert!(misspelt.code == 3 && misspelt.stdout.contains("us.cuii.*"), "{}", misspelt.stdout);

    let config = std::fs::read_to_string(site.config()).expect("settings");
    std::fs::write(site.config(), config.replace("us.cuii.*", "us.s.*")).expect("written");
    let right = site.run(&["rules", "check"]);
    assert_eq!(right.code, 0, "{}", right.stdout);
    assert!(site.run(&["rules", "show", "keyword.codes"]).stdout.contains("codes.txt"));
}

#[test]
fn an_evaluation_reads_what_is_labelled_and_nothing_beside_it() {
    let site = Site::new("");
    site.file("a.txt", "机密★10年\n\n关于某事的通知\n");
    site.file("b.txt", "nothing here\n");
    let truth = site.dir.path().join("truth.jsonl");
    let eval = |lines: &str| {
        std::fs::write(&truth, lines).expect("written");
        site.run(&["--format", "jsonl", "eval", truth.to_str().expect("UTF-8"), site.share().to_str().expect("UTF-8")])
    };
    let run = eval("{\"path\": \"a.txt\", \"level\": 3}\n");
    let summary = run.json().pop().expect("a summary");
    assert_eq!((&summary["exact_documents"], &summary["documents"]), (&1.into(), &1.into()), "{}", run.stderr);
    for (lines, says) in [
        ("{\"path\": \"a.txt\", \"levle\": 3}\n", "truth.jsonl:1: "),
        ("{\"path\": \"no.txt\", \"level\": 3}\n", "no.txt is no file"),
    ] {
        let run = eval(lines);
        assert!(run.code == 2 && run.stderr.contains(says), "exit {}: {}", run.code, run.stderr);
    }
}

#[test]
fn csv_says_where_in_a_document_a_finding_is_and_what_the_mark_states() {
    let site = Site::new("");
    let mark = "TOP SECRET//SI//NOFORN\n";
    site.file("long.txt", format!("{}{mark}", "Nothing of note stands in this line.\n".repeat(400)));
    site.sweep();
    let csv = site.run(&["findings", "--format", "csv"]).stdout;
    let mut lines = csv.lines();
    let head = lines.next().expect("a head");
    assert!(head.ends_with(",decision,place,flags,caveats,copy_number,term"), "{csv}");
    let found = lines.find(|line| line.contains("us.ts.banner")).expect("a row");
    let [term, copy_number, caveats, flags, place] = found.rsplitn(6, ',').take(5).collect::<Vec<_>>()[..] else {
        panic!("{found}")
    };
    assert!(place.starts_with("lines ") && place.ends_with("-401"), "{found}");
    assert_eq!((flags, caveats, copy_number, term), ("", "SI; NOFORN", "", ""), "{found}");
}
