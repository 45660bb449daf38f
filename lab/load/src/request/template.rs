//! Templates: text with `{field}`s in it.

use crate::spec::{SpecDraft, SpecError, Target};

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// A field, by its position in the sorted list of field names.
    Field(usize),
}

/// Text with fields. A brace that does not enclose a name (`[a-z0-9_]+`) is plain text, so JSON
/// needs no escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Takes `text` apart; `names` are the fields there are.
    fn parse(place: &str, text: &str, names: &[&str]) -> Result<Self, SpecError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            plain.push_str(&rest[..open]);
            let after = &rest[open + 1..];
            let name = after
                .find('}')
                .map(|close| &after[..close])
                .filter(|name| is_name(name));
            let Some(name) = name else {
                plain.push('{');
                rest = after;
                continue;
            };
            let index = names
                .iter()
                .position(|known| *known == name)
                .ok_or_else(|| {
                    let known = if names.is_empty() {
                        "none".into()
                    } else {
                        names.join(", ")
                    };
                    SpecError::new(
                        place,
                        format!("names the field {{{name}}}; the fields are: {known}"),
                    )
                })?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Field(index));
            rest = &after[name.len() + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// True where every rendering is the same.
    pub fn is_fixed(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Appends the rendering with `values` as they are.
    pub fn render(&self, values: &[String], out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Field(index) => out.extend_from_slice(values[*index].as_bytes()),
            }
        }
    }

    /// Appends the rendering with `values` percent-encoded but for RFC 3986's unreserved
    /// characters: as one path segment or query value.
    pub fn render_encoded(&self, values: &[String], out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Field(index) => {
                    for byte in values[*index].bytes() {
                        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                            out.push(byte);
                        } else {
                            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
                        }
                    }
                }
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// All templates of a specification.
#[derive(Clone, Debug)]
pub struct Templates {
    pub path: Template,
    pub headers: Vec<(String, Template)>,
    pub body: Option<Template>,
    pub answer: Option<Template>,
}

impl Templates {
    /// Parses the draft's templates and checks that they make a well-formed request.
    pub fn parse(draft: &SpecDraft, target: &Target) -> Result<Self, SpecError> {
        let names: Vec<&str> = draft.fields.keys().map(String::as_str).collect();
        if let Some(odd) = names.iter().find(|name| !is_name(name)) {
            return Err(SpecError::new(
                format!("fields.{odd}"),
                "is not a field name; allowed are small letters, digits and _",
            ));
        }
        let path = draft.path.as_deref().unwrap_or(&target.path);
        if !path.starts_with('/') {
            return Err(SpecError::new(
                "path",
                format!("is {path:?} and must start with /"),
            ));
        }
        if path.contains('#') {
            return Err(SpecError::new(
                "path",
                "holds a fragment (#...), which is never sent; percent-encode a # as %23",
            ));
        }
        if let Some(odd) = path.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(SpecError::new(
                "path",
                format!("holds {odd:?}; percent-encode it"),
            ));
        }
        let mut headers = Vec::new();
        for (name, value) in &draft.headers {
            check_header(name, value)?;
            headers.push((name.clone(), Template::parse("headers", value, &names)?));
        }
        let hosts = headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("host"));
        if hosts.count() > 1 {
            return Err(SpecError::new(
                "headers",
                "has Host more than once, which every server must refuse",
            ));
        }
        let optional = |place: &str, text: &Option<String>| {
            text.as_deref()
                .map(|text| Template::parse(place, text, &names))
                .transpose()
        };
        let all = Self {
            path: Template::parse("path", path, &names)?,
            headers,
            body: optional("body", &draft.body)?,
            answer: optional("expect.body", &draft.expect.body)?,
        };
        match (0..names.len()).find(|index| !all.name(*index)) {
            Some(unused) => Err(SpecError::new(
                format!("fields.{}", names[unused]),
                format!(
                    "is named nowhere: write {{{}}} in the path, a header or a body",
                    names[unused]
                ),
            )),
            None => Ok(all),
        }
    }

    /// True where a template of the request, or the expected body, names this field.
    fn name(&self, index: usize) -> bool {
        let headers = self.headers.iter().map(|(_, value)| value);
        (headers
            .chain([&self.path])
            .chain(&self.body)
            .chain(&self.answer))
        .any(|template| template.0.contains(&Piece::Field(index)))
    }

    /// True where every request is the same.
    pub fn are_fixed(&self) -> bool {
        self.path.is_fixed()
            && self.headers.iter().all(|(_, value)| value.is_fixed())
            && self.body.as_ref().is_none_or(Template::is_fixed)
            && self.answer.as_ref().is_none_or(Template::is_fixed)
    }
}

/// True for a byte that may not stand in a header's value.
pub(super) fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

fn check_header(name: &str, value: &str) -> Result<(), SpecError> {
    if name.is_empty() || !name.bytes().all(crate::http::is_token) {
        return Err(SpecError::new(
            "headers",
            format!("has the name {name:?}, which HTTP does not allow"),
        ));
    }
    if value.contains(['\r', '\n']) {
        return Err(SpecError::new(
            "headers",
            format!("has a line break in the value of {name}"),
        ));
    }
    if let Some(odd) = value.bytes().find(|b| is_control(*b)) {
        return Err(SpecError::new(
            "headers",
            format!("has the byte 0x{odd:02x} in the value of {name}, which HTTP does not allow"),
        ));
    }
    for owned in ["content-length", "transfer-encoding"] {
        if name.eq_ignore_ascii_case(owned) {
            return Err(SpecError::new(
                "headers",
                format!("has {name}, which the instrument sets from the body"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, encoded: bool) -> String {
        let template = Template::parse("t", text, &["id", "slug"]).unwrap();
        let values = ["7".to_string(), "a b/ü".to_string()];
        let mut out = Vec::new();
        if encoded {
            template.render_encoded(&values, &mut out)
        } else {
            template.render(&values, &mut out)
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fields_are_put_in_and_other_braces_stay() {
        assert_eq!(render("/u/{id}/p/{slug}", true), "/u/7/p/a%20b%2F%C3%BC");
        assert_eq!(render("{id}/{slug}", false), "7/a b/ü");
        assert_eq!(
            render(r#"{"a":"{id}","b":{}}"#, false),
            r#"{"a":"7","b":{}}"#
        );
        assert_eq!(render("{", false), "{");
        assert!(Template::parse("t", "{nope}", &["id"]).is_err());
    }
}
