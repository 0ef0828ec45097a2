//! Fields and boxes of forms.

use super::*;
use crate::classify::marking::rules::Rule;

#[test]
fn a_form_field_decides_wherever_it_stands() {
    assert_eq!(levels("密级：秘密  等级：紧急  时间：2023年5月10日  主题：报告").0, 3);
    assert_eq!(levels("密级：机密 第1版 分册名称：无").0, 3);
    assert_eq!(levels("本报告仅供内部培训（密级：机密），旨在提升能力。").0, 3);
    assert_eq!(levels("CLASSIFICATION: SECRET CAVEATS: NOFORN").0, 3);
}

#[test]
fn of_the_boxes_of_a_form_the_ticked_one_counts() {
    for (text, level) in [
        ("密级\t□绝密 ☑机密 □秘密\t期限\t10年", 3),
        ("密级：□绝密  □机密  ☑秘密  □内部", 3),
        ("密级：□绝密 ■机密 □秘密", 3),
        ("绝密[ ] 机密[x] 秘密[ ]", 3),
        ("绝密（ ）机密（√）秘密（ ）", 3),
        ("密级：绝密☑ 机密□ 秘密□  期限：10年", 4),
        ("密级：\n□ 绝密\n☑ 机密\n□ 秘密", 3),
        ("密级：☑机密", 3),
        ("Classification: ☒ SECRET  ☐ Unclassified", 3),
        ("Classification: [ ] Public [ ] Internal [X] Secret", 3),
        ("■ 机密", 3),
    ] {
        assert_eq!(levels(&format!("{text}\n\n一\n二\n三\n四\n")), (level, 0), "{text}: {:?}", seen(text));
    }
    for text in [
        "密级：□绝密　□机密　□秘密　□非密",
        "密级：\n□ 绝密\n□ 机密\n☑ 非密",
        "密级：□绝密 □机密 ☑非密",
        "Classification: [ ] Top Secret [ ] Secret [ ] Confidential [x] Unclassified",
        "Confidential? [ ] yes [ ] no",
    ] {
        assert_eq!(levels(&format!("{text}\n\n一\n二\n三\n四\n")), (0, 0), "{text}: {:?}", seen(text));
    }
    let list = "- [ ] SECRET rotation\n- [x] CONFIDENTIAL waste bins";
    assert_eq!(levels(list).0, 0, "words that go on: {:?}", seen(list));
}

#[test]
fn a_label_in_a_cell_has_its_value_in_the_next_one() {
    for (text, level) in [
        ("文件编号 2026-17 密级 机密 份数 3", 3),
        ("文件编号\t2026-17\t密级\t绝密\t份数\t3", 4),
        ("| 文件编号 | 2026-17 | 密级 | 机密 | 份数 | 3 |", 3),
        ("Title\tReport\tClassification\tSecret\tCopies\t3", 3),
        ("Copies\t3\nClassification\tSecret\nTitle\tReport", 3),
        ("| Classification | Secret |", 3),
        ("密级 SECRET 份数 3", 3),
        ("Report\tClassification\tTOP SECRET//SI//NOFORN\tCopies", 4),
        ("| Project | Heron | Classification | Secret |", 3),
        ("| Security classification | Secret | Project | Heron |", 3),
        ("Project,Heron\nClassification,Secret\nOwner,Smith", 3),
        ("\"密级\";\"机密\"", 3),
        ("Einstufung | Geheim | Kopie | 3", 3),
        ("# Convoy\n\n- **Classification:** SECRET\n- **Owner:** J. Miller", 3),
        ("**Classification**: TOP SECRET\n", 4),
        ("- **Einstufung:** Geheim", 3),
        ("- **Classification:** **SECRET**", 3),
        ("Classification: \"TOP SECRET\"\nTitle: Plan", 4),
        ("Classification: 'TOP SECRET'\nTitle: Plan", 4),
        ("密级：“绝密”\n标题：方案", 4),
        ("Geheimhaltungsgrad: „Geheim“\nTitel: Plan", 3),
        ("Classification: [SECRET]\nTitle: Plan", 3),
        ("Гриф секретности\tСекретно", 3),
    ] {
        assert_eq!(levels(text).0, level, "{text}: {:?}", seen(text));
    }
    for text in [
        "Classification\tSecret key\tRegion",
        "Classification secret harbour plan",
        "Classification\tOwner\tSecret",
        "序号 文件名称 密级 份数",
        "Classification level\tPublic\tInternal\tSecret\tTop Secret",
        "密级 秘密花园 作者",
        "Data classification\tConfidential\tInternal\tPublic",
        "Topic\tClassification\tSecret-key cryptography",
        "classification\tconfidential\tvarchar(20)",
        "Classification,Secret harbour,Owner",
        "id,classification,secret",
        "Einstufung | Geheimnis",
    ] {
        assert_eq!(levels(text).0, 0, "{text}: {:?}", seen(text));
    }
}

