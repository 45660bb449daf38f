//! Text from outside (titles, versions, lines of stderr) made harmless in Markdown and
//! HTML.
//!
//! JSON and SVG are escaped by the libraries that write them; what those cannot carry at all,
//! control characters, goes through [`plain`].

/// One line without control characters.
pub fn plain(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| {
            let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
            if c.is_control() || invisible { ' ' } else { c }
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text that Markdown shows as it is: no markup, no HTML, no break-out of a table's cell.
///
/// A space at either end stays one, since text is put together from pieces.
pub fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in piece(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Text that HTML shows as it is, also in a quoted attribute.
///
/// A space at either end stays one, since text is put together from pieces.
pub fn html(text: &str) -> String {
    let mut out = String::new();
    for c in piece(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// [`plain`] text that keeps one of the spaces at either end.
fn piece(text: &str) -> String {
    let inner = plain(text);
    if inner.is_empty() {
        return " ".repeat(usize::from(!text.is_empty()));
    }
    let space = |there: bool| if there { " " } else { "" };
    let before = space(text.starts_with(char::is_whitespace));
    let after = space(text.ends_with(char::is_whitespace));
    format!("{before}{inner}{after}")
}

/// Text as a code span. Outside of tables only: in a cell a pipe would end it.
pub fn code(text: &str) -> String {
    let text = plain(text);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// A word of a command line, quoted as a shell needs it.
pub fn shell(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A relative path as a link's target, in Markdown and in a quoted attribute of HTML: it can
/// neither end the link nor lead anywhere but below.
pub fn path(path: &str) -> String {
    let mut out = String::new();
    for name in path.split('/').filter(|n| !matches!(*n, "" | "." | "..")) {
        if !out.is_empty() {
            out.push('/');
        }
        for byte in name.bytes() {
            match byte {
                b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
                _ => out += &format!("%{byte:02X}"),
            }
        }
    }
    out
}

/// A name as part of a file's name: nothing but letters, digits, `-`, `_` and `.` inside.
pub fn file_name(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || c == '-' || c == '_' => c,
            _ => '-',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_in_markdown() {
        assert_eq!(
            markdown("a|b `c` <script>*x*\n[y](z)"),
            r"a\|b \`c\` &lt;script&gt;\*x\* \[y\](z)"
        );
        assert_eq!(code("a ``b`` <c>"), "```a ``b`` <c>```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("\n\u{1b}[0m"), "`[0m`");
    }

    proptest::proptest! {
        #[test]
        fn no_text_leaves_its_cell_or_its_line(text in ".*") {
            let escaped = markdown(&text);
            let bare = escaped.replace("\\\\", "").replace("\\|", "");
            proptest::prop_assert!(!bare.contains(['|', '<', '>', '\n', '\r']), "{}", escaped);
            proptest::prop_assert!(!code(&text).contains(['\n', '\r']));
        }
    }

    #[test]
    fn commands_can_be_pasted() {
        assert_eq!(shell("--out=a/b"), "--out=a/b");
        assert_eq!(shell("a b'c"), r"'a b'\''c'");
        assert_eq!(shell(""), "''");
        assert_eq!(file_name("a/../b c"), "a----b-c");
        assert_eq!(path("a/../b c\").x"), "a/b%20c%22%29.x");
        assert_eq!(path("javascript:x"), "javascript%3Ax");
    }
}
