//! TeX: what its commands say in a few words, without them.
//!
//! A mark that TeX sets (`\SetWatermarkText{…}`, `\markboth{…}{…}`, `{\Large\bf …}`, `contents=…`) stands alone on the page that is
//! printed, and among signs in the text that is written. Long lines are prose, which reads as it is written.

/// What makes a text one of TeX.
const SIGNS: &[&str] =
    &["\\documentclass", "\\documentstyle", "\\usepackage", "\\begin{document}", "\\input ", "\\def\\"];

/// Commands inside of a line: what they set stands with what is around it.
const INLINE: &[&str] = &[
    "MakeUppercase",
    "colorbox",
    "emph",
    "fbox",
    "footnote",
    "framebox",
    "hbox",
    "href",
    "makebox",
    "mathbf",
    "mathrm",
    "mbox",
    "parbox",
    "raisebox",
    "resizebox",
    "rotatebox",
    "scalebox",
    "text",
    "textbf",
    "textcolor",
    "textit",
    "textmd",
    "textnormal",
    "textrm",
    "textsc",
    "textsf",
    "textsl",
    "texttt",
    "textup",
    "uline",
    "underline",
    "uppercase",
];

/// Commands whose first braces name something that is not printed.
const NAMING: &[&str] = &[
    "RequirePackage",
    "begin",
    "bibliography",
    "bibliographystyle",
    "cite",
    "citep",
    "citet",
    "color",
    "colorbox",
    "documentclass",
    "documentstyle",
    "end",
    "eqref",
    "href",
    "hspace",
    "include",
    "includegraphics",
    "input",
    "label",
    "pageref",
    "pagestyle",
    "parbox",
    "raisebox",
    "ref",
    "rotatebox",
    "scalebox",
    "textcolor",
    "thispagestyle",
    "tikzstyle",
    "url",
    "usepackage",
    "usetikzlibrary",
    "vspace",
];

/// Keys of options that say what is printed.
const KEYS: &[&str] =
    &["text", "contents", "title", "subtitle", "pdftitle", "pdfsubject", "pdfkeywords", "caption", "label"];

/// Letters of a line that a sentence runs over: prose reads as it is written.
const MOST_LETTERS: usize = 80;

/// The words of its commands, a line each; nothing of a text that is no TeX.
pub(super) fn words(text: &str, limit: usize) -> String {
    let is_tex = SIGNS.iter().any(|sign| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some());
    if !is_tex {
        return String::new();
    }
    let mut reading = Reading::default();
    for line in text.lines() {
        reading.line(line);
        if reading.lines.len() > limit {
            break;
        }
    }
    reading.lines
}

#[derive(Default)]
struct Reading {
    lines: String,
    line: String,
    /// There was a sign of TeX in the line.
    is_set: bool,
}

impl Reading {
    /// A line as it is written. Braces hold the words of the command before them, a line each unless it stands inside of a line.
    fn line(&mut self, line: &str) {
        let mut rest = line;
        let mut command: Option<&str> = None;
        let mut open: Vec<Option<&str>> = Vec::new();
        let is_inline = |command: Option<&str>| command.is_some_and(|name| INLINE.contains(&name));
        while let Some(c) = rest.chars().next() {
            let behind = &rest[c.len_utf8()..];
            rest = behind;
            match c {
                '%' => break,
                '\\' => (command, rest) = self.command(behind),
                '[' if command.is_some() => {
                    let (options, behind) = behind.split_once(']').unwrap_or((behind, ""));
                    self.options(options);
                    rest = behind;
                }
                '{' => {
                    if !is_inline(command) {
                        self.end();
                    }
                    self.is_set = true;
                    open.push(command.take());
                }
                '}' => {
                    let closed = open.pop().flatten();
                    if !is_inline(closed) {
                        self.end();
                    }
                    command = closed.filter(|_| behind.starts_with(['{', '[']));
                }
                _ => {
                    command = command.filter(|_| c == ' ');
                    self.line.push(if c == '~' { ' ' } else { c });
                }
            }
        }
        self.end();
    }