#[test]
fn fields_of_every_country_are_found_however_they_are_parted() {
    let rules = Rules::built_in().expect("the built-in rules compile");
    let is_of_country = |rule: &&Rule| rule.id.split_once('.').is_some_and(|(_, name)| name == "field");
    let mut count = 0;
    for rule in rules.rules.iter().filter(is_of_country) {
        for example in &rule.examples {
            let sign = if example.contains([':', '：']) { [':', '：'] } else { ['–', '–'] };
            let (label, value) = example.split_once(sign).expect("a field");
            let (label, value) = (label.trim(), value.trim());
            let expected = levels(example).0;
            assert!(expected >= 2, "{example}");
            for line in [
                format!("7\t{label}: {value}"),
                format!("{label}: {value}    Copy: 3"),
                format!("{label} | {value}"),
                format!("| {label} | {value} | Copy | 3 |"),
                format!("{label}\t{value}\tCopy\t3"),
                format!("{label};{value};x"),
                format!("\"{label}\",\"{value}\",\"Copy\",\"3\""),
            ] {
                let page = format!("one\ntwo\nthree\nfour\n{line}\nfive\nsix\nseven\neight\n");
                assert_eq!(levels(&page).0, expected, "{line}: {:?}", seen(&page));
                count += 1;
            }
        }
    }
    assert!(count > 400, "{count}");
}

#[test]
fn what_is_no_field_of_a_level_is_none() {
    for line in [
        "Klauzula\tTajne\tPoufne\tZastrzeżone",
        "Einstufung | Geheim | Streng geheim | Offen",
        "Clasificación;Secreto;Reservado;Confidencial",
        "№ | гриф | секретно | иное",
        "Account,Classification,Restricted,Unrestricted",
        "Program,Data Classification,Confidential,Comment",
        "Avgradering: Begrenset",
        "Documents with the security classification (SECRET) are kept in the safe by the office.",
        "Suojaustaso;Luottamuksellinen;Julkinen",
        "Klauzula;Tajne;Jawne",
    ] {
        let page = format!("one\ntwo\nthree\nfour\n{line}\nfive\nsix\nseven\neight\n");
        assert!(levels(&page).0 == 0, "{line}: {:?}", seen(&page));
    }
    let found = detect(&[Page::plain(1, "# Convoy\n\n**Classification:** SECRET\n\nThe convoy leaves at dawn.")]);
    assert!(found.len() == 1 && found[0].rule.starts_with("us."), "{found:?}");
    let found = detect(&[Page::plain(1, "秘密区分：極秘")]);
    assert!(found.iter().any(|one| one.native == "極秘"), "{found:?}");
}

#[test]
fn what_follows_a_value_takes_nothing_from_it() {
    for line in [
        "Гриф: Секретно Экз. № 1",
        "Гриф секретности: Секретно. Экз. № 1",
        "Clasificación: Secreto Copia nº 3",
        "Klauzula: Tajne Nr egz.: 1",
        "Gizlilik derecesi: GİZLİ Kopya No: 3",
        "(Einstufung: Geheim) Bericht",
        "Einstufung: Geheim Kopie 3 von 5",
        "Einstufung: Geheim. Kopie 3",
        "Einstufung: Geheim / Secret",
        "Einstufung: Geheim - amtlich geheimgehalten",
        "Informationsklassificering: Fortroligt",
    ] {
        let page = format!("one\ntwo\nthree\nfour\n{line}\nfive\nsix\nseven\neight\n");
        assert!(levels(&page).0 >= 3, "{line}: {:?}", seen(&page));
    }
}

#[test]
fn a_column_of_terms_beside_that_of_levels_takes_nothing_from_them() {
    for text in [
        "| 文件名称 | 密级 | 保密期限 |\n|---|---|---|\n| 演练方案 | 绝密 | 30年 |\n",
        "文件名称\t密级\t保密期限\n演练方案\t绝密\t30年\n",
    ] {
        assert_eq!(levels(text), (0, 4), "{text}: {:?}", seen(text));
    }
    assert_eq!(levels("文件名称\t密级\t承办人\n绝密的保密期限不得超过三十年\n"), (0, 0));
}

#[test]
fn a_cell_of_a_foot_is_a_mark_beside_its_label_too() {
    for line in ["Classification | OFFICIAL-SENSITIVE", "Department\tClassification\tPROTECTED\tPage 3 of 9"] {
        assert!(seen(&format!("one\ntwo\nthree\nfour\n{line}")).iter().any(|(_, level, _)| *level >= 2), "{line}");
    }
}

#[test]
fn a_column_of_letters_above_a_page_number_is_one_text() {
    assert_eq!(levels("密\n级\n：\n机\n密\n第\n3\n页").0, 3);
    assert_eq!(levels("A\nB\n机\n密\n第\n3\n页").0, 0);
}

#[test]
fn the_mark_of_a_form_decides_nothing_wherever_it_stands() {
    let mut text = Text::default();
    text.push_word("", "SECRET (when completed)", Rect { x: 300.0, y: 40.0, w: 200.0, h: 20.0 }, 100, Origin::Layer);
    let pages = [page(1, text.clone()), page(2, text)];
    let found = detect(&pages);
    assert!(found.len() == 2 && found.iter().all(|one| one.rule == "us.form" && one.confidence == 65), "{found:?}");
}
