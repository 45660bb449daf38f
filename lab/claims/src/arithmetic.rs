//! Sums with a text's own figures: numbers, `+ - * /`, powers `^`, brackets.
//!
//! A claim may contradict itself, and then nothing has to be measured: `100 * (1 - 3.0 / 8.1)`.

/// What a sum gives.
///
/// ```
/// use claims::arithmetic::value;
/// assert_eq!(value("100 * (1 - 3.0 / 4)"), Ok(25.0));
/// assert_eq!(value("-2 ^ 2 + 1e3"), Ok(996.0));
/// assert!(value("1 / 0").is_err());
/// ```
///
/// # Errors
/// A sentence with the place where the text is no sum, or that it gives no finite number.
pub fn value(text: &str) -> Result<f64, String> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.sum()?;
    if let Some(c) = reader.peek() {
        return Err(reader.wrong(&format!("`{c}` is one too many")));
    }
    match value.is_finite() {
        true => Ok(value),
        false => Err(format!("`{text}` gives no finite number")),
    }
}

/// Reads from left to right; what binds tighter is called by what binds looser.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        loop {
            match self.peek() {
                Some('+') => value += self.after().product()?,
                Some('-') => value -= self.after().product()?,
                _ => return Ok(value),
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.signed()?;
        loop {
            match self.peek() {
                Some('*') => value *= self.after().signed()?,
                Some('/') => value /= self.after().signed()?,
                _ => return Ok(value),
            }
        }
    }

    fn signed(&mut self) -> Result<f64, String> {
        match self.peek() {
            Some('-') => Ok(-self.after().signed()?),
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Result<f64, String> {
        let base = self.number()?;
        match self.peek() {
            Some('^') => Ok(base.powf(self.after().signed()?)),
            _ => Ok(base),
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        if self.peek() == Some('(') {
            let value = self.after().sum()?;
            return match self.peek() {
                Some(')') => {
                    self.at += 1;
                    Ok(value)
                }
                _ => Err(self.wrong("a bracket is not closed")),
            };
        }
        let rest = &self.text[self.at..];
        let mut end = 0;
        let mut before = ' ';
        for c in rest.chars() {
            // A sign belongs to a number only behind its `e`.
            let sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
            if !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || sign) {
                break;
            }
            end += c.len_utf8();
            before = c;
        }
        let number = rest[..end].parse();
        let number = number.map_err(|_| self.wrong("a number is missing"))?;
        self.at += end;
        Ok(number)
    }

    /// Goes past the sign that was just looked at.
    fn after(&mut self) -> &mut Self {
        self.at += 1;
        self
    }

    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn wrong(&self, what: &str) -> String {
        let place = self.text[..self.at].chars().count() + 1;
        format!("`{}` is no sum: {what} at character {place}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_order_holds() {
        for (text, wanted) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("8 - 3 - 2", 3.0),
            ("8 / 4 / 2", 1.0),
            ("2 ^ 3 ^ 2", 64.0 * 8.0),
            ("-(1 - 3)", 2.0),
            ("2e-3*1000", 2.0),
            ("2 - -1", 3.0),
        ] {
            let found = value(text).unwrap();
            assert!((found - wanted).abs() < 1e-12, "{text}: {found}");
        }
    }

    #[test]
    fn what_is_no_sum_is_refused_with_the_place() {
        for (text, says) in [
            ("", "a number is missing at character 1"),
            ("1 +", "a number is missing at character 4"),
            ("(1", "a bracket is not closed at character 3"),
            ("1 2", "`2` is one too many at character 3"),
            ("1 × 2", "`×` is one too many at character 3"),
            ("1.2.3", "a number is missing at character 1"),
            ("0 / 0", "gives no finite number"),
        ] {
            let error = value(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    proptest::proptest! {
        /// Whatever a file holds, reading it ends in a number or a sentence.
        #[test]
        fn no_text_ends_it_in_a_panic(text in "[-+*/^()0-9.eE é]{0,24}") {
            let _ = value(&text);
        }
    }
}
