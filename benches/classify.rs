//! Classification speed, MB/s of one core, on prose with rare marks.
//!
//! `prose` is what most pages are: no mark, words such as "secret" now and then, Chinese and English paragraphs mixed.
//! `marked` has a mark on every fortieth line, `numbered` a number of some kind. `dense` and `table` are the worst cases: nothing
//! but marks, and nothing but numbers. `mixed` is what lies on shares: notes and reports, letters, exported tables, logs and
//! source code, a page of each in turn; `csv`, `log`, `letters` and `code` are its parts.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use misfile::classify::Classifier;
use misfile::config::Settings;
use misfile::document::Page;

/// Characters of a page, as plain text is cut.
const PAGE_CHARS: usize = 6000;

const PROSE: [&str; 8] = [
    "The committee met on Tuesday to discuss the budget of the coming year and the repair of the northern bridge.",
    "会议听取了各部门关于上半年工作情况的汇报，研究了下一阶段的重点任务和时间安排，并对有关事项作了部署。",
    "Deliveries arrived late in most districts, and the stores reported that shelves were empty by the afternoon.",
    "根据市场调查的结果，消费者对新产品的评价总体良好，但是价格仍然偏高，需要在下一季度继续改进。",
    "It is no secret that the official figures were corrected twice; the secretary explained why in her letter.",
    "项目组完成了设备安装和调试，机器运行正常，数据采集系统每天自动生成报告，供技术人员分析使用。",
    "Table 4 shows the numbers for 2019, 2020 and 2021 together with the averages of the ten largest regions.",
    "为了保证工程质量，施工单位应当按照设计图纸和技术标准施工，不得擅自修改工程设计，不得偷工减料。",
];

const MARKS: [&str; 4] = ["机密★10年", "SECRET//NOFORN", "内部资料 注意保存", "Acme Confidential"];

const NUMBERS: [&str; 4] = [
    "Phone +44 20 7946 0958, order 4711-2026-0042, invoice 20260123",
    "联系电话：13800138000，合同编号：HT-2026-000417",
    "card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00",
    "2026-01-23 10:44:07 INFO worker-7 took 1834 ms, id 7f3c9a12-55de-4c1b-9a77-0f21b6c3d4e5",
];

const LETTER: [&str; 8] = [
    "Dear Ms Okafor,",
    "thank you for your letter of 14 March 2025. We confirm the order no. 88213-4 for twelve pumps,",
    "to be delivered to 12 Harbour Road, Bristol BS1 5TY, not later than 30 April.",
    "Payment: 30 days net to account 12-34-56 00812345, amount EUR 12,480.00 plus VAT.",
    "Should anything be missing, please call us before the end of the month.",
    "Yours sincerely",
    "J. Whitfield, Tel. 0117 496 0123, j.whitfield@example.com",
    "",
];

const CODE: [&str; 12] = [
    "    fn parse(input: &str) -> Result<Vec<Token>, Error> {",
    "        while at < input.len() && depth <= MAX_DEPTH {",
    "            match bytes[at] { b'0'..=b'9' => tokens.push(Token::Number(read_number(&mut at)?)),",
    "                _ => return Err(Error::Unexpected { at, found: bytes[at] }),",
    "            }",
    "        // Secrets never leave this function.",
    "const TIMEOUT_MS: u64 = 30_000;",
    "if (user.password != null) { login(user.name, user.password); }",
    "#include <stdio.h>",
    "for (int i = 0; i < 256; i++) { table[i] = (i * 0x1021) & 0xffff; }",
    "self.assertEqual(response.status_code, 200)",
    "import os, sys, json",
];

fn main() {
    divan::main();
}

/// Row `row` of an exported table.
fn csv(row: usize) -> String {
    let firm = ["Müller GmbH", "Acme Ltd", "北京某某公司", "Dupont SA"][row % 4];
    let (cents, day) = (row * 7919 % 9_999_999, row % 28 + 1);
    let state = ["open", "paid", "overdue"][row % 3];
    format!(
        "{},{firm},2025-{:02}-{day:02},{}.{:02},{},EUR,{state}",
        1000 + row,
        row % 12 + 1,
        cents / 100,
        cents % 100,
        row * 31 % 500
    )
}

