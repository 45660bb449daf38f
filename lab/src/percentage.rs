//! The size of a change as a user writes it, which is from where on `--threshold` calls it bad news.

/// `2%` is 0.02. The sign is asked for, so that nobody takes 0.02 for two per cent or for a fiftieth of one.
pub fn percentage(word: &str) -> Result<f64, String> {
    let number = word.trim().strip_suffix('%').map(str::trim);
    let share = number
        .and_then(|n| n.parse::<f64>().ok())
        .map(|n| n / 100.0);
    share
        .filter(|share| (0.0..1.0).contains(share))
        .ok_or_else(|| "it is not a percentage from 0% up to 100%, such as 2%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::percentage;

    #[test]
    fn a_percentage_has_its_sign_and_is_a_share() {
        assert_eq!(percentage("2%"), Ok(0.02));
        assert_eq!(percentage(" 0.5 % "), Ok(0.005));
        assert_eq!(percentage("0%"), Ok(0.0));
        for word in ["2", "0.02", "-1%", "100%", "%", "", "two%", "NaN%"] {
            let said = percentage(word).unwrap_err();
            assert!(said.contains("such as 2%"), "{word}: {said}");
        }
    }
}