    /// What stands behind the stroke of a command: its name, if it has one, and what follows that.
    fn command<'a>(&mut self, text: &'a str) -> (Option<&'a str>, &'a str) {
        let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, behind) = text.split_at(length);
        if name.is_empty() {
            let mut behind = text.chars();
            match behind.next() {
                // A double stroke ends the line.
                Some('\\') | None => self.end(),
                Some(sign @ ('&' | '%' | '$' | '#' | '_' | '{' | '}')) => self.line.push(sign),
                Some(_) => self.line.push(' '),
            }
            return (None, behind.as_str());
        }
        let behind = behind.strip_prefix('*').unwrap_or(behind);
        if !INLINE.contains(&name) && behind.starts_with(['{', '[']) {
            self.end();
        }
        self.is_set = true;
        let behind = if NAMING.contains(&name) { self.without_name(behind) } else { behind };
        (Some(name), behind.trim_start_matches(' '))
    }

    /// What stands behind the braces with a name. Options before it may say something.
    fn without_name<'a>(&mut self, mut rest: &'a str) -> &'a str {
        if let Some((options, behind)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
            self.options(options);
            rest = behind;
        }
        self.is_set = true;
        rest.strip_prefix('{').and_then(|inside| inside.split_once('}')).map_or(rest, |(_, behind)| behind)
    }

    /// The options that say what is printed, a line each.
    fn options(&mut self, options: &str) {
        for option in options.split(',').filter(|option| option.contains('=')) {
            self.end();
            self.line.push_str(option);
            self.is_set = true;
            self.end();
        }
    }

    /// Ends a line of words. An option is one if it says what is printed.
    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        let said = match line.split_once('=') {
            Some((key, value)) if KEYS.contains(&key.trim()) => value,
            // Numbers, lengths and names.
            Some(_) => "",
            None => line.as_str(),
        };
        let said = said.trim().trim_end_matches([';', ',', '.']).trim();
        let letters = said.chars().filter(|c| c.is_alphabetic()).count();
        if std::mem::take(&mut self.is_set) && (2..=MOST_LETTERS).contains(&letters) {
            self.lines.extend([said, "\n"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> String {
        words(&format!("\\documentclass[12pt]{{article}}\n{body}\n"), 10_000)
    }

    #[test]
    fn what_commands_print_alone_is_a_line() {
        for (tex, expected) in [
            ("\\SetWatermarkText{CONFIDENTIAL}", "CONFIDENTIAL\n"),
            ("\\usepackage[text=TOP SECRET,scale=2]{draftwatermark}", "TOP SECRET\n"),
            ("\\begin{center}{\\Large\\bf TOP SECRET}\\end{center}", "TOP SECRET\n"),
            ("\\node[rotate=45]{TOP SECRET};", "TOP SECRET\n"),
            ("\\backgroundsetup{contents=TOP SECRET}", "TOP SECRET\n"),
            ("\\markboth{TOP SECRET}{Chapter}", "TOP SECRET\nChapter\n"),
            ("\\usepackage{x}\\SetWatermarkText{TOP SECRET}\\begin{document}x", "TOP SECRET\n"),
            ("\\fancyhead[C]{\\textbf{\\textcolor{red}{机密★10年}}}", "机密★10年\n"),
            ("{\\color{red} 机密★10年}", "机密★10年\n"),
            ("\\section*{Top \\& more}", "Top & more\n"),
        ] {
            assert_eq!(of(tex), expected, "{tex}");
        }
    }

    #[test]
    fn prose_is_not_repeated_and_names_are_nothing() {
        let long =
            "and a sentence that goes on and on over more letters than a mark or any heading of a page has ".repeat(2);
        for tex in [
            "A line of prose.",
            "\\label{sec:secret} \\cite{secret} \\input{secret}",
            "% \\SetWatermarkText{SECRET}",
            "\\setlength{\\parindent}{0pt}",
            &format!("It is \\emph{{secret}} {long}"),
        ] {
            assert!(!of(tex).to_lowercase().contains("secret"), "{tex}: {}", of(tex));
        }
        assert_eq!(words("{\\Large\\bf TOP SECRET} in no TeX", 100), "");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\\\[a-z{}\\\\%&]{0,6}|[\\[\\]{}=,~机 a]{0,4}|\\\\begin|\\\\node){0,30}") {
            of(&text);
        }
    }
}
