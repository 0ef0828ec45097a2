//! Classification speed, MB/s of one core, on prose with rare marks.
//!
//! `prose` is what most pages are: no mark, words such as "secret" now and then, Chinese and English paragraphs mixed.
//! `marked` has a mark on every fortieth line, `numbered` a number of some kind. `dense` and `table` are the worst cases: nothing
//! but marks, and nothing but numbers.

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

fn main() {
    divan::main();
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
    let settings = Settings::defaults();
    let classifier = Classifier::load(&settings).expect("the built-in rules compile");
    let pages = pages(every, marks);
    let bytes: usize = pages.iter().map(|page| page.text.content.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| classifier.classify(black_box(&pages), &settings.limits));
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
