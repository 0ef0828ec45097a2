//! ar: Debian packages and static libraries. Tables of symbols and of long names are no members.

use super::bytes::{part, read_at};
use super::names::Names;
use super::out::{Out, damaged, fault_of};
use super::{Container, Context};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::Source;

/// Bytes of a header.
const HEADER: u64 = 60;

/// Bytes of the table of long names that are read, and of one name.
const TABLE: u64 = 16 << 20;
const NAME: u64 = 1 << 16;

/// Opens an ar archive.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    Ok(Container::new(Vec::new(), Vec::new(), context, move |out| hand_out(&source, out)))
}

fn hand_out(source: &Source, out: &mut Out<'_>) -> Result<(), Fault> {
    let (mut at, mut table) = (8, Vec::new());
    while at < source.size() {
        let read = |start, length| read_at(source, start, length).map_err(|error| fault_of(&error));
        let header = read(at, HEADER)?;
        let digits = header.get(48..58).and_then(|field| std::str::from_utf8(field).ok());
        let size = digits.and_then(|digits| digits.trim().parse::<u64>().ok());
        let Some(size) = size.filter(|_| header.ends_with(b"`\n")) else {
            return Err(damaged(format!("what stands at offset {at} is no header of a member")));
        };
        let (mut start, mut length) = (at + HEADER, size);
        at = start.saturating_add(size).saturating_add(size % 2);
        let field = header[..16].trim_ascii_end();
        let name = match field {
            b"/" | b"/SYM64/" | b"__.SYMDEF" | b"__.SYMDEF SORTED" => continue,
            b"//" => {
                table = read(start, size.min(TABLE))?;
                continue;
            }
            // BSD puts long names before the data.
            _ if field.starts_with(b"#1/") => {
                let digits = std::str::from_utf8(&field[3..]).ok().and_then(|digits| digits.parse::<u64>().ok());
                let taken = digits.unwrap_or_default().min(length);
                let name = read(start, taken.min(NAME))?;
                (start, length) = (start.saturating_add(taken), length - taken);
                name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
            }
            _ => long_name(field, &table).unwrap_or_else(|| field.strip_suffix(b"/").unwrap_or(field).to_vec()),
        };
        if name.starts_with(b"__.SYMDEF") {
            continue;
        }
        let name = Names::of(std::iter::once(name.as_slice())).decode(&name);
        if out.member(&name, part(source, start, length)).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// The name in the table of long names that a header points to.
fn long_name(field: &[u8], table: &[u8]) -> Option<Vec<u8>> {
    let offset: usize = std::str::from_utf8(field.strip_prefix(b"/")?).ok()?.parse().ok()?;
    let rest = table.get(offset..)?;
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    Some(rest[..end].strip_suffix(b"/").unwrap_or(&rest[..end]).to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::AR;
    use super::super::test_support::held;

    fn entry(name: &str, data: &str) -> String {
        let pad = if data.len() % 2 == 1 { "\n" } else { "" };
        format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n{data}{pad}", 0, 0, 0, 644, data.len())
    }

    #[test]
    fn members_have_short_and_long_names() {
        let parts = [
            "!<arch>\n".to_owned(),
            entry("/", "symbols"),
            entry("//", "a name that is long.txt/\n"),
            entry("debian-binary", "2.0\n"),
            entry("short.o/", "CONFIDENTIAL"),
            entry("/0", "SECRET"),
            entry("#1/12", "bsd name.txtTOP SECRET"),
        ];
        let archive = held(&AR, parts.concat().as_bytes(), &[]).expect("opens");
        let expected = [
            ("debian-binary", "2.0\n"),
            ("short.o", "CONFIDENTIAL"),
            ("a name that is long.txt", "SECRET"),
            ("bsd name.txt", "TOP SECRET"),
        ];
        assert_eq!(archive.list(), expected.map(|(name, text)| (name, text.to_owned())));
        assert_eq!(archive.faults, []);
        let broken = held(&AR, format!("{}hidden text", parts.concat()).as_bytes(), &[]).expect("opens");
        assert_eq!((broken.members.len(), broken.faults.len()), (4, 1));
    }
}
