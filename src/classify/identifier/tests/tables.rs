//! Tables: what a heading says holds for its whole column, and for nothing beside it.

use super::*;

/// A sheet, in parts as readers cut it, or a page of text.
fn told(pages: &[(Option<&str>, &str)]) -> Vec<(String, u8)> {
    let pages: Vec<Page> = pages
        .iter()
        .zip(1..)
        .map(|((label, text), number)| Page { number, label: label.map(str::to_owned), ..page(text, false) })
        .collect();
    let found = detector_once().detect(Subject { pages: &pages }, 100).findings;
    found.into_iter().map(|one| (one.rule, one.confidence)).collect()
}

fn count(told: &[(String, u8)], rule: &str, confidence: u8) -> usize {
    told.iter().filter(|one| one.0 == rule && one.1 == confidence).count()
}

/// Rows of a table: a name, a value, and a column that is longer than keywords reach.
fn rows(value: impl Fn(u32) -> String, parted: &str, many: u32) -> String {
    let note = "a note of some length about what was said on the telephone";
    let row =
        |at: u32| [format!("Person {}", ('A'..='Z').cycle().nth(at as usize).unwrap()), value(at), note.to_owned()];
    (0..many).map(|at| row(at).join(parted)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_heading_is_the_keyword_of_every_cell_below_it() {
    for parted in ["\t", ",", ";", " | "] {
        let passports = rows(|at| format!("E{}", 12_345_678 + at * 7_919), parted, 15);
        let text = format!("{}\n{passports}", ["Name", "Passport No.", "Note"].join(parted));
        assert_eq!(count(&told(&[(None, text.as_str())]), "cn.passport", 75), 15, "{parted:?}");
        let accounts = rows(|at| format!("00{}", 123_456_789 + at * 7_919), parted, 15);
        let text = format!("{}\n{accounts}", ["Name", "Account number", "Note"].join(parted));
        assert_eq!(count(&told(&[(None, text.as_str())]), "us.bank_account", 65), 15, "{parted:?}");
        let other = text.replace("Account number", "Invoice");
        assert_eq!(count(&told(&[(None, other.as_str())]), "us.bank_account", 65), 0, "{parted:?}");
    }
}

#[test]
fn a_heading_whose_rows_begin_on_the_next_page_is_theirs() {
    let passports = rows(|at| format!("E{}", 12_345_678 + at * 7_919), ",", 15);
    let found = |pages: &[(Option<&str>, &str)]| count(&told(pages), "cn.passport", 75);
    let heading = "Name,Passport No.,Note\n";
    assert_eq!(found(&[(Some("line 1"), heading), (Some("lines 2-16"), passports.as_str())]), 15);
    assert_eq!(
        found(&[(Some("line 1"), heading), (Some("line 2"), "\n"), (Some("lines 3-17"), passports.as_str())]),
        15
    );
    // Of a row that is longer than a page a piece may come first.
    let long = format!("and so on until its end\n{passports}");
    assert_eq!(found(&[(Some("line 1"), heading), (Some("lines 2-16"), long.as_str())]), 15);
    let other = found(&[
        (Some("line 1"), heading),
        (Some("lines 2-9"), "Nothing.\nOf the kind.\nAt all.\nHere.\nE12345678,x,y\n"),
    ]);
    assert_eq!(other, 0, "what does not begin with rows is no table");
}

#[test]
fn a_dump_of_a_database_names_its_columns_in_a_statement() {
    let dump = |columns: &str| {
        format!("--\nCOPY public.users ({columns}) FROM stdin;\n1\tbob\tTr7!kkLw99\n2\tann\tkranich77x\n\\.\n")
    };
    let found =
        |text: &str| told(&[(Some("lines 1-5"), text)]).iter().filter(|one| one.0 == "secret.password_column").count();
    assert_eq!(found(&dump("id, name, password")), 2);
    assert_eq!(found(&dump("id, name, \"comment\"")), 0);
}

#[test]
fn a_heading_makes_a_weak_number_surer() {
    let valid = |at: u32| {
        let check = checksum::named("au_tfn").expect("a check");
        (0..1000)
            .map(|tail| format!("{}", 123_450_000 + at * 1000 + tail))
            .find(|text| check(text))
            .expect("one is right")
    };
    let table = |heading: &str| format!("Name\t{heading}\tNote\n{}", rows(valid, "\t", 12));
    assert_eq!(count(&told(&[(None, &table("Tax file number"))]), "au.tfn", 85), 12);
    assert_eq!(count(&told(&[(None, &table("Number"))]), "au.tfn", 85), 0);
}

#[test]
fn only_what_fills_its_cell_is_labelled_by_the_heading() {
    let passports = rows(|at| format!("see E{} there", 12_345_678 + at), "\t", 15);
    let near = count(&told(&[(None, &format!("Name\tPassport No.\tNote\n{passports}"))]), "cn.passport", 75);
    assert!(near < 15, "{near}: those alone that stand near the word");
}

#[test]
fn a_sheet_that_goes_on_keeps_its_heading_and_another_sheet_has_its_own() {
    let part = |from: u32| rows(|at| format!("E{}", 12_345_678 + from + at), "\t", 8);
    let first = format!("Name\tPassport\tNote\n{}", part(0));
    let (second, other) = (part(100), part(200));
    let sheet = |second_label: &str| {
        told(&[(Some("sheet \"A\" A1:C9"), first.as_str()), (Some(second_label), second.as_str())])
    };
    assert_eq!(count(&sheet("sheet \"A\" A10:C17"), "cn.passport", 75), 16);
    assert_eq!(count(&sheet("sheet \"B\" A1:C8"), "cn.passport", 75), 8);
    let text = [(Some("lines 1-9"), first.as_str()), (Some("lines 10-17"), &second), (Some("lines 18-25"), &other)];
    assert_eq!(count(&told(&text), "cn.passport", 75), 20, "of each type twenty are kept");
}

#[test]
fn a_password_below_its_heading_is_found_in_every_kind_of_table() {
    for text in [
        "System\tUser\tPassword\nERP\to.krag\tSummer-2026!x\nVPN\tm.lund\tKj7#pq92Lm",
        "System,User,Password\nERP,o.krag,Summer-2026!x\n\"VPN, new\",m.lund,\"Kj7#pq92Lm\"",
        "| System | User | Password |\n|--------|:----:|---------:|\n| ERP | o.krag | `Summer-2026!x` |\n| VPN | m.lund | Kj7#pq92Lm |",
        "系统\t账号\t密码\nERP\to.krag\tSummer-2026!x\nVPN\tm.lund\tKj7#pq92Lm",
        "System\tBenutzer\tKennwort\nERP\to.krag\tSummer-2026!x\nm.lund\tKj7#pq92Lm",
        "System\tUser\tPassword\tNote\nERP\to.krag\tSummer-2026!x\tof the lab\nm.lund\tKj7#pq92Lm\told one",
    ] {
        assert_eq!(count(&told(&[(None, text)]), "secret.password_column", 75), 2, "{text}");
    }
    let alone = told(&[(Some("sheet \"A\""), "Password\nSummer-2026!x\nKj7#pq92Lm")]);
    assert_eq!(count(&alone, "secret.password_column", 65), 2, "no account is named");
}

#[test]
fn what_people_write_below_such_a_heading_otherwise_is_none() {
    for text in [
        "User\tPassword\na\tn/a\nb\tset\nc\treset\nd\t********\ne\tyes\nf\tchanged",
        "User\tPassword changed on\na\t2026-11-02\nb\t2026-11-03",
        "User\tPassword\na\t2026-11-02\nb\t03.11.2026\nc\t90days\nd\t20261126",
        "Rule\tPassword\tAccount lockout\nLength\t12+chars\tn/a\nAge\t90days\tn/a\nHistory\t24\tn/a",
        "Setting\tPassword policy\nMinimum\tAtLeast12-Chars",
        "key,en,de\nlogin.password,Password,Kennwort\nlogin.user,User name,Benutzername\nlogin.forgot,Forgotten,Vergessen\nlogin.cancel,Cancel,Abbrechen\n\
         login.submit,Submit,Absenden",
        "Password\tforgotten\nenter your password\tTr0ub4dor9x is no cell",
        "User\tPassword hash\na\tSummer-2026!x",
    ] {
        let found: Vec<_> = told(&[(None, text)]).into_iter().filter(|one| one.0.starts_with("secret.")).collect();
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn a_row_whose_remark_has_a_word_of_some_type_is_a_row() {
    let row = |at: u32| format!("Person\tKm{at:02}#pq{at}\tu{at}\tcalled by telephone, has a passport");
    let text = format!("Name\tPassword\tUser\tRemarks\r\n{}", (10..30).rev().map(row).collect::<Vec<_>>().join("\r\n"));
    assert_eq!(count(&told(&[(None, text.as_str())]), "secret.password_column", 75), 20);
    let short = text.replace("Person\tKm17", "Km17");
    assert_eq!(count(&told(&[(None, short.as_str())]), "secret.password_column", 75), 20, "an empty cell is left out");
    let words = "Site\tLogin\tPassword\nmail\tkrag\tsunshine\nshop\tpassport\tdragonfly\nbank\tkrag\tmarmelade";
    assert_eq!(count(&told(&[(None, words)]), "secret.password_column", 75), 3);
    let pins =
        text.replace("Password", "PIN").replace('#', "").replace("Km", "4").replace("pq", "").replace("User", "Card");
    assert_eq!(count(&told(&[(None, pins.as_str())]), "secret.pin_column", 75), 20, "{pins}");
}

#[test]
fn rows_of_another_table_are_none_of_this_one() {
    let text = "User\tPassword\no.krag\tSummer-2026!x\nA sentence that stands below the table.\nAnother one, and more of it.\n\
                And the third.\nItem\tPart\nscrew\tM4x12-A2\nnut\tKj7#pq92Lm";
    assert_eq!(count(&told(&[(None, text)]), "secret.password_column", 75), 1);
    let stacked = "User\tPassword\no.krag\tSummer-2026!x\nUser\tAPI key\nmaps\t3f9ad07be1164c27a5d80e9b1c46f2a7";
    let told = told(&[(Some("sheet \"A\""), stacked)]);
    assert_eq!((count(&told, "secret.password_column", 75), count(&told, "secret.token_column", 75)), (2, 1));
}

#[test]
fn a_text_of_nothing_but_headings_takes_no_longer_than_another() {
    let text = "User\tPassword\tPassport\n".repeat(40_000);
    let begun = std::time::Instant::now();
    told(&[(None, &text)]);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn a_heading_is_no_label_of_a_column_that_speaks_against_it() {
    let tickets: Vec<String> = (0..300_u64).map(|at| format!("{},open", 2_605_140_001_081 + at * 13)).collect();
    let found = told(&[(None, &format!("ID number,State\n{}", tickets.join("\n")))]);
    assert_eq!(count(&found, "za.id", 85), 0, "{found:?}");
    assert_eq!(count(&found, BULK, 85), 0);
    let check = checksum::named("za_id").expect("a check");
    let persons = (0..10_000).map(|tail| format!("750330{tail:04}089")).filter(|text| check(text)).step_by(3).take(12);
    let persons: Vec<String> = persons.map(|text| format!("{text},open")).collect();
    let found = told(&[(None, &format!("ID number,State\n{}\n{}", persons.join("\n"), tickets[..5].join("\n")))]);
    assert!(count(&found, "za.id", 85) >= 12 && count(&found, BULK, 85) == 1, "{found:?}");
    let found = told(&[
        (Some("sheet \"A\""), &format!("ID number\tState\n{}", persons.join("\n").replace(',', "\t"))),
        (Some("sheet \"B\""), &format!("ID number\tState\n{}", tickets.join("\n").replace(',', "\t"))),
    ]);
    assert!(count(&found, "za.id", 85) == 12, "each table has a heading of its own: {found:?}");
}

#[test]
fn postal_codes_of_india_are_no_pins() {
    let row = |(at, city): (u32, &str)| {
        format!("Vendor {at}\t98{:08}\t{city}\t{}", at * 7_919_311, 110_001 + at * 73_211 % 690_000)
    };
    let rows: Vec<String> = (1..).zip(["Delhi", "Kochi", "Pune", "Agra", "Surat", "Patna"]).map(row).collect();
    for heading in ["Name\tMobile\tCity\tPIN", "Name\tPhone\tDistrict\tPIN Code"] {
        let found = told(&[(None, &format!("{heading}\n{}", rows.join("\n")))]);
        assert_eq!(found.iter().filter(|one| one.0 == "secret.pin_column").count(), 0, "{heading}: {found:?}");
    }
    let cards = "Card no\tPIN\n0017\t482113\n0018\t903415\n0019\t117729";
    assert_eq!(count(&told(&[(None, cards)]), "secret.pin_column", 65), 3, "six digits may be either");
}

#[test]
fn words_as_passwords_are_found_below_the_rule_of_a_markdown_heading() {
    let text =
        "| User | Password |\n|------|:---------|\n| krag | sunshine |\n| lund | dragonfly |\n| berg | marmelade |";
    assert_eq!(count(&told(&[(None, text)]), "secret.password_column", 75), 3);
}

#[test]
fn a_second_heading_with_a_year_or_a_digit_is_one() {
    for heading in ["User\tPasswort (2026)", "Host IPv4\tPasswort"] {
        let text = format!(
            "Name\tPassport No.\nKrag\tE12345678\nLund\tE12353597\n{heading}\no.krag\tSummer-2026!x\nm.lund\tKj7#pq92Lm"
        );
        assert_eq!(count(&told(&[(None, &text)]), "secret.password_column", 75), 2, "{heading}");
    }
}

#[test]
fn phrases_and_other_letters_are_passwords_and_remarks_are_none() {
    let text = "Site\tUser\tPassword\nmail\tkrag\tcorrect horse battery staple\nshop\tlund\tПароль123\nbank\tberg\tTr0ub4dor9x";
    assert_eq!(count(&told(&[(None, text)]), "secret.password_column", 75), 3);
    let chinese = text.replace("Password", "密码");
    assert_eq!(count(&told(&[(None, &chinese)]), "secret.password_column", 75), 3);
}

#[test]
fn quotes_and_long_lines_full_of_numbers_take_no_longer_than_others() {
    let quotes = format!("Password;x\n{}", format!("{}a{};b\n", " ".repeat(4000), "\"".repeat(4000)).repeat(1000));
    let begun = std::time::Instant::now();
    told(&[(None, &quotes)]);
    let quoted = begun.elapsed();
    let numbers = (0..200_000_u32).map(|at| (1_000_000_000 + at * 7919).to_string());
    let line = numbers.collect::<Vec<_>>().join(" ");
    let long = format!("Steuernummer;TFN;x\na;123456782;b\n{line}\nc;876543210;d");
    let begun = std::time::Instant::now();
    told(&[(None, &long)]);
    assert!(quoted.as_secs() < 20 && begun.elapsed().as_secs() < 20, "{quoted:?}, {:?}", begun.elapsed());
}

/// What a page says whose words stand at a distance, each letter six wide, and what is found at which words.
fn drawn(lines: &[&[(f32, &str)]]) -> Vec<(String, u8, String)> {
    let mut text = Text::plain("");
    for (line, y) in lines.iter().zip(0_u8..) {
        for (index, (x, words)) in line.iter().enumerate() {
            let mut x = *x;
            for (at, word) in words.split(' ').enumerate() {
                let separator = if at > 0 || index > 0 { " " } else { "\n" };
                let w = word.chars().map(|_| 6.0).sum();
                text.push_word(separator, word, Rect { x, y: f32::from(y) * 20.0, w, h: 10.0 }, 100, Origin::Layer);
                x += w + 3.0;
            }
        }
    }
    let page = Page { text, ..Page::plain(1, "") };
    let hits = detector_once().on_page(&page, &mut Context::default()).hits;
    let rule = |hit: &Hit| detector_once().rules.types[hit.kind].entry.id.clone();
    hits.iter().map(|hit| (rule(hit), hit.confidence, page.text.content[hit.start..hit.end].to_owned())).collect()
}

#[test]
fn a_table_on_a_drawn_page_has_columns() {
    let rows: [&[(f32, &str)]; 4] = [
        &[(0.0, "System"), (150.0, "User name"), (300.0, "Password")],
        &[(0.0, "Core switch"), (150.0, "netadmin"), (300.0, "Tr4ktor!Wiese")],
        &[(0.0, "VPN gateway"), (150.0, "vpnroot"), (300.0, "xK9#mQ2vL!p")],
        &[(0.0, "Backup"), (150.0, "bkp_svc"), (300.0, "Winter!2026Qz")],
    ];
    let found = drawn(&rows);
    let passwords: Vec<&str> =
        found.iter().filter(|one| one.0 == "secret.password_column").map(|one| one.2.as_str()).collect();
    assert_eq!(passwords, ["Tr4ktor!Wiese", "xK9#mQ2vL!p", "Winter!2026Qz"], "{found:?}");
}

#[test]
fn what_stands_as_far_apart_as_cells_is_found_for_all_that() {
    let said = |lines: &[&[(f32, &str)]]| drawn(lines).into_iter().map(|one| one.0).collect::<Vec<_>>();
    let card: &[(f32, &str)] = &[(0.0, "4539"), (70.0, "1488"), (140.0, "0343"), (210.0, "6467")];
    assert!(said(&[&[(0.0, "Credit card number")], card]).contains(&"pan.card".to_owned()));
    let social: &[(f32, &str)] = &[(0.0, "Social security number"), (200.0, "536"), (260.0, "22"), (320.0, "8726")];
    assert!(said(&[social]).contains(&"us.ssn".to_owned()));
    let bars: [&[(f32, &str)]; 3] = [
        &[(0.0, "user"), (100.0, "| password"), (220.0, "| host")],
        &[(0.0, "netadmin"), (100.0, "| Tr4ktor!Wiese"), (220.0, "| core")],
        &[(0.0, "vpnroot"), (100.0, "| xK9#mQ2vL!p"), (220.0, "| gate")],
    ];
    assert!(said(&bars).contains(&"secret.password_column".to_owned()), "bars part cells, too");
}
