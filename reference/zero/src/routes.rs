//! A tree over the segments of patterns such as `/user/{id}`.
//!
//! Fixed text goes before a parameter, segment by segment, and a text that leads nowhere is left
//! again. A parameter takes one whole segment that is not empty. Paths are matched as they were
//! sent, still percent-encoded.

use std::ops::Range;

/// How many parameters a pattern may have.
pub const MAX_PARAMS: usize = 8;

/// Where a match's parameters lie in the path.
#[derive(Debug, Clone, Default)]
pub struct Values {
    at: [Range<usize>; MAX_PARAMS],
    count: usize,
}

impl Values {
    /// Where the parameter of a number lies.
    pub fn get(&self, number: usize) -> Range<usize> {
        self.at[number].clone()
    }
}

/// The routes of an application, with something of its own under each.
#[derive(Debug)]
pub struct Routes<T> {
    root: Node<T>,
}

#[derive(Debug)]
struct Node<T> {
    fixed: Vec<(Box<[u8]>, Node<T>)>, // sorted by text
    param: Option<Box<Node<T>>>,
    route: Option<Route<T>>,
}

/// What is found: the parameters' names, and what is kept under the pattern.
#[derive(Debug)]
pub struct Route<T> {
    /// In their order.
    pub names: Vec<String>,
    /// What the owner keeps.
    pub kept: T,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self {
            fixed: Vec::new(),
            param: None,
            route: None,
        }
    }
}

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self {
            root: Node::default(),
        }
    }
}

impl<T: Default> Routes<T> {
    /// What is kept under a pattern, made where there is none.
    ///
    /// # Panics
    /// With a sentence, where the pattern is not understood.
    pub fn at(&mut self, pattern: &str) -> &mut T {
        let rest = pattern.strip_prefix('/');
        let rest =
            rest.unwrap_or_else(|| panic!("the pattern {pattern:?} does not begin with a slash"));
        let mut names = Vec::new();
        let mut node = &mut self.root;
        for text in rest.split('/') {
            let name = text
                .strip_prefix('{')
                .and_then(|text| text.strip_suffix('}'));
            node = match name.filter(|name| !name.is_empty() && !name.contains(['{', '}'])) {
                Some(name) => {
                    names.push(name.to_owned());
                    node.param.get_or_insert_default().as_mut()
                }
                None if text.contains(['{', '}']) => {
                    panic!(
                        "in the pattern {pattern:?}, {text:?} is neither text nor one {{parameter}}"
                    )
                }
                None => node.child(text.as_bytes()),
            };
        }
        assert!(
            names.len() <= MAX_PARAMS,
            "the pattern {pattern:?} has more than {MAX_PARAMS} parameters"
        );
        let made = || Route {
            names: Vec::new(),
            kept: T::default(),
        };
        let route = node.route.get_or_insert_with(made);
        assert!(
            route.names.is_empty() || route.names == names,
            "the pattern {pattern:?} is registered already, with other names"
        );
        route.names = names;
        &mut route.kept
    }
}

impl<T> Routes<T> {
    /// The route of a path.
    pub fn find(&self, path: &[u8], values: &mut Values) -> Option<&Route<T>> {
        values.count = 0;
        self.root.find(path, 0, values)
    }
}

impl<T> Node<T> {
    fn child(&mut self, text: &[u8]) -> &mut Self {
        let place = match self
            .fixed
            .binary_search_by(|(known, _)| (**known).cmp(text))
        {
            Ok(place) => place,
            Err(place) => {
                self.fixed.insert(place, (text.into(), Self::default()));
                place
            }
        };
        &mut self.fixed[place].1
    }

    fn find(&self, path: &[u8], at: usize, values: &mut Values) -> Option<&Route<T>> {
        if at == path.len() {
            return self.route.as_ref();
        }
        if path[at] != b'/' {
            return None;
        }
        let start = at + 1;
        let length = path[start..].iter().position(|&c| c == b'/');
        let end = length.map_or(path.len(), |length| start + length);
        let text = &path[start..end];
        if let Ok(place) = self
            .fixed
            .binary_search_by(|(known, _)| (**known).cmp(text))
            && let Some(route) = self.fixed[place].1.find(path, end, values)
        {
            return Some(route);
        }
        let below = self
            .param
            .as_ref()
            .filter(|_| start < end && values.count < MAX_PARAMS)?;
        let number = values.count;
        values.at[number] = start..end;
        values.count += 1;
        let found = below.find(path, end, values);
        if found.is_none() {
            values.count = number;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_text_goes_before_parameters_and_is_left_again() {
        let mut routes = Routes::<&str>::default();
        for pattern in [
            "/",
            "/user/new",
            "/user/{id}",
            "/user/{id}/post/{slug}",
            "/user/lusab/post/babad",
            "/a/",
            "/{any}/b",
            "/a/{x}",
        ] {
            *routes.at(pattern) = pattern;
        }
        for (path, want) in [
            ("/", "/"),
            ("/user/new", "/user/new"),
            ("/user/news", "/user/{id} news"),
            ("/user/1/post/2", "/user/{id}/post/{slug} 1 2"),
            ("/user/new/post/2", "/user/{id}/post/{slug} new 2"),
            ("/user/lusab/post/babad", "/user/lusab/post/babad"),
            ("/user/lusab/post/baba", "/user/{id}/post/{slug} lusab baba"),
            ("/user//post/2", "nothing"),
            ("/user/1/post/", "nothing"),
            ("/user", "nothing"),
            ("/a/", "/a/"),
            ("/a/b", "/a/{x} b"),
            ("/c/b", "/{any}/b c"),
            ("", "nothing"),
            ("*", "nothing"),
        ] {
            let mut values = Values::default();
            let got = routes.find(path.as_bytes(), &mut values).map_or_else(
                || "nothing".to_owned(),
                |route| {
                    let values = (0..route.names.len()).map(|n| &path[values.get(n)]);
                    std::iter::once(route.kept)
                        .chain(values)
                        .collect::<Vec<_>>()
                        .join(" ")
                },
            );
            assert_eq!(got, want, "{path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["", "user", "/{}", "/{a", "/a}", "/a{b}", "/{a}{b}"] {
            let refused = std::panic::catch_unwind(|| *Routes::<u8>::default().at(pattern));
            assert!(refused.is_err(), "{pattern}");
        }
    }
}