/// Line `line` of a log.
fn log(line: usize) -> String {
    let (hour, minute, second) = (line / 3600 % 24, line / 60 % 60, line % 60);
    let id = (line as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "2026-01-23T{hour:02}:{minute:02}:{second:02}.{:03}Z INFO [pool-{}-thread-{}] orders.Service - request {id:016x} from 10.{}.3.{}:{} took {} ms status=200",
        line % 1000,
        line % 9,
        line % 17,
        line % 200,
        line * 3 % 250,
        30000 + line % 20000,
        line % 3000
    )
}

/// A megabyte of pages of these lines, a page of each in turn.
fn pages_of(kinds: &[&dyn Fn(usize) -> String]) -> Vec<Page> {
    let (mut pages, mut bytes) = (Vec::new(), 0);
    for (page_index, kind) in (0_usize..).zip(kinds.iter().cycle()) {
        let mut text = String::new();
        for line in page_index * 100.. {
            text.push_str(&kind(line));
            text.push('\n');
            if text.chars().count() >= PAGE_CHARS {
                break;
            }
        }
        bytes += text.len();
        pages.push(page(page_index, text));
        if bytes > 1 << 20 {
            break;
        }
    }
    pages
}

/// A megabyte of pages with one of the marks on each `every`th line; 0 is none.
fn pages(every: usize, marks: &[&str]) -> Vec<Page> {
    let (mut pages, mut text, mut bytes) = (Vec::new(), String::new(), 0);
    for line in 0_usize.. {
        let marked = every > 0 && line.is_multiple_of(every);
        let next = if marked { marks[(line / every) % marks.len()] } else { PROSE[line % PROSE.len()] };
        text.push_str(next);
        text.push('\n');
        if text.chars().count() >= PAGE_CHARS {
            bytes += text.len();
            pages.push(page(pages.len(), std::mem::take(&mut text)));
            if bytes > 1 << 20 {
                break;
            }
        }
    }
    pages
}

fn page(index: usize, text: String) -> Page {
    Page::plain(u32::try_from(index + 1).expect("a few hundred pages"), text)
}

fn run(bencher: Bencher<'_, '_>, every: usize, marks: &[&str]) {
    run_on(bencher, &pages(every, marks));
}

fn run_on(bencher: Bencher<'_, '_>, pages: &[Page]) {
    let settings = Settings::defaults();
    let classifier = Classifier::load(&settings).expect("the built-in rules compile");
    let bytes: usize = pages.iter().map(|page| page.text.content.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| classifier.classify(black_box(pages), &settings.limits));
}

#[divan::bench]
fn prose(bencher: Bencher<'_, '_>) {
    run(bencher, 0, &MARKS);
}

#[divan::bench]
fn marked(bencher: Bencher<'_, '_>) {
    run(bencher, 40, &MARKS);
}

#[divan::bench]
fn dense(bencher: Bencher<'_, '_>) {
    run(bencher, 1, &MARKS);
}

#[divan::bench]
fn load(bencher: Bencher<'_, '_>) {
    let settings = Settings::defaults();
    bencher.bench_local(|| drop(Classifier::load(black_box(&settings)).expect("the built-in rules compile")));
}

#[divan::bench]
fn numbered(bencher: Bencher<'_, '_>) {
    run(bencher, 40, &NUMBERS);
}

#[divan::bench]
fn table(bencher: Bencher<'_, '_>) {
    run(bencher, 1, &NUMBERS);
}

fn prose_line(line: usize) -> String {
    PROSE[line % PROSE.len()].to_owned()
}

fn letter_line(line: usize) -> String {
    LETTER[line % LETTER.len()].to_owned()
}

fn code_line(line: usize) -> String {
    CODE[line % CODE.len()].to_owned()
}

#[divan::bench]
fn mixed(bencher: Bencher<'_, '_>) {
    // Of ten pages four are prose, and two each letters and tables.
    let kinds: [&dyn Fn(usize) -> String; 10] =
        [&prose_line, &letter_line, &csv, &prose_line, &log, &prose_line, &letter_line, &csv, &prose_line, &code_line];
    run_on(bencher, &pages_of(&kinds));
}

#[divan::bench(name = "csv")]
fn of_csv(bencher: Bencher<'_, '_>) {
    run_on(bencher, &pages_of(&[&csv]));
}

#[divan::bench(name = "log")]
fn of_log(bencher: Bencher<'_, '_>) {
    run_on(bencher, &pages_of(&[&log]));
}

#[divan::bench]
fn letters(bencher: Bencher<'_, '_>) {
    run_on(bencher, &pages_of(&[&letter_line]));
}

#[divan::bench]
fn code(bencher: Bencher<'_, '_>) {
    run_on(bencher, &pages_of(&[&code_line]));
}
